#include "ui/stations/sessions_view.h"

#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/parts/caller.h"
#include "ui/parts/columns.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::stations {
namespace {

namespace pb = link::pb;
using parts::text;
using parts::Tone;

enum Column { kStation, kUkey, kAccount, kHolder, kFrom, kProof, kSince, kOrders };

/// Numbers by their size, all else as it reads.
class Item : public QTreeWidgetItem {
public:
    using QTreeWidgetItem::QTreeWidgetItem;
    bool operator<(const QTreeWidgetItem& other) const override {
        const int c = treeWidget() == nullptr ? 0 : treeWidget()->sortColumn();
        if (c == kSince || c == kOrders) return data(c, Qt::UserRole).toULongLong() < other.data(c, Qt::UserRole).toULongLong();
        return QTreeWidgetItem::operator<(other);
    }
};

}  // namespace

SessionsView::SessionsView(link::Link& link, QWidget* parent) : QWidget(parent), link_(link), trouble_(new parts::Notice(this)), empty_(new QLabel(QStringLiteral("…"), this)), list_(new QTreeWidget(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(10);
    list_->setObjectName(QStringLiteral("sessions"));
    list_->setAccessibleName(tr("Who is logged in"));
    list_->setHeaderLabels({tr("Station"), tr("UKEY"), tr("Account"), tr("Holder"), tr("From"), tr("Proved by"), tr("Since"), tr("Orders")});
    list_->setRootIsDecorated(false);
    list_->setUniformRowHeights(true);
    list_->setAlternatingRowColors(true);
    list_->setSortingEnabled(true);
    list_->sortByColumn(kSince, Qt::DescendingOrder);
    parts::set_columns(*list_->header(), {16, 16, 14, 16, 24, 10, 20, 7});
    parts::keep_columns(*list_->header(), QStringLiteral("stations/logged_in"));
    list_->hide();
    empty_->setObjectName(QStringLiteral("no_sessions"));
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    parts::set_tone(*empty_, Tone::muted);
    column->addWidget(trouble_);
    column->addWidget(list_, 1);
    column->addWidget(empty_, 1);
    connect(list_, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) { emit chosen(item->text(kUkey)); });
}

void SessionsView::refresh() {
    if (asked_ != 0) return;
    arriving_.clear();
    const auto take = [this](const pb::AdminReply& reply) { arriving_.insert(arriving_.end(), reply.station_list().sessions().begin(), reply.station_list().sessions().end()); };
    pb::AdminRequest request;
    request.mutable_station_list()->set_sessions(true);
    asked_ = link_.read(
        this, std::move(request),
        [this, take](base::Result<pb::AdminReply> reply) {
            asked_ = 0;
            if (!reply) return trouble_->say(reply.error());
            trouble_->say(Tone::plain, {});
            take(*reply);
            show_sessions();
        },
        take);
}

void SessionsView::show_sessions() {
    // Whoever looks at one goes on doing so.
    const QTreeWidgetItem* current = list_->currentItem();
    const qulonglong stay = current == nullptr ? 0 : current->data(kStation, Qt::UserRole).toULongLong();
    list_->setSortingEnabled(false);
    list_->clear();
    for (const pb::StationSession& s : arriving_) {
        auto* item = new Item(list_, QStringList{s.station().empty() ? QStringLiteral("–") : text(s.station()), text(s.ukey()), s.account().empty() ? QStringLiteral("–") : text(s.account()), text(s.holder()), parts::caller_word(s.from()), parts::proof_word(s.proven_by()), parts::moment_to_seconds(s.since_ms()), parts::number(s.orders())});
        item->setData(kStation, Qt::UserRole, static_cast<qulonglong>(s.number()));
        item->setData(kSince, Qt::UserRole, static_cast<qulonglong>(s.since_ms()));
        item->setData(kOrders, Qt::UserRole, static_cast<qulonglong>(s.orders()));
        item->setTextAlignment(kOrders, Qt::AlignRight | Qt::AlignVCenter);
        for (int c = 0; c < item->columnCount(); ++c) item->setToolTip(c, item->text(c));
        if (s.number() == stay) list_->setCurrentItem(item);
    }
    list_->setSortingEnabled(true);
    list_->setVisible(!arriving_.empty());
    empty_->setVisible(arriving_.empty());
    empty_->setText(tr("Nobody is logged in.\n\nA station opens a session with its UKEY and PIN, or with a network account."));
}

}  // namespace ui::stations

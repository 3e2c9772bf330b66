#include "ui/ukeys/ukey_history.h"

#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/log/sentence.h"
#include "ui/parts/columns.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::ukeys {
namespace {

namespace pb = link::pb;
using parts::Tone;

constexpr std::uint32_t kAtOnce = 50;

}  // namespace

UkeyHistory::UkeyHistory(link::Link& link, QWidget* parent)
    : QWidget(parent), link_(link), notice_(new parts::Notice(this)), list_(new QTreeWidget(this)), empty_(new QLabel(this)), older_(new QPushButton(tr("Show &older"), this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 6, 0, 0);
    list_->setObjectName(QStringLiteral("history"));
    list_->setAccessibleName(tr("What the log says of this UKEY"));
    list_->setHeaderLabels({tr("Time"), tr("Event"), tr("What the log says")});
    list_->setRootIsDecorated(false);
    list_->setColumnWidth(0, 150);
    list_->setColumnWidth(1, 190);
    parts::keep_columns(*list_->header(), QStringLiteral("ukeys/history"));
    list_->setUniformRowHeights(true);
    list_->setAlternatingRowColors(true);
    parts::set_tone(*empty_, Tone::muted);
    empty_->setWordWrap(true);
    older_->setObjectName(QStringLiteral("older"));
    column->addWidget(notice_);
    column->addWidget(empty_);
    column->addWidget(list_, 1);
    column->addWidget(older_, 0, Qt::AlignLeft);
    connect(older_, &QPushButton::clicked, this, &UkeyHistory::ask);
    connect(notice_, &parts::Notice::acted, this, &UkeyHistory::wants_login);
    connect(list_, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) { emit chosen(QString::number(item->data(0, Qt::UserRole).toULongLong())); });
    older_->hide();
    empty_->hide();
}

void UkeyHistory::set_ukey(const std::string& serial) {
    if (serial == serial_) return;
    serial_ = serial;
    read_again();
}

void UkeyHistory::read_again() {
    link_.cancel_read(ticket_);
    ++asked_;
    before_ = 0;
    end_ = false;
    wanted_ = true;
    list_->clear();
    older_->hide();
    empty_->hide();
    notice_->say(Tone::plain, {});
    if (isVisible()) ask();
}

void UkeyHistory::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (wanted_) ask();
}

void UkeyHistory::ask() {
    wanted_ = false;
    if (serial_.empty()) return;
    older_->setEnabled(false);
    pb::AdminRequest request;
    auto& list = *request.mutable_audit_list();
    list.set_limit(kAtOnce);
    list.set_newest(true);
    list.set_before(before_);
    list.mutable_filter()->add_ukeys(serial_);
    ticket_ = link_.read(this, std::move(request), [this, mine = asked_](base::Result<pb::AdminReply> reply) {
        if (mine == asked_) take(std::move(reply));
    });
}

void UkeyHistory::take(base::Result<pb::AdminReply> reply) {
    older_->setEnabled(true);
    if (!reply) {
        if (reply.error().code == base::Code::denied && !link_.auditor()) {
            notice_->say(Tone::muted, tr("Here the log is for auditors alone."), tr("Log in with an auditor UKEY to see this UKEY's history."));
            notice_->offer(tr("Log in …"));
        } else {
            notice_->say(reply.error());
            notice_->offer({});
        }
        return;
    }
    const pb::AuditListReply& page = reply->audit_list();
    for (int i = page.events_size(); i-- > 0;) {
        const pb::AuditEvent& e = page.events(i);
        const QString said = log::sentence_of(e);
        auto* item = new QTreeWidgetItem({parts::moment_to_seconds(e.time_ms()), parts::event_word(e.type()), said});
        item->setData(0, Qt::UserRole, static_cast<qulonglong>(e.index()));
        item->setToolTip(2, said);
        list_->addTopLevelItem(item);
    }
    before_ = page.next();
    end_ = page.end();
    older_->setVisible(!end_);
    if (list_->topLevelItemCount() == 0 && !end_) return ask();  // a page may be empty before the log is at its end
    empty_->setVisible(list_->topLevelItemCount() == 0);
    empty_->setText(page.archived() > 1 ? tr("Nothing in the log that is here. Older events are in archive segments.") : tr("Nothing yet."));
}

}  // namespace ui::ukeys

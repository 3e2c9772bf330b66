#include "ui/approvals/officers_view.h"

#include <QEvent>
#include <QHeaderView>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/approvals/request_words.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/words.h"

namespace ui::approvals {

constexpr int kMostShown = 7;  ///< then it scrolls

using parts::text;
using parts::Tone;

OfficersView::OfficersView(QWidget* parent)
    : Card(tr("The officers"), parent), needed_(new QLabel(this)), list_(new QTreeWidget(this)), behind_(new parts::Notice(this)), change_(new QPushButton(tr("&Change the officers …"), this)) {
    parts::set_tone(*needed_, Tone::muted);
    needed_->setWordWrap(true);
    list_->setObjectName(QStringLiteral("officers"));
    list_->setAccessibleName(tr("The officers"));
    list_->setRootIsDecorated(false);
    list_->setHeaderLabels({tr("Officer"), tr("UKEY"), tr("Plugged in")});
    // They always fit: there is little room beside a request.
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->header()->setStretchLastSection(false);
    list_->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    list_->setFrameShape(QFrame::NoFrame);
    list_->setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    change_->setObjectName(QStringLiteral("change_officers"));
    column()->addWidget(needed_);
    column()->addWidget(list_, 1);
    column()->addWidget(behind_);
    column()->addWidget(change_, 0, Qt::AlignLeft);
    column()->addWidget(new parts::Reasons({change_}, this));
    offer_change(tr("who the officers are was not read yet"));
    connect(change_, &QPushButton::clicked, this, &OfficersView::change);
    connect(list_, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) { emit chosen(item->text(1)); });
}

void OfficersView::show_quorum(const link::pb::Quorum& quorum) {
    if (quorum.SerializeAsString() == quorum_.SerializeAsString()) return;
    quorum_ = quorum;
    const int can = officers_in_use(quorum);
    const bool few = can < quorum.officers_size() && can <= static_cast<int>(quorum.needed());
    needed_->setText(tr("%1 of %2 must agree.").arg(quorum.needed()).arg(quorum.officers_size()) + (can < quorum.officers_size() ? QLatin1Char(' ') + tr("The UKEYs of %1 are in use: only they can.").arg(can) : QString()));
    parts::set_tone(*needed_, few ? Tone::bad : Tone::muted);
    list_->clear();
    for (const link::pb::QuorumOfficer& o : quorum.officers()) {
        const bool in_use = o.state() == "issued";
        auto* item = new QTreeWidgetItem(list_, {text(o.holder()), text(o.ukey()), !in_use ? parts::state_word(o.state()) : o.reader().empty() ? QStringLiteral("–") : text(o.reader())});
        item->setToolTip(0, tr("%1: UKEY %2 is %3").arg(text(o.holder()), text(o.ukey()), parts::state_word(o.state())));
    }
    colour_rows();
    list_->setFixedHeight((std::min(quorum.officers_size(), kMostShown) + 1) * (list_->fontMetrics().lineSpacing() + 6) + 6);
    QStringList behind;
    for (const std::string& ukey : quorum.behind()) behind << text(ukey);
    behind_->say(Tone::attention, behind.isEmpty() ? QString() : tr("Still opens with what former officers had: %1").arg(behind.join(tr(", "))), behind.isEmpty() ? QString() : tr("Plug it in and run the next request: it follows then."));
}

void OfficersView::colour_rows() {
    for (int i = 0; i < list_->topLevelItemCount(); ++i) {
        const link::pb::QuorumOfficer& o = quorum_.officers(i);
        list_->topLevelItem(i)->setForeground(2, parts::colour(o.state() != "issued" ? Tone::bad : o.reader().empty() ? Tone::muted : Tone::good, palette()));
    }
}

void OfficersView::offer_change(const QString& why_not) { parts::offer(*change_, why_not); }

void OfficersView::changeEvent(QEvent* event) {
    Card::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) colour_rows();
}

}  // namespace ui::approvals

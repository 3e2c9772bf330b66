#include "ui/stations/held_view.h"

#include <QVBoxLayout>

#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::stations {

using parts::text;
using parts::Tone;

HeldView::HeldView(QWidget* parent) : QWidget(parent), column_(new QVBoxLayout(this)) {
    column_->setContentsMargins(0, 0, 0, 0);
    column_->setSpacing(8);
    hide();
}

void HeldView::show_held(const google::protobuf::RepeatedPtrField<wire::pb::HeldStation>& held, const QString& why_not) {
    std::string now = why_not.toStdString();
    for (const wire::pb::HeldStation& h : held) now += h.SerializeAsString();
    setVisible(!held.empty());
    if (now == shown_) return;
    shown_ = std::move(now);
    while (QLayoutItem* item = column_->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (const wire::pb::HeldStation& h : held) {
        auto* notice = new parts::Notice(this);
        notice->setObjectName(QStringLiteral("held_") + text(h.station()));
        notice->say(Tone::bad, tr("Station %1 is held: it sells nothing.").arg(text(h.station())), tr("%1 orders over %2 yuan within %3 minutes, at %4.").arg(h.orders()).arg(parts::yuan(h.amount_fen())).arg(h.window_minutes()).arg(parts::moment(h.since_ms())), why_not.isEmpty() ? QString() : tr("It cannot be released now: %1.").arg(why_not));
        if (why_not.isEmpty()) notice->offer(tr("Release …"));
        connect(notice, &parts::Notice::acted, this, [this, h] { emit release(h); });
        column_->addWidget(notice);
    }
}

}  // namespace ui::stations

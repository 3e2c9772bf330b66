#include "ui/issue/blank_step.h"

#include <QVBoxLayout>

#include "ui/home/readers_view.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::issue {

QStringList blank_readers(const pb::StatusReply& status) {
    QStringList out;
    for (const pb::ReaderStatus& r : status.readers())
        if (r.content() == "blank") out << parts::text(r.name());
    return out;
}

BlankStep::BlankStep(link::Link& link, Issue& issue, QWidget* parent)
    : Step(tr("Which blank UKEY?"), tr("The readers as they are now. Choose the blank UKEY that is to be issued."), parent), link_(link), issue_(issue), readers_(new home::ReadersView(this)), none_(new parts::Notice(this)) {
    column()->addWidget(none_);
    column()->addWidget(readers_);
    column()->addStretch(1);
    connect(readers_, &home::ReadersView::picked, this, &BlankStep::choose);
    connect(&link_, &link::Link::status_changed, this, &BlankStep::look);
}

QString BlankStep::missing() const {
    const QStringList blanks = blank_readers(link_.status());
    if (blanks.isEmpty()) return tr("Plug in a blank UKEY.");
    return blanks.contains(issue_.reader) ? QString() : tr("Choose one of the blank UKEYs.");
}

void BlankStep::look() {
    readers_->show_readers(link_.status().readers());
    const QStringList blanks = blank_readers(link_.status());
    if (blanks.isEmpty()) none_->say(parts::Tone::attention, tr("No blank UKEY is plugged in."), tr("Plug one in: it is chosen by itself. One that was in use before is blank once it is erased, on the page UKEYs."));
    else none_->say(parts::Tone::plain, {});
    if (!isVisible()) return;  // what is being issued is not blank any more
    if (!blanks.contains(issue_.reader)) choose(blanks.size() == 1 ? blanks.front() : QString());
    else choose(issue_.reader);
}

void BlankStep::choose(const QString& reader) {
    issue_.reader = reader;
    std::map<QString, QString> marks;
    if (!reader.isEmpty()) marks[reader] = tr("this one");
    readers_->let_pick(std::move(marks));
    emit changed();
}

}  // namespace ui::issue

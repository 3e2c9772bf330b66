#include "ui/first_start/places_step.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "ui/home/readers_view.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::first_start {

PlacesStep::PlacesStep(link::Link& link, Ceremony& ceremony, QWidget* parent)
    : Step(tr("Which blank UKEY becomes what?"), tr("Plug them in one after the other: each gets the next role by itself. Or click the readers in the order below. Label every stick now."), parent), link_(link), ceremony_(ceremony),
      readers_(new home::ReadersView(this)), none_(new QLabel(tr("No blank UKEY is there yet. Plug one in: it appears here."), this)), form_(new QFormLayout) {
    parts::set_tone(*none_, parts::Tone::attention);
    none_->setWordWrap(true);
    column()->addWidget(readers_);
    column()->addWidget(none_);
    column()->addLayout(form_);
    column()->addStretch(1);
    connect(readers_, &home::ReadersView::picked, this, &PlacesStep::give);
    connect(&link_, &link::Link::status_changed, this, &PlacesStep::look);
}

QStringList PlacesStep::blanks() const {
    QStringList out;
    for (const pb::ReaderStatus& r : link_.status().readers())
        if (r.content() == "blank") out << parts::text(r.name());
    return out;
}

QString PlacesStep::missing() const { return ceremony_.missing_places(); }

QWidget* PlacesStep::first_field() { return choices_.empty() ? nullptr : choices_.front(); }

void PlacesStep::imagine() {
    none_->hide();
    for (const QString& reader : blanks()) give(reader);
    // Where there are fewer sticks than roles.
    for (QString role = ceremony_.next_role(); !role.isEmpty(); role = ceremony_.next_role()) ceremony_.put(role, role);
    emit changed();
}

void PlacesStep::enter() {
    seen_ = blanks();
    // What an officer had who is none any more.
    const QStringList roles = ceremony_.roles();
    for (const QString& role : roles_)
        if (!roles.contains(role)) ceremony_.put(role, {});
    roles_ = roles;
    while (form_->rowCount() > 0) form_->removeRow(0);
    choices_.clear();
    for (const QString& role : roles_) {
        auto* choice = new QComboBox(this);
        choice->setObjectName(QStringLiteral("place_") + role);
        QString word = ceremony_.role_word(role);
        word[0] = word[0].toUpper();
        choice->setAccessibleName(word);
        form_->addRow(word, choice);
        connect(choice, &QComboBox::currentIndexChanged, this, [this, role, choice] {
            ceremony_.put(role, choice->currentData().toString());
            show_roles();
            emit changed();
        });
        choices_.push_back(choice);
    }
    look();
    show_roles();
}

void PlacesStep::look() {
    readers_->show_readers(link_.status().readers());
    const QStringList now = blanks();
    // Under way or done the readers change by what is made in them.
    if (link_.state() != link::Link::State::uninitialised || !isVisible()) return;
    none_->setVisible(now.isEmpty());
    if (now == seen_) return;
    for (const QString& role : roles_)
        if (!ceremony_.reader_of(role).isEmpty() && !now.contains(ceremony_.reader_of(role))) ceremony_.put(role, {});
    for (const QString& reader : now)
        if (!seen_.contains(reader)) give(reader);
    seen_ = now;
    show_roles();
    emit changed();
}

void PlacesStep::give(const QString& reader) {
    for (const QString& role : roles_) {
        if (ceremony_.reader_of(role) != reader) continue;
        ceremony_.put(role, {});  // picked a second time: put back
        show_roles();
        emit changed();
        return;
    }
    const QString role = ceremony_.next_role();
    if (!role.isEmpty()) ceremony_.put(role, reader);
    show_roles();
    emit changed();
}

void PlacesStep::show_roles() {
    std::map<QString, QString> marks;
    const QStringList now = blanks();
    for (std::size_t i = 0; i < choices_.size(); ++i) {
        const QString mine = ceremony_.reader_of(roles_[static_cast<qsizetype>(i)]);
        if (!mine.isEmpty()) marks[mine] = ceremony_.role_word(roles_[static_cast<qsizetype>(i)]);
        const QSignalBlocker quiet(choices_[i]);
        choices_[i]->clear();
        choices_[i]->addItem(tr("none yet"), QString());
        for (const QString& reader : now) choices_[i]->addItem(tr("Reader %1").arg(reader), reader);
        choices_[i]->setCurrentIndex(std::max(0, choices_[i]->findData(mine)));
    }
    readers_->let_pick(std::move(marks));
}

}  // namespace ui::first_start

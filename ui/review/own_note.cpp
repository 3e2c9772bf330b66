#include "ui/review/own_note.h"

#include <QCheckBox>
#include <QVBoxLayout>
#include <map>

#include "ui/link/link.h"
#include "ui/parts/note.h"
#include "ui/parts/remembered.h"
#include "ui/parts/words.h"
#include "ui/review/note_field.h"

namespace ui::review {
namespace {

/// As it stands in the fields.
struct Own {
    bool wanted = false;
    QString text;
};

Own& own_at(link::Link& link, OwnNote::Place place) { return parts::remembered<std::map<OwnNote::Place, Own>>(link)[place]; }

}  // namespace

OwnNote::OwnNote(link::Link& link, Place place, QWidget* parent) : QWidget(parent), link_(link), place_(place), wanted_(new QCheckBox(tr("Hold it against a checkpoint of &your own, in place of the one that this computer kept"), this)), note_(new NoteField(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    wanted_->setObjectName(QStringLiteral("own_note"));
    wanted_->setToolTip(tr("One that you took away: from paper, a QR code or a file. What was changed since then shows, even if this computer was changed too."));
    column->addWidget(wanted_);
    column->addWidget(note_);
    look();
    connect(wanted_, &QCheckBox::toggled, this, &OwnNote::take);
    connect(note_, &NoteField::changed, this, &OwnNote::take);
}

std::string OwnNote::given(link::Link& link, Place place) {
    const Own& own = own_at(link, place);
    return own.wanted ? parts::bytes(own.text) : std::string();
}

QString OwnNote::why_not(link::Link& link, Place place) {
    if (!own_at(link, place).wanted) return {};
    const std::string text = given(link, place);
    if (text.empty()) return tr("Your own checkpoint is still missing.");
    return parts::note_of(text) ? QString() : NoteField::why_none();
}

void OwnNote::take() {
    own_at(link_, place_) = {wanted_->isChecked(), note_->text()};
    look();
}

void OwnNote::look() {
    const Own own = own_at(link_, place_);
    const QSignalBlocker quiet_box(wanted_);
    const QSignalBlocker quiet_note(note_);
    wanted_->setChecked(own.wanted);
    note_->set_text(own.text);
    note_->describe(parts::bytes(own.text));
    note_->setVisible(own.wanted);
    emit changed();
}

}  // namespace ui::review

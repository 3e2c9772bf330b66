#include "ui/parts/keys_field.h"

#include <QFormLayout>
#include <QRegularExpression>

#include "ui/link/after.h"
#include "ui/link/kept.h"
#include "ui/link/link.h"
#include "ui/parts/words.h"

namespace ui::parts {

KeysField::KeysField(QWidget* parent) : QLineEdit(parent) {
    setAccessibleName(tr("Keys of the log's checkpoints"));
    setToolTip(tr("The one that this computer believes. Put in yours where you have it from elsewhere: then the proof rests on nothing that this computer keeps. Where the platform UKEY was replaced, put in the keys of before and after, with a space between them."));
}

void KeysField::add_to(QFormLayout& form) { form.addRow(tr("Ke&ys of the checkpoints"), this); }

void KeysField::read(const link::Link& link) {
    link::after(link::read_kept(link.address().known), this, [this](const link::Kept& kept) { know(kept.key); });
}

void KeysField::know(const std::string& key) {
    const bool untouched = text().isEmpty() || text() == known_;
    known_ = parts::text(key);
    if (untouched) setText(known_);
}

QStringList KeysField::keys() const {
    static const QRegularExpression between(QStringLiteral("[\\s,;]+"));
    return text().split(between, Qt::SkipEmptyParts);
}

}  // namespace ui::parts

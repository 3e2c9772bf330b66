#include "ui/review/note_field.h"

#include <QFileDialog>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <QtConcurrent>

#include "base/fd.h"
#include "ui/link/after.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::review {
namespace {

constexpr std::size_t kLargestNote = 64 * 1024;

}  // namespace

NoteField::NoteField(QWidget* parent) : QWidget(parent), text_(new QPlainTextEdit(this)), file_(new QPushButton(tr("&From a file …"), this)), what_(new QLabel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    text_->setObjectName(QStringLiteral("earlier"));
    text_->setAccessibleName(tr("Text of the earlier checkpoint"));
    text_->setPlaceholderText(tr("Paste the checkpoint here: whose log it is, how many events, a hash, and the signature"));
    text_->setTabChangesFocus(true);
    text_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    text_->setFixedHeight(110);
    file_->setObjectName(QStringLiteral("earlier_file"));
    what_->setObjectName(QStringLiteral("what_is_given"));
    what_->setWordWrap(true);
    what_->setTextFormat(Qt::PlainText);
    auto* source = new QHBoxLayout;
    source->addWidget(file_);
    source->addWidget(what_, 1);
    column->addWidget(text_);
    column->addLayout(source);
    connect(text_, &QPlainTextEdit::textChanged, this, &NoteField::changed);
    connect(file_, &QPushButton::clicked, this, &NoteField::choose_file);
}

QString NoteField::text() const { return text_->toPlainText(); }

void NoteField::set_text(const QString& text) {
    if (text_->toPlainText() != text) text_->setPlainText(text);
}

void NoteField::set_enabled(bool enabled) {
    text_->setEnabled(enabled);
    file_->setEnabled(enabled);
}

QString NoteField::why_none() { return tr("This is no checkpoint, or not all of one: it has at least five lines, the last of them a signature."); }

void NoteField::describe(const std::string& text) {
    const auto note = parts::note_of(text);
    what_->setText(note ? tr("%1 events of %2").arg(parts::number(note->size), parts::text(note->origin)) : text.empty() ? QString() : why_none());
    parts::set_tone(*what_, note || text.empty() ? parts::Tone::muted : parts::Tone::bad);
}

void NoteField::choose_file() {
    auto* dialog = new QFileDialog(this, tr("An earlier checkpoint"), {}, tr("Checkpoints (*.note *.txt);;All files (*)"));
    dialog->setObjectName(QStringLiteral("which"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        link::after(QtConcurrent::run([name = file.toStdString()] { return base::read_file(name, kLargestNote); }), this, [this](const base::Result<base::Bytes>& read) {
            if (read) return set_text(parts::text(base::as_text(*read)));
            what_->setText(parts::text(read.error().message));
            parts::set_tone(*what_, parts::Tone::bad);
        });
    });
    dialog->open();
}

}  // namespace ui::review

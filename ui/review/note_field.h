#pragma once
#include <QWidget>

#include "ui/parts/note.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace ui::review {

/// A checkpoint that somebody keeps elsewhere: its text, what a scanner reads from its QR code, or a file.
class NoteField : public QWidget {
    Q_OBJECT
public:
    explicit NoteField(QWidget* parent);
    QString text() const;
    void set_text(const QString& text);
    void set_enabled(bool enabled);
    /// Says under the field what a checkpoint is: the one in it, or another that was chosen in its place.
    void describe(const std::string& note);
    /// Why a text is no checkpoint.
    static QString why_none();

signals:
    void changed();

private:
    void choose_file();
    QPlainTextEdit* text_;
    QPushButton* file_;
    QLabel* what_;
};

}  // namespace ui::review

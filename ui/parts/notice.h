#pragma once
#include <QFrame>
#include <QLabel>

#include "base/error.h"
#include "ui/parts/theme.h"

class QPushButton;

namespace ui::parts {

/// A coloured strip that says one thing: a title, what follows from it, and, small, the service's own line. Hidden until it has something to say.
class Notice : public QFrame {
    Q_OBJECT
public:
    explicit Notice(QWidget* parent = nullptr);
    void say(Tone tone, const QString& title, const QString& text = {}, const QString& line = {});
    /// What it means, what to do, and what the service said.
    void say(const base::Error& error);
    /// A button beside the text; its clicks are acted(). Empty: none.
    void offer(const QString& action);
    QString title() const { return title_->text(); }
    QString line() const { return line_->text(); }

signals:
    void acted();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Tone tone_ = Tone::plain;
    QLabel* title_;
    QLabel* text_;
    QLabel* line_;
    QPushButton* action_;
};

}  // namespace ui::parts

#pragma once
#include <QWidget>

#include "base/secret.h"

namespace ui::parts {

/// Where a PIN is typed. What is typed goes byte by byte into a base::Secret: there is no QString of the whole, nothing to copy, to drag, to undo or to complete, no input method sees it, and the clipboard is neither read nor written.
/// What Qt allows, and what stays: docs/CONSOLE.md 5. Wiped when it loses its window, when clear() is called, and when it goes.
class PinField : public QWidget {
    Q_OBJECT
public:
    explicit PinField(QWidget* parent = nullptr);
    /// What a new PIN or password must be, in a sentence (tokens/pin.h). A form says it wherever one is typed.
    static QString rule();

    /// What was typed, handed over: the field is empty then.
    base::Secret take();
    bool is_empty() const noexcept { return size_ == 0; }
    /// Whether both hold the same. Compared in constant time.
    bool equals(const PinField& other) const;
    void clear();

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void edited();
    void returned();  ///< Enter was pressed

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void put(const QString& text);
    void drop_last();
    int letters() const;

    base::Secret bytes_;
    std::size_t size_ = 0;
    bool full_ = false;
};

/// Lets assistive technology see a PinField as a password field: how many letters, never which. Once a program.
void make_pin_fields_accessible();

}  // namespace ui::parts

#include "ui/parts/pin_field.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QKeyEvent>
#include <QPainter>
#include <QStyleOptionFrame>
#include <algorithm>
#include <array>

#include "wire/pin_frame.h"

namespace ui::parts {
namespace {

class AccessiblePinField : public QAccessibleWidget {
public:
    explicit AccessiblePinField(QWidget* widget) : QAccessibleWidget(widget, QAccessible::EditableText) {}
    QAccessible::State state() const override {
        QAccessible::State out = QAccessibleWidget::state();
        out.passwordEdit = true;
        out.editable = true;
        out.focusable = true;
        return out;
    }
};

QAccessibleInterface* accessible(const QString&, QObject* object) {
    if (auto* field = qobject_cast<PinField*>(object)) return new AccessiblePinField(field);
    return nullptr;
}

/// Overwrites the text of a key event where it stands: Qt frees it without.
void wipe_text(const QString& text) {
    auto* letters = const_cast<QChar*>(text.constData());  // shared with the event, which is done with it
    std::fill_n(letters, text.size(), QChar(u'*'));
}

/// UTF-8 of one letter; 0 bytes for what is none.
std::size_t encode(char32_t letter, std::array<std::uint8_t, 4>& out) {
    if (letter < 0x80) {
        out[0] = static_cast<std::uint8_t>(letter);
        return 1;
    }
    const auto tail = [&](unsigned shift) { return static_cast<std::uint8_t>(0x80U | ((static_cast<std::uint32_t>(letter) >> shift) & 0x3FU)); };
    if (letter < 0x800) {
        out = {static_cast<std::uint8_t>(0xC0U | (letter >> 6)), tail(0)};
        return 2;
    }
    if (letter < 0x10000) {
        out = {static_cast<std::uint8_t>(0xE0U | (letter >> 12)), tail(6), tail(0)};
        return 3;
    }
    out = {static_cast<std::uint8_t>(0xF0U | (letter >> 18)), tail(12), tail(6), tail(0)};
    return 4;
}

}  // namespace

void make_pin_fields_accessible() { QAccessible::installFactory(accessible); }

PinField::PinField(QWidget* parent) : QWidget(parent), bytes_(wire::kMaxPin) {
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_InputMethodEnabled, false);
    setCursor(Qt::IBeamCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("PIN"));
}

QString PinField::rule() { return tr("A new PIN or password has 6 to 128 bytes, and neither repeats one character nor counts up or down."); }

base::Secret PinField::take() {
    base::Secret out = std::move(bytes_);
    out.shrink(size_);
    bytes_ = base::Secret(wire::kMaxPin);
    size_ = 0;
    full_ = false;
    update();
    emit edited();
    return out;
}

bool PinField::equals(const PinField& other) const {
    if (size_ != other.size_) return false;
    return bytes_.reveal([&](base::ByteView mine) { return other.bytes_.reveal([&](base::ByteView theirs) { return base::equal_constant_time(mine.first(size_), theirs.first(size_)); }); });
}

void PinField::clear() {
    if (size_ == 0) return;
    bytes_ = base::Secret(wire::kMaxPin);
    size_ = 0;
    full_ = false;
    update();
    emit edited();
}

int PinField::letters() const {
    return bytes_.reveal([&](base::ByteView all) {
        return static_cast<int>(std::ranges::count_if(all.first(size_), [](std::uint8_t b) { return (b & 0xC0U) != 0x80U; }));
    });
}

void PinField::put(const QString& text) {
    std::array<std::uint8_t, 4> bytes{};
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text.at(i);
        char32_t letter = c.unicode();
        if (c.isHighSurrogate() && i + 1 < text.size()) letter = QChar::surrogateToUcs4(c, text.at(++i));
        if (!QChar::isPrint(letter)) continue;
        const std::size_t n = encode(letter, bytes);
        full_ = size_ + n > wire::kMaxPin;
        if (full_) break;
        bytes_.fill([&](std::span<std::uint8_t> all) { std::copy_n(bytes.begin(), n, all.begin() + static_cast<std::ptrdiff_t>(size_)); });
        size_ += n;
    }
    base::wipe(bytes);
}

void PinField::drop_last() {
    bytes_.fill([&](std::span<std::uint8_t> all) {
        while (size_ > 0) {
            const bool tail = (all[size_ - 1] & 0xC0U) == 0x80U;
            all[--size_] = 0;
            if (!tail) break;
        }
    });
    full_ = false;
}

void PinField::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter: emit returned(); return;
        case Qt::Key_Backspace:
            if ((event->modifiers() & Qt::ControlModifier) != 0) return clear();
            drop_last();
            break;
        case Qt::Key_Delete: return clear();
        default: {
            const QString text = event->text();
            const bool command = (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) != 0 && (event->modifiers() & Qt::GroupSwitchModifier) == 0;
            if (text.isEmpty() || command || !text.at(0).isPrint()) {
                event->ignore();
                return;
            }
            put(text);
            wipe_text(text);
        }
    }
    update();
    emit edited();
}

void PinField::keyReleaseEvent(QKeyEvent* event) {
    const QString text = event->text();
    if (!text.isEmpty() && text.at(0).isPrint()) wipe_text(text);
    QWidget::keyReleaseEvent(event);
}

void PinField::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void PinField::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

void PinField::hideEvent(QHideEvent* event) {
    clear();
    QWidget::hideEvent(event);
}

void PinField::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::EnabledChange || event->type() == QEvent::FontChange) update();
}

QSize PinField::sizeHint() const {
    const QFontMetrics metrics(font());
    QStyleOptionFrame option;
    option.initFrom(this);
    option.lineWidth = style()->pixelMetric(QStyle::PM_DefaultFrameWidth, &option, this);
    return style()->sizeFromContents(QStyle::CT_LineEdit, &option, QSize(metrics.averageCharWidth() * 24, std::max(metrics.height(), 14) + 4), this);
}

QSize PinField::minimumSizeHint() const { return {120, sizeHint().height()}; }

void PinField::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QStyleOptionFrame option;
    option.initFrom(this);
    option.rect = rect();
    option.lineWidth = style()->pixelMetric(QStyle::PM_DefaultFrameWidth, &option, this);
    option.state |= QStyle::State_Sunken;
    if (hasFocus()) option.state |= QStyle::State_HasFocus;
    style()->drawPrimitive(QStyle::PE_PanelLineEdit, &option, &painter, this);
    painter.setPen(QPen(palette().color(hasFocus() ? QPalette::Highlight : QPalette::Mid), 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    const QRect inner = style()->subElementRect(QStyle::SE_LineEditContents, &option, this).adjusted(2, 0, -2, 0);
    const double radius = QFontMetrics(font()).height() / 5.0;
    const double step = radius * 3;
    const int shown = std::min(letters(), static_cast<int>((inner.width() - 2) / step));
    painter.setPen(Qt::NoPen);
    painter.setBrush(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::Text));
    const double middle = inner.center().y() + 0.5;
    double x = inner.left() + radius;
    for (int i = 0; i < shown; ++i, x += step) painter.drawEllipse(QPointF(x, middle), radius, radius);
    if (hasFocus()) {
        painter.setPen(QPen(palette().color(QPalette::Text), 1));
        const double caret = x - radius + 1;
        painter.drawLine(QPointF(caret, inner.top() + 3), QPointF(caret, inner.bottom() - 3));
    }
    if (full_) setToolTip(rule());
}

}  // namespace ui::parts

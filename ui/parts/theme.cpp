#include "ui/parts/theme.h"

#include <QEvent>
#include <QLabel>
#include <array>

namespace ui::parts {
namespace {

/// Colours a label anew when the palette around it changes.
class Keeper : public QObject {
public:
    Keeper(QLabel& label, Tone tone) : QObject(&label), label_(label), tone_(tone) {
        label_.installEventFilter(this);
        apply();
    }
    void set(Tone tone) {
        tone_ = tone;
        apply();
    }
    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() == QEvent::PaletteChange && !applying_) apply();
        return false;
    }

private:
    void apply() {
        applying_ = true;
        QPalette palette = label_.parentWidget() != nullptr ? label_.parentWidget()->palette() : QPalette();
        palette.setColor(QPalette::WindowText, colour(tone_, palette));
        label_.setPalette(palette);
        applying_ = false;
    }
    QLabel& label_;
    Tone tone_;
    bool applying_ = false;
};

}  // namespace

bool is_dark(const QPalette& palette) noexcept { return palette.color(QPalette::Window).lightness() < 128; }

QColor colour(Tone tone, const QPalette& palette) {
    const bool dark = is_dark(palette);
    switch (tone) {
        case Tone::plain: return palette.color(QPalette::WindowText);
        case Tone::muted: return dark ? QColor(0xA8, 0xAE, 0xB6) : QColor(0x5A, 0x62, 0x6B);
        case Tone::good: return dark ? QColor(0x6F, 0xCF, 0x97) : QColor(0x1B, 0x7A, 0x43);
        case Tone::attention: return dark ? QColor(0xF2, 0xC1, 0x4E) : QColor(0x8A, 0x5A, 0x00);
        case Tone::bad: return dark ? QColor(0xFF, 0x8A, 0x80) : QColor(0xB3, 0x26, 0x1E);
    }
    return palette.color(QPalette::WindowText);
}

QColor ground(Tone tone, const QPalette& palette) {
    const bool dark = is_dark(palette);
    switch (tone) {
        case Tone::plain: return dark ? palette.color(QPalette::Window).lighter(118) : palette.color(QPalette::Base);
        case Tone::muted: return dark ? QColor(0x33, 0x37, 0x3C) : QColor(0xEC, 0xEE, 0xF1);
        case Tone::good: return dark ? QColor(0x1E, 0x3A, 0x2A) : QColor(0xE3, 0xF4, 0xE9);
        case Tone::attention: return dark ? QColor(0x42, 0x36, 0x16) : QColor(0xFD, 0xF2, 0xD6);
        case Tone::bad: return dark ? QColor(0x4A, 0x22, 0x20) : QColor(0xFB, 0xE6, 0xE4);
    }
    return palette.color(QPalette::Base);
}

QColor chosen(const QPalette& palette) {
    const QColor accent = palette.color(QPalette::Highlight);
    const QColor under = palette.color(QPalette::Base);
    const double share = is_dark(palette) ? 0.75 : 0.3;
    const auto mix = [share](int a, int b) { return static_cast<int>(a * share + b * (1 - share)); };
    return {mix(accent.red(), under.red()), mix(accent.green(), under.green()), mix(accent.blue(), under.blue())};
}

QColor series(int number, const QPalette& palette) {
    // Told apart by lightness too, for those who tell red from green badly.
    static constexpr std::array<std::array<QRgb, 2>, 5> kColours{{{0x1F5FA8, 0x7FB2F0}, {0xB35C00, 0xF2A65A}, {0x1B7A43, 0x6FCF97}, {0xB3261E, 0xFF8A80}, {0x5A626B, 0xA8AEB6}}};
    return QColor(kColours[static_cast<std::size_t>(number) % kColours.size()][is_dark(palette) ? 1 : 0]);
}

QPalette light_palette() {
    QPalette p;
    p.setColor(QPalette::Window, QColor(0xF6, 0xF7, 0xF9));
    p.setColor(QPalette::WindowText, QColor(0x1C, 0x1F, 0x23));
    p.setColor(QPalette::Base, Qt::white);
    p.setColor(QPalette::AlternateBase, QColor(0xF3, 0xF5, 0xF8));
    p.setColor(QPalette::Text, QColor(0x1C, 0x1F, 0x23));
    p.setColor(QPalette::Button, QColor(0xE9, 0xEC, 0xF0));
    p.setColor(QPalette::ButtonText, QColor(0x1C, 0x1F, 0x23));
    p.setColor(QPalette::ToolTipBase, QColor(0xFF, 0xFD, 0xE9));
    p.setColor(QPalette::ToolTipText, QColor(0x1C, 0x1F, 0x23));
    p.setColor(QPalette::PlaceholderText, QColor(0x6B, 0x72, 0x7B));
    p.setColor(QPalette::Highlight, QColor(0x1F, 0x5F, 0xA8));
    p.setColor(QPalette::HighlightedText, Qt::white);
    p.setColor(QPalette::Link, QColor(0x1F, 0x5F, 0xA8));
    p.setColor(QPalette::Mid, QColor(0xC2, 0xC8, 0xCF));
    p.setColor(QPalette::Dark, QColor(0x9A, 0xA1, 0xA9));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) p.setColor(QPalette::Disabled, role, QColor(0x8B, 0x92, 0x9A));
    return p;
}

QPalette dark_palette() {
    QPalette p;
    const QColor text(0xE7, 0xEA, 0xEE);
    p.setColor(QPalette::Window, QColor(0x23, 0x26, 0x2A));
    p.setColor(QPalette::WindowText, text);
    p.setColor(QPalette::Base, QColor(0x1B, 0x1D, 0x20));
    p.setColor(QPalette::AlternateBase, QColor(0x22, 0x25, 0x29));
    p.setColor(QPalette::Text, text);
    p.setColor(QPalette::Button, QColor(0x32, 0x36, 0x3B));
    p.setColor(QPalette::ButtonText, text);
    p.setColor(QPalette::BrightText, Qt::white);
    p.setColor(QPalette::ToolTipBase, QColor(0x3A, 0x3F, 0x45));
    p.setColor(QPalette::ToolTipText, text);
    p.setColor(QPalette::PlaceholderText, QColor(0x8F, 0x96, 0x9E));
    p.setColor(QPalette::Highlight, QColor(0x3B, 0x7D, 0xCB));
    p.setColor(QPalette::HighlightedText, Qt::white);
    p.setColor(QPalette::Link, QColor(0x7F, 0xB2, 0xF0));
    p.setColor(QPalette::Light, QColor(0x46, 0x4B, 0x52));
    p.setColor(QPalette::Midlight, QColor(0x3C, 0x41, 0x47));
    p.setColor(QPalette::Mid, QColor(0x4A, 0x50, 0x57));
    p.setColor(QPalette::Dark, QColor(0x14, 0x16, 0x18));
    p.setColor(QPalette::Shadow, Qt::black);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) p.setColor(QPalette::Disabled, role, QColor(0x78, 0x7E, 0x86));
    return p;
}

void set_tone(QLabel& label, Tone tone) {
    for (QObject* child : label.children())
        if (auto* keeper = dynamic_cast<Keeper*>(child)) return keeper->set(tone);
    new Keeper(label, tone);
}

void make_heading(QLabel& label, int level) {
    QFont font = label.font();
    font.setPointSizeF(font.pointSizeF() * (level == 1 ? 1.6 : level == 2 ? 1.25 : 1.0));
    font.setBold(level != 1);
    label.setFont(font);
}

}  // namespace ui::parts

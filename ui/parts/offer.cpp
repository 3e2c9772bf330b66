#include "ui/parts/offer.h"

#include <QAbstractButton>
#include <QEvent>
#include <QRegularExpression>
#include <algorithm>
#include <utility>

#include "ui/parts/theme.h"

namespace ui::parts {
namespace {

constexpr const char* kWhyNot = "why_not";

QString why_not(const QAbstractButton& button) { return button.property(kWhyNot).toString(); }

/// As people would say it: no key to press, no dots for a dialog.
QString name_of(const QAbstractButton& button) {
    static const QRegularExpression key(QStringLiteral("\\s*[(（]&.[)）]|&|\\s*…$"));
    return button.text().remove(key);
}

}  // namespace

void offer(QAbstractButton& button, const QString& why_not, const QString& tip) {
    button.setEnabled(why_not.isEmpty());
    button.setToolTip(why_not.isEmpty() ? tip : why_not);
    button.setAccessibleDescription(button.toolTip());
    button.setProperty(kWhyNot, why_not);
}

Reasons::Reasons(const std::vector<QAbstractButton*>& buttons, QWidget* parent) : QLabel(parent) {
    setWordWrap(true);
    setTextFormat(Qt::PlainText);
    set_tone(*this, Tone::muted);
    for (QAbstractButton* button : buttons) watch(*button);
    look();
}

void Reasons::watch(QAbstractButton& button) {
    buttons_.push_back(&button);
    button.installEventFilter(this);
    connect(&button, &QObject::destroyed, this, [this, gone = &button] {
        std::erase(buttons_, gone);
        look();
    });
    look();
}

bool Reasons::eventFilter(QObject* object, QEvent* event) {
    switch (event->type()) {
        case QEvent::DynamicPropertyChange:  // offer() sets it last
        case QEvent::ShowToParent:
        case QEvent::HideToParent: look(); break;
        default: break;
    }
    return QLabel::eventFilter(object, event);
}

void Reasons::look() {
    std::vector<std::pair<QString, QStringList>> said;  // a reason, and for whom
    for (const QAbstractButton* button : buttons_) {
        const QString why = button->isHidden() ? QString() : why_not(*button);
        if (why.isEmpty()) continue;
        const auto at = std::ranges::find(said, why, &std::pair<QString, QStringList>::first);
        if (at == said.end()) said.emplace_back(why, QStringList(name_of(*button)));
        else at->second << name_of(*button);
    }
    QStringList lines;
    for (const auto& [why, names] : said) lines << tr("%1: %2").arg(names.join(QStringLiteral(", ")), why);
    setText(lines.join(QLatin1Char('\n')));
    setVisible(!lines.isEmpty());
}

}  // namespace ui::parts

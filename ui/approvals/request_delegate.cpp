#include "ui/approvals/request_delegate.h"

#include <QPainter>

#include "ui/approvals/request_words.h"
#include "ui/approvals/requests_model.h"
#include "ui/parts/bar.h"
#include "ui/parts/words.h"

namespace ui::approvals {
namespace {

using parts::Tone;

constexpr int kMargin = 10;
constexpr double kDots = 14;

Tone tone_of(const pb::Request& r) {
    if (r.state() == "approved" || r.state() == "done") return Tone::good;
    if (r.state() == "waiting") return Tone::attention;
    return r.state() == "rejected" || r.state() == "failed" ? Tone::bad : Tone::muted;
}

}  // namespace

QSize RequestDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const { return {260, 3 * option.fontMetrics.lineSpacing() + 2 * kMargin + 4}; }

void RequestDelegate::paint(QPainter* p, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const auto& model = static_cast<const RequestsModel&>(*index.model());
    const pb::Request& r = model.at(index.row());
    const QPalette& palette = option.palette;
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    p->save();
    p->setRenderHint(QPainter::Antialiasing);
    const QRectF card = QRectF(option.rect).adjusted(2, 2, -2, -3);
    p->setPen(QPen(selected ? palette.color(QPalette::Highlight) : palette.color(QPalette::Mid), selected ? 2 : 1));
    p->setBrush(parts::ground(selected ? Tone::muted : Tone::plain, palette));
    p->drawRoundedRect(card, 6, 6);

    const int line = option.fontMetrics.lineSpacing();
    const QRect inside = option.rect.adjusted(kMargin + 2, kMargin, -kMargin - 4, -kMargin);
    const auto write = [&](int row, const QString& words, const QColor& colour, bool bold, int width, Qt::Alignment side) {
        QFont font = option.font;
        font.setBold(bold);
        p->setFont(font);
        p->setPen(colour);
        const QRect place(side & Qt::AlignRight ? inside.right() - width : inside.left(), inside.top() + row * line, width, line);
        p->drawText(place, side | Qt::AlignVCenter, QFontMetrics(font).elidedText(words, Qt::ElideRight, width));
    };
    const int dots = static_cast<int>(parts::dots_width(kDots, static_cast<int>(r.needed())));
    write(0, title_of(r), palette.color(QPalette::Text), true, inside.width() - dots - kMargin, Qt::AlignLeft);
    parts::draw_dots(*p, QRectF(inside.right() - dots, inside.top() + (line - kDots) / 2, dots, kDots), static_cast<int>(r.agreeing()), static_cast<int>(r.needed()), is_open(r) ? Tone::good : Tone::muted, palette);
    write(1, subject_of(r), palette.color(QPalette::Text), false, inside.width(), Qt::AlignLeft);
    const QString state = is_open(r) ? tr("%1, until %2").arg(parts::request_state_word(r.state()), parts::moment(r.expires_ms())) : parts::request_state_word(r.state());
    const QString number = tr("No. %1").arg(r.number());
    const int number_width = option.fontMetrics.horizontalAdvance(number) + 2;
    write(2, state, parts::colour(tone_of(r), palette), false, inside.width() - number_width - kMargin, Qt::AlignLeft);
    write(2, number, parts::colour(Tone::muted, palette), false, number_width, Qt::AlignRight);
    p->restore();
}

}  // namespace ui::approvals

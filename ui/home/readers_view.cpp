#include "ui/home/readers_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>

#include "ui/parts/icon.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::home {
namespace {

using parts::Tone;
using parts::text;

constexpr int kNarrowest = 214;
constexpr int kWidest = 260;
constexpr int kHeight = 92;
constexpr int kGap = 10;
constexpr std::size_t kMost = 200;  ///< no machine has so many
constexpr double kOutOfPlay = 0.55;  ///< what cannot be picked

struct Look {
    QString title;
    QString brief;  ///< the title where there is little room; empty: as it is
    QString second;
    QString third;
    Tone tone = Tone::plain;
    bool present = false;
};

Look look_of(const link::pb::ReaderStatus& r) {
    Look out;
    const std::string& content = r.content();
    out.present = content != "empty";
    if (content == "ukey") {
        out.title = parts::kind_word(r.ukey_kind());
        out.brief = parts::kind_brief(r.ukey_kind());
        out.second = text(r.ukey());
        out.third = parts::state_word(r.ukey_state());
        if (r.logged_in()) out.third += QStringLiteral(" · ") + ReaderCard::tr("open");
        out.tone = r.ukey_state() == "issued" || r.ukey_state() == "initialised" ? Tone::good : Tone::attention;
        // Sealed, the service knows its serial alone.
        if (r.ukey_state().empty()) {
            out.title = out.brief = ReaderCard::tr("UKEY");
            out.third = ReaderCard::tr("known after unsealing");
            out.tone = Tone::muted;
        }
    } else if (content == "blank") {
        out.title = ReaderCard::tr("Blank UKEY");
        out.second = ReaderCard::tr("can be issued");
    } else if (content == "starting") {
        out.title = ReaderCard::tr("Being read …");
    } else if (content == "foreign") {
        out.title = ReaderCard::tr("Another platform's UKEY");
        out.tone = Tone::attention;
    } else if (content == "failed") {
        out.title = ReaderCard::tr("Cannot be read");
        out.tone = Tone::bad;
    } else {
        out.title = ReaderCard::tr("Nothing plugged in");
        out.tone = Tone::muted;
    }
    if (!r.problem().empty()) {
        out.third = text(r.problem());
        out.tone = Tone::bad;
    }
    return out;
}

}  // namespace

ReaderCard::ReaderCard(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::TabFocus);
}

QSize ReaderCard::sizeHint() const { return {kNarrowest, kHeight}; }

void ReaderCard::show_reader(const link::pb::ReaderStatus& reader) {
    reader_ = reader;
    describe();
}

void ReaderCard::let_pick(const QString& mark) {
    picking_ = true;
    mark_ = mark;
    describe();
}

bool ReaderCard::can_act() const { return picking_ ? reader_.content() == "blank" : !reader_.ukey().empty(); }

void ReaderCard::describe() {
    const Look look = look_of(reader_);
    const QString last = mark_.isEmpty() ? look.third : mark_;
    setAccessibleName(tr("Reader %1: %2").arg(text(reader_.name()), look.title));
    setAccessibleDescription(look.second + QLatin1Char(' ') + last);
    setToolTip(last.isEmpty() ? look.title : look.title + QLatin1Char('\n') + look.second + QLatin1Char('\n') + last);
    // Nothing to choose there: the keyboard passes it by.
    setFocusPolicy(picking_ && !can_act() ? Qt::NoFocus : Qt::TabFocus);
    setCursor(can_act() ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
}

void ReaderCard::act() {
    if (!can_act()) return;
    if (picking_) emit picked(text(reader_.name()));
    else emit chosen(text(reader_.ukey()));
}

void ReaderCard::mouseReleaseEvent(QMouseEvent* event) {
    if (rect().contains(event->pos())) act();
}

void ReaderCard::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space;
    if (enter && can_act()) act();
    else QWidget::keyPressEvent(event);
}

void ReaderCard::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Look look = look_of(reader_);
    const QPalette palette = parentWidget()->palette();
    const bool strong = hasFocus() || !mark_.isEmpty();
    p.setPen(QPen(palette.color(strong ? QPalette::Highlight : QPalette::Mid), strong ? 2 : 1));
    if (picking_ && !can_act()) p.setOpacity(kOutOfPlay);
    p.setBrush(parts::ground(Tone::plain, palette));
    p.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);

    // The reader's mouth at the left, and the stick in it.
    const QRectF mouth(12, 20, 14, 52);
    p.setPen(Qt::NoPen);
    p.setBrush(palette.color(QPalette::Mid));
    p.drawRoundedRect(mouth, 3, 3);
    if (look.present) {
        const QColor stick = parts::colour(look.tone == Tone::plain ? Tone::muted : look.tone, palette);
        p.setBrush(palette.color(QPalette::Dark));
        p.drawRect(QRectF(22, 37, 12, 18));
        p.setBrush(stick);
        p.drawRoundedRect(QRectF(33, 31, 34, 30), 5, 5);
        p.setBrush(parts::ground(Tone::plain, palette));
        p.drawEllipse(QPointF(58, 46), 3.4, 3.4);
    } else {
        p.setPen(QPen(palette.color(QPalette::Mid), 1.4, Qt::DashLine));
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(QRectF(33, 31, 34, 30), 5, 5);
    }

    const int left = 78;
    const int across = width() - left - 10;
    const auto write = [&](int y, const QString& words, const QColor& colour, bool bold) {
        QFont f = font();
        f.setBold(bold);
        p.setFont(f);
        p.setPen(colour);
        p.drawText(QRect(left, y, across, 20), Qt::AlignVCenter | Qt::AlignLeft, QFontMetrics(f).elidedText(words, Qt::ElideRight, across));
    };
    write(6, text(reader_.name()), parts::colour(Tone::muted, palette), false);
    write(26, look.brief.isEmpty() ? look.title : look.brief, palette.color(QPalette::Text), true);
    write(46, look.second, palette.color(QPalette::Text), false);
    if (mark_.isEmpty()) write(66, look.third, parts::colour(look.tone, palette), false);
    else write(66, mark_, palette.color(QPalette::Link), true);
}

ReadersView::ReadersView(QWidget* parent) : QWidget(parent) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

int ReadersView::columns(int width) const { return std::max(1, (width + kGap) / (kNarrowest + kGap)); }

int ReadersView::heightForWidth(int width) const {
    const int n = static_cast<int>(cards_.size());
    const int rows = (n + columns(width) - 1) / columns(width);
    return rows == 0 ? 0 : rows * (kHeight + kGap) - kGap;
}

QSize ReadersView::sizeHint() const { return {kNarrowest * 3 + kGap * 2, heightForWidth(width())}; }

void ReadersView::show_readers(const google::protobuf::RepeatedPtrField<link::pb::ReaderStatus>& readers) {
    const std::size_t n = std::min(static_cast<std::size_t>(readers.size()), kMost);
    const bool other = n != cards_.size();
    while (cards_.size() > n) {
        delete cards_.back();
        cards_.pop_back();
    }
    while (cards_.size() < n) {
        cards_.push_back(new ReaderCard(this));
        connect(cards_.back(), &ReaderCard::chosen, this, &ReadersView::chosen);
        connect(cards_.back(), &ReaderCard::picked, this, &ReadersView::picked);
        cards_.back()->show();
    }
    names_.clear();
    for (std::size_t i = 0; i < n; ++i) {
        names_.push_back(text(readers[static_cast<int>(i)].name()));
        cards_[i]->setObjectName(QStringLiteral("reader_") + names_.back());
        cards_[i]->show_reader(readers[static_cast<int>(i)]);
    }
    mark();
    if (!other) return;
    lay_out();
    updateGeometry();
}

void ReadersView::let_pick(std::map<QString, QString> marks) {
    picking_ = true;
    marks_ = std::move(marks);
    mark();
}

void ReadersView::mark() {
    if (!picking_) return;
    for (std::size_t i = 0; i < cards_.size(); ++i) {
        const auto at = marks_.find(names_[i]);
        cards_[i]->let_pick(at == marks_.end() ? QString() : at->second);
    }
}

void ReadersView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    lay_out();
}

void ReadersView::lay_out() {
    const int across = columns(width());
    setMinimumHeight(heightForWidth(width()));
    const int each = std::min(kWidest, (width() + kGap) / across - kGap);
    for (int i = 0; i < static_cast<int>(cards_.size()); ++i) cards_[static_cast<std::size_t>(i)]->setGeometry((i % across) * (each + kGap), (i / across) * (kHeight + kGap), each, kHeight);
}

}  // namespace ui::home

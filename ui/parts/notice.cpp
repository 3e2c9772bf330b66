#include "ui/parts/notice.h"

#include <QDialog>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/parts/icon.h"
#include "ui/parts/words.h"

namespace ui::parts {
namespace {

constexpr int kPicture = 22;
constexpr int kLeft = 14;

bool has_picture(Tone tone) noexcept { return tone == Tone::good || tone == Tone::bad || tone == Tone::attention; }

}  // namespace

Notice::Notice(QWidget* parent) : QFrame(parent), title_(new QLabel(this)), text_(new QLabel(this)), line_(new QLabel(this)), action_(new QPushButton(this)) {
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    for (QLabel* label : {title_, text_, line_}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setTextFormat(Qt::PlainText);
        texts->addWidget(label);
    }
    QFont bold = title_->font();
    bold.setBold(true);
    title_->setFont(bold);
    set_tone(*line_, Tone::muted);
    auto* row = new QHBoxLayout(this);
    row->addLayout(texts, 1);
    row->addWidget(action_, 0, Qt::AlignVCenter);
    action_->setObjectName(QStringLiteral("action"));
    action_->hide();
    connect(action_, &QPushButton::clicked, this, &Notice::acted);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum);
    hide();
}

void Notice::say(Tone tone, const QString& title, const QString& text, const QString& line) {
    tone_ = tone;
    layout()->setContentsMargins(has_picture(tone) ? kLeft * 2 + kPicture : kLeft, 10, 12, 10);
    set_tone(*title_, tone);
    title_->setText(title);
    title_->setVisible(!title.isEmpty());
    text_->setText(text);
    text_->setVisible(!text.isEmpty());
    line_->setText(line);
    line_->setVisible(!line.isEmpty());
    setVisible(!title.isEmpty() || !text.isEmpty());
    setAccessibleName(title.isEmpty() ? text : title);
    setAccessibleDescription(text + QLatin1Char(' ') + line);
    update();
    // Text that is broken into more lines makes a dialog taller; it does not find that by itself.
    if (auto* dialog = qobject_cast<QDialog*>(window()); dialog != nullptr && dialog->layout() != nullptr)
        QTimer::singleShot(0, dialog, [dialog] {
            QLayout* layout = dialog->layout();
            layout->activate();
            const int height = layout->hasHeightForWidth() ? layout->totalHeightForWidth(dialog->width()) : layout->totalMinimumSize().height();
            if (height > dialog->height()) dialog->resize(dialog->width(), height);
        });
}

void Notice::say(const base::Error& error) {
    const Explained e = explain(error);
    say(error.code == base::Code::cancelled ? Tone::muted : Tone::bad, e.meaning, e.advice, e.line);
}

void Notice::offer(const QString& action) {
    action_->setText(action);
    action_->setVisible(!action.isEmpty());
}

void Notice::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPalette around = parentWidget() != nullptr ? parentWidget()->palette() : palette();
    QPainterPath shape;
    shape.addRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.fillPath(shape, ground(tone_, around));
    painter.translate(kLeft, std::min(12, (height() - kPicture) / 2));
    const Picture picture = tone_ == Tone::good ? Picture::good : tone_ == Tone::bad ? Picture::bad : Picture::warning;
    if (has_picture(tone_)) draw(painter, picture, kPicture, colour(tone_, around));
}

}  // namespace ui::parts

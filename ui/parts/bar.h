#pragma once
#include <QWidget>

#include "ui/parts/theme.h"

class QPainter;

namespace ui::parts {

/// Of how much of a cap is used (1: all): who stands before a full one, or nearly, is told so.
Tone tone_of_cap(double part);
/// A bar of which `part` (0 to 1) is filled.
void draw_bar(QPainter& painter, const QRectF& place, double part, Tone tone, const QPalette& palette);
/// "2 of 3" as dots: `have` filled of `needed`; what goes beyond is not drawn.
void draw_dots(QPainter& painter, const QRectF& place, int have, int needed, Tone tone, const QPalette& palette);
/// How wide draw_dots is in a place of this height.
double dots_width(double height, int needed);

/// How much of a whole is reached, with words over it.
class Bar : public QWidget {
    Q_OBJECT
public:
    explicit Bar(QWidget* parent);
    /// `name`: what it is of; `words`: how far it is, beside the name.
    void set(const QString& name, double part, const QString& words, Tone tone = Tone::plain);
    double part() const noexcept { return part_; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString name_;
    QString words_;
    double part_ = 0;
    Tone tone_ = Tone::plain;
};

/// "K of N" drawn.
class Dots : public QWidget {
    Q_OBJECT
public:
    explicit Dots(QWidget* parent);
    void set(int have, int needed, Tone tone, const QString& words);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int have_ = 0;
    int needed_ = 0;
    Tone tone_ = Tone::plain;
};

}  // namespace ui::parts

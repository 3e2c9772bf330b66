#pragma once
#include <QFrame>
#include <QLabel>

#include <vector>

#include "ui/parts/theme.h"

class QGridLayout;
class QVBoxLayout;

namespace ui::parts {

/// A framed part of a page with a heading, into whose column() things go.
class Card : public QFrame {
    Q_OBJECT
public:
    Card(const QString& title, QWidget* parent);
    QVBoxLayout* column() const noexcept { return column_; }
    void set_title(const QString& title);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QLabel* title_;
    QVBoxLayout* column_;
};

/// Names and values under each other. A value that is empty takes its line away.
class Figures : public QWidget {
    Q_OBJECT
public:
    explicit Figures(QWidget* parent);
    /// In the order of the first calls.
    void set(const QString& name, const QString& value, Tone tone = Tone::plain);
    QString value(const QString& name) const;
    void clear();

private:
    struct Line {
        QString name;
        QLabel* label;
        QLabel* value;
    };
    QGridLayout* grid_;
    std::vector<Line> lines_;
};

}  // namespace ui::parts

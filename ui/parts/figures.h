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
    /// The line that set() has made for this name is another from now on; or it is made. In the order of the first calls. For names that stand in the program.
    void set(const QString& name, const QString& value, Tone tone = Tone::plain);
    /// A line of its own, whatever stands there already: for names that come from people or from the service, of which two may be alike.
    void add(const QString& name, const QString& value, Tone tone = Tone::plain);
    /// What set() has shown for this name.
    QString value(const QString& name) const;
    void clear();

private:
    struct Line {
        QString name;  ///< null: of add()
        QLabel* label;
        QLabel* value;
    };
    Line& make(const QString& key, const QString& name);
    static void show(const Line& line, const QString& value, Tone tone);
    QGridLayout* grid_;
    std::vector<Line> lines_;
};

}  // namespace ui::parts

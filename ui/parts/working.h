#pragma once
#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace ui::parts {

/// What takes a while: what is being done, how far it is, and Cancel. Hidden while nothing is.
class Working : public QWidget {
    Q_OBJECT
public:
    explicit Working(QWidget* parent);
    /// `of` 0: nobody knows how much it is.
    void say(const QString& what, quint64 done = 0, quint64 of = 0);
    void end();

signals:
    void cancelled();

private:
    QLabel* what_;
    QProgressBar* bar_;
    QPushButton* cancel_;
};

}  // namespace ui::parts

#pragma once
#include <QWidget>

class QLabel;
class QPushButton;

namespace ui::window {

/// Stands in front of everything while nobody is at the window.
class LockScreen : public QWidget {
    Q_OBJECT
public:
    explicit LockScreen(QWidget* parent);
    void say(const QString& why);

signals:
    void go_on();

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void draw();
    QLabel* picture_;
    QLabel* why_;
    QPushButton* go_on_;
};

}  // namespace ui::window

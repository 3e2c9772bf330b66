#pragma once
#include <QLabel>
#include <vector>

class QAbstractButton;

namespace ui::parts {

/// Offers what a button does, or says why not: where `why_not` is empty it is enabled, else disabled, with the reason as its tooltip and as what screen readers say of it. `tip`: its tooltip while it is offered.
/// A disabled button takes no focus, and a tooltip needs a mouse: where there is room, Reasons show the same for everybody.
void offer(QAbstractButton& button, const QString& why_not, const QString& tip = {});

/// Why buttons are not offered, a line for each reason: "Rotate: plug in the master-control UKEY". Hidden while all are. It follows by itself; buttons that are hidden are left out.
class Reasons : public QLabel {
    Q_OBJECT
public:
    /// Of buttons that offer() is called for. They may go before this.
    Reasons(const std::vector<QAbstractButton*>& buttons, QWidget* parent);
    void watch(QAbstractButton& button);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void look();
    std::vector<QAbstractButton*> buttons_;
};

}  // namespace ui::parts

#pragma once
#include <QWidget>

class QLabel;
class QToolButton;

namespace ui::review {

/// The trust anchor that a log is held against: the certificate that the auditor has from the ceremony. Its place is remembered.
class TrustRow : public QWidget {
    Q_OBJECT
public:
    explicit TrustRow(QWidget* parent);
    /// Options for kmpctl audit report and kmp-audit verify.
    static QStringList options();

signals:
    /// Another is chosen, or none any more; here or on another row.
    void changed();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void look();
    void choose();
    QLabel* file_;
    QToolButton* choose_;
    QToolButton* forget_;
};

}  // namespace ui::review

#pragma once
#include <QWidget>
#include <optional>

#include "qr/qr.h"

namespace ui::review {

/// A QR code, drawn black on white also in the dark: cameras want it so.
class QrView : public QWidget {
    Q_OBJECT
public:
    explicit QrView(QWidget* parent);
    /// Empty: none.
    void show_text(const std::string& text);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int modules() const;
    std::optional<qr::Matrix> matrix_;
};

}  // namespace ui::review

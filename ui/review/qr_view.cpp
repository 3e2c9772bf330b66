#include "ui/review/qr_view.h"

#include <QPainter>

namespace ui::review {
namespace {

constexpr int kModule = 4;  // pixels

}  // namespace

QrView::QrView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("The checkpoint as a QR code"));
}

void QrView::show_text(const std::string& text) {
    matrix_.reset();
    if (!text.empty())
        if (auto made = qr::encode(text)) matrix_ = std::move(*made);
    setVisible(matrix_.has_value());
    updateGeometry();
    update();
}

int QrView::modules() const { return matrix_ ? static_cast<int>(matrix_->side() + 2 * qr::kQuietZone) : 0; }

QSize QrView::sizeHint() const { return QSize(1, 1) * (modules() * kModule); }

void QrView::paintEvent(QPaintEvent*) {
    if (!matrix_) return;
    QPainter p(this);
    p.fillRect(rect(), Qt::white);
    const int module = std::min(width(), height()) / modules();
    const int quiet = static_cast<int>(qr::kQuietZone);
    for (int y = 0; y < static_cast<int>(matrix_->side()); ++y)
        for (int x = 0; x < static_cast<int>(matrix_->side()); ++x)
            if (matrix_->dark(x, y)) p.fillRect((x + quiet) * module, (y + quiet) * module, module, module, Qt::black);
}

}  // namespace ui::review

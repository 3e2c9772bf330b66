#include "ui/review/printing.h"

#include <QPrinter>
#include <QtConcurrent>

#include "ui/link/after.h"

namespace ui::review {
namespace {

constexpr int kFinest = 600;  // dots per inch: a page of A4 takes some 130 MB at it, and no eye sees more

}  // namespace

Printing::Printing(std::shared_ptr<const Paper> paper, QPrinter& printer, QObject* parent) : QObject(parent), paper_(std::move(paper)), printer_(printer) {}

void Printing::start() {
    page_ = printer_.fromPage() > 0 ? printer_.fromPage() - 1 : 0;
    last_ = printer_.toPage() > 0 ? std::min(printer_.toPage(), paper_->pages()) - 1 : paper_->pages() - 1;
    printer_.setFullPage(true);
    if (page_ > last_ || !painter_.begin(&printer_)) return end(false);
    next();
}

void Printing::cancel() { cancelled_ = true; }

void Printing::next() {
    emit progressed(page_ + 1, last_ + 1);
    const int dots = std::min(printer_.resolution(), kFinest);
    link::after(QtConcurrent::run([paper = paper_, page = page_, dots] { return paper->draw(page, dots); }), this, [this](const QImage& image) { put(image); });
}

void Printing::put(const QImage& image) {
    if (cancelled_ || image.isNull()) {
        printer_.abort();
        return end(false);
    }
    // As large as it is drawn to be; smaller only where the sheet is.
    const QRectF sheet = printer_.paperRect(QPrinter::DevicePixel);
    const QSizeF real = paper_->size(page_) / 72.0 * printer_.resolution();
    const QSizeF fitting = real.width() > sheet.width() || real.height() > sheet.height() ? real.scaled(sheet.size(), Qt::KeepAspectRatio) : real;
    painter_.drawImage(QRectF(QPointF((sheet.width() - fitting.width()) / 2, (sheet.height() - fitting.height()) / 2), fitting), image);
    if (page_ == last_) return end(true);
    ++page_;
    if (!printer_.newPage()) return end(false);
    next();
}

void Printing::end(bool printed) {
    if (painter_.isActive()) painter_.end();
    emit over(printed);
    deleteLater();
}

}  // namespace ui::review

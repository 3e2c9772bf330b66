#include "ui/review/pdf_view.h"

#include <poppler-qt6.h>

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>
#include <QtConcurrent>
#include <mutex>

#include "ui/link/after.h"
#include "ui/parts/theme.h"

namespace ui::review {
namespace {

constexpr double kLeastZoom = 0.4;
constexpr double kMostZoom = 3;
constexpr double kStep = 1.25;
constexpr double kWidestPoints = 820;  ///< at zoom 1 a page grows no wider: lines that long are hard to read
constexpr double kPointsPerInch = 72;

}  // namespace

struct Paper::Inside {
    mutable std::mutex mutex;
    std::unique_ptr<Poppler::Document> document;
};

Paper::Paper(QByteArray pdf) : bytes_(std::move(pdf)), inside_(std::make_unique<Inside>()) {
    inside_->document = Poppler::Document::loadFromData(bytes_);
    if (!inside_->document || inside_->document->isLocked()) return;
    inside_->document->setRenderHint(Poppler::Document::Antialiasing);
    inside_->document->setRenderHint(Poppler::Document::TextAntialiasing);
    pages_ = inside_->document->numPages();
}

Paper::~Paper() = default;

QSizeF Paper::size(int page) const {
    const std::lock_guard lock(inside_->mutex);
    const auto p = inside_->document->page(page);
    return p ? p->pageSizeF() : QSizeF();
}

QImage Paper::draw(int page, double dots_per_inch) const {
    const std::lock_guard lock(inside_->mutex);
    const auto p = inside_->document->page(page);
    return p ? p->renderToImage(dots_per_inch, dots_per_inch) : QImage();
}

QString Paper::text(int page) const {
    const std::lock_guard lock(inside_->mutex);
    const auto p = inside_->document->page(page);
    return p ? p->text(QRectF()) : QString();
}

PdfView::PdfView(QWidget* parent)
    : QWidget(parent), scroll_(new QScrollArea(this)), sheet_(new QLabel(scroll_)), bar_(new QWidget(this)), previous_(new QToolButton(bar_)), next_(new QToolButton(bar_)), smaller_(new QToolButton(bar_)), larger_(new QToolButton(bar_)), where_(new QLabel(bar_)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    auto* row = new QHBoxLayout(bar_);
    row->setContentsMargins(0, 0, 0, 0);
    const auto add = [row](QToolButton* button, const QString& text, const QString& name, const QString& tip) {
        button->setText(text);
        button->setObjectName(name);
        button->setToolTip(tip);
        button->setAccessibleName(tip);
        button->setAutoRaise(true);
        row->addWidget(button);
    };
    add(previous_, QStringLiteral("‹"), QStringLiteral("previous_page"), tr("Page before (Page Up)"));
    row->addWidget(where_);
    add(next_, QStringLiteral("›"), QStringLiteral("next_page"), tr("Next page (Page Down)"));
    row->addStretch(1);
    add(smaller_, QStringLiteral("−"), QStringLiteral("smaller"), tr("Smaller (Ctrl+-)"));
    add(larger_, QStringLiteral("+"), QStringLiteral("larger"), tr("Larger (Ctrl++)"));
    connect(previous_, &QToolButton::clicked, this, [this] { turn_to(page_ - 1); });
    connect(next_, &QToolButton::clicked, this, [this] { turn_to(page_ + 1); });
    connect(smaller_, &QToolButton::clicked, this, [this] { zoom(1 / kStep); });
    connect(larger_, &QToolButton::clicked, this, [this] { zoom(kStep); });
    where_->setObjectName(QStringLiteral("page_number"));
    sheet_->setObjectName(QStringLiteral("sheet"));
    sheet_->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    scroll_->setWidget(sheet_);
    scroll_->setWidgetResizable(true);
    scroll_->setAlignment(Qt::AlignHCenter);
    scroll_->setBackgroundRole(QPalette::Mid);
    scroll_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);  // or its coming would change the width, and that its coming
    scroll_->installEventFilter(this);
    scroll_->viewport()->installEventFilter(this);
    setFocusProxy(scroll_);
    column->addWidget(bar_);
    column->addWidget(scroll_, 1);
    clear();
}

void PdfView::show_paper(std::shared_ptr<const Paper> paper) {
    paper_ = std::move(paper);
    page_ = 0;
    ++drawing_;
    sheet_->setPixmap({});
    bar_->setVisible(paper_ != nullptr);
    if (paper_) turn_to(0);
}

void PdfView::turn_to(int page) {
    if (!paper_ || page < 0 || page >= paper_->pages()) return;
    page_ = page;
    where_->setText(tr("Page %1 of %2").arg(page + 1).arg(paper_->pages()));
    previous_->setEnabled(page > 0);
    next_->setEnabled(page + 1 < paper_->pages());
    scroll_->verticalScrollBar()->setValue(0);
    draw();
}

void PdfView::zoom(double by) {
    zoom_ = std::clamp(zoom_ * by, kLeastZoom, kMostZoom);
    smaller_->setEnabled(zoom_ > kLeastZoom);
    larger_->setEnabled(zoom_ < kMostZoom);
    draw();
}

void PdfView::draw() {
    if (!paper_) return;
    const double room = std::min<double>(scroll_->viewport()->width() - 16, kWidestPoints) * zoom_;
    const double dots = devicePixelRatioF();
    const int order = ++drawing_;
    drawn_for_ = scroll_->viewport()->width();
    struct Drawn {
        QImage image;
        QString text;
    };
    link::after(QtConcurrent::run([paper = paper_, page = page_, room, dots] {
        const double width = std::max(1.0, paper->size(page).width());
        return Drawn{paper->draw(page, room * dots / width * kPointsPerInch), paper->text(page)};
    }), this, [this, order, dots](Drawn drawn) {
        if (order != drawing_) return;  // a newer one is under way
        drawn.image.setDevicePixelRatio(dots);
        sheet_->setAccessibleName(where_->text());
        sheet_->setAccessibleDescription(drawn.text);
        place(drawn.image);
        emit shown(page_);
    });
}

void PdfView::place(const QImage& image) {
    sheet_->setPixmap(QPixmap::fromImage(image));
    sheet_->setMinimumSize(image.deviceIndependentSize().toSize() + QSize(0, 8));
}

void PdfView::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_PageDown) turn_to(page_ + 1);
    else if (event->key() == Qt::Key_PageUp) turn_to(page_ - 1);
    else if (event->matches(QKeySequence::ZoomIn)) zoom(kStep);
    else if (event->matches(QKeySequence::ZoomOut)) zoom(1 / kStep);
    else QWidget::keyPressEvent(event);
}

bool PdfView::eventFilter(QObject* object, QEvent* event) {
    // Page keys turn pages; arrows go on scrolling within one.
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_PageDown || key == Qt::Key_PageUp) {
            keyPressEvent(static_cast<QKeyEvent*>(event));
            return true;
        }
    }
    if (event->type() == QEvent::Resize && object == scroll_->viewport() && scroll_->viewport()->width() != drawn_for_) draw();
    return QWidget::eventFilter(object, event);
}

}  // namespace ui::review

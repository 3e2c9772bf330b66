#pragma once
#include <QImage>
#include <QWidget>
#include <memory>

class QLabel;
class QScrollArea;
class QToolButton;

namespace Poppler {
class Document;
}

namespace ui::review {

/// A PDF that lies in memory. What draws it may do so on any thread, one at a time.
class Paper {
public:
    explicit Paper(QByteArray pdf);
    ~Paper();
    bool is_good() const noexcept { return pages_ > 0; }
    int pages() const noexcept { return pages_; }
    const QByteArray& bytes() const noexcept { return bytes_; }
    /// In points.
    QSizeF size(int page) const;
    QImage draw(int page, double dots_per_inch) const;
    QString text(int page) const;

private:
    struct Inside;
    QByteArray bytes_;
    std::unique_ptr<Inside> inside_;
    int pages_ = 0;
};

/// Shows a paper page by page, as wide as there is room or larger. Paper is white in the dark too.
class PdfView : public QWidget {
    Q_OBJECT
public:
    explicit PdfView(QWidget* parent);
    void show_paper(std::shared_ptr<const Paper> paper);
    const std::shared_ptr<const Paper>& paper() const noexcept { return paper_; }
    void clear() { show_paper({}); }
    int page() const noexcept { return page_; }

signals:
    /// A page is in sight.
    void shown(int page);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void turn_to(int page);
    void zoom(double by);
    void draw();
    void place(const QImage& image);

    std::shared_ptr<const Paper> paper_;
    int page_ = 0;
    double zoom_ = 1;  ///< of the width that there is
    int drawing_ = 0;  ///< number of the newest order
    int drawn_for_ = 0;  ///< width of the room that it was for
    QScrollArea* scroll_;
    QLabel* sheet_;
    QWidget* bar_;
    QToolButton* previous_;
    QToolButton* next_;
    QToolButton* smaller_;
    QToolButton* larger_;
    QLabel* where_;
};

}  // namespace ui::review

#pragma once
#include <QObject>
#include <QPainter>
#include <memory>

#include "ui/review/pdf_view.h"

class QPrinter;

namespace ui::review {

/// One paper on its way to a printer: page by page, drawn on another thread at the printer's resolution. It deletes itself when it is over.
class Printing : public QObject {
    Q_OBJECT
public:
    /// The printer lives at least as long as this.
    Printing(std::shared_ptr<const Paper> paper, QPrinter& printer, QObject* parent);
    void start();
    void cancel();

signals:
    void progressed(int page, int of);
    void over(bool printed);

private:
    void next();
    void put(const QImage& image);
    void end(bool printed);

    std::shared_ptr<const Paper> paper_;
    QPrinter& printer_;
    QPainter painter_;
    int page_ = 0;
    int last_ = 0;
    bool cancelled_ = false;
};

}  // namespace ui::review

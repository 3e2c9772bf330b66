#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "qr/qr.h"

typedef struct _cairo cairo_t;
typedef struct _cairo_surface cairo_surface_t;
typedef struct _PangoLayout PangoLayout;

namespace report {

/// A4 in points, as PDF counts.
inline constexpr double kPageWidth = 595.28, kPageHeight = 841.89;
inline constexpr double kMargin = 42, kFooter = 30;
inline constexpr double kWidth = kPageWidth - 2 * kMargin;          ///< for content
inline constexpr double kBottom = kPageHeight - kMargin - kFooter;  ///< where content ends

struct Style {
    double size = 8.5;
    bool bold = false;
    bool mono = false;
    double grey = 0;  ///< 0 black, 1 white
    enum class Align { left, right, centre } align = Align::left;
};

/// Pages of a PDF. Thread: one at a time, as fontconfig wants it.
class Canvas {
public:
    /// `title` and `made` stand in the document's properties. io_failed: it cannot be made.
    static base::Result<Canvas> make(const std::string& title, base::Millis made);
    Canvas(Canvas&&) noexcept;
    ~Canvas();

    /// Text in a column, broken where it is wider; returns its height. Bytes that are no UTF-8 become '?'.
    double text(double x, double y, double width, std::string_view text, const Style& style);
    double height(double width, std::string_view text, const Style& style);
    void line(double x1, double y, double x2, double thickness, double grey = 0);
    void frame(double x, double y, double width, double height, double thickness);
    void fill(double x, double y, double width, double height, double grey);
    /// With its quiet zone, `side` points wide.
    void symbol(double x, double y, double side, const qr::Matrix& matrix);
    void end_page();
    /// The document. io_failed
    base::Result<base::Bytes> finish();

private:
    Canvas() = default;
    void lay_out(double width, std::string_view text, const Style& style);
    struct Surface;
    std::unique_ptr<base::Bytes> out_;
    std::unique_ptr<Surface> surface_;
};

}  // namespace report

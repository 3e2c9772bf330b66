#include "report/canvas.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "audit/text.h"
#include "model/serial.h"

namespace report {
namespace {

// Latin, and Chinese names of holders and utilities.
constexpr const char* kFaces = "DejaVu Sans, WenQuanYi Micro Hei, sans-serif";
constexpr const char* kMonoFaces = "DejaVu Sans Mono, WenQuanYi Micro Hei Mono, monospace";
constexpr std::size_t kLongestText = 4096;

struct Free {
    void operator()(cairo_surface_t* p) const { cairo_surface_destroy(p); }
    void operator()(cairo_t* p) const { cairo_destroy(p); }
    void operator()(PangoLayout* p) const { g_object_unref(p); }
    void operator()(PangoAttrList* p) const { pango_attr_list_unref(p); }
    void operator()(PangoFontDescription* p) const { pango_font_description_free(p); }
};

cairo_status_t collect(void* to, const unsigned char* data, unsigned int size) {
    auto& out = *static_cast<base::Bytes*>(to);
    out.insert(out.end(), data, data + size);
    return CAIRO_STATUS_SUCCESS;
}

}  // namespace

struct Canvas::Surface {
    std::unique_ptr<cairo_surface_t, Free> pdf;
    std::unique_ptr<cairo_t, Free> cairo;
    std::unique_ptr<PangoLayout, Free> layout;
};

Canvas::Canvas(Canvas&&) noexcept = default;
Canvas::~Canvas() = default;

base::Result<Canvas> Canvas::make(const std::string& title, base::Millis made) {
    Canvas out;
    out.out_ = std::make_unique<base::Bytes>();
    out.surface_ = std::make_unique<Surface>();
    Surface& s = *out.surface_;
    s.pdf.reset(cairo_pdf_surface_create_for_stream(collect, out.out_.get(), kPageWidth, kPageHeight));
    const std::string when = base::to_rfc3339(made).substr(0, 19) + "Z";
    cairo_pdf_surface_set_metadata(s.pdf.get(), CAIRO_PDF_METADATA_TITLE, audit::clean_text(title, kLongestText).c_str());
    cairo_pdf_surface_set_metadata(s.pdf.get(), CAIRO_PDF_METADATA_CREATE_DATE, when.c_str());
    s.cairo.reset(cairo_create(s.pdf.get()));
    s.layout.reset(pango_cairo_create_layout(s.cairo.get()));
    if (cairo_status(s.cairo.get()) != CAIRO_STATUS_SUCCESS) return {base::Code::io_failed, std::string("cannot draw: ") + cairo_status_to_string(cairo_status(s.cairo.get()))};
    return out;
}

void Canvas::lay_out(double width, std::string_view text, const Style& style) {
    PangoLayout* layout = surface_->layout.get();
    const std::unique_ptr<PangoFontDescription, Free> font(pango_font_description_new());
    pango_font_description_set_family_static(font.get(), style.mono ? kMonoFaces : kFaces);
    pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
    pango_font_description_set_weight(font.get(), style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font.get());
    pango_layout_set_width(layout, static_cast<int>(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, style.align == Style::Align::right ? PANGO_ALIGN_RIGHT : style.align == Style::Align::centre ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT);
    const std::string clean = audit::clean_text(text, kLongestText);
    pango_layout_set_text(layout, clean.data(), static_cast<int>(clean.size()));
    const std::unique_ptr<PangoAttrList, Free> attributes(pango_attr_list_new());
    // A hyphen that nobody wrote would be read as part of a key or a signature.
    pango_attr_list_insert(attributes.get(), pango_attr_insert_hyphens_new(FALSE));
    // Of letters that were moved apart, readers of the file make two words: a serial must be found, and copied, as it stands.
    pango_attr_list_insert(attributes.get(), pango_attr_font_features_new("kern=0"));
    // Nobody finds a serial on paper where a line ends behind its hyphen.
    for (std::size_t at = 0; at + model::kSerialSize <= clean.size(); ++at) {
        if (!model::is_serial(std::string_view(clean).substr(at, model::kSerialSize))) continue;
        PangoAttribute* whole = pango_attr_allow_breaks_new(FALSE);
        whole->start_index = static_cast<guint>(at);
        whole->end_index = static_cast<guint>(at + model::kSerialSize);
        pango_attr_list_insert(attributes.get(), whole);
    }
    pango_layout_set_attributes(layout, attributes.get());
}

double Canvas::height(double width, std::string_view text, const Style& style) {
    lay_out(width, text, style);
    int wide = 0, high = 0;
    pango_layout_get_size(surface_->layout.get(), &wide, &high);
    return static_cast<double>(high) / PANGO_SCALE;
}

double Canvas::text(double x, double y, double width, std::string_view text, const Style& style) {
    const double high = height(width, text, style);
    cairo_t* c = surface_->cairo.get();
    cairo_set_source_rgb(c, style.grey, style.grey, style.grey);
    cairo_move_to(c, x, y);
    pango_cairo_show_layout(c, surface_->layout.get());
    return high;
}

void Canvas::line(double x1, double y, double x2, double thickness, double grey) {
    cairo_t* c = surface_->cairo.get();
    cairo_set_source_rgb(c, grey, grey, grey);
    cairo_set_line_width(c, thickness);
    cairo_move_to(c, x1, y);
    cairo_line_to(c, x2, y);
    cairo_stroke(c);
}

void Canvas::frame(double x, double y, double width, double height, double thickness) {
    cairo_t* c = surface_->cairo.get();
    cairo_set_source_rgb(c, 0, 0, 0);
    cairo_set_line_width(c, thickness);
    cairo_rectangle(c, x, y, width, height);
    cairo_stroke(c);
}

void Canvas::fill(double x, double y, double width, double height, double grey) {
    cairo_t* c = surface_->cairo.get();
    cairo_set_source_rgb(c, grey, grey, grey);
    cairo_rectangle(c, x, y, width, height);
    cairo_fill(c);
}

void Canvas::symbol(double x, double y, double side, const qr::Matrix& matrix) {
    cairo_t* c = surface_->cairo.get();
    const double module = side / (matrix.side() + 2 * qr::kQuietZone);
    fill(x, y, side, side, 1);
    cairo_set_source_rgb(c, 0, 0, 0);
    // One path: neighbours meet without a seam.
    const int n = static_cast<int>(matrix.side());
    for (int row = 0; row < n; ++row)
        for (int column = 0; column < n; ++column)
            if (matrix.dark(column, row)) cairo_rectangle(c, x + (column + static_cast<int>(qr::kQuietZone)) * module, y + (row + static_cast<int>(qr::kQuietZone)) * module, module, module);
    cairo_fill(c);
}

void Canvas::end_page() { cairo_show_page(surface_->cairo.get()); }

base::Result<base::Bytes> Canvas::finish() {
    cairo_surface_finish(surface_->pdf.get());
    const cairo_status_t status = cairo_status(surface_->cairo.get());
    if (status != CAIRO_STATUS_SUCCESS) return {base::Code::io_failed, std::string("cannot draw: ") + cairo_status_to_string(status)};
    return std::move(*out_);
}

}  // namespace report

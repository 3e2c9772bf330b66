#include "qr/qr.h"

#include <png.h>
#include <qrencode.h>

#include <cerrno>
#include <memory>

namespace qr {
namespace {

using base::Code;

struct Free {
    void operator()(QRcode* p) const { QRcode_free(p); }
};
using Symbol = std::unique_ptr<QRcode, Free>;

Symbol symbol_of(std::string_view content, QRecLevel level) {
    return Symbol(QRcode_encodeData(static_cast<int>(content.size()), reinterpret_cast<const unsigned char*>(content.data()), 0, level));
}

}  // namespace

bool Matrix::dark(int x, int y) const noexcept {
    const int side = static_cast<int>(side_);
    return x >= 0 && y >= 0 && x < side && y < side && dark_[static_cast<std::size_t>(y) * side_ + static_cast<std::size_t>(x)];
}

base::Result<Matrix> encode(std::string_view content) {
    if (content.empty() || content.size() > kMaxContent)
        return {Code::invalid_argument, "a QR code holds 1 to " + std::to_string(kMaxContent) + " bytes, not " + std::to_string(content.size())};
    Symbol symbol = symbol_of(content, QR_ECLEVEL_L);
    if (!symbol) return base::errno_error("cannot make a QR code of " + std::to_string(content.size()) + " bytes", errno);
    for (const QRecLevel better : {QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H}) {
        Symbol next = symbol_of(content, better);
        if (!next || next->version > symbol->version) break;
        symbol = std::move(next);
    }
    const auto side = static_cast<unsigned>(symbol->width);
    std::vector<bool> dark(static_cast<std::size_t>(side) * side);
    for (std::size_t i = 0; i < dark.size(); ++i) dark[i] = (symbol->data[i] & 1) != 0;  // qrencode.h: bit 0 is the module's colour
    return Matrix(side, std::move(dark));
}

std::string terminal(const Matrix& symbol) {
    // Of the 256 colours of xterm: 16 is black and 231 white, whatever the theme makes of the first sixteen.
    constexpr std::string_view kBegin = "\x1b[38;5;16;48;5;231m", kEnd = "\x1b[0m\n";
    constexpr std::string_view kBoth = "\xE2\x96\x88", kUpper = "\xE2\x96\x80", kLower = "\xE2\x96\x84";  // U+2588, U+2580, U+2584
    const int first = -static_cast<int>(kQuietZone), end = static_cast<int>(symbol.side() + kQuietZone);
    std::string out;
    for (int y = first; y < end; y += 2) {
        out += kBegin;
        for (int x = first; x < end; ++x) {
            const bool upper = symbol.dark(x, y), lower = symbol.dark(x, y + 1);
            out += upper && lower ? kBoth : upper ? kUpper : lower ? kLower : std::string_view(" ");
        }
        out += kEnd;
    }
    return out;
}

base::Result<base::Bytes> png(const Matrix& symbol, unsigned pixels) {
    if (pixels < 1 || pixels > 64) return {Code::invalid_argument, "a module of a QR code is 1 to 64 pixels wide, not " + std::to_string(pixels)};
    const unsigned side = (symbol.side() + 2 * kQuietZone) * pixels;
    base::Bytes grey(static_cast<std::size_t>(side) * side);
    for (unsigned y = 0; y < side; ++y)
        for (unsigned x = 0; x < side; ++x) {
            const int column = static_cast<int>(x / pixels) - static_cast<int>(kQuietZone), row = static_cast<int>(y / pixels) - static_cast<int>(kQuietZone);
            grey[static_cast<std::size_t>(y) * side + x] = symbol.dark(column, row) ? 0x00 : 0xff;
        }
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = side;
    image.height = side;
    image.format = PNG_FORMAT_GRAY;
    base::Bytes out(PNG_IMAGE_PNG_SIZE_MAX(image));
    png_alloc_size_t size = out.size();
    if (png_image_write_to_memory(&image, out.data(), &size, 0, grey.data(), 0, nullptr) == 0)
        return {Code::io_failed, std::string("cannot draw a QR code: ") + image.message};
    out.resize(size);
    return out;
}

}  // namespace qr

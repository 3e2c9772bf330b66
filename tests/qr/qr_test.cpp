#include "qr/qr.h"

#include <gtest/gtest.h>
#include <png.h>
#include <zbar.h>

#include "base/bytes.h"

namespace {

using base::Bytes;
using base::Code;

/// A checkpoint of 330 bytes with two signatures, as C2SP tlog-cosignature shows one.
constexpr std::string_view kNote =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\xE2\x80\x94 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\xE2\x80\x94 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

/// What zbar, which shares no code with what drew it, reads in a grey picture; empty: nothing.
std::string scan(const Bytes& grey, unsigned width, unsigned height) {
    zbar::ImageScanner scanner;
    scanner.set_config(zbar::ZBAR_NONE, zbar::ZBAR_CFG_ENABLE, 0);
    scanner.set_config(zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
    zbar::Image image(width, height, "Y800", grey.data(), grey.size());
    if (scanner.scan(image) != 1) return {};
    return image.symbol_begin()->get_data();
}

struct Picture {
    Bytes grey;
    unsigned width = 0, height = 0;
};
Picture read_png(const Bytes& file) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    EXPECT_NE(png_image_begin_read_from_memory(&image, file.data(), file.size()), 0) << image.message;
    image.format = PNG_FORMAT_GRAY;
    Picture out{Bytes(PNG_IMAGE_SIZE(image)), image.width, image.height};
    EXPECT_NE(png_image_finish_read(&image, nullptr, out.grey.data(), 0, nullptr), 0) << image.message;
    return out;
}

/// The terminal's characters as pixels, 3 by 3 for half of one.
Picture read_terminal(const std::string& text) {
    std::vector<std::vector<bool>> rows;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        std::string line = text.substr(at, end - at);
        EXPECT_TRUE(line.starts_with("\x1b[38;5;16;48;5;231m")) << "black on white, whatever the terminal has";
        EXPECT_TRUE(line.ends_with("\x1b[0m"));
        line = line.substr(line.find('m') + 1);
        line.resize(line.size() - 4);
        std::vector<bool> upper, lower;
        while (!line.empty()) {
            const std::string one = line[0] == ' ' ? " " : line.substr(0, 3);
            upper.push_back(one == "█" || one == "▀");
            lower.push_back(one == "█" || one == "▄");
            EXPECT_TRUE(one == " " || upper.back() || lower.back()) << one;
            line.erase(0, one.size());
        }
        rows.push_back(upper);
        rows.push_back(lower);
        at = end + 1;
    }
    Picture out;
    out.width = static_cast<unsigned>(rows.at(0).size()) * 3;
    out.height = static_cast<unsigned>(rows.size()) * 3;
    for (unsigned y = 0; y < out.height; ++y)
        for (unsigned x = 0; x < out.width; ++x) out.grey.push_back(rows[y / 3].at(x / 3) ? 0x00 : 0xff);
    return out;
}

TEST(Qr, another_program_reads_what_the_picture_holds) {
    const auto symbol = qr::encode(kNote);
    ASSERT_TRUE(symbol) << symbol.error().message;
    const auto file = qr::png(*symbol, 4);
    ASSERT_TRUE(file) << file.error().message;
    const Picture picture = read_png(*file);
    EXPECT_EQ(picture.width, (symbol->side() + 8) * 4);
    EXPECT_EQ(picture.height, picture.width);
    EXPECT_EQ(scan(picture.grey, picture.width, picture.height), kNote);
}

TEST(Qr, another_program_reads_what_the_terminal_shows) {
    const auto symbol = qr::encode(kNote);
    ASSERT_TRUE(symbol) << symbol.error().message;
    const Picture picture = read_terminal(qr::terminal(*symbol));
    EXPECT_EQ(scan(picture.grey, picture.width, picture.height), kNote);
}

TEST(Qr, a_quiet_zone_of_four_modules_stands_around_it) {
    const auto symbol = qr::encode("kmp");
    ASSERT_TRUE(symbol);
    EXPECT_EQ(symbol->side(), 21u) << "ISO/IEC 18004: version 1";
    EXPECT_TRUE(symbol->dark(0, 0)) << "a finder pattern begins in the corner";
    EXPECT_FALSE(symbol->dark(-1, 0));
    EXPECT_FALSE(symbol->dark(0, 21));
    const Picture picture = read_png(*qr::png(*symbol, 1));
    for (unsigned y = 0; y < picture.height; ++y)
        for (unsigned x = 0; x < picture.width; ++x)
            if (x < 4 || y < 4 || x >= 25 || y >= 25) {
                ASSERT_EQ(picture.grey[y * picture.width + x], 0xff) << x << "," << y;
            }
}

TEST(Qr, what_does_not_fit_is_refused_and_what_just_fits_is_not) {
    EXPECT_EQ(qr::encode("").error().code, Code::invalid_argument);
    EXPECT_TRUE(qr::encode(std::string(qr::kMaxContent, 'x')));
    EXPECT_EQ(qr::encode(std::string(qr::kMaxContent + 1, 'x')).error().code, Code::invalid_argument);
    EXPECT_EQ(qr::png(*qr::encode("kmp"), 0).error().code, Code::invalid_argument);
    EXPECT_EQ(qr::png(*qr::encode("kmp"), 65).error().code, Code::invalid_argument);
}

}  // namespace

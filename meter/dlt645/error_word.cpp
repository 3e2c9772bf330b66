#include "meter/dlt645/error_word.h"

#include <array>
#include <string_view>

namespace meter::dlt645 {
namespace {

constexpr std::array<std::string_view, 8> kErrorNames{"other error",           "no such data",         "wrong password or not authorised",
                                                      "baud rate unchangeable", "too many year zones", "too many day periods",
                                                      "too many tariffs",      "reserved bit 7"};
constexpr std::array<std::string_view, 7> kSerrNames{"other error",
                                                     "repeated recharge",
                                                     "MAC or secure-element failure",
                                                     "identity authentication failed or expired",
                                                     "wrong customer number",
                                                     "wrong purchase count",
                                                     "over the hoarding limit"};

template <std::size_t N>
std::string describe(unsigned word, const std::array<std::string_view, N>& names) {
    std::string out;
    for (std::size_t bit = 0; bit < 16; ++bit) {
        if ((word >> bit & 1u) == 0) continue;
        if (!out.empty()) out += "; ";
        out += bit < N ? std::string(names[bit]) : "reserved bit " + std::to_string(bit);
    }
    return out.empty() ? "no reason given" : out;
}

}  // namespace

std::string describe_error_word(std::uint8_t word) { return describe(word, kErrorNames); }

std::string describe_serr(std::uint16_t serr) { return describe(serr, kSerrNames); }

}  // namespace meter::dlt645

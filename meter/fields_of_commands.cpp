#include "meter/fields_of_commands.h"

#include <algorithm>
#include <array>

namespace meter {
namespace {

namespace di = dlt645::di;

/// Sizes of the fields in their order; kRest is as long as what the others leave, kRepeated one or more of 36 bytes. At most one of them.
constexpr std::uint8_t kRest = 0xFF;
constexpr std::uint8_t kRepeated = 36;
using Sizes = std::array<std::uint8_t, 6>;

struct Layout {
    std::uint32_t id;
    Sizes request;
    Sizes answer;
};

constexpr Sizes kMoney{4, 4, 4, 6, 4};
constexpr Sizes kRecord{4, 4, 32};
constexpr std::array kLayouts{
    Layout{di::kIdentityAuthentication.value(), {8, 8, 8}, {4, 8}},
    Layout{di::kAuthenticationValidity.value(), {2, 4}, {}},
    Layout{di::kEndAuthentication.value(), {}, {6, 4, 4, 4}},
    Layout{di::kOpenAccount.value(), kMoney, {}},
    Layout{di::kRecharge.value(), kMoney, {}},
    Layout{di::kRefund.value(), kMoney, {}},
    Layout{di::kClearWallet.value(), kMoney, {}},
    Layout{di::kWalletInitialisation.value(), {4, 4, 4, 4}, {}},
    Layout{di::kControlKeyUpdate.value(), kRecord, {}},
    Layout{di::kParameterKeyUpdate.value(), kRecord, {}},
    Layout{di::kIdentityKeyUpdate.value(), kRecord, {}},
    Layout{di::kMasterKeyUpdate.value(), kRecord, {}},
    Layout{di::kKeyUpdate2013.value(), {kRepeated, 4}, {}},
    Layout{di::kReadBack.value(), {8}, {kRest, 4}},
    Layout{di::kStatusQuery.value(), {}, {4, 4, 4, 4, 6, 4}},
};

const Layout* layout_of(dlt645::DataIdentifier id) noexcept {
    const auto found = std::find_if(kLayouts.begin(), kLayouts.end(), [&](const Layout& l) { return l.id == id.value(); });
    return found == kLayouts.end() ? nullptr : &*found;
}

std::optional<base::Bytes> turned(const Sizes& sizes, base::ByteView in) {
    std::size_t fixed = 0;
    for (const std::uint8_t size : sizes)
        if (size != kRest && size != kRepeated) fixed += size;
    if (in.size() < fixed) return std::nullopt;
    const std::size_t open = in.size() - fixed;
    base::Bytes out;
    const auto turn = [&](std::size_t size) {
        out.insert(out.end(), in.rend() - static_cast<std::ptrdiff_t>(size), in.rend());
        in = in.subspan(size);
    };
    std::size_t left = open;
    for (const std::uint8_t size : sizes) {
        if (size == kRest) {
            turn(std::exchange(left, 0));
        } else if (size == kRepeated) {
            if (left == 0) return std::nullopt;
            for (; left >= kRepeated; left -= kRepeated) turn(kRepeated);
        } else {
            turn(size);
        }
        if (size == kRepeated && left != 0) return std::nullopt;
    }
    return in.empty() ? std::optional(out) : std::nullopt;
}

}  // namespace

std::optional<base::Bytes> request_fields(dlt645::DataIdentifier id, base::ByteView wire) {
    const Layout* layout = layout_of(id);
    return layout != nullptr ? turned(layout->request, wire) : std::nullopt;
}

std::optional<base::Bytes> answer_on_the_line(dlt645::DataIdentifier id, base::ByteView fields) {
    const Layout* layout = layout_of(id);
    return layout != nullptr ? turned(layout->answer, fields) : std::nullopt;
}

}  // namespace meter

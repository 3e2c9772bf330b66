#include "meter/dlt645/address.h"

#include <algorithm>

namespace meter::dlt645 {
namespace {

constexpr std::uint8_t kAny = 0xAA;
constexpr std::uint8_t kAll = 0x99;

constexpr bool is_bcd(std::uint8_t byte) noexcept { return (byte >> 4) <= 9 && (byte & 15) <= 9; }

}  // namespace

Address Address::wildcard() noexcept {
    Address out;
    out.raw_.fill(kAny);
    return out;
}

Address Address::broadcast() noexcept {
    Address out;
    out.raw_.fill(kAll);
    return out;
}

base::Result<Address> Address::parse(std::string_view text) {
    const auto bytes = text.size() == 12 ? base::from_hex(text) : base::Result<base::Bytes>(base::Code::malformed, "");
    if (bytes)
        if (auto address = from_bytes(*bytes)) return address;
    return {base::Code::invalid_argument, "'" + std::string(text) + "' is not a meter address of 12 digits"};
}

base::Result<Address> Address::from_bytes(base::ByteView six) {
    Address out;
    if (six.size() != out.raw_.size()) return {base::Code::malformed, "a meter address has 6 bytes, not " + std::to_string(six.size())};
    for (const std::uint8_t byte : six)
        if (!is_bcd(byte) && byte != kAny)
            return {base::Code::malformed, "address " + base::to_hex(six) + " holds a byte that is neither two digits nor AA"};
    std::copy(six.begin(), six.end(), out.raw_.begin());
    return out;
}

std::string Address::text() const {
    std::string out = base::to_hex(raw_);
    std::replace(out.begin(), out.end(), 'a', 'A');
    return out;
}

bool Address::is_broadcast() const noexcept { return *this == broadcast(); }

bool Address::has_wildcard() const noexcept { return std::find(raw_.begin(), raw_.end(), kAny) != raw_.end(); }

bool Address::matches(const Address& number) const noexcept {
    if (is_broadcast()) return true;
    for (std::size_t i = 0; i < raw_.size(); ++i)
        if (raw_[i] != kAny && raw_[i] != number.raw_[i]) return false;
    return true;
}

}  // namespace meter::dlt645

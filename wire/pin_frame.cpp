#include "wire/pin_frame.h"

#include <algorithm>
#include <optional>

#include "base/utf8.h"
#include "wire/frame.h"

namespace wire {
namespace {

// Wire types of protobuf (encoding guide): varint 0, 64 bits 1, length-delimited 2, 32 bits 5.
constexpr std::uint64_t kVarint = 0;
constexpr std::uint64_t kFixed64 = 1;
constexpr std::uint64_t kSized = 2;
constexpr std::uint64_t kFixed32 = 5;

constexpr std::uint64_t kIdTag = 1 << 3 | kVarint;
constexpr std::uint64_t kPinEntryField = 3;
constexpr std::uint64_t kPinEntryTag = kPinEntryField << 3 | kSized;
constexpr std::uint64_t kRoleTag = 1 << 3 | kSized;
constexpr std::uint64_t kPinTag = 2 << 3 | kSized;

/// Walks protobuf's wire format without copying. Any read past the end gives nothing.
class Walker {
public:
    explicit Walker(base::ByteView in) noexcept : in_(in) {}
    bool at_end() const noexcept { return in_.empty(); }

    std::optional<std::uint64_t> varint() noexcept {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 10 && i < in_.size(); ++i) {
            if (i == 9 && in_[i] > 1) return std::nullopt;
            value |= static_cast<std::uint64_t>(in_[i] & 0x7F) << (7 * i);
            if ((in_[i] & 0x80) == 0) {
                in_ = in_.subspan(i + 1);
                return value;
            }
        }
        return std::nullopt;
    }
    std::optional<base::ByteView> take(std::uint64_t count) noexcept {
        if (count > in_.size()) return std::nullopt;
        const base::ByteView out = in_.first(static_cast<std::size_t>(count));
        in_ = in_.subspan(out.size());
        return out;
    }
    std::optional<base::ByteView> sized() noexcept {
        const auto length = varint();
        return length ? take(*length) : std::nullopt;
    }
    bool skip(std::uint64_t wire_type) noexcept {
        if (wire_type == kVarint) return varint().has_value();
        if (wire_type == kFixed64) return take(8).has_value();
        if (wire_type == kSized) return sized().has_value();
        if (wire_type == kFixed32) return take(4).has_value();
        return false;  // groups are not used
    }

private:
    base::ByteView in_;
};

bool is_role(base::ByteView role) noexcept {
    return !role.empty() && role.size() <= kMaxRole && std::all_of(role.begin(), role.end(), [](std::uint8_t c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}
bool is_pin(base::ByteView pin) noexcept { return !pin.empty() && pin.size() <= kMaxPin && base::is_utf8(base::as_text(pin)); }

base::Error malformed() {
    return {base::Code::malformed, "a PIN entry needs one role and one PIN of 1 to " + std::to_string(kMaxPin) + " bytes of UTF-8, and nothing else"};
}

struct Found {
    base::ByteView role;
    base::ByteView pin;
};

std::optional<Found> walk(base::ByteView message) noexcept {
    Walker outer(message);
    auto tag = outer.varint();
    if (tag == kIdTag) {
        if (!outer.varint()) return std::nullopt;
        tag = outer.varint();
    }
    if (tag != kPinEntryTag) return std::nullopt;
    const auto entry = outer.sized();
    if (!entry || !outer.at_end()) return std::nullopt;

    Found found;
    Walker inner(*entry);
    while (!inner.at_end()) {
        tag = inner.varint();
        if (tag != kRoleTag && tag != kPinTag) return std::nullopt;
        base::ByteView& field = tag == kRoleTag ? found.role : found.pin;
        const auto value = inner.sized();
        if (!value || value->empty() || !field.empty()) return std::nullopt;
        field = *value;
    }
    if (!is_role(found.role) || !is_pin(found.pin)) return std::nullopt;
    return found;
}

void append_sized(base::Bytes& out, std::uint64_t tag, base::ByteView value) {
    out.push_back(static_cast<std::uint8_t>(tag));
    std::size_t size = value.size();
    for (; size >= 0x80; size >>= 7) out.push_back(static_cast<std::uint8_t>(size | 0x80));
    out.push_back(static_cast<std::uint8_t>(size));
    out.insert(out.end(), value.begin(), value.end());
}

std::size_t sized_length(std::size_t value) noexcept { return 1 + (value < 0x80 ? 1u : 2u) + value; }

}  // namespace

bool is_pin_frame(base::ByteView message) noexcept {
    Walker walker(message);
    while (!walker.at_end()) {
        const auto tag = walker.varint();
        if (!tag) return false;
        // protobuf reads tags as 32 bits and drops what is above: so do we, or it would see a field 3 that we do not.
        if (static_cast<std::uint32_t>(*tag) >> 3 == kPinEntryField) return true;
        if (!walker.skip(*tag & 7)) return false;
    }
    return false;
}

base::Result<PinEntry> parse_pin_frame(std::span<std::uint8_t> message) {
    const auto found = walk(message);
    if (!found) {
        base::wipe(message);
        return malformed();
    }
    PinEntry entry{std::string(base::as_text(found->role)), base::Secret::copy_of(found->pin)};
    base::wipe(message);
    return entry;
}

base::Status append_pin_frame(base::Bytes& out, std::string_view role, const base::Secret& pin) {
    if (!is_role(base::as_bytes(role))) return {base::Code::invalid_argument, "there is no PIN role of that name"};
    if (!pin.reveal([](base::ByteView bytes) { return is_pin(bytes); })) return {base::Code::invalid_argument, "a PIN has 1 to " + std::to_string(kMaxPin) + " bytes of UTF-8"};
    const std::size_t inner = sized_length(role.size()) + sized_length(pin.size());
    const std::size_t message = sized_length(inner);
    const std::size_t total = out.size() + kFrameHeader + message;
    if (out.capacity() < total) {
        base::Bytes bigger;
        bigger.reserve(std::max(total, out.capacity() * 2));
        bigger.assign(out.begin(), out.end());
        base::wipe(out);
        out.swap(bigger);
    }
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(message >> shift));
    out.push_back(static_cast<std::uint8_t>(kPinEntryTag));
    std::size_t size = inner;
    for (; size >= 0x80; size >>= 7) out.push_back(static_cast<std::uint8_t>(size | 0x80));
    out.push_back(static_cast<std::uint8_t>(size));
    append_sized(out, kRoleTag, base::as_bytes(role));
    pin.reveal([&](base::ByteView bytes) { append_sized(out, kPinTag, bytes); });
    return {};
}

}  // namespace wire

#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"

namespace base {

/// A UUID version 7 (RFC 9562): 48 bits of UTC milliseconds, then random. Orders are named by one, made by the station.
class Uuid {
public:
    using Raw = std::array<std::uint8_t, 16>;
    Uuid() noexcept : raw_{} {}
    explicit Uuid(const Raw& raw) noexcept : raw_(raw) {}
    static Uuid make_v7(Millis now);
    /// malformed: not 16 bytes, or not version 7 of the RFC variant.
    static Result<Uuid> from_bytes(ByteView bytes);
    /// Accepts the 36-character form.
    static Result<Uuid> parse(std::string_view text);

    Millis time() const noexcept;
    const Raw& raw() const noexcept { return raw_; }
    std::string text() const;
    auto operator<=>(const Uuid&) const = default;

private:
    Raw raw_;
};

/// A short name that people read: a station, a holder. Letters, digits, '-', '_', '.', 1 to 64 characters.
template <class Tag>
class Name {
public:
    Name() = default;
    static Result<Name> parse(std::string_view text);
    const std::string& text() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }
    auto operator<=>(const Name&) const = default;

private:
    std::string text_;
};

/// ok unless `text` breaks the rule of Name; the error names what it is called.
Status check_name(std::string_view text, std::string_view what);

template <class Tag>
Result<Name<Tag>> Name<Tag>::parse(std::string_view text) {
    KMP_CHECK(check_name(text, Tag::kWhat));
    Name out;
    out.text_ = text;
    return out;
}

struct StationTag { static constexpr std::string_view kWhat = "station"; };
struct UkeySerialTag { static constexpr std::string_view kWhat = "UKEY serial"; };
using StationId = Name<StationTag>;
using UkeySerial = Name<UkeySerialTag>;

}  // namespace base

template <class Tag>
struct std::hash<base::Name<Tag>> {
    std::size_t operator()(const base::Name<Tag>& n) const noexcept { return std::hash<std::string>()(n.text()); }
};

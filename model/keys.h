#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace model {

/// The classes of meter keys (design 3). The number stands in derivation blocks, events and on the wire.
enum class KeyClass : std::uint8_t { control = 1, identity = 2, remote = 3, parameter = 4, credit = 5, card = 6 };
inline constexpr std::array kAllClasses{KeyClass::control,   KeyClass::identity, KeyClass::remote,
                                        KeyClass::parameter, KeyClass::credit,   KeyClass::card};

/// factory: the set a meter leaves its maker with (公钥); production: the utility's own set (私钥).
enum class KeyState : std::uint8_t { factory = 0, production = 1 };

std::string_view name(KeyClass) noexcept;
std::string_view name(KeyState) noexcept;
base::Result<KeyClass> parse_key_class(std::string_view text);
base::Result<KeyClass> key_class_from(std::uint64_t number);
base::Result<KeyState> key_state_from(std::uint64_t number);

/// A set of classes as bits, bit (number - 1).
using ClassSet = std::uint8_t;
constexpr ClassSet class_bit(KeyClass c) noexcept { return static_cast<ClassSet>(1u << (static_cast<unsigned>(c) - 1)); }

/// Which master is meant: rises by one at each rotation, from 1. The factory set is version 0.
using KeyVersion = std::uint8_t;

/// Twelve decimal digits, held as the number they make. Most significant digit first in text and in `bcd()`.
template <class Tag>
class Digits12 {
public:
    Digits12() = default;
    static base::Result<Digits12> parse(std::string_view text);
    /// 6 BCD bytes, most significant first. malformed: a nibble above 9.
    static base::Result<Digits12> from_bcd(base::ByteView six);
    static base::Result<Digits12> from_number(std::uint64_t number);
    /// A number that somebody has: not 000000000000, which is what a field that was left out reads as.
    static base::Result<Digits12> assigned(std::uint64_t number);
    std::uint64_t number() const noexcept { return number_; }
    std::string text() const;
    std::array<std::uint8_t, 6> bcd() const noexcept;
    auto operator<=>(const Digits12&) const = default;

private:
    std::uint64_t number_ = 0;
};

struct MeterTag { static constexpr std::string_view kWhat = "meter number"; };
struct CustomerTag { static constexpr std::string_view kWhat = "customer number"; };
/// The communication address of a meter (DL/T 645-2007, 5.2.2), which is also its asset number here.
using MeterNumber = Digits12<MeterTag>;
using CustomerNumber = Digits12<CustomerTag>;

/// Dispersion factor (分散因子): 8 bytes that make a key one meter's own.
using Factor = std::array<std::uint8_t, 8>;
/// 0000 and the 12-digit meter number as BCD.
Factor factor_of(MeterNumber meter) noexcept;
/// What meters in factory state use: 0000000000000001.
inline constexpr Factor kFactoryFactor{0, 0, 0, 0, 0, 0, 0, 1};

}  // namespace model

template <class Tag>
struct std::hash<model::Digits12<Tag>> {
    std::size_t operator()(const model::Digits12<Tag>& d) const noexcept { return std::hash<std::uint64_t>()(d.number()); }
};

#pragma once
#include <optional>

#include "meter/dlt645/data_identifier.h"
#include "meter/metering/metering.h"

namespace meter {

/// What a reading is made of.
struct Readings {
    const MeteringState& state;
    const Account& account;
    const MoneyParameters& parameters;
    const Surroundings& around;
    dlt645::Address number;
    base::Millis local = 0;

    std::int64_t credit() const noexcept { return available(state, account); }
};

/// The value of a data identifier as the line carries it (fields reversed), without the identifier. Nothing for one that no meter
/// of ours has. docs/METERS.md lists them all.
std::optional<base::Bytes> read_register(const Readings& now, dlt645::DataIdentifier id);

/// 04000501 to 04000507. Precondition: 1 <= number <= 7.
std::uint16_t status_word(const Readings& now, std::size_t number) noexcept;

/// DI 04000508: bit n says that key n is a private key.
std::uint32_t key_state_bits(const Account& account) noexcept;

/// How the customer stands, one bit each. DI 04008001, ours.
struct CustomerState {
    static constexpr std::uint16_t kLocalAccount = 1u << 0;
    static constexpr std::uint16_t kRemoteAccount = 1u << 1;
    static constexpr std::uint16_t kKeepPower = 1u << 2;
    static constexpr std::uint16_t kArrears = 1u << 3;        ///< no credit
    static constexpr std::uint16_t kOverdrawn = 1u << 4;
    static constexpr std::uint16_t kAlarm1 = 1u << 5;
    static constexpr std::uint16_t kAlarm2 = 1u << 6;
    static constexpr std::uint16_t kInsertedAtZero = 1u << 7;
    static constexpr std::uint16_t kPhaseLossA = 1u << 8;     ///< bits 9 and 10: B and C
    static constexpr std::uint16_t kRelayOpen = 1u << 11;
    static constexpr std::uint16_t kClosingAllowed = 1u << 12;
};
std::uint16_t customer_state(const Readings& now) noexcept;

/// Carries out a write of class 2 that is not about money. `data` is as the line carries it, `source` the time that drives the clock.
/// Nothing when it was written; no_such_data when no such parameter can be written.
std::optional<dlt645::ErrorBit> write_register(MeteringState& state, dlt645::DataIdentifier id, base::ByteView data, base::Millis source,
                                               const Surroundings& around, const Account& account);

}  // namespace meter

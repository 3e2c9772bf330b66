#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace meter::dlt645 {

/// Names what is read, written or asked: DI3 DI2 DI1 DI0. The line carries DI0 first.
class DataIdentifier {
public:
    constexpr DataIdentifier() noexcept = default;
    /// `value` as people write it: 0x00010000 is DI3 = 00, DI2 = 01, DI1 = 00, DI0 = 00.
    explicit constexpr DataIdentifier(std::uint32_t value) noexcept : value_(value) {}

    constexpr std::uint32_t value() const noexcept { return value_; }
    /// DI3 DI2 DI1 DI0, as MAC inputs take it.
    constexpr std::array<std::uint8_t, 4> bytes() const noexcept {
        return {static_cast<std::uint8_t>(value_ >> 24), static_cast<std::uint8_t>(value_ >> 16),
                static_cast<std::uint8_t>(value_ >> 8), static_cast<std::uint8_t>(value_)};
    }
    /// Eight upper-case hex digits, DI3 first.
    std::string text() const;
    auto operator<=>(const DataIdentifier&) const = default;

private:
    std::uint32_t value_ = 0;
};

/// The identifiers that meters and stations of this platform speak of.
namespace di {

// Control code 03H, security.
inline constexpr DataIdentifier kIdentityAuthentication{0x070000FF};
inline constexpr DataIdentifier kAuthenticationValidity{0x070001FF};
inline constexpr DataIdentifier kEndAuthentication{0x070002FF};
inline constexpr DataIdentifier kOpenAccount{0x070101FF};
inline constexpr DataIdentifier kRecharge{0x070102FF};
inline constexpr DataIdentifier kWalletInitialisation{0x070103FF};
inline constexpr DataIdentifier kRefund{0x070104FF};       ///< ours; source: SUITE.md 2
inline constexpr DataIdentifier kClearWallet{0x070105FF};  ///< ours
inline constexpr DataIdentifier kControlKeyUpdate{0x070201FF};
inline constexpr DataIdentifier kParameterKeyUpdate{0x070202FF};
inline constexpr DataIdentifier kIdentityKeyUpdate{0x070203FF};
inline constexpr DataIdentifier kMasterKeyUpdate{0x070204FF};
inline constexpr DataIdentifier kKeyUpdate2013{0x070301FF};
inline constexpr DataIdentifier kReadBack{0x078001FF};
inline constexpr DataIdentifier kStatusQuery{0x078102FF};

// Control code 11H, read.
inline constexpr DataIdentifier kTotalEnergy{0x00000000};    ///< 4 BCD, 0.01 kWh
inline constexpr DataIdentifier kForwardEnergy{0x00010000};  ///< 4 BCD, 0.01 kWh
inline constexpr DataIdentifier kBalance{0x00900200};        ///< 4 BCD, 0.01 yuan; 0 while overdrawn
inline constexpr DataIdentifier kOverdraft{0x00900201};      ///< 4 BCD, 0.01 yuan; 0 while not overdrawn
inline constexpr DataIdentifier kDate{0x04000101};           ///< YY MM DD WW, BCD; WW 00 is Sunday
inline constexpr DataIdentifier kTime{0x04000102};           ///< hh mm ss, BCD
inline constexpr DataIdentifier kKeyTotal{0x04000208};       ///< 1 BCD
inline constexpr DataIdentifier kCommunicationAddress{0x04000401};  ///< 6 BCD
inline constexpr DataIdentifier kMeterNumber{0x04000402};    ///< 6 BCD
inline constexpr DataIdentifier kStatusWord3{0x04000503};    ///< 2 bytes, StatusWord3
inline constexpr DataIdentifier kDateTime{0x0400010C};       ///< YY MM DD WW hh mm ss, BCD
inline constexpr DataIdentifier kZonesSwitch{0x04000106};    ///< YYMMDDhhmm, 5 BCD; 0 none
inline constexpr DataIdentifier kDaysSwitch{0x04000107};
inline constexpr DataIdentifier kZoneCount{0x04000201};      ///< 1 BCD
inline constexpr DataIdentifier kDayTableCount{0x04000202};
inline constexpr DataIdentifier kTariffCount{0x04000204};
inline constexpr DataIdentifier kStepCount{0x04000207};
inline constexpr DataIdentifier kCustomerNumber{0x0400040E}; ///< 6 BCD
inline constexpr DataIdentifier kSettlementTime{0x04000B01}; ///< DD hh, BCD
inline constexpr DataIdentifier kCustomerState{0x04008001};  ///< ours: 2 bytes, meter::CustomerState
inline constexpr DataIdentifier kMonthEnergy{0x000B0000};    ///< 4 BCD, 0.01 kWh of this month
inline constexpr DataIdentifier kLastMonthEnergy{0x000B0001};
inline constexpr DataIdentifier kFrequency{0x02800002};      ///< 2 BCD, 0.01 Hz
inline constexpr DataIdentifier kPurchases{0x03330200};      ///< 2 BCD: the purchase count
inline constexpr DataIdentifier kIllegalInsertions{0x03301300};  ///< 3 BCD
inline constexpr DataIdentifier kKeyState{0x04000508};       ///< 4 bytes, bit n = key n is a private key

}  // namespace di
}  // namespace meter::dlt645

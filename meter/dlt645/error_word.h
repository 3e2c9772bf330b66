#pragma once
#include <cstdint>
#include <string>

namespace meter::dlt645 {

/// The error word of a refused read, write or relay command: one byte, one bit a reason.
/// source: DL/T 645-2007, 7.1 and appendix
enum class ErrorBit : std::uint8_t {
    other = 0x01,
    no_such_data = 0x02,
    not_authorised = 0x04,  ///< wrong password, or not allowed
    baud_rate = 0x08,
    year_zones = 0x10,
    day_periods = 0x20,
    tariffs = 0x40,
};

/// The security error word SERR of a refused 03H command: two bytes, one bit a reason.
enum class SerrBit : std::uint16_t {
    other = 0x0001,
    repeated_recharge = 0x0002,
    mac_failed = 0x0004,             ///< MAC or secure-element failure
    authentication_failed = 0x0008,  ///< identity authentication failed or expired
    wrong_customer = 0x0010,
    wrong_count = 0x0020,
    over_hoarding_limit = 0x0040,
};

/// The bits of status word 3, DI 04000503, that mean something here; and two of the words 4 to 7.
struct StatusWord3 {
    static constexpr std::uint16_t kPhaseLost = 1u << 7;          ///< words 4, 5, 6
    static constexpr std::uint16_t kVoltageUnbalanced = 1u << 2;  ///< word 7
    static constexpr std::uint16_t kSecondDayTables = 1u << 0;
    static constexpr std::uint16_t kSecondZones = 1u << 5;
    static constexpr std::uint16_t kSecondTariffs = 1u << 10;
    static constexpr std::uint16_t kSecondLadder = 1u << 11;
    static constexpr std::uint16_t kRelayOpen = 1u << 4;
    static constexpr std::uint16_t kRelayCommandOpen = 1u << 6;
    static constexpr std::uint16_t kAlarm = 1u << 7;
    static constexpr std::uint16_t kMoneyPrepayment = 2u << 8;  ///< bits 8 and 9: 2
    static constexpr std::uint16_t kKeepPower = 1u << 12;
    static constexpr std::uint16_t kIdentityValid = 1u << 13;
    static constexpr std::uint16_t kLocalAccountClosed = 1u << 14;
    static constexpr std::uint16_t kRemoteAccountClosed = 1u << 15;  ///< 0 = opened; the polarity differs between firmwares
};

/// "no such data; wrong password or not authorised", or "no reason given" for 0.
std::string describe_error_word(std::uint8_t word);
/// "repeated recharge; wrong purchase count", or "no reason given" for 0.
std::string describe_serr(std::uint16_t serr);

}  // namespace meter::dlt645

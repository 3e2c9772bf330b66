#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "meter/dlt645/error_word.h"

namespace meter {

enum class RelayPosition : std::uint8_t {
    closed = 0,
    open = 1,
    open_closing_allowed = 2,  ///< still open; the customer may close it at the button
};
std::string_view name(RelayPosition position) noexcept;

enum class RelayCause : std::uint8_t { command = 0, credit = 1, button = 2, clear = 3, keep_power = 4 };
std::string_view name(RelayCause cause) noexcept;

/// It opens for two reasons that do not lift each other: an order over the line, and credit that is used up.
struct Relay {
    RelayPosition position = RelayPosition::closed;
    bool ordered = false;     ///< opened by an order that still stands
    bool no_credit = false;   ///< opened, or kept open, because there is no credit
    bool keep_power = false;  ///< 保电: a trip is refused
    bool alarm = false;
    bool operator==(const Relay&) const = default;
};

/// N1 of relay control. source: DL/T 645-2007, 7.1 (1CH)
enum class RelayCommand : std::uint8_t {
    trip = 0x1A,
    allow_closing = 0x1B,
    close = 0x1C,
    alarm_on = 0x2A,
    alarm_off = 0x2B,
    keep_power_on = 0x3A,
    keep_power_off = 0x3B,
};

inline constexpr std::size_t kRelayOrderSize = 8;

template <class A>
void fields(A& a, Relay& v) {
    a(v.position, v.ordered, v.no_credit, v.keep_power, v.alarm);
}

/// Carries out `N1 N2 ss mm hh DD MM YY`, or says why not and leaves the relay as it was: an unknown command, a date
/// that does not exist, an order whose time is over, a trip while power must be kept, closing
/// (or allowing it) without credit.
/// `local_now` is the time that the meter's own clock shows.
std::optional<dlt645::ErrorBit> obey(Relay& relay, base::ByteView order, base::Millis local_now);

}  // namespace meter

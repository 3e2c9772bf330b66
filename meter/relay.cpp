#include "meter/relay.h"

#include "meter/calendar.h"

namespace meter {

std::string_view name(RelayPosition position) noexcept {
    switch (position) {
        case RelayPosition::closed: return "closed";
        case RelayPosition::open: return "open";
        case RelayPosition::open_closing_allowed: return "open, closing allowed";
    }
    return "closed";
}

std::string_view name(RelayCause cause) noexcept {
    switch (cause) {
        case RelayCause::command: return "command";
        case RelayCause::credit: return "credit";
        case RelayCause::button: return "button";
        case RelayCause::clear: return "account closed";
        case RelayCause::keep_power: return "keep-power";
    }
    return "command";
}

std::optional<dlt645::ErrorBit> obey(Relay& relay, base::ByteView order, base::Millis local_now) {
    using dlt645::ErrorBit;
    if (order.size() != kRelayOrderSize) return ErrorBit::other;
    const auto valid_until = from_bcd_time(order.subspan(2));
    if (!valid_until || local_now > *valid_until) return ErrorBit::other;
    switch (static_cast<RelayCommand>(order[0])) {
        case RelayCommand::trip:
            if (relay.keep_power) return ErrorBit::other;
            relay.ordered = true;
            relay.position = RelayPosition::open;
            return std::nullopt;
        case RelayCommand::allow_closing:
            if (relay.no_credit) return ErrorBit::other;
            relay.ordered = false;
            if (relay.position == RelayPosition::open) relay.position = RelayPosition::open_closing_allowed;
            return std::nullopt;
        case RelayCommand::close:
            if (relay.no_credit) return ErrorBit::other;
            relay.ordered = false;
            relay.position = RelayPosition::closed;
            return std::nullopt;
        case RelayCommand::alarm_on: relay.alarm = true; return std::nullopt;
        case RelayCommand::alarm_off: relay.alarm = false; return std::nullopt;
        case RelayCommand::keep_power_on:
            relay.keep_power = true;
            if (relay.no_credit && !relay.ordered) relay.position = RelayPosition::closed;
            relay.no_credit = false;
            return std::nullopt;
        case RelayCommand::keep_power_off: relay.keep_power = false; return std::nullopt;
    }
    return ErrorBit::other;
}

}  // namespace meter

#include "vending/vend_commands.h"

#include <unistd.h>

#include <cstdio>

#include "vending/key_download.h"
#include "vending/vend_station.h"

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;

/// A session with kmpd and, at the other end, one meter.
struct Station {
    Platform platform;
    Line line;
    model::MeterNumber meter;
};

base::Result<Station> open_station(const VendArguments& a, VendRequest& request) {
    KMP_TRY(Line line, Line::open(a.line));
    KMP_TRY(Platform platform, open_platform(a, std::move(request.pins)));
    if (!request.meter) {
        KMP_TRY(const model::MeterNumber found, Dialogue::read_address(line));
        platform.tell("meter " + found.text() + " is on the line");
        return Station{std::move(platform), std::move(line), found};
    }
    const model::MeterNumber meter = *request.meter;
    KMP_CHECK(Dialogue(line, meter).confirm_address());
    platform.tell("meter " + meter.text() + " answers on the line");
    return Station{std::move(platform), std::move(line), meter};
}

std::string command_name(RelayCommand command) {
    switch (command) {
        case RelayCommand::trip: return "trip";
        case RelayCommand::allow_closing: return "allow closing";
        case RelayCommand::close: return "close";
        case RelayCommand::alarm_on: return "alarm on";
        case RelayCommand::alarm_off: return "alarm off";
        case RelayCommand::keep_power_on: return "keep power on";
        case RelayCommand::keep_power_off: return "keep power off";
    }
    return "unknown";
}

}  // namespace

base::Result<VendRequest> read_arguments(const VendArguments& a) {
    VendRequest out;
    KMP_CHECK(check_channel_name(a.line));
    if (a.meter != "auto") {
        auto meter = model::MeterNumber::parse(a.meter);
        if (!meter || meter->number() == 0) return {Code::invalid_argument, "--meter '" + a.meter + "': it takes the 12-digit number, or auto for the one meter on the line"};
        out.meter = *meter;
    }
    if (!a.customer.empty()) {
        auto customer = model::CustomerNumber::parse(a.customer);
        if (!customer || customer->number() == 0) return {Code::invalid_argument, "--customer '" + a.customer + "': it takes 12 digits, not all of them 0"};
        out.customer = *customer;
    }
    if (!a.amount.empty()) {
        auto amount = model::Fen::parse_yuan(a.amount);
        if (!amount) return std::move(amount).error().in("--amount");
        out.amount = *amount;
    }
    if (!a.order_id.empty()) {
        auto order = base::Uuid::parse(a.order_id);
        if (!order) return {Code::invalid_argument, "--order-id '" + a.order_id + "': it takes a UUID of version 7, as an earlier run printed it"};
        out.order = *order;
    }
    KMP_TRY(out.pins, wire::PinSource::parse(a.pin_fds, {"ukey", "account"}));
    return out;
}

base::Status move_keys_command(const VendArguments& a, VendRequest request, Move move) {
    KMP_TRY(Station station, open_station(a, request));
    Dialogue meter(station.line, station.meter);
    KMP_TRY(const KeysMoved moved, move_keys(station.platform, meter, move));
    const bool recover = move == Move::recover;
    const std::string text = "Meter " + station.meter.text() + (moved.already ? " already holds" : " holds") + (recover ? " the factory keys" : " its private keys") +
                             (recover ? "" : ", version " + std::to_string(moved.key_version)) + (moved.already ? "; nothing was sent" : ", proved by an identity authentication") +
                             (recover ? "; the platform sends it no private keys again" : "") + ".\n";
    return show(a, {{"meter", station.meter.text()}, {"state", recover ? "factory" : "production"}, {"key_version", moved.key_version}, {"records", moved.records}, {"already", moved.already}, {"receipt", moved.receipt}}, text);
}

base::Status purchase_command(const VendArguments& a, VendRequest request, pb::OrderKind kind) {
    KMP_TRY(Station station, open_station(a, request));
    Dialogue meter(station.line, station.meter);
    Purchase wanted{kind, request.order.value_or(base::Uuid::make_v7(base::SystemClock().now())), {}, request.amount};
    if (request.customer) {
        wanted.customer = *request.customer;
    } else {
        KMP_TRY(const MeterStatus said, query_status(station.platform, meter));
        wanted.customer = said.customer;
        if (said.customer.number() == 0)
            return {Code::refused, "meter " + station.meter.text() + " belongs to no customer yet: open an account on it first (kmp-vend remote open)"};
        station.platform.tell("the meter belongs to customer " + wanted.customer.text());
    }
    // Before anything is charged: should this run be cut off, this is what repeats it without a second charge.
    if (a.verbose || isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "order %s\n", wanted.order.text().c_str());
    KMP_TRY(const Purchased bought, purchase(station.platform, meter, wanted));
    const std::string what = kind == pb::OPEN_ACCOUNT ? "Opened the account of customer " + wanted.customer.text() + " on meter " : "Recharged meter ";
    return show(a,
                {{"meter", station.meter.text()}, {"customer", wanted.customer.text()}, {"amount_fen", wanted.amount.value()}, {"order_id", wanted.order.text()},
                 {"purchase_count", bought.count}, {"repeated", bought.repeated}, {"confirmed_late", bought.told_late}, {"receipt", bought.receipt}},
                what + station.meter.text() + " with " + wanted.amount.yuan() + " yuan; purchase count " + std::to_string(bought.count) + ", order " + wanted.order.text() +
                    (bought.told_late ? "; it had been credited before, and was not credited twice" : "") + ".\n");
}

base::Status status_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(Station station, open_station(a, request));
    Dialogue meter(station.line, station.meter);
    KMP_TRY(const MeterStatus s, query_status(station.platform, meter));
    const std::string text = "Meter " + station.meter.text() + ", customer " + s.customer.text() + ": balance " + s.balance.yuan() + " yuan, purchase count " + std::to_string(s.count) +
                             (s.known_count == s.count ? "" : " (the platform has allocated " + std::to_string(s.known_count) + ")") + ", " + std::string(model::name(s.key_state)) +
                             " keys of version " + std::to_string(s.key_version) + "; genuine.\n";
    return show(a,
                {{"meter", station.meter.text()}, {"customer", s.customer.text()}, {"balance_fen", s.balance.value()}, {"purchase_count", s.count}, {"known_count", s.known_count},
                 {"key_state", model::name(s.key_state)}, {"key_version", s.key_version}, {"genuine", true}, {"receipt", s.receipt}},
                text);
}

base::Status relay_command(const VendArguments& a, VendRequest request, RelayCommand command) {
    KMP_TRY(Station station, open_station(a, request));
    Dialogue meter(station.line, station.meter);
    KMP_TRY(const std::uint64_t receipt, control_relay(station.platform, meter, command));
    return show(a, {{"meter", station.meter.text()}, {"command", command_name(command)}, {"obeyed", true}, {"receipt", receipt}},
                "Meter " + station.meter.text() + " obeyed: " + command_name(command) + ".\n");
}

}  // namespace vending

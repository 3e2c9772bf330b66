#include "vending/vend_commands.h"

#include <unistd.h>

#include <cstdio>

#include "vending/key_download.h"
#include "vending/order_desk.h"
#include "vending/reading.h"
#include "vending/vend_station.h"

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;
using nlohmann::ordered_json;

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
    if (!a.line.empty()) KMP_CHECK(check_channel_name(a.line));
    if (!a.meter.empty() && a.meter != "auto") {
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
                             (recover ? "; the platform sends it no private keys again unless an officer allows it" : "") + ".\n";
    return show(a, {{"meter", station.meter.text()}, {"state", recover ? "factory" : "production"}, {"key_version", moved.key_version}, {"records", moved.records}, {"already", moved.already}, {"receipt", moved.receipt}}, text);
}

namespace {

/// The order of an earlier run under this id; it must be the one that is asked for now.
base::Status check_same(const JournalOrder& earlier, const JournalOrder& wanted) {
    const bool same = earlier.kind == wanted.kind && earlier.meter == wanted.meter && (!wanted.customer || !earlier.customer || *wanted.customer == *earlier.customer) &&
                      (!wanted.amount || !earlier.amount || *wanted.amount == *earlier.amount);
    if (!same) return {Code::conflict, "order " + earlier.id.text() + " stands in the journal with other content, as the " + describe(earlier) + "; a new sale needs a new id"};
    return {};
}

base::Result<JournalOrder> write_down(Journal& journal, const VendRequest& request, JournalOrder wanted) {
    if (request.order) {
        KMP_TRY(const auto earlier, journal.find(*request.order));
        if (earlier) {
            KMP_CHECK(check_same(*earlier, wanted));
            return *earlier;
        }
    }
    wanted.own_id = !request.order;
    wanted.id = request.order.value_or(base::Uuid::make_v7(base::SystemClock().now()));
    return journal.plan(std::move(wanted));
}

std::string outcome_text(const OrderDone& done) {
    const JournalOrder& o = done.order;
    const std::string meter = o.meter.text();
    std::string out;
    switch (o.kind) {
        case pb::OPEN_ACCOUNT: out = "Opened the account of customer " + o.customer->text() + " on meter " + meter + " with " + o.amount->yuan() + " yuan"; break;
        case pb::REFUND: out = "Refunded " + o.amount->yuan() + " yuan from meter " + meter + " to customer " + o.customer->text(); break;
        case pb::CLEAR: out = "Closed the account of customer " + o.customer->text() + " on meter " + meter + " and took its " + o.amount->yuan() + " yuan"; break;
        case pb::INITIALISE_WALLET: out = "Initialised the wallet of meter " + meter + " with " + o.amount->yuan() + " yuan; its next private keys must be of a newer version"; break;
        default: out = "Recharged meter " + meter + " with " + o.amount->yuan() + " yuan"; break;
    }
    if (o.kind != pb::INITIALISE_WALLET) out += "; purchase count " + std::to_string(o.count);
    out += ", order " + o.id.text();
    if (done.before) out += "; an earlier run did it, nothing was asked now";
    else if (done.purchased.told_late) out += "; it had been credited before, and was not credited twice";
    return out + ".\n";
}

}  // namespace

base::Status purchase_command(const VendArguments& a, VendRequest request, pb::OrderKind kind) {
    // Whichever meter happens to be on the line is not whoever pays.
    if (!request.meter && !request.customer && kind != pb::INITIALISE_WALLET) return {Code::invalid_argument, "--meter auto needs --customer: whose meter is it meant to be?"};
    // The journal first: without it nothing is asked for.
    KMP_TRY(Journal journal, open_journal(a));
    KMP_TRY(Station station, open_station(a, request));
    JournalOrder wanted;
    wanted.kind = kind;
    wanted.meter = station.meter;
    wanted.customer = request.customer;
    if (!a.amount.empty()) wanted.amount = request.amount;
    KMP_TRY(JournalOrder order, write_down(journal, request, std::move(wanted)));
    // Before anything is charged: should this run be cut off, this is what repeats it without a second charge.
    if (a.verbose || isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "order %s\n", order.id.text().c_str());
    KMP_TRY(const OrderDone done, OrderDesk(journal, station.platform, station.line).carry_out(std::move(order)));
    const JournalOrder& o = done.order;
    return show(a,
                {{"meter", o.meter.text()}, {"operation", operation_name(o.kind)}, {"customer", o.customer->text()}, {"amount_fen", o.amount->value()}, {"order_id", o.id.text()},
                 {"purchase_count", o.count}, {"repeated", done.purchased.repeated}, {"confirmed_late", done.purchased.told_late}, {"receipt", o.receipt}},
                outcome_text(done));
}

base::Status status_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(Station station, open_station(a, request));
    Dialogue meter(station.line, station.meter);
    KMP_TRY(const MeterStatus s, query_status(station.platform, meter));
    const auto state = read_register(meter, "state");  // no MAC covers it; a meter need not have it
    const std::string text = "Meter " + station.meter.text() + ", customer " + s.customer.text() + ": balance " + s.balance.yuan() + " yuan, purchase count " + std::to_string(s.count) +
                             (s.known_count == s.count ? "" : " (the platform has allocated " + std::to_string(s.known_count) + ")") + ", " + std::string(model::name(s.key_state)) +
                             " keys of version " + std::to_string(s.key_version) + "; genuine." + (state ? " It shows, without proof: " + state->value + "." : "") + "\n";
    return show(a,
                {{"meter", station.meter.text()}, {"customer", s.customer.text()}, {"balance_fen", s.balance.value()}, {"purchase_count", s.count}, {"known_count", s.known_count},
                 {"key_state", model::name(s.key_state)}, {"key_version", s.key_version}, {"genuine", true}, {"state", state ? ordered_json(state->value) : ordered_json(nullptr)}, {"receipt", s.receipt}},
                text);
}

base::Status relay_command(const VendArguments& a, VendRequest request, RelayCommand command) {
    KMP_TRY(Station station, open_station(a, request));
    Dialogue meter(station.line, station.meter);
    KMP_TRY(const std::uint64_t receipt, control_relay(station.platform, meter, command));
    return show(a, {{"meter", station.meter.text()}, {"command", command_name(command)}, {"obeyed", true}, {"receipt", receipt}},
                "Meter " + station.meter.text() + " obeyed: " + command_name(command) + ".\n");
}

base::Status validity_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(Station station, open_station(a, request));
    Dialogue meter(station.line, station.meter);
    KMP_TRY(const std::uint64_t receipt, set_validity(station.platform, meter, a.minutes));
    return show(a, {{"meter", station.meter.text()}, {"minutes", a.minutes}, {"receipt", receipt}},
                "Meter " + station.meter.text() + " holds this authentication for " + std::to_string(a.minutes) + " minutes.\n");
}

base::Status read_back_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(Station station, open_station(a, request));
    Dialogue meter(station.line, station.meter);
    KMP_TRY(const ReadBack said, read_back(station.platform, meter));
    return show(a, {{"meter", station.meter.text()}, {"balance_fen", said.balance.value()}, {"purchase_count", said.count}, {"genuine", true}, {"receipt", said.receipt}},
                "The secure element of meter " + station.meter.text() + " says: balance " + said.balance.yuan() + " yuan, purchase count " + std::to_string(said.count) + "; genuine.\n");
}

base::Status end_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(Station station, open_station(a, request));
    Dialogue meter(station.line, station.meter);
    KMP_TRY(const MeterStatus s, end_authentication(station.platform, meter));
    return show(a,
                {{"meter", station.meter.text()}, {"ended", true}, {"customer", s.customer.text()}, {"balance_fen", s.balance.value()}, {"purchase_count", s.count},
                 {"key_state", model::name(s.key_state)}, {"key_version", s.key_version}, {"genuine", false}},
                "Meter " + station.meter.text() + " ended the authentication; it says, unverified: customer " + s.customer.text() + ", balance " + s.balance.yuan() + " yuan, purchase count " +
                    std::to_string(s.count) + ".\n");
}

}  // namespace vending

#include "meter/describe.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "meter/calendar.h"

namespace meter {
namespace {

using Json = nlohmann::ordered_json;

std::string hundredths(std::uint64_t number, bool negative) {
    char out[32];
    std::snprintf(out, sizeof out, "%s%llu.%02llu", negative ? "-" : "", static_cast<unsigned long long>(number / 100),
                  static_cast<unsigned long long>(number % 100));
    return out;
}

std::string kwh(std::uint64_t hundredth) { return hundredths(hundredth, false); }

/// "2026-11-22 07:00:00"; the meter's clock, so without a zone.
std::string clock(base::Millis local) {
    if (local == 0) return "never";
    std::string text = base::to_rfc3339(local);
    text[10] = ' ';
    return text.substr(0, 19);
}

std::string price(std::uint32_t ten_thousandths) {
    char out[32];
    std::snprintf(out, sizeof out, "%u.%04u", ten_thousandths / 10000, ten_thousandths % 10000);
    return out;
}

Readings readings(const Report& r) { return {r.metering, r.account, r.parameters, r.around, r.number, r.local}; }

std::string phases_lost(const Report& r) {
    std::string out;
    for (std::size_t p = 0; p < kPhases; ++p)
        if (r.metering.phase_failed[p]) out += static_cast<char>('A' + p);
    return out;
}

std::string relay_text(const Relay& relay) {
    std::string out(name(relay.position));
    if (relay.position != RelayPosition::closed && relay.ordered) out += ", by order";
    if (relay.position != RelayPosition::closed && relay.no_credit) out += ", no credit";
    return out;
}

Json set_json(KeySetName set) {
    return {{"state", set.state == KeyState::factory ? "factory" : "private"}, {"version", set.version}};
}

Json prices_json(const Prices& p) {
    Json out{{"tariffs", Json::array()}, {"ladder", Json::array()}};
    for (std::size_t i = 0; i < p.tariffs; ++i) out["tariffs"].push_back(price(p.price[i]));
    for (std::size_t i = 0; i < p.steps; ++i) {
        Json step{{"price", price(p.step_price[i])}};
        if (i + 1 < p.steps) step["up_to_kwh"] = kwh(p.limit[i]);
        out["ladder"].push_back(step);
    }
    return out;
}

template <class T, std::size_t N, class F>
Json log_json(const Log<T, N>& log, F&& entry) {
    Json out{{"total", log.total}, {"last", Json::array()}};
    for (const T& each : log.last) out["last"].push_back(entry(each));
    return out;
}

Json relay_json(const RelayRecord& r) {
    const char* what = r.what == RelayEvent::tripped ? "tripped" : r.what == RelayEvent::closed ? "closed" : "closing allowed";
    return {{"at", clock(r.at)}, {"what", what}, {"cause", name(r.cause)}, {"energy", r.energy}};
}

Json events_json(const MeteringState& s) {
    const auto insertion = [](const InsertionRecord& r) {
        return Json{{"at", clock(r.at)}, {"card", base::to_hex(r.serial)}, {"outcome", r.outcome}};
    };
    const auto recharge = [](const RechargeRecord& r) {
        return Json{{"at", clock(r.at)}, {"count", r.count}, {"amount_fen", r.amount}, {"before_fen", r.before}, {"after_fen", r.after}, {"by_card", r.by_card}};
    };
    return {
        {"trips", log_json(s.trips, relay_json)},
        {"closings", log_json(s.closings, relay_json)},
        {"recharges", log_json(s.recharges, recharge)},
        {"insertions", log_json(s.insertions, insertion)},
        {"programming", log_json(s.programming, [](const ProgrammingRecord& r) {
             return Json{{"at", clock(r.at)}, {"operator", base::to_hex(r.operator_code)}, {"di", dlt645::DataIdentifier(r.id).text()}};
         })},
        {"power_losses", log_json(s.power_losses, [](const PowerLossRecord& r) { return Json{{"from", clock(r.from)}, {"to", clock(r.to)}}; })},
        {"settlements", log_json(s.settlements, [](const Settlement& r) {
             return Json{{"at", clock(r.at)}, {"energy", r.energy.total}, {"month", r.month}, {"balance_fen", r.balance}};
         })},
    };
}

void add_state(Json& out, const Report& r) {
    const std::uint16_t state = customer_state(readings(r));
    using S = CustomerState;
    const auto is = [&](std::uint16_t bit) { return (state & bit) != 0; };
    out["local_account"] = is(S::kLocalAccount);
    out["remote_account"] = is(S::kRemoteAccount);
    out["arrears"] = is(S::kArrears);
    out["overdrawn"] = is(S::kOverdrawn);
    out["alarm1"] = is(S::kAlarm1);
    out["alarm2"] = is(S::kAlarm2);
    out["card_inserted_at_zero"] = is(S::kInsertedAtZero);
    out["phases_lost"] = phases_lost(r);
    out["status_words"] = Json::array();
    for (std::size_t i = 1; i <= 7; ++i) out["status_words"].push_back(status_word(readings(r), i));
}

}  // namespace

std::string yuan(std::int64_t fen) {
    const std::uint64_t size = fen < 0 ? 0 - static_cast<std::uint64_t>(fen) : static_cast<std::uint64_t>(fen);
    return hundredths(size, fen < 0);
}

std::string describe(const Report& r) {
    const Wallet& wallet = r.account.wallet;
    const Prices& prices = r.parameters.current;
    std::string out;
    const auto line = [&](std::string_view what, const std::string& value) {
        out += std::string(what) + std::string(what.size() < 17 ? 17 - what.size() : 1, ' ') + value + "\n";
    };
    line("meter", r.number.text());
    line("grade", r.high_grade ? "high: a secure element holds keys and money" : "low: keys and money in its own memory");
    line("clock", clock(r.local));
    line("keys", r.account.keys.text() + ", " + std::to_string(r.account.key_count));
    if (r.account.staged > 0)
        line("key update", std::to_string(r.account.staged) + " of " + std::to_string(r.account.key_count) + " keys of " + r.account.staged_keys.text() +
                               " have arrived");
    line("account", wallet.open ? std::string("open, customer ") + base::to_hex(wallet.customer) + (wallet.by_card ? ", opened by card" : ", opened over the line")
                                : std::string("not opened"));
    line("balance", yuan(available(r.metering, r.account)) + " yuan");
    line("purchase count", std::to_string(wallet.count));
    line("hoarding limit", yuan(wallet.hoarding_limit) + " yuan");
    line("overdraft limit", yuan(r.parameters.overdraft_limit) + " yuan");
    line("alarm amounts", yuan(r.parameters.alarm1) + ", " + yuan(r.parameters.alarm2) + " yuan");
    line("relay", relay_text(r.metering.relay));
    line("keep-power", r.metering.relay.keep_power ? "on" : "off");
    line("alarm", r.metering.relay.alarm ? "on" : "off");
    line("energy", kwh(r.metering.energy.total) + " kWh, this month " + kwh(r.metering.month));
    for (std::size_t i = 0; i < prices.tariffs; ++i)
        line("  tariff " + std::to_string(i + 1), kwh(r.metering.energy.tariff[i]) + " kWh, " + price(prices.price[i]) + " yuan a kWh");
    for (std::size_t i = 0; i < prices.steps; ++i)
        line("  step " + std::to_string(i + 1), (i + 1 < prices.steps ? "up to " + kwh(prices.limit[i]) + " kWh" : std::string("above")) + ", " +
                                                    price(prices.step_price[i]) + " yuan a kWh on top");
    line("load", std::to_string(r.around.watts) + " W" + (phases_lost(r).empty() ? "" : ", phase lost: " + phases_lost(r)));
    line("card", (r.account.card_serial == suite::Factor{} ? std::string("none yet") : base::to_hex(r.account.card_serial)) + ", illegal insertions " +
                     std::to_string(r.account.illegal_insertions));
    line("wrong MACs", std::to_string(r.account.mac_failures));
    line("events", std::to_string(r.metering.trips.total) + " trips, " + std::to_string(r.metering.recharges.total) + " recharges, " +
                       std::to_string(r.metering.insertions.total) + " card insertions, " + std::to_string(r.metering.programming.total) +
                       " programmings, " + std::to_string(r.metering.power_losses.total) + " power losses, " +
                       std::to_string(r.metering.settlements.total) + " settlements");
    return out;
}

std::string describe_json(const Report& r, int indent) {
    const Wallet& wallet = r.account.wallet;
    const std::int64_t credit = available(r.metering, r.account);
    Json out{
        {"number", r.number.text()},
        {"grade", r.high_grade ? "high" : "low"},
        {"clock", clock(r.local)},
        {"keys", set_json(r.account.keys)},
        {"key_count", r.account.key_count},
        {"staged", nullptr},
        {"account_open", wallet.open},
        {"customer", base::to_hex(wallet.customer)},
        {"balance_fen", credit},
        {"balance", yuan(credit)},
        {"count", wallet.count},
        {"hoarding_limit_fen", wallet.hoarding_limit},
        {"overdraft_limit_fen", r.parameters.overdraft_limit},
        {"alarm1_fen", r.parameters.alarm1},
        {"alarm2_fen", r.parameters.alarm2},
        {"current_ratio", r.parameters.current_ratio},
        {"voltage_ratio", r.parameters.voltage_ratio},
        {"relay", name(r.metering.relay.position)},
        {"keep_power", r.metering.relay.keep_power},
        {"alarm", r.metering.relay.alarm},
        {"mac_failures", r.account.mac_failures},
        {"energy", r.metering.energy.total},
        {"month_energy", r.metering.month},
        {"energy_by_tariff", Json::array()},
        {"load_watts", r.around.watts},
        {"debited_fen", r.account.debited},
        {"card_serial", base::to_hex(r.account.card_serial)},
        {"illegal_insertions", r.account.illegal_insertions},
        {"tariff_switch", clock(r.parameters.tariff_switch)},
        {"ladder_switch", clock(r.parameters.ladder_switch)},
        {"prices", prices_json(r.parameters.current)},
        {"backup_prices", prices_json(r.parameters.backup)},
        {"events", events_json(r.metering)},
    };
    for (std::size_t i = 0; i < r.parameters.current.tariffs; ++i) out["energy_by_tariff"].push_back(r.metering.energy.tariff[i]);
    if (r.account.staged > 0) {
        out["staged"] = set_json(r.account.staged_keys);
        out["staged"]["count"] = r.account.staged;
    }
    add_state(out, r);
    return out.dump(indent) + "\n";
}

}  // namespace meter

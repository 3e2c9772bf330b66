#include "meter/describe.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "meter/registers.h"

namespace meter {

std::string yuan(std::int64_t fen) {
    char out[32];
    const std::uint64_t size = fen < 0 ? 0 - static_cast<std::uint64_t>(fen) : static_cast<std::uint64_t>(fen);
    std::snprintf(out, sizeof out, "%s%llu.%02llu", fen < 0 ? "-" : "", static_cast<unsigned long long>(size / 100),
                  static_cast<unsigned long long>(size % 100));
    return out;
}

std::string describe(const MeterState& state) {
    const Wallet& wallet = state.wallet;
    std::string out = "meter            " + state.number.text() + "\n";
    out += "keys             " + state.keys.name().text() + "\n";
    if (const KeySet* staged = state.staging.set(); staged != nullptr && !state.staging.empty())
        out += "key update       " + std::to_string(state.staging.count()) + " of " + std::to_string(kKeyCount) + " keys of " +
               staged->name().text() + " have arrived\n";
    out += "account          " + (wallet.open ? "open, customer " + base::to_hex(wallet.customer) : std::string("not opened")) + "\n";
    out += "balance          " + yuan(wallet.balance) + " yuan\n";
    out += "purchase count   " + std::to_string(wallet.count) + "\n";
    out += "hoarding limit   " + yuan(wallet.hoarding_limit) + " yuan\n";
    out += "relay            " + std::string(name(state.relay.position)) + "\n";
    out += "keep-power       " + std::string(state.relay.keep_power ? "on" : "off") + "\n";
    out += "alarm            " + std::string(state.relay.alarm ? "on" : "off") + "\n";
    out += "wrong MACs       " + std::to_string(state.lockout.failures) + "\n";
    return out;
}

std::string describe_json(const MeterState& state) {
    const auto set = [](KeySetName name) {
        return nlohmann::ordered_json{{"state", name.state == KeyState::factory ? "factory" : "private"}, {"version", name.version}};
    };
    const Wallet& wallet = state.wallet;
    nlohmann::ordered_json out{
        {"number", state.number.text()},
        {"keys", set(state.keys.name())},
        {"staged", nullptr},
        {"account_open", wallet.open},
        {"customer", base::to_hex(wallet.customer)},
        {"balance_fen", wallet.balance},
        {"balance", yuan(wallet.balance)},
        {"count", wallet.count},
        {"hoarding_limit_fen", wallet.hoarding_limit},
        {"relay", name(state.relay.position)},
        {"keep_power", state.relay.keep_power},
        {"alarm", state.relay.alarm},
        {"mac_failures", state.lockout.failures},
        {"energy", state.energy},
    };
    if (const KeySet* staged = state.staging.set()) {
        out["staged"] = set(staged->name());
        out["staged"]["count"] = state.staging.count();
    }
    return out.dump(2) + "\n";
}

}  // namespace meter

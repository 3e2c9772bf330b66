#include "kmp/service/config.h"

#include <algorithm>
#include <filesystem>
#include <toml++/toml.h>
#include <variant>

#include "kmp/service/endpoint.h"

namespace kmp::service {
namespace {

using base::Code;
using Millis = std::chrono::milliseconds;

enum class When : std::uint8_t {
    live,     ///< a reload changes it
    restart,  ///< a reload says that it takes a restart
};

/// What lies deeper in the configuration, or is written in another unit than it is kept in.
struct Number { unsigned& (*in)(Config&); };
struct Minutes { base::Millis& (*in)(Config&); };
struct Yuan { model::Fen& (*in)(Config&); };

/// One key of the file: where its value goes, its range, and when a change of it counts.
struct Setting {
    std::string_view key;
    std::variant<bool Config::*, unsigned Config::*, Millis Config::*, std::string Config::*, Number, Minutes, Yuan> place;
    When when = When::live;
    std::int64_t low = 0, high = 0;  ///< of numbers
    base::Status (*check)(const std::string&) = nullptr;  ///< of texts
};

base::Status check_level(const std::string& text) {
    for (const std::string_view level : {"debug", "info", "warning", "error"})
        if (text == level) return {};
    return {Code::invalid_argument, "kmp.toml: log.level is debug, info, warning or error"};
}

base::Status check_folder(const std::string& text) {
    if (text.starts_with('/')) return {};
    return {Code::invalid_argument, "kmp.toml: standby.folder takes the whole path of a folder, from / on"};
}

base::Status check_drop(const std::string& text) {
    if (text.empty() || text.starts_with('/')) return {};
    return {Code::invalid_argument, "kmp.toml: audit.drop takes the whole path of a folder, from / on"};
}

const Setting kSettings[] = {
    {"service.max_connections", &Config::max_connections, When::live, 1, 65536},
    {"service.max_in_flight", &Config::max_in_flight, When::live, 1, 4096},
    {"service.max_queue", &Config::max_queue, When::live, 1, 1 << 20},
    {"service.token_timeout_ms", &Config::token_timeout, When::live, 100, 600000},
    {"service.idle_timeout_ms", &Config::idle_timeout, When::live, 1000, 86400000},
    {"network.listen", &Config::network_listen, When::restart},
    {"network.max_connections", &Config::network_max_connections, When::live, 1, 65536},
    {"network.max_per_address", &Config::network_max_per_address, When::live, 1, 65536},
    {"network.handshake_timeout_ms", &Config::network_handshake_timeout, When::live, 100, 600000},
    {"network.login_timeout_ms", &Config::network_login_timeout, When::live, 100, 600000},
    {"velocity.orders", Number{[](Config& c) -> unsigned& { return c.velocity.orders; }}, When::live, 0, 1 << 30},
    {"velocity.amount", Yuan{[](Config& c) -> model::Fen& { return c.velocity.amount; }}},
    {"velocity.window_minutes", Minutes{[](Config& c) -> base::Millis& { return c.velocity.window; }}, When::live, 1, 1440},
    {"card.voids", &Config::card_voids},
    {"audit.checkpoint_events", &Config::checkpoint_events, When::live, 1, 1 << 30},
    {"audit.checkpoint_interval_ms", &Config::checkpoint_interval, When::live, 1000, 86400000},
    {"audit.drop", &Config::audit_drop, When::live, 0, 0, check_drop},
    {"audit.group", &Config::audit_group, When::restart},
    {"audit.auditor_only", &Config::auditor_only},
    {"witness.listen", &Config::witness_listen, When::restart},
    {"standby.folder", &Config::standby_folder, When::restart, 0, 0, check_folder},
    {"standby.interval_ms", &Config::standby_interval, When::restart, 100, 60000},
    {"standby.segments", &Config::standby_segments, When::restart, 10, 1000000},
    {"metrics.listen", &Config::metrics_listen, When::restart, 0, 0, check_metrics_listen},
    {"log.level", &Config::log_level, When::live, 0, 0, check_level},
};

base::Result<std::int64_t> whole(const toml::node& node, const Setting& setting) {
    const auto value = node.value<std::int64_t>();
    if (!value || !node.is_integer() || *value < setting.low || *value > setting.high)
        return {Code::invalid_argument, "kmp.toml: " + std::string(setting.key) + " takes a whole number from " + std::to_string(setting.low) + " to " + std::to_string(setting.high)};
    return *value;
}

/// Reads one value to where it belongs.
struct Read {
    Config& config;
    const Setting& setting;
    const toml::node& node;
    base::Status operator()(bool Config::* place) const {
        const auto value = node.value_exact<bool>();
        if (!value) return {Code::invalid_argument, "kmp.toml: " + std::string(setting.key) + " is true or false"};
        config.*place = *value;
        return {};
    }
    base::Status operator()(unsigned Config::* place) const {
        KMP_TRY(const std::int64_t v, whole(node, setting));
        config.*place = static_cast<unsigned>(v);
        return {};
    }
    base::Status operator()(Millis Config::* place) const {
        KMP_TRY(const std::int64_t v, whole(node, setting));
        config.*place = Millis(v);
        return {};
    }
    base::Status operator()(const Number& place) const {
        KMP_TRY(const std::int64_t v, whole(node, setting));
        place.in(config) = static_cast<unsigned>(v);
        return {};
    }
    base::Status operator()(const Minutes& place) const {
        KMP_TRY(const std::int64_t v, whole(node, setting));
        place.in(config) = v * base::kMinute;
        return {};
    }
    base::Status operator()(const Yuan& place) const {
        const auto value = node.value_exact<std::string>();
        const auto yuan = model::Fen::parse_yuan(value.value_or(""));
        if (!yuan) return {Code::invalid_argument, "kmp.toml: " + std::string(setting.key) + " takes an amount of yuan in quotes, as \"20000\""};
        place.in(config) = *yuan;
        return {};
    }
    base::Status operator()(std::string Config::* place) const {
        const auto value = node.value_exact<std::string>();
        if (!value) return {Code::invalid_argument, "kmp.toml: " + std::string(setting.key) + " takes a text"};
        if (setting.check != nullptr) KMP_CHECK(setting.check(*value));
        config.*place = *value;
        return {};
    }
};

struct Text {
    Config& config;
    std::string operator()(const Number& place) const { return std::to_string(place.in(config)); }
    std::string operator()(const Minutes& place) const { return std::to_string(place.in(config) / base::kMinute); }
    std::string operator()(const Yuan& place) const { return "\"" + place.in(config).yuan() + "\""; }
    std::string operator()(bool Config::* place) const { return config.*place ? "true" : "false"; }
    std::string operator()(unsigned Config::* place) const { return std::to_string(config.*place); }
    std::string operator()(Millis Config::* place) const { return std::to_string((config.*place).count()); }
    std::string operator()(std::string Config::* place) const { return "\"" + config.*place + "\""; }
};

struct Copy {
    Config& from;
    Config& to;
    template <class T>
    void operator()(T Config::* place) const { to.*place = from.*place; }
    template <class Place>
    void operator()(const Place& place) const { place.in(to) = place.in(from); }
};

}  // namespace

base::Result<Config> Config::load(const std::string& home, const std::string& run) {
    Config c;
    c.home = home;
    c.run = run;
    const std::string path = home + "/kmp.toml";
    if (!std::filesystem::exists(path)) return c;
    toml::table file;
    try {
        file = toml::parse_file(path);
    } catch (const toml::parse_error& e) {
        return {Code::invalid_argument, path + " line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description())};
    }
    for (const auto& [section, content] : file) {
        const toml::table* table = content.as_table();
        if (table == nullptr) return {Code::invalid_argument, path + ": '" + std::string(section.str()) + "' is not a known section"};
        for (const auto& [key, node] : *table) {
            const std::string full = std::string(section.str()) + "." + std::string(key.str());
            const auto known = std::find_if(std::begin(kSettings), std::end(kSettings), [&](const Setting& s) { return s.key == full; });
            if (known == std::end(kSettings)) return {Code::invalid_argument, path + ": unknown key '" + full + "'"};
            KMP_CHECK(std::visit(Read{c, *known, node}, known->place));
        }
    }
    return c;
}

std::vector<Config::Change> Config::changes(Config now, Config next) {
    std::vector<Change> out;
    for (const Setting& setting : kSettings) {
        std::string from = std::visit(Text{now}, setting.place), to = std::visit(Text{next}, setting.place);
        if (from != to) out.push_back({std::string(setting.key), std::move(from), std::move(to), setting.when == When::live});
    }
    return out;
}

std::string Config::told() const {
    std::string out;
    for (const Change& change : changes(Config(), *this)) out += (out.empty() ? "" : "; ") + change.key + ": " + change.to;
    return out.empty() ? "all as by default" : out;
}

void Config::adopt(Config next) {
    for (const Setting& setting : kSettings)
        if (setting.when == When::live) std::visit(Copy{next, *this}, setting.place);
}

}  // namespace kmp::service

#include "kmp/service/config.h"

#include <filesystem>
#include <functional>
#include <map>
#include <toml++/toml.h>

namespace kmp::service {
namespace {

using base::Code;

base::Result<std::int64_t> whole(const toml::node& node, std::string_view key, std::int64_t low, std::int64_t high) {
    const auto value = node.value<std::int64_t>();
    if (!value || !node.is_integer() || *value < low || *value > high)
        return {Code::invalid_argument, "kmp.toml: " + std::string(key) + " takes a whole number from " + std::to_string(low) + " to " + std::to_string(high)};
    return *value;
}

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
    // One line a key: where it goes and its range.
    const auto set_unsigned = [](unsigned& out, std::int64_t low, std::int64_t high) {
        return [&out, low, high](const toml::node& node, std::string_view key) -> base::Status {
            KMP_TRY(const std::int64_t v, whole(node, key, low, high));
            out = static_cast<unsigned>(v);
            return {};
        };
    };
    const auto set_millis = [](std::chrono::milliseconds& out, std::int64_t low, std::int64_t high) {
        return [&out, low, high](const toml::node& node, std::string_view key) -> base::Status {
            KMP_TRY(const std::int64_t v, whole(node, key, low, high));
            out = std::chrono::milliseconds(v);
            return {};
        };
    };
    const auto set_window = [](base::Millis& out) {
        return [&out](const toml::node& node, std::string_view key) -> base::Status {
            KMP_TRY(const std::int64_t v, whole(node, key, 1, 1440));
            out = v * base::kMinute;
            return {};
        };
    };
    const auto set_yuan = [](model::Fen& out) {
        return [&out](const toml::node& node, std::string_view key) -> base::Status {
            const auto value = node.value_exact<std::string>();
            const auto yuan = model::Fen::parse_yuan(value.value_or(""));
            if (!yuan) return {Code::invalid_argument, "kmp.toml: " + std::string(key) + " takes an amount of yuan in quotes, as \"20000\""};
            out = *yuan;
            return {};
        };
    };
    const auto set_text = [](std::string& out) {
        return [&out](const toml::node& node, std::string_view key) -> base::Status {
            const auto value = node.value_exact<std::string>();
            if (!value) return {Code::invalid_argument, "kmp.toml: " + std::string(key) + " takes a text"};
            out = *value;
            return {};
        };
    };
    const auto set_folder = [](std::string& out) {
        return [&out](const toml::node& node, std::string_view key) -> base::Status {
            const auto value = node.value_exact<std::string>();
            if (!value || !value->starts_with('/')) return {Code::invalid_argument, "kmp.toml: " + std::string(key) + " takes the whole path of a folder, from / on"};
            out = *value;
            return {};
        };
    };
    const std::map<std::string, std::function<base::Status(const toml::node&, std::string_view)>, std::less<>> keys{
        {"service.max_connections", set_unsigned(c.max_connections, 1, 65536)},
        {"service.max_in_flight", set_unsigned(c.max_in_flight, 1, 4096)},
        {"service.max_queue", set_unsigned(c.max_queue, 1, 1 << 20)},
        {"service.token_timeout_ms", set_millis(c.token_timeout, 100, 600000)},
        {"service.idle_timeout_ms", set_millis(c.idle_timeout, 1000, 86400000)},
        {"network.listen", set_text(c.network_listen)},
        {"network.max_connections", set_unsigned(c.network_max_connections, 1, 65536)},
        {"network.max_per_address", set_unsigned(c.network_max_per_address, 1, 65536)},
        {"network.handshake_timeout_ms", set_millis(c.network_handshake_timeout, 100, 600000)},
        {"network.login_timeout_ms", set_millis(c.network_login_timeout, 100, 600000)},
        {"velocity.orders", set_unsigned(c.velocity.orders, 0, 1 << 30)},
        {"velocity.amount", set_yuan(c.velocity.amount)},
        {"velocity.window_minutes", set_window(c.velocity.window)},
        {"standby.folder", set_folder(c.standby_folder)},
        {"standby.interval_ms", set_millis(c.standby_interval, 100, 60000)},
        {"standby.segments", set_unsigned(c.standby_segments, 10, 1000000)},
        {"audit.checkpoint_events", set_unsigned(c.checkpoint_events, 1, 1 << 30)},
        {"audit.checkpoint_interval_ms", set_millis(c.checkpoint_interval, 1000, 86400000)},
    };
    for (const auto& [section, content] : file) {
        const toml::table* table = content.as_table();
        if (table == nullptr) return {Code::invalid_argument, path + ": '" + std::string(section.str()) + "' is not a known section"};
        for (const auto& [key, node] : *table) {
            const std::string full = std::string(section.str()) + "." + std::string(key.str());
            const auto known = keys.find(full);
            if (known == keys.end()) return {Code::invalid_argument, path + ": unknown key '" + full + "'"};
            KMP_CHECK(known->second(node, full));
        }
    }
    return c;
}

}  // namespace kmp::service

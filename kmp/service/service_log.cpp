#include "kmp/service/service_log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/clock.h"

namespace kmp::service {
namespace {

constexpr const char* kName = "kmpd";

class JsonLines final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& m, spdlog::memory_buf_t& out) override {
        nlohmann::ordered_json line;
        line["time"] = base::to_rfc3339(std::chrono::duration_cast<std::chrono::milliseconds>(m.time.time_since_epoch()).count());
        const auto level = spdlog::level::to_string_view(m.level);
        line["level"] = std::string(level.data(), level.size());
        line["message"] = std::string(m.payload.data(), m.payload.size());
        // What is not UTF-8 is shown as such, not thrown over.
        const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonLines>(); }
};

/// systemd.exec(5): device and inode of the stream that the journal reads.
bool stderr_is_the_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat file {};
    if (stream == nullptr || fstat(STDERR_FILENO, &file) != 0) return false;
    return std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino) == stream;
}

}  // namespace

base::Status set_up_log(const std::string& format) {
    if (format != "auto" && format != "text" && format != "json" && format != "journal") return {base::Code::invalid_argument, "--log-format is auto, text, json or journal"};
    if (format == "journal" || (format == "auto" && stderr_is_the_journal())) {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>(kName, std::make_shared<spdlog::sinks::systemd_sink_mt>(kName)));
        return {};
    }
    spdlog::set_default_logger(spdlog::stderr_color_mt(kName));
    if (format == "json") spdlog::set_formatter(std::make_unique<JsonLines>());
    else spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %l: %v");
    return {};
}

void set_log_level(const std::string& level) { spdlog::set_level(spdlog::level::from_str(level)); }

}  // namespace kmp::service

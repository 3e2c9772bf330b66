// kmpd: the service. Everything is wired here.
#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include <CLI/CLI.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <filesystem>

#include "base/home.h"
#include "cli/command_line.h"
#include "kmp/service/desk.h"
#include "kmp/service/exposition.h"
#include "kmp/service/metrics_server.h"
#include "kmp/service/platform_file.h"
#include "kmp/service/reloading.h"
#include "kmp/service/service_log.h"
#include "kmp/service/stations.h"
#include "kmp/service/unattended.h"
#include "kmp/service/vigil.h"
#include "tokens/spawner.h"

namespace {

using kmp::service::Config;

base::Status make_folder(const std::string& path, mode_t mode) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return base::errno_error("cannot make " + path, error.value());
    if (::chmod(path.c_str(), mode) != 0) return base::errno_error("cannot set the mode of " + path, errno);
    return {};
}

/// Files of an older version may be open to more than their owner, relying on the folder.
base::Status close_to_others(const Config& config) {
    for (const std::string& file : {config.database(), config.database() + "-wal", config.database() + "-shm", config.search_index(), config.platform_file(), config.sealed_log()})
        if (::chmod(file.c_str(), 0600) != 0 && errno != ENOENT) return base::errno_error("cannot set the mode of " + file, errno);
    return {};
}

/// Null where nobody is to read metrics.
base::Result<std::unique_ptr<kmp::service::MetricsServer>> show_metrics(kmp::service::Service& service) {
    if (service.config().metrics_listen.empty()) return std::unique_ptr<kmp::service::MetricsServer>();
    kmp::service::MetricsServerOptions options;
    options.listen = service.config().metrics_listen;
    options.socket_path = service.config().metrics_socket();
    options.page = kmp::service::metrics_page(service);
    KMP_TRY(auto server, kmp::service::MetricsServer::start(std::move(options)));
    service.metrics_address = server->where();
    return server;
}

/// Until it is stopped. Before the thread sleeps it looks a little longer for what comes next: an order of one client alone is seven wake-ups, and what
/// follows often comes sooner than a processor that has gone to sleep is back (docs/PERFORMANCE.md).
void run(asio::io_context& io) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::microseconds kLinger{30};
    Clock::time_point last = Clock::now();
    while (!io.stopped()) {
        if (io.poll() == 0) {
            if (Clock::now() - last < kLinger) continue;
            io.run_one();
        }
        last = Clock::now();
    }
}

base::Status serve(const Config& config, tokens::Spawner& spawner, kmp::service::PassedSockets passed) {
    KMP_TRY(kmp::service::SealedLog sealed_log, kmp::service::SealedLog::open(config.sealed_log()));
    bool initialised = true;
    if (auto file = kmp::service::read_platform_file(config.platform_file()); !file) {
        if (file.error().code != base::Code::not_found) return std::move(file).error();
        initialised = false;
    }
    const base::SystemClock clock;
    KMP_CHECK(sealed_log.append(clock.now(), "started", std::string(kmp::service::kVersion)));

    asio::io_context io(1);
    kmp::service::Service service(io, config, clock, spawner, std::move(sealed_log), initialised);
    kmp::service::Stations stations(service);
    kmp::service::Desk desk(service);
    KMP_CHECK(stations.listen(io, passed));
    KMP_CHECK(desk.listen(io, passed));
    KMP_TRY(const auto metrics, show_metrics(service));
    service.on_reload.push_back([](const Config& changed) { kmp::service::set_log_level(changed.log_level); });
    service.start();
    kmp::service::Unattended unattended(service);
    kmp::service::Vigil vigil(service);

    asio::signal_set signals(io, SIGTERM, SIGINT);
    asio::steady_timer drain(io);
    // Stops in order: no new clients, what was accepted is finished, then sealed.
    std::string why;
    std::function<void(int)> finish = [&](int turns) {
        if (turns > 0 && !(stations.idle() && desk.idle() && unattended.idle())) {
            drain.expires_after(std::chrono::milliseconds(20));
            drain.async_wait([&, turns](const std::error_code&) { finish(turns - 1); });
            return;
        }
        service.stop(why, [&] {
            stations.close();
            desk.close();
            io.stop();
        });
    };
    signals.async_wait([&](const std::error_code& error, int signal) {
        if (error) return;
        spdlog::info("stopping on signal {}", signal);
        why = "on signal " + std::to_string(signal) + (signal == SIGTERM ? ", SIGTERM" : ", SIGINT");
        sd_notify(0, "STOPPING=1");
        unattended.stop();
        stations.stop_accepting();
        desk.stop_accepting();
        finish(500);
    });
    asio::signal_set hang_up(io, SIGHUP);
    std::function<void()> read_anew = [&] {
        hang_up.async_wait([&](const std::error_code& error, int) {
            if (error) return;
            sd_notify(0, "RELOADING=1");
            kmp::service::reload(service, "SIGHUP", [](const base::Result<wire::pb::ReloadReply>&) { sd_notify(0, "READY=1"); });
            read_anew();
        });
    };
    read_anew();
    if (!service.network_address.empty()) spdlog::info("stations over TLS: {}", service.network_address);
    spdlog::info("{} serves {} ({})", kmp::service::kVersion, config.home, kmp::service::name(service.phase()));
    sd_notify(0, "READY=1");
    vigil.start();
    unattended.start();
    run(io);
    service.ended = true;
    // An officer's work that was still under way fails now that its UKEYs are closed; it needs the loop to say so.
    for (int turns = 0; turns < 1000 && !(desk.idle() && unattended.idle()); ++turns) {
        io.restart();
        io.run_for(std::chrono::milliseconds(10));
    }
    service.officer().join();
    service.exporter().join();
    service.searcher().join();
    service.stretcher().join();
    service.finish_asides();
    io.restart();
    io.poll();  // what they hold of the books goes on this thread
    return {};
}

int start(int argc, char** argv) {
    CLI::App app("The key management service: signs and encrypts for vending stations with keys that stay in UKEYs.", "kmpd");
    std::string home, run, tokenhost, log_format = "auto";
    app.add_option("--home", home, "Folder of state, readers and configuration; made when it is not there [$KMP_HOME; for root /var/lib/kmp with its sockets in /run/kmp; for others $XDG_STATE_HOME/kmp or ~/.local/state/kmp]");
    app.add_option("--run", run, "Folder of the sockets, where they are not to lie in HOME/run [for root without --home /run/kmp]");
    app.add_option("--log-format", log_format, "auto: to the journal where stderr goes there, otherwise text; text; json: an object a line; journal")
        ->check(CLI::IsMember({"auto", "text", "json", "journal"}));
    app.add_option("--tokenhost", tokenhost, "The kmp-tokenhost program; default: beside kmpd");
    if (const auto ended = cli::parse(app, argc, argv)) return *ended;
    const auto fail = [](const base::Error& error) { return cli::complain("kmpd", error, cli::kFailed); };
    auto where = base::find_home(home);
    if (!where) return fail(where.error());
    if (auto set = kmp::service::set_up_log(log_format); !set) return fail(set.error());
    auto config = Config::load(where->state, run.empty() ? where->run : run);
    if (!config) return fail(config.error());
    kmp::service::set_log_level(config->log_level);
    const bool fresh = !std::filesystem::exists(config->home);
    // Whoever may use kmp.sock must get to it, and to the checkpoint; what else lies there is closed by its own mode.
    umask(0077);
    for (const std::string& folder : {config->home, config->run, config->readers()})
        if (auto made = make_folder(folder, folder == config->readers() ? 0700 : 0711); !made) return fail(made.error());
    if (auto closed = close_to_others(*config); !closed) return fail(closed.error());
    if (fresh) spdlog::warn("{} is a new home: there was none; if another was meant, stop and give its --home", config->home);
    config->tokenhost = tokenhost;
    kmp::service::fit_to_open_files(*config);
    auto passed = kmp::service::PassedSockets::take(*config);
    if (!passed) return fail(passed.error());
    // Before any thread: the spawner must not inherit what comes later.
    auto spawner = tokens::Spawner::start({config->tokenhost, ""});
    if (!spawner) return fail(spawner.error());
    if (auto served = serve(*config, *spawner, std::move(*passed)); !served) return fail(served.error());
    return cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    std::signal(SIGPIPE, SIG_IGN);
    // A file at its limit is a disk that is full: said, and survived.
    std::signal(SIGXFSZ, SIG_IGN);
    // What a client sends is answered to the client; protobuf must not comment on it in the service's log.
    google::protobuf::SetLogHandler(nullptr);
    return cli::run("kmpd", [&] { return start(argc, argv); });
}

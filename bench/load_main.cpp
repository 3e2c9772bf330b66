// kmp-load: many stations in one thread. Orders through kmp.sock as fast as they are answered; one JSON object with the figures.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "bench/load.h"
#include "wire/pb.h"
#include "wire/pin_source.h"

namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
const std::map<std::string, bench::Work> kWorks{{"recharge", bench::Work::recharge}, {"open-account", bench::Work::open_account}, {"known", bench::Work::known},
                                                {"sign", bench::Work::sign},         {"random", bench::Work::random}};

struct Arguments {
    std::string home;
    std::string socket;
    std::vector<std::string> ukeys;
    std::string connect;
    std::string trust;
    std::vector<std::string> accounts;
    std::string work = "recharge";
    std::vector<std::string> pin_fds;
    std::size_t connections = 1;
    bench::Load load;
};

base::Result<wire::StationClient> connect_to(const Arguments& a) {
    return a.connect.empty() ? wire::StationClient::open(a.socket) : wire::StationClient::open_tls(a.connect, a.trust);
}

/// Stations come one after the other; those of a list of UKEYs or accounts are spread over it.
base::Result<std::vector<wire::Connection>> log_in(const Arguments& a) {
    KMP_TRY(auto pins, wire::PinSource::parse(a.pin_fds, {"ukey", "account"}));
    std::optional<base::Secret> pin;
    const std::string role = a.accounts.empty() ? "ukey" : "account";
    if (pins.has(role)) {
        KMP_TRY(pin, pins.get(role, "PIN of the UKEYs, or password of the accounts", wire::PinSource::Use::existing));
    }
    std::vector<wire::Connection> out;
    for (std::size_t i = 0; i < a.connections; ++i) {
        KMP_TRY(wire::StationClient client, connect_to(a));
        if (!a.accounts.empty()) {
            if (!pin) return {base::Code::not_found, "the accounts' password is not given: --pin-fd account=N"};
            KMP_TRY([[maybe_unused]] const auto session, wire::open_account(client, a.accounts[i % a.accounts.size()], &*pin));
        } else {
            // The first session of each UKEY proves the PIN; for the others the grant names this unix user.
            const std::size_t kinds = std::max<std::size_t>(a.ukeys.size(), 1);
            const std::string ukey = a.ukeys.empty() ? "" : a.ukeys[i % kinds];
            KMP_TRY([[maybe_unused]] const auto session, wire::open_session(client, ukey, i < kinds && pin ? &*pin : nullptr));
        }
        out.push_back(std::move(client).release());
    }
    return out;
}

std::string wrong_usage(const Arguments& a) {
    if (a.home.empty() && a.socket.empty() && a.connect.empty()) return "name the service with --home, --socket or --connect";
    if (a.connect.empty() != a.trust.empty()) return "--connect and --trust go together";
    if (!a.accounts.empty() && !a.ukeys.empty()) return "a session is opened with --ukey or --account";
    if (a.work == "known" && a.load.meters <= a.connections * a.load.in_flight) return "--work known takes --meters, more than there are requests in flight";
    return "";
}

base::Result<bench::Figures> run(const Arguments& arguments) {
    auto connections = log_in(arguments);
    if (!connections) return std::move(connections).error().in("opening a session");
    return bench::drive(*connections, arguments.load);
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    Arguments a;
    // A hundred thousand meters a second from one run's start to the next: runs on the same home do not meet.
    a.load.first_meter = static_cast<std::uint64_t>(base::SystemClock().now() / 100 % 100'000'000) * 10'000;
    CLI::App app("Many stations in one thread: orders as fast as they are answered. Prints one JSON object.");
    app.add_option("--home", a.home, "The platform's home, for its socket");
    app.add_option("--socket", a.socket, "kmp.sock [HOME/run/kmp.sock]");
    app.add_option("--connect", a.connect, "HOST:PORT of a network encryption machine, over TLS 1.3, instead of its socket");
    app.add_option("--trust", a.trust, "The trust anchor of that machine's platform (PEM)");
    app.add_option("--ukey", a.ukeys, "A user UKEY's serial; several: the clients are spread over them [the only one present]");
    app.add_option("--account", a.accounts, "A network account; several: the clients are spread over them");
    app.add_option("--pin-fd", a.pin_fds, "ukey=N, account=N: the PIN of the UKEYs, or the password of the accounts, stands on descriptor N. Without a PIN the grants name this unix user, and sessions were opened with it before");
    app.add_option("--connections", a.connections, "How many clients [1]")->check(CLI::Range(1, 1024));
    app.add_option("--in-flight", a.load.in_flight, "Requests that each keeps in flight [1]")->check(CLI::Range(1, 256));
    app.add_option("--work", a.work, "recharge: each slot its own meter, its key cached; open-account: a new meter in every order; known: recharges of --meters meters that have accounts; sign; random [recharge]")
        ->check(CLI::IsMember(kWorks));
    app.add_option("--first-meter", a.load.first_meter, "The first of a range of meters that no order was made for yet [by the clock]");
    app.add_option("--meters", a.load.meters, "With --work known: how many meters from the first on have accounts")->check(CLI::Range(1'000u, 100'000'000u));
    app.add_option("--count", a.load.count, "So many requests, however long they take, instead of --seconds")->check(CLI::Range(1u, 1'000'000'000u));
    app.add_option("--seconds", a.load.seconds, "How long to measure [3]")->check(CLI::Range(0.1, 3600.0));
    app.add_option("--warm-up", a.load.warm_up, "Seconds before that [0.5]")->check(CLI::Range(0.0, 3600.0));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? kDone : kWrongUsage;
    }
    if (const std::string wrong = wrong_usage(a); !wrong.empty()) {
        std::fprintf(stderr, "kmp-load: %s\n", wrong.c_str());
        return kWrongUsage;
    }
    if (a.socket.empty()) a.socket = a.home + "/run/kmp.sock";
    a.load.work = kWorks.at(a.work);
    const auto figures = run(a);
    if (!figures) {
        std::fprintf(stderr, "kmp-load: %s\n", figures.error().message.c_str());
        return kFailed;
    }
    const nlohmann::json out{{"operations", figures->operations}, {"seconds", figures->seconds}, {"rate", static_cast<double>(figures->operations) / figures->seconds},
                             {"p50_us", figures->p50_us},         {"p99_us", figures->p99_us},   {"refusals", figures->refusals}};
    std::printf("%s\n", out.dump().c_str());
    if (figures->refusals == 0) return kDone;
    std::fprintf(stderr, "kmp-load: %llu requests were refused, the first with %s\n", static_cast<unsigned long long>(figures->refusals), figures->first_refusal.c_str());
    return kFailed;
}

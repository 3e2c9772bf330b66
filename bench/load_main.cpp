// kmp-load: many stations in one thread. Orders through kmp.sock as fast as they are answered; one JSON object with the figures.
#include <sys/socket.h>
#include <sys/un.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "bench/load.h"
#include "wire/frame.h"
#include "wire/pb.h"
#include "wire/pin_frame.h"
#include "wire/pin_source.h"

namespace {

using base::Code;

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

struct Arguments {
    std::string home;
    std::string socket;
    std::string ukey;
    std::string work = "recharge";
    std::vector<std::string> pin_fds;
    std::size_t connections = 1;
    bench::Load load;
};

base::Result<base::Fd> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return {Code::invalid_argument, "the socket path " + path + " is too long"};
    path.copy(address.sun_path, path.size());
    base::Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd || connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return base::errno_error("connecting to " + path, errno);
    return fd;
}

base::Status send_all(int socket, base::ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n < 0) return base::errno_error("sending to kmpd", errno);
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
}

/// Opens a session and waits for the answer, so that nothing is left to read behind it.
base::Status log_in(int socket, const std::string& ukey, const base::Secret* pin) {
    base::Bytes out;
    if (pin != nullptr) KMP_CHECK(wire::append_pin_frame(out, "ukey", *pin));
    kmp::v1::StationRequest request;
    request.set_id(1);
    request.mutable_open_session()->set_ukey(ukey);
    KMP_CHECK(wire::append_frame(out, request));
    const base::Status sent = send_all(socket, out);
    base::wipe(out);
    KMP_CHECK(sent);
    wire::FrameReader reader;
    for (;;) {
        const auto room = reader.room();
        const ssize_t n = recv(socket, room.data(), room.size(), 0);
        if (n <= 0) return {Code::io_failed, "kmpd closed the connection instead of opening a session"};
        reader.received(static_cast<std::size_t>(n));
        KMP_TRY(const auto message, reader.next());
        if (!message) continue;
        kmp::v1::StationReply reply;
        if (!reply.ParseFromArray(message->data(), static_cast<int>(message->size()))) return {Code::malformed, "kmpd sent something that is no answer"};
        if (reply.has_failure()) return {Code::denied, "opening a session: " + reply.failure().code() + ": " + reply.failure().message()};
        return {};
    }
}

base::Result<bench::Figures> run(const Arguments& arguments) {
    KMP_TRY(auto pins, wire::PinSource::parse(arguments.pin_fds, {"ukey"}));
    std::vector<base::Fd> connections;
    for (std::size_t i = 0; i < arguments.connections; ++i) {
        KMP_TRY(base::Fd fd, connect_to(arguments.socket));
        // The first session proves the PIN; for the others the grant names this unix user.
        if (i == 0 && pins.has("ukey")) {
            KMP_TRY(const base::Secret pin, pins.get("ukey", "PIN of the UKEY", wire::PinSource::Use::existing));
            KMP_CHECK(log_in(fd.get(), arguments.ukey, &pin));
        } else {
            KMP_CHECK(log_in(fd.get(), arguments.ukey, nullptr));
        }
        connections.push_back(std::move(fd));
    }
    return bench::drive(connections, arguments.load);
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
    app.add_option("--ukey", a.ukey, "The user UKEY's serial [the only one present]");
    app.add_option("--pin-fd", a.pin_fds, "ukey=N: the PIN stands on descriptor N. Without it the grant names this unix user, and a session was opened with the PIN before");
    app.add_option("--connections", a.connections, "How many clients [1]")->check(CLI::Range(1, 1024));
    app.add_option("--in-flight", a.load.in_flight, "Requests that each keeps in flight [1]")->check(CLI::Range(1, 256));
    app.add_option("--work", a.work, "recharge: each slot its own meter, its key cached; open-account: a new meter in every order [recharge]")
        ->check(CLI::IsMember({"recharge", "open-account"}));
    app.add_option("--first-meter", a.load.first_meter, "The first of a range of meters that no order was made for yet [by the clock]");
    app.add_option("--seconds", a.load.seconds, "How long to measure [3]")->check(CLI::Range(0.1, 3600.0));
    app.add_option("--warm-up", a.load.warm_up, "Seconds before that [0.5]")->check(CLI::Range(0.0, 3600.0));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? kDone : kWrongUsage;
    }
    if (a.socket.empty() && a.home.empty()) {
        std::fprintf(stderr, "kmp-load: name the service with --home or --socket\n");
        return kWrongUsage;
    }
    if (a.socket.empty()) a.socket = a.home + "/run/kmp.sock";
    if (a.work == "open-account") a.load.work = bench::Work::open_account;
    const auto figures = run(a);
    if (!figures) {
        std::fprintf(stderr, "kmp-load: %s\n", figures.error().message.c_str());
        return kFailed;
    }
    const nlohmann::json out{{"operations", figures->operations}, {"seconds", figures->seconds}, {"rate", static_cast<double>(figures->operations) / figures->seconds},
                             {"p50_us", figures->p50_us},         {"p99_us", figures->p99_us},   {"refusals", figures->refusals}};
    std::printf("%s\n", out.dump().c_str());
    if (figures->refusals == 0) return kDone;
    std::fprintf(stderr, "kmp-load: %llu orders were refused, the first with %s\n", static_cast<unsigned long long>(figures->refusals), figures->first_refusal.c_str());
    return kFailed;
}

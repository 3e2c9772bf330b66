#include "vending/vend_station.h"

#include <csignal>
#include <filesystem>
#include <cstdio>

#include "base/home.h"

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;
using nlohmann::ordered_json;

base::Status print(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    if (!written) return {Code::io_failed, "it is done, but standard output takes no text"};
    return {};
}

Tell teller(const VendArguments& a) {
    if (!a.verbose) return {};
    // A JSON document on standard output stays alone there.
    return [to = a.json ? stderr : stdout](const std::string& step) {
        std::fprintf(to, "%s\n", step.c_str());
        std::fflush(to);
    };
}

}  // namespace

base::Status show(const VendArguments& a, const ordered_json& document, const std::string& text) {
    return print(a.json ? document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n" : text);
}

namespace {

base::Result<wire::StationClient> reach_kmpd(const VendArguments& a) {
    if (!a.connect.empty()) return wire::StationClient::open_tls(a.connect, a.trust);
    if (!a.socket.empty()) return wire::StationClient::open(a.socket);
    KMP_TRY(const base::Home home, base::find_home(a.home));
    return wire::StationClient::open(home.station_socket());
}

}  // namespace

base::Result<Platform> open_platform(const VendArguments& a, wire::PinSource pins) {
    KMP_TRY(wire::StationClient client, reach_kmpd(a));
    KMP_CHECK(client.hello("kmp-vend"));
    Platform platform(std::move(client), teller(a));
    // A grant may admit this unix user without the PIN. So it is asked for only when none was handed over and kmpd wants it.
    auto session = [&]() -> base::Result<pb::OpenSessionReply> {
        if (!a.account.empty()) {
            KMP_TRY(const base::Secret password, pins.get("account", "password of account " + a.account, wire::PinSource::Use::existing));
            return platform.open_account(a.account, password);
        }
        if (!pins.has("ukey")) {
            auto open = platform.open(a.ukey, nullptr, a.kind);
            if (open || (open.error().code != Code::wrong_pin && open.error().code != Code::denied)) return open;
            auto pin = pins.get("ukey", "PIN of the UKEY", wire::PinSource::Use::existing);
            // Nowhere to ask: whoever is refused for want of a PIN should read how to give one.
            if (!pin && pin.error().code == Code::not_found && !open.error().message.starts_with("pin: ")) return open;
            if (!pin) return std::move(pin).error();
            return platform.open(a.ukey, &*pin, a.kind);
        }
        KMP_TRY(const base::Secret pin, pins.get("ukey", "PIN of the UKEY", wire::PinSource::Use::existing));
        return platform.open(a.ukey, &pin, a.kind);
    }();
    if (!session && session.error().code == Code::invalid_argument && a.ukey.empty() && a.account.empty())
        return base::Error{Code::invalid_argument, session.error().message + ": give --ukey SERIAL", session.error().raw};
    if (!session) return std::move(session).error();
    platform.tell("session " + (session->account().empty() ? std::string() : "of account " + session->account() + " ") + "with " + session->kind() + " UKEY " + session->ukey() + (session->station().empty() ? "" : " of station " + session->station()));
    return platform;
}

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

base::Result<Journal> open_journal(const VendArguments& a, bool must_be_there) {
    static const base::SystemClock clock;
    std::string file = a.journal;
    if (file.empty()) {
        KMP_TRY(const base::Home home, base::find_home(a.home));
        file = home.state + "/vend/orders.db";
    }
    if (std::error_code ignored; must_be_there && !std::filesystem::exists(file, ignored))
        return base::Error{Code::not_found, "there is no order journal " + file + ": --home DIR or --journal FILE says where it lies"};
    auto journal = Journal::open(file, clock);
    if (!journal) return base::Error{journal.error().code, journal.error().message + "; no order is asked for without it (--journal FILE puts it elsewhere)", journal.error().raw};
    if (!a.die_at.empty())
        journal->on_state = [state = a.die_at](OrderState now) {
            if (name(now) == state) std::raise(SIGKILL);
        };
    return journal;
}

}  // namespace vending

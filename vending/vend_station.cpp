#include "vending/vend_station.h"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>

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

base::Result<wire::StationClient> reach_local(const VendArguments& a) {
    std::string socket = a.socket;
    if (socket.empty()) {
        KMP_TRY(const base::Home home, base::find_home(a.home));
        socket = home.station_socket();
    }
    KMP_TRY(wire::StationClient client, wire::StationClient::open(socket));
    KMP_TRY(const std::string log, a.connect.empty() ? log_file(a) : local_log_file(a));
    KMP_CHECK(greet(client, log, a.connect.empty() ? a.log_key : std::string()));
    return client;
}

using Open = std::function<base::Result<pb::OpenSessionReply>(const base::Secret* pin)>;

/// A session with a UKEY at the local kmpd. A grant may admit this unix user without the PIN, so it is asked for only when none was handed over and kmpd wants it.
base::Result<pb::OpenSessionReply> open_ukey(wire::PinSource& pins, const Open& open) {
    if (!pins.has("ukey")) {
        auto opened = open(nullptr);
        if (opened || (opened.error().code != Code::wrong_pin && opened.error().code != Code::denied)) return opened;
        auto pin = pins.get("ukey", "PIN of the UKEY", wire::PinSource::Use::existing);
        // Nowhere to ask: whoever is refused for want of a PIN should read how to give one.
        if (!pin && pin.error().code == Code::not_found && !opened.error().message.starts_with("pin: ")) return opened;
        if (!pin) return std::move(pin).error();
        return open(&*pin);
    }
    KMP_TRY(const base::Secret pin, pins.get("ukey", "PIN of the UKEY", wire::PinSource::Use::existing));
    return open(&pin);
}

constexpr wire::Timeout kProofTimeout{10000};  // the machine usually waits no longer

/// The network encryption machine, to which the local kmpd proves this station by its UKEY.
base::Result<wire::StationClient> reach_as_station(const VendArguments& a, wire::PinSource& pins) {
    KMP_TRY(wire::StationClient reached, reach_local(a));
    const auto local = std::make_shared<wire::StationClient>(std::move(reached));  // shared with what signs, as long as that may be asked
    local->set_timeout(kProofTimeout);
    KMP_TRY(const pb::OpenSessionReply session, open_ukey(pins, [&](const base::Secret* pin) { return wire::open_session(*local, a.ukey, pin, "user"); }));
    return wire::open_proved(a.connect, a.trust, local, session);
}

base::Result<wire::StationClient> reach_kmpd(const VendArguments& a, wire::PinSource& pins) {
    if (a.connect.empty()) return reach_local(a);
    auto client = a.ukey.empty() ? wire::StationClient::open_tls(a.connect, a.trust) : reach_as_station(a, pins);
    if (!client) return client;
    KMP_TRY(const std::string log, log_file(a));
    // Only now a client learns what became of its proof.
    if (auto greeted = greet(*client, log, a.log_key); !greeted)
        return a.ukey.empty() || greeted.error().code == Code::tampered ? greeted.error() : std::move(greeted).error().in("it may not have taken the certificate of UKEY " + a.ukey);
    return client;
}

base::Result<pb::OpenSessionReply> open_session(const VendArguments& a, Platform& platform, wire::PinSource& pins) {
    const int tries = a.connect.empty() ? Platform::kLocalLogins : Platform::kRemoteLogins;
    if (a.account.empty()) return open_ukey(pins, [&](const base::Secret* pin) { return platform.open(a.ukey, pin, a.kind, tries); });
    if (!a.ukey.empty()) return platform.open_account(a.account, nullptr, tries);
    KMP_TRY(const base::Secret password, pins.get("account", "password of account " + a.account, wire::PinSource::Use::existing));
    return platform.open_account(a.account, &password, tries);
}

}  // namespace

base::Result<Platform> open_platform(const VendArguments& a, wire::PinSource pins) {
    KMP_TRY(wire::StationClient client, reach_kmpd(a, pins));
    Platform platform(std::move(client), teller(a));
    auto session = open_session(a, platform, pins);
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

#include "kmp/kmpctl/officer.h"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command_line.h"
#include "kmp/kmpctl/print.h"
#include "wire/json.h"
#include "wire/known_log.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

// A ceremony makes RSA keys on several tokens; soft ones on a small machine take their time.
constexpr wire::Timeout kCeremonyTimeout{300000};

/// ok: the service's log goes on from what is known of it, and that is kept.
base::Status hold_to_known_log(wire::AdminClient& client, const KnownLogUse& known) {
    auto log = wire::KnownLog::open(known.file, known.key);
    const auto greeted = client.hello("kmpctl", log ? log->checkpoint() : std::string());
    if (!greeted) return log ? log->refused(greeted.error()) : greeted.error();
    // One that is not open has no log to show; what there is to do then is to open it.
    if (greeted->state() != "open") return {};
    if (!log) return std::move(log).error();
    KMP_CHECK(log->check(*greeted));
    // A full disk here must not keep an officer from suspending a UKEY: the older checkpoint still holds.
    if (const auto kept = log->keep(); !kept && kept.error().code == base::Code::tampered) return kept.error();
    else if (!kept) cli::warn("kmpctl", kept.error());
    return {};
}

}  // namespace

base::Result<Officer> Officer::connect(const std::string& admin_socket, const KnownLogUse& known, wire::PinSource pins, bool json) {
    KMP_TRY(wire::AdminClient client, wire::AdminClient::open(admin_socket));
    client.set_timeout(kCeremonyTimeout);
    if (auto same = hold_to_known_log(client, known); !same) {
        // Said once more, without a checkpoint, it tells whether the log alone is what is wrong.
        if (!known.only_warn || !client.hello("kmpctl")) return std::move(same).error();
        cli::warn("kmpctl", same.error());
    }
    return Officer(std::move(client), std::move(pins), json, known.file);
}

base::Status Officer::enter_pin(const std::string& role, std::string_view what, wire::PinSource::Use use) {
    KMP_TRY(const base::Secret pin, pins_.get(role, what, use));
    return client_.enter_pin(role, pin);
}

base::Result<bool> Officer::officers_hold() {
    pb::AdminRequest request;
    request.mutable_status();
    KMP_TRY(const pb::AdminReply reply, ask(std::move(request)));
    return reply.status().officers() > 0;
}

base::Result<bool> Officer::enter_master() {
    KMP_TRY(const bool officers, officers_hold());
    if (!officers) KMP_CHECK(enter_pin("master", "PIN of the master-control UKEY", wire::PinSource::Use::existing));
    return !officers;
}

base::Status Officer::enter_hand() {
    KMP_TRY(const bool officers, officers_hold());
    return officers ? enter_pin("officer", "PIN of your officer UKEY", wire::PinSource::Use::existing)
                    : enter_pin("master", "PIN of the master-control UKEY", wire::PinSource::Use::existing);
}

base::Result<pb::AdminReply> Officer::ask(pb::AdminRequest request, const wire::AdminClient::OnPart& on_part, Progress progress) {
    return client_.call(std::move(request), [&](const pb::AdminReply& part) -> base::Status {
        if (!part.has_progress() || progress == Progress::to_part) return on_part ? on_part(part) : base::Status();
        // Off a terminal only the outcome is told, so that a failure stays one line.
        if (isatty(STDERR_FILENO) != 0)
            std::fprintf(stderr, "%s%s\n", part.progress().step().c_str(),
                         part.progress().of() == 0 ? "" : (" (" + std::to_string(part.progress().done()) + " of " + std::to_string(part.progress().of()) + ")").c_str());
        return {};
    });
}

base::Result<pb::AdminReply> Officer::ask_for_another_log(pb::AdminRequest request) {
    auto reply = ask(std::move(request));
    if (!reply && client_.is_open()) return reply;  // it was refused
    const auto aside = wire::KnownLog::forget(known_log_);
    if (!reply) {
        base::Error error = std::move(reply).error();
        error.message += "; it may have been done: start kmpd again, and look at 'kmpctl status'";
        if (aside) error.message += "; what kmpctl knew of the log before stands in " + *aside;
        return error;
    }
    if (aside && !json_) std::fprintf(stderr, "What kmpctl knew of the log before stands in %s\n", aside->c_str());
    return reply;
}

base::Status Officer::show(const nlohmann::ordered_json& document, std::string_view text) const { return kmpctl::show(document, text, json_); }

base::Status Officer::show(const google::protobuf::Message& answer, const std::function<std::string()>& text) const {
    return json_ ? show(wire::to_json(answer), {}) : show(nlohmann::ordered_json(), text());
}

base::Status Officer::show_or_request(const pb::AdminReply& reply, const google::protobuf::Message& done, std::string_view text) const {
    if (!reply.has_request_made()) return show(wire::to_json(done), text);
    const pb::RequestMade& made = reply.request_made();
    const std::string number = std::to_string(made.number());
    return show(wire::to_json(made), "Request " + number + (made.asked_before() ? " asks for this already; " : " was made; ") + std::to_string(made.needed()) + " officers must agree by " + time_text(made.expires_ms()) + ".\n  " + made.what() +
                                         "\nEach officer: kmpctl request approve " + number + "; then: kmpctl request run " + number + "\n");
}

}  // namespace kmp::kmpctl

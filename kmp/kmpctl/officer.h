#pragma once
#include <google/protobuf/message.h>

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "wire/client.h"
#include "wire/pb.h"
#include "wire/pin_source.h"

namespace kmp::kmpctl {

/// How the service is held to what is known of its log (wire/known_log.h).
struct KnownLogUse {
    std::string file;
    std::string key;         ///< what the operator vouches for; empty: the one of the first contact
    bool only_warn = false;  ///< say on stderr what does not fit, and go on
};

/// One run of kmpctl: the connection to kmpd, the PINs, and where the outcome goes.
class Officer {
public:
    /// Connects to admin.sock and says hello; an open service must prove that its log goes on from what is known of it.
    /// not_found: kmpd is not running; tampered: its log was set back, or is another.
    static base::Result<Officer> connect(const std::string& admin_socket, const KnownLogUse& known, wire::PinSource pins, bool json);

    /// Enters a PIN for the next request. `what` is how a prompt calls it.
    base::Status enter_pin(const std::string& role, std::string_view what, wire::PinSource::Use use);
    /// The PIN of a role, kept by the caller for several requests, and entered for each.
    base::Result<base::Secret> read_pin(const std::string& role, std::string_view what, wire::PinSource::Use use) { return pins_.get(role, what, use); }
    base::Status enter(const std::string& role, const base::Secret& pin) { return client_.enter_pin(role, pin); }
    /// Whether officers hold the master-control UKEY: then what it takes becomes a request.
    base::Result<bool> officers_hold();
    /// What the master-control UKEY's work takes: its PIN. false: officers hold it, so a request will be made and no PIN is wanted yet.
    base::Result<bool> enter_master();
    /// What one officer may do alone: the master-control UKEY's PIN, or this officer's own.
    base::Status enter_hand();
    /// Whether a PIN of this role was given on the command line.
    bool has_pin(const std::string& role) const { return pins_.has(role); }
    enum class Progress : std::uint8_t { told, to_part };
    /// Asks and waits. Progress is told on a terminal at stderr, or goes to `on_part` with the other parts.
    base::Result<wire::pb::AdminReply> ask(wire::pb::AdminRequest request, const wire::AdminClient::OnPart& on_part = {}, Progress progress = Progress::told);

    /// The same for what begins another log, sets it back or has it signed by another key, by the hand of whoever runs this: what was known of the log is put aside when it is done. When kmpd goes
    /// away before it says what came of it, too: then it may have been done.
    base::Result<wire::pb::AdminReply> ask_for_another_log(wire::pb::AdminRequest request);

    bool json() const noexcept { return json_; }
    /// Prints the one document of --json, or the text for a person. io_failed: standard output takes nothing.
    base::Status show(const nlohmann::ordered_json& document, std::string_view text) const;
    /// The same for an answer that may be long: only the form that is asked for is made.
    base::Status show(const google::protobuf::Message& answer, const std::function<std::string()>& text) const;
    /// The same for what may have become a request: then that is shown.
    base::Status show_or_request(const wire::pb::AdminReply& reply, const google::protobuf::Message& done, std::string_view text) const;

private:
    Officer(wire::AdminClient client, wire::PinSource pins, bool json, std::string known_log) : client_(std::move(client)), pins_(std::move(pins)), json_(json), known_log_(std::move(known_log)) {}
    wire::AdminClient client_;
    wire::PinSource pins_;
    bool json_;
    std::string known_log_;
};

}  // namespace kmp::kmpctl

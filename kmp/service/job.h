#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kmp/service/authority.h"
#include "kmp/service/service.h"
#include "tokens/token.h"
#include "wire/pb.h"
#include "wire/pin_frame.h"

/// The work of officers: each is a function on the officer thread, or on the exporter's or the searcher's (Desk says which), from a request
/// to its reply. They change what the I/O thread owns through Service::on_io only.
namespace kmp::service {

class FrameConnection;

struct Job {
    Service& service;
    Peer peer;
    std::vector<wire::PinEntry> pins;
    /// Tells the client how far it is.
    std::function<void(std::string_view step, unsigned done, unsigned of)> progress;
    /// Sends one piece of a long answer; false: the client has gone.
    std::function<bool(wire::pb::AdminReply)> part;
    std::shared_ptr<FrameConnection> connection;  ///< where it was asked
    std::string about;                            ///< the UKEY that a refusal is about, once it is known

    /// The PIN of a role, once. invalid_argument: it was not entered.
    base::Result<base::Secret> take_pin(std::string_view role);
    /// Who asked, in an event.
    void describe(audit::Event& event) const;
};

/// ok for one line of text that people will read: UTF-8 without control characters, 1 to `most` bytes. invalid_argument names it.
base::Status check_line(std::string_view text, std::string_view what, std::size_t most);
/// ok for what is to stand in the log as the reason of something: a line of 1 to 500 bytes.
base::Status check_reason(std::string_view reason);
/// The books, or `sealed`, or why the log cannot be written.
base::Result<std::shared_ptr<Books>> open_books(Job& job);
/// A reader with a blank UKEY in it. not_found, refused: what is there instead.
base::Result<tokens::Slot> blank_in(Job& job, const std::string& reader);
/// Probes a reader again after its UKEY changed.
base::Result<tokens::Slot> refresh(Job& job, const std::string& reader);
/// The salt of a UKEY's PIN: from its folder, or from its serial where the token has no folder.
base::Bytes salt_of(const tokens::Slot& slot, const base::UkeySerial& serial);

base::Result<wire::pb::InitReply> hold_ceremony(Job& job, const wire::pb::Init& request);
/// Another platform UKEY, in a sealed home or from a backup: the officers' hands are in the request itself.
base::Result<wire::pb::RestoreReply> restore(Job& job, const wire::pb::Restore& request);
base::Result<wire::pb::UnsealReply> unseal(Job& job, const wire::pb::Unseal& request);
/// Suspend, resume, report lost and revoke: one officer's hand; the rest becomes a deed (deed.h).
base::Result<wire::pb::AdminReply> change_ukey(Job& job, const wire::pb::UkeyChange& request);
/// Narrower: one officer's hand; otherwise a deed.
base::Result<wire::pb::AdminReply> change_grant(Job& job, const wire::pb::GrantSet& request);
base::Result<wire::pb::UkeySetPinReply> set_pin(Job& job, const wire::pb::UkeySetPin& request);
/// Keeps a user UKEY's PIN, sealed by the platform UKEY, so that it opens by itself when it is needed; or forgets it.
base::Result<wire::pb::AdminReply> attend_ukey(Job& job, const wire::pb::UkeyAttend& request);
base::Result<wire::pb::UkeyListReply> list_ukeys(Job& job);
base::Result<wire::pb::UkeyShowReply> show_ukey(Job& job, const wire::pb::UkeyShow& request);
base::Result<wire::pb::AccountListReply> list_accounts(Job& job);
base::Result<wire::pb::AccountShowReply> show_account(Job& job, const wire::pb::AccountShow& request);
/// The holder's own: the old password is proved first, and counted when it is wrong.
base::Result<wire::pb::AdminReply> change_password(Job& job, const wire::pb::AccountPasswd& request);
/// One officer's hand, or the master's; at once, in running sessions too.
base::Result<wire::pb::AdminReply> disable_account(Job& job, const wire::pb::AccountDisable& request);
base::Result<wire::pb::StationListReply> list_stations(Job& job, const wire::pb::StationList& request);
/// One officer's hand, or the master's.
base::Result<wire::pb::StationListReply> release_station(Job& job, const wire::pb::StationRelease& request);
/// Makes the connection an auditor's.
base::Result<wire::pb::AuditLoginReply> audit_login(Job& job, const wire::pb::AuditLogin& request);
base::Result<wire::pb::AuditListReply> list_audit(Job& job, const wire::pb::AuditList& request);
base::Result<wire::pb::AuditExportReply> export_audit(Job& job, const wire::pb::AuditExport& request);
/// A checkpoint over all that there is. With Cosigned::wait it comes with what witnesses have signed within kWitnessPatience, and may then be a little newer; `missing` says who has not.
enum class Cosigned : std::uint8_t { wait, no };
inline constexpr std::chrono::seconds kWitnessPatience{5};
base::Result<wire::pb::AuditCheckpointReply> sign_checkpoint(Job& job, Cosigned cosigned = Cosigned::wait);
/// Reads all of the database, on the exporter's thread, while others write to it.
base::Result<wire::pb::AuditVerifyReply> verify_audit(Job& job);

}  // namespace kmp::service

#pragma once
#include <cstdint>
#include <string>

#include "audit/review_arguments.h"
#include "kmp/kmpctl/officer.h"
#include "kmp/terms/terms.h"

/// What each command of kmpctl does, once its arguments are read. Each prints its outcome, or says why not.
namespace kmp::kmpctl {

using terms::named_as_typed;
using terms::parse_changes;
using terms::parse_end;
using terms::parse_terms;
using terms::TermsText;

struct InitArguments {
    std::string utility;
    std::string platform_reader;
    std::string master_reader;
    std::int32_t day_offset_minutes = 0;
    std::vector<std::string> officers;  ///< READER=NAME each
    std::uint32_t quorum = 0;
    std::uint32_t expected = 0;         ///< --officers; 0: not said
    std::string minutes;                ///< a file for the minutes that is not there yet; empty: they are only shown
};
/// ok when --officer, --officers and --quorum fit together.
base::Status check_officers(const InitArguments& arguments);
/// "+08:00", "-03:30", "Z" to minutes. invalid_argument beyond -12:00 to +14:00.
base::Result<std::int32_t> parse_day_offset(std::string_view text);

base::Status init(Officer& officer, const InitArguments& arguments);
/// accept_rollback: an auditor has looked at checkpoints over up to so many records that the log does not go on from; 0: none has.
base::Status unseal(Officer& officer, std::uint64_t accept_rollback);
base::Status seal(Officer& officer);
base::Status status(Officer& officer);
/// Has kmp.toml read anew.
base::Status reload(Officer& officer);

// What is said of an outcome, also when it came of a request.
std::string issued_text(const wire::pb::Ukey& ukey);
std::string master_text(const wire::pb::Ukey& ukey);
std::string changed_text(std::string_view action, const wire::pb::Ukey& ukey);
std::string renewed_text(const wire::pb::Ukey& ukey);
std::string injected_text(const wire::pb::Ukey& ukey);
std::string granted_text(const wire::pb::Ukey& ukey);
std::string added_text(const wire::pb::Account& account);
std::string enabled_text(const wire::pb::Account& account);
std::string reset_text(const wire::pb::Account& account);
std::string bound_text(const wire::pb::Account& account);
std::string rotated_text(const wire::pb::KeysListReply& keys);
std::string destroyed_text(const std::string& version, const wire::pb::KeysListReply& keys);
std::string allowed_text(const wire::pb::Meter& meter);
std::string backup_text(const wire::pb::BackupReply& reply);
std::string crls_text(const wire::pb::CrlRefreshReply& done);
std::string retention_text(const wire::pb::RetentionReply& reply);
std::string certificate_request_text(const wire::pb::PkiRequestReply& done);

/// The policy, and what may be archived by it now.
base::Status show_retention(Officer& officer);
base::Status set_retention(Officer& officer, std::uint32_t live_days, std::uint32_t keep_days, const std::string& reason);
struct ArchiveArguments {
    std::string folder;
    std::vector<std::string> recipients;  ///< serials of auditor UKEYs
    bool only_tell = false;
    std::uint64_t most = 0;               ///< events; 0: all that may go
    bool list = false;
    std::string check;                    ///< a folder with segments
};
base::Status archive(Officer& officer, const ArchiveArguments& arguments);
base::Status list_segments(Officer& officer);
/// Whether each segment's file is in the folder and is what the log says. tampered: not every one.
base::Status check_segments(Officer& officer, const std::string& folder);

base::Status list_ukeys(Officer& officer);
base::Status show_ukey(Officer& officer, const std::string& serial);
base::Status show_grant(Officer& officer, const std::string& serial);
/// Prints the certificate of its identity key (PEM).
base::Status show_certificate(Officer& officer, const std::string& serial);
struct IssueArguments {
    std::string kind;
    std::string reader;
    std::string holder;
    bool holder_present = false;
};
base::Status issue_ukey(Officer& officer, const IssueArguments& arguments, const wire::pb::GrantTerms& terms);
struct MasterArguments {
    std::string reader;
    std::string holder;
    std::string reason;
};
base::Status add_master(Officer& officer, const MasterArguments& arguments);
/// Issues every UKEY of a CSV file whose first line names the columns: reader, kind and holder, and the options of `ukey issue` that a row has.
/// Nothing is done unless every row is good. Rows whose UKEY is issued already (kind, holder and station) are passed over, so that the same
/// command goes on where it was cut off.
base::Status issue_batch(Officer& officer, const std::string& file);
/// Every UKEY that is registered.
base::Result<wire::pb::UkeyListReply> all_ukeys(Officer& officer);
/// `action` as the wire calls it: suspend, resume, report-lost, revoke, unblock, destroy. `by`: the officer UKEY that acts, or empty.
base::Status change_ukey(Officer& officer, const std::string& serial, const std::string& action, const std::string& reason, const std::string& by);
base::Status renew_ukey(Officer& officer, const std::string& serial, std::int64_t not_after_ms);
base::Status inject_ukey(Officer& officer, const std::string& serial);
base::Status set_pin(Officer& officer, const std::string& serial);
/// Changes what was given of the grant; the rest stays as it is.
base::Status set_grant(Officer& officer, const std::string& serial, const TermsText& changes, const std::string& by);

/// Keeps a user UKEY's PIN, so that it opens by itself; with `end` forgets it.
base::Status attend_ukey(Officer& officer, const std::string& serial, bool end);

struct AccountArguments {
    std::string name;
    std::string ukey;
    std::string holder;
    bool holder_present = false;  ///< the holder types the password
    std::int64_t not_after_ms = 0;
    std::string certificate;      ///< file: whoever proves its key may use the account
    bool with_password = false;   ///< beside it
    bool end = false;             ///< no certificate any more
    bool end_password = false;
};
base::Status add_account(Officer& officer, const AccountArguments& arguments);
base::Status list_accounts(Officer& officer);
base::Status show_account(Officer& officer, const std::string& name);
base::Status change_password(Officer& officer, const std::string& name);
/// `by`: the officer UKEY that acts, or empty.
base::Status disable_account(Officer& officer, const std::string& name, const std::string& reason, const std::string& by);
base::Status enable_account(Officer& officer, const std::string& name, std::int64_t not_after_ms);
/// Binds it to the certificate in a file, or ends that.
base::Status bind_account(Officer& officer, const AccountArguments& arguments);
base::Status reset_account(Officer& officer, const std::string& name, bool holder_present);

base::Status list_keys(Officer& officer);
/// Without classes: all of them.
base::Status rotate_keys(Officer& officer, const std::vector<std::string>& classes, const std::string& reason);
base::Status destroy_keys(Officer& officer, std::uint32_t version, const std::string& reason, bool accept_loss);

base::Status show_meter(Officer& officer, const std::string& number);
/// uninserted: only card purchases `days` old or older that were never seen inserted. from: a meter number, or empty.
base::Status list_meters(Officer& officer, bool uninserted, std::uint32_t days, const std::string& from);
/// Lets it be given its private keys once more under the factory keys, within `days`.
base::Status allow_download(Officer& officer, const std::string& number, const std::string& reason, std::uint32_t days);
/// "a 12-digit number" or why not.
base::Status check_meter(const std::string& number);

base::Status list_requests(Officer& officer, bool all);
base::Status show_request(Officer& officer, std::uint64_t number);
/// Shows each request, then signs what was shown. The PIN is typed once.
base::Status judge_requests(Officer& officer, const std::vector<std::uint64_t>& numbers, const std::string& by, bool agree);
base::Status run_request(Officer& officer, std::uint64_t number);

base::Status show_quorum(Officer& officer);
struct QuorumArguments {
    std::vector<std::string> remove;  ///< serials
    std::vector<std::string> add;     ///< READER=NAME each
    std::uint32_t needed = 0;         ///< 0: as many as now
    std::string reason;
};
/// Asks the officers of today for others, or for another number that must agree.
base::Status change_quorum(Officer& officer, const QuorumArguments& arguments);
/// Reads READER=NAME each. invalid_argument.
base::Status add_officers(google::protobuf::RepeatedPtrField<wire::pb::InitOfficer>& out, const std::vector<std::string>& texts);

/// Into a new folder on the service's machine.
base::Status backup(Officer& officer, const std::string& folder);
struct RestoreArguments {
    std::string folder;                  ///< of the backup; empty: this home, which is sealed, gets another platform UKEY
    std::string platform_reader;
    std::vector<std::string> officers;   ///< serials of K officers' UKEYs; empty: one person opens the master-control UKEY
    std::string reason;
    bool handover = false;               ///< the platform UKEY of before is there and signs it
    std::string checkpoint;              ///< file with a signed note that was carried away; empty: none is at hand
    std::string minutes;                 ///< as in InitArguments
};
base::Status restore(Officer& officer, const RestoreArguments& arguments);

/// How the feed of a standby machine stands.
base::Status standby_status(Officer& officer);
/// Whether a standby's folder is whole, and how old. Asks no service and needs no key.
base::Status check_standby(const std::string& folder, bool json);

/// The newest revocation list (PEM).
base::Status show_crl(Officer& officer);
/// Prints the trust anchor (PEM), as the ceremony made it.
base::Status show_anchor(Officer& officer);
/// Has the master-control UKEY sign a new list, though nothing has changed.
base::Status refresh_crl(Officer& officer);
/// Prints what a root needs to certify the issuing key: its request and its self-signed certificate.
base::Status request_certificate(Officer& officer);
struct InstallArguments {
    std::string root_file;
    std::string certificate_file;
};
base::Status install_certificate(Officer& officer, const InstallArguments& arguments);
/// With a folder, also writes what others verify with: anchor.pem, crl.pem, issuers.pem where there are further
/// master-control UKEYs, and where a root has vouched root.pem and issuing.pem.
base::Status show_pki(Officer& officer, const std::string& folder);

/// The minutes of every ceremony, restore and replacement that the log holds.
base::Status show_minutes(Officer& officer);
/// Has the service verify its database. tampered: it found something; what it found is shown.
base::Status verify_log(Officer& officer);
/// Holds a vending system's ledger against the orders that the log says were signed. conflict: they differ; tampered: the log is not sound.
base::Status reconcile(Officer& officer, const audit::ReconcileArguments& arguments);
/// The same with an export that lies in a file.
base::Status reconcile_offline(const std::string& file, const audit::ReconcileArguments& arguments);
struct ReportArguments {
    audit::TrustArguments trust;
    std::string day;   ///< "2026-11-22"; empty: that of the log's newest event
    std::string file;  ///< PDF; empty: none is drawn
    bool json = false;
};
/// A day of the log on paper. tampered: it is not sound, and the report says so.
base::Status report_day(Officer& officer, const ReportArguments& arguments);
base::Status report_day_offline(const std::string& file, const ReportArguments& arguments);
base::Status list_stations(Officer& officer);
/// Who is logged in, where.
base::Status list_sessions(Officer& officer);
base::Status release_station(Officer& officer, const std::string& station, const std::string& reason, const std::string& by);
struct CheckpointArguments {
    std::string file;          ///< also written there; empty: nowhere
    bool key = false;          ///< the key that signs it in its place
    bool witness_key = false;  ///< the key with which this service cosigns other logs
    bool qr = false;           ///< as a QR code for the terminal
    std::string picture;       ///< a PNG of the QR code; empty: none
};
/// Prints the newest checkpoint, or what else was asked for.
base::Status checkpoint(Officer& officer, const CheckpointArguments& arguments);
struct ProveArguments {
    std::optional<std::uint64_t> index;
    std::string since;   ///< file with a signed note; in the place of an index
    std::string output;  ///< empty: standard output
};
/// A proof as a file: of one event, or that the log goes on from a checkpoint.
base::Status prove(Officer& officer, const ProveArguments& arguments);

}  // namespace kmp::kmpctl

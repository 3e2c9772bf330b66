#pragma once
#include <optional>
#include <string>
#include <vector>

#include "kmp/service/job.h"
#include "kmp/service/jobs/word.h"
#include "kmp/service/warning.h"
#include "pki/crl.h"

/// The revocation list: which certificates stand on it, who signs it, where it is published (docs/PKI.md).
namespace kmp::service {

/// How long a list holds, and how long before its end `status` asks for a new one: the master-control UKEY is in the safe.
inline constexpr base::Millis kCrlLife = 30 * base::kDay;
inline constexpr base::Millis kCrlAlarm = 7 * base::kDay;

/// A certificate of the registry, and the state that its UKEY is in, or is about to be.
struct Standing {
    base::Bytes certificate;  ///< its serial number
    model::UkeyState state{};
};

/// The entries of the list that follows one with the entries `before`. An entry keeps its date, and its reason unless that is a hold: only
/// a hold is ever lifted or sharpened (RFC 5280, 5.3.1). An entry whose certificate the registry does not know any more stays.
std::vector<pki::Revoked> next_entries(const std::vector<Standing>& certificates, const std::vector<pki::Revoked>& before, base::Millis now);

/// Whether the registry says of a certificate of this issuer what a list with these entries does not. tampered: a certificate cannot be read.
base::Result<bool> is_behind(const std::vector<pki::Revoked>& entries, const tokens::Registry& registry, const pki::Certificate& issuer);

/// What `status` must warn of: there is no list, or one is behind, past its next update, or near it.
std::vector<Warning> crl_warnings(const std::vector<PublishedCrl>& crls, base::Millis now);

/// A UKEY's state has changed: the lists of its issuers, but for the one of `signed_by`, do not say so. Thread: the I/O thread.
void note_unlisted(Books& books, const base::UkeySerial& ukey, const base::UkeySerial& signed_by);

/// The empty list number 1, so that others can check revocation from the first day. For the ceremony.
base::Result<pki::Crl> sign_first_crl(const pki::Certificate& anchor, tokens::Token& master, base::Millis now);
/// What the log says of a list that was signed.
audit::Event crl_event(const Job& job, const pki::Crl& crl, const Word& word);

/// A UKEY that is about to change its state.
struct StateChange {
    base::UkeySerial ukey;
    model::UkeyState to{};
};

/// The next revocation list on its way: signed, entered beside the change that made it necessary, and published once that is durable.
/// Thread: the officer thread.
class NextCrl {
public:
    /// Signs the list of what this master-control UKEY has certified, as the registry stands, with `changes` applied.
    /// errors: tampered (a stored certificate or list cannot be read); those of the token
    static base::Result<NextCrl> sign(Job& job, Books& books, MasterUkey& master, const std::vector<StateChange>& changes, const Word& word);
    /// Adds the list's event and row to the entry; what the entry did before it still does. Call it last.
    void enter(Entry& entry) const;
    /// After the entry was written: HOME/crl.pem, and what `status` looks at. A file that cannot be written becomes a warning there.
    void publish(Job& job, Books& books) const;
    const pki::Crl& list() const noexcept { return crl_; }

private:
    NextCrl(pki::Crl crl, audit::Event event) : crl_(std::move(crl)), event_(std::move(event)) {}
    pki::Crl crl_;
    audit::Event event_;
};

/// At unseal, after the registry: the newest list of the database, published anew (a crash may have come between its commit and its file).
/// tampered: it cannot be read.
base::Status restore_crl(const Config& config, Books& books);

/// In pieces of at most 32 KiB; the last one is the answer. Thread: the exporter's.
base::Result<wire::pb::CrlReply> show_crl(Job& job);

}  // namespace kmp::service

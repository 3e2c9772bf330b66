#pragma once
#include <memory>

#include "kmp/service/books.h"
#include "tokens/bay.h"
#include "tokens/token.h"

/// Whose hand it takes: the master-control UKEY, opened by its PIN or by enough officers' shares, and officers' own UKEYs.
namespace kmp::service {

struct Job;

/// The PIN that a master-control UKEY's token sees where its PIN is split.
base::Secret quorum_pin(const base::Secret& quorum_secret, const base::UkeySerial& master);

/// The platform UKEY's token: open while the service is. token_removed, token_failed.
base::Result<tokens::Token> platform_token(Job& job, const Books& books);

/// The master-control UKEY, open for one piece of work, and closed behind it.
class MasterUkey {
public:
    /// Where one person holds it: with the PIN of role `master`. Wrong PINs are counted as those of any UKEY are. `wanted` empty: the
    /// first one that is plugged in, unless its vault lacks masters that another has.
    static base::Result<std::unique_ptr<MasterUkey>> open(Job& job, Books& books, const base::UkeySerial& wanted = {});
    /// With the secret that the officers' shares gave. A UKEY whose PIN still follows a former generation of officers follows today's
    /// from then on, and so do the others that are plugged in.
    static base::Result<std::unique_ptr<MasterUkey>> open(Job& job, Books& books, base::Secret quorum_secret);
    /// The others in service that are plugged in, as the same officers open them; none where a person opened this one. One that does not
    /// open is left out.
    std::vector<std::unique_ptr<MasterUkey>> open_others(Job& job, Books& books) const;
    /// ok when one that is in service is plugged in: to be asked before officers' shares are spent. token_removed, refused.
    static base::Status check_present(Job& job, Books& books);
    /// One that is open already; `quorum_secret` empty: by a person with its PIN. For a restore, before there are books.
    static std::unique_ptr<MasterUkey> opened(tokens::Token token, tokens::UkeyRecord record, base::Secret quorum_secret) {
        return std::unique_ptr<MasterUkey>(new MasterUkey(std::move(token), std::move(record), std::move(quorum_secret)));
    }
    ~MasterUkey();

    tokens::Token& token() noexcept { return token_; }
    const tokens::UkeyRecord& record() const noexcept { return record_; }

    /// ok unless another master-control UKEY in service holds masters that this one lacks. refused: which, and what to do.
    base::Status check_vault(Job& job, Books& books) const;
    /// Whether officers opened it, and not a person with its PIN.
    bool by_quorum() const noexcept { return !quorum_secret_.empty(); }
    /// What the token of another master-control UKEY takes for its PIN. Precondition: by_quorum().
    base::Result<base::Secret> pin_for(const base::UkeySerial& other) const { return quorum_pin(quorum_secret_, other); }

    /// How a UKEY's SO PIN is kept: split among the officers for master-control, officer and key UKEYs, where there are officers;
    /// otherwise in the vault.
    base::Result<base::Bytes> seal_so_pin(model::UkeyKind kind, const base::UkeySerial& serial, const base::Secret& so_pin);
    base::Result<base::Secret> so_pin_of(const tokens::UkeyRecord& ukey);
    /// The sealed SO PIN of a UKEY under the secret of the officers to come; empty: it does not hang on the officers' secret.
    base::Result<base::Bytes> seal_so_pin_anew(const tokens::UkeyRecord& ukey, const base::Secret& secret_to_come);
    /// Today's secret, sealed for those who will have the next one.
    base::Result<base::Bytes> seal_as_former(const base::Secret& secret_to_come) const;
    /// The officers of today are those of this generation now: the PIN follows their secret.
    base::Status follow(Job& job, Books& books, base::Secret quorum_secret);
    struct Parcel {
        tokens::pb::WrappedMasters masters;
        base::Bytes sender;  ///< issuing certificate of this UKEY; empty: it is the anchor
    };
    /// Wraps masters, and keys of the vault by name, for a UKEY. `transport`: its certificate.
    base::Result<Parcel> wrap(const House& house, base::ByteView transport, const std::vector<tokens::MasterName>& masters, const std::vector<std::string>& vault_keys = {});
    /// The same, and hands them over to the UKEY, which is open.
    base::Status send(const House& house, tokens::Token& receiver, base::ByteView transport, const std::vector<tokens::MasterName>& masters,
                      const std::vector<std::string>& vault_keys = {});
    /// Its issuing certificate. tampered: it has none in this house.
    base::Result<pki::Certificate> certificate(const House& house) const;

private:
    MasterUkey(tokens::Token token, tokens::UkeyRecord record, base::Secret quorum_secret)
        : token_(std::move(token)), record_(std::move(record)), quorum_secret_(std::move(quorum_secret)) {}
    static base::Result<std::unique_ptr<MasterUkey>> open_with(Job& job, Books& books, const tokens::UkeyRecord& record, const tokens::Slot& slot, base::Secret quorum_secret);
    base::Status note_generation(Job& job, Books& books);
    /// The SO PIN follows today's secret, quorum_secret_. Leaves the UKEY logged out.
    base::Status change_so_pin(const base::Secret& former);
    tokens::Token token_;
    tokens::UkeyRecord record_;
    base::Secret quorum_secret_;  ///< empty: there is no quorum
};

/// An officer's UKEY, open with the PIN of role `officer`, and closed behind it.
class OfficerUkey {
public:
    /// `asked`: its serial, or empty for the only officer UKEY that is present.
    /// errors: not_found, refused (no officer of this quorum), token_removed, denied (its state), wrong_pin, pin_locked
    static base::Result<std::unique_ptr<OfficerUkey>> open(Job& job, Books& books, const std::string& asked);
    ~OfficerUkey();

    tokens::Token& token() noexcept { return token_; }
    const model::Officer& officer() const noexcept { return officer_; }
    /// Signs what this officer does alone, purpose `act`.
    base::Result<base::Bytes> sign_act(base::ByteView statement) { return token_.sign_statement("act", statement); }

private:
    OfficerUkey(tokens::Token token, model::Officer officer) : token_(std::move(token)), officer_(std::move(officer)) {}
    tokens::Token token_;
    model::Officer officer_;
};

/// What one officer does alone, and at once: signs it, purpose `act`, by the UKEY that `asked` names (OfficerUkey::open); where one person holds
/// the master-control UKEY, by that one, purpose `revocation`. The event gets the signature, and who made it.
base::Status sign_by_one_hand(Job& job, Books& books, const std::string& asked, base::ByteView act, audit::Event& event);

/// The masters of the master-control UKEY in service that holds most of them. Thread: the I/O thread.
std::vector<tokens::MasterName> fullest_vault(const Books& books);
/// Logs into a master-control UKEY with what the officers of today have or, where it lay in its safe while they changed, those before them.
/// Returns the secret that opened it. refused: none of these did; the errors of the token.
base::Result<base::Secret> log_in_by_quorum(tokens::Token& token, const base::UkeySerial& master, const std::vector<tokens::SignedQuorum>& quorums, const base::Secret& today);
/// SO PIN in the form of seal_so_pin, before there is a MasterUkey (the ceremony).
base::Result<base::Bytes> seal_so_pin_for_quorum(const base::Secret& quorum_secret, const base::UkeySerial& serial, const base::Secret& so_pin);
base::Result<base::Bytes> seal_so_pin_in_vault(tokens::Token& master, const base::UkeySerial& serial, const base::Secret& so_pin);
/// What an officer's share is on its way: "kmp/v1/share" 00, generation, place, value; encrypted to the officer's transport key.
base::Result<base::Bytes> encrypt_share(const tokens::Share& share, std::uint32_t generation, base::ByteView transport_spki);

/// Logs into a UKEY that takes no pepper (master-control, officer, auditor), counts a wrong PIN durably and blocks after the tenth.
base::Status log_in_counted(Job& job, Books& books, tokens::Token& token, const tokens::UkeyRecord& record, base::Secret token_pin);

}  // namespace kmp::service

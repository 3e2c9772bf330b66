#pragma once
#include "kmp/service/deed.h"

namespace kmp::service {

/// A UKEY that was just initialised and given its keys; not issued yet.
struct MadeUkey {
    tokens::UkeyRecord record;     ///< state initialised; certificates follow
    tokens::PublicKeys keys;
    base::Secret so_pin;
    std::unique_ptr<tokens::Token> token;
};

/// What a new UKEY's folder says: a random salt, or, for a token without a folder, the one that its serial gives (salt_of).
tokens::UkeyFile new_ukey_file(const tokens::Slot& slot, const base::UkeySerial& serial, model::UkeyKind kind);

/// Initialises the blank UKEY in a slot and generates its keys in it. `token_pin` is what its token will see.
/// The caller has a durable intent, and has kept the SO PIN: on a failure the UKEY is neither blank nor ours, and is destroyed with it.
base::Result<MadeUkey> make_ukey(Job& job, const tokens::Slot& slot, model::UkeyKind kind, const base::UkeySerial& serial, const base::Secret& so_pin,
                                 const base::Secret& token_pin, const tokens::UkeyFile& file, bool empty_vault = false);

/// A reader with a blank UKEY in it. A soft UKEY that a broken-off ceremony or restore left behind is made blank again: the same command goes on.
base::Result<tokens::Slot> blank_for_ceremony(Job& job, const std::string& reader);
/// What the token of a UKEY that is being made will see as its PIN.
using PinMaker = std::function<base::Result<base::Secret>(const base::UkeySerial&, const tokens::UkeyFile&)>;
/// make_ukey where there is no audit log: the sealed log takes the intent.
base::Result<MadeUkey> make_without_log(Job& job, const tokens::Slot& slot, model::UkeyKind kind, const base::UkeySerial& serial, const PinMaker& pin);

/// An issued UKEY into the log and the registry where no writer runs yet: in a ceremony, at a restore.
base::Status enter_without_writer(Job& job, audit::Journal& journal, store::Transaction& t, const tokens::UkeyRecord& record, base::Millis now, const Word& word);

/// How long the UKEYs of a ceremony, and officers' in general, are valid.
inline constexpr base::Millis kLongUkeyLife = 10 * 365 * base::kDay;

/// A UKEY that is to be issued.
struct Issue {
    std::string reader;
    std::string holder;
    base::UkeySerial serial;
    model::UkeyKind kind{};
    base::Millis not_before = 0;
    base::Millis not_after = 0;
    std::optional<model::Grant> grant;  ///< key and user
    bool holder_chose_pin = false;
};
struct Issued {
    tokens::UkeyRecord record;
    audit::Receipt receipt;
};
/// Makes a blank UKEY the one that is wanted, with an intent around it, and enters it in the registry and the log. On a failure its
/// token, if it was touched, stays in the registry as `initialised`, to be destroyed.
base::Result<Issued> issue_one(Undertaking& u, const Issue& issue, const base::Secret& pin);

/// The event of a grant that was set; `intent` 0: none.
audit::Event grant_event(const Job& job, const tokens::SignedGrant& grant, std::uint64_t intent, const Word& word);

/// The masters of the vault that a UKEY with this grant holds, up to a version: a user UKEY those of its classes, and with class
/// card its factory master; a key UKEY also the factory set.
std::vector<tokens::MasterName> masters_for(const model::Grant& grant, const std::vector<tokens::MasterName>& in_vault, model::KeyVersion newest);

/// From the PIN that a person types to the one the token sees: stretched, and peppered for the kinds that stay on this platform.
base::Result<base::Secret> token_pin(Job& job, Books& books, model::UkeyKind kind, const base::UkeySerial& serial, const base::Secret& pin, base::ByteView salt);

/// A grant as the master signs it, with what the officers agreed to.
base::Result<tokens::SignedGrant> sign_grant(MasterUkey& master, const model::Grant& grant, const Approved* approved);

/// ok when a UKEY may be valid until then: not past, and no longer than the certificate that signs its own. invalid_argument.
base::Status check_end(const Books& books, base::Millis now, base::Millis not_after);

/// Whose word a new UKEY will take, and who signs for it.
struct Authority {
    const pki::Certificate& anchor;
    const pki::Certificate& issuer;  ///< of the open master-control UKEY; the anchor itself, or certified by it
};
/// Certifies the keys of a UKEY that its kind certifies, with the master's issuing key, stores the certificates on it beside the
/// trust anchor, and enters them in the record. The issuing key of a further master-control UKEY is certified by the anchor only.
base::Status certify(MadeUkey& made, const std::string& utility, const std::string& holder, base::Millis not_before, base::Millis not_after,
                     const Authority& authority, tokens::Token& master);

}  // namespace kmp::service

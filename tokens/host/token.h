#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/digest.h"
#include "base/fd.h"
#include "tokens/host/objects.h"
#include "tokens/host/x509.h"

namespace tokens::host {

/// Where this process finds its one token.
struct Source {
    enum class Kind : std::uint8_t {
        softhsm,  ///< a soft UKEY's folder; the SoftHSM2 token lies in `folder`/tokens
        pkcs11,   ///< any module
    };
    Kind kind = Kind::softhsm;
    std::string folder;      ///< softhsm: the UKEY. pkcs11: where the token lies, for a module that keeps it in files; empty: in a device
    std::string module;      ///< the library's path
    std::string serial;      ///< pkcs11: the token with this serial; empty: the first one
    std::string factory_so_pin;  ///< pkcs11: the SO PIN that its maker publishes, for a blank token that has one; replaced at initialising
    std::string parameters;  ///< pkcs11: what the module wants at C_Initialize; `{path}` stands for `folder`
};

/// The UKEY of this process: its module, its one session, its login and the handles of its objects. One thread.
///
/// Handles are resolved once, at login. They die at logout, at the vault's change of hats, when the token is pulled and at
/// recycle(): `generation()` rises then, and whoever keeps handles forgets them.
class Token {
public:
    explicit Token(Source source);

    struct Presence {
        bool present = false;
        bool initialised = false;
        pkcs11::TokenInfo info;
    };
    /// Asks the token itself, and looks for it anew when there was none. A token that is gone takes its session and all handles
    /// with it: SoftHSM2's session objects would go on working otherwise.
    /// errors: what loading the module says; token_unsuitable (more than one token in a soft UKEY's folder)
    base::Result<Presence> look();
    /// Cheap enough for every batch: token_removed when a soft UKEY's folder is gone, after dropping everything as look() does.
    base::Status check_still_there();

    /// Initialises the blank token, sets the user PIN and logs in. `ukey` becomes the label.
    /// errors: already_exists (initialised; one whose initialisation broke off before the user PIN may be done again under the same SO PIN)
    base::Status create(std::string_view ukey, base::Secret so_pin, base::Secret user_pin);
    /// Undoes create(), whose SO PIN this is: everything on the token goes, and it can be initialised again.
    base::Status undo_create(const base::Secret& so_pin);
    /// Logged in already: compares with the PIN that opened it. wrong_pin says nothing more.
    base::Status log_in(base::Secret pin);
    base::Status log_out();
    /// Logs in with the old PIN, then changes it. wrong_pin.
    base::Status change_pin(base::Secret old_pin, base::Secret fresh);
    /// As security officer; leaves it logged out. wrong_pin: the SO PIN. token_unsuitable: the token knows no officer.
    base::Status reset_pin(const base::Secret& so_pin, const base::Secret& fresh);
    /// Needs a login; leaves it logged out. wrong_pin: the SO PIN.
    base::Status change_so_pin(const base::Secret& so_pin, const base::Secret& fresh);
    /// Destroys everything on it, and empties a soft UKEY's token folder. wrong_pin: the SO PIN.
    base::Status erase(const base::Secret& so_pin);

    bool attached() const noexcept { return session_.has_value(); }
    bool logged_in() const noexcept { return logged_in_; }
    /// Our serial, from the marker; empty when the token is not ours.
    const std::string& ukey() const noexcept { return ukey_; }
    /// Empty before Provision.
    std::optional<model::UkeyKind> kind() const noexcept { return kind_; }
    std::uint64_t generation() const noexcept { return generation_; }
    /// Precondition: attached().
    pkcs11::Session& session() { return *session_; }

    /// Reads kind and all handles anew, after objects were made.
    base::Status resolve();
    /// errors: key_missing
    base::Result<pkcs11::PrivateKey> private_key(std::string_view name) const;
    base::Result<pkcs11::SecretKey> secret_key(std::string_view name) const;
    base::Result<pkcs11::PublicKey> public_key(std::string_view name);
    /// A session copy on UKEYs that work with meters (SoftHSM2 derives twice as fast from it), the token's own object in the vault.
    base::Result<pkcs11::SecretKey> master(const MasterId& id) const;
    /// A master that has just been unwrapped onto the token.
    void adopt_master(const MasterId& id, pkcs11::SecretKey key);
    /// A key of the vault that has just been unwrapped onto the token.
    void adopt_key(std::string_view name, pkcs11::SecretKey key) { secret_keys_[std::string(name)] = key; }
    /// Destroys a master and its copy. No error when it is not there.
    base::Status drop_master(const MasterId& id);
    const std::map<MasterId, pkcs11::SecretKey>& masters() const noexcept { return masters_; }
    /// Public keys as SubjectPublicKeyInfo that were read since the handles were resolved, by name; spki_of fills it.
    std::map<std::string, base::Bytes, std::less<>>& known_spki() noexcept { return known_spki_; }
    /// What this token's signatures are checked with, by the key's name; sign_message fills it.
    std::map<std::string, P256Verifier, std::less<>>& verifiers() noexcept { return verifiers_; }

    /// Makes a public RSA key as a trusted session object: logs out, creates it as security officer, logs in as user again. On a token
    /// that knows no security officer the host checks the SO PIN itself, and the key is one as good as any.
    /// errors: wrong_pin (the SO PIN); otherwise the UKEY may be left logged out.
    base::Result<pkcs11::PublicKey> import_trusted(const base::Secret& so_pin, base::ByteView modulus, base::ByteView exponent);
    /// Finalises and initialises the module and logs in again: SoftHSM2 frees the remains of destroyed session objects in no other way.
    base::Status recycle();
    base::Result<std::vector<CK_MECHANISM_TYPE>> mechanisms();

private:
    base::Status load();
    /// Waits until no other process works with this folder: two that write to one SoftHSM2 token destroy it.
    base::Status claim(std::uint64_t device, std::uint64_t inode);
    /// The folder whose going is the UKEY's going. Precondition: source_.folder is not empty.
    std::string place() const;
    /// A PIN as this token takes it: our PINs are 64 hex digits, and some tokens take fewer characters.
    base::Secret fitted(const base::Secret& pin) const;
    /// What a blank token takes for its SO PIN.
    base::Secret first_so_pin(const base::Secret& so_pin) const;
    /// True when the token has a security officer.
    base::Result<bool> set_first_pin(const base::Secret& so_pin, const base::Secret& user_pin);
    // For a token without one: the host remembers (as the logged-in user) and compares the SO PIN itself.
    base::Status keep_so_pin(const base::Secret& so_pin);
    base::Status compare_so_pin(const base::Secret& so_pin);
    base::Status clear_former_life();
    base::Status make_blank(const base::Secret& so_pin);
    base::Status attach(pkcs11::Slot slot);
    base::Status identify();
    base::Status open_session();
    base::Status log_in_as_user(const base::Secret& pin);
    /// `has_officer`: whether the token knows one; otherwise the work is done logged out, after the host compared the SO PIN itself.
    base::Status as_security_officer(const base::Secret& so_pin, const std::function<base::Status()>& work, bool* has_officer = nullptr);
    bool logs_in_itself() const noexcept;
    void remember(base::Secret pin);
    void forget_handles();
    void drop();
    /// A session object with the same value, or the token's own where the module copies none (slower, but right).
    pkcs11::Object working_copy(pkcs11::Object own);

    Source source_;
    base::Fd configuration_;  ///< SoftHSM2's, in memory; it reads it at every initialisation
    std::unique_ptr<pkcs11::Module> module_;
    std::optional<pkcs11::Slot> slot_;
    std::optional<pkcs11::Session> session_;
    bool initialised_ = false;
    bool logged_in_ = false;
    std::size_t longest_pin_ = 0;  ///< 0: no limit
    base::Fd claim_;  ///< the folder, locked
    std::uint64_t claimed_device_ = 0;
    std::uint64_t claimed_inode_ = 0;
    std::uint64_t folder_device_ = 0;
    std::uint64_t folder_inode_ = 0;
    std::string ukey_;
    std::optional<model::UkeyKind> kind_;
    std::uint64_t generation_ = 0;

    std::array<std::uint8_t, 16> pin_salt_{};
    base::Digest pin_digest_{};
    /// Kept only where the host itself must log in again: the vault (it changes hats to mark a key trusted) and UKEYs that derive
    /// meter keys (recycle).
    base::Secret pin_;

    std::map<std::string, pkcs11::Object, std::less<>> private_keys_;
    std::map<std::string, pkcs11::Object, std::less<>> secret_keys_;
    std::map<MasterId, pkcs11::SecretKey> masters_;
    std::map<std::string, base::Bytes, std::less<>> known_spki_;
    std::map<std::string, P256Verifier, std::less<>> verifiers_;
};

}  // namespace tokens::host

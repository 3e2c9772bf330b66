// How a blank token becomes a UKEY, and what only its security officer may do: the parts of PKCS#11 that modules agree on least.
#include <sys/stat.h>

#include <filesystem>

#include "tokens/host/token.h"
#include "tokens/host/x509.h"

namespace tokens::host {
namespace {

using base::Code;

constexpr std::size_t kShortestPin = 8;  ///< of hex digits, with a token that locks; fewer are guessed

base::Error gone() { return {Code::token_removed, "the UKEY was pulled out; insert it again", 0}; }

/// Some tokens (NSS softokn) know no security officer once the user has a PIN.
bool knows_no_officer(const base::Status& login) { return !login && login.error().raw == static_cast<std::int64_t>(CKR_USER_TYPE_INVALID); }

/// It lies open on the token: an SO PIN is 64 random hex digits, which nobody finds from a digest.
base::Digest digest_of(const base::Secret& so_pin) {
    constexpr std::string_view kContext = "kmp/v1/so-pin";
    constexpr std::array<std::uint8_t, 1> kZero{};
    return so_pin.reveal([&](base::ByteView pin) { return base::sha256({base::as_bytes(kContext), kZero, pin}); });
}

base::Status other_so_pin(std::int64_t raw) { return {Code::wrong_pin, "the SO PIN of this UKEY is another", raw}; }

}  // namespace

base::Secret Token::fitted(const base::Secret& pin) const {
    base::Secret out = pin.duplicate();
    if (longest_pin_ != 0 && out.size() > longest_pin_) out.shrink(longest_pin_);
    return out;
}

base::Secret Token::first_so_pin(const base::Secret& so_pin) const {
    return source_.factory_so_pin.empty() ? fitted(so_pin) : base::Secret::copy_of(base::as_bytes(source_.factory_so_pin));
}

base::Status Token::create(std::string_view ukey, base::Secret so_pin, base::Secret user_pin) {
    if (source_.kind == Source::Kind::softhsm) {
        std::error_code error;
        if (!std::filesystem::is_directory(source_.folder, error)) return gone();
        if (mkdir(place().c_str(), 0700) != 0 && errno != EEXIST) return base::errno_error("making the UKEY's token folder", errno);
    }
    KMP_TRY(const Presence presence, look());
    if (!presence.present) return gone();
    if (presence.initialised && presence.info.user_pin_set) return {Code::already_exists, "the UKEY is initialised already; take a blank one"};
    if (longest_pin_ != 0 && longest_pin_ < kShortestPin)
        return {Code::token_unsuitable, "this token takes PINs of at most " + std::to_string(longest_pin_) + " characters; a UKEY's PIN has at least " + std::to_string(kShortestPin)};
    session_.reset();  // C_InitToken wants no open session
    const base::Status initialised = module_->initialise_token(*slot_, first_so_pin(so_pin), ukey);
    if (!initialised) drop();
    if (!initialised && initialised.error().code == Code::wrong_pin)
        return {Code::wrong_pin, "this token has an SO PIN already: reset it with its maker's tool, or name its maker's as factory_so_pin in the reader's file", initialised.error().raw};
    KMP_CHECK(initialised);
    // The slot's id comes from the new serial once the module starts again: find it afresh.
    if (!source_.serial.empty()) {
        KMP_TRY(const pkcs11::TokenInfo info, module_->token_info(*slot_));
        source_.serial = info.serial;
    }
    drop();
    const base::Error lost{Code::token_failed, "the UKEY was initialised but does not show up again; pull it out and insert it", 0};
    KMP_TRY(const Presence made, look());
    if (!made.present) return lost;
    if (!session_) KMP_CHECK(open_session());  // NSS softokn calls a token initialised when the user has a PIN, not before
    KMP_TRY(const bool officer, set_first_pin(so_pin, user_pin));
    KMP_TRY(const pkcs11::TokenInfo info, module_->token_info(*slot_));
    if (!info.initialised || !info.user_pin_set) return {Code::token_failed, "the UKEY took a PIN but does not say so; its module does not work as PKCS#11 says"};
    initialised_ = true;
    KMP_CHECK(log_in(std::move(user_pin)));
    KMP_CHECK(clear_former_life());
    if (!officer) KMP_CHECK(keep_so_pin(so_pin));
    KMP_CHECK(put_marker(*session_, ukey));
    ukey_ = ukey;
    return {};
}

base::Result<bool> Token::set_first_pin(const base::Secret& so_pin, const base::Secret& user_pin) {
    base::Status opened = session_->login(pkcs11::User::security_officer, first_so_pin(so_pin));
    const bool officer = opened.ok();
    if (officer && !source_.factory_so_pin.empty()) KMP_CHECK(session_->change_pin(first_so_pin(so_pin), fitted(so_pin)));
    // NSS softokn: until the user has a PIN, whoever comes with an empty one is the officer; afterwards nobody is.
    if (!opened && opened.error().code == Code::wrong_pin) opened = session_->login(pkcs11::User::security_officer, base::Secret());
    KMP_CHECK(std::move(opened));
    const base::Status set = session_->initialise_user_pin(fitted(user_pin));
    KMP_CHECK(session_->logout());
    KMP_CHECK(set);
    return officer;
}

base::Status Token::keep_so_pin(const base::Secret& so_pin) {
    KMP_TRY(const base::Bytes der, nobodys_certificate(kOfficerLabel));
    KMP_TRY(const pkcs11::Template object, certificate_object(kOfficerLabel, base::as_text(digest_of(so_pin)), der));
    const auto made = session_->create(object);
    if (!made) return base::Error(made.error()).in("keeping the SO PIN on a token without a security officer");
    return {};
}

base::Status Token::compare_so_pin(const base::Secret& so_pin) {
    pkcs11::Template pattern;
    pattern.number(CKA_CLASS, CKO_CERTIFICATE).flag(CKA_TOKEN, true).text(CKA_LABEL, kOfficerLabel);
    KMP_TRY(const pkcs11::Object kept, session_->find_one(pattern));
    if (!kept) return {Code::token_failed, "this token knows no security officer and has no SO PIN of ours either; initialise it anew"};
    KMP_TRY(const base::Bytes digest, session_->bytes_of(kept, CKA_ID));
    if (!base::equal_constant_time(digest, digest_of(so_pin))) return other_so_pin(static_cast<std::int64_t>(CKR_PIN_INCORRECT));
    return {};
}

base::Status Token::undo_create(const base::Secret& so_pin) {
    if (!session_) return gone();
    KMP_CHECK(clear_former_life());
    if (source_.factory_so_pin.empty()) return make_blank(so_pin);
    const base::Secret factory = first_so_pin(so_pin);
    KMP_CHECK(as_security_officer(so_pin, [&] { return session_->change_pin(fitted(so_pin), factory); }));
    return make_blank(factory);
}

base::Status Token::make_blank(const base::Secret& so_pin) {
    session_.reset();  // C_InitToken wants no open session
    const base::Status blank = module_->initialise_token(*slot_, fitted(so_pin), "");
    drop();
    KMP_CHECK(blank);
    if (source_.kind != Source::Kind::softhsm) return {};
    std::error_code error;
    std::filesystem::remove_all(place(), error);
    if (error) return {Code::token_failed, "the UKEY was erased, but its folder " + place() + " could not be removed: " + error.message()};
    return {};
}

base::Status Token::as_security_officer(const base::Secret& so_pin, const std::function<base::Status()>& work, bool* has_officer) {
    KMP_CHECK(log_out());
    const base::Status opened = session_->login(pkcs11::User::security_officer, fitted(so_pin));
    if (!opened && opened.error().code == Code::wrong_pin) return other_so_pin(opened.error().raw);
    if (knows_no_officer(opened)) {
        KMP_CHECK(compare_so_pin(so_pin));
        return work();
    }
    KMP_CHECK(opened);
    if (has_officer != nullptr) *has_officer = true;
    const base::Status done = work();
    KMP_CHECK(session_->logout());
    session_.reset();
    KMP_CHECK(open_session());
    return done;
}

base::Status Token::change_so_pin(const base::Secret& so_pin, const base::Secret& fresh) {
    if (pin_.empty()) return {Code::internal, "the vault's PIN is not at hand to log in again"};
    const base::Secret own = pin_.duplicate();
    bool officer = false;
    KMP_CHECK(as_security_officer(so_pin, [&] { return officer ? session_->change_pin(fitted(so_pin), fitted(fresh)) : base::Status(); }, &officer));
    if (officer) return {};
    // The host keeps the digest of it on the token, as the user.
    KMP_CHECK(log_in(own.duplicate()));
    pkcs11::Template pattern;
    pattern.number(CKA_CLASS, CKO_CERTIFICATE).flag(CKA_TOKEN, true).text(CKA_LABEL, kOfficerLabel);
    KMP_TRY(const auto before, session_->find(pattern));
    for (const pkcs11::Object object : before) KMP_CHECK(session_->destroy(object));
    KMP_CHECK(keep_so_pin(fresh));
    return log_out();
}

base::Status Token::reset_pin(const base::Secret& so_pin, const base::Secret& fresh) {
    return as_security_officer(so_pin, [&]() -> base::Status {
        const base::Status set = session_->initialise_user_pin(fitted(fresh));
        if (!set && set.error().code == Code::denied)
            return {Code::token_unsuitable, "this token has no security officer who could set a PIN; erase the UKEY and issue another", set.error().raw};
        return set;
    });
}

base::Status Token::erase(const base::Secret& so_pin) {
    // Whoever does not know the SO PIN must not get as far as to close sessions.
    KMP_CHECK(as_security_officer(so_pin, [] { return base::Status(); }));
    return make_blank(so_pin);
}

base::Status Token::clear_former_life() {
    // C_InitToken destroys everything, says PKCS#11; NSS softokn leaves certificates, a trust anchor among them.
    for (const CK_OBJECT_CLASS object_class : {CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_SECRET_KEY, CKO_DATA}) {
        pkcs11::Template all;
        all.number(CKA_CLASS, object_class).flag(CKA_TOKEN, true);
        const auto found = session_->find(all);
        if (!found) continue;  // a class that the module does not know holds nothing
        for (const pkcs11::Object object : *found) {
            KMP_TRY(const base::Bytes label, session_->bytes_of(object, CKA_LABEL));
            if (base::as_text(label).starts_with("kmp:")) KMP_CHECK(session_->destroy(object));
        }
    }
    return {};
}

base::Result<pkcs11::PublicKey> Token::import_trusted(const base::Secret& so_pin, base::ByteView modulus, base::ByteView exponent) {
    if (pin_.empty()) return {Code::internal, "the vault's PIN is not at hand to log in again"};
    pkcs11::Template key(CKO_PUBLIC_KEY, CKK_RSA);
    key.flag(CKA_TOKEN, false).flag(CKA_PRIVATE, false).flag(CKA_WRAP, true).flag(CKA_ENCRYPT, false).flag(CKA_VERIFY, false);
    key.bytes(CKA_MODULUS, modulus).bytes(CKA_PUBLIC_EXPONENT, exponent);
    pkcs11::Template trusted(key);
    trusted.flag(CKA_TRUSTED, true);
    forget_handles();
    KMP_CHECK(session_->logout());
    logged_in_ = false;
    base::Result<pkcs11::Object> made(Code::internal, "not tried");
    const base::Status as_officer = session_->login(pkcs11::User::security_officer, fitted(so_pin));
    if (as_officer) {
        made = session_->create(trusted);
        KMP_CHECK(session_->logout());
    }
    KMP_CHECK(log_in_as_user(pin_));
    logged_in_ = true;
    KMP_CHECK(resolve());
    if (knows_no_officer(as_officer)) {
        KMP_CHECK(compare_so_pin(so_pin));
        made = session_->create(key);
    } else if (!as_officer) {
        return base::Error(as_officer.error()).in("the SO PIN of the master-control UKEY");
    }
    if (!made) return std::move(made).error();
    return pkcs11::as<pkcs11::PublicKey>(*made);
}

}  // namespace tokens::host

#include "tokens/host/token.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace tokens::host {
namespace {

using base::Code;

constexpr std::chrono::seconds kClaimPatience{8};  ///< shorter than kmpd waits for a probe

const base::Error& removed() {
    static const base::Error error{Code::token_removed, "the UKEY was pulled out; insert it again", 0};
    return error;
}

base::Digest pin_digest(base::ByteView salt, const base::Secret& pin) {
    return pin.reveal([&](base::ByteView value) { return base::sha256({salt, value}); });
}

/// The module's parameters with the UKEY's folder in the place of `{path}`.
base::Result<std::string> filled_in(std::string parameters, const std::string& folder) {
    constexpr std::string_view kPlace = "{path}";
    // What a module makes of a quote within a quoted value is its own affair: such folders are refused rather than misread.
    const bool plain = folder.find_first_of("'\"<>[]\\\n") == std::string::npos;
    for (std::size_t at = parameters.find(kPlace); at != std::string::npos; at = parameters.find(kPlace, at + folder.size())) {
        if (!plain) return {Code::invalid_argument, "the UKEY's folder " + folder + " has a character in its name that the module's parameters cannot hold"};
        parameters.replace(at, kPlace.size(), folder);
    }
    return parameters;
}

/// A file in memory that nobody else sees, holding SoftHSM2's configuration for this one folder.
base::Result<base::Fd> softhsm_configuration(const std::string& folder) {
    if (folder.find('\n') != std::string::npos) return {Code::invalid_argument, "a UKEY's folder has no line break in its name"};
    base::Fd fd(memfd_create("softhsm2.conf", 0));
    if (!fd) return base::errno_error("making SoftHSM2's configuration", errno);
    const std::string text = "directories.tokendir = " + folder +
                             "/tokens\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n";
    if (write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) return base::errno_error("making SoftHSM2's configuration", errno);
    const std::string path = "/proc/self/fd/" + std::to_string(fd.get());
    if (setenv("SOFTHSM2_CONF", path.c_str(), 1) != 0) return base::errno_error("naming SoftHSM2's configuration", errno);
    return fd;
}

}  // namespace

Token::Token(Source source) : source_(std::move(source)) {}

base::Status Token::load() {
    if (module_) return {};
    if (source_.kind == Source::Kind::softhsm && !configuration_) {
        KMP_TRY(configuration_, softhsm_configuration(source_.folder));
    }
    KMP_TRY(std::string parameters, filled_in(source_.parameters, source_.folder));
    KMP_TRY(module_, pkcs11::Module::load(source_.module, std::move(parameters)));
    return {};
}

void Token::forget_handles() {
    ++generation_;
    private_keys_.clear();
    secret_keys_.clear();
    masters_.clear();
    known_spki_.clear();
    verifiers_.clear();
}

void Token::drop() {
    forget_handles();
    session_.reset();
    slot_.reset();
    module_.reset();
    logged_in_ = initialised_ = false;
    ukey_.clear();
    kind_.reset();
    pin_.wipe();
}

std::string Token::place() const { return source_.kind == Source::Kind::softhsm ? source_.folder + "/tokens" : source_.folder; }

base::Status Token::claim(std::uint64_t device, std::uint64_t inode) {
    if (claim_ && claimed_device_ == device && claimed_inode_ == inode) return {};
    claim_ = base::Fd(open(source_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!claim_) return base::errno_error("opening the UKEY's folder " + source_.folder, errno);
    const auto end = std::chrono::steady_clock::now() + kClaimPatience;
    while (flock(claim_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return base::errno_error("locking the UKEY's folder " + source_.folder, errno);
        if (std::chrono::steady_clock::now() > end) {
            claim_ = base::Fd();
            return {Code::busy, "another process still works with the UKEY's folder " + source_.folder + "; where that is kmpd, take the UKEY out of its reader first, otherwise end it, or try again"};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    claimed_device_ = device;
    claimed_inode_ = inode;
    return {};
}

base::Result<Token::Presence> Token::look() {
    Presence out;
    struct stat status {};
    if (!source_.folder.empty()) {
        if (session_) (void)check_still_there();  // drops everything when it is not, and the look begins anew
        if (stat(source_.folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
            drop();
            claim_ = base::Fd();
            return out;
        }
        KMP_CHECK(claim(status.st_dev, status.st_ino));
        if (source_.kind == Source::Kind::softhsm && stat(place().c_str(), &status) != 0) {
            drop();
            out.present = true;  // a folder without a token yet: SoftHSM2 would refuse to start on it
            out.info.manufacturer = "SoftHSM project";
            out.info.model = "SoftHSM v2";
            return out;
        }
    }
    if (slot_) {
        auto info = module_->token_info(*slot_);
        if (info) return Presence{true, initialised_, std::move(*info)};
        drop();
    }
    KMP_CHECK(load());
    std::optional<pkcs11::Slot> found;
    std::size_t initialised = 0;
    KMP_TRY(const std::vector<pkcs11::Slot> slots, module_->slots());
    for (const pkcs11::Slot slot : slots) {
        auto info = module_->token_info(slot);
        if (!info || info->write_protected || (!source_.serial.empty() && info->serial != source_.serial)) continue;
        initialised += info->initialised ? 1 : 0;
        if (found && (out.initialised || !info->initialised)) continue;
        found = slot;
        out = {true, info->initialised, std::move(*info)};
    }
    if (!found) {
        drop();
        return Presence{};
    }
    if (source_.kind == Source::Kind::softhsm && initialised > 1) {
        drop();
        return {Code::token_unsuitable, "the UKEY's folder holds " + std::to_string(initialised) + " tokens; a UKEY has one"};
    }
    folder_device_ = status.st_dev;
    folder_inode_ = status.st_ino;
    initialised_ = out.initialised;
    longest_pin_ = out.info.longest_pin;
    KMP_CHECK(attach(*found));
    return out;
}

base::Status Token::check_still_there() {
    if (!session_) return removed();
    if (source_.folder.empty()) return {};
    struct stat status {};
    if (stat(place().c_str(), &status) == 0 && status.st_dev == folder_device_ && status.st_ino == folder_inode_) return {};
    drop();
    return removed();
}

base::Status Token::attach(pkcs11::Slot slot) {
    slot_ = slot;
    if (!initialised_) return {};  // modules refuse sessions on a token without C_InitToken
    KMP_CHECK(open_session());
    return identify();
}

base::Status Token::open_session() {
    auto session = pkcs11::Session::open(*module_, *slot_);
    if (!session) return std::move(session).error();
    session_.emplace(std::move(*session));
    return {};
}

base::Status Token::identify() {
    ukey_.clear();
    kind_.reset();
    pkcs11::Template identity;
    identity.number(CKA_CLASS, CKO_PUBLIC_KEY).text(CKA_LABEL, key_label(kIdentity));
    KMP_TRY(const pkcs11::Object key, session_->find_one(identity));
    if (key) {
        KMP_TRY(const base::Bytes id, session_->bytes_of(key, CKA_ID));
        kind_ = kind_of_identity(id);
    }
    KMP_TRY(ukey_, marked_serial(*session_));
    return {};
}

void Token::remember(base::Secret pin) {
    const base::Secret salt = base::Secret::random(pin_salt_.size());
    salt.reveal([&](base::ByteView bytes) { std::copy(bytes.begin(), bytes.end(), pin_salt_.begin()); });
    pin_digest_ = pin_digest(pin_salt_, pin);
    pin_ = std::move(pin);
}

base::Status Token::log_in_as_user(const base::Secret& pin) {
    const base::Status status = session_->login(pkcs11::User::user, fitted(pin));
    if (status) return {};
    if (status.error().code == Code::wrong_pin) return {Code::wrong_pin, "the PIN is wrong", status.error().raw};
    return status;
}

base::Status Token::log_in(base::Secret pin) {
    if (!session_) return removed();
    if (logged_in_) {
        const base::Digest given = pin_digest(pin_salt_, pin);
        if (!base::equal_constant_time(given, pin_digest_)) return {Code::wrong_pin, "the PIN is wrong", static_cast<std::int64_t>(CKR_PIN_INCORRECT)};
        return {};
    }
    KMP_CHECK(log_in_as_user(pin));
    logged_in_ = true;
    remember(std::move(pin));
    const base::Status resolved = resolve();
    if (!resolved) (void)log_out();
    return resolved;
}

base::Status Token::log_out() {
    if (!session_) return removed();
    pin_.wipe();
    pin_digest_.fill(0);
    forget_handles();
    const bool was = std::exchange(logged_in_, false);
    if (was) (void)session_->logout();
    session_.reset();  // and with it every session object, public ones included
    return open_session();
}

base::Status Token::change_pin(base::Secret old_pin, base::Secret fresh) {
    KMP_CHECK(log_in(old_pin.duplicate()));
    KMP_CHECK(session_->change_pin(fitted(old_pin), fitted(fresh)));
    remember(std::move(fresh));
    if (!logs_in_itself()) pin_.wipe();
    return {};
}

bool Token::logs_in_itself() const noexcept {
    return !kind_ || kind_ == model::UkeyKind::master_control || kind_ == model::UkeyKind::key || kind_ == model::UkeyKind::user;
}

base::Status Token::resolve() {
    forget_handles();
    KMP_CHECK(identify());
    for (const CK_OBJECT_CLASS object_class : {CKO_PRIVATE_KEY, CKO_SECRET_KEY}) {
        pkcs11::Template all;
        all.number(CKA_CLASS, object_class).flag(CKA_TOKEN, true);
        KMP_TRY(const std::vector<pkcs11::Object> found, session_->find(all, 4096));
        for (const pkcs11::Object object : found) {
            KMP_TRY(const base::Bytes raw, session_->bytes_of(object, CKA_LABEL));
            const std::string_view label = base::as_text(raw);
            if (label.starts_with(kKeyLabel)) {
                auto& keys = object_class == CKO_PRIVATE_KEY ? private_keys_ : secret_keys_;
                const std::string_view name = label.substr(kKeyLabel.size());
                const bool all_day = name == kSigning || name == kMac || name == kEncrypt;
                keys[std::string(name)] = all_day ? working_copy(object) : object;
            } else if (const auto id = master_of_label(label)) {
                masters_[*id] = pkcs11::as<pkcs11::SecretKey>(working_copy(object));
            }
        }
    }
    if (!logs_in_itself()) pin_.wipe();
    return {};
}

pkcs11::Object Token::working_copy(pkcs11::Object own) {
    if (kind_ == model::UkeyKind::master_control) return own;
    pkcs11::Template changes;
    changes.flag(CKA_TOKEN, false);
    const auto copy = session_->copy(own, changes);
    return copy ? *copy : own;
}

base::Result<pkcs11::PrivateKey> Token::private_key(std::string_view name) const {
    const auto at = private_keys_.find(name);
    if (at == private_keys_.end()) return {Code::key_missing, "this UKEY has no " + std::string(name) + " key"};
    return pkcs11::as<pkcs11::PrivateKey>(at->second);
}

base::Result<pkcs11::SecretKey> Token::secret_key(std::string_view name) const {
    const auto at = secret_keys_.find(name);
    if (at == secret_keys_.end()) return {Code::key_missing, "this UKEY has no " + std::string(name) + " key"};
    return pkcs11::as<pkcs11::SecretKey>(at->second);
}

base::Result<pkcs11::PublicKey> Token::public_key(std::string_view name) {
    pkcs11::Template pattern;
    pattern.number(CKA_CLASS, CKO_PUBLIC_KEY).flag(CKA_TOKEN, true).text(CKA_LABEL, key_label(name));
    KMP_TRY(const pkcs11::Object found, session_->find_one(pattern));
    if (!found) return {Code::key_missing, "this UKEY has no " + std::string(name) + " key"};
    return pkcs11::as<pkcs11::PublicKey>(found);
}

base::Result<pkcs11::SecretKey> Token::master(const MasterId& id) const {
    const auto at = masters_.find(id);
    if (at == masters_.end())
        return {Code::key_missing, "this UKEY does not hold the " + std::string(model::name(id.key_class)) + " keys, " +
                                       std::string(model::name(id.state)) + " state, version " + std::to_string(static_cast<unsigned>(id.version))};
    return at->second;
}

void Token::adopt_master(const MasterId& id, pkcs11::SecretKey key) { masters_[id] = pkcs11::as<pkcs11::SecretKey>(working_copy(key)); }

base::Status Token::drop_master(const MasterId& id) {
    pkcs11::Template pattern;
    pattern.number(CKA_CLASS, CKO_SECRET_KEY).text(CKA_LABEL, label_of(id));
    KMP_TRY(const std::vector<pkcs11::Object> found, session_->find(pattern));
    ++generation_;  // keys derived from it go too
    masters_.erase(id);
    for (const pkcs11::Object object : found) KMP_CHECK(session_->destroy(object));
    return {};
}

base::Status Token::recycle() {
    if (!logged_in_ || pin_.empty()) return {};
    base::Secret pin = std::move(pin_);
    drop();
    KMP_TRY(const Presence presence, look());
    if (!presence.present || !presence.initialised) return removed();
    return log_in(std::move(pin));
}

base::Result<std::vector<CK_MECHANISM_TYPE>> Token::mechanisms() {
    if (!slot_) return std::vector<CK_MECHANISM_TYPE>();
    return module_->mechanisms(*slot_);
}

}  // namespace tokens::host

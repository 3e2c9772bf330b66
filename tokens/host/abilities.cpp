#include "tokens/host/abilities.h"

#include <algorithm>
#include <functional>

#include "tokens/host/x509.h"

namespace tokens::host {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::Status;
using model::UkeyKind;
using pkcs11::Mechanism;
using pkcs11::Session;
using pkcs11::Template;
using pkcs11::Temporary;

using KindSet = std::uint8_t;
constexpr KindSet bit(UkeyKind kind) noexcept { return static_cast<KindSet>(1u << static_cast<unsigned>(kind)); }
constexpr KindSet kMaster = bit(UkeyKind::master_control);
constexpr KindSet kKey = bit(UkeyKind::key);
constexpr KindSet kUser = bit(UkeyKind::user);
constexpr KindSet kPlatform = bit(UkeyKind::platform);
constexpr KindSet kOfficer = bit(UkeyKind::officer);
constexpr KindSet kEvery = kMaster | kKey | kUser | kPlatform | kOfficer | bit(UkeyKind::auditor);

// ---- known answers

/// Bytes from lower-case hex, at compile time.
template <std::size_t N>
constexpr std::array<std::uint8_t, N / 2> hex(const char (&text)[N]) {
    const auto digit = [](char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); };
    std::array<std::uint8_t, N / 2> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
    return out;
}

// source: RFC 4493 section 4, example 2; the same key and block in NIST SP 800-38A F.1.1 (ECB) and F.2.1 (CBC)
constexpr auto kKnownKey = hex("2b7e151628aed2a6abf7158809cf4f3c");
constexpr auto kBlock = hex("6bc1bee22e409f96e93d7e117393172a");
constexpr auto kCmac = hex("070a16b46b4d4144f79bdd9dd04a287c");
constexpr auto kIv = hex("000102030405060708090a0b0c0d0e0f");
constexpr auto kCbc = hex("7649abac8119b246cee98e9b12e9197d");
// The CMAC of the same block under its ECB encryption 3ad77bb40d7a3660a89ecaf32466ef97: what a derived key answers. source: openssl mac
constexpr auto kDerivedCmac = hex("da248395c845232c03ac0fdc4e5baae9");
// source: RFC 3394 section 4.1
constexpr auto kWrappingKey = hex("000102030405060708090a0b0c0d0e0f");
constexpr auto kWrappedKey = hex("00112233445566778899aabbccddeeff");
constexpr auto kKeyWrap = hex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
// source: RFC 4231 section 4.7; SoftHSM2 takes no HMAC key shorter than the digest, so not the first of its cases
constexpr std::size_t kHmacKeySize = 131;
constexpr std::uint8_t kHmacKeyByte = 0xaa;
constexpr std::string_view kHmacText = "Test Using Larger Than Block-Size Key - Hash Key First";
constexpr auto kHmac = hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
// source: The Galois/Counter Mode of Operation (McGrew, Viega), test case 4
constexpr auto kGcmKey = hex("feffe9928665731c6d6a8f9467308308");
constexpr auto kGcmIv = hex("cafebabefacedbaddecaf888");
constexpr auto kGcmAssociated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
constexpr auto kGcmPlain = hex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
constexpr auto kGcmSealed = hex(
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
    "5bc94fbc3221a5db94fae95ae7121a47");

Status wrong(std::string_view what) { return {Code::token_failed, std::string(what) + " gives a wrong answer", 0}; }

bool same(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

// ---- trial keys

/// Key pairs are token objects, as those of a UKEY are: what a module does with those is what counts.
/// Secret keys are session objects, or token objects where a module makes no others. All go with their scope; what a crash leaves has
/// our label.
struct Bench {
    Session& session;
    bool secrets_on_token;

    Template shaped(CK_OBJECT_CLASS object_class, CK_KEY_TYPE type, bool is_private) const {
        Template out(object_class, type);
        out.flag(CKA_TOKEN, object_class != CKO_SECRET_KEY || secrets_on_token).flag(CKA_PRIVATE, is_private).text(CKA_LABEL, "kmp:trial").text(CKA_ID, "kmp:trial");
        return out;
    }
    /// A secret key of known value.
    base::Result<pkcs11::SecretKey> known(CK_KEY_TYPE type, ByteView value, CK_ATTRIBUTE_TYPE use, bool extractable = false) const {
        Template key = shaped(CKO_SECRET_KEY, type, true);
        key.flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, extractable).flag(use, true).bytes(CKA_VALUE, value);
        KMP_TRY(const pkcs11::Object made, session.create(key));
        return pkcs11::as<pkcs11::SecretKey>(made);
    }
    base::Result<pkcs11::KeyPair> rsa(CK_ATTRIBUTE_TYPE public_use, CK_ATTRIBUTE_TYPE private_use) const {
        constexpr std::array<std::uint8_t, 3> kExponent{1, 0, 1};
        Template public_part = shaped(CKO_PUBLIC_KEY, CKK_RSA, false);
        public_part.number(CKA_MODULUS_BITS, 2048).bytes(CKA_PUBLIC_EXPONENT, kExponent).flag(public_use, true);
        Template private_part = shaped(CKO_PRIVATE_KEY, CKK_RSA, true);
        private_part.flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false).flag(private_use, true);
        return session.generate_key_pair(Mechanism(CKM_RSA_PKCS_KEY_PAIR_GEN), std::move(public_part), std::move(private_part));
    }
    base::Result<Bytes> rsa_spki_of(pkcs11::PublicKey key) const {
        KMP_TRY(const Bytes modulus, session.bytes_of(key, CKA_MODULUS));
        KMP_TRY(const Bytes exponent, session.bytes_of(key, CKA_PUBLIC_EXPONENT));
        return rsa_spki(modulus, exponent);
    }
};

Status answers_cmac(Session& session, pkcs11::SecretKey key, ByteView expected, std::string_view what) {
    std::array<std::uint8_t, 16> mac{};
    KMP_TRY(const std::size_t size, session.sign(Mechanism::aes_cmac(), key, kBlock, mac));
    if (size != mac.size() || !same(mac, expected)) return wrong(what);
    return {};
}

/// The key is kKnownKey. By CMAC, or by CBC where the token has no CMAC: what it lacks is named for itself, not for its key transport.
Status is_known_key(Session& session, pkcs11::SecretKey key, std::string_view what) {
    const Status by_cmac = answers_cmac(session, key, kCmac, what);
    if (by_cmac || by_cmac.error().raw != static_cast<std::int64_t>(CKR_MECHANISM_INVALID)) return by_cmac;
    KMP_TRY(const Bytes sealed, session.encrypt(Mechanism::aes_cbc(kIv), key, kBlock));
    return same(sealed, kCbc) ? Status() : wrong(what);
}

Template arriving_master() {
    Template out(CKO_SECRET_KEY, CKK_AES);
    out.flag(CKA_TOKEN, false).flag(CKA_PRIVATE, true).flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false).flag(CKA_SIGN, true).flag(CKA_ENCRYPT, true);
    out.text(CKA_LABEL, "kmp:trial");
    return out;
}

// ---- trials

Status try_sign(const Bench& bench) {
    Template public_part = bench.shaped(CKO_PUBLIC_KEY, CKK_EC, false);
    public_part.bytes(CKA_EC_PARAMS, kP256Oid).flag(CKA_VERIFY, true);
    Template private_part = bench.shaped(CKO_PRIVATE_KEY, CKK_EC, true);
    private_part.flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false).flag(CKA_SIGN, true);
    KMP_TRY(const pkcs11::KeyPair pair, bench.session.generate_key_pair(Mechanism(CKM_EC_KEY_PAIR_GEN), std::move(public_part), std::move(private_part)));
    const Temporary one(bench.session, pair.public_key);
    const Temporary two(bench.session, pair.private_key);
    KMP_TRY(const Bytes point, bench.session.bytes_of(pair.public_key, CKA_EC_POINT));
    KMP_TRY(const Bytes spki, p256_spki(point));
    return prove_signs(bench.session, pair.private_key, spki);
}

/// Not a test of randomness: only that something is drawn, and something else each time.
Status try_random(const Bench& bench) {
    std::array<std::uint8_t, 32> first{};
    std::array<std::uint8_t, 32> second{};
    KMP_CHECK(bench.session.generate_random(first));
    KMP_CHECK(bench.session.generate_random(second));
    const std::array<std::uint8_t, 32> zeros{};
    if (first == second || first == zeros || second == zeros) return wrong("C_GenerateRandom");
    return {};
}

Status try_unwrap(const Bench& bench) {
    KMP_TRY(const pkcs11::KeyPair pair, bench.rsa(CKA_WRAP, CKA_UNWRAP));
    const Temporary one(bench.session, pair.public_key);
    const Temporary two(bench.session, pair.private_key);
    KMP_TRY(const Bytes spki, bench.rsa_spki_of(pair.public_key));
    return prove_unwraps(bench.session, pair.private_key, spki);
}

Status try_wrap(const Bench& bench) {
    KMP_TRY(const pkcs11::KeyPair pair, bench.rsa(CKA_WRAP, CKA_UNWRAP));
    const Temporary one(bench.session, pair.public_key);
    const Temporary two(bench.session, pair.private_key);
    KMP_TRY(const pkcs11::SecretKey key, bench.known(CKK_AES, kKnownKey, CKA_SIGN, true));
    const Temporary three(bench.session, key);
    KMP_TRY(const Bytes wrapped, bench.session.wrap(Mechanism::oaep_sha1(), pair.public_key, key));
    if (wrapped.size() != 256) return wrong("C_WrapKey with CKM_RSA_PKCS_OAEP");
    KMP_TRY(const pkcs11::SecretKey back, bench.session.unwrap(Mechanism::oaep_sha1(), pair.private_key, wrapped, arriving_master()));
    const Temporary four(bench.session, back);
    return is_known_key(bench.session, back, "C_WrapKey with CKM_RSA_PKCS_OAEP");
}

Status try_decrypt(const Bench& bench) {
    KMP_TRY(const pkcs11::KeyPair pair, bench.rsa(CKA_ENCRYPT, CKA_DECRYPT));
    const Temporary one(bench.session, pair.public_key);
    const Temporary two(bench.session, pair.private_key);
    KMP_TRY(const Bytes spki, bench.rsa_spki_of(pair.public_key));
    return prove_decrypts(bench.session, pair.private_key, spki);
}

Status try_derive(const Bench& bench) {
    KMP_TRY(const pkcs11::SecretKey base_key, bench.known(CKK_AES, kKnownKey, CKA_DERIVE));
    const Temporary one(bench.session, base_key);
    Template attributes = arriving_master();
    attributes.number(CKA_VALUE_LEN, 16);
    KMP_TRY(const pkcs11::SecretKey derived, bench.session.derive(Mechanism::aes_ecb_data(kBlock), base_key, attributes));
    const Temporary two(bench.session, derived);
    return answers_cmac(bench.session, derived, kDerivedCmac, "CKM_AES_ECB_ENCRYPT_DATA");
}

Status try_cmac(const Bench& bench) {
    KMP_TRY(const pkcs11::SecretKey key, bench.known(CKK_AES, kKnownKey, CKA_SIGN));
    const Temporary one(bench.session, key);
    return answers_cmac(bench.session, key, kCmac, "CKM_AES_CMAC");
}

Status try_cbc(const Bench& bench) {
    KMP_TRY(const pkcs11::SecretKey key, bench.known(CKK_AES, kKnownKey, CKA_ENCRYPT));
    const Temporary one(bench.session, key);
    KMP_TRY(const Bytes sealed, bench.session.encrypt(Mechanism::aes_cbc(kIv), key, kBlock));
    return same(sealed, kCbc) ? Status() : wrong("CKM_AES_CBC");
}

Status try_gcm(const Bench& bench) {
    Template attributes = bench.shaped(CKO_SECRET_KEY, CKK_AES, true);
    attributes.flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false).flag(CKA_ENCRYPT, true).flag(CKA_DECRYPT, true).number(CKA_VALUE_LEN, 32);
    KMP_TRY(const pkcs11::SecretKey drawn, bench.session.generate_key(Mechanism(CKM_AES_KEY_GEN), attributes));
    const Temporary one(bench.session, drawn);
    KMP_CHECK(prove_seals(bench.session, drawn));
    KMP_TRY(const pkcs11::SecretKey key, bench.known(CKK_AES, kGcmKey, CKA_ENCRYPT));
    const Temporary two(bench.session, key);
    KMP_TRY(const Bytes sealed, bench.session.encrypt(Mechanism::aes_gcm(kGcmIv, kGcmAssociated), key, kGcmPlain));
    return same(sealed, kGcmSealed) ? Status() : wrong("CKM_AES_GCM");
}

Status try_key_wrap(const Bench& bench) {
    KMP_TRY(const pkcs11::SecretKey wrapping, bench.known(CKK_AES, kWrappingKey, CKA_WRAP));
    const Temporary one(bench.session, wrapping);
    KMP_TRY(const pkcs11::SecretKey key, bench.known(CKK_AES, kWrappedKey, CKA_SIGN, true));
    const Temporary two(bench.session, key);
    KMP_TRY(const Bytes wrapped, bench.session.wrap(Mechanism::aes_key_wrap(), wrapping, key));
    return same(wrapped, kKeyWrap) ? Status() : wrong("CKM_AES_KEY_WRAP");
}

Status try_hmac(const Bench& bench) {
    Template attributes = bench.shaped(CKO_SECRET_KEY, CKK_GENERIC_SECRET, true);
    attributes.flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false).flag(CKA_SIGN, true).number(CKA_VALUE_LEN, 32);
    KMP_TRY(const pkcs11::SecretKey drawn, bench.session.generate_key(Mechanism(CKM_GENERIC_SECRET_KEY_GEN), attributes));
    const Temporary one(bench.session, drawn);
    KMP_TRY(const pkcs11::SecretKey key, bench.known(CKK_GENERIC_SECRET, Bytes(kHmacKeySize, kHmacKeyByte), CKA_SIGN));
    const Temporary two(bench.session, key);
    std::array<std::uint8_t, 32> mac{};
    KMP_TRY(const std::size_t size, bench.session.sign(Mechanism::sha256_hmac(), key, base::as_bytes(kHmacText), mac));
    return size == mac.size() && same(mac, kHmac) ? Status() : wrong("CKM_SHA256_HMAC");
}

struct Line {
    Ability ability;
    KindSet kinds;  ///< that cannot do without
    std::vector<CK_MECHANISM_TYPE> mechanisms;
    Status (*trial)(const Bench&);
};

/// In the order of Ability. An auditor UKEY decrypts exports where its token can (design 3), and goes without where it cannot.
const std::array<Line, kAbilities>& lines() {
    static const std::array<Line, kAbilities> all{
        Line{Ability::sign, kEvery, {CKM_EC_KEY_PAIR_GEN, CKM_ECDSA}, try_sign},
        Line{Ability::random, kEvery, {}, try_random},
        Line{Ability::unwrap, kMaster | kKey | kUser | kPlatform, {CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS_OAEP}, try_unwrap},
        Line{Ability::wrap, kMaster, {CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS_OAEP}, try_wrap},
        Line{Ability::decrypt, kMaster | kOfficer, {CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS_OAEP}, try_decrypt},
        Line{Ability::derive, kMaster | kKey | kUser, {CKM_AES_ECB_ENCRYPT_DATA}, try_derive},
        Line{Ability::cmac, kMaster | kKey | kUser, {CKM_AES_CMAC}, try_cmac},
        Line{Ability::cbc, kKey | kUser, {CKM_AES_CBC}, try_cbc},
        Line{Ability::gcm, kMaster | kUser | kPlatform, {CKM_AES_KEY_GEN, CKM_AES_GCM}, try_gcm},
        Line{Ability::key_wrap, kKey, {CKM_AES_KEY_WRAP}, try_key_wrap},
        Line{Ability::hmac, kMaster | kPlatform, {CKM_GENERIC_SECRET_KEY_GEN, CKM_SHA256_HMAC}, try_hmac},
    };
    return all;
}

/// A failure that says nothing about the mechanism.
bool about_the_token(const base::Error& why) {
    return why.code == Code::token_removed || why.code == Code::denied || why.code == Code::storage_full || why.code == Code::busy;
}

bool listed(const std::vector<CK_MECHANISM_TYPE>& all, CK_MECHANISM_TYPE type) { return std::ranges::find(all, type) != all.end(); }

void add(std::vector<std::string>& out, std::string what) {
    if (std::ranges::find(out, what) == out.end()) out.push_back(std::move(what));
}

/// Names what is not listed; when all is listed, everything with the reason why it does not work.
void name_lack(std::vector<std::string>& out, const Line& line, const std::vector<CK_MECHANISM_TYPE>& all, const base::Error& why) {
    bool named = false;
    for (const CK_MECHANISM_TYPE type : line.mechanisms) {
        if (listed(all, type)) continue;
        named = true;
        add(out, pkcs11::mechanism_name(type));
    }
    if (named) return;
    const std::string reason = why.message.substr(0, why.message.find(';'));
    std::string names;
    for (const CK_MECHANISM_TYPE type : line.mechanisms) names += (names.empty() ? "" : " with ") + pkcs11::mechanism_name(type);
    add(out, names.empty() ? reason : "a working " + names + " (" + reason + ")");
}

Status cannot_serve(UkeyKind kind, const std::vector<std::string>& lacks) {
    std::string names;
    for (const std::string& name : lacks) names += (names.empty() ? "" : ", ") + name;
    const std::string who = kind == UkeyKind::officer || kind == UkeyKind::auditor ? "an " : "a ";
    return {Code::token_unsuitable, "this token cannot serve as " + who + std::string(model::name(kind)) + " UKEY: it lacks " + names, 0};
}

}  // namespace

Status Abilities::attempt(Token& token, Ability ability) {
    std::optional<Status>& known = tried_[static_cast<std::size_t>(ability)];
    if (known) return *known;
    const Line& line = lines()[static_cast<std::size_t>(ability)];
    Status done = line.trial({token.session(), false});
    if (!done && !about_the_token(done.error())) {
        // Some tokens make token objects only.
        const Status again = line.trial({token.session(), true});
        if (again || about_the_token(again.error())) done = again;
    }
    if (!done && about_the_token(done.error())) return done;
    known = done;
    return done;
}

base::Result<std::vector<std::string>> Abilities::missing(Token& token, UkeyKind kind) {
    KMP_TRY(const auto all, token.mechanisms());
    std::vector<std::string> out;
    for (const Line& line : lines()) {
        if ((line.kinds & bit(kind)) == 0) continue;
        const Status done = attempt(token, line.ability);
        if (done) continue;
        if (about_the_token(done.error())) return done.error();
        name_lack(out, line, all, done.error());
    }
    return out;
}

base::Result<std::vector<std::string>> Abilities::unlisted(Token& token, UkeyKind kind) {
    KMP_TRY(const auto all, token.mechanisms());
    std::vector<std::string> out;
    for (const Line& line : lines()) {
        if (all.empty() || (line.kinds & bit(kind)) == 0) continue;
        for (const CK_MECHANISM_TYPE type : line.mechanisms)
            if (!listed(all, type)) add(out, pkcs11::mechanism_name(type));
    }
    return out;
}

base::Result<bool> Abilities::has(Token& token, Ability ability) {
    const Status done = attempt(token, ability);
    if (!done && about_the_token(done.error())) return done.error();
    return done.ok();
}

base::Result<std::vector<std::string>> Abilities::cautions(Token& token) {
    const Bench bench{token.session(), false};
    std::vector<std::string> out;
    const auto wrapping = bench.known(CKK_AES, kWrappingKey, CKA_WRAP);
    if (!wrapping) return out;  // what wraps nothing lets nothing out
    const Temporary one(bench.session, *wrapping);
    const auto lets_out = [&](bool extractable, bool with_trusted) {
        Template key = bench.shaped(CKO_SECRET_KEY, CKK_AES, true);
        key.flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, extractable).flag(CKA_SIGN, true).flag(CKA_WRAP_WITH_TRUSTED, with_trusted).bytes(CKA_VALUE, kWrappedKey);
        const auto made = bench.session.create(key);
        if (!made) return false;
        const Temporary two(bench.session, *made);
        return bench.session.wrap(Mechanism::aes_key_wrap(), *wrapping, pkcs11::as<pkcs11::SecretKey>(*made)).ok();
    };
    if (lets_out(false, false)) out.emplace_back("the module wraps keys that are marked as not extractable");
    if (lets_out(true, true)) out.emplace_back("the module wraps keys that only a trusted key may wrap under any key");
    return out;
}

Status suits(Token& token, Abilities& abilities, UkeyKind kind) {
    KMP_TRY(const std::vector<std::string> lacks, abilities.missing(token, kind));
    return lacks.empty() ? Status() : cannot_serve(kind, lacks);
}

Status may_suit(Token& token, UkeyKind kind) {
    KMP_TRY(const std::vector<std::string> lacks, Abilities::unlisted(token, kind));
    // Modules that derive by it do not always list it.
    const bool plain = std::ranges::any_of(lacks, [](const std::string& name) { return name != pkcs11::mechanism_name(CKM_AES_ECB_ENCRYPT_DATA); });
    return plain ? cannot_serve(kind, lacks) : Status();
}

Status prove_signs(Session& session, pkcs11::PrivateKey key, ByteView spki) {
    const base::Digest digest = base::sha256(kBlock);
    Bytes raw(64);
    KMP_TRY(const CK_ULONG type, session.number_of(key, CKA_KEY_TYPE));
    if (type == CKK_EC_EDWARDS) {
        KMP_TRY(const std::size_t length, session.sign(Mechanism::ed25519(), key, kBlock, raw));
        return length == raw.size() && ed25519_holds(spki, kBlock, raw) ? Status() : wrong("CKM_EDDSA");
    }
    KMP_TRY(const std::size_t size, session.sign(Mechanism::ecdsa(), key, digest, raw));
    if (size != raw.size() || !ecdsa_holds(spki, kBlock, raw)) return wrong("CKM_ECDSA");
    return {};
}

Status prove_unwraps(Session& session, pkcs11::PrivateKey key, ByteView spki) {
    KMP_TRY(const Bytes wrapped, oaep_encrypt(spki, kKnownKey));
    KMP_TRY(const pkcs11::SecretKey back, session.unwrap(Mechanism::oaep_sha1(), key, wrapped, arriving_master()));
    const Temporary one(session, back);
    return is_known_key(session, back, "C_UnwrapKey with CKM_RSA_PKCS_OAEP");
}

Status prove_decrypts(Session& session, pkcs11::PrivateKey key, ByteView spki) {
    KMP_TRY(const Bytes sealed, oaep_encrypt(spki, kGcmKey));
    KMP_TRY(const base::Secret opened, session.decrypt(Mechanism::oaep_sha1(), key, sealed));
    return opened.reveal([](ByteView plain) { return same(plain, kGcmKey); }) ? Status() : wrong("C_Decrypt with CKM_RSA_PKCS_OAEP");
}

Status prove_macs(Session& session, pkcs11::SecretKey key, const Mechanism& mechanism) {
    std::array<std::array<std::uint8_t, 32>, 3> macs{};
    for (std::size_t i = 0; i < macs.size(); ++i) {
        const ByteView message = i < 2 ? ByteView(kBlock) : ByteView(kIv);
        KMP_TRY(const std::size_t size, session.sign(mechanism, key, message, macs[i]));
        if (size < 16) return wrong(pkcs11::mechanism_name(mechanism.type()));
    }
    return macs[0] == macs[1] && macs[0] != macs[2] ? Status() : wrong(pkcs11::mechanism_name(mechanism.type()));
}

Status prove_seals(Session& session, pkcs11::SecretKey key) {
    KMP_TRY(Bytes sealed, session.encrypt(Mechanism::aes_gcm(kGcmIv, kGcmAssociated), key, kGcmPlain));
    if (sealed.size() != kGcmSealed.size() || same(ByteView(sealed).first(kGcmPlain.size()), kGcmPlain)) return wrong("CKM_AES_GCM");
    KMP_TRY(const base::Secret opened, session.decrypt(Mechanism::aes_gcm(kGcmIv, kGcmAssociated), key, sealed));
    if (!opened.reveal([](ByteView plain) { return same(plain, kGcmPlain); })) return wrong("CKM_AES_GCM");
    sealed.back() ^= 1;
    if (session.decrypt(Mechanism::aes_gcm(kGcmIv, kGcmAssociated), key, sealed)) return {Code::token_failed, "CKM_AES_GCM opens what was changed", 0};
    return {};
}

}  // namespace tokens::host

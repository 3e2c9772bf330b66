#include <algorithm>

#include "base/digest.h"
#include "model/approval.h"
#include "tokens/host/injection.h"
#include "tokens/host/operations.h"
#include "tokens/host/x509.h"

namespace tokens::host {
namespace {

using base::Code;
using model::UkeyKind;

struct PurposeLine {
    std::string_view purpose;
    std::string_view key;
    KindSet kinds;
};

constexpr KindSet kEveryone = bit(UkeyKind::master_control) | bit(UkeyKind::officer) | bit(UkeyKind::key) | bit(UkeyKind::user) |
                              bit(UkeyKind::auditor) | bit(UkeyKind::platform);

constexpr std::string_view kDeed = "deed";

// What statements may be signed, with which key, on which UKEY. `injection` is not here: only WrapMasters signs injections, over what it
// wrapped itself. Otherwise a stranger's key could be passed off as a master.
constexpr std::array kPurposes{
    PurposeLine{"grant", kIssuing, bit(UkeyKind::master_control)},
    PurposeLine{"account", kIssuing, bit(UkeyKind::master_control)},
    PurposeLine{"revocation", kIssuing, bit(UkeyKind::master_control)},
    PurposeLine{"session", kIdentity, kEveryone},
    PurposeLine{"approval", kIdentity, bit(UkeyKind::master_control) | bit(UkeyKind::officer)},
    PurposeLine{"act", kIdentity, bit(UkeyKind::officer)},
    PurposeLine{kDeed, kIssuing, bit(UkeyKind::master_control)},
    PurposeLine{"quorum", kIssuing, bit(UkeyKind::master_control)},
    PurposeLine{"retention", kIssuing, bit(UkeyKind::master_control)},
    PurposeLine{"platform", kIssuing, bit(UkeyKind::master_control)},
    PurposeLine{"handover", kIdentity, bit(UkeyKind::platform)},
    PurposeLine{"enrolment", kIdentity, kEveryone},
};

constexpr std::size_t kMaxStatement = 65536;

/// A deed says in named terms what is to be done, and is no request: what officers vote on is theirs to sign.
base::Status check_deed(base::ByteView statement) {
    const auto deed = model::ApprovalRequest::decode(statement);
    if (!deed) return {Code::refused, "the purpose deed is for the statement of one: " + deed.error().message};
    if (deed->generation != 0) return {Code::refused, "the purpose deed is not for what officers vote on"};
    return {};
}

/// The subject of this UKEY's issuing certificate: whichever stored certificate is for its issuing key. Empty before there is one.
base::Result<base::Bytes> own_issuer(Token& token, base::ByteView issuing_spki) {
    KMP_TRY(const auto all, certificates_on(token));
    for (const auto& [name, der] : all) {
        const auto keys = read_certificate(der);
        if (keys && std::equal(keys->spki.begin(), keys->spki.end(), issuing_spki.begin(), issuing_spki.end())) return keys->subject;
    }
    return base::Bytes();
}

base::Status check_issued(Token& token, base::ByteView tbs) {
    KMP_TRY(const base::Bytes spki, spki_of(token, kIssuing));
    KMP_TRY(const base::Bytes issuer, own_issuer(token, spki));
    switch (recognise(tbs)) {
        case Tbs::certificate: return check_tbs_certificate(tbs, issuer, spki);
        case Tbs::crl: return check_tbs_crl(tbs, issuer);
        case Tbs::request: return check_request_info(tbs, spki);  // so that a root elsewhere can certify the issuing key
        case Tbs::other: break;
    }
    return {Code::refused, "the issuing key signs a TBSCertificate, a TBSCertList or its own CertificationRequestInfo only"};
}

base::Status answer(Call& call, const base::Bytes& raw) {
    KMP_TRY(const base::Bytes der, ecdsa_der(raw));
    set(call.reply.mutable_signature()->mutable_raw(), raw);
    set(call.reply.mutable_signature()->mutable_der(), der);
    return {};
}

/// source: C2SP tlog-checkpoint. Three lines: origin, size in decimal, root in base64; each ended by a newline; nothing else.
base::Status check_checkpoint(std::string_view body) {
    const base::Error wrong{Code::malformed, "a checkpoint is an origin, a size and a root of 32 bytes, one a line, and nothing else", 0};
    constexpr std::size_t kMaxBody = 512;
    if (body.size() > kMaxBody) return wrong;
    std::array<std::string_view, 3> lines;
    for (std::string_view& line : lines) {
        const std::size_t end = body.find('\n');
        if (end == std::string_view::npos) return wrong;
        line = body.substr(0, end);
        body.remove_prefix(end + 1);
    }
    const auto& [origin, size, root] = lines;
    const auto printable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
    if (!body.empty() || origin.empty() || !std::all_of(origin.begin(), origin.end(), printable)) return wrong;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (size.empty() || size.size() > 19 || !std::all_of(size.begin(), size.end(), digit) || (size.size() > 1 && size.front() == '0')) return wrong;
    const auto hash = base::from_base64(root);
    if (!hash || hash->size() != 32 || base::to_base64(*hash) != root) return wrong;
    return {};
}

/// source: RFC 8446, 4.4.3. `end`: server or client. A key proves one end only.
base::Status check_certificate_verify(std::string_view content, std::string_view key, std::string_view end) {
    const std::string head = std::string(64, ' ') + "TLS 1.3, " + std::string(end) + " CertificateVerify" + '\0';
    const bool is_one = content.starts_with(head) && (content.size() == head.size() + 32 || content.size() == head.size() + 48);
    if (!is_one) return {Code::refused, "the " + std::string(key) + " key signs a " + std::string(end) + "'s CertificateVerify of TLS 1.3 only"};
    return {};
}

/// What a module gets for a signature that its own public key does not confirm.
base::Error false_signature(std::string_view key) {
    return {Code::token_failed, "the UKEY signed with its " + std::string(key) + " key, and the signature does not hold; repair its module, or use another UKEY", 0};
}

base::Result<const P256Verifier*> verifier_of(Token& token, std::string_view key) {
    if (const auto known = token.verifiers().find(key); known != token.verifiers().end()) return &known->second;
    KMP_TRY(const base::Bytes spki, spki_of(token, key));
    KMP_TRY(P256Verifier verifier, P256Verifier::read(spki));
    return &token.verifiers().emplace(key, std::move(verifier)).first->second;
}

}  // namespace

base::Result<base::Bytes> sign_message(Token& token, std::string_view key, base::ByteView message) {
    KMP_TRY(const pkcs11::PrivateKey handle, token.private_key(key));
    const base::Digest digest = base::sha256(message);
    KMP_TRY(const P256Verifier* const own, verifier_of(token, key));
    base::Bytes out(64);
    KMP_TRY(const std::size_t size, token.session().sign(pkcs11::Mechanism::ecdsa(), handle, digest, out));
    if (size != out.size() || !own->holds(message, out)) return false_signature(key);
    return out;
}

base::Status sign_tbs(Host& host, Call& call) {
    const pb::SignTbs& request = call.request.sign_tbs();
    if (request.key() == kIssuing && host.token.kind() == UkeyKind::master_control) {
        KMP_CHECK(check_issued(host.token, view(request.tbs())));
    } else if (request.key() == kIdentity) {
        KMP_TRY(const base::Bytes spki, spki_of(host.token, kIdentity));
        KMP_CHECK(check_request_info(view(request.tbs()), spki));
    } else {
        return {Code::refused, "X.509 structures are signed by the keys `issuing` (master-control) and `identity` only"};
    }
    KMP_TRY(const base::Bytes raw, sign_message(host.token, request.key(), view(request.tbs())));
    return answer(call, raw);
}

base::Status sign_statement(Host& host, Call& call) {
    const pb::SignStatement& request = call.request.sign_statement();
    if (request.statement().size() > kMaxStatement) return {Code::invalid_argument, "a statement has at most 65536 bytes"};
    for (const PurposeLine& line : kPurposes) {
        if (line.purpose != request.purpose()) continue;
        if (!host.token.kind() || (line.kinds & bit(*host.token.kind())) == 0)
            return {Code::refused, "this UKEY does not sign for the purpose " + request.purpose()};
        if (line.purpose == kDeed) KMP_CHECK(check_deed(view(request.statement())));
        KMP_TRY(const base::Bytes raw, sign_message(host.token, line.key, statement_bytes(line.purpose, view(request.statement()))));
        return answer(call, raw);
    }
    if (request.purpose() == kInjectionPurpose) return {Code::refused, "injections are signed by wrap_masters alone"};
    return {Code::refused, "there is no such purpose of a signature"};
}

base::Status sign_checkpoint(Host& host, Call& call) {
    const std::string& body = call.request.sign_checkpoint().body();
    KMP_CHECK(check_checkpoint(body));
    KMP_TRY(const pkcs11::PrivateKey key, host.token.private_key(kCheckpoint));
    KMP_TRY(const CK_ULONG type, host.token.session().number_of(key, CKA_KEY_TYPE));
    if (type != CKK_EC_EDWARDS) {
        KMP_TRY(const base::Bytes raw, sign_message(host.token, kCheckpoint, view(body)));
        return answer(call, raw);
    }
    base::Bytes raw(64);
    KMP_TRY(const std::size_t size, host.token.session().sign(pkcs11::Mechanism::ed25519(), key, view(body), raw));
    KMP_TRY(const base::Bytes spki, spki_of(host.token, kCheckpoint));
    if (size != raw.size() || !ed25519_holds(spki, view(body), raw)) return false_signature(kCheckpoint);
    set(call.reply.mutable_signature()->mutable_raw(), raw);
    return {};
}

base::Status sign_tls(Host& host, Call& call) {
    const std::string& content = call.request.sign_tls().content();
    KMP_CHECK(check_certificate_verify(content, "TLS", "server"));
    KMP_TRY(const base::Bytes raw, sign_message(host.token, kTls, view(content)));
    return answer(call, raw);
}

// No statement and no request for a certificate begins with a space, so that nothing that this key signs passes for another thing.
base::Status sign_station(Host& host, Call& call) {
    const std::string& content = call.request.sign_station().content();
    KMP_CHECK(check_certificate_verify(content, "identity", "client"));
    KMP_TRY(const base::Bytes raw, sign_message(host.token, kIdentity, view(content)));
    return answer(call, raw);
}

}  // namespace tokens::host

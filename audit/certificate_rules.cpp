#include "audit/certificate_rules.h"

#include "audit/replay.h"
#include "base/digest.h"
#include "model/oids.h"
#include "pki/certificate.h"

namespace audit {
namespace {

std::string nth(std::size_t i, std::string_view what) { return "certificate " + std::to_string(i + 1) + ", " + std::string(what) + ": "; }

}  // namespace

void judge_certificates(const ExportHead& head, const std::optional<base::Bytes>& given, const Pinned& pinned, Verdict& verdict, const std::function<void(std::string)>& find) {
    constexpr std::string_view kAnchor = "the trust anchor";
    constexpr std::string_view kIssuer = "an issuing certificate";
    constexpr std::string_view kCheckpoint = "the checkpoint certificate";
    const base::Bytes& carried = head.certificates.front();
    const base::Bytes& trusted = given ? *given : carried;
    verdict.anchor_from_export = !given;
    verdict.anchor_fingerprint = base::to_hex(base::sha256(trusted));
    if (carried != trusted) find(nth(0, kAnchor) + "it is another one than the one given: SHA-256 " + base::to_hex(base::sha256(carried)));
    if (carried != pinned.anchor) find(nth(0, kAnchor) + "it is not the one that the genesis pins");
    if (head.certificates.size() < 2) return find("the export does not carry the trust anchor and the checkpoint certificate");
    const std::size_t last = head.certificates.size() - 1;
    const auto anchor = pki::Certificate::from_der(trusted);
    if (!anchor) return find(nth(0, kAnchor) + anchor.error().message);
    const auto checkpoint = pki::Certificate::from_der(head.certificates.back());
    if (!checkpoint) return find(nth(last, kCheckpoint) + checkpoint.error().message);
    verdict.signed_by = checkpoint->subject().utility + ", platform UKEY " + checkpoint->subject().ukey.text();
    // Between the two stand the issuing certificates of further master-control UKEYs, which the anchor certified.
    std::optional<pki::Certificate> issuer;
    for (std::size_t i = 1; i < last; ++i) {
        auto other = pki::Certificate::from_der(head.certificates[i]);
        if (!other) find(nth(i, kIssuer) + other.error().message);
        else if (const auto held = pki::verify_issuer(*other, *anchor, pinned.at); !held) find(nth(i, kIssuer) + held.error().message);
        else if (other->subject_key_id() == checkpoint->authority_key_id()) issuer = std::move(*other);
    }
    // Valid when the newest record was written: an old log stays verifiable after its certificates ran out.
    if (const auto chain = pki::verify(*checkpoint, issuer ? *issuer : *anchor, pinned.at); !chain) find(nth(last, kCheckpoint) + chain.error().message);
    if (const auto self = pki::verify(*anchor, *anchor, pinned.at); !self) find(nth(0, kAnchor) + self.error().message);
    if (const auto purpose = pki::check_purpose(*checkpoint, model::UkeyKind::platform, pki::Profile::checkpoint); !purpose) find(nth(last, kCheckpoint) + purpose.error().message);
    if (pinned.checkpoint_key == nullptr || checkpoint->spki() != *pinned.checkpoint_key) find(nth(last, kCheckpoint) + "it is for another key than the one that the log pins");
}

bool handed_over(const ExportHead& head, base::ByteView pinned_anchor, std::string_view origin, const Record& record) {
    const auto anchor = pki::Certificate::from_der(pinned_anchor);
    if (!anchor) return true;  // a finding of its own
    const base::Bytes statement = platform_statement(origin, record.text(Field::ukey), record.bytes(Field::checkpoint_key), record.number(Field::size), record.bytes(Field::root));
    const auto by = [&](const pki::Certificate& master) { return static_cast<bool>(pki::verify_statement(master.spki(), "platform", statement, record.bytes(Field::signature))); };
    if (by(*anchor)) return true;
    for (std::size_t i = 1; i + 1 < head.certificates.size(); ++i)
        if (const auto issuer = pki::Certificate::from_der(head.certificates[i]); issuer && pki::verify_issuer(*issuer, *anchor, record.time()) && by(*issuer)) return true;
    return false;
}

}  // namespace audit

#include "kmp/service/jobs/making.h"

#include "pki/request.h"
#include "tokens/pin.h"

namespace kmp::service {

using base::Code;

tokens::UkeyFile new_ukey_file(const tokens::Slot& slot, const base::UkeySerial& serial, model::UkeyKind kind) {
    tokens::UkeyFile file;
    file.serial = serial;
    file.kind = kind;
    if (slot.reader.kind == tokens::ReaderKind::softhsm) {
        base::Secret::random(file.salt.size()).reveal([&](base::ByteView r) { std::copy(r.begin(), r.end(), file.salt.begin()); });
    } else {
        tokens::Slot bare = slot;
        bare.file.reset();
        const base::Bytes salt = salt_of(bare, serial);
        std::copy(salt.begin(), salt.end(), file.salt.begin());
    }
    return file;
}

namespace {

/// A hand can be faster than the look at the readers: another UKEY's file is not written over.
base::Status still_the_same(const tokens::Slot& slot) {
    const auto present = tokens::read_ukey_file(slot.reader.path);
    if (!present && present.error().code == Code::not_found) return {};
    if (present && slot.file && *present == *slot.file) return {};
    return {Code::token_removed, "reader " + slot.reader.name + " holds another UKEY by now; plug in the blank one and try again"};
}

}  // namespace

base::Result<MadeUkey> make_ukey(Job& job, const tokens::Slot& slot, model::UkeyKind kind, const base::UkeySerial& serial, const base::Secret& so_pin,
                                 const base::Secret& token_pin, const tokens::UkeyFile& file, bool empty_vault) {
    if (slot.reader.kind == tokens::ReaderKind::softhsm) {
        KMP_CHECK(still_the_same(slot));
        KMP_CHECK(tokens::write_ukey_file(slot.reader.path, file));
    }
    MadeUkey made;
    made.so_pin = so_pin.duplicate();
    made.token = std::make_unique<tokens::Token>(slot.channel, "UKEY " + serial.text() + " in reader " + slot.reader.name);
    KMP_TRY(made.record.token_serial, made.token->initialise(serial, made.so_pin, token_pin, kind));
    KMP_TRY(made.keys, made.token->provision(kind, empty_vault));
    made.record.serial = serial;
    made.record.kind = kind;
    made.record.state = model::UkeyState::initialised;
    made.record.salt = base::to_bytes(file.salt);
    // The same host process goes on, logged in; the bay learns whose UKEY it is now.
    KMP_CHECK(refresh(job, slot.reader.name));
    return made;
}

base::Status check_end(const Books& books, base::Millis now, base::Millis not_after) {
    if (not_after <= now) return {Code::invalid_argument, "valid until: that is past"};
    if (not_after > books.house.anchor.not_after())
        return {Code::invalid_argument, "valid until: the master-control UKEY's certificate ends before that, on " + base::to_rfc3339(books.house.anchor.not_after())};
    return {};
}

base::Status certify(MadeUkey& made, const std::string& utility, const std::string& holder, base::Millis not_before, base::Millis not_after,
                     const Authority& authority, tokens::Token& master) {
    const pki::Subject subject{utility, made.record.kind, made.record.serial, holder};
    tokens::TokenSigner issuer(master, "issuing");
    tokens::TokenSigner own(*made.token, "identity");
    if (!made.keys.contains("identity")) return {Code::token_failed, "UKEY " + made.record.serial.text() + " made no identity key"};
    // Proof of possession: the new UKEY itself asks for its certificate.
    KMP_TRY(const pki::Request request, pki::build_request(subject, made.keys.at("identity"), own));
    KMP_CHECK(pki::verify_request(request.der));
    KMP_CHECK(made.token->store_certificate("trust-anchor", authority.anchor.der()));
    for (const auto& [name, spki] : made.keys) {
        const auto named = pki::parse_profile(name);
        if (!named) continue;  // the recovery key: who seals to it has just been given it
        const pki::Profile profile = *named;
        if (spki == authority.anchor.spki()) continue;  // the trust anchor itself
        pki::CertificateOrder order;
        order.profile = profile;
        order.subject = subject;
        order.spki = spki;
        order.not_before = not_before - base::kHour;  // clocks of other machines may be a little behind
        order.not_after = not_after;
        if (profile == pki::Profile::tls) order.tls_names = {"localhost", "127.0.0.1"};
        KMP_TRY(const pki::Certificate certificate, pki::issue(order, authority.issuer, issuer));
        KMP_CHECK(made.token->store_certificate(name, certificate.der()));
        made.record.certificates[name] = certificate.der();
    }
    made.record.holder = holder;
    made.record.issued = not_before;
    made.record.not_after = not_after;
    return {};
}

}  // namespace kmp::service

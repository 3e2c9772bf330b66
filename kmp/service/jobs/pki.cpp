#include "kmp/service/jobs/pki.h"

#include <algorithm>

#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/tables.h"
#include "pki/cross.h"
#include "pki/request.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

namespace {

std::string key_fingerprint(const pki::Certificate& anchor) { return base::to_hex(base::sha256(anchor.spki())); }

std::string in_words(const pki::Subject& subject) { return "O=" + subject.utility + ", OU=" + std::string(model::name(subject.kind)) + ", CN=" + subject.ukey.text(); }

}  // namespace

base::Result<Plan> plan_certificate_request(Job&, Books& books, const wire::pb::PkiRequest&) {
    const pki::Certificate& anchor = books.house.anchor;
    return Plan{model::Deed::request_certificate, {{"subject", in_words(anchor.subject())}, {"key_fingerprint", key_fingerprint(anchor)}}};
}

base::Result<wire::pb::AdminReply> request_certificate(Undertaking& u) {
    const pki::Certificate& anchor = u.books.house.anchor;
    if (u.term("subject") != in_words(anchor.subject()) || u.term("key_fingerprint") != key_fingerprint(anchor))
        return {Code::conflict, "the issuing key is another than the one that was asked about; ask again"};
    if (u.master.record().serial != anchor.subject().ukey)
        return {Code::refused, "a root vouches for the first master-control UKEY, " + anchor.subject().ukey.text() + "; plug that in instead of " + u.master.record().serial.text()};
    tokens::TokenSigner issuing(u.master.token(), "issuing");
    KMP_TRY(const pki::Request request, pki::build_request(anchor.subject(), anchor.spki(), issuing));
    Event signed_event(EventType::configuration);
    u.job.describe(signed_event);
    u.word.name(signed_event);
    signed_event.text(Field::ukey, anchor.subject().ukey.text()).text(Field::note, "a certificate request of the issuing key was signed, for a root to answer").bytes(Field::data_hash, base::sha256(request.der));
    KMP_CHECK(u.books.writer->write(entry_of(std::move(signed_event))));
    wire::pb::AdminReply reply;
    auto& made = *reply.mutable_pki_request();
    made.set_request_pem(request.pem());
    made.set_anchor_pem(anchor.pem());
    made.set_anchor_fingerprint(base::to_hex(anchor.fingerprint()));
    return reply;
}

base::Result<wire::pb::PkiInstallReply> install_certificate(Job& job, const wire::pb::PkiInstall& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    KMP_TRY(const pki::CrossCertificate cross, pki::verify_cross(request.certificate_pem(), request.root_pem(), books->house.anchor, now));
    const std::string root = base::to_hex(cross.root_fingerprint());
    Event event(EventType::configuration);
    job.describe(event);
    event.text(Field::note, "the root with SHA-256 " + root + " vouches for the issuing key until " + base::to_rfc3339(cross.not_after));
    event.bytes(Field::data_hash, base::sha256(cross.der));
    Entry entry = entry_of(std::move(event));
    entry.effect = [stored = tables::StoredCross{cross.root, cross.der}](store::Transaction& t, const audit::Receipt&) { return tables::set_cross_certificate(t, stored); };
    KMP_TRY(const audit::Receipt receipt, books->writer->write(std::move(entry)));
    wire::pb::PkiInstallReply reply;
    reply.set_root_fingerprint(root);
    reply.set_not_after_ms(cross.not_after);
    fill(*reply.mutable_receipt(), receipt);
    return reply;
}

base::Result<wire::pb::PkiShowReply> show_pki(Job& job) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    const pki::Certificate& anchor = books->house.anchor;
    wire::pb::PkiShowReply reply;
    reply.set_anchor_pem(anchor.pem());
    reply.set_anchor_fingerprint(base::to_hex(anchor.fingerprint()));
    reply.set_anchor_not_after_ms(anchor.not_after());
    for (const pki::Certificate& issuer : books->house.issuers) reply.add_issuers_pem(issuer.pem());
    KMP_TRY(const tables::StoredCross stored, tables::cross_certificate(*books->reports));
    if (!stored.root.empty()) {
        auto cross = pki::read_cross(stored.cross, stored.root);
        if (!cross) return base::Error{Code::tampered, "the cross certificate in the database: " + cross.error().message};
        reply.set_certificate_pem(cross->pem());
        reply.set_root_pem(cross->root_pem());
        reply.set_root_fingerprint(base::to_hex(cross->root_fingerprint()));
        reply.set_certificate_not_after_ms(cross->not_after);
    }
    const auto crls = job.service.on_io([&] { return books->crls; });
    const auto crl = std::ranges::max_element(crls, {}, &PublishedCrl::number);
    if (crl != crls.end()) {
        reply.set_crl_number(crl->number);
        reply.set_crl_this_update_ms(crl->this_update);
        reply.set_crl_next_update_ms(crl->next_update);
        reply.set_crl_entries(crl->entries);
    }
    return reply;
}

}  // namespace kmp::service

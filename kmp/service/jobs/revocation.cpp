#include "kmp/service/jobs/revocation.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/fd.h"
#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/tables.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using model::UkeyState;
using pki::Reason;

constexpr std::size_t kPiece = 32 * 1024;
constexpr unsigned kCrlMode = 0644;  // it is for everybody

/// Why a certificate of a UKEY in this state is listed; nothing when it is not. `before` is why it was.
std::optional<Reason> reason_for(UkeyState state, std::optional<Reason> before) {
    if (before && *before != Reason::hold) return before;
    switch (state) {
        case UkeyState::suspended: return Reason::hold;
        case UkeyState::lost: return Reason::key_compromise;
        case UkeyState::revoked:
        case UkeyState::destroyed: return Reason::cessation;
        // Blocked is about a PIN that nobody has, expired about a date that stands in the certificate itself.
        case UkeyState::blank:
        case UkeyState::initialised:
        case UkeyState::issued:
        case UkeyState::blocked:
        case UkeyState::expired: return std::nullopt;
    }
    return before;
}

base::Result<std::vector<Standing>> standing_of(const tokens::Registry& registry, const std::vector<StateChange>& changes, const pki::Certificate& issuer) {
    std::vector<Standing> out;
    for (const tokens::UkeyRecord* r : registry.all()) {
        const auto change = std::ranges::find(changes, r->serial, &StateChange::ukey);
        const UkeyState state = change == changes.end() ? r->state : change->to;
        for (const auto& [name, der] : r->certificates) {
            auto certificate = pki::Certificate::from_der(der);
            if (!certificate) return base::Error{Code::tampered, "the " + name + " certificate of UKEY " + r->serial.text() + ": " + certificate.error().message};
            if (certificate->authority_key_id() == issuer.subject_key_id()) out.push_back({certificate->serial(), state});
        }
    }
    return out;
}

/// The newest list of each issuer.
base::Result<std::vector<pki::Crl>> newest(store::Database& database) {
    std::vector<pki::Crl> out;
    KMP_TRY(const auto stored, tables::newest_crls(database));
    for (const base::Bytes& der : stored) {
        auto crl = pki::Crl::from_der(der);
        if (!crl) return base::Error{Code::tampered, "a revocation list in the database: " + crl.error().message};
        std::erase_if(out, [&](const pki::Crl& older) { return older.issuer() == crl->issuer(); });
        out.push_back(std::move(*crl));
    }
    return out;
}

pki::CrlOrder order_at(std::uint64_t number, base::Millis now) {
    pki::CrlOrder order;
    order.number = number;
    order.this_update = now;
    order.next_update = now + kCrlLife;
    return order;
}

PublishedCrl described(const pki::Crl& crl) {
    return {crl.issuer().ukey, crl.number(), crl.this_update(), crl.next_update(), crl.revoked().size(), false, {}, crl.pem()};
}

/// All of them in one file, as programs that check certificates take it. `newest` bears the blame where it cannot be written.
void publish_file(const Config& config, const std::vector<PublishedCrl>& crls, PublishedCrl& newest) {
    std::string content;
    for (const PublishedCrl& c : crls) content += c.pem;
    auto written = base::write_file_atomically(config.crl_file(), base::as_bytes(content), kCrlMode);
    newest.problem = written ? std::string() : written.error().message;
    if (!written) spdlog::error("revocation list {} is not published: {}", newest.number, newest.problem);
}

}  // namespace

std::vector<pki::Revoked> next_entries(const std::vector<Standing>& certificates, const std::vector<pki::Revoked>& before, base::Millis now) {
    std::map<base::Bytes, pki::Revoked> out;
    for (const pki::Revoked& entry : before) out[entry.serial] = entry;
    for (const Standing& c : certificates) {
        const auto listed = out.find(c.certificate);
        const std::optional<Reason> reason = reason_for(c.state, listed == out.end() ? std::nullopt : std::optional(listed->second.reason));
        if (!reason && listed != out.end()) out.erase(listed);
        if (!reason) continue;
        out.try_emplace(c.certificate, pki::Revoked{c.certificate, now, *reason}).first->second.reason = *reason;
    }
    std::vector<pki::Revoked> entries;
    for (auto& [serial, entry] : out) entries.push_back(std::move(entry));
    return entries;
}

base::Result<bool> is_behind(const std::vector<pki::Revoked>& entries, const tokens::Registry& registry, const pki::Certificate& issuer) {
    KMP_TRY(const std::vector<Standing> certificates, standing_of(registry, {}, issuer));
    return next_entries(certificates, entries, 0) != entries;
}

namespace {

std::optional<Warning> warning_of(const PublishedCrl& crl, base::Millis now) {
    using Of = Warning::Of;
    const std::string issuer = crl.issuer.text();
    const std::string help = "sign a new one with 'kmpctl crl refresh' and master-control UKEY " + issuer;
    const std::string list = "revocation list " + std::to_string(crl.number);
    if (!crl.problem.empty()) return Warning{list + " is not published: " + crl.problem, Of::CRL_UNPUBLISHED, issuer};
    const base::Millis left = crl.next_update - now;
    if (left <= 0) return Warning{list + " ran out at " + base::to_rfc3339(crl.next_update) + ", and others refuse every certificate: " + help, Of::CRL_OVER, issuer, crl.next_update};
    if (crl.behind) return Warning{list + " does not say what has happened to UKEYs since: " + help, Of::CRL_BEHIND, issuer};
    if (left < kCrlAlarm)
        return Warning{list + " runs out at " + base::to_rfc3339(crl.next_update) + ", in less than " + (left < base::kDay ? "a day" : std::to_string(left / base::kDay + 1) + " days") + ": " + help, Of::CRL_ENDS, issuer, crl.next_update};
    return std::nullopt;
}

}  // namespace

std::vector<Warning> crl_warnings(const std::vector<PublishedCrl>& crls, base::Millis now) {
    if (crls.empty()) return {{"there is no revocation list, so nobody can check certificates: sign a new one with 'kmpctl crl refresh' and the master-control UKEY", Warning::Of::CRL_MISSING}};
    std::vector<Warning> out;
    for (const PublishedCrl& crl : crls)
        if (auto warning = warning_of(crl, now)) out.push_back(std::move(*warning));
    return out;
}

void note_unlisted(Books& books, const base::UkeySerial& ukey, const base::UkeySerial& signed_by) {
    const tokens::UkeyRecord* record = books.registry.find(ukey);
    if (record == nullptr) return;
    for (const auto& [name, der] : record->certificates) {
        const auto certificate = pki::Certificate::from_der(der);
        const pki::Certificate* issuer = certificate ? books.house.issuer_of(*certificate) : nullptr;
        if (issuer == nullptr || issuer->subject().ukey == signed_by) continue;
        for (PublishedCrl& crl : books.crls)
            if (crl.issuer == issuer->subject().ukey) crl.behind = true;
    }
}

base::Result<pki::Crl> sign_first_crl(const pki::Certificate& anchor, tokens::Token& master, base::Millis now) {
    tokens::TokenSigner issuing(master, "issuing");
    return pki::issue_crl(order_at(1, now), anchor, issuing);
}

audit::Event crl_event(const Job& job, const pki::Crl& crl, const Word& word) {
    Event event(EventType::crl_issued);
    job.describe(event);
    word.name(event);
    event.text(Field::ukey, crl.issuer().ukey.text());
    event.number(Field::crl_number, crl.number()).number(Field::count, crl.revoked().size());
    event.bytes(Field::data_hash, base::sha256(crl.der())).time(Field::not_after, crl.next_update());
    return event;
}

base::Result<NextCrl> NextCrl::sign(Job& job, Books& books, MasterUkey& master, const std::vector<StateChange>& changes, const Word& word) {
    const pki::Certificate* issuer = books.house.issuer(master.record().serial);
    if (issuer == nullptr) return {Code::tampered, "master-control UKEY " + master.record().serial.text() + " has no issuing certificate"};
    KMP_TRY(const std::vector<Standing> certificates, job.service.on_io([&] { return standing_of(books.registry, changes, *issuer); }));
    KMP_TRY(const std::vector<pki::Crl> before, newest(*books.reports));
    std::uint64_t number = 0;
    std::vector<pki::Revoked> entries;
    for (const pki::Crl& crl : before) {
        number = std::max(number, crl.number());
        if (crl.issuer() == issuer->subject()) entries = crl.revoked();
    }
    pki::CrlOrder order = order_at(number + 1, job.service.on_io([&] { return job.service.now(); }));
    order.revoked = next_entries(certificates, entries, order.this_update);
    tokens::TokenSigner issuing(master.token(), "issuing");
    KMP_TRY(pki::Crl crl, pki::issue_crl(order, *issuer, issuing));
    Event event = crl_event(job, crl, word);
    return NextCrl(std::move(crl), std::move(event));
}

void NextCrl::enter(Entry& entry) const {
    entry.events.push_back(event_);
    entry.effect = [before = std::move(entry.effect), issuer = crl_.issuer().ukey, number = crl_.number(), der = crl_.der()](store::Transaction& t, const audit::Receipt& r) -> base::Status {
        if (before) KMP_CHECK(before(t, r));
        return tables::add_crl(t, issuer, number, der);
    };
}

void NextCrl::publish(Job& job, Books& books) const {
    job.service.on_io([&] {
        std::erase_if(books.crls, [&](const PublishedCrl& c) { return c.issuer == crl_.issuer().ukey; });
        books.crls.push_back(described(crl_));
        publish_file(job.service.config(), books.crls, books.crls.back());
    });
}

base::Status restore_crl(const Config& config, Books& books) {
    KMP_TRY(const std::vector<pki::Crl> crls, newest(*books.reports));
    for (const pki::Crl& crl : crls) {
        PublishedCrl& published = books.crls.emplace_back(described(crl));
        const pki::Certificate* issuer = books.house.issuer(published.issuer);
        if (issuer == nullptr) continue;
        KMP_TRY(published.behind, is_behind(crl.revoked(), books.registry, *issuer));
    }
    if (!books.crls.empty()) publish_file(config, books.crls, books.crls.back());
    return {};
}

namespace {

/// Of the lists whose master-control UKEYs are plugged in the one that needs a new one most: one that is behind, then the oldest.
base::UkeySerial neediest(Service& service, const Books& books) {
    const PublishedCrl* out = nullptr;
    for (const PublishedCrl& crl : books.crls) {
        if (!service.bay().by_serial(crl.issuer)) continue;
        if (out == nullptr || std::pair(!crl.behind, crl.next_update) < std::pair(!out->behind, out->next_update)) out = &crl;
    }
    return out == nullptr ? base::UkeySerial() : out->issuer;
}

base::Status sign_list(Undertaking& u, MasterUkey& master, wire::pb::CrlRefreshReply& reply) {
    KMP_TRY(const NextCrl next, NextCrl::sign(u.job, u.books, master, {}, u.word));
    Entry entry;
    next.enter(entry);
    KMP_TRY(const audit::Receipt receipt, u.books.writer->write(std::move(entry)));
    next.publish(u.job, u.books);
    auto& list = *reply.add_lists();
    list.set_master(master.record().serial.text());
    list.set_number(next.list().number());
    list.set_next_update_ms(next.list().next_update());
    list.set_entries(next.list().revoked().size());
    fill(*reply.mutable_receipt(), receipt);
    return {};
}

}  // namespace

base::Result<Plan> plan_crl(Job& job, Books& books, const wire::pb::CrlRefresh&) {
    return Plan{model::Deed::publish_crl, {}, job.service.on_io([&] { return neediest(job.service, books); })};
}

base::Result<wire::pb::AdminReply> publish_crl(Undertaking& u) {
    wire::pb::AdminReply reply;
    KMP_CHECK(sign_list(u, u.master, *reply.mutable_crl_refresh()));
    for (const auto& other : u.master.open_others(u.job, u.books)) KMP_CHECK(sign_list(u, *other, *reply.mutable_crl_refresh()));
    return reply;
}

base::Result<wire::pb::CrlReply> show_crl(Job& job) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const std::vector<pki::Crl> crls, newest(*books->exports));
    if (crls.empty()) return {Code::not_found, "no revocation list yet; sign one with 'kmpctl crl refresh'"};
    std::string pem;
    for (const pki::Crl& crl : crls) pem += crl.pem();
    std::size_t at = 0;
    for (; pem.size() - at > kPiece; at += kPiece) {
        wire::pb::AdminReply piece;
        piece.mutable_crl()->set_pem(pem.substr(at, kPiece));
        if (!job.part(piece)) return {Code::cancelled, "it was cancelled, or the client has gone"};
    }
    wire::pb::CrlReply out;
    out.set_pem(pem.substr(at));
    return out;
}

}  // namespace kmp::service

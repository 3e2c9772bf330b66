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

base::Result<std::vector<Standing>> standing_of(const tokens::Registry& registry, const std::vector<StateChange>& changes) {
    std::vector<Standing> out;
    for (const tokens::UkeyRecord* r : registry.all()) {
        const auto change = std::ranges::find(changes, r->serial, &StateChange::ukey);
        const UkeyState state = change == changes.end() ? r->state : change->to;
        for (const auto& [name, der] : r->certificates) {
            auto certificate = pki::Certificate::from_der(der);
            if (!certificate) return base::Error{Code::tampered, "the " + name + " certificate of UKEY " + r->serial.text() + ": " + certificate.error().message};
            out.push_back({certificate->serial(), state});
        }
    }
    return out;
}

/// The newest list; nothing when none was signed yet.
base::Result<std::optional<pki::Crl>> newest(store::Database& database) {
    KMP_TRY(const tables::StoredCrl stored, tables::newest_crl(database));
    if (stored.number == 0) return std::optional<pki::Crl>();
    auto crl = pki::Crl::from_der(stored.der);
    if (!crl) return base::Error{Code::tampered, "revocation list " + std::to_string(stored.number) + " in the database: " + crl.error().message};
    return std::optional(std::move(*crl));
}

pki::CrlOrder order_at(std::uint64_t number, base::Millis now) {
    pki::CrlOrder order;
    order.number = number;
    order.this_update = now;
    order.next_update = now + kCrlLife;
    return order;
}

PublishedCrl publish_file(const Config& config, const pki::Crl& crl) {
    PublishedCrl out{crl.number(), crl.this_update(), crl.next_update(), crl.revoked().size(), false, {}};
    if (auto written = base::write_file_atomically(config.crl_file(), base::as_bytes(crl.pem()), kCrlMode); !written) {
        out.problem = written.error().message;
        spdlog::error("revocation list {} is not published: {}", crl.number(), out.problem);
    }
    return out;
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

base::Result<bool> is_behind(const std::vector<pki::Revoked>& entries, const tokens::Registry& registry) {
    KMP_TRY(const std::vector<Standing> certificates, standing_of(registry, {}));
    return next_entries(certificates, entries, 0) != entries;
}

std::string crl_warning(const std::optional<PublishedCrl>& crl, base::Millis now) {
    static constexpr std::string_view kHelp = "sign a new one with 'kmpctl crl refresh' and the master-control UKEY";
    if (!crl) return "there is no revocation list, so nobody can check certificates: " + std::string(kHelp);
    const std::string list = "revocation list " + std::to_string(crl->number);
    if (!crl->problem.empty()) return list + " is not published: " + crl->problem;
    const base::Millis left = crl->next_update - now;
    if (left <= 0) return list + " ran out at " + base::to_rfc3339(crl->next_update) + ", and others refuse every certificate: " + std::string(kHelp);
    if (crl->behind) return list + " does not say what has happened to UKEYs since: " + std::string(kHelp);
    if (left < kCrlAlarm) return list + " runs out at " + base::to_rfc3339(crl->next_update) + ", in less than " + (left < base::kDay ? "a day" : std::to_string(left / base::kDay + 1) + " days") + ": " + std::string(kHelp);
    return {};
}

base::Result<pki::Crl> sign_first_crl(const pki::Certificate& anchor, tokens::Token& master, base::Millis now) {
    tokens::TokenSigner issuing(master, "issuing");
    return pki::issue_crl(order_at(1, now), anchor, issuing);
}

audit::Event crl_event(const pki::Crl& crl) {
    Event event(EventType::crl_issued);
    event.number(Field::crl_number, crl.number()).number(Field::count, crl.revoked().size());
    event.bytes(Field::data_hash, base::sha256(crl.der())).time(Field::not_after, crl.next_update());
    return event;
}

base::Result<NextCrl> NextCrl::sign(Job& job, Books& books, tokens::Token& master, const std::vector<StateChange>& changes) {
    KMP_TRY(const std::vector<Standing> certificates, job.service.on_io([&] { return standing_of(books.registry, changes); }));
    KMP_TRY(const std::optional<pki::Crl> before, newest(*books.reports));
    pki::CrlOrder order = order_at(before ? before->number() + 1 : 1, job.service.on_io([&] { return job.service.now(); }));
    order.revoked = next_entries(certificates, before ? before->revoked() : std::vector<pki::Revoked>{}, order.this_update);
    tokens::TokenSigner issuing(master, "issuing");
    KMP_TRY(pki::Crl crl, pki::issue_crl(order, books.house.anchor, issuing));
    return NextCrl(std::move(crl));
}

void NextCrl::enter(Entry& entry) const {
    entry.events.push_back(crl_event(crl_));
    entry.effect = [before = std::move(entry.effect), number = crl_.number(), der = crl_.der()](store::Transaction& t, const audit::Receipt& r) -> base::Status {
        if (before) KMP_CHECK(before(t, r));
        return tables::add_crl(t, number, der);
    };
}

void NextCrl::publish(Job& job, Books& books) const {
    PublishedCrl published = publish_file(job.service.config(), crl_);
    job.service.on_io([&] { books.crl = std::move(published); });
}

base::Status restore_crl(const Config& config, Books& books) {
    KMP_TRY(const std::optional<pki::Crl> crl, newest(*books.reports));
    if (!crl) return {};
    PublishedCrl published = publish_file(config, *crl);
    KMP_TRY(published.behind, is_behind(crl->revoked(), books.registry));
    books.crl = std::move(published);
    return {};
}

base::Result<Plan> plan_crl(Job&, Books&, const wire::pb::CrlRefresh&) { return Plan{model::Deed::publish_crl, {}}; }

base::Result<wire::pb::AdminReply> publish_crl(Undertaking& u) {
    KMP_TRY(const NextCrl next, NextCrl::sign(u.job, u.books, u.master.token(), {}));
    Entry entry;
    next.enter(entry);
    u.job.describe(entry.events.front());
    KMP_TRY(const audit::Receipt receipt, u.books.writer->write(std::move(entry)));
    next.publish(u.job, u.books);
    wire::pb::AdminReply reply;
    auto& refreshed = *reply.mutable_crl_refresh();
    refreshed.set_number(next.list().number());
    refreshed.set_next_update_ms(next.list().next_update());
    refreshed.set_entries(next.list().revoked().size());
    fill(*refreshed.mutable_receipt(), receipt);
    return reply;
}

base::Result<wire::pb::CrlReply> show_crl(Job& job) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const std::optional<pki::Crl> crl, newest(*books->exports));
    if (!crl) return {Code::not_found, "no revocation list yet; sign one with 'kmpctl crl refresh'"};
    const std::string pem = crl->pem();
    std::size_t at = 0;
    for (; pem.size() - at > kPiece; at += kPiece) {
        wire::pb::AdminReply piece;
        piece.mutable_crl()->set_pem(pem.substr(at, kPiece));
        if (!job.part(piece)) return {Code::cancelled, "the client has gone"};
    }
    wire::pb::CrlReply out;
    out.set_pem(pem.substr(at));
    return out;
}

}  // namespace kmp::service

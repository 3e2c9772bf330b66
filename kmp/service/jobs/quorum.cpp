// Who the officers are: an officer who leaves or has lost a UKEY, one who comes, another number that must agree.
#include <algorithm>

#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/making.h"
#include "model/quorum_change.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

base::Status need_officers(const Books& books) {
    if (books.quorum() != nullptr) return {};
    return {Code::refused, "there are no officers here: one person holds the master-control UKEY; officers begin with a ceremony ('kmpctl init --officers N --quorum K')"};
}

/// ok for an officer who can go on being one.
base::Status can_stay(Job& job, Books& books, const base::UkeySerial& serial) {
    return job.service.on_io([&]() -> base::Status {
        const tokens::UkeyRecord* record = books.registry.find(serial);
        if (record != nullptr && model::in_service(record->state)) return {};
        return {Code::refused, "officers: UKEY " + serial.text() + " is " + (record == nullptr ? "not in the registry" : std::string(model::name(record->state))) +
                                   " and cannot stay; remove it with --remove " + serial.text()};
    });
}

base::Result<wire::pb::Quorum> describe(Job& job, Books& books) {
    return job.service.on_io([&] {
        wire::pb::Quorum out;
        const model::Quorum& quorum = books.quorum()->quorum;
        out.set_generation(quorum.generation);
        out.set_needed(quorum.needed);
        for (const model::Officer& o : quorum.officers) {
            auto& officer = *out.add_officers();
            officer.set_ukey(o.ukey.text());
            officer.set_holder(o.holder);
            if (const tokens::UkeyRecord* record = books.registry.find(o.ukey)) officer.set_state(std::string(model::name(record->state)));
            if (const auto slot = job.service.bay().by_serial(o.ukey)) officer.set_reader(slot->reader.name);
        }
        for (const tokens::UkeyRecord* r : books.registry.all())
            if (r->kind == model::UkeyKind::master_control && r->state == model::UkeyState::issued && r->pin_generation != quorum.generation) out.add_behind(r->serial.text());
        return out;
    });
}

/// ok while K of those who stay and come can vote at once: with fewer nothing could ever be approved again.
base::Status enough_can_vote(Job& job, Books& books, const model::QuorumChange& change) {
    const auto voting = job.service.on_io([&] {
        return std::ranges::count_if(change.keep, [&](const base::UkeySerial& serial) {
            const tokens::UkeyRecord* record = books.registry.find(serial);
            return record != nullptr && record->state == model::UkeyState::issued;
        });
    });
    const std::size_t all = static_cast<std::size_t>(voting) + change.add.size();
    if (all >= change.needed) return {};
    return {Code::refused, "officers: only " + std::to_string(all) + " of the " + std::to_string(change.needed) + " that would be needed are in use; resume or unblock the others first, or let new ones come"};
}

/// The certificate of an officer's key, which the issuing key signed for just that: the database is not believed.
base::Result<pki::Certificate> certificate_of(Job& job, const Books& books, const tokens::UkeyRecord& record, pki::Profile profile) {
    const base::Bytes* der = record.certificate(profile);
    if (der == nullptr) return {Code::tampered, "officer UKEY " + record.serial.text() + " has no " + std::string(pki::name(profile)) + " certificate"};
    KMP_TRY(pki::Certificate certificate, pki::Certificate::from_der(*der));
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    KMP_CHECK(books.house.check(certificate, now));
    KMP_CHECK(pki::check_purpose(certificate, model::UkeyKind::officer, profile));
    if (certificate.subject().ukey != record.serial) return {Code::tampered, "the certificate of officer UKEY " + record.serial.text() + " is another's"};
    return certificate;
}

/// Makes the UKEYs of those who come. One that an earlier run of this request has made already is not made again.
base::Status make_newcomers(Undertaking& u, const model::QuorumChange& change) {
    const base::Millis now = u.job.service.on_io([&] { return u.job.service.now(); });
    for (std::size_t i = 0; i < change.add.size(); ++i) {
        const model::NewOfficer& o = change.add[i];
        const auto made = u.job.service.on_io([&]() -> std::optional<tokens::UkeyRecord> {
            const tokens::UkeyRecord* r = u.books.registry.find(o.ukey);
            return r == nullptr ? std::nullopt : std::optional(*r);
        });
        if (made && made->state == model::UkeyState::issued) continue;
        if (made)
            return {Code::refused, "UKEY " + o.ukey.text() + " of officer " + o.holder + " was half made when this broke off; destroy it with 'kmpctl ukey destroy " + o.ukey.text() + "' and ask for the change again"};
        Issue issue;
        issue.reader = o.reader;
        issue.holder = o.holder;
        issue.serial = o.ukey;
        issue.kind = model::UkeyKind::officer;
        issue.not_before = now;
        issue.not_after = std::min(now + kLongUkeyLife, u.books.house.anchor.not_after());
        issue.holder_chose_pin = true;
        KMP_TRY(const base::Secret pin, u.job.take_pin("officer" + std::to_string(i + 1)));
        KMP_CHECK(issue_one(u, issue, pin));
    }
    return {};
}

struct Next {
    tokens::SignedQuorum quorum;
    std::vector<std::pair<base::UkeySerial, base::Bytes>> shares;
    std::vector<std::pair<base::UkeySerial, base::Bytes>> so_pins;  ///< sealed under the new secret
};

base::Result<Next> prepare(Undertaking& u, const model::QuorumChange& change, const base::Secret& secret) {
    Next out;
    const model::Quorum& before = u.books.quorum()->quorum;
    model::Quorum& q = out.quorum.quorum;
    q.home = before.home;
    q.generation = before.generation + 1;
    q.needed = change.needed;
    for (const base::UkeySerial& serial : change.keep) {
        const model::Officer* officer = before.find(serial);
        if (officer == nullptr) return {Code::conflict, "UKEY " + serial.text() + " is not one of the officers any more; ask again"};
        q.officers.push_back(*officer);
    }
    std::vector<base::Bytes> transports;
    for (const model::NewOfficer& o : change.add) {
        KMP_TRY(const tokens::UkeyRecord record, find_ukey(u.job, u.books, o.ukey.text()));
        KMP_TRY(const pki::Certificate identity, certificate_of(u.job, u.books, record, pki::Profile::identity));
        q.officers.push_back({o.ukey, o.holder, identity.spki()});
    }
    std::ranges::sort(q.officers, {}, &model::Officer::ukey);
    KMP_CHECK(q.validate());
    KMP_CHECK(change.leads(before, q));
    for (const model::Officer& o : q.officers) {
        KMP_TRY(const tokens::UkeyRecord record, find_ukey(u.job, u.books, o.ukey.text()));
        KMP_TRY(const pki::Certificate transport, certificate_of(u.job, u.books, record, pki::Profile::transport));
        transports.push_back(transport.spki());
    }
    out.quorum.statement = q.encode();
    out.quorum.secret = tokens::digest_of_quorum_secret(secret);
    KMP_TRY(out.quorum.former, u.master.seal_as_former(secret));
    KMP_TRY(out.quorum.signature, u.master.token().sign_statement("quorum", out.quorum.statement));
    const std::vector<tokens::Share> shares = tokens::split(secret, static_cast<unsigned>(q.officers.size()), q.needed);
    for (std::size_t i = 0; i < q.officers.size(); ++i) {
        KMP_TRY(base::Bytes blob, encrypt_share(shares[i], q.generation, transports[i]));
        out.shares.emplace_back(q.officers[i].ukey, std::move(blob));
    }
    const auto records = u.job.service.on_io([&] {
        std::vector<tokens::UkeyRecord> all;
        for (const tokens::UkeyRecord* r : u.books.registry.all()) all.push_back(*r);
        return all;
    });
    for (const tokens::UkeyRecord& r : records) {
        if (r.state == model::UkeyState::destroyed) continue;
        KMP_TRY(base::Bytes sealed, u.master.seal_so_pin_anew(r, secret));
        if (!sealed.empty()) out.so_pins.emplace_back(r.serial, std::move(sealed));
    }
    return out;
}

base::Result<audit::Receipt> enter(Undertaking& u, const Next& next) {
    Event set(EventType::quorum_set);
    u.job.describe(set);
    set.bytes(Field::quorum, next.quorum.statement).bytes(Field::signature, next.quorum.signature).text(Field::reason, u.term("reason"));
    std::string who = std::to_string(next.quorum.quorum.needed) + " of";
    for (const model::Officer& o : next.quorum.quorum.officers) who += (who.ends_with(" of") ? " " : ", ") + o.holder;
    set.text(Field::detail, who);
    u.word.name(set);
    Entry entry = entry_of(std::move(set));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) -> base::Status {
        KMP_CHECK(tokens::registry::add_quorum(t, next.quorum));
        for (const auto& [officer, blob] : next.shares) KMP_CHECK(tokens::registry::put_share(t, next.quorum.quorum.generation, officer, blob));
        for (const auto& [serial, sealed] : next.so_pins) KMP_CHECK(tokens::registry::set_sealed_so_pin(t, serial, sealed));
        return {};
    };
    KMP_TRY(const audit::Receipt receipt, u.books.writer->write(std::move(entry)));
    u.job.service.on_io([&] {
        u.books.quorums.push_back(next.quorum);
        for (const auto& [serial, sealed] : next.so_pins)
            if (tokens::UkeyRecord* r = u.books.registry.find(serial)) r->sealed_so_pin = sealed;
    });
    return receipt;
}

}  // namespace

base::Result<wire::pb::QuorumShowReply> show_quorum(Job& job) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_CHECK(need_officers(*books));
    wire::pb::QuorumShowReply out;
    KMP_TRY(*out.mutable_quorum(), describe(job, *books));
    return out;
}

base::Result<Plan> plan_quorum(Job& job, Books& books, const wire::pb::QuorumChange& request) {
    KMP_CHECK(need_officers(books));
    KMP_CHECK(check_reason(request.reason()));
    const model::Quorum& today = books.quorum()->quorum;
    model::QuorumChange change;
    change.needed = request.needed() != 0 ? request.needed() : today.needed;
    for (const std::string& gone : request.remove()) {
        KMP_TRY(const base::UkeySerial serial, base::UkeySerial::parse(gone));
        if (today.find(serial) == nullptr) return {Code::invalid_argument, "remove: UKEY " + serial.text() + " is not one of the officers; see 'kmpctl quorum show'"};
    }
    for (const model::Officer& o : today.officers)
        if (std::ranges::find(request.remove(), o.ukey.text()) == request.remove().end()) change.keep.push_back(o.ukey);
    for (const auto& o : request.add()) {
        KMP_CHECK(check_line(o.holder(), "holder", 64));
        KMP_CHECK(check_line(o.reader(), "reader", 64));
        change.add.push_back({tokens::make_serial(model::UkeyKind::officer), o.reader(), o.holder()});
    }
    KMP_CHECK(change.validate(today));
    for (const base::UkeySerial& serial : change.keep) KMP_CHECK(can_stay(job, books, serial));
    KMP_CHECK(enough_can_vote(job, books, change));
    for (const model::NewOfficer& o : change.add) KMP_CHECK(blank_in(job, o.reader));
    Plan plan{model::Deed::change_quorum, change.terms(today)};
    plan.terms["reason"] = request.reason();
    return plan;
}

base::Result<wire::pb::AdminReply> change_quorum(Undertaking& u) {
    KMP_TRY(const model::QuorumChange change, model::QuorumChange::from_terms(u.terms));
    KMP_CHECK(change.validate(u.books.quorum()->quorum));
    for (const base::UkeySerial& serial : change.keep) KMP_CHECK(can_stay(u.job, u.books, serial));
    KMP_CHECK(enough_can_vote(u.job, u.books, change));
    KMP_CHECK(make_newcomers(u, change));
    u.job.progress("the secret is drawn anew and split among the officers", 0, 1);
    base::Secret secret = base::Secret::random(32);
    KMP_TRY(const Next next, prepare(u, change, secret));
    // First the officers, then the token: were it the other way, a crash in between would leave a master-control UKEY that nobody opens.
    // Until it follows, the former secret, which the new one opens, is what it wants.
    KMP_TRY(const audit::Receipt receipt, enter(u, next));
    const base::Status followed = u.master.follow(u.job, u.books, std::move(secret));
    if (followed) (void)u.master.open_others(u.job, u.books);  // those that are at hand follow as well
    wire::pb::AdminReply reply;
    KMP_TRY(*reply.mutable_quorum_show()->mutable_quorum(), describe(u.job, u.books));
    fill(*reply.mutable_quorum_show()->mutable_receipt(), receipt);
    // The officers have changed all the same; who is behind stands in the answer.
    if (!followed) u.job.progress("the master-control UKEY's PIN follows when it is next opened: " + followed.error().message, 1, 1);
    return reply;
}

}  // namespace kmp::service

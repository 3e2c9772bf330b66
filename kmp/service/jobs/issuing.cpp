// A blank UKEY becomes somebody's: initialised, certified, given its masters and its grant.
#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/intent.h"
#include "kmp/service/jobs/making.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/recovery.h"
#include "kmp/terms/grant.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr unsigned kSteps = 6;

/// Before the token is touched: the log says what is about to happen, and the registry keeps the SO PIN that undoes it.
base::Result<Intent> open_intent(Job& job, Books& books, const tokens::UkeyRecord& record, const std::string& reader) {
    Event event(EventType::intent_opened);
    event.text(Field::reader, reader).value(Field::action, model::UkeyAction::issue).value(Field::ukey_kind, record.kind);
    KMP_TRY(Intent intent, Intent::open(job, books, std::move(event), record.serial, std::string(Intent::kIssue), [&](store::Transaction& t) { return tokens::registry::insert(t, record); }));
    job.service.on_io([&] { books.registry.put(record); });
    return intent;
}

/// The issue came to nothing: says so in the log. A token that may have been touched stays in the registry, to be destroyed.
base::Error conclude_failed(Job& job, Books& books, const Intent& intent, const tokens::UkeyRecord& record, bool touched, const base::Error& why) {
    std::vector<Event> events;
    if (touched) {
        Event initialised(EventType::ukey_initialised);
        job.describe(initialised);
        initialised.text(Field::ukey, record.serial.text()).value(Field::ukey_kind, record.kind).number(Field::intent, intent.number());
        events.push_back(std::move(initialised));
    }
    const base::Error out = intent.fail(why, Intent::outcome_of_step(why), std::move(events), [touched, serial = record.serial](store::Transaction& t) {
        return touched ? tokens::registry::set_state(t, serial, model::UkeyState::initialised) : tokens::registry::remove_blank(t, serial);
    });
    job.service.on_io([&] {
        if (!touched) books.registry.remove(record.serial);
        else if (tokens::UkeyRecord* r = books.registry.find(record.serial)) r->state = model::UkeyState::initialised;
    });
    return out;
}

base::Result<Issue> read_terms(Undertaking& u) {
    Issue out;
    out.reader = u.term("reader");
    out.holder = u.term("holder");
    out.holder_chose_pin = u.term("pin") == who_chose(true);
    KMP_TRY(out.serial, u.ukey());
    KMP_TRY(out.kind, model::parse_ukey_kind(u.term("kind")));
    KMP_TRY(out.not_after, base::from_rfc3339(u.term("valid_until")));
    // The certificate holds from now on, with an hour for clocks that are behind, whenever the grant begins.
    out.not_before = u.job.service.on_io([&] { return u.job.service.now(); });
    if (u.terms.contains("grant")) {
        KMP_TRY(model::Grant grant, model::Grant::decode(base::as_bytes(u.term("grant"))));
        out.grant = std::move(grant);
    }
    return out;
}

/// What is found and drawn for it before the token is touched.
struct Prepared {
    tokens::UkeyFile file;
    tokens::Slot slot;
    base::Secret so_pin;
    base::Bytes sealed_so_pin;
};

/// All masters of the vault that is open, its escrow key and the pepper; and the database key is sealed to it.
base::Status fill_second_vault(Undertaking& u, MadeUkey& made) {
    made.record.masters = u.master.record().masters;
    made.record.pin_generation = u.master.record().pin_generation;
    KMP_CHECK(u.master.send(u.books.house, *made.token, made.record.certificates.at("transport"), made.record.masters, {"escrow", "pepper"}));
    KMP_TRY(const base::Secret key, database_key(u.job, u.books));
    KMP_TRY(made.record.database_key, seal_database_key(made.keys.at("recovery"), key));
    return {};
}

/// From here on the log takes the word of another issuing key.
Event master_added(const Undertaking& u, const tokens::UkeyRecord& record, std::uint64_t intent) {
    Event added(EventType::master_added);
    u.job.describe(added);
    added.text(Field::ukey, record.serial.text()).bytes(Field::certificate, record.certificates.at("issuing")).number(Field::intent, intent).text(Field::reason, u.term("reason"));
    u.word.name(added);
    return added;
}

base::Result<audit::Receipt> make(Undertaking& u, const Issue& issue, const Prepared& ready, const base::Secret& pin, const Intent& intent, bool& touched, tokens::UkeyRecord& out) {
    Job& job = u.job;
    Books& books = u.books;
    const base::UkeySerial& serial = issue.serial;
    job.progress("the new UKEY makes its keys", 1, kSteps);
    const bool master = issue.kind == model::UkeyKind::master_control;
    KMP_TRY(const base::Secret seen, master && u.master.by_quorum() ? u.master.pin_for(serial) : token_pin(job, books, issue.kind, serial, pin, ready.file.salt));
    touched = true;
    KMP_TRY(MadeUkey made, make_ukey(job, ready.slot, issue.kind, serial, ready.so_pin, seen, ready.file, master));

    job.progress("its keys are certified", 2, kSteps);
    KMP_TRY(const pki::Certificate by, u.master.certificate(books.house));
    KMP_CHECK(certify(made, books.house.utility, issue.holder, issue.not_before, issue.not_after, {books.house.anchor, by}, u.master.token()));
    if (issue.grant) {
        job.progress("the class masters travel to it, wrapped from token to token", 3, kSteps);
        made.record.masters = masters_for(*issue.grant, u.master.record().masters, books.key_sets.newest());
        KMP_CHECK(u.master.send(books.house, *made.token, made.record.certificates.at("transport"), made.record.masters));
        job.progress("its grant is signed", 4, kSteps);
        KMP_TRY(made.record.grant, sign_grant(u.master, *issue.grant, u.approved));
    }
    if (master) {
        job.progress("what the vault holds travels to it, wrapped from token to token", 3, kSteps);
        KMP_CHECK(fill_second_vault(u, made));
    }
    made.record.sealed_so_pin = ready.sealed_so_pin;
    KMP_TRY(made.record.state, model::next_state(made.record.state, model::UkeyAction::issue));
    made.record.must_change_pin = !issue.holder_chose_pin;

    job.progress("it is entered in the registry and the log", 5, kSteps);
    const tokens::UkeyRecord& r = made.record;
    std::vector<Event> events;
    const auto add = [&](Event event) { events.push_back(std::move(event)); };
    Event initialised(EventType::ukey_initialised);
    job.describe(initialised);
    u.word.name(initialised);
    initialised.text(Field::ukey, serial.text()).value(Field::ukey_kind, r.kind).text(Field::token_serial, r.token_serial).number(Field::intent, intent.number());
    add(std::move(initialised));
    if (issue.grant) {
        Event injected(EventType::masters_injected);
        job.describe(injected);
        u.word.name(injected);
        injected.text(Field::ukey, serial.text()).number(Field::classes, issue.grant->classes).number(Field::key_version, books.key_sets.newest()).number(Field::intent, intent.number());
        injected.bytes(Field::fingerprint, base::sha256(r.certificates.at("transport")));
        add(std::move(injected));
    }
    Event issued(EventType::ukey_issued);
    job.describe(issued);
    u.word.name(issued);
    issued.text(Field::ukey, serial.text()).value(Field::ukey_kind, r.kind).text(Field::holder, r.holder);
    if (issue.grant) issued.text(Field::station, issue.grant->station);
    issued.text(Field::token_serial, r.token_serial).time(Field::not_after, r.not_after).number(Field::intent, intent.number());
    issued.bytes(Field::fingerprint, base::sha256(r.certificates.at("identity"))).bytes(Field::certificate, r.certificates.at("identity"));
    add(std::move(issued));
    if (issue.grant) add(grant_event(job, *made.record.grant, intent.number(), u.word));
    if (master) add(master_added(u, r, intent.number()));
    KMP_TRY(const audit::Receipt receipt, intent.succeed(std::move(events), [&](store::Transaction& t) { return tokens::registry::set_issued(t, r); }));
    // It was opened to be made; the first session opens it again, with its PIN.
    (void)made.token->logout();
    out = std::move(made.record);
    return receipt;
}

}  // namespace

std::vector<tokens::MasterName> masters_for(const model::Grant& grant, const std::vector<tokens::MasterName>& in_vault, model::KeyVersion newest) {
    std::vector<tokens::MasterName> out;
    for (const tokens::MasterName& m : in_vault) {
        if ((grant.classes & model::class_bit(m.key_class)) == 0 || m.version > newest) continue;
        // A blank charging card is under the factory keys of its class: whoever writes cards begins with them.
        const bool blank_cards = m.state == model::KeyState::factory && m.key_class == model::KeyClass::card;
        if (m.state == model::KeyState::production || grant.kind == model::UkeyKind::key || blank_cards) out.push_back(m);
    }
    return out;
}

base::Result<base::Secret> token_pin(Job& job, Books& books, model::UkeyKind kind, const base::UkeySerial& serial, const base::Secret& pin, base::ByteView salt) {
    KMP_TRY(base::Secret stretched, tokens::stretch(pin, salt));
    if (!tokens::takes_pepper(kind)) return tokens::as_token_pin(stretched);
    KMP_TRY(tokens::Token platform, platform_token(job, books));
    KMP_TRY(const base::Secret peppered, platform.pepper(serial, std::move(stretched)));
    return tokens::as_token_pin(peppered);
}

base::Result<tokens::SignedGrant> sign_grant(MasterUkey& master, const model::Grant& grant, const Approved* approved) {
    tokens::SignedGrant out;
    out.grant = grant;
    out.statement = grant.encode();
    KMP_TRY(out.signature, master.token().sign_statement("grant", out.statement));
    if (approved != nullptr) {
        out.request = approved->statement;
        out.votes = approved->votes;
    }
    return out;
}

Event grant_event(const Job& job, const tokens::SignedGrant& g, std::uint64_t intent, const Word& word) {
    Event granted(EventType::grant_set);
    job.describe(granted);
    granted.text(Field::ukey, g.grant.ukey.text()).number(Field::grant_number, g.grant.number).bytes(Field::grant, g.statement);
    granted.bytes(Field::signature, g.signature);
    if (intent != 0) granted.number(Field::intent, intent);
    if (!g.officer.empty()) granted.text(Field::officer, g.officer.text());
    word.name(granted);
    return granted;
}

base::Result<Plan> plan_issue(Job& job, Books& books, const wire::pb::UkeyIssue& request) {
    KMP_TRY(const model::UkeyKind kind, model::parse_ukey_kind(request.kind()));
    if (kind != model::UkeyKind::user && kind != model::UkeyKind::key && kind != model::UkeyKind::auditor)
        return {Code::unsupported, "kind: key, user and auditor UKEYs are issued here; the ceremony makes the others"};
    KMP_CHECK(check_line(request.holder(), "holder", 64));
    KMP_CHECK(check_line(request.reader(), "reader", 64));
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    const base::UkeySerial serial = tokens::make_serial(kind);
    Plan plan{model::Deed::issue, {{"reader", request.reader()}, {"holder", request.holder()}, {"kind", std::string(model::name(kind))}, {"ukey", serial.text()}}};
    plan.terms["pin"] = who_chose(request.holder_chose_pin());
    base::Millis not_after = request.not_after_ms() != 0 ? request.not_after_ms() : now + 365 * base::kDay;
    if (kind != model::UkeyKind::auditor) {
        KMP_TRY(model::Grant grant, terms::grant_of(request.terms(), now));
        grant.ukey = serial;
        grant.number = 1;
        grant.kind = kind;
        grant.home = books.house.home;
        if (kind == model::UkeyKind::user && grant.station.empty()) return {Code::invalid_argument, "station: a user UKEY vends for a station; name it"};
        KMP_CHECK(grant.validate());
        not_after = grant.not_after;
        plan.terms["grant"] = base::to_string(grant.encode());
    }
    KMP_CHECK(check_end(books, now, not_after));
    plan.terms["valid_until"] = base::to_rfc3339(not_after);
    KMP_CHECK(blank_in(job, request.reader()));
    return plan;
}

base::Result<Issued> issue_one(Undertaking& u, const Issue& issue, const base::Secret& pin) {
    if (u.job.service.on_io([&] { return u.books.registry.find(issue.serial) != nullptr; }))
        return {Code::already_exists, "UKEY " + issue.serial.text() + " has been issued already"};
    if (issue.kind != model::UkeyKind::master_control || !u.master.by_quorum()) KMP_CHECK(tokens::check_new_pin(pin));
    if (issue.grant) KMP_CHECK(u.master.check_vault(u.job, u.books));
    Prepared ready;
    KMP_TRY(ready.slot, blank_in(u.job, issue.reader));
    ready.file = new_ukey_file(ready.slot, issue.serial, issue.kind);
    if (tokens::takes_pepper(issue.kind)) ready.file.home_platform = u.books.house.home;

    u.job.progress("the UKEY in reader " + issue.reader + " becomes " + issue.serial.text(), 0, kSteps);
    ready.so_pin = tokens::random_so_pin();
    KMP_TRY(ready.sealed_so_pin, u.master.seal_so_pin(issue.kind, issue.serial, ready.so_pin));
    Issued out;
    out.record.serial = issue.serial;
    out.record.kind = issue.kind;
    out.record.state = model::UkeyState::blank;
    out.record.holder = issue.holder;
    out.record.salt = base::to_bytes(ready.file.salt);
    out.record.sealed_so_pin = ready.sealed_so_pin;
    KMP_TRY(const Intent intent, open_intent(u.job, u.books, out.record, issue.reader));
    bool touched = false;
    auto receipt = make(u, issue, ready, pin, intent, touched, out.record);
    if (!receipt) return conclude_failed(u.job, u.books, intent, out.record, touched, receipt.error());
    out.receipt = *receipt;
    u.job.service.on_io([&] {
        u.books.registry.put(out.record);
        if (const base::Bytes* own = out.record.certificate(pki::Profile::issuing))
            if (auto issuer = pki::Certificate::from_der(*own)) u.books.house.issuers.push_back(std::move(*issuer));
    });
    return out;
}

base::Result<wire::pb::AdminReply> issue_ukey(Undertaking& u) {
    KMP_TRY(const Issue issue, read_terms(u));
    KMP_TRY(const base::Secret pin, u.job.take_pin("ukey"));
    KMP_TRY(const Issued done, issue_one(u, issue, pin));
    wire::pb::AdminReply reply;
    auto& issued = *reply.mutable_ukey_issue();
    *issued.mutable_ukey() = u.job.service.on_io([&] { return describe_ukey(u.job.service, u.books, done.record); });
    fill(*issued.mutable_receipt(), done.receipt);
    return reply;
}

}  // namespace kmp::service

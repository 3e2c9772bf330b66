// What happens to an issued UKEY in its holder's hand: its PIN, its validity, its masters, its grant.
#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/held_ukey.h"
#include "kmp/service/jobs/intent.h"
#include "kmp/service/jobs/making.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/jobs/revocation.h"
#include "kmp/service/keys_held.h"
#include "kmp/service/login.h"
#include "kmp/terms/grant.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using model::UkeyState;

constexpr unsigned kSteps = 3;     // of renewing and giving masters
constexpr unsigned kPinSteps = 2;

base::Result<Intent> open_intent(Job& job, Books& books, const tokens::UkeyRecord& record, std::string_view what) {
    Event event(EventType::intent_opened);
    event.value(Field::ukey_kind, record.kind).text(Field::detail, what);
    if (what == Intent::kRenew) event.value(Field::action, model::UkeyAction::renew);
    return Intent::open(job, books, std::move(event), record.serial, std::string(what));
}

base::Status must_be(const tokens::UkeyRecord& record, std::initializer_list<UkeyState> states, std::string_view what) {
    for (const UkeyState s : states)
        if (record.state == s) return {};
    if (record.state == UkeyState::blocked) return {Code::refused, "UKEY " + record.serial.text() + " is blocked: give it a new PIN with 'kmpctl ukey unblock " + record.serial.text() + "' first"};
    return {Code::refused, "UKEY " + record.serial.text() + " is " + std::string(model::name(record.state)) + "; that is no state to " + std::string(what) + " it in"};
}

/// The masters that a UKEY's grant lets it hold and that it does not hold yet.
std::vector<tokens::MasterName> missing_masters(const tokens::UkeyRecord& record, const std::vector<tokens::MasterName>& in_vault, model::KeyVersion newest) {
    std::vector<tokens::MasterName> out;
    // A further master-control UKEY holds what the others do.
    const bool vault = record.kind == model::UkeyKind::master_control;
    if (!record.grant && !vault) return out;
    for (const tokens::MasterName& m : vault ? in_vault : masters_for(record.grant->grant, in_vault, newest))
        if (std::find(record.masters.begin(), record.masters.end(), m) == record.masters.end()) out.push_back(m);
    return out;
}

/// Writes what changed of a UKEY. The work took its time: what the I/O thread did to the UKEY meanwhile (blocked it, suspended it as a
/// copy, renewed its mark) stands, and a change that rests on what is not so any more is refused. `intent`: of what was done to the token
/// before; null where it was not touched.
base::Result<wire::pb::AdminReply> enter(Job& job, Books& books, const tokens::UkeyRecord& before, const tokens::UkeyRecord& after, std::vector<Event> events, const NextCrl* crl,
                                         const Intent* intent) {
    const base::UkeySerial serial = before.serial;
    const std::uint32_t number = before.grant ? before.grant->grant.number : 0;
    std::promise<base::Result<audit::Receipt>> promise;
    auto written = promise.get_future();
    Entry entry;
    entry.events = std::move(events);
    entry.effect = [&after](store::Transaction& t, const audit::Receipt&) { return tokens::registry::set_issued(t, after); };
    if (crl != nullptr) crl->enter(entry);
    if (intent != nullptr) intent->conclude_in(entry);
    entry.done = [&promise](base::Result<audit::Receipt> r) { promise.set_value(std::move(r)); };
    const base::Status submitted = job.service.on_io([&]() -> base::Status {
        const tokens::UkeyRecord* now = books.registry.find(serial);
        if (now == nullptr || now->state != before.state || (now->grant ? now->grant->grant.number : 0) != number)
            return {Code::conflict, "UKEY " + serial.text() + " was changed meanwhile; look at it and ask again"};
        books.writer->submit(std::move(entry));  // in one turn with the check: whatever follows is written behind it
        return {};
    });
    const base::Result<audit::Receipt> receipt = submitted ? written.get() : base::Result<audit::Receipt>(submitted.error());
    if (!receipt && intent == nullptr) return receipt.error();
    if (!receipt) return intent->fail(base::Error(receipt.error()).in("it was done on the UKEY, but could not be entered; do it once more"), audit::Outcome::unknown);
    if (crl != nullptr) crl->publish(job, books);
    job.service.on_io([&] {
        tokens::UkeyRecord* now = books.registry.find(serial);
        if (now == nullptr) return;
        now->certificates = after.certificates;
        now->not_after = after.not_after;
        now->masters = after.masters;
        now->grant = after.grant;
        now->whole = after.whole;
        if (now->state == before.state) now->state = after.state;
    });
    return changed_reply(job, books, serial, *receipt);
}

base::Result<model::Grant> next_grant(const tokens::UkeyRecord& record, model::Grant grant) {
    if (!record.grant) return {Code::refused, "UKEY " + record.serial.text() + " (" + std::string(model::name(record.kind)) + ") has no grant to change"};
    const model::Grant& before = record.grant->grant;
    grant.ukey = before.ukey;
    grant.kind = before.kind;
    grant.home = before.home;
    grant.number = before.number + 1;
    KMP_CHECK(grant.validate());
    return grant;
}

bool is_attended(Job& job, Books& books, const base::UkeySerial& serial) {
    return job.service.on_io([&] { return books.attended.contains(serial); });
}

/// The PIN that a token sees, sealed by the platform UKEY for this UKEY alone.
base::Result<base::Bytes> seal_pin(Job& job, Books& books, const base::UkeySerial& serial, base::Secret token_pin) {
    KMP_TRY(tokens::Token platform, platform_token(job, books));
    return platform.seal_pin(serial, std::move(token_pin));
}

}  // namespace

// ---- PIN ------------------------------------------------------------------------------------------------------------

base::Result<wire::pb::UkeySetPinReply> set_pin(Job& job, const wire::pb::UkeySetPin& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const tokens::UkeyRecord record, find_ukey(job, *books, request.serial()));
    if (record.kind == model::UkeyKind::master_control && books->quorum() != nullptr)
        return {Code::refused, "the PIN of the master-control UKEY is split among the officers; nobody changes it alone"};
    if (record.kind == model::UkeyKind::platform) return {Code::unsupported, "the platform UKEY's PIN is checked before there is a database; replace the UKEY to change it"};
    KMP_CHECK(must_be(record, {UkeyState::issued}, "change the PIN of"));
    KMP_TRY(const base::Secret fresh, job.take_pin("fresh"));
    if (auto good = tokens::check_new_pin(fresh); !good) return std::move(good).error().in("new PIN");
    base::Bytes kept;  // where its PIN is kept, the new one takes the old one's place
    std::optional<Intent> intent;
    {
        // The old PIN is proved first, and counted when it is wrong; only then is the token changed.
        KMP_TRY(const base::Secret old_pin, job.take_pin("ukey"));
        job.pins.push_back({"ukey", old_pin.duplicate()});
        if (old_pin.equals(fresh)) return {Code::invalid_argument, "new PIN: it is the old one"};
        KMP_TRY(base::Secret before, token_pin(job, *books, record.kind, record.serial, old_pin, record.salt));
        KMP_TRY(base::Secret after, token_pin(job, *books, record.kind, record.serial, fresh, record.salt));
        if (is_attended(job, *books, record.serial)) {
            KMP_TRY(kept, seal_pin(job, *books, record.serial, after.duplicate()));
        }
        KMP_TRY(const std::unique_ptr<HeldUkey> held, HeldUkey::open(job, *books, record));
        KMP_TRY(Intent opened, open_intent(job, *books, record, Intent::kSetPin));
        intent.emplace(std::move(opened));
        job.progress("the UKEY takes its new PIN", 0, kPinSteps);
        if (const base::Status done = held->token().change_pin(std::move(before), std::move(after)); !done) return intent->fail(done.error(), Intent::outcome_of_step(done.error()));
    }
    job.progress("it is entered in the registry and the log", 1, kPinSteps);
    Event changed(EventType::pin_changed);
    job.describe(changed);
    changed.text(Field::ukey, record.serial.text()).value(Field::ukey_kind, record.kind).number(Field::intent, intent->number());
    KMP_TRY(const audit::Receipt receipt, intent->finish({std::move(changed)}, [&](store::Transaction& t) -> base::Status {
                if (!kept.empty()) KMP_CHECK(accounts::put_attended(t, record.serial, kept));
                return tokens::registry::set_must_change_pin(t, record.serial, false);
            }));
    job.service.on_io([&] {
        if (!kept.empty()) books->attended[record.serial] = kept;
        if (tokens::UkeyRecord* r = books->registry.find(record.serial)) r->must_change_pin = false;
    });
    wire::pb::UkeySetPinReply reply;
    fill(*reply.mutable_receipt(), receipt);
    return reply;
}

base::Result<wire::pb::AdminReply> attend_ukey(Job& job, const wire::pb::UkeyAttend& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const tokens::UkeyRecord record, find_ukey(job, *books, request.serial()));
    const std::string who = "UKEY " + record.serial.text();
    base::Bytes kept;
    if (request.end()) {
        if (!is_attended(job, *books, record.serial)) return {Code::refused, "the PIN of " + who + " is not kept; there is nothing to forget"};
    } else {
        if (record.kind != model::UkeyKind::user) return {Code::refused, model::one(record.kind) + " opens by its holder's hand; only the PIN of a user UKEY is kept"};
        KMP_CHECK(must_be(record, {UkeyState::issued}, "keep the PIN of"));
        if (record.must_change_pin) return {Code::refused, "pin: the PIN of " + who + " must be changed before its first use: 'kmpctl ukey set-pin " + record.serial.text() + "'"};
        // Proved first, and counted when it is wrong; only then is it kept.
        KMP_TRY(const base::Secret pin, job.take_pin("ukey"));
        job.pins.push_back({"ukey", pin.duplicate()});
        KMP_TRY(base::Secret seen, token_pin(job, *books, record.kind, record.serial, pin, record.salt));
        KMP_CHECK(HeldUkey::open(job, *books, record));
        KMP_TRY(kept, seal_pin(job, *books, record.serial, std::move(seen)));
    }
    Event changed(EventType::ukey_attended);
    job.describe(changed);
    changed.text(Field::ukey, record.serial.text()).flag(Field::attended, !kept.empty());
    Entry entry = entry_of(std::move(changed));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) {
        return kept.empty() ? accounts::remove_attended(t, record.serial) : accounts::put_attended(t, record.serial, kept);
    };
    KMP_TRY(const audit::Receipt receipt, books->writer->write(std::move(entry)));
    job.service.on_io([&] {
        if (kept.empty()) books->attended.erase(record.serial);
        else books->attended[record.serial] = kept;
    });
    return changed_reply(job, *books, record.serial, receipt);
}

// ---- validity -------------------------------------------------------------------------------------------------------

base::Result<Plan> plan_renew(Job& job, Books& books, const wire::pb::UkeyRenew& request) {
    KMP_TRY(const tokens::UkeyRecord record, find_ukey(job, books, request.serial()));
    KMP_CHECK(must_be(record, {UkeyState::issued, UkeyState::expired}, "renew"));
    if (record.kind == model::UkeyKind::platform || record.kind == model::UkeyKind::master_control)
        return {Code::unsupported, model::one(record.kind) + " is replaced, not renewed"};
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    const base::Millis not_after = request.not_after_ms() != 0 ? request.not_after_ms() : now + 365 * base::kDay;
    KMP_CHECK(check_end(books, now, not_after));
    Plan plan{model::Deed::renew, {{"ukey", record.serial.text()}, {"kind", std::string(model::name(record.kind))}, {"holder", record.holder}, {"valid_until", base::to_rfc3339(not_after)}}};
    if (record.grant) {
        // Renewal is about time only: what an officer narrowed stays as narrow.
        model::Grant grant = record.grant->grant;
        grant.not_after = not_after;
        KMP_TRY(grant, next_grant(record, grant));
        plan.terms["grant"] = base::to_string(grant.encode());
    }
    return plan;
}

base::Result<wire::pb::AdminReply> renew_ukey(Undertaking& u) {
    KMP_TRY(const tokens::UkeyRecord before, find_ukey(u.job, u.books, u.term("ukey")));
    tokens::UkeyRecord record = before;
    KMP_CHECK(must_be(record, {UkeyState::issued, UkeyState::expired}, "renew"));
    std::optional<model::Grant> grant;
    if (u.terms.contains("grant")) {
        KMP_TRY(grant, model::Grant::decode(base::as_bytes(u.term("grant"))));
        if (!record.grant || grant->number != record.grant->grant.number + 1)
            return {Code::conflict, "the grant of UKEY " + record.serial.text() + " was changed meanwhile; look at it and ask again"};
    }
    KMP_TRY(const base::Millis not_after, base::from_rfc3339(u.term("valid_until")));
    KMP_TRY(const std::unique_ptr<HeldUkey> held, HeldUkey::open(u.job, u.books, record));
    const base::Millis now = u.job.service.on_io([&] { return u.job.service.now(); });
    u.job.progress("its new certificates are signed", 0, kSteps);
    tokens::TokenSigner issuer(u.master.token(), "issuing");
    KMP_TRY(const pki::Certificate by, u.master.certificate(u.books.house));
    for (auto& [name, der] : record.certificates) {
        KMP_TRY(const pki::Certificate old, pki::Certificate::from_der(der));
        pki::CertificateOrder order;
        order.profile = old.profile();
        order.subject = old.subject();
        order.spki = old.spki();
        order.not_before = now - base::kHour;
        order.not_after = not_after;
        order.tls_names = old.tls_names();
        KMP_TRY(const pki::Certificate renewed, pki::issue(order, by, issuer));
        der = renewed.der();
    }
    std::vector<Event> events;
    if (record.state == UkeyState::expired) {
        Event changed(EventType::ukey_state_changed);
        u.job.describe(changed);
        changed.text(Field::ukey, record.serial.text()).value(Field::ukey_kind, record.kind).value(Field::action, model::UkeyAction::renew);
        changed.value(Field::state_from, record.state).value(Field::state_to, UkeyState::issued).time(Field::not_after, not_after);
        u.word.name(changed);
        events.push_back(std::move(changed));
        record.state = UkeyState::issued;
    }
    Event renewed(EventType::ukey_renewed);
    u.job.describe(renewed);
    u.word.name(renewed);
    renewed.text(Field::ukey, record.serial.text()).value(Field::ukey_kind, record.kind).time(Field::not_after, not_after).bytes(Field::certificate, record.certificates.at("identity"));
    events.push_back(std::move(renewed));
    record.not_after = not_after;
    if (grant) {
        KMP_TRY(record.grant, sign_grant(u.master, *grant, u.approved));
        record.whole.reset();
        events.push_back(grant_event(u.job, *record.grant, 0, u.word));
    }
    KMP_TRY(const NextCrl crl, NextCrl::sign(u.job, u.books, u.master, {}, u.word));
    // Everything that can fail elsewhere is behind us when the UKEY is touched.
    KMP_TRY(const Intent intent, open_intent(u.job, u.books, before, Intent::kRenew));
    u.job.progress("the UKEY takes them in", 1, kSteps);
    for (const auto& [name, der] : record.certificates)
        if (const base::Status stored = held->token().store_certificate(name, der); !stored) return intent.fail(stored.error(), audit::Outcome::unknown);
    u.job.progress("it is entered in the registry and the log", 2, kSteps);
    return enter(u.job, u.books, before, record, std::move(events), &crl, &intent);
}

// ---- masters --------------------------------------------------------------------------------------------------------

base::Result<Plan> plan_inject(Job& job, Books& books, const wire::pb::UkeyInject& request) {
    KMP_TRY(const tokens::UkeyRecord record, find_ukey(job, books, request.serial()));
    KMP_CHECK(must_be(record, {UkeyState::issued}, "give masters to"));
    const auto in_vault = job.service.on_io([&] { return fullest_vault(books); });
    const auto missing = missing_masters(record, in_vault, books.key_sets.newest());
    if (missing.empty()) return {Code::already_exists, "UKEY " + record.serial.text() + " holds every master that it may hold already"};
    return Plan{model::Deed::reinject, {{"ukey", record.serial.text()}, {"kind", std::string(model::name(record.kind))}, {"holder", record.holder}, {"masters", in_words(missing)},
                                        {"up_to_version", std::to_string(static_cast<unsigned>(books.key_sets.newest()))}}};
}

base::Result<wire::pb::AdminReply> inject_masters(Undertaking& u) {
    KMP_TRY(const tokens::UkeyRecord before, find_ukey(u.job, u.books, u.term("ukey")));
    tokens::UkeyRecord record = before;
    KMP_CHECK(must_be(record, {UkeyState::issued}, "give masters to"));
    if (record.kind != model::UkeyKind::master_control) KMP_CHECK(check_grant(record, u.books));  // it says which classes; the database is not believed
    KMP_CHECK(u.master.check_vault(u.job, u.books));
    // Never more than was planned, even if there are newer versions by now.
    KMP_TRY(const model::KeyVersion newest, u.version("up_to_version"));
    const auto missing = missing_masters(record, u.master.record().masters, newest);
    if (missing.empty()) return {Code::already_exists, "UKEY " + record.serial.text() + " holds every master that it may hold already"};
    KMP_TRY(const std::unique_ptr<HeldUkey> held, HeldUkey::open(u.job, u.books, record, &u.master));
    u.job.progress("the masters are wrapped for it", 0, kSteps);
    KMP_TRY(const auto wrapped, u.master.wrap(u.books.house, record.certificates.at("transport"), missing));
    KMP_TRY(const Intent intent, open_intent(u.job, u.books, before, Intent::kInject));
    u.job.progress("the UKEY takes them in", 1, kSteps);
    // Several keys: when it fails, some may be there.
    if (const base::Status taken = held->token().unwrap_masters(wrapped.masters, wrapped.sender); !taken) return intent.fail(taken.error(), audit::Outcome::unknown);
    u.job.progress("it is entered in the registry and the log", 2, kSteps);
    record.masters.insert(record.masters.end(), missing.begin(), missing.end());
    model::ClassSet classes = 0;
    for (const tokens::MasterName& m : missing) classes = static_cast<model::ClassSet>(classes | model::class_bit(m.key_class));
    Event injected(EventType::masters_injected);
    u.job.describe(injected);
    u.word.name(injected);
    injected.text(Field::ukey, record.serial.text()).number(Field::classes, classes).number(Field::key_version, newest);
    injected.bytes(Field::fingerprint, base::sha256(record.certificates.at("transport")));
    std::vector<Event> events;
    injected.number(Field::intent, intent.number());
    events.push_back(std::move(injected));
    return enter(u.job, u.books, before, record, std::move(events), nullptr, &intent);
}

// ---- grants ---------------------------------------------------------------------------------------------------------

base::Result<Plan> plan_grant(Job& job, Books& books, const wire::pb::GrantSet& request) {
    KMP_TRY(const tokens::UkeyRecord record, find_ukey(job, books, request.serial()));
    KMP_CHECK(must_be(record, {UkeyState::issued, UkeyState::suspended}, "change the grant of"));
    if (!record.grant) return {Code::refused, "UKEY " + record.serial.text() + " (" + std::string(model::name(record.kind)) + ") has no grant to change"};
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    KMP_TRY(model::Grant grant, terms::grant_of(request.terms(), now));
    if (request.terms().station().empty()) grant.station = record.grant->grant.station;
    if (request.terms().not_before_ms() == 0) grant.not_before = record.grant->grant.not_before;
    if (request.terms().not_after_ms() == 0) grant.not_after = record.grant->grant.not_after;
    KMP_TRY(grant, next_grant(record, grant));
    if (grant.not_after > record.not_after) return {Code::refused, "validity: the UKEY's certificates end before that, on " + base::to_rfc3339(record.not_after) + "; renew it first"};
    return Plan{model::Deed::set_grant, {{"ukey", record.serial.text()}, {"holder", record.holder}, {"grant", base::to_string(grant.encode())}}};
}

base::Result<wire::pb::AdminReply> set_grant(Undertaking& u) {
    KMP_TRY(const tokens::UkeyRecord before, find_ukey(u.job, u.books, u.term("ukey")));
    tokens::UkeyRecord record = before;
    KMP_TRY(const model::Grant grant, model::Grant::decode(base::as_bytes(u.term("grant"))));
    if (!record.grant || grant.number != record.grant->grant.number + 1)
        return {Code::conflict, "the grant of UKEY " + record.serial.text() + " was changed meanwhile; look at it and ask again"};
    KMP_TRY(record.grant, sign_grant(u.master, grant, u.approved));
    record.whole.reset();
    std::vector<Event> events;
    events.push_back(grant_event(u.job, *record.grant, 0, u.word));
    return enter(u.job, u.books, before, record, std::move(events), nullptr, nullptr);
}

base::Result<wire::pb::AdminReply> change_grant(Job& job, const wire::pb::GrantSet& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const Plan plan, plan_grant(job, *books, request));
    KMP_TRY(const tokens::UkeyRecord before, find_ukey(job, *books, request.serial()));
    tokens::UkeyRecord record = before;
    KMP_TRY(model::Grant grant, model::Grant::decode(base::as_bytes(plan.terms.at("grant"))));
    const bool less = static_cast<bool>(model::narrower(grant, record.grant->grant));
    if (books->quorum() == nullptr || !less) return do_or_ask(job, *books, plan);

    // One officer narrows alone, and at once.
    KMP_TRY(const std::unique_ptr<OfficerUkey> officer, OfficerUkey::open(job, *books, request.officer()));
    tokens::SignedGrant narrowed;
    narrowed.grant = std::move(grant);
    narrowed.statement = narrowed.grant.encode();
    narrowed.officer = officer->officer().ukey;
    KMP_TRY(narrowed.signature, officer->sign_act(model::act_statement("narrow-grant", narrowed.statement)));
    if (record.grant->officer.empty()) record.whole = std::move(record.grant);
    record.grant = std::move(narrowed);
    std::vector<Event> events;
    events.push_back(grant_event(job, *record.grant, 0, {}));
    return enter(job, *books, before, record, std::move(events), nullptr, nullptr);
}

}  // namespace kmp::service

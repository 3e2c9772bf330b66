#include <algorithm>

#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/intent.h"
#include "kmp/service/jobs/making.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/jobs/revocation.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using model::UkeyAction;
using model::UkeyState;

constexpr unsigned kSteps = 2;  // of unblocking and destroying

base::Status check_reason_for(UkeyAction action, const std::string& reason) {
    const bool wanted = action == UkeyAction::suspend || action == UkeyAction::report_lost || action == UkeyAction::revoke;
    return wanted || !reason.empty() ? check_reason(reason) : base::Status();
}

/// A change of state with what proves who wanted it.
struct Change {
    tokens::UkeyRecord ukey;
    UkeyAction action{};
    UkeyState to{};
    std::string reason;
    base::Millis now = 0;
    base::Bytes signature;     ///< by the master (purpose `revocation`) or an officer (purpose `act`)
    base::UkeySerial officer;  ///< who acted alone; empty: the master
    Word word;                 ///< empty where an officer acts alone

    /// What is signed: what happens to which UKEY, and when.
    base::Bytes statement() const {
        base::ByteWriter w;
        w.sized16(ukey.serial.text());
        w.u8(static_cast<std::uint8_t>(action));
        w.u8(static_cast<std::uint8_t>(ukey.state));
        w.u8(static_cast<std::uint8_t>(to));
        w.u64(static_cast<std::uint64_t>(now));
        return std::move(w).take();
    }
};

/// ok unless it would lock everybody out: a platform UKEY is replaced, and the last master-control UKEY in service stays.
base::Status leaves_somebody(Job& job, Books& books, const tokens::UkeyRecord& ukey, UkeyAction action) {
    const bool master = ukey.kind == model::UkeyKind::master_control;
    if (action == UkeyAction::unblock || (!master && ukey.kind != model::UkeyKind::platform)) return {};
    if (action == UkeyAction::destroy && (ukey.state == UkeyState::initialised || ukey.state == UkeyState::revoked)) return {};
    const bool another = master && job.service.on_io([&] {
        const auto all = books.registry.all();
        return std::ranges::any_of(all, [&](const tokens::UkeyRecord* r) { return r->kind == ukey.kind && r->state == UkeyState::issued && r->serial != ukey.serial; });
    });
    if (another) return {};
    return {Code::refused, model::one(ukey.kind) + " cannot be changed like this: it would lock everybody out"};
}

base::Result<Change> plan_state(Job& job, Books& books, const std::string& serial, UkeyAction action, std::string reason) {
    Change out;
    KMP_TRY(out.ukey, find_ukey(job, books, serial));
    KMP_CHECK(leaves_somebody(job, books, out.ukey, action));
    KMP_TRY(out.to, model::next_state(out.ukey.state, action));
    out.action = action;
    out.reason = std::move(reason);
    out.now = job.service.on_io([&] { return job.service.now(); });
    return out;
}

Event change_event(const Job& job, const Change& c, std::uint64_t intent = 0) {
    Event changed(EventType::ukey_state_changed);
    job.describe(changed);
    changed.text(Field::ukey, c.ukey.serial.text()).value(Field::ukey_kind, c.ukey.kind).value(Field::action, c.action);
    changed.value(Field::state_from, c.ukey.state).value(Field::state_to, c.to).text(Field::reason, c.reason);
    if (!c.signature.empty()) changed.bytes(Field::signature, c.signature).time(Field::happened_at, c.now);
    if (!c.officer.empty()) changed.text(Field::officer, c.officer.text());
    if (intent != 0) changed.number(Field::intent, intent);
    c.word.name(changed);
    return changed;
}

/// Writes the change and lets it act. `master` is open, or null where an officer acts alone: the revocation list follows later then.
base::Result<wire::pb::AdminReply> apply(Job& job, Books& books, const Change& c, MasterUkey* master) {
    const base::UkeySerial serial = c.ukey.serial;
    Entry entry = entry_of(change_event(job, c));
    // A UKEY that never works again needs no PIN that is kept for it.
    const bool ends = c.to == UkeyState::lost || c.to == UkeyState::revoked;
    entry.effect = [serial, to = c.to, ends](store::Transaction& t, const audit::Receipt&) -> base::Status {
        if (ends) KMP_CHECK(accounts::remove_attended(t, serial));
        return tokens::registry::set_state(t, serial, to);
    };
    std::optional<NextCrl> crl;
    if (master != nullptr) {
        KMP_TRY(crl, NextCrl::sign(job, books, *master, {{serial, c.to}}, c.word));
        crl->enter(entry);
    }
    const auto set_state = [&](UkeyState state) {
        job.service.on_io([&] {
            if (tokens::UkeyRecord* record = books.registry.find(serial)) record->state = state;
            if (state != UkeyState::issued) job.service.end_use(serial);
        });
    };
    // Narrowing acts before it is durable: between the two nothing may pass. Widening acts after.
    if (c.to != UkeyState::issued) set_state(c.to);
    auto receipt = books.writer->write(std::move(entry));
    if (!receipt) {
        set_state(c.ukey.state);
        return std::move(receipt).error();
    }
    if (c.to == UkeyState::issued) set_state(c.to);
    if (ends) job.service.on_io([&] { books.attended.erase(serial); });
    job.service.on_io([&] { note_unlisted(books, serial, master == nullptr ? base::UkeySerial() : master->record().serial); });
    if (crl) crl->publish(job, books);
    return changed_reply(job, books, serial, *receipt);
}

/// Officers cannot sign the list alone: they are asked to, once for all changes that wait.
base::Status ask_for_crl(Job& job, Books& books) {
    KMP_CHECK(make_request(job, books, {model::Deed::publish_crl, {}}, "kmpd, after a change of state"));
    return {};
}

/// ok while K officers' UKEYs are in use beside this one: fewer could never open the master-control UKEY again.
base::Status enough_officers_without(Job& job, Books& books, const base::UkeySerial& without) {
    if (books.quorum() == nullptr) return {};
    const model::Quorum& quorum = books.quorum()->quorum;
    const auto left = job.service.on_io([&] {
        return std::ranges::count_if(quorum.officers, [&](const model::Officer& o) {
            const tokens::UkeyRecord* record = books.registry.find(o.ukey);
            return o.ukey != without && record != nullptr && record->state == UkeyState::issued;
        });
    });
    if (left >= static_cast<std::ptrdiff_t>(quorum.needed)) return {};
    return {Code::refused, "officers: without UKEY " + without.text() + " only " + std::to_string(left) + " of the " + std::to_string(quorum.needed) +
                               " that are needed would be left, and nobody could ever open the master-control UKEY again"};
}

base::Result<wire::pb::AdminReply> change_by_officer(Job& job, Books& books, Change& c, const std::string& officer) {
    KMP_TRY(const std::unique_ptr<OfficerUkey> hand, OfficerUkey::open(job, books, officer));
    if (c.ukey.serial == hand->officer().ukey && c.to == UkeyState::issued) return {Code::refused, "officer: nobody resumes their own UKEY; ask another officer"};
    KMP_TRY(c.signature, hand->sign_act(model::act_statement(model::name(c.action), c.statement())));
    c.officer = hand->officer().ukey;
    KMP_TRY(wire::pb::AdminReply reply, apply(job, books, c, nullptr));
    KMP_CHECK(ask_for_crl(job, books));
    return reply;
}

/// The UKEY where it is plugged in, for work that needs its token.
base::Result<tokens::Slot> slot_of(Job& job, const base::UkeySerial& serial) {
    auto slot = job.service.on_io([&] { return job.service.bay().by_serial(serial); });
    if (!slot) return std::move(slot).error().in("UKEY " + serial.text() + " must be plugged in for this");
    return slot;
}

base::Result<Intent> open_intent(Job& job, Books& books, const Change& c, const std::string& reader) {
    Event event(EventType::intent_opened);
    event.text(Field::reader, reader).value(Field::action, c.action).value(Field::ukey_kind, c.ukey.kind);
    return Intent::open(job, books, std::move(event), c.ukey.serial, std::string(model::name(c.action)));
}

}  // namespace

base::Result<tokens::UkeyRecord> find_ukey(Job& job, Books& books, const std::string& text) {
    KMP_TRY(const base::UkeySerial serial, base::UkeySerial::parse(text));
    return job.service.on_io([&]() -> base::Result<tokens::UkeyRecord> {
        const tokens::UkeyRecord* record = books.registry.find(serial);
        if (record == nullptr) return {Code::not_found, "UKEY " + serial.text() + " was not issued by this platform; see 'kmpctl ukey list'"};
        return *record;
    });
}

wire::pb::AdminReply changed_reply(Job& job, Books& books, const base::UkeySerial& serial, const audit::Receipt& receipt) {
    wire::pb::AdminReply reply;
    auto& changed = *reply.mutable_ukey_change();
    *changed.mutable_ukey() = job.service.on_io([&] { return describe_ukey(job.service, books, *books.registry.find(serial)); });
    fill(*changed.mutable_receipt(), receipt);
    return reply;
}

base::Result<wire::pb::AdminReply> change_ukey(Job& job, const wire::pb::UkeyChange& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const UkeyAction action, model::parse_ukey_action(request.action()));
    KMP_CHECK(check_reason_for(action, request.reason()));
    KMP_TRY(Change c, plan_state(job, *books, request.serial(), action, request.reason()));
    // An officer who is suspended or ended must leave enough others.
    const bool leaves = action == UkeyAction::suspend || action == UkeyAction::revoke || action == UkeyAction::report_lost;
    if (c.ukey.kind == model::UkeyKind::officer && leaves) KMP_CHECK(enough_officers_without(job, *books, c.ukey.serial));
    if (books->quorum() != nullptr && !model::takes_quorum(c.ukey.kind, action)) return change_by_officer(job, *books, c, request.officer());
    KMP_TRY(const Plan plan, plan_change(job, *books, request));
    return do_or_ask(job, *books, plan);
}

base::Result<Plan> plan_change(Job& job, Books& books, const wire::pb::UkeyChange& request) {
    KMP_TRY(const UkeyAction action, model::parse_ukey_action(request.action()));
    KMP_TRY(const Change c, plan_state(job, books, request.serial(), action, request.reason()));
    const model::Deed deed = action == UkeyAction::unblock ? model::Deed::unblock : action == UkeyAction::destroy ? model::Deed::destroy : model::Deed::revoke;
    return Plan{deed, {{"ukey", c.ukey.serial.text()}, {"kind", std::string(model::name(c.ukey.kind))}, {"holder", c.ukey.holder},
                       {"action", std::string(model::name(action))}, {"reason", c.reason}}};
}

base::Result<wire::pb::AdminReply> revoke_ukey(Undertaking& u) {
    KMP_TRY(const UkeyAction action, model::parse_ukey_action(u.term("action")));
    KMP_TRY(Change c, plan_state(u.job, u.books, u.term("ukey"), action, u.term("reason")));
    c.word = u.word;
    if (c.ukey.kind == model::UkeyKind::officer && action != UkeyAction::resume) KMP_CHECK(enough_officers_without(u.job, u.books, c.ukey.serial));
    if (c.ukey.serial == u.master.record().serial) return {Code::refused, "another master-control UKEY is needed for that; plug it in instead of " + c.ukey.serial.text()};
    KMP_TRY(c.signature, u.master.token().sign_statement("revocation", c.statement()));
    return apply(u.job, u.books, c, &u.master);
}

base::Result<wire::pb::AdminReply> unblock_ukey(Undertaking& u) {
    KMP_TRY(Change c, plan_state(u.job, u.books, u.term("ukey"), UkeyAction::unblock, u.term("reason")));
    c.word = u.word;
    if (c.ukey.kind == model::UkeyKind::platform) return {Code::unsupported, "the platform UKEY is unblocked while it is sealed; replace it instead"};
    KMP_TRY(const base::Secret pin, u.job.take_pin("ukey"));
    KMP_CHECK(tokens::check_new_pin(pin));
    KMP_TRY(const tokens::Slot slot, slot_of(u.job, c.ukey.serial));
    KMP_TRY(base::Secret so_pin, u.master.so_pin_of(c.ukey));
    KMP_TRY(base::Secret fresh, token_pin(u.job, u.books, c.ukey.kind, c.ukey.serial, pin, c.ukey.salt));
    KMP_TRY(const Intent intent, open_intent(u.job, u.books, c, slot.reader.name));
    u.job.progress("the UKEY takes its new PIN", 0, kSteps);
    tokens::Token token(slot.channel, "UKEY " + c.ukey.serial.text());
    if (const base::Status done = token.reset_pin(std::move(so_pin), std::move(fresh)); !done) return intent.fail(done.error(), Intent::outcome_of_step(done.error()));
    std::vector<Event> events;
    events.push_back(change_event(u.job, c, intent.number()));
    Event reset(EventType::pin_changed);
    u.job.describe(reset);
    u.word.name(reset);
    reset.text(Field::ukey, c.ukey.serial.text()).value(Field::ukey_kind, c.ukey.kind).number(Field::intent, intent.number()).text(Field::detail, "set anew; the holder must change it");
    events.push_back(std::move(reset));
    u.job.progress("it is entered in the registry and the log", 1, kSteps);
    KMP_TRY(const audit::Receipt receipt, intent.finish(std::move(events), [&](store::Transaction& t) -> base::Status {
                KMP_CHECK(tokens::registry::set_state(t, c.ukey.serial, c.to));
                KMP_CHECK(tokens::registry::set_must_change_pin(t, c.ukey.serial, true));
                KMP_CHECK(accounts::remove_attended(t, c.ukey.serial));  // it was the old PIN
                return tokens::registry::set_wrong_pins(t, c.ukey.serial, 0);
            }));
    u.job.service.on_io([&] {
        u.books.attended.erase(c.ukey.serial);
        if (tokens::UkeyRecord* r = u.books.registry.find(c.ukey.serial)) {
            r->state = c.to;
            r->wrong_pins = 0;
            r->must_change_pin = true;
        }
        // Whoever had it open under the old PIN has not any more.
        u.job.service.end_use(c.ukey.serial);
    });
    return changed_reply(u.job, u.books, c.ukey.serial, receipt);
}

base::Result<wire::pb::AdminReply> destroy_ukey(Undertaking& u) {
    KMP_TRY(Change c, plan_state(u.job, u.books, u.term("ukey"), UkeyAction::destroy, u.term("reason")));
    c.word = u.word;
    KMP_TRY(const tokens::Slot slot, slot_of(u.job, c.ukey.serial));
    KMP_TRY(base::Secret so_pin, u.master.so_pin_of(c.ukey));
    KMP_TRY(const Intent intent, open_intent(u.job, u.books, c, slot.reader.name));
    u.job.progress("the UKEY is erased", 0, kSteps);
    u.job.service.on_io([&] { u.job.service.custodian().close(c.ukey.serial); });
    tokens::Token token(slot.channel, "UKEY " + c.ukey.serial.text());
    if (const base::Status done = token.erase(std::move(so_pin)); !done) return intent.fail(done.error(), Intent::outcome_of_step(done.error()));
    if (slot.reader.kind == tokens::ReaderKind::softhsm)
        if (base::Status removed = tokens::remove_ukey_file(slot.reader.path); !removed)
            return intent.fail(std::move(removed).error().in("its token is erased, but " + slot.reader.path + "/ukey.toml could not be removed; destroy it once more"), audit::Outcome::unknown);
    std::vector<Event> events;
    events.push_back(change_event(u.job, c, intent.number()));
    u.job.progress("it is entered in the registry and the log", 1, kSteps);
    KMP_TRY(const audit::Receipt receipt, intent.finish(std::move(events), [&](store::Transaction& t) {
                return tokens::registry::set_state(t, c.ukey.serial, c.to);
            }));
    u.job.service.on_io([&] {
        if (tokens::UkeyRecord* r = u.books.registry.find(c.ukey.serial)) r->state = c.to;
        (void)u.job.service.bay().restart(slot.reader.name);
    });
    return changed_reply(u.job, u.books, c.ukey.serial, receipt);
}

}  // namespace kmp::service

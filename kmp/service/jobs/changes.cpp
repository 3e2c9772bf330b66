#include "kmp/service/errand.h"
#include "kmp/service/job.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/jobs/revocation.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using model::UkeyAction;
using model::UkeyState;

base::Result<UkeyAction> parse_action(const std::string& text) {
    for (const UkeyAction action : {UkeyAction::suspend, UkeyAction::resume, UkeyAction::report_lost, UkeyAction::revoke})
        if (model::name(action) == text) return action;
    if (text == model::name(UkeyAction::destroy)) return {Code::unsupported, "action: 'destroy' is not offered yet"};
    return {Code::invalid_argument, "action: suspend, resume, report-lost or revoke, not '" + text.substr(0, 32) + "'"};
}

}  // namespace

base::Result<wire::pb::UkeyChangeReply> change_ukey(Job& job, const wire::pb::UkeyChange& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const base::UkeySerial serial, base::UkeySerial::parse(request.serial()));
    KMP_TRY(const UkeyAction action, parse_action(request.action()));
    if (request.reason().size() > 500) return {Code::invalid_argument, "reason: at most 500 bytes"};
    if (request.reason().empty() && action != UkeyAction::resume) return {Code::invalid_argument, "reason: say why, for the log"};
    struct Change {
        UkeyState from{};
        UkeyState to{};
        model::UkeyKind kind{};
    };
    KMP_TRY(const Change change, job.service.on_io([&]() -> base::Result<Change> {
        const tokens::UkeyRecord* record = books->registry.find(serial);
        if (record == nullptr) return {Code::not_found, "UKEY " + serial.text() + " was not issued by this platform; see 'kmpctl ukey list'"};
        if (record->kind == model::UkeyKind::platform || record->kind == model::UkeyKind::master_control)
            return {Code::refused, "a " + std::string(model::name(record->kind)) + " UKEY cannot be changed like this: it would lock everybody out"};
        KMP_TRY(const UkeyState to, model::next_state(record->state, action));
        return Change{record->state, to, record->kind};
    }));
    KMP_TRY(const std::unique_ptr<MasterUkey> master, MasterUkey::open(job, *books));
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });

    // The statement that the master signs: what happens to which UKEY, and when.
    base::ByteWriter statement;
    statement.sized16(serial.text());
    statement.u8(static_cast<std::uint8_t>(action));
    statement.u8(static_cast<std::uint8_t>(change.from));
    statement.u8(static_cast<std::uint8_t>(change.to));
    statement.u64(static_cast<std::uint64_t>(now));
    KMP_TRY(const base::Bytes signature, master->token().sign_statement("revocation", statement.view()));

    Entry entry;
    Event changed(EventType::ukey_state_changed);
    job.describe(changed);
    changed.text(Field::ukey, serial.text()).value(Field::ukey_kind, change.kind).value(Field::action, action);
    changed.value(Field::state_from, change.from).value(Field::state_to, change.to).text(Field::reason, request.reason());
    changed.bytes(Field::signature, signature).time(Field::happened_at, now);
    entry.events.push_back(std::move(changed));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) { return tokens::registry::set_state(t, serial, change.to); };
    KMP_TRY(const NextCrl crl, NextCrl::sign(job, *books, master->token(), {{serial, change.to}}));
    crl.enter(entry);
    const auto set_state = [&](UkeyState state) {
        job.service.on_io([&] {
            if (tokens::UkeyRecord* record = books->registry.find(serial)) record->state = state;
            if (state == UkeyState::issued) return;
            // At once, in running sessions too.
            job.service.custodian().close(serial);
            if (job.service.end_sessions) job.service.end_sessions(serial);
        });
    };
    // Narrowing acts before it is durable: between the two nothing may pass. Widening acts after.
    if (change.to != UkeyState::issued) set_state(change.to);
    auto receipt = books->writer->write(std::move(entry));
    if (!receipt) {
        set_state(change.from);
        return std::move(receipt).error();
    }
    if (change.to == UkeyState::issued) set_state(change.to);
    crl.publish(job, *books);
    wire::pb::UkeyChangeReply reply;
    *reply.mutable_ukey() = job.service.on_io([&] { return describe_ukey(job.service, *books, *books->registry.find(serial)); });
    fill(*reply.mutable_receipt(), *receipt);
    return reply;
}

}  // namespace kmp::service

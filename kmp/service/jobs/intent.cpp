#include "kmp/service/jobs/intent.h"

#include "kmp/service/tables.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

audit::Outcome Intent::outcome_of_step(const base::Error& why) noexcept {
    const bool unknown = why.code == Code::outcome_unknown || why.code == Code::timeout || why.code == Code::token_removed;
    return unknown ? audit::Outcome::unknown : audit::Outcome::undone;
}

base::Result<Intent> Intent::open(Job& job, Books& books, Event event, const base::UkeySerial& ukey, std::string what, const Rows& rows) {
    job.describe(event);
    event.text(Field::ukey, ukey.text());
    Entry entry;
    entry.events.push_back(std::move(event));
    entry.effect = [&](store::Transaction& t, const audit::Receipt& r) -> base::Status {
        if (rows) KMP_CHECK(rows(t));
        return tables::open_intent(t, {r.index, ukey.text(), what});
    };
    KMP_TRY(const audit::Receipt receipt, books.writer->write(std::move(entry)));
    return Intent(job.service, books, job.peer, ukey, receipt.index);
}

std::string Intent::advice(std::string_view what, const std::string& ukey) {
    if (what == kIssue) return "it was not issued: plug it in, 'kmpctl ukey destroy " + ukey + "', and issue again";
    if (what == kSetPin) return "its PIN is the old one or the new one: set it once more, with the new one if the old one is wrong";
    if (what == model::name(model::UkeyAction::destroy)) return "where its reader shows a blank UKEY it was erased, and nothing is left to do; otherwise destroy it once more";
    return "do it once more to be sure";
}

Entry Intent::conclusion(Event concluded, std::vector<Event> events, const Rows& rows) const {
    concluded.number(Field::intent, number_).text(Field::ukey, ukey_.text());
    peer_.describe_actor(concluded);
    Entry entry;
    entry.events = std::move(events);
    entry.events.push_back(std::move(concluded));
    entry.effect = [rows, number = number_](store::Transaction& t, const audit::Receipt&) -> base::Status {
        if (rows) KMP_CHECK(rows(t));
        return tables::conclude_intent(t, number);
    };
    return entry;
}

Event Intent::done() const {
    Event concluded(EventType::intent_concluded);
    concluded.value(Field::outcome, audit::Outcome::done);
    return concluded;
}

base::Result<audit::Receipt> Intent::succeed(std::vector<Event> events, const Rows& rows) const {
    return books_.writer->write(conclusion(done(), std::move(events), rows));
}

base::Result<audit::Receipt> Intent::finish(std::vector<Event> events, const Rows& rows) const {
    auto receipt = succeed(std::move(events), rows);
    if (receipt) return receipt;
    return fail(std::move(receipt).error().in("it was done on the UKEY, but could not be entered; do it once more"), audit::Outcome::unknown);
}

void Intent::conclude_in(Entry& entry) const {
    Entry own = conclusion(done(), {}, {});
    entry.events.push_back(std::move(own.events.front()));
    entry.effect = [before = std::move(entry.effect), after = std::move(own.effect)](store::Transaction& t, const audit::Receipt& r) -> base::Status {
        if (before) KMP_CHECK(before(t, r));
        return after(t, r);
    };
}

base::Error Intent::fail(const base::Error& why, audit::Outcome outcome, std::vector<Event> events, const Rows& rows) const {
    Event concluded(EventType::intent_concluded);
    concluded.value(Field::outcome, outcome).text(Field::code, base::name(why.code)).text(Field::detail, why.message);
    auto written = books_.writer->write(conclusion(concluded, events, rows));
    if (written) return why;
    service_.on_io([&] { service_.owe(books_, conclusion(std::move(concluded), std::move(events), rows), written.error()); });
    return std::move(written).error();
}

}  // namespace kmp::service

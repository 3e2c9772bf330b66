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
    return Intent(books, ukey, receipt.index);
}

base::Result<audit::Receipt> Intent::conclude(Event concluded, std::vector<Event> events, const Rows& rows) const {
    concluded.number(Field::intent, number_).text(Field::ukey, ukey_.text());
    Entry entry;
    entry.events = std::move(events);
    entry.events.push_back(std::move(concluded));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) -> base::Status {
        if (rows) KMP_CHECK(rows(t));
        return tables::conclude_intent(t, number_);
    };
    return books_.writer->write(std::move(entry));
}

base::Result<audit::Receipt> Intent::succeed(std::vector<Event> events, const Rows& rows) const {
    Event concluded(EventType::intent_concluded);
    concluded.value(Field::outcome, audit::Outcome::done);
    return conclude(std::move(concluded), std::move(events), rows);
}

base::Error Intent::fail(const base::Error& why, audit::Outcome outcome, std::vector<Event> events, const Rows& rows) const {
    Event concluded(EventType::intent_concluded);
    concluded.value(Field::outcome, outcome).text(Field::code, base::name(why.code)).text(Field::detail, why.message);
    auto written = conclude(std::move(concluded), std::move(events), rows);
    return written ? why : std::move(written).error();
}

}  // namespace kmp::service

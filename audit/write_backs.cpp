#include "audit/write_backs.h"

#include <algorithm>

#include "audit/words.h"

namespace audit {
namespace {

using model::OrderKind;

std::int64_t worth(OrderKind kind, model::Fen amount) { return model::gives_back(kind) ? -amount.value() : amount.value(); }

}  // namespace

std::string_view name(WriteBacks::Contradiction::Kind kind) noexcept {
    using Kind = WriteBacks::Contradiction::Kind;
    switch (kind) {
        case Kind::reported: return "contradiction";
        case Kind::count_back: return "count_back";
        case Kind::more_than_signed: return "more_than_signed";
        case Kind::credited: return "credited";
        case Kind::balance: return "balance";
    }
    return "?";
}

WriteBacks::WriteBacks(const std::vector<MeterReading>& readings, const UtilityTime& time, bool whole_log) : time_(time), whole_log_(whole_log) {
    for (const MeterReading& r : readings) lines_[r.meter].reading = &r;
    out_.meters_read = readings.size();
}

void WriteBacks::ordered(const Record& r, const base::Uuid& id, OrderKind kind, base::Millis at, bool judged) {
    if (kind == OrderKind::replace_card) return;  // it carries an order that is there already
    Line& line = lines_[r.number(Field::meter)];
    const model::Fen amount(static_cast<std::int64_t>(r.number(Field::amount)));
    const std::uint64_t count = r.number(Field::count);
    if (kind == OrderKind::initialise_wallet) {
        // What an older wallet still waited for can never be shown again, and what it was credited is in it no more.
        for (NotShown& n : line.waiting) {
            n.wallet_ended = true;
            out_.not_shown.push_back(std::move(n));
        }
        line.waiting.clear();
        line.last.reset();
        line.whole = true;
        line.highest = count;
        line.credited = worth(kind, amount);
        return;
    }
    if (count <= 1) line.whole = true;
    line.highest = std::max(line.highest, count);
    if (line.reading != nullptr && count <= line.reading->count) line.credited += worth(kind, amount);
    if (judged) line.waiting.push_back({id, std::string(r.text(Field::station)), r.number(Field::meter), count, amount, at, r.index(), r.has(Field::card), false, false});
}

void WriteBacks::voided(const Record& r, const base::Uuid& id, OrderKind kind) {
    Line& line = lines_[r.number(Field::meter)];
    const std::uint64_t count = r.number(Field::count);
    if (line.highest == count && count > 0) line.highest = count - 1;
    if (line.reading != nullptr && count <= line.reading->count) line.credited -= worth(kind, model::Fen(static_cast<std::int64_t>(r.number(Field::amount))));
    std::erase_if(line.waiting, [&](const NotShown& n) { return n.order == id; });
}

void WriteBacks::shown(const Record& r, bool judged) {
    if (r.number(Field::genuine) == 0) return;
    const std::uint64_t meter = r.number(Field::meter);
    const bool told = r.has(Field::contradiction);  // what the service has noticed itself is told once
    if (judged && told)
        contradict(Contradiction::Kind::reported, meter, r.index(), "meter " + meter_text(meter) + " contradicts the log: " + std::string(r.text(Field::contradiction)) + "; have the meter looked at");
    constexpr std::uint64_t kWriteBack = 5;
    if (!r.has(Field::count) || (r.type() == EventType::card_reported && r.number(Field::file) != kWriteBack)) return;
    Line& line = lines_[meter];
    const std::uint64_t count = r.number(Field::count);
    if (r.type() == EventType::status_checked) {
        if (judged && !told && line.last && count < *line.last)
            contradict(Contradiction::Kind::count_back, meter, r.index(),
                       "meter " + meter_text(meter) + " showed the purchase count " + std::to_string(*line.last) + ", and later " + std::to_string(count) + ": it was exchanged, or set back; have it looked at");
        if (judged && !told && line.whole && !restored_ && count > line.highest)
            contradict(Contradiction::Kind::more_than_signed, meter, r.index(),
                       "meter " + meter_text(meter) + " shows the purchase count " + std::to_string(count) + ", signed were " + std::to_string(line.highest) + ": it has credited what this log does not hold, or what was voided; have it looked at");
        line.last = count;
        line.last_at = r.time();
    }
    std::erase_if(line.waiting, [count](const NotShown& n) { return n.count <= count; });
}

void WriteBacks::judge_reading(std::uint64_t meter, Line& line) {
    const MeterReading& reading = *line.reading;
    const std::string who = "line " + std::to_string(reading.line) + " of the readings: meter " + meter_text(meter);
    if (line.last && reading.time && *reading.time > line.last_at && reading.count < *line.last) {
        contradict(Contradiction::Kind::count_back, meter, {},
                   who + " shows the purchase count " + std::to_string(reading.count) + ", and had shown " + std::to_string(*line.last) + " before: it was exchanged, or set back; have it looked at");
    } else if (!line.whole) {
        // A meter that this log has not sold to from the first order on may rightly show more.
        if (whole_log_ && !restored_ && line.highest == 0 && reading.count > 0)
            contradict(Contradiction::Kind::more_than_signed, meter, {}, who + " shows the purchase count " + std::to_string(reading.count) + ", and this log has sold nothing to it: whose meter is it?");
    } else if (reading.count > line.highest && !restored_) {
        contradict(Contradiction::Kind::more_than_signed, meter, {},
                   who + " shows the purchase count " + std::to_string(reading.count) + ", signed were " + std::to_string(line.highest) + ": it has credited what this log does not hold, or what was voided; have it looked at");
    } else if (reading.credited && reading.credited->value() != line.credited) {
        contradict(Contradiction::Kind::credited, meter, {},
                   who + " was credited " + reading.credited->yuan() + " yuan up to its count " + std::to_string(reading.count) + ", signed were " + model::Fen(line.credited).yuan() + "; have it looked at");
    } else if (reading.balance && reading.balance->value() > line.credited) {
        contradict(Contradiction::Kind::balance, meter, {},
                   who + " has " + reading.balance->yuan() + " yuan left, more than the " + model::Fen(line.credited).yuan() + " that were ever signed up to its count " + std::to_string(reading.count) + "; have it looked at");
    }
    std::erase_if(line.waiting, [&](const NotShown& n) { return n.count <= reading.count; });
    for (NotShown& n : line.waiting) n.read = !reading.time || n.signed_at < *reading.time;
}

WriteBacks::Result WriteBacks::finish(base::Millis newest) {
    std::vector<std::uint64_t> meters;
    for (const auto& [meter, line] : lines_)
        if (line.reading != nullptr) meters.push_back(meter);
    std::ranges::sort(meters, {}, [this](std::uint64_t m) { return lines_[m].reading->line; });
    for (const std::uint64_t meter : meters) judge_reading(meter, lines_[meter]);
    for (auto& [meter, line] : lines_)
        for (NotShown& n : line.waiting) out_.not_shown.push_back(std::move(n));
    std::ranges::sort(out_.not_shown, {}, &NotShown::index);
    out_.until = newest;
    return std::move(out_);
}

}  // namespace audit

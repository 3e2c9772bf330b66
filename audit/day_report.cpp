#include "audit/day_report.h"

#include <algorithm>

#include "cli/table.h"
#include "model/approval.h"
#include "model/ukey.h"

namespace audit {
namespace {

using model::Fen;
using model::OrderKind;
using Row = std::vector<Cell>;

Cell words(std::string_view text) { return {text.empty() ? std::string("-") : std::string(text)}; }
Cell number(std::uint64_t n) { return {n}; }
Cell yuan(std::int64_t fen) { return {Fen(fen)}; }
Cell at(base::Millis time) { return {Cell::Time{time}}; }

/// A field as a person reads it; "-" where it is absent.
Cell field(const Record& r, Field f) {
    for (const Record::Item& item : r.items())
        if (item.field == f) return words(value_in_words(f, item.value));
    return words("");
}

/// Who did it: the officer who signed, or whoever asked; which process it was the log knows.
Cell doer(const Record& r) {
    if (r.has(Field::officer)) return words("officer " + std::string(r.text(Field::officer)));
    const std::string_view actor = r.text(Field::actor);
    return words(actor.substr(0, actor.find(" (pid ")));
}

void add_sale(Sums& sums, const Record& r, bool voids) {
    const auto kind = order_kind(r).value_or(OrderKind::recharge);
    const auto amount = static_cast<std::int64_t>(r.number(Field::amount));
    if (voids) sums.take_back(model::gives_back(kind), amount);
    else sums.sell(model::gives_back(kind), amount);
}

}  // namespace

std::string Cell::text(const UtilityTime& time, const Period& day) const {
    if (const auto* t = std::get_if<std::string>(&value)) return *t;
    if (const auto* n = std::get_if<std::uint64_t>(&value)) return cli::grouped(*n);
    if (const auto* f = std::get_if<Fen>(&value)) return cli::grouped_yuan(f->value());
    const base::Millis when = std::get<Time>(value).at;
    const std::string all = time.text(when);
    return day.holds(when) ? all.substr(11) : all.substr(0, 16);
}

void DayFigures::line(std::vector<Row>& rows, const Record& r, std::initializer_list<Cell> cells) {
    Row row{at(r.time()), number(r.index())};
    row.insert(row.end(), cells.begin(), cells.end());
    rows.push_back(std::move(row));
}

void DayFigures::in_words(std::vector<Row>& rows, const Record& r) { line(rows, r, {words(to_text(r))}); }

void DayFigures::record(const Record& r) {
    out_.newest = r.time();
    if (r.type() == EventType::genesis) {
        out_.origin = r.text(Field::origin);
        out_.utility = r.text(Field::utility);
    }
    sold(r);
    if (r.time() >= day_.until) return;
    follow(r);
    if (!day_.holds(r.time())) return;
    ++out_.events;
    note(r);
}

/// By the order's own time; a void goes to the day of its order, whenever it came.
void DayFigures::sold(const Record& r) {
    if (r.type() != EventType::order && r.type() != EventType::order_voided) return;
    const bool voids = r.type() == EventType::order_voided;
    const Field when = voids ? Field::made_at : Field::happened_at;
    if (day_.holds(r.has(when) ? static_cast<base::Millis>(r.number(when)) : r.time())) add_sale(sales_[std::string(r.text(Field::station))].sums, r, voids);
}

/// What lasts: requests that wait, stations that are held.
void DayFigures::follow(const Record& r) {
    const std::uint64_t wanted = r.number(Field::request_number);
    switch (r.type()) {
        case EventType::request_made: {
            Request q{r.time(), static_cast<base::Millis>(r.number(Field::not_after)), 0, std::string(r.text(Field::detail)), std::string(r.text(Field::actor)), 0, 0};
            if (const auto asked = model::ApprovalRequest::decode(r.bytes(Field::statement))) {
                q.until = asked->expires;
                q.generation = asked->generation;
                q.by = asked->by;
                q.what = std::string(model::phrase(asked->deed)) + (q.what.empty() ? "" : ": " + q.what);
            }
            requests_[wanted] = std::move(q);
            return;
        }
        case EventType::request_voted:
            if (const auto q = requests_.find(wanted); q != requests_.end()) ++(r.number(Field::agrees) != 0 ? q->second.agree : q->second.against);
            return;
        case EventType::request_closed: requests_.erase(wanted); return;
        case EventType::quorum_set:
            // Other officers: what the former ones were asked is void.
            if (const auto quorum = model::Quorum::decode(r.bytes(Field::quorum))) std::erase_if(requests_, [&](const auto& q) { return q.second.generation < quorum->generation; });
            return;
        case EventType::station_held: held_.emplace(r.text(Field::station), r.time()); return;
        case EventType::station_released: held_.erase(std::string(r.text(Field::station))); return;
        default: return;
    }
}

void DayFigures::refused(const Record& r, std::uint64_t times) {
    const auto either = [&](Field first, Field second) { return std::get<std::string>((r.has(first) ? field(r, first) : field(r, second)).value); };
    const std::string what = r.type() == EventType::session_refused ? "login" : either(Field::operation, Field::request);
    denials_[{std::get<std::string>(field(r, Field::station).value), what, either(Field::rule, Field::code)}] += times;
    denied_ += times;
}

void DayFigures::state_changed(const Record& r) {
    const auto action = static_cast<model::UkeyAction>(r.number(Field::action));
    if (action == model::UkeyAction::initialise || action == model::UkeyAction::issue) return;  // told as what it is
    if (action == model::UkeyAction::renew)
        return line(issued_, r, {words("renewed"), field(r, Field::ukey), field(r, Field::ukey_kind), words(""), field(r, Field::station), field(r, Field::not_after), doer(r)});
    line(changes_, r, {field(r, Field::ukey), field(r, Field::action), field(r, Field::state_to), field(r, Field::reason), doer(r)});
}

void DayFigures::note(const Record& r) {
    const auto pin_of = [&]() -> Pins& {
        Pins& p = pins_[r.has(Field::account) ? "account " + std::string(r.text(Field::account)) : r.has(Field::ukey) ? std::string(r.text(Field::ukey)) : "not known"];
        p.last = r.time();
        return p;
    };
    switch (r.type()) {
        case EventType::ukey_issued:
            return line(issued_, r, {words("issued"), field(r, Field::ukey), field(r, Field::ukey_kind), field(r, Field::holder), field(r, Field::station), field(r, Field::not_after), doer(r)});
        case EventType::master_added: return line(issued_, r, {words("added"), field(r, Field::ukey), words("master-control"), words(""), words(""), words(""), doer(r)});
        case EventType::platform_replaced: return line(issued_, r, {words("replaced"), field(r, Field::ukey), words("platform"), words(""), words(""), words(""), doer(r)});
        case EventType::account_set:
            return line(issued_, r, {words("account"), field(r, Field::account), words("account"), field(r, Field::holder), field(r, Field::station), field(r, Field::not_after), doer(r)});
        case EventType::ukey_state_changed: return state_changed(r);
        case EventType::account_state_changed: return line(changes_, r, {words("account " + std::string(r.text(Field::account))), field(r, Field::account_change), words(""), field(r, Field::reason), doer(r)});
        case EventType::grant_set: return line(changes_, r, {field(r, Field::ukey), words("grant " + std::to_string(r.number(Field::grant_number))), words(""), field(r, Field::reason), doer(r)});
        case EventType::order_voided:
            return line(voids_, r, {field(r, Field::station), field(r, Field::meter), yuan(static_cast<std::int64_t>(r.number(Field::amount))), at(static_cast<base::Millis>(r.number(Field::made_at))), field(r, Field::order_id)});
        case EventType::pin_failed: ++pin_of().wrong; return;
        case EventType::pin_locked: ++pin_of().locks; return;
        case EventType::order_refused:
            ++refused_orders_;
            ++sales_[std::get<std::string>(field(r, Field::station).value)].refused;
            return refused(r, 1);
        case EventType::denied:
        case EventType::session_refused: return refused(r, 1);
        case EventType::denials_coalesced: return refused(r, r.number(Field::denials));
        case EventType::station_held:
        case EventType::station_released: return in_words(held_lines_, r);
        case EventType::clock_jump:
        case EventType::copy_suspected:
        case EventType::host_failed:
        case EventType::checkpoint_held_up:
        case EventType::standby_stopped:
        case EventType::restored: return in_words(alarms_, r);
        case EventType::recovery:
        case EventType::intent_concluded:
            if (r.has(Field::outcome) && static_cast<Outcome>(r.number(Field::outcome)) != Outcome::done) in_words(alarms_, r);
            return;
        case EventType::log_verified: return in_words(r.number(Field::findings) != 0 ? alarms_ : service_, r);
        case EventType::status_checked:
        case EventType::card_reported:
            if (r.has(Field::contradiction)) in_words(alarms_, r);
            return;
        case EventType::service_started:
        case EventType::service_stopped:
        case EventType::unsealed:
        case EventType::sealed:
        case EventType::configuration:
        case EventType::keys_rotated:
        case EventType::keys_destroyed:
        case EventType::quorum_set:
        case EventType::ukey_attended:
        case EventType::pin_changed:
        case EventType::download_allowed:
        case EventType::backup_made:
        case EventType::retention_set:
        case EventType::archived: return in_words(service_, r);
        default: return;
    }
}

Section DayFigures::sales() const {
    Section out{"sales", "Sales by station, in yuan", {{"station", "Station", 4}, {"orders", "Orders", 2, true}, {"sold", "Sold", 3, true}, {"voids", "Voids", 2, true}, {"voided", "Voided", 3, true},
                                              {"refunded", "Refunded", 3, true}, {"net", "Net", 3, true}, {"refused", "Refused", 2, true}}, {}, false};
    Sales all;
    for (const auto& [station, s] : sales_) {
        out.rows.push_back({words(station), number(s.sums.orders), yuan(s.sums.gross), number(s.sums.voids), yuan(s.sums.voided), yuan(s.sums.refunded), yuan(s.sums.net()), number(s.refused)});
        all.sums += s.sums;
        all.refused += s.refused;
    }
    out.has_sum = sales_.size() > 1;
    if (out.has_sum) out.rows.push_back({words("all stations"), number(all.sums.orders), yuan(all.sums.gross), number(all.sums.voids), yuan(all.sums.voided), yuan(all.sums.refunded), yuan(all.sums.net()), number(all.refused)});
    return out;
}

Section DayFigures::pins() const {
    Section out{"pin_failures", "Wrong PINs and passwords", {{"whose", "UKEY or account", 6}, {"wrong", "Wrong", 2, true}, {"locked", "Locked", 2, true}, {"last", "Last", 3}}, {}, false};
    for (const auto& [whose, p] : pins_) out.rows.push_back({words(whose), number(p.wrong), number(p.locks), at(p.last)});
    return out;
}

Section DayFigures::denials() const {
    Section out{"denials", "Refusals", {{"station", "Station", 3}, {"what", "What was asked", 5}, {"rule", "Rule that said no", 4}, {"times", "Times", 2, true}}, {}, false};
    for (const auto& [key, times] : denials_) out.rows.push_back({words(key[0]), words(key[1]), words(key[2]), number(times)});
    return out;
}

Section DayFigures::requests() const {
    Section out{"open_requests", "Requests that wait for officers", {{"number", "No.", 1, true}, {"made", "Made", 3}, {"what", "To do what", 8}, {"by", "Asked by", 3}, {"agree", "Agree", 1, true}, {"until", "Good until", 3}}, {}, false};
    const base::Millis end = std::min(day_.until, out_.newest);
    for (const auto& [n, q] : requests_)
        if (q.against == 0 && q.until > end) out.rows.push_back({number(n), at(q.made), words(q.what), words(q.by), number(q.agree), at(q.until)});
    return out;
}

Section DayFigures::holds() const {
    Section out{"holds", "Stations held, or released", {{"time", "Time", 2}, {"record", "Record", 2, true}, {"what", "What", 14}}, held_lines_, false};
    for (const auto& [station, since] : held_)
        if (!day_.holds(since)) out.rows.push_back({at(since), words(""), words("station " + station + " is still held")});
    return out;
}

DayReport DayFigures::finish() {
    out_.date = time_.day(day_.from);
    out_.day = day_;
    out_.time = time_;
    const auto lines = [](const char* key, const char* title, std::vector<Row> rows) {
        return Section{key, title, {{"time", "Time", 2}, {"record", "Record", 2, true}, {"what", "What", 14}}, std::move(rows), false};
    };
    const std::size_t issued = issued_.size(), changed = changes_.size(), alarms = alarms_.size();
    out_.sections.push_back(sales());
    out_.sections.push_back({"alarms", "Alarms", lines("", "", {}).columns, std::move(alarms_), false});
    out_.sections.push_back({"issued", "UKEYs and accounts issued or renewed", {{"time", "Time", 6}, {"record", "Record", 5, true}, {"what", "What", 6}, {"ukey", "UKEY", 12}, {"kind", "Kind", 9}, {"holder", "Holder", 9}, {"station", "Station", 7}, {"until", "Valid until", 8}, {"by", "By", 10}}, std::move(issued_), false});
    for (Row& row : out_.sections.back().rows)
        if (auto* until = std::get_if<std::string>(&row[7].value)) *until = until->substr(0, 10);  // the day is enough
    out_.sections.push_back({"changes", "Revocations, suspensions, blocks and grants", {{"time", "Time", 3}, {"record", "Record", 2, true}, {"ukey", "UKEY or account", 5}, {"action", "Action", 4}, {"state", "Now", 3}, {"reason", "Reason", 7}, {"by", "By", 4}}, std::move(changes_), false});
    out_.sections.push_back(pins());
    out_.sections.push_back(denials());
    out_.sections.push_back({"voids", "Orders voided", {{"time", "Time", 2}, {"record", "Record", 2, true}, {"station", "Station", 3}, {"meter", "Meter", 4}, {"amount", "Yuan", 3, true}, {"signed", "Signed", 4}, {"order", "Order", 9}}, std::move(voids_), false});
    out_.sections.push_back(requests());
    out_.sections.push_back(holds());
    out_.sections.push_back(lines("service", "Service, configuration and keys", std::move(service_)));

    Sums all;
    for (const auto& [station, s] : sales_) all += s.sums;
    std::uint64_t wrong = 0, locks = 0;
    for (const auto& [whose, p] : pins_) wrong += p.wrong, locks += p.locks;
    const std::uint64_t waiting = out_.sections[7].rows.size();
    out_.figures = {{"orders", "Orders signed", number(all.orders), false}, {"net", "Net sales, yuan", yuan(all.net()), false}, {"refunded", "Refunded, yuan", yuan(all.refunded), false},
                    {"voids", "Voids", number(all.voids), false}, {"refused_orders", "Orders refused", number(refused_orders_), false}, {"refusals", "Refusals in all", number(denied_), false},
                    {"wrong_pins", "Wrong PINs", number(wrong), wrong != 0}, {"locked", "PINs locked", number(locks), locks != 0}, {"issued", "Issued, renewed", number(issued), false},
                    {"changed", "Revoked, changed", number(changed), false}, {"requests", "Requests waiting", number(waiting), false}, {"held", "Stations held now", number(held_.size()), !held_.empty()},
                    {"alarms", "Alarms", number(alarms), alarms != 0}, {"events", "Events recorded", number(out_.events), false}};
    return std::move(out_);
}

}  // namespace audit

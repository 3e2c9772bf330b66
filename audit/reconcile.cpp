#include "audit/reconcile.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "audit/words.h"

namespace audit {
namespace {

using model::Fen;
using model::OrderKind;
using What = Difference::Kind;

void add_to(Sums& sums, OrderKind kind, Fen amount, bool voided) {
    sums.sell(model::gives_back(kind), amount.value());
    if (voided) sums.take_back(model::gives_back(kind), amount.value());
}

std::string meter_words(std::uint64_t meter) { return "meter " + meter_text(meter); }

}  // namespace

std::string_view name(Difference::Kind kind) noexcept {
    switch (kind) {
        case What::missing: return "missing";
        case What::extra: return "extra";
        case What::amount: return "amount";
        case What::meter: return "meter";
        case What::station: return "station";
        case What::kind: return "kind";
        case What::ukey: return "ukey";
        case What::duplicate: return "duplicate";
        case What::voided_in_log: return "voided_in_log";
        case What::voided_in_ledger: return "voided_in_ledger";
        case What::other_period: return "other_period";
        case What::signed_twice: return "signed_twice";
    }
    return "?";
}

std::size_t Reconciliation::Hash::operator()(const base::Uuid& id) const noexcept {
    std::size_t out = 0;
    std::memcpy(&out, id.raw().data() + 8, sizeof out);  // the random part
    return out;
}

Reconciliation::Reconciliation(const Ledger& ledger, const std::vector<MeterReading>& readings, const UtilityTime& time, ReconcileOptions options)
    : ledger_(ledger), time_(time), options_(std::move(options)), states_(ledger.rows.size()), write_backs_(readings, time, options_.whole_log) {
    places_.reserve(ledger.rows.size());
    for (std::uint32_t i = 0; i < ledger.rows.size(); ++i) places_.push_back({ledger.rows[i].id, i});
    std::ranges::sort(places_, [](const Place& a, const Place& b) { return std::tie(a.id, a.row) < std::tie(b.id, b.row); });
    for (const Place& p : places_)
        if (const auto first = row_of(p.id, ledger.rows[p.row].station); first && *first != p.row) states_[p.row].first = first;
}

Reconciliation::~Reconciliation() = default;

std::uint32_t Reconciliation::intern(std::string_view name) {
    const auto [at, fresh] = numbers_.emplace(name, static_cast<std::uint32_t>(names_.size()));
    if (fresh) names_.push_back(&at->first);  // a node of the map stays where it is
    return at->second;
}

/// The first row of this order: an order is its station's, two stations may have used one id.
std::optional<std::uint32_t> Reconciliation::row_of(const base::Uuid& id, std::string_view station) const {
    for (auto at = std::ranges::lower_bound(places_, id, {}, &Place::id); at != places_.end() && at->id == id; ++at)
        if (ledger_.rows[at->row].station == station) return at->row;
    return std::nullopt;
}

/// The row of another station that has this id, and the order of that id.
const LedgerRow* Reconciliation::of_another_station(const LedgerRow& row) const {
    for (auto at = std::ranges::lower_bound(places_, row.id, {}, &Place::id); at != places_.end() && at->id == row.id; ++at)
        if (ledger_.rows[at->row].station != row.station && states_[at->row].order) return &ledger_.rows[at->row];
    return nullptr;
}

bool Reconciliation::in_ledger(const base::Uuid& id) const {
    const auto at = std::ranges::lower_bound(places_, id, {}, &Place::id);
    return at != places_.end() && at->id == id;
}

base::Uuid Reconciliation::id_of(const Record& r) {
    base::Uuid::Raw raw{};
    const base::ByteView bytes = r.bytes(Field::order_id);
    std::copy_n(bytes.begin(), std::min(bytes.size(), raw.size()), raw.begin());
    return base::Uuid(raw);
}

/// Of an order, or of what says of a void which order it was.
Reconciliation::Signed Reconciliation::order_of(const Record& r) {
    Signed out;
    out.index = r.type() == EventType::order_voided ? r.number(Field::order_index) : r.index();
    // When it was permitted: caps count at it, and so does whoever adds up a day.
    const Field when = r.type() == EventType::order_voided ? Field::made_at : Field::happened_at;
    out.time = r.has(when) ? static_cast<base::Millis>(r.number(when)) : r.time();
    out.id = id_of(r);
    out.station = intern(r.text(Field::station));
    out.ukey = intern(r.has(Field::charged) ? r.text(Field::charged) : r.text(Field::ukey));
    out.meter = r.number(Field::meter);
    out.amount = Fen(static_cast<std::int64_t>(r.number(Field::amount)));
    out.kind = order_kind(r).value_or(OrderKind::recharge);
    return out;
}

void Reconciliation::record(const Record& r) {
    if (!oldest_ && r.type() != EventType::genesis) oldest_ = r.time();  // every export has the genesis
    newest_ = std::max(newest_, r.time());
    switch (r.type()) {
        case EventType::order: return ordered(r);
        case EventType::order_voided: return voided(r);
        case EventType::order_repeated: return repeated(r);
        case EventType::status_checked:
        case EventType::card_reported: return write_backs_.shown(r, options_.period.holds(r.time()) && (!r.has(Field::station) || wanted(r.text(Field::station))));
        case EventType::restored:
            out_.restored.push_back(r.time());
            return write_backs_.restored();
        default: return;
    }
}

void Reconciliation::ordered(const Record& r) {
    const Signed order = order_of(r);
    const std::string_view station = r.text(Field::station);
    const bool judged = options_.period.holds(order.time) && wanted(station);
    write_backs_.ordered(r, order.id, order.kind, order.time, judged);
    const auto number = static_cast<std::uint32_t>(signed_.size());
    if (const auto row = row_of(order.id, station)) {
        if (states_[*row].order) return add(about(What::signed_twice, &ledger_.rows[*row], &order, "was signed a second time, in record " + std::to_string(order.index) + ": the log breaks its own rules; verify it"));
        states_[*row].order = number;
    } else if (in_ledger(order.id)) {
        strays_.push_back(number);
    } else if (judged) {
        extras_.emplace(order.id, number);
    } else {
        return;
    }
    signed_.push_back(order);
}

Reconciliation::Signed* Reconciliation::find(const base::Uuid& id, std::string_view station) {
    if (const auto row = row_of(id, station); row && states_[*row].order) return &signed_[*states_[*row].order];
    const auto [begin, end] = extras_.equal_range(id);
    for (auto at = begin; at != end; ++at)
        if (text(signed_[at->second].station) == station) return &signed_[at->second];
    for (const std::uint32_t s : strays_)
        if (signed_[s].id == id && text(signed_[s].station) == station) return &signed_[s];
    return nullptr;
}

void Reconciliation::voided(const Record& r) {
    const base::Uuid id = id_of(r);
    write_backs_.voided(r, id, order_kind(r).value_or(OrderKind::recharge));
    const std::string_view station = r.text(Field::station);
    if (Signed* order = find(id, station)) {
        order->voided = true;
        return;
    }
    // In an export that begins after the order, the void still says all of it.
    const auto row = row_of(id, station);
    if (!row) return;
    Signed order = order_of(r);
    order.voided = true;
    states_[*row].order = static_cast<std::uint32_t>(signed_.size());
    signed_.push_back(order);
}

void Reconciliation::repeated(const Record& r) {
    if (options_.whole_log) return;
    if (const auto row = row_of(id_of(r), r.text(Field::station)); row && !states_[*row].order) states_[*row].repeated = r.index();
}

Difference Reconciliation::about(Difference::Kind what, const LedgerRow* row, const Signed* order, std::string message) const {
    Difference out{what, row != nullptr ? row->id : order->id, row != nullptr ? row->station : text(order->station), row != nullptr ? row->meter : order->meter, row != nullptr ? ledger_.place(*row) : "", {}, {}, {}, {}, {}};
    if (row != nullptr) out.ledger_amount = row->amount;
    if (order != nullptr) {
        out.index = order->index;
        out.signed_at = order->time;
        out.log_amount = order->amount;
    }
    out.message = (out.place.empty() ? "record " + std::to_string(*out.index) : out.place) + ": order " + out.order->text() + " of station " + out.station + ", " + meter_words(out.meter) + ", " +
                  (row != nullptr ? row->amount : order->amount).yuan() + " yuan, " + std::move(message);
    return out;
}

void Reconciliation::count_ledger(const LedgerRow& row, const Signed* order) {
    const OrderKind kind = row.kind.value_or(order != nullptr ? order->kind : OrderKind::recharge);
    const std::string day = row.time ? time_.day(*row.time) : order != nullptr ? time_.day(order->time) : "";
    const std::string& ukey = row.ukey.empty() && order != nullptr ? text(order->ukey) : row.ukey;
    ++out_.ledger_rows;
    for (BothSides* sums : {&out_.all, &out_.stations[row.station], &out_.days[day], &out_.ukeys[ukey]}) add_to(sums->ledger, kind, row.amount, row.voided);
}

void Reconciliation::count_log(const Signed& order) {
    for (BothSides* sums : {&out_.all, &out_.stations[text(order.station)], &out_.days[time_.day(order.time)], &out_.ukeys[text(order.ukey)]}) add_to(sums->log, order.kind, order.amount, order.voided);
}

/// What bears the id of a row of another station: where that row has no order of its own, it is this one.
void Reconciliation::settle_strays() {
    for (const std::uint32_t s : strays_) {
        const Signed& order = signed_[s];
        bool taken = false;
        for (auto at = std::ranges::lower_bound(places_, order.id, {}, &Place::id); !taken && at != places_.end() && at->id == order.id; ++at) {
            RowState& state = states_[at->row];
            if (state.order || state.first) continue;
            state.order = s;
            taken = true;
        }
        if (!taken && options_.period.holds(order.time) && wanted(text(order.station))) extras_.emplace(order.id, s);
    }
}

void Reconciliation::judge(std::uint32_t number) {
    const LedgerRow& row = ledger_.rows[number];
    const RowState& state = states_[number];
    const RowState& first = state.first ? states_[*state.first] : state;
    const Signed* order = first.order ? &signed_[*first.order] : nullptr;
    const bool signed_here = order != nullptr && options_.period.holds(order->time);
    // A row belongs to this period by either clock; a row without a time, that was signed in none, belongs to every period.
    const bool booked_here = row.time ? options_.period.holds(*row.time) : true;
    const bool ours = wanted(row.station) || (order != nullptr && wanted(text(order->station)));
    if (!ours || (!signed_here && !booked_here)) {
        ++out_.ledger_beyond;
        return;
    }
    count_ledger(row, order);
    if (state.first) return add(about(What::duplicate, &row, order, "stands in " + ledger_.place(ledger_.rows[*state.first]) + " already: strike it out"));
    if (order == nullptr) {
        if (const LedgerRow* other = of_another_station(row)) {
            const Signed& theirs = signed_[*states_[static_cast<std::size_t>(other - ledger_.rows.data())].order];
            return add(about(What::duplicate, &row, &theirs, "was signed for station " + other->station + " (record " + std::to_string(theirs.index) + ") and stands in " + ledger_.place(*other) + " as that station's: strike it out, or ask both stations"));
        }
        const bool before_it = !row.time || (oldest_ && *row.time < *oldest_);
        if (state.repeated || (!options_.whole_log && before_it))
            return add(about(What::other_period, &row, nullptr, "is not in this export, which does not hold the whole log" + (state.repeated ? "; it was answered again in record " + std::to_string(*state.repeated) : std::string()) + ": hold it against an export that goes further back"));
        return add(about(What::missing, &row, nullptr, "was never signed: nobody's meter can have been credited with it; ask the station what it was paid for"));
    }
    if (!signed_here) return add(about(What::other_period, &row, order, "was signed at " + when(order->time) + ", in another period: book it there, and reconcile that one too"));
    ++out_.matched;
    if (row.time && time_.day(*row.time) != time_.day(order->time)) ++out_.other_day;
    count_log(*order);
    judge_pair(row, *order);
}

void Reconciliation::judge_pair(const LedgerRow& row, const Signed& order) {
    const std::string record = " (record " + std::to_string(order.index) + ")";
    if (row.station != text(order.station)) add(about(What::station, &row, &order, "was signed for station " + text(order.station) + record + ": correct the ledger, or ask both stations"));
    if (row.amount != order.amount) add(about(What::amount, &row, &order, "was signed over " + order.amount.yuan() + " yuan" + record + ": the meter credits what was signed; correct the ledger and find where the money went"));
    if (row.meter != order.meter) add(about(What::meter, &row, &order, "was signed for " + meter_words(order.meter) + record + ": that meter was credited; correct the ledger, or see whose account paid"));
    if (row.kind && *row.kind != order.kind) add(about(What::kind, &row, &order, "was signed as " + std::string(model::name(order.kind)) + record + ", the ledger calls it " + std::string(model::name(*row.kind)) + ": correct the ledger"));
    if (!row.ukey.empty() && row.ukey != text(order.ukey)) add(about(What::ukey, &row, &order, "was signed by UKEY " + text(order.ukey) + record + ", the ledger names " + row.ukey + ": correct the ledger, or ask who worked there"));
    if (order.voided && !row.voided) add(about(What::voided_in_log, &row, &order, "was voided" + record + ", and the ledger has it as sold: book the void, and see that the customer got the money back"));
    if (!order.voided && row.voided) add(about(What::voided_in_ledger, &row, &order, "is voided in the ledger only" + record + ": the meter may still credit it; void it with kmp-vend orders void, or book it as sold"));
}

void Reconciliation::judge_extra(const Signed& order) {
    const bool no_money = order.amount == Fen(0) && (order.kind == OrderKind::initialise_wallet || order.kind == OrderKind::replace_card);
    if (no_money) {
        ++out_.without_money;
        return;
    }
    count_log(order);
    if (order.voided) return;  // sold nothing: a ledger may leave it out
    add(about(What::extra, nullptr, &order, std::string(model::name(order.kind)) + " signed at " + when(order.time) + " by UKEY " + text(order.ukey) + ", is not in the ledger: ask the station where the money is, and book it"));
}

Reconciled Reconciliation::finish() {
    settle_strays();
    for (std::uint32_t i = 0; i < ledger_.rows.size(); ++i) judge(i);
    std::vector<std::uint32_t> extras;
    for (const auto& [id, number] : extras_) extras.push_back(number);
    std::ranges::sort(extras, {}, [this](std::uint32_t n) { return signed_[n].index; });
    for (const std::uint32_t n : extras) judge_extra(signed_[n]);
    for (const auto& [station, sums] : out_.stations)
        if (sums.ledger.orders == 0) out_.only_in_log.insert(station);
    out_.write_backs = write_backs_.finish(newest_);
    return std::move(out_);
}

}  // namespace audit

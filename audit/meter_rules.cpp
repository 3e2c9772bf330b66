// What is sold and to which meters: orders and their counts, accounts of meters, cards, keys, stations that are held.
#include <algorithm>
#include <cstring>
#include <functional>

#include "audit/replay.h"

namespace audit {
namespace {

using model::Operation;

constexpr base::Millis kLongestAllowed = 7 * base::kDay;  // of a second download under the factory keys

/// What a repetition must share with its order: content and count.
std::uint64_t content_of(const Record& r) {
    const base::ByteView hash = r.bytes(Field::content_hash);
    std::uint64_t out = r.number(Field::count) * 0x9E3779B97F4A7C15u;
    std::uint64_t head = 0;
    std::memcpy(&head, hash.data(), std::min(hash.size(), sizeof head));
    return out ^ head;
}

}  // namespace

void Replay::order(const Record& r) {
    const std::string_view serial = r.text(Field::ukey);
    const auto operation = static_cast<Operation>(r.number(Field::operation));
    orders_.made(r.text(Field::station), r.bytes(Field::order_id), r.index(), content_of(r));
    used(r);
    const std::optional<model::OrderKind> says = order_kind(r);
    if (!says) return find(r, "grant", "an order cannot be to " + std::string(model::name(operation)));
    const model::OrderKind kind = *says;
    if (model::operation_of(kind) != operation) find(r, "grant", "an order to " + std::string(model::name(kind)) + " under the operation " + std::string(model::name(operation)));
    const bool by_card = static_cast<Channel>(r.number(Field::channel)) == Channel::card;
    check_meter(r, kind);
    if (by_card || kind == model::OrderKind::replace_card) check_card(r, kind);

    Ukey& u = ukey(serial);
    if (!u.grant) return find(r, "grant", quoted(serial) + " never had a grant");
    if (r.number(Field::grant_number) != u.grant_number)
        find(r, "grant", "made under grant " + std::to_string(r.number(Field::grant_number)) + ", in force was " + std::to_string(u.grant_number));
    if (!u.grant->station.empty() && u.grant->station != r.text(Field::station))
        find(r, "grant", quoted(serial) + " belongs to station " + u.grant->station + ", not " + std::string(r.text(Field::station)));
    if (kind == model::OrderKind::initialise_wallet && u.grant->kind != model::UkeyKind::key) find(r, "grant", quoted(serial) + " is no key UKEY and initialised a wallet");
    // What was permitted before may have been recorded after.
    if (const auto held = held_.empty() ? held_.end() : held_.find(r.text(Field::station)); model::is_sale(kind) && held != held_.end() && acted_at(r) > held->second)
        find(r, "velocity", "station " + held->first + " sold while it was held");
    charge(r, u, by_card);
}

void Replay::charge(const Record& r, Ukey& u, bool by_card) {
    const base::Millis at = acted_at(r);
    // Whoever writes a log that is not kmpd's could put an order on a day whose caps are free, or before a grant, an account or a station came to an end.
    // A clock that was set back in between lets a permit seem younger than its record.
    if (at > r.time() + base::kDay || at < r.time() - kLongestRecording)
        find(r, "time", "an order that was permitted at " + base::to_rfc3339(at) + (at > r.time() ? ", more than a day after" : ", more than 7 days before") + " it was recorded");
    const auto forget = [](auto& sums, std::int64_t before) { sums.erase(sums.begin(), sums.lower_bound(before)); };
    forget(u.by_day, model::day_of(r.time() - kLongestRecording, day_offset_));
    forget(u.by_month, model::month_of(r.time() - kLongestRecording, day_offset_));
    model::Fen& today = u.by_day[model::day_of(at, day_offset_)];
    model::Fen& this_month = u.by_month[model::month_of(at, day_offset_)];
    model::Ask ask;
    ask.operation = static_cast<Operation>(r.number(Field::operation));
    if (by_card) ask.also = model::bit(Operation::card);
    ask.amount = model::Fen(static_cast<std::int64_t>(r.number(Field::amount)));
    ask.orders = 1;
    if (const auto meter = model::MeterNumber::from_number(r.number(Field::meter))) ask.meter = *meter;
    // Orders a minute are not replayed: a minute has no border that the record fixes.
    if (const auto allowed = model::permit(*u.grant, ask, {today, this_month}, at, day_offset_); !allowed) find(r, "grant", allowed.error().message);
    if (const auto sum = today.plus(ask.amount)) today = *sum;
    if (const auto sum = this_month.plus(ask.amount)) this_month = *sum;
}

void Replay::order_repeated(const Record& r) {
    orders_.repeated(r.text(Field::station), r.bytes(Field::order_id), r.index(), content_of(r));
    if (!r.has(Field::meter)) return;
    bool known = false;
    MeterLine& line = counts_.at(r.number(Field::meter), known);
    line.wallet_gone = false;
    line.shown = MeterLine::kNothing;
    if (r.number(Field::count) == line.count) ++line.answers;
    // An order from before its wallet began anew: its count would be credited a second time.
    if (r.number(Field::count) > line.count) find(r, "count", "an order of " + meter_of(r) + " was answered again with the count " + std::to_string(r.number(Field::count)) + ", which was not given out since its wallet began");
}

void Replay::shown(const Record& r) {
    used(r);
    if (r.number(Field::genuine) == 0) return;
    bool known = false;
    MeterLine& line = counts_.at(r.number(Field::meter), known);
    if (r.type() == EventType::status_checked) {
        if (!r.has(Field::count)) return;
        const std::uint64_t count = r.number(Field::count);
        if (count > line.highest) {
            // A meter that this log has sold nothing to may have been somebody else's before.
            if (!restored_ && (line.account != MeterLine::Account::unknown || line.counted))
                find(r, "count", meter_of(r) + " shows the purchase count " + std::to_string(count) + ", and none above " + std::to_string(line.highest) + " was given out: it has credited what this log does not hold, or what was voided");
        }
        if (!line.by_card || line.wallet_gone) line.shown = count;
        return;
    }
    constexpr std::uint64_t kWallet = 2;
    constexpr std::uint64_t kWriteBack = 5;
    if (!line.by_card) return;
    if (r.number(Field::file) == kWallet && r.bytes(Field::data).size() == 8) {
        base::ByteReader data(r.bytes(Field::data));
        (void)data.u32();
        line.wallet_gone = data.u32().value() != line.count;
        line.shown = MeterLine::kNothing;
    } else if (r.number(Field::file) == kWriteBack && line.wallet_gone && r.number(Field::count) < line.count) {
        line.shown = r.number(Field::count);  // 0 where it is empty
    }
}

void Replay::order_voided(const Record& r) {
    used(r);
    const std::optional<model::OrderKind> says = order_kind(r);
    if (!says) return find(r, "void", "what was voided is no order: " + value_in_words(Field::operation, r.bytes(Field::operation)));
    const model::OrderKind kind = *says;
    const std::string meter = meter_of(r);
    bool known = false;
    MeterLine& line = counts_.at(r.number(Field::meter), known);
    if (kind == model::OrderKind::initialise_wallet || kind == model::OrderKind::replace_card) find(r, "void", "an order to " + std::string(model::name(kind)) + " was voided");
    if (line.count == 0 || line.count != r.number(Field::count))
        return find(r, "void", "an order of " + meter + " with purchase count " + std::to_string(r.number(Field::count)) + " was voided, and its newest has " + std::to_string(line.count));
    if (line.shown >= line.count) find(r, "void", "an order of " + meter + " was voided, and nothing had shown that it was not credited");
    if (!line.by_card && line.answers > kMostAnswersVoided)
        find(r, "void", "an order of " + meter + " was voided after " + std::to_string(line.answers) + " answers, and at most " + std::to_string(kMostAnswersVoided) + " allow it");
    // What was read of a card was about this order, and says nothing of the one before.
    if (line.by_card) line.shown = MeterLine::kNothing;
    const bool back = model::gives_back(kind);
    const auto amount = static_cast<std::int64_t>(r.number(Field::amount));
    const std::string_view charged = r.has(Field::charged) ? r.text(Field::charged) : r.text(Field::ukey);
    const auto made = static_cast<base::Millis>(r.number(Field::made_at));
    const bool same = line.newest == r.number(Field::order_index) && line.amount == amount && line.kind == kind && (line.made == 0 || line.made == made) && line.charged == std::hash<std::string_view>()(charged);
    if (line.newest != 0 && !same)
        find(r, "void", "what was voided is not the newest order of " + meter + " as record " + std::to_string(line.newest) + " has it");
    if (line.highest == line.count) --line.highest;
    --line.count;
    line.newest = 0;
    line.sold += back ? amount : -amount;
    line.by_card = line.wallet_gone = false;
    if (kind == model::OrderKind::open_account) line.account = MeterLine::Account::closed;
    if (kind == model::OrderKind::clear) line.account = MeterLine::Account::open;
    // Its caps come back, where their day and month are not over.
    const auto less = [amount](auto& sums, std::int64_t key) {
        if (const auto at = sums.find(key); at != sums.end()) at->second = model::Fen(at->second.value() - amount);
    };
    Ukey& u = ukey(charged);
    less(u.by_day, model::day_of(made, day_offset_));
    less(u.by_month, model::month_of(made, day_offset_));
}

void Replay::check_meter(const Record& r, model::OrderKind kind) {
    const std::uint64_t count = r.number(Field::count);
    bool known = false;
    MeterLine& line = counts_.at(r.number(Field::meter), known);
    const std::uint64_t before = line.count;
    line.count = count;
    line.highest = std::max(line.highest, count);
    line.answers = 1;
    line.by_card = r.has(Field::card);
    line.wallet_gone = false;
    line.shown = MeterLine::kNothing;
    const auto wrong = [&](const std::string& expected) {
        find(r, "count", "the purchase count of " + meter_of(r) + " is " + std::to_string(count) + ", expected " + expected);
    };
    if (kind == model::OrderKind::initialise_wallet) {
        if (count != 0) wrong("0: a new wallet");
        return wallet_initialised(r, line);
    }
    if (kind == model::OrderKind::replace_card) {
        if (count != before) wrong(std::to_string(before) + ": a replaced card takes none");
    } else if (before == 0 && line.account == MeterLine::Account::unknown && !line.counted) {
        if (count > 1) wrong("0 or 1: its first order");
    } else if (count != before + 1) {
        wrong(std::to_string(before + 1));
    }
    if (kind != model::OrderKind::replace_card) {
        line.newest = r.index();
        line.amount = static_cast<std::int64_t>(r.number(Field::amount));
        line.kind = kind;
        line.made = static_cast<base::Millis>(r.number(Field::happened_at));
        line.charged = std::hash<std::string_view>()(r.text(Field::ukey));
    }
    check_account(r, kind, line);
    check_version(r, line);
    line.held = std::max(line.held, static_cast<std::uint8_t>(r.number(Field::key_version)));
}

void Replay::check_account(const Record& r, model::OrderKind kind, MeterLine& line) {
    using State = MeterLine::Account;
    using model::OrderKind;
    const auto amount = static_cast<std::int64_t>(r.number(Field::amount));
    if (kind == OrderKind::open_account) {
        if (line.account == State::open) find(r, "account", meter_of(r) + " has an account, and another was opened");
        // What it was sold is counted from its first order on.
        if (line.account == State::unknown) line.counted = true;
    } else if (line.account == State::closed) {
        find(r, "account", meter_of(r) + " has no account, and was not opened before this order");
    } else if (line.account == State::open && line.customer != r.number(Field::customer)) {
        find(r, "account", "the account of " + meter_of(r) + " is of another customer");
    }
    const bool back = model::gives_back(kind);
    if (back && line.counted && amount > line.sold)
        find(r, "refund", meter_of(r) + " gives back " + model::Fen(amount).yuan() + " yuan, sold to it were " + model::Fen(line.sold).yuan());
    line.sold += back ? -amount : amount;
    line.account = kind == OrderKind::clear ? State::closed : State::open;
    line.customer = r.number(Field::customer);
}

void Replay::check_card(const Record& r, model::OrderKind kind) {
    using model::OrderKind;
    constexpr std::uint64_t kParametersFile = 1;
    if (!model::fits_a_card(kind)) find(r, "card", "an order to " + std::string(model::name(kind)) + " went to a card");
    if (!r.has(Field::card) || static_cast<Channel>(r.number(Field::channel)) != Channel::card) find(r, "card", "an order for a card that names none");
    // It is charged with its parameters; its wallet is an answer given again.
    if (r.number(Field::file) != kParametersFile) find(r, "card", "a card's wallet was written before its parameters");
    if (kind == OrderKind::replace_card && r.number(Field::amount) != 0) find(r, "card", "a replaced card was charged");
}

void Replay::wallet_initialised(const Record& r, MeterLine& line) {
    const std::string meter = meter_of(r);
    // Under the keys that it had, whatever was sold before could be credited once more.
    if (line.held != 0 && newest_set_ <= line.held) find(r, "keys", "the wallet of " + meter + " began anew, and there were no newer keys than the version " + std::to_string(line.held) + " that it had");
    line.account = MeterLine::Account::closed;
    line.customer = 0;
    line.counted = true;
    line.sold = static_cast<std::int64_t>(r.number(Field::amount));
    if (line.held != 0) line.least = static_cast<std::uint8_t>(line.held + 1);
}

void Replay::check_version(const Record& r, const MeterLine& line) {
    if (r.number(Field::key_version) >= line.least) return;
    find(r, "keys", meter_of(r) + " works under keys of version " + std::to_string(r.number(Field::key_version)) + ", though its wallet began anew and takes version " +
                        std::to_string(line.least) + " or newer");
}

void Replay::keys_sent(const Record& r) {
    used(r);
    bool known = false;
    if (r.number(Field::recover) == 0) check_version(r, counts_.at(r.number(Field::meter), known));
    // Readable by whoever knows the factory set: once a meter has had private keys this must have been allowed, and once only.
    if (r.number(Field::factory_wrapped) == 0 || !keyed_.contains(r.number(Field::meter))) return;
    const auto wrong = [&](std::string_view why) {
        find(r, "keys", "private keys went to " + meter_of(r) + " under the factory keys, though it had private keys before" + std::string(why));
    };
    const auto allowed = allowed_.find(r.number(Field::meter));
    if (allowed == allowed_.end()) return wrong("");
    const base::Millis at = acted_at(r);
    if (at > allowed->second.until) return wrong("; that it might was over");
    std::string& begun_with = allowed->second.begun_with;
    if (begun_with.empty()) begun_with = r.text(Field::ukey);
    else if (begun_with != r.text(Field::ukey)) wrong("; that it might was used up by UKEY " + begun_with);
}

void Replay::download_allowed(const Record& r) {
    const auto until = static_cast<base::Millis>(r.number(Field::not_after));
    const std::string meter = value_in_words(Field::meter, r.bytes(Field::meter));
    if (until > r.time() + kLongestAllowed) find(r, "keys", "meter " + meter + " may be given its keys under the factory keys for more than 7 days");
    if (!quorums_.empty()) {
        const auto request = approved(r, "a second download");
        if (request && (request->deed != model::Deed::recover_meter || request->term("meter") != meter || request->term("reason") != r.text(Field::reason)))
            find(r, "quorum", "a second download that is not the one the officers were asked for");
    }
    if (r.has(Field::request_number) && !allowed_by_.insert(r.number(Field::request_number)).second)
        find(r, "quorum", "request " + std::to_string(r.number(Field::request_number)) + " allowed a download twice");
    allowed_[r.number(Field::meter)] = {until, {}};
}

void Replay::keys_loaded(const Record& r) {
    used(r);
    if (static_cast<Outcome>(r.number(Field::outcome)) != Outcome::done || r.number(Field::recover) != 0) return;
    keyed_.insert(r.number(Field::meter));
    bool known = false;
    MeterLine& line = counts_.at(r.number(Field::meter), known);
    check_version(r, line);
    line.held = std::max(line.held, static_cast<std::uint8_t>(r.number(Field::key_version)));
    allowed_.erase(r.number(Field::meter));  // used up
}

void Replay::released(const Record& r) {
    const std::string station(r.text(Field::station));
    if (held_.erase(station) == 0) find(r, "velocity", "station " + station + " was released and was not held");
    // One signature does not lift the next hold, which begins after the release of this one.
    const auto since = static_cast<base::Millis>(r.number(Field::happened_at));
    if (since < std::exchange(released_[station], r.time())) find(r, "velocity", "station " + station + " was released with the signature for an earlier hold");
    const base::Bytes act = release_statement(station, since);
    if (!r.has(Field::officer)) {
        if (!signed_by_master("revocation", act, r.bytes(Field::signature))) find(r, "velocity", "no master-control UKEY of this log signed that station " + station + " is released");
        return;
    }
    const model::Officer* officer = officer_at(r, r.text(Field::officer), "released a station");
    if (officer != nullptr && !holds(officer->identity, "act", act, r.bytes(Field::signature))) find(r, "quorum", "the signature of officer " + quoted(r.text(Field::officer)) + " under the release of station " + station + " does not hold");
}

}  // namespace audit

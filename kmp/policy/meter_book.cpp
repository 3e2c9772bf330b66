#include "kmp/policy/meter_book.h"

#include <algorithm>

namespace kmp::policy {

base::Status Meter::may_download(std::string_view ukey, base::Millis now) const {
    // Whoever knows the published factory keys could read what is sent. A report that the meter was recovered proves nothing (under the
    // factory keys anyone can answer for it), so it does not open this door again.
    if (!keyed) return {};
    const std::string what = "state: meter " + number.text() + " has its private keys already, or had them once; ";
    const std::string how = "'kmpctl meter allow-download " + number.text() + "'";
    if (allowed_until == 0) return {base::Code::refused, what + "a second download under the factory keys must be allowed: " + how};
    if (now > allowed_until) return {base::Code::refused, what + "the second download that was allowed was to happen until " + base::to_rfc3339(allowed_until) + "; allow it anew: " + how};
    if (!allowed_to.empty() && allowed_to != ukey)
        return {base::Code::refused, what + "the second download that was allowed was begun with UKEY " + allowed_to + ", which alone may repeat it; go on with that one, or allow it anew: " + how};
    return {};
}

void Meter::allow_download(base::Millis until) {
    known = true;
    allowed_until = until;
    allowed_to.clear();
}

void Meter::download_begun(std::string_view ukey) {
    if (allowed_until != 0) allowed_to = ukey;
}

void Meter::download_done() {
    allowed_until = 0;
    allowed_to.clear();
}

base::Status Meter::may_order(model::OrderKind kind, model::CustomerNumber asked_by, std::string_view card_serial, model::KeyVersion newest, base::Millis now) const {
    using base::Code;
    using model::OrderKind;
    const std::string meter = "meter " + number.text();
    if (kind == OrderKind::initialise_wallet) {
        if (!keyed) return {};
        // Under the keys that it had, everything sold before could be credited once more.
        if (newest <= held)
            return {Code::refused, "keys: " + meter + " has had keys of version " + std::to_string(held) + ", the newest: its wallet may begin anew only when it gets newer ones; rotate them first: 'kmpctl keys rotate'"};
        if (state == model::KeyState::production && allowed_until < now)
            return {Code::refused, "keys: " + meter + " holds private keys as far as is known; recover its keys first: 'kmp-vend keys recover'"};
        return {};
    }
    if (known && state == model::KeyState::factory) return {Code::refused, "keys: " + meter + " was put back to its factory keys; download its keys first"};
    if (kind == OrderKind::open_account) {
        if (opened) return {Code::refused, "account: " + meter + " has an account already; recharge it"};
    } else {
        if (!opened) return {Code::refused, "account: " + meter + " has no account here yet; open one first"};
        if (customer != asked_by) return {Code::refused, "account: " + meter + " belongs to another customer number"};
    }
    // The next count does not fit before this one is credited, and the card holds one purchase at a time.
    if (last && !last->card.empty() && !last->credited && kind != OrderKind::open_account && kind != OrderKind::replace_card)
        return {Code::refused, "uninserted: the purchase with count " + std::to_string(last->count) + " was sold to " + meter + " by card and was not seen inserted; insert the card, then report it or check the meter's status"};
    if (kind == OrderKind::recharge && !card_serial.empty() && card_serial != card)
        return {Code::refused, card.empty() ? "card: " + meter + " has no card yet; give it one by REPLACE_CARD" : "card: " + meter + " has card " + base::to_hex(base::as_bytes(card)) + "; give it this one by REPLACE_CARD"};
    if (kind == OrderKind::replace_card && last && !last->credited && model::gives_back(last->kind))
        return {Code::refused, "count: whether " + meter + " took the refund with count " + std::to_string(last->count) + " is not known; check its status first"};
    if (kind != OrderKind::replace_card && count == UINT32_MAX) return {Code::refused, "count: " + meter + " has used up its purchase counts"};
    return {};
}

base::Status Meter::may_give_back(model::Fen amount) const {
    if (!sold || amount <= *sold) return {};
    return {base::Code::refused, "amount: " + amount.yuan() + " yuan would be given back, sold to meter " + number.text() + " were " + sold->yuan()};
}

std::uint32_t Meter::next_count(model::OrderKind kind) const noexcept {
    if (kind == model::OrderKind::initialise_wallet) return 0;
    return kind == model::OrderKind::replace_card ? count : count + 1;
}

model::Fen Meter::carried_over() const noexcept {
    const bool purchase = last && (last->kind == model::OrderKind::open_account || last->kind == model::OrderKind::recharge);
    return purchase && !last->credited ? last->amount : model::Fen(0);
}

void Meter::ordered(const OrderDone& order) {
    using model::OrderKind;
    known = true;
    if (order.kind == OrderKind::replace_card) {
        card = order.card;
        card_count = order.count;
        if (last && !last->credited) last->card = order.card;
        return;
    }
    count = order.count;
    highest = std::max(highest, count);
    wiped = false;
    last = LastOrder{order.id, order.kind, order.amount, order.count, order.card, false, order.made};
    if (order.kind == OrderKind::initialise_wallet) {
        state = model::KeyState::factory;
        version = 0;
        least = keyed ? static_cast<model::KeyVersion>(held + 1) : model::KeyVersion{0};
        epoch = order.index;
        opened = false;
        customer = {};
        card.clear();
        card_count = 0;
        sold = order.amount;
        return;
    }
    state = model::KeyState::production;
    version = order.key_version;
    held = std::max(held, order.key_version);
    keyed = true;
    if (sold) sold = model::Fen(sold->value() + (model::gives_back(order.kind) ? -1 : 1) * order.amount.value());
    opened = order.kind != OrderKind::clear;
    customer = opened ? order.customer : model::CustomerNumber();
    // A new account begins without a card; a closed one's is no longer the meter's.
    if (order.kind == OrderKind::open_account || order.kind == OrderKind::clear) card.clear();
    if (order.card.empty()) return;
    card = order.card;
    card_count = order.count;
}

void Meter::voided(const OrderDone& order) {
    using model::OrderKind;
    count = order.count - 1;
    if (highest == order.count) highest = count;
    last.reset();
    // The order before may have been credited and its write-back emptied since: nobody remembers.
    wiped = true;
    if (sold) sold = model::Fen(sold->value() + (model::gives_back(order.kind) ? 1 : -1) * order.amount.value());
    if (!order.card.empty()) card_count = count;
    if (order.kind == OrderKind::clear) {
        opened = true;
        customer = order.customer;
    }
    if (order.kind != OrderKind::open_account) return;
    opened = false;
    customer = {};
    card.clear();
    card_count = 0;
}

base::Status AnswerPace::take(model::MeterNumber meter, base::Millis now) {
    if (now - since_ >= base::kHour || now < since_) {
        since_ = now;
        given_ = 0;
    }
    if (given_ >= kAnHour)
        return {base::Code::refused, "pace: " + std::to_string(kAnHour) + " requests for meter " + meter.text() + " were answered within the hour; go on after " + base::to_rfc3339(since_ + base::kHour)};
    ++given_;
    return {};
}

void Evidence::authenticated(std::string_view fresh_r1) {
    r1 = fresh_r1;
    doubtful = 0;
    shown.reset();
}

void Evidence::status(std::string_view under_r1, std::uint32_t count) {
    if (!r1.empty() && under_r1 == r1) shown = count;
}

void Evidence::false_status(std::string_view under_r1) {
    constexpr unsigned kGuesses = 16;
    if (r1.empty() || under_r1 != r1 || ++doubtful < kGuesses) return;
    r1.clear();
    shown.reset();
}

void Evidence::wallet(std::string_view random, std::uint32_t count, std::uint32_t newest) {
    if (challenge.empty() || random != challenge) return;
    wallet_gone = count != newest;
    // Between what was shown before and this read the card may have been in the meter.
    not_written_back = false;
    r1.clear();
    shown.reset();
}

void Evidence::write_back(std::string_view random, std::optional<std::uint32_t> count, std::uint32_t newest) {
    if (wallet_gone && random == challenge) not_written_back = !count || *count < newest;
}

void Evidence::voided() {
    challenge.clear();
    wallet_gone = not_written_back = false;
}

std::string Evidence::missing(const OrderDone& order, bool wiped) const {
    const bool status = shown && *shown < order.count;
    const std::string newer = "a genuine status of the meter with a lower purchase count, under an authentication that is newer than every answer to this order";
    if (order.card.empty()) return status ? std::string() : newer;
    if (!wallet_gone) return "a read of card " + base::to_hex(base::as_bytes(order.card)) + ", with the challenge as its random, whose wallet does not hold this order";
    if (status || (not_written_back && !wiped)) return {};
    return wiped ? newer + ": the card's write-back was emptied since" : "then a read of its write-back with the same random, without this order's count; or " + newer;
}

std::string Meter::contradiction(std::uint32_t shown_count) const {
    if (shown_count <= highest) return {};
    return "its purchase count is " + std::to_string(shown_count) + ", given out were counts up to " + std::to_string(highest);
}

bool Meter::seen(std::uint32_t shown_count) {
    if (!last || last->credited || last->count != shown_count) return false;
    last->credited = true;
    return true;
}

std::string Meter::contradiction(const CardReport& report) const {
    if (report.meter != number) return "it was written by meter " + report.meter.text();
    if (report.count > count) return "its purchase count is " + std::to_string(report.count) + ", given out were counts up to " + std::to_string(count);
    if (!opened) return "the meter has no account";
    if (report.customer != customer) return "it names customer " + report.customer.text() + ", the account is of " + customer.text();
    if (report.card != card) return card.empty() ? "the meter has no card" : "the meter's card is " + base::to_hex(base::as_bytes(card));
    // An order is asked for before its card is written: one that was cut off in between still brings what it had before.
    const bool may_be_unwritten = card_count == count && !(last && last->credited && last->card == card);
    if (report.count > card_count || (report.count < card_count && !may_be_unwritten))
        return "its purchase count is " + std::to_string(report.count) + ", the purchase on this card has " + std::to_string(card_count);
    // After a later order this no longer holds: what was given back since was in the meter then.
    if (sold && report.count == count && report.balance > *sold) return "its balance is " + report.balance.yuan() + " yuan, sold were " + sold->yuan();
    return {};
}

void MeterBook::restart(Lookup lookup) {
    lookup_ = std::move(lookup);
    entries_.clear();
    dirty_.clear();
}

base::Result<MeterBook::Entry*> MeterBook::find(model::MeterNumber number) {
    if (const auto it = entries_.find(number); it != entries_.end()) return &it->second;
    auto stored = lookup_(number);
    if (!stored && stored.error().code != base::Code::not_found) return stored.error();
    Entry entry;
    if (stored) entry.meter = *stored;
    entry.meter.number = number;
    // unordered_map keeps its elements in place, so the pointer outlives later insertions.
    return &entries_.emplace(number, entry).first->second;
}

void MeterBook::changed(Entry& entry) {
    if (entry.dirty) return;
    entry.dirty = true;
    dirty_.push_back(&entry);
}

std::vector<Meter> MeterBook::take_dirty() {
    std::vector<Meter> out;
    out.reserve(dirty_.size());
    for (Entry* entry : dirty_) {
        entry->dirty = false;
        out.push_back(entry->meter);
    }
    dirty_.clear();
    return out;
}

}  // namespace kmp::policy

#include "audit/replay.h"

#include <algorithm>
#include <cstring>

#include "model/quorum_change.h"
#include "pki/certificate.h"

namespace audit {
namespace {

using model::Operation;
using model::UkeyAction;
using model::UkeyState;

constexpr std::uint64_t kNoonOffset = 720;  // how Field::day_offset is stored
constexpr base::Millis kLongestAllowed = 7 * base::kDay;  // of a second download under the factory keys

/// What a repetition must share with its order: content and count.
std::uint64_t content_of(const Record& r) {
    const base::ByteView hash = r.bytes(Field::content_hash);
    std::uint64_t out = r.number(Field::count) * 0x9E3779B97F4A7C15u;
    std::uint64_t head = 0;
    std::memcpy(&head, hash.data(), std::min(hash.size(), sizeof head));
    return out ^ head;
}

std::string quoted(std::string_view serial) { return "UKEY " + std::string(serial); }

}  // namespace

base::Bytes platform_statement(std::string_view origin, std::string_view ukey, base::ByteView checkpoint_key, std::uint64_t size, base::ByteView root) {
    base::ByteWriter w;
    w.u8(1);
    w.sized16(origin);
    w.sized16(ukey);
    w.sized16(checkpoint_key);
    w.u64(size);
    w.bytes(root);
    return std::move(w).take();
}

void Replay::record(const Record& r) {
    if ((r.type() == EventType::genesis) != (r.index() == 0)) find(r, "genesis", r.index() == 0 ? "the log does not begin with its genesis" : "a second genesis");
    switch (r.type()) {
        case EventType::genesis: return genesis(r);
        case EventType::ukey_initialised: return transition(r, UkeyAction::initialise);
        case EventType::ukey_issued: return issued(r);
        case EventType::ukey_state_changed: return state_changed(r);
        case EventType::grant_set: return grant_set(r);
        case EventType::account_set: return account_set(r);
        case EventType::account_state_changed: return account_changed(r);
        case EventType::order: return order(r);
        case EventType::order_repeated: return order_repeated(r);
        case EventType::order_voided: return order_voided(r);
        case EventType::status_checked:
        case EventType::card_reported: return shown(r);
        case EventType::quorum_set: return quorum_changed(r);
        case EventType::master_added: return master_added(r);
        case EventType::platform_replaced: return platform_replaced(r);
        case EventType::request_made: asked_[r.number(Field::request_number)] = {base::to_bytes(r.bytes(Field::statement)), {}}; return;
        case EventType::request_voted: return voted(r);
        case EventType::keys_sent: return keys_sent(r);
        case EventType::keys_loaded: return keys_loaded(r);
        case EventType::download_allowed: return download_allowed(r);
        case EventType::intent_opened: intents_.insert(r.index()); return;
        case EventType::intent_concluded: return concluded(r);
        case EventType::session_opened:
        case EventType::meter_authenticated:
        case EventType::relay_command:
        case EventType::random_drawn:
        case EventType::data_signed:
        case EventType::station_proved:
        case EventType::data_verified:
        case EventType::data_encrypted:
        case EventType::data_decrypted:
        case EventType::data_authenticated:
        case EventType::keys_shown:
        case EventType::certificate_requested:
        case EventType::void_begun:
        case EventType::validity_set:
        case EventType::parameter_written:
        case EventType::read_back_checked:
        case EventType::card_authenticated:
        case EventType::card_key_written:
        case EventType::card_written: return used(r);
        case EventType::station_held: held_[std::string(r.text(Field::station))] = r.time(); return;
        case EventType::station_released: return released(r);
        case EventType::keys_rotated: newest_set_ = std::max(newest_set_, r.number(Field::key_version)); return;
        case EventType::service_started:
        case EventType::service_stopped:
        case EventType::unsealed:
        case EventType::sealed:
        case EventType::recovery:
        case EventType::clock_jump:
        case EventType::configuration:
        case EventType::host_failed:
        case EventType::pin_failed:
        case EventType::pin_locked:
        case EventType::pin_changed:
        case EventType::copy_suspected:
        case EventType::ukey_inserted:
        case EventType::ukey_removed:
        case EventType::ukey_attended:
        case EventType::masters_injected:
        case EventType::keys_destroyed:
        case EventType::ceremony_minutes:
        case EventType::backup_made:
        case EventType::restored:
        case EventType::request_closed:
        case EventType::session_refused:
        case EventType::session_closed:
        case EventType::denied:
        case EventType::denials_coalesced:
        case EventType::order_refused:
        case EventType::checkpoint_signed:
        case EventType::crl_issued:
        case EventType::export_made:
        case EventType::standby_began:
        case EventType::standby_stopped:
        case EventType::standby_resumed: return;
    }
}

Replay::Ukey& Replay::ukey(std::string_view serial) {
    const auto found = ukeys_.find(serial);
    return found != ukeys_.end() ? found->second : ukeys_[std::string(serial)];
}

void Replay::genesis(const Record& r) {
    day_offset_ = (static_cast<base::Millis>(r.number(Field::day_offset)) - static_cast<base::Millis>(kNoonOffset)) * base::kMinute;
    origin_ = std::string(r.text(Field::origin));
    platform_ = std::string(r.text(Field::ukey));
    auto anchor = pki::Certificate::from_der(r.bytes(Field::trust_anchor));
    if (anchor) {
        masters_[anchor->subject().ukey.text()] = anchor->spki();
        anchor_ = std::move(*anchor);
    } else
        find(r, "genesis", "the trust anchor it pins: " + anchor.error().message);
    if (r.has(Field::quorum)) quorum_set(r, 1);
}

void Replay::transition(const Record& r, UkeyAction action) {
    Ukey& u = ukey(r.text(Field::ukey));
    const auto next = model::next_state(u.state, action);
    if (next)
        u.state = *next;
    else
        find(r, "state", quoted(r.text(Field::ukey)) + ": " + next.error().message);
}

void Replay::state_changed(const Record& r) {
    Ukey& u = ukey(r.text(Field::ukey));
    const auto from = static_cast<UkeyState>(r.number(Field::state_from));
    const auto to = static_cast<UkeyState>(r.number(Field::state_to));
    const auto next = model::next_state(from, static_cast<UkeyAction>(r.number(Field::action)));
    if (from != u.state) find(r, "state", quoted(r.text(Field::ukey)) + " was " + std::string(model::name(u.state)) + ", the record says " + std::string(model::name(from)));
    if (!next)
        find(r, "state", quoted(r.text(Field::ukey)) + ": " + next.error().message);
    else if (*next != to)
        find(r, "state", quoted(r.text(Field::ukey)) + " becomes " + std::string(model::name(*next)) + ", the record says " + std::string(model::name(to)));
    u.state = to;
    // A master-control UKEY that is lost or revoked signs nothing from then on.
    if (to == UkeyState::lost || to == UkeyState::revoked)
        masters_.erase(std::string(r.text(Field::ukey)));
}

void Replay::grant_set(const Record& r) {
    const std::string_view serial = r.text(Field::ukey);
    Ukey& u = ukey(serial);
    const std::uint64_t number = r.number(Field::grant_number);
    if (number <= u.grant_number) find(r, "grant", "grant " + std::to_string(number) + " of " + quoted(serial) + " does not rise above " + std::to_string(u.grant_number));
    auto grant = model::Grant::decode(r.bytes(Field::grant));
    if (!grant) return find(r, "grant", "the grant of " + quoted(serial) + ": " + grant.error().message);
    if (grant->ukey.text() != serial || grant->number != number) find(r, "grant", "the grant inside the record is number " + std::to_string(grant->number) + " of " + quoted(grant->ukey.text()));
    if (!r.has(Field::signature)) find(r, "grant", "the grant of " + quoted(serial) + " is not signed");
    else if (r.has(Field::officer)) narrowed(r, u, *grant);
    else if (!signed_by_master("grant", r.bytes(Field::grant), r.bytes(Field::signature)))
        find(r, "grant", "the signature of the grant of " + quoted(serial) + " was not made by a master-control UKEY of this log");
    else agreed(r, "a grant", "grant", base::as_text(r.bytes(Field::grant)));
    if (!r.has(Field::officer)) u.whole = *grant;
    u.grant_number = number;
    u.grant = std::move(*grant);
}

void Replay::issued(const Record& r) {
    transition(r, UkeyAction::issue);
    if (static_cast<model::UkeyKind>(r.number(Field::ukey_kind)) != model::UkeyKind::platform || !r.has(Field::certificate)) return;
    if (const auto identity = pki::Certificate::from_der(r.bytes(Field::certificate))) platform_keys_[std::string(r.text(Field::ukey))] = identity->spki();
}

void Replay::master_added(const Record& r) {
    const std::string who = quoted(r.text(Field::ukey));
    const auto certificate = pki::Certificate::from_der(r.bytes(Field::certificate));
    if (!certificate) return find(r, "master", "the issuing certificate of " + who + ": " + certificate.error().message);
    if (certificate->subject().ukey.text() != r.text(Field::ukey)) find(r, "master", "the issuing certificate of " + who + " is another's");
    if (anchor_)
        if (const auto held = pki::verify_issuer(*certificate, *anchor_, r.time()); !held) return find(r, "master", held.error().message);
    if (!quorums_.empty()) {
        const auto request = approved(r, "a further master-control UKEY");
        if (request && (request->deed != model::Deed::add_master || request->term("ukey") != r.text(Field::ukey))) find(r, "quorum", who + " is not what the officers were asked for");
    }
    masters_[std::string(r.text(Field::ukey))] = certificate->spki();
}

void Replay::platform_replaced(const Record& r) {
    const std::string who = quoted(r.text(Field::ukey));
    const base::Bytes statement = platform_statement(origin_, r.text(Field::ukey), r.bytes(Field::checkpoint_key), r.number(Field::size), r.bytes(Field::root));
    if (!signed_by_master("platform", statement, r.bytes(Field::signature))) find(r, "platform", "no master-control UKEY signed that " + who + " takes the platform UKEY's place");
    if (r.number(Field::size) > r.index()) find(r, "platform", who + " takes over a log of " + std::to_string(r.number(Field::size)) + " events, and there were " + std::to_string(r.index()));
    if (!quorums_.empty()) {
        const auto request = approved(r, "another platform UKEY");
        const bool meant = request && (request->deed == model::Deed::replace_platform || request->deed == model::Deed::restore) && request->term("ukey") == r.text(Field::ukey);
        if (request && !meant) find(r, "quorum", who + " is not the platform UKEY that the officers were asked for");
    }
    const auto before = platform_keys_.find(platform_);
    if (r.has(Field::handover) && (before == platform_keys_.end() || !holds(before->second, "handover", statement, r.bytes(Field::handover))))
        find(r, "platform", "the platform UKEY of before did not sign the handover to " + who);
    platform_ = std::string(r.text(Field::ukey));
}

bool Replay::signed_by_master(std::string_view purpose, base::ByteView statement, base::ByteView signature) const {
    if (!anchor_) return true;  // the anchor could not be read: that is a finding of its own
    return std::ranges::any_of(masters_, [&](const auto& master) { return holds(master.second, purpose, statement, signature); });
}

bool Replay::holds(base::ByteView key, std::string_view purpose, base::ByteView statement, base::ByteView signature) const {
    return static_cast<bool>(pki::verify_statement(key, purpose, statement, signature));
}

const model::Officer* Replay::officer_of(std::string_view ukey) const {
    const model::Officer* out = nullptr;
    for (const model::Quorum& q : quorums_)
        for (const model::Officer& o : q.officers)
            if (o.ukey.text() == ukey) out = &o;
    return out;
}

void Replay::narrowed(const Record& r, const Ukey& u, const model::Grant& grant) {
    const std::string_view by = r.text(Field::officer);
    const model::Officer* officer = officer_of(by);
    if (officer == nullptr) return find(r, "quorum", quoted(by) + " narrowed a grant and was no officer");
    if (!holds(officer->identity, "act", model::act_statement("narrow-grant", r.bytes(Field::grant)), r.bytes(Field::signature)))
        find(r, "quorum", "the signature of officer " + quoted(by) + " under a narrowed grant does not hold");
    if (!u.whole) return find(r, "grant", "a grant that narrows none");
    if (const auto less = model::narrower(grant, *u.whole); !less) find(r, "quorum", quoted(by) + " widened a grant alone: " + less.error().message);
}

std::optional<model::ApprovalRequest> Replay::approved(const Record& r, std::string_view what) {
    const auto no = [&](std::string why) -> std::optional<model::ApprovalRequest> {
        find(r, "quorum", std::move(why));
        return std::nullopt;
    };
    const auto asked = asked_.find(r.number(Field::request_number));
    if (!r.has(Field::request_number) || asked == asked_.end()) return no(std::string(what) + " that no officer was asked for");
    auto request = model::ApprovalRequest::decode(asked->second.statement);
    if (!request) return no(std::string(what) + ": the request for it cannot be read");
    if (request->generation == 0 || request->generation > quorums_.size()) return no("a request to officers that there were none of");
    // Officers who have gone since say nothing any more.
    if (request->generation != quorums_.size()) return no(std::string(what) + ": the officers who were asked are not those of its time");
    const model::Quorum& quorum = quorums_.back();
    switch (model::standing(*request, asked->second.votes, quorum, r.time())) {
        case model::Standing::approved: return std::move(*request);
        case model::Standing::rejected: return no(std::string(what) + ": an officer had rejected it");
        case model::Standing::expired: return no(std::string(what) + ": what the officers had agreed to was over");
        case model::Standing::waiting:
        case model::Standing::voided: break;
    }
    return no(std::string(what) + ": " + std::to_string(model::agreeing(asked->second.votes, quorum)) + " of " + std::to_string(quorum.needed) + " officers had agreed to it");
}

void Replay::agreed(const Record& r, std::string_view what, const std::string& term, std::string_view value) {
    if (quorums_.empty()) return;
    const auto request = approved(r, what);
    if (request && request->term(term) != value) find(r, "quorum", std::string(what) + " that is not the one the officers were asked for");
}

void Replay::quorum_changed(const Record& r) {
    if (quorums_.empty()) return find(r, "quorum", "officers in a log that began with one person");
    const model::Quorum before = quorums_.back();
    const auto request = approved(r, "other officers");
    quorum_set(r, before.generation + 1);
    if (!request || quorums_.back().generation == before.generation) return;
    const auto change = model::QuorumChange::from_terms(request->terms);
    if (request->deed != model::Deed::change_quorum || request->generation != before.generation || !change) return find(r, "quorum", "other officers, though the request was for something else");
    if (const auto led = change->leads(before, quorums_.back()); !led) find(r, "quorum", "other officers: " + led.error().message);
}

void Replay::quorum_set(const Record& r, std::uint32_t generation) {
    auto quorum = model::Quorum::decode(r.bytes(Field::quorum));
    if (!quorum) return find(r, "quorum", "the officers: " + quorum.error().message);
    if (quorum->generation != generation) find(r, "quorum", "officers of generation " + std::to_string(quorum->generation) + " after " + std::to_string(generation - 1));
    if (!signed_by_master("quorum", r.bytes(Field::quorum), r.bytes(Field::signature))) find(r, "quorum", "the master-control UKEY did not sign the officers");
    quorums_.push_back(std::move(*quorum));
}

void Replay::voted(const Record& r) {
    const auto asked = asked_.find(r.number(Field::request_number));
    if (asked == asked_.end()) return find(r, "quorum", "a vote on request " + std::to_string(r.number(Field::request_number)) + ", which was not made");
    const auto request = model::ApprovalRequest::decode(asked->second.statement);
    const model::Quorum* quorum = request && request->generation != 0 && request->generation <= quorums_.size() ? &quorums_[request->generation - 1] : nullptr;
    const auto serial = base::UkeySerial::parse(r.text(Field::ukey));
    const model::Officer* officer = quorum != nullptr && serial ? quorum->find(*serial) : nullptr;
    if (officer == nullptr) return find(r, "quorum", quoted(r.text(Field::ukey)) + " voted and was no officer");
    model::Vote vote{*serial, r.number(Field::agrees) != 0, base::to_bytes(r.bytes(Field::signature))};
    if (!holds(officer->identity, "approval", model::vote_statement(asked->second.statement, vote.agrees), vote.signature))
        return find(r, "quorum", "the signature of officer " + quoted(r.text(Field::ukey)) + " under a vote does not hold");
    std::erase_if(asked->second.votes, [&](const model::Vote& v) { return v.officer == vote.officer; });
    asked->second.votes.push_back(std::move(vote));
}

void Replay::account_set(const Record& r) {
    const std::string name(r.text(Field::account));
    auto statement = model::Account::decode(r.bytes(Field::account_statement));
    if (!statement) return find(r, "account", "the statement of account " + name + ": " + statement.error().message);
    if (statement->name != name || statement->ukey.text() != r.text(Field::ukey)) find(r, "account", "the statement inside the record is of account " + statement->name + " with " + quoted(statement->ukey.text()));
    if (!signed_by_master("account", r.bytes(Field::account_statement), r.bytes(Field::signature)))
        find(r, "account", "the signature of account " + name + " is none of the master-control UKEYs in service");
    else agreed(r, "an account", "account", base::as_text(r.bytes(Field::account_statement)));
    const auto [known, first] = accounts_.try_emplace(name);
    if (const std::uint32_t before = first ? 0 : known->second.statement.number; statement->number <= before)
        find(r, "account", "statement " + std::to_string(statement->number) + " of account " + name + " does not rise above " + std::to_string(before));
    known->second.statement = std::move(*statement);
    known->second.confirmed = true;
}

void Replay::account_changed(const Record& r) {
    using model::AccountChange;
    const std::string name(r.text(Field::account));
    const auto known = accounts_.find(name);
    if (known == accounts_.end()) return find(r, "account", "account " + name + " was changed and never set");
    Account& a = known->second;
    switch (static_cast<AccountChange>(r.number(Field::account_change))) {
        case AccountChange::disable:
            a.disabled = true;
            a.confirmed = false;
            return;
        case AccountChange::enable:
            if (!a.confirmed) find(r, "account", "account " + name + " was enabled and no new statement was signed for it");
            a.disabled = false;
            return;
        case AccountChange::reset:
            if (!a.statement.password) find(r, "account", "account " + name + " was given a new password, and is to have none");
            return agreed(r, "a reset", "new_password_for", name);
        case AccountChange::lock:
        case AccountChange::change_password: return;
    }
}

void Replay::by_account(const Record& r) {
    const std::string name(r.text(Field::account));
    const auto known = accounts_.find(name);
    if (known == accounts_.end()) return find(r, "account", "account " + name + " was used and never set");
    const Account& a = known->second;
    if (a.disabled) find(r, "account", "account " + name + " was used while disabled");
    if (a.statement.ukey.text() != r.text(Field::ukey)) find(r, "account", "account " + name + " belongs to " + quoted(a.statement.ukey.text()) + " and was used with " + quoted(r.text(Field::ukey)));
    if (r.type() == EventType::session_opened) {
        const bool by_key = r.has(Field::proven_key);
        if (by_key && base::as_text(a.statement.key) != base::as_text(r.bytes(Field::proven_key))) find(r, "account", "account " + name + " was used with a key that it was not given");
        if (!by_key && !a.statement.password) find(r, "account", "account " + name + " was used with a password, and has none");
    }
    // Like a grant's, its validity counts when the permit was given.
    const base::Millis at = r.has(Field::happened_at) ? static_cast<base::Millis>(r.number(Field::happened_at)) : r.time();
    if (r.type() == EventType::order && at > a.statement.not_after) find(r, "account", "account " + name + " was used after its end");
}

void Replay::used(const Record& r) {
    if (r.has(Field::account)) by_account(r);
    if (!r.has(Field::ukey)) return;
    const Ukey& u = ukey(r.text(Field::ukey));
    if (u.state != UkeyState::issued) find(r, "state", quoted(r.text(Field::ukey)) + " was used while " + std::string(model::name(u.state)));
}

void Replay::keys_sent(const Record& r) {
    used(r);
    if (r.number(Field::recover) == 0) check_version(r);
    // Readable by whoever knows the factory set: once a meter has had private keys this must have been allowed, and once only.
    if (r.number(Field::factory_wrapped) == 0 || !keyed_.contains(r.number(Field::meter))) return;
    const auto wrong = [&](std::string_view why) {
        find(r, "keys", "private keys went to meter " + value_in_words(Field::meter, r.bytes(Field::meter)) + " under the factory keys, though it had private keys before" + std::string(why));
    };
    const auto allowed = allowed_.find(r.number(Field::meter));
    if (allowed == allowed_.end()) return wrong("");
    const base::Millis at = r.has(Field::happened_at) ? static_cast<base::Millis>(r.number(Field::happened_at)) : r.time();
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
    check_version(r);
    bool known = false;
    MeterLine& line = counts_.at(r.number(Field::meter), known);
    line.held = std::max(line.held, static_cast<std::uint8_t>(r.number(Field::key_version)));
    allowed_.erase(r.number(Field::meter));  // used up
}

void Replay::order(const Record& r) {
    const std::string_view serial = r.text(Field::ukey);
    const auto operation = static_cast<Operation>(r.number(Field::operation));
    orders_.made(r.text(Field::station), r.bytes(Field::order_id), r.index(), content_of(r));
    used(r);
    if (!model::is_order(operation) && !r.has(Field::order_kind)) return find(r, "grant", "an order cannot be to " + std::string(model::name(operation)));
    const auto kind = r.has(Field::order_kind) ? static_cast<model::OrderKind>(r.number(Field::order_kind)) : model::order_kind_of(operation);
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
    // The permit was given at happened_at, where the two differ: caps count there.
    const base::Millis at = r.has(Field::happened_at) ? static_cast<base::Millis>(r.number(Field::happened_at)) : r.time();
    const bool sale = kind == model::OrderKind::open_account || kind == model::OrderKind::recharge || kind == model::OrderKind::initialise_wallet;
    // What was permitted before may have been recorded after.
    if (const auto held = held_.find(r.text(Field::station)); sale && held != held_.end() && at > held->second)
        find(r, "velocity", "station " + held->first + " sold while it was held");
    const std::int64_t day = model::day_of(at, day_offset_);
    if (day != u.day) {
        const std::int64_t month = model::month_of(at, day_offset_);
        if (month != u.month) u.spent.this_month = model::Fen(0);
        u.month = month;
        u.day = day;
        u.spent.today = model::Fen(0);
    }
    model::Ask ask;
    ask.operation = operation;
    if (by_card) ask.also = model::bit(Operation::card);
    ask.amount = model::Fen(static_cast<std::int64_t>(r.number(Field::amount)));
    ask.orders = 1;
    if (const auto meter = model::MeterNumber::from_number(r.number(Field::meter))) ask.meter = *meter;
    // Orders a minute are not replayed: a minute has no border that the record fixes.
    if (const auto allowed = model::permit(*u.grant, ask, u.spent, at, day_offset_); !allowed) find(r, "grant", allowed.error().message);
    if (const auto sum = u.spent.today.plus(ask.amount)) u.spent.today = *sum;
    if (const auto sum = u.spent.this_month.plus(ask.amount)) u.spent.this_month = *sum;
}

void Replay::order_repeated(const Record& r) {
    orders_.repeated(r.text(Field::station), r.bytes(Field::order_id), r.index(), content_of(r));
    if (!r.has(Field::meter)) return;
    bool known = false;
    MeterLine& line = counts_.at(r.number(Field::meter), known);
    line.wallet_gone = line.disproved = false;
    // An order from before its wallet began anew: its count would be credited a second time.
    if (r.number(Field::count) > line.count) find(r, "count", "an order of meter " + value_in_words(Field::meter, r.bytes(Field::meter)) + " was answered again with the count " + std::to_string(r.number(Field::count)) + ", which was not given out since its wallet began");
}

void Replay::shown(const Record& r) {
    used(r);
    if (r.number(Field::genuine) == 0) return;
    bool known = false;
    MeterLine& line = counts_.at(r.number(Field::meter), known);
    const bool lower = r.has(Field::count) && r.number(Field::count) < line.count;
    if (r.type() == EventType::status_checked) {
        line.disproved = line.disproved || (lower && (!line.by_card || line.wallet_gone));
        return;
    }
    constexpr std::uint64_t kWallet = 2;
    constexpr std::uint64_t kWriteBack = 5;
    if (!line.by_card) return;
    if (r.number(Field::file) == kWallet && r.bytes(Field::data).size() == 8) {
        base::ByteReader data(r.bytes(Field::data));
        (void)data.u32();
        line.wallet_gone = data.u32().value() != line.count;
        line.disproved = false;
    } else if (r.number(Field::file) == kWriteBack && line.wallet_gone) {
        line.disproved = line.disproved || lower || !r.has(Field::count);
    }
}

void Replay::order_voided(const Record& r) {
    used(r);
    const auto operation = static_cast<Operation>(r.number(Field::operation));
    const auto kind = r.has(Field::order_kind) ? static_cast<model::OrderKind>(r.number(Field::order_kind)) : model::order_kind_of(operation);
    const std::string meter = "meter " + value_in_words(Field::meter, r.bytes(Field::meter));
    bool known = false;
    MeterLine& line = counts_.at(r.number(Field::meter), known);
    if (kind == model::OrderKind::initialise_wallet || kind == model::OrderKind::replace_card) find(r, "void", "an order to " + std::string(model::name(kind)) + " was voided");
    if (line.count == 0 || line.count != r.number(Field::count))
        return find(r, "void", "an order of " + meter + " with purchase count " + std::to_string(r.number(Field::count)) + " was voided, and its newest has " + std::to_string(line.count));
    if (!line.disproved) find(r, "void", "an order of " + meter + " was voided, and nothing had shown that it was not credited");
    const bool back = kind == model::OrderKind::refund || kind == model::OrderKind::clear;
    const auto amount = static_cast<std::int64_t>(r.number(Field::amount));
    --line.count;
    line.sold += back ? amount : -amount;
    line.by_card = line.wallet_gone = false;
    if (kind == model::OrderKind::open_account) line.account = MeterLine::Account::closed;
    if (kind == model::OrderKind::clear) line.account = MeterLine::Account::open;
    // Its caps come back, where their day and month are not over.
    Ukey& u = ukey(r.has(Field::charged) ? r.text(Field::charged) : r.text(Field::ukey));
    const auto made = static_cast<base::Millis>(r.number(Field::made_at));
    if (model::day_of(made, day_offset_) == u.day) u.spent.today = model::Fen(u.spent.today.value() - amount);
    if (model::month_of(made, day_offset_) == u.month) u.spent.this_month = model::Fen(u.spent.this_month.value() - amount);
}

void Replay::check_meter(const Record& r, model::OrderKind kind) {
    const std::uint64_t count = r.number(Field::count);
    bool known = false;
    MeterLine& line = counts_.at(r.number(Field::meter), known);
    const std::uint64_t before = line.count;
    line.count = count;
    line.by_card = r.has(Field::card);
    line.wallet_gone = line.disproved = false;
    const auto wrong = [&](const std::string& expected) {
        find(r, "count", "the purchase count of meter " + value_in_words(Field::meter, r.bytes(Field::meter)) + " is " + std::to_string(count) + ", expected " + expected);
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
    check_account(r, kind, line);
    check_version(r);
    line.held = std::max(line.held, static_cast<std::uint8_t>(r.number(Field::key_version)));
}

void Replay::check_account(const Record& r, model::OrderKind kind, MeterLine& line) {
    using State = MeterLine::Account;
    using model::OrderKind;
    const std::string meter = "meter " + value_in_words(Field::meter, r.bytes(Field::meter));
    const auto amount = static_cast<std::int64_t>(r.number(Field::amount));
    if (kind == OrderKind::open_account) {
        if (line.account == State::open) find(r, "account", meter + " has an account, and another was opened");
        // What it was sold is counted from its first order on.
        if (line.account == State::unknown) line.counted = true;
    } else if (line.account == State::closed) {
        find(r, "account", meter + " has no account, and was not opened before this order");
    } else if (line.account == State::open && line.customer != r.number(Field::customer)) {
        find(r, "account", "the account of " + meter + " is of another customer");
    }
    const bool back = kind == OrderKind::refund || kind == OrderKind::clear;
    if (back && line.counted && amount > line.sold)
        find(r, "refund", meter + " gives back " + model::Fen(amount).yuan() + " yuan, sold to it were " + model::Fen(line.sold).yuan());
    line.sold += back ? -amount : amount;
    line.account = kind == OrderKind::clear ? State::closed : State::open;
    line.customer = r.number(Field::customer);
}

void Replay::check_card(const Record& r, model::OrderKind kind) {
    using model::OrderKind;
    constexpr std::uint64_t kParametersFile = 1;
    if (kind != OrderKind::open_account && kind != OrderKind::recharge && kind != OrderKind::replace_card) find(r, "card", "an order to " + std::string(model::name(kind)) + " went to a card");
    if (!r.has(Field::card) || static_cast<Channel>(r.number(Field::channel)) != Channel::card) find(r, "card", "an order for a card that names none");
    // It is charged with its parameters; its wallet is an answer given again.
    if (r.number(Field::file) != kParametersFile) find(r, "card", "a card's wallet was written before its parameters");
    if (kind == OrderKind::replace_card && r.number(Field::amount) != 0) find(r, "card", "a replaced card was charged");
}

void Replay::wallet_initialised(const Record& r, MeterLine& line) {
    const std::string meter = "meter " + value_in_words(Field::meter, r.bytes(Field::meter));
    // Under the keys that it had, whatever was sold before could be credited once more.
    if (line.held != 0 && newest_set_ <= line.held) find(r, "keys", "the wallet of " + meter + " began anew, and there were no newer keys than the version " + std::to_string(line.held) + " that it had");
    line.account = MeterLine::Account::closed;
    line.customer = 0;
    line.counted = true;
    line.sold = static_cast<std::int64_t>(r.number(Field::amount));
    if (line.held != 0) line.least = static_cast<std::uint8_t>(line.held + 1);
}

void Replay::check_version(const Record& r) {
    bool known = false;
    const MeterLine& line = counts_.at(r.number(Field::meter), known);
    if (r.number(Field::key_version) >= line.least) return;
    find(r, "keys", "meter " + value_in_words(Field::meter, r.bytes(Field::meter)) + " works under keys of version " + std::to_string(r.number(Field::key_version)) + ", though its wallet began anew and takes version " +
                        std::to_string(line.least) + " or newer");
}

void Replay::released(const Record& r) {
    const std::string station(r.text(Field::station));
    if (held_.erase(station) == 0) find(r, "velocity", "station " + station + " was released and was not held");
    base::ByteWriter about;
    about.sized16(station);
    about.u64(r.number(Field::happened_at));
    const base::Bytes act = model::act_statement("release-station", about.view());
    if (!r.has(Field::officer)) {
        if (!signed_by_master("revocation", act, r.bytes(Field::signature))) find(r, "velocity", "no master-control UKEY of this log signed that station " + station + " is released");
        return;
    }
    if (const model::Officer* officer = officer_of(r.text(Field::officer)); officer == nullptr) find(r, "quorum", quoted(r.text(Field::officer)) + " released a station and was no officer");
    else if (!holds(officer->identity, "act", act, r.bytes(Field::signature))) find(r, "quorum", "the signature of officer " + quoted(r.text(Field::officer)) + " under the release of station " + station + " does not hold");
}

void Replay::concluded(const Record& r) {
    if (intents_.erase(r.number(Field::intent)) == 0) find(r, "intent", "record " + std::to_string(r.number(Field::intent)) + " is no open intent");
}

base::Status Replay::finish() {
    return orders_.finish(
        [&](std::uint64_t first, std::uint64_t again) { on_finding_(again, "duplicate", "the same order as record " + std::to_string(first) + " was made again"); },
        [&](std::uint64_t index) { on_finding_(index, "duplicate", "it answers again an order that was never made"); },
        [&](std::uint64_t first, std::uint64_t again) { on_finding_(again, "duplicate", "it answers the order of record " + std::to_string(first) + " with another content or count"); });
}

}  // namespace audit

// Who may do what: UKEYs and their grants, master-control and platform UKEYs, officers, network accounts.
#include <algorithm>

#include "audit/replay.h"
#include "model/quorum_change.h"
#include "pki/certificate.h"

namespace audit {
namespace {

using model::UkeyAction;
using model::UkeyState;

constexpr std::uint64_t kNoonOffset = 720;  // how Field::day_offset is stored

}  // namespace

Replay::Ukey& Replay::ukey(std::string_view serial) {
    if (last_ukey_ != nullptr && last_ukey_->first == serial) return last_ukey_->second;
    auto found = ukeys_.find(serial);
    if (found == ukeys_.end()) found = ukeys_.try_emplace(std::string(serial)).first;
    last_ukey_ = &*found;  // stays where it is: nothing is taken out
    return found->second;
}

void Replay::genesis(const Record& r) {
    day_offset_ = (static_cast<base::Millis>(r.number(Field::day_offset)) - static_cast<base::Millis>(kNoonOffset)) * base::kMinute;
    origin_ = std::string(r.text(Field::origin));
    home_ = platform_ = std::string(r.text(Field::ukey));
    checkpoint_key_ = base::sha256(r.bytes(Field::checkpoint_key));
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
    u.changed = r.time();
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
    of_this_log(r, grant->home, "a grant");
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
    const auto kind = static_cast<model::UkeyKind>(r.number(Field::ukey_kind));
    ukey(r.text(Field::ukey)).kind = kind;
    if (kind != model::UkeyKind::platform || !r.has(Field::certificate)) return;
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
        if (request) once(r, *request);
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
        if (request) once(r, *request);
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

const model::Officer* Replay::officer_at(const Record& r, std::string_view by, std::string_view what) {
    const auto serial = base::UkeySerial::parse(by);
    const model::Officer* out = quorums_.empty() || !serial ? nullptr : quorums_.back().find(*serial);
    if (out == nullptr) find(r, "quorum", quoted(by) + " " + std::string(what) + " and was no officer");
    // A log of before deeds were signed may have begun without the officers' UKEYs.
    else if (const UkeyState state = ukey(by).state; rules_ >= kDeedsSigned && state != UkeyState::issued)
        find(r, "quorum", quoted(by) + " of an officer " + std::string(what) + " while " + std::string(model::name(state)));
    else return out;
    return nullptr;
}

void Replay::narrowed(const Record& r, const Ukey& u, const model::Grant& grant) {
    const std::string_view by = r.text(Field::officer);
    const model::Officer* officer = officer_at(r, by, "narrowed a grant");
    if (officer == nullptr) return;
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
    if (!of_this_log(r, request->home, "a request to officers")) return std::nullopt;
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

bool Replay::of_this_log(const Record& r, const base::UkeySerial& home, std::string_view what) {
    if (home_.empty() || home.text() == home_) return true;  // a log of before may not name it
    find(r, "deed", std::string(what) + " that was signed for another log, that of platform UKEY " + home.text());
    return false;
}

void Replay::once(const Record& r, const model::ApprovalRequest& word) {
    const std::string key = std::to_string(word.generation) + "/" + std::to_string(word.number) + "/" + std::string(name(r.type())) + "/" + std::string(r.text(Field::ukey));
    if (!done_.insert(key).second) find(r, "deed", "record " + std::string(name(r.type())) + ": it came of the same word before");
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
    of_this_log(r, quorum->home, "a statement of who the officers are");
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
    if (const UkeyState state = ukey(r.text(Field::ukey)).state; rules_ >= kDeedsSigned && state != UkeyState::issued)
        return find(r, "quorum", quoted(r.text(Field::ukey)) + " of an officer voted while " + std::string(model::name(state)));
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
    of_this_log(r, statement->home, "the statement of account " + name);
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
    const base::Millis at = acted_at(r);
    if (r.type() == EventType::order && at > a.statement.not_after) find(r, "account", "account " + name + " was used after its end");
}

}  // namespace audit

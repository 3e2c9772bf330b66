// By whose word: what an officer, or the holder of the master-control UKEY, had done carries a signature of his UKEY over just that.
#include <algorithm>

#include "audit/replay.h"
#include "model/keys.h"
#include "model/quorum_change.h"

namespace audit {
namespace {

using model::ApprovalRequest;
using model::Deed;
using model::UkeyAction;
using model::UkeyKind;

template <class E>
E as(const Record& r, Field field) {
    return static_cast<E>(r.number(field));
}

std::string classes_in_words(std::uint64_t classes) {
    std::string out;
    for (const model::KeyClass c : model::kAllClasses)
        if (classes & model::class_bit(c)) out += (out.empty() ? "" : ", ") + std::string(model::name(c));
    return out;
}

/// A record beside the word that it names.
struct Pair {
    const Record& r;
    const ApprovalRequest& word;

    bool says(const std::string& term, std::string_view value) const { return word.term(term) == value; }
    bool says(const std::string& term, std::uint64_t value) const { return word.term(term) == std::to_string(value); }
    bool same(const std::string& term, Field field) const { return says(term, r.text(field)); }
    bool same_bytes(const std::string& term, Field field) const { return says(term, base::as_text(r.bytes(field))); }
    bool same_time(const std::string& term, Field field) const { return says(term, base::to_rfc3339(static_cast<base::Millis>(r.number(field)))); }
    bool same_kind() const { return says("kind", model::name(as<UkeyKind>(r, Field::ukey_kind))); }
};

bool issued_as_said(const Pair& p, bool in_ceremony) {
    const std::string line = std::string(p.r.text(Field::ukey)) + "\t" + std::string(model::name(as<UkeyKind>(p.r, Field::ukey_kind))) + "\t" + std::string(p.r.text(Field::holder)) + "\n";
    const auto newcomer = [&] {
        const auto change = model::QuorumChange::from_terms(p.word.terms);
        return change && as<UkeyKind>(p.r, Field::ukey_kind) == UkeyKind::officer &&
               std::ranges::any_of(change->add, [&](const model::NewOfficer& o) { return o.ukey.text() == p.r.text(Field::ukey) && o.holder == p.r.text(Field::holder); });
    };
    switch (p.word.deed) {
        case Deed::issue:
        case Deed::add_master: return p.same("ukey", Field::ukey) && p.same_kind() && p.same("holder", Field::holder) && p.same_time("valid_until", Field::not_after);
        case Deed::change_quorum: return newcomer();
        case Deed::restore:
        case Deed::replace_platform: return p.same("ukey", Field::ukey) && as<UkeyKind>(p.r, Field::ukey_kind) == UkeyKind::platform;
        case Deed::hold_ceremony: return in_ceremony && ("\n" + p.word.term("ukeys")).find("\n" + line) != std::string::npos;
        default: return false;
    }
}

bool injected_as_said(const Pair& p) {
    if (!p.same("ukey", Field::ukey)) return false;
    if (p.word.deed == Deed::reinject) return p.says("up_to_version", p.r.number(Field::key_version));
    const auto grant = model::Grant::decode(base::as_bytes(p.word.term("grant")));
    return p.word.deed == Deed::issue && grant && grant->classes == p.r.number(Field::classes);
}

bool changed_as_said(const Pair& p) {
    const auto action = as<UkeyAction>(p.r, Field::action);
    switch (p.word.deed) {
        case Deed::renew: return action == UkeyAction::renew && p.same("ukey", Field::ukey) && p.same_time("valid_until", Field::not_after);
        case Deed::restore:
        case Deed::replace_platform: return action == UkeyAction::revoke && p.same("former", Field::ukey);
        case Deed::revoke:
        case Deed::unblock:
        case Deed::destroy: return p.same("ukey", Field::ukey) && p.says("action", model::name(action)) && p.same("reason", Field::reason);
        default: return false;
    }
}

bool changed_account_as_said(const Pair& p) {
    if (as<model::AccountChange>(p.r, Field::account_change) == model::AccountChange::reset) return p.word.deed == Deed::reset_account && p.same("new_password_for", Field::account);
    const auto account = model::Account::decode(base::as_bytes(p.word.term("account")));
    return p.word.deed == Deed::enable_account && account && account->name == p.r.text(Field::account);
}

bool destroyed_as_said(const Pair& p) {
    if (p.word.deed != Deed::destroy_version || !p.says("version", p.r.number(Field::key_version)) || !p.same("masters", Field::detail) || !p.same("reason", Field::reason)) return false;
    std::uint64_t agreed = 0;
    for (const char c : p.word.term("meters_lost")) agreed = agreed * 10 + static_cast<std::uint64_t>(c - '0');
    return p.r.number(Field::count) <= agreed;
}

bool allowed_as_said(const Pair& p) {
    const std::string& days = p.word.term("days");
    const bool short_enough = days.size() == 1 && static_cast<base::Millis>(p.r.number(Field::not_after)) <= p.r.time() + (days.front() - '0') * base::kDay;
    return p.word.deed == Deed::recover_meter && p.says("meter", value_in_words(Field::meter, p.r.bytes(Field::meter))) && p.same("reason", Field::reason) && short_enough;
}

bool is_restore(Deed deed) { return deed == Deed::restore || deed == Deed::replace_platform; }

bool lists_as_said(Deed deed) {
    constexpr std::array kSignLists{Deed::publish_crl, Deed::revoke, Deed::renew, Deed::restore, Deed::replace_platform, Deed::hold_ceremony};
    return std::ranges::find(kSignLists, deed) != kSignLists.end();
}

}  // namespace

std::string Replay::unlike(const Record& r, const ApprovalRequest& word) const {
    const Pair p{r, word};
    const auto fits = [&]() -> bool {
        switch (r.type()) {
            case EventType::ukey_issued: return issued_as_said(p, ceremony_);
            case EventType::ukey_renewed: return word.deed == Deed::renew && p.same("ukey", Field::ukey) && p.same_time("valid_until", Field::not_after);
            case EventType::masters_injected: return injected_as_said(p);
            case EventType::ukey_state_changed: return changed_as_said(p);
            case EventType::grant_set: return (word.deed == Deed::issue || word.deed == Deed::set_grant || word.deed == Deed::renew) && p.same_bytes("grant", Field::grant);
            case EventType::keys_rotated:
                return word.deed == Deed::rotate && p.says("version", r.number(Field::key_version)) && p.says("classes", classes_in_words(r.number(Field::classes))) && p.same("reason", Field::reason);
            case EventType::keys_destroyed: return destroyed_as_said(p);
            case EventType::account_set:
                return (word.deed == Deed::issue_account || word.deed == Deed::enable_account || word.deed == Deed::bind_account) && p.same_bytes("account", Field::account_statement);
            case EventType::account_state_changed: return changed_account_as_said(p);
            case EventType::quorum_set: return word.deed == Deed::change_quorum;
            case EventType::master_added: return word.deed == Deed::add_master && p.same("ukey", Field::ukey);
            case EventType::platform_replaced: return is_restore(word.deed) && p.same("ukey", Field::ukey) && p.says("former", platform_) && p.says("events", r.number(Field::size));
            case EventType::restored: return word.deed == Deed::restore && p.says("events", r.number(Field::size));
            case EventType::backup_made: return word.deed == Deed::backup && r.text(Field::detail) == "in " + word.term("folder");
            case EventType::download_allowed: return allowed_as_said(p);
            case EventType::crl_issued: return lists_as_said(word.deed);
            case EventType::pin_changed: return word.deed == Deed::unblock && p.same("ukey", Field::ukey);
            case EventType::retention_set: return word.deed == Deed::retention && p.says("live_days", r.number(Field::days)) && p.says("keep_days", r.number(Field::keep_days));
            case EventType::ceremony_minutes: return (is_restore(word.deed) || (word.deed == Deed::hold_ceremony && ceremony_)) && p.same("minutes", Field::note);
            case EventType::configuration: return word.deed == Deed::request_certificate;
            default: return false;
        }
    };
    return fits() ? std::string() : "it is not what was " + std::string(r.has(Field::deed) ? "signed" : "agreed to") + ": " + std::string(model::phrase(word.deed));
}

void Replay::deed_signed(const Record& r) {
    auto deed = ApprovalRequest::decode(r.bytes(Field::statement));
    if (!deed) return find(r, "deed", "a deed that cannot be read: " + deed.error().message);
    const auto master = masters_.find(std::string(r.text(Field::ukey)));
    if (anchor_ && (master == masters_.end() || !holds(master->second, "deed", r.bytes(Field::statement), r.bytes(Field::signature))))
        return find(r, "deed", quoted(r.text(Field::ukey)) + " did not sign this deed, or is no master-control UKEY in service");
    if (deed->generation != 0) return find(r, "deed", "a deed that is a request to officers");
    if (deed->number <= newest_deed_ || deed->number > r.index()) return find(r, "deed", "deed " + std::to_string(deed->number) + " does not rise above " + std::to_string(newest_deed_) + ", or is ahead of the log");
    if (r.time() < deed->made || r.time() >= deed->expires) return find(r, "deed", "a deed of another time: " + base::to_rfc3339(deed->made));
    newest_deed_ = deed->number;
    if (deed->deed == Deed::hold_ceremony) check_ceremony(r, *deed);
    else if (!quorums_.empty()) return find(r, "deed", "the master-control UKEY signed it alone, and there are officers");
    deeds_[r.index()] = std::move(*deed);
}

void Replay::check_ceremony(const Record& r, const ApprovalRequest& deed) {
    if (!ceremony_ || r.index() != 1) find(r, "deed", "a ceremony that does not stand at the beginning of the log");
    const bool same = deed.term("origin") == origin_ && deed.term("checkpoint_key") == base::to_hex(checkpoint_key_) && deed.term("day_offset_minutes") == std::to_string(day_offset_ / base::kMinute);
    if (!same || deed.home.text() != platform_) find(r, "deed", "the ceremony that the trust anchor signed is not the one that this log begins with");
}

const ApprovalRequest* Replay::word_of(const Record& r) {
    const std::string what = "record " + std::string(name(r.type()));
    request_.reset();
    if (r.has(Field::deed)) {
        const auto deed = deeds_.find(r.number(Field::deed));
        if (deed == deeds_.end()) find(r, "deed", what + ": nobody signed the deed that it names");
        else if (r.time() >= deed->second.expires) find(r, "deed", what + ": what was signed for it was over");
        else return &deed->second;
        return nullptr;
    }
    if (!r.has(Field::request_number)) {
        find(r, "deed", what + ": by nobody's word");
        return nullptr;
    }
    request_ = approved(r, what);
    return request_ ? &*request_ : nullptr;
}

void Replay::changed_by_hand(const Record& r) {
    base::ByteWriter w;
    w.sized16(r.text(Field::ukey));
    for (const Field f : {Field::action, Field::state_from, Field::state_to}) w.u8(static_cast<std::uint8_t>(r.number(f)));
    w.u64(r.number(Field::happened_at));
    const auto action = as<UkeyAction>(r, Field::action);
    if (r.has(Field::officer) && model::takes_quorum(as<UkeyKind>(r, Field::ukey_kind), action)) find(r, "quorum", "an officer alone did what takes several: " + std::string(model::name(action)));
    if (!r.has(Field::officer)) {
        if (!signed_by_master("revocation", w.view(), r.bytes(Field::signature))) find(r, "deed", "no master-control UKEY signed what became of " + quoted(r.text(Field::ukey)));
        return;
    }
    by_one_hand(r, model::name(action), w.view());
}

void Replay::by_one_hand(const Record& r, std::string_view act, base::ByteView about) {
    const base::Bytes statement = model::act_statement(act, about);
    if (!r.has(Field::officer)) {
        if (!quorums_.empty() || !signed_by_master("revocation", statement, r.bytes(Field::signature))) find(r, "deed", std::string(act) + ": no officer's UKEY signed it, and no master-control UKEY");
        return;
    }
    const std::string_view by = r.text(Field::officer);
    const auto serial = base::UkeySerial::parse(by);
    const model::Officer* officer = quorums_.empty() || !serial ? nullptr : quorums_.back().find(*serial);
    if (officer == nullptr) return find(r, "quorum", quoted(by) + " did it alone and was no officer: " + std::string(act));
    if (ukey(by).state != model::UkeyState::issued) find(r, "quorum", quoted(by) + " of an officer was used while " + std::string(model::name(ukey(by).state)));
    if (!holds(officer->identity, "act", statement, r.bytes(Field::signature))) find(r, "quorum", "the signature of officer " + quoted(by) + " does not hold: " + std::string(act));
}

void Replay::by_word(const Record& r) {
    const bool officers = !quorums_.empty();
    switch (r.type()) {
        case EventType::ukey_state_changed: {
            const auto action = as<UkeyAction>(r, Field::action);
            // What the service does by itself: a date that is past, too many wrong PINs, a UKEY that it has just told of as a copy.
            if (action == UkeyAction::expire || action == UkeyAction::block || (action == UkeyAction::suspend && r.text(Field::ukey) == copied_)) return;
            if (r.has(Field::signature)) changed_by_hand(r);
            if (r.has(Field::officer)) return;
            break;
        }
        case EventType::account_state_changed: {
            const auto change = as<model::AccountChange>(r, Field::account_change);
            if (change == model::AccountChange::lock || change == model::AccountChange::change_password) return;
            if (change == model::AccountChange::disable) {
                const auto known = accounts_.find(std::string(r.text(Field::account)));
                return by_one_hand(r, "disable-account", known == accounts_.end() ? base::Bytes() : known->second.statement.encode());
            }
            if (officers && change == model::AccountChange::reset) return;  // account_changed asks for it
            break;
        }
        case EventType::pin_changed: {
            const auto intent = intents_.find(r.number(Field::intent));
            if (intent == intents_.end() || intent->second != static_cast<std::uint64_t>(UkeyAction::unblock)) return;  // by its holder
            break;
        }
        case EventType::configuration:
            if (!r.has(Field::deed) && !r.has(Field::request_number)) return;
            break;
        // The rules about officers ask for the request of these themselves, by its terms.
        case EventType::grant_set:
        case EventType::account_set:
        case EventType::quorum_set:
        case EventType::master_added:
        case EventType::platform_replaced:
        case EventType::download_allowed:
            if (officers) return;
            break;
        case EventType::ukey_issued:
        case EventType::ukey_renewed:
        case EventType::masters_injected:
        case EventType::keys_rotated:
        case EventType::keys_destroyed:
        case EventType::restored:
        case EventType::backup_made:
        case EventType::crl_issued:
        case EventType::retention_set:
        case EventType::ceremony_minutes: break;
        default: return;
    }
    const ApprovalRequest* word = word_of(r);
    if (word == nullptr) return;
    if (std::string wrong = unlike(r, *word); !wrong.empty()) return find(r, "deed", "record " + std::string(name(r.type())) + ": " + std::move(wrong));
    if (r.type() == EventType::crl_issued) return;  // a list may be signed again; its number rises
    const std::string once = std::to_string(word->generation) + "/" + std::to_string(word->number) + "/" + std::string(name(r.type())) + "/" + std::string(r.text(Field::ukey));
    if (!done_.insert(once).second) find(r, "deed", "record " + std::string(name(r.type())) + ": it came of the same word before");
}

}  // namespace audit

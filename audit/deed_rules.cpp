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

/// A record beside the word that it names, and what the log has come to.
struct Pair {
    const Record& r;
    const ApprovalRequest& word;
    bool in_ceremony;            ///< before its minutes
    std::string_view platform;   ///< serial of the platform UKEY

    bool is(std::initializer_list<Deed> deeds) const { return std::ranges::find(deeds, word.deed) != deeds.end(); }
    bool says(const std::string& term, std::string_view value) const { return word.term(term) == value; }
    bool says(const std::string& term, std::uint64_t value) const { return word.term(term) == std::to_string(value); }
    bool same(const std::string& term, Field field) const { return says(term, r.text(field)); }
    bool same_number(const std::string& term, Field field) const { return says(term, r.number(field)); }
    bool same_bytes(const std::string& term, Field field) const { return says(term, base::as_text(r.bytes(field))); }
    bool same_time(const std::string& term, Field field) const { return says(term, base::to_rfc3339(static_cast<base::Millis>(r.number(field)))); }
    bool same_ukey() const { return same("ukey", Field::ukey); }
    bool is_kind(UkeyKind kind) const { return as<UkeyKind>(r, Field::ukey_kind) == kind; }
    std::string_view kind() const { return model::name(as<UkeyKind>(r, Field::ukey_kind)); }
    /// Another platform UKEY takes over, with a backup or without.
    bool hands_over() const { return is({Deed::restore, Deed::replace_platform}); }
};

bool held_at_ceremony(const Pair& p) {
    const std::string line = "\n" + std::string(p.r.text(Field::ukey)) + "\t" + std::string(p.kind()) + "\t" + std::string(p.r.text(Field::holder)) + "\n";
    return p.in_ceremony && ("\n" + p.word.term("ukeys")).find(line) != std::string::npos;
}

bool new_officer(const Pair& p) {
    const auto change = model::QuorumChange::from_terms(p.word.terms);
    return change && p.is_kind(UkeyKind::officer) &&
           std::ranges::any_of(change->add, [&](const model::NewOfficer& o) { return o.ukey.text() == p.r.text(Field::ukey) && o.holder == p.r.text(Field::holder); });
}

bool issued(const Pair& p) {
    if (p.is({Deed::hold_ceremony})) return held_at_ceremony(p);
    if (p.is({Deed::change_quorum})) return new_officer(p);
    if (p.hands_over()) return p.same_ukey() && p.is_kind(UkeyKind::platform);
    return p.is({Deed::issue, Deed::add_master}) && p.same_ukey() && p.says("kind", p.kind()) && p.same("holder", Field::holder) && p.same_time("valid_until", Field::not_after);
}

bool renewed(const Pair& p) { return p.is({Deed::renew}) && p.same_ukey() && p.same_time("valid_until", Field::not_after); }

bool injected(const Pair& p) {
    if (p.is({Deed::reinject})) return p.same_ukey() && p.same_number("up_to_version", Field::key_version);
    const auto grant = model::Grant::decode(base::as_bytes(p.word.term("grant")));
    return p.is({Deed::issue}) && p.same_ukey() && grant && grant->classes == p.r.number(Field::classes);
}

bool changed(const Pair& p) {
    const auto action = as<UkeyAction>(p.r, Field::action);
    if (action == UkeyAction::renew) return renewed(p);
    if (p.hands_over()) return action == UkeyAction::revoke && p.same("former", Field::ukey);
    return p.is({Deed::revoke, Deed::unblock, Deed::destroy}) && p.same_ukey() && p.says("action", model::name(action)) && p.same("reason", Field::reason);
}

bool granted(const Pair& p) { return p.is({Deed::issue, Deed::set_grant, Deed::renew}) && p.same_bytes("grant", Field::grant); }

bool rotated(const Pair& p) {
    return p.is({Deed::rotate}) && p.same_number("version", Field::key_version) && p.says("classes", classes_in_words(p.r.number(Field::classes))) && p.same("reason", Field::reason);
}

bool destroyed(const Pair& p) {
    if (!p.is({Deed::destroy_version}) || !p.same_number("version", Field::key_version) || !p.same("masters", Field::detail) || !p.same("reason", Field::reason)) return false;
    std::uint64_t agreed = 0;
    for (const char c : p.word.term("meters_lost")) agreed = agreed * 10 + static_cast<std::uint64_t>(c - '0');
    return p.r.number(Field::count) <= agreed;
}

bool account_set(const Pair& p) { return p.is({Deed::issue_account, Deed::enable_account, Deed::bind_account}) && p.same_bytes("account", Field::account_statement); }

bool account_changed(const Pair& p) {
    if (as<model::AccountChange>(p.r, Field::account_change) == model::AccountChange::reset) return p.is({Deed::reset_account}) && p.same("new_password_for", Field::account);
    const auto account = model::Account::decode(base::as_bytes(p.word.term("account")));
    return p.is({Deed::enable_account}) && account && account->name == p.r.text(Field::account);
}

bool replaced(const Pair& p) { return p.hands_over() && p.same_ukey() && p.says("former", p.platform) && p.same_number("events", Field::size); }

bool allowed(const Pair& p) {
    const std::string& days = p.word.term("days");
    const bool short_enough = days.size() == 1 && static_cast<base::Millis>(p.r.number(Field::not_after)) <= p.r.time() + (days.front() - '0') * base::kDay;
    return p.is({Deed::recover_meter}) && p.says("meter", value_in_words(Field::meter, p.r.bytes(Field::meter))) && p.same("reason", Field::reason) && short_enough;
}

bool minuted(const Pair& p) { return (p.hands_over() || (p.is({Deed::hold_ceremony}) && p.in_ceremony)) && p.same("minutes", Field::note); }

/// What comes of somebody's word, and whether it is what that says.
struct Rule {
    EventType type;
    bool (*fits)(const Pair&);
};
constexpr std::array kRules{
    Rule{EventType::ukey_issued, issued},
    Rule{EventType::ukey_renewed, renewed},
    Rule{EventType::masters_injected, injected},
    Rule{EventType::ukey_state_changed, changed},
    Rule{EventType::grant_set, granted},
    Rule{EventType::keys_rotated, rotated},
    Rule{EventType::keys_destroyed, destroyed},
    Rule{EventType::account_set, account_set},
    Rule{EventType::account_state_changed, account_changed},
    Rule{EventType::quorum_set, [](const Pair& p) { return p.is({Deed::change_quorum}); }},
    Rule{EventType::master_added, [](const Pair& p) { return p.is({Deed::add_master}) && p.same_ukey(); }},
    Rule{EventType::platform_replaced, replaced},
    Rule{EventType::restored, [](const Pair& p) { return p.is({Deed::restore}) && p.same_number("events", Field::size); }},
    Rule{EventType::backup_made, [](const Pair& p) { return p.is({Deed::backup}) && p.r.text(Field::detail) == "in " + p.word.term("folder"); }},
    Rule{EventType::download_allowed, allowed},
    Rule{EventType::crl_issued, [](const Pair& p) { return p.hands_over() || p.is({Deed::publish_crl, Deed::revoke, Deed::renew, Deed::hold_ceremony}); }},
    Rule{EventType::pin_changed, [](const Pair& p) { return p.is({Deed::unblock}) && p.same_ukey(); }},
    Rule{EventType::retention_set, [](const Pair& p) { return p.is({Deed::retention}) && p.same_bytes("retention", Field::statement); }},
    Rule{EventType::ceremony_minutes, minuted},
    Rule{EventType::configuration, [](const Pair& p) { return p.is({Deed::request_certificate}); }},
};

/// By type, for every record asks: one more than the rule's place, 0 where there is none.
constexpr auto kRuleOf = [] {
    std::array<std::uint8_t, kTypeLimit> out{};
    for (std::size_t i = 0; i < kRules.size(); ++i) out[static_cast<std::size_t>(kRules[i].type)] = static_cast<std::uint8_t>(i + 1);
    return out;
}();

/// The rules about officers ask for the request of these themselves, by its terms.
constexpr std::array kAskedByOfficersRules{EventType::grant_set,    EventType::account_set,       EventType::quorum_set,
                                           EventType::master_added, EventType::platform_replaced, EventType::download_allowed};

}  // namespace

void Replay::begun(const Record& r) {
    if (r.type() == EventType::deed_signed)
        if (const auto deed = ApprovalRequest::decode(r.bytes(Field::statement)); deed && deed->deed == Deed::hold_ceremony) return;
    find(r, "deed", "the log does not begin with the ceremony's deed: nobody signed its genesis");
}

void Replay::deed_signed(const Record& r) {
    auto deed = ApprovalRequest::decode(r.bytes(Field::statement));
    if (!deed) return find(r, "deed", "a deed that cannot be read: " + deed.error().message);
    const auto master = masters_.find(std::string(r.text(Field::ukey)));
    if (anchor_ && (master == masters_.end() || !holds(master->second, "deed", r.bytes(Field::statement), r.bytes(Field::signature))))
        return find(r, "deed", quoted(r.text(Field::ukey)) + " did not sign this deed, or is no master-control UKEY in service");
    if (!of_this_log(r, deed->home, "a deed")) return;
    if (deed->generation != 0) return find(r, "deed", "a deed that is a request to officers");
    if (deed->number <= newest_deed_ || deed->number > r.index()) return find(r, "deed", "deed " + std::to_string(deed->number) + " does not rise above " + std::to_string(newest_deed_) + ", or is ahead of the log");
    // A clock may be set between the signature and the record.
    if (r.time() + base::kMinute < deed->made || r.time() >= deed->expires) return find(r, "deed", "a deed of another time: " + base::to_rfc3339(deed->made));
    newest_deed_ = deed->number;
    if (deed->deed == Deed::hold_ceremony) check_ceremony(r, *deed);
    else if (!quorums_.empty()) return find(r, "deed", "the master-control UKEY signed it alone, and there are officers");
    deeds_[r.index()] = std::move(*deed);
}

void Replay::check_ceremony(const Record& r, const ApprovalRequest& deed) {
    if (!ceremony_ || r.index() != 1) find(r, "deed", "a ceremony that does not stand at the beginning of the log");
    const bool same = deed.term("origin") == origin_ && deed.term("checkpoint_key") == base::to_hex(checkpoint_key_) && deed.term("day_offset_minutes") == std::to_string(day_offset_ / base::kMinute);
    if (!same) find(r, "deed", "the ceremony that the trust anchor signed is not the one that this log begins with");
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
    // Of which kind it is, the deed that issued it says: what the record says here nobody signed.
    const UkeyKind kind = ukey(r.text(Field::ukey)).kind.value_or(as<UkeyKind>(r, Field::ukey_kind));
    if (r.has(Field::officer) && model::takes_quorum(kind, action)) find(r, "quorum", "an officer alone did what takes several: " + std::string(model::name(action)));
    if (!r.has(Field::officer)) {
        if (!signed_by_master("revocation", w.view(), r.bytes(Field::signature))) find(r, "deed", "no master-control UKEY signed what became of " + quoted(r.text(Field::ukey)));
        return;
    }
    // One signature is one change: not the next one from the same state too, nor one that another change has come before. A change may be recorded just after it acts.
    if (!done_.insert("act/" + base::to_hex(w.view())).second || static_cast<base::Millis>(r.number(Field::happened_at)) + base::kMinute < ukey(r.text(Field::ukey)).changed)
        find(r, "quorum", "what officer " + quoted(r.text(Field::officer)) + " signed of " + quoted(r.text(Field::ukey)) + " was signed of an earlier change: " + std::string(model::name(action)));
    by_one_hand(r, model::name(action), w.view());
}

void Replay::by_one_hand(const Record& r, std::string_view act, base::ByteView about) {
    const base::Bytes statement = model::act_statement(act, about);
    if (!r.has(Field::officer)) {
        if (!quorums_.empty() || !signed_by_master("revocation", statement, r.bytes(Field::signature))) find(r, "deed", std::string(act) + ": no officer's UKEY signed it, and no master-control UKEY");
        return;
    }
    const std::string_view by = r.text(Field::officer);
    const model::Officer* officer = officer_at(r, by, "did it alone (" + std::string(act) + ")");
    if (officer != nullptr && !holds(officer->identity, "act", statement, r.bytes(Field::signature))) find(r, "quorum", "the signature of officer " + quoted(by) + " does not hold: " + std::string(act));
}

bool Replay::needs_word(const Record& r) {
    if (!quorums_.empty() && std::ranges::find(kAskedByOfficersRules, r.type()) != kAskedByOfficersRules.end()) return false;
    if (r.type() == EventType::ukey_state_changed) {
        const auto action = as<UkeyAction>(r, Field::action);
        // What the service does by itself: a date that is past, too many wrong PINs, a UKEY that it has just told of as a copy.
        if (action == UkeyAction::expire || action == UkeyAction::block || (action == UkeyAction::suspend && r.text(Field::ukey) == copied_)) return false;
        if (r.has(Field::signature) || r.has(Field::officer)) changed_by_hand(r);
        return !r.has(Field::officer);
    }
    if (r.type() == EventType::account_state_changed) {
        const auto change = as<model::AccountChange>(r, Field::account_change);
        if (change == model::AccountChange::disable) {
            const auto known = accounts_.find(std::string(r.text(Field::account)));
            by_one_hand(r, "disable-account", known == accounts_.end() ? base::Bytes() : known->second.statement.encode());
        }
        return change == model::AccountChange::enable || (change == model::AccountChange::reset && quorums_.empty());  // with officers account_changed asks for it
    }
    if (r.type() == EventType::pin_changed) {
        const auto intent = intents_.find(r.number(Field::intent));
        return intent != intents_.end() && intent->second == static_cast<std::uint64_t>(UkeyAction::unblock);  // otherwise by its holder
    }
    return r.type() != EventType::configuration || r.has(Field::deed) || r.has(Field::request_number);
}

void Replay::by_word(const Record& r) {
    const std::uint8_t rule = kRuleOf[static_cast<std::size_t>(r.type())];
    if (rule == 0 || !needs_word(r)) return;
    const ApprovalRequest* word = word_of(r);
    if (word == nullptr) return;
    const std::string what = "record " + std::string(name(r.type())) + ": ";
    if (!kRules[rule - 1u].fits({r, *word, ceremony_, platform_}))
        return find(r, "deed", what + "it is not what was " + (r.has(Field::deed) ? "signed" : "agreed to") + ": " + std::string(model::phrase(word->deed)));
    if (r.type() == EventType::crl_issued) return;  // a list may be signed again; its number rises
    once(r, *word);
}

}  // namespace audit

#include "ui/ukeys/acts.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>

#include "model/ukey.h"
#include "ui/parts/words.h"

namespace ui::ukeys {
namespace {

using model::UkeyAction;
using model::UkeyKind;
using model::UkeyState;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(ukeys)
};

struct Seen {
    UkeyKind kind;
    UkeyState state;
};

std::optional<Seen> seen(const pb::Ukey& ukey) {
    const auto kind = model::parse_ukey_kind(ukey.kind());
    if (!kind) return std::nullopt;
    for (const auto s : {UkeyState::blank, UkeyState::initialised, UkeyState::issued, UkeyState::suspended, UkeyState::blocked, UkeyState::expired, UkeyState::lost, UkeyState::revoked, UkeyState::destroyed})
        if (model::name(s) == ukey.state()) return Seen{*kind, s};
    return std::nullopt;
}

std::optional<UkeyAction> action(Act act) {
    switch (act) {
        case Act::suspend: return UkeyAction::suspend;
        case Act::resume: return UkeyAction::resume;
        case Act::unblock: return UkeyAction::unblock;
        case Act::report_lost: return UkeyAction::report_lost;
        case Act::revoke: return UkeyAction::revoke;
        case Act::destroy: return UkeyAction::destroy;
        case Act::set_pin:
        case Act::renew:
        case Act::inject:
        case Act::grant:
        case Act::attend:
        case Act::forget_pin: return std::nullopt;
    }
    return std::nullopt;
}

QString label(Act act) {
    switch (act) {
        case Act::set_pin: return Say::tr("Change its &PIN …");
        case Act::renew: return Say::tr("Re&new …");
        case Act::inject: return Say::tr("Give it &masters …");
        case Act::grant: return Say::tr("Change its &grant …");
        case Act::attend: return Say::tr("&Open by itself …");
        case Act::forget_pin: return Say::tr("No longer &open by itself …");
        case Act::suspend: return Say::tr("&Suspend …");
        case Act::resume: return Say::tr("&Resume …");
        case Act::unblock: return Say::tr("&Unblock …");
        case Act::report_lost: return Say::tr("Report &lost …");
        case Act::revoke: return Say::tr("Re&voke …");
        case Act::destroy: return Say::tr("&Erase …");
    }
    return {};
}

QString purpose(Act act) {
    switch (act) {
        case Act::set_pin: return Say::tr("Its holder chooses another PIN.");
        case Act::renew: return Say::tr("New certificates, and a later end.");
        case Act::inject: return Say::tr("The masters that its grant allows and that it lacks.");
        case Act::grant: return Say::tr("What it may do, where, how much and when.");
        case Act::attend: return Say::tr("Its PIN is kept, so that it works again by itself after a pull or a restart.");
        case Act::forget_pin: return Say::tr("Its kept PIN is forgotten.");
        case Act::suspend: return Say::tr("It is refused until it is resumed.");
        case Act::resume: return Say::tr("It works again.");
        case Act::unblock: return Say::tr("A new PIN in the place of the one that was wrong too often.");
        case Act::report_lost: return Say::tr("It is refused for good; revoke it next.");
        case Act::revoke: return Say::tr("It never works again.");
        case Act::destroy: return Say::tr("Its token is erased.");
    }
    return {};
}

/// Whether the token itself takes part, so that it must be in a reader.
bool needs_token(Act act) {
    switch (act) {
        case Act::set_pin:
        case Act::renew:
        case Act::inject:
        case Act::attend:
        case Act::unblock:
        case Act::destroy: return true;
        case Act::grant:
        case Act::forget_pin:
        case Act::suspend:
        case Act::resume:
        case Act::report_lost:
        case Act::revoke: return false;
    }
    return false;
}

/// Whether it takes something from somebody and gives nobody anything: what link::works_on_any_log lets through.
bool takes_away(Act act) { return act == Act::suspend || act == Act::report_lost || act == Act::revoke; }

/// Whether, where officers share the master-control UKEY, it is asked for first and done later.
bool becomes_request(Act act) { return act == Act::renew || act == Act::inject || act == Act::unblock || act == Act::destroy; }

QString not_in(UkeyState state, const QString& names) { return Say::tr("It is %1; this takes one that is %2.").arg(parts::state_word(model::name(state)), names); }

QString states_before(UkeyAction wanted) {
    QStringList names;
    for (const model::Transition& t : model::transitions())
        if (t.action == wanted) names << parts::state_word(model::name(t.from));
    return names.join(Say::tr(" or "));
}

QString in_any_of(UkeyState state, std::initializer_list<UkeyState> states) {
    QStringList names;
    for (const UkeyState s : states) {
        if (s == state) return {};
        names << parts::state_word(model::name(s));
    }
    return not_in(state, names.join(Say::tr(" or ")));
}

QString against(Act act, const pb::Ukey& ukey, const Seen& s, bool quorum, bool last_master) {
    const bool vends_or_keys = s.kind == UkeyKind::user || s.kind == UkeyKind::key;
    if (s.kind == UkeyKind::platform) return Say::tr("The platform UKEY is not changed like this: it is replaced.");
    if (const auto wanted = action(act)) {
        if (!model::next_state(s.state, *wanted)) return not_in(s.state, states_before(*wanted));
        if (last_master && act != Act::unblock && act != Act::destroy) return Say::tr("No other master-control UKEY is in use: without this one nobody could issue, renew or revoke anything. Make a further one first.");
        return {};
    }
    switch (act) {
        case Act::set_pin:
            if (s.kind == UkeyKind::master_control && quorum) return Say::tr("Its PIN is split among the officers; nobody changes it alone.");
            return in_any_of(s.state, {UkeyState::issued});
        case Act::renew:
            if (s.kind == UkeyKind::master_control) return Say::tr("A master-control UKEY does not end; a further one is made instead.");
            return in_any_of(s.state, {UkeyState::issued, UkeyState::expired});
        case Act::inject:
            if (!vends_or_keys && s.kind != UkeyKind::master_control) return Say::tr("This kind of UKEY holds no masters.");
            return in_any_of(s.state, {UkeyState::issued});
        case Act::grant:
            if (!vends_or_keys) return Say::tr("Only user and key UKEYs have a grant.");
            return in_any_of(s.state, {UkeyState::issued, UkeyState::suspended});
        case Act::attend:
            if (s.kind != UkeyKind::user) return Say::tr("Only a user UKEY opens by itself; all others are opened by their holder's hand.");
            if (ukey.attended()) return Say::tr("It does already.");
            if (const QString no = in_any_of(s.state, {UkeyState::issued}); !no.isEmpty()) return no;
            return ukey.must_change_pin() ? Say::tr("Its holder changes the PIN first.") : QString();
        case Act::forget_pin: return ukey.attended() ? QString() : Say::tr("Its PIN is not kept.");
        case Act::suspend:
        case Act::resume:
        case Act::unblock:
        case Act::report_lost:
        case Act::revoke:
        case Act::destroy: break;
    }
    return {};
}

constexpr std::array kOrder{Act::set_pin, Act::renew, Act::inject, Act::grant, Act::attend, Act::forget_pin, Act::suspend, Act::resume, Act::unblock, Act::report_lost, Act::revoke, Act::destroy};

std::vector<Act> first_acts(const pb::Ukey& ukey, UkeyState state) {
    switch (state) {
        case UkeyState::issued: return ukey.must_change_pin() ? std::vector{Act::set_pin, Act::suspend, Act::report_lost} : std::vector{Act::suspend, Act::grant, Act::report_lost};
        case UkeyState::suspended: return {Act::resume, Act::report_lost, Act::revoke};
        case UkeyState::blocked: return {Act::unblock, Act::report_lost, Act::revoke};
        case UkeyState::expired: return {Act::renew, Act::report_lost, Act::revoke};
        case UkeyState::lost: return {Act::revoke};
        case UkeyState::revoked:
        case UkeyState::initialised: return {Act::destroy};
        case UkeyState::blank:
        case UkeyState::destroyed: return {};
    }
    return {};
}

}  // namespace

std::string_view action_of(Act act) noexcept {
    switch (act) {
        case Act::suspend: return "suspend";
        case Act::resume: return "resume";
        case Act::unblock: return "unblock";
        case Act::report_lost: return "report-lost";
        case Act::revoke: return "revoke";
        case Act::destroy: return "destroy";
        case Act::set_pin:
        case Act::renew:
        case Act::inject:
        case Act::grant:
        case Act::attend:
        case Act::forget_pin: return {};
    }
    return {};
}

std::vector<Choice> choices(const pb::Ukey& ukey, bool quorum, const QString& unbelieved, bool last_master) {
    std::vector<Choice> out;
    const auto s = seen(ukey);
    for (const Act act : kOrder) {
        Choice c{act, label(act), false, {}};
        if (!s) c.why = Say::tr("This window does not know this kind or state of UKEY: it may be older than the service.");
        else c.why = against(act, ukey, *s, quorum, last_master);
        if (c.why.isEmpty() && needs_token(act) && ukey.reader().empty() && !(quorum && becomes_request(act))) c.why = Say::tr("It must be plugged in for this.");
        if (c.why.isEmpty() && !takes_away(act)) c.why = unbelieved;
        c.possible = c.why.isEmpty();
        if (c.possible) c.why = purpose(act);
        out.push_back(std::move(c));
    }
    return out;
}

bool is_last_master(const pb::Ukey& ukey, const std::vector<pb::Ukey>& all) {
    return ukey.kind() == "master-control" && std::ranges::none_of(all, [&](const pb::Ukey& u) { return u.kind() == ukey.kind() && u.state() == "issued" && u.serial() != ukey.serial(); });
}

std::vector<Choice> next_choices(const pb::Ukey& ukey, bool quorum, const QString& unbelieved, bool last_master) {
    std::vector<Choice> out;
    const auto s = seen(ukey);
    if (!s) return out;
    const std::vector<Choice> all = choices(ukey, quorum, unbelieved, last_master);
    for (const Act act : first_acts(ukey, s->state)) {
        const auto at = std::ranges::find(all, act, &Choice::act);
        if (at->possible) out.push_back(*at);
    }
    return out;
}

QString state_sentence(const pb::Ukey& ukey) {
    const auto s = seen(ukey);
    if (!s) return {};
    switch (s->state) {
        case UkeyState::blank: return Say::tr("It is empty.");
        case UkeyState::initialised: return Say::tr("Its issue broke off. Erase it, and issue it again.");
        case UkeyState::issued:
            if (ukey.must_change_pin()) return Say::tr("It works once its holder has changed the first PIN.");
            return ukey.wrong_pins() > 0 ? Say::tr("It works. %n wrong PIN(s) since the last right one; the tenth blocks it.", nullptr, static_cast<int>(ukey.wrong_pins())) : Say::tr("It works.");
        case UkeyState::suspended: return Say::tr("It is refused until an officer resumes it.");
        case UkeyState::blocked: return Say::tr("Its PIN was wrong ten times. Plug it in and unblock it with a new PIN.");
        case UkeyState::expired: return Say::tr("Its validity is over. Renew it, with its holder.");
        case UkeyState::lost: return Say::tr("It is refused for good. Revoke it next, and think of new masters for the meters' keys.");
        case UkeyState::revoked: return Say::tr("It never works again. Where it was given back, plug it in and erase it.");
        case UkeyState::destroyed: return Say::tr("It was erased. Nothing more can be done with it.");
    }
    return {};
}

}  // namespace ui::ukeys

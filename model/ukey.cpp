#include "model/ukey.h"

#include <array>
#include <string>

#include "base/words.h"

namespace model {
namespace {

using S = UkeyState;
using A = UkeyAction;

constexpr std::array kTransitions{
    Transition{S::blank, A::initialise, S::initialised},
    Transition{S::initialised, A::issue, S::issued},
    Transition{S::initialised, A::destroy, S::destroyed},
    Transition{S::issued, A::suspend, S::suspended},
    Transition{S::suspended, A::resume, S::issued},
    Transition{S::issued, A::block, S::blocked},
    Transition{S::blocked, A::unblock, S::issued},
    Transition{S::issued, A::expire, S::expired},
    Transition{S::expired, A::renew, S::issued},
    Transition{S::issued, A::report_lost, S::lost},
    Transition{S::suspended, A::report_lost, S::lost},
    Transition{S::blocked, A::report_lost, S::lost},
    Transition{S::expired, A::report_lost, S::lost},
    Transition{S::issued, A::revoke, S::revoked},
    Transition{S::suspended, A::revoke, S::revoked},
    Transition{S::blocked, A::revoke, S::revoked},
    Transition{S::expired, A::revoke, S::revoked},
    Transition{S::lost, A::revoke, S::revoked},
    Transition{S::revoked, A::destroy, S::destroyed},
};

/// What a person can have done to a UKEY that exists. Wrong PINs block one, time ends one, and making one ends in issuing it.
constexpr bool can_be_asked_for(A action) noexcept { return action != A::block && action != A::expire && action != A::issue; }

}  // namespace

std::string_view name(UkeyKind kind) noexcept {
    switch (kind) {
        case UkeyKind::master_control: return "master-control";
        case UkeyKind::officer: return "officer";
        case UkeyKind::key: return "key";
        case UkeyKind::user: return "user";
        case UkeyKind::auditor: return "auditor";
        case UkeyKind::platform: return "platform";
    }
    return "?";
}

std::string_view name(UkeyState state) noexcept {
    switch (state) {
        case S::blank: return "blank";
        case S::initialised: return "initialised";
        case S::issued: return "issued";
        case S::suspended: return "suspended";
        case S::blocked: return "blocked";
        case S::expired: return "expired";
        case S::lost: return "lost";
        case S::revoked: return "revoked";
        case S::destroyed: return "destroyed";
    }
    return "?";
}

std::string_view name(UkeyAction action) noexcept {
    switch (action) {
        case A::initialise: return "initialise";
        case A::issue: return "issue";
        case A::suspend: return "suspend";
        case A::resume: return "resume";
        case A::block: return "block";
        case A::unblock: return "unblock";
        case A::expire: return "expire";
        case A::renew: return "renew";
        case A::report_lost: return "report-lost";
        case A::revoke: return "revoke";
        case A::destroy: return "destroy";
    }
    return "?";
}

std::string one(UkeyKind kind) { return base::with_article(name(kind)) + " UKEY"; }

base::Result<UkeyKind> parse_ukey_kind(std::string_view text) {
    for (int i = 1; i <= 6; ++i)
        if (const auto kind = static_cast<UkeyKind>(i); name(kind) == text) return kind;
    return {base::Code::invalid_argument, "'" + std::string(text) + "' is not a UKEY kind: master-control, officer, key, user, auditor or platform"};
}

base::Result<UkeyAction> parse_ukey_action(std::string_view text) {
    for (const UkeyAction action : {A::suspend, A::resume, A::report_lost, A::revoke, A::unblock, A::destroy})
        if (name(action) == text) return action;
    return {base::Code::invalid_argument, "action: suspend, resume, report-lost, revoke, unblock or destroy, not '" + std::string(text.substr(0, 32)) + "'"};
}

base::Result<UkeyKind> ukey_kind_from(std::uint64_t number) {
    if (number < 1 || number > 6) return {base::Code::malformed, "no UKEY kind has the number " + std::to_string(number)};
    return static_cast<UkeyKind>(number);
}

base::Result<UkeyState> ukey_state_from(std::uint64_t number) {
    if (number < 1 || number > 9) return {base::Code::malformed, "no UKEY state has the number " + std::to_string(number)};
    return static_cast<UkeyState>(number);
}

base::Result<UkeyAction> ukey_action_from(std::uint64_t number) {
    if (number < 1 || number > 11) return {base::Code::malformed, "no UKEY action has the number " + std::to_string(number)};
    return static_cast<UkeyAction>(number);
}

std::span<const Transition> transitions() noexcept { return kTransitions; }

bool in_service(UkeyState state) noexcept { return state == UkeyState::issued || state == UkeyState::suspended || state == UkeyState::blocked; }

bool takes_quorum(UkeyKind kind, UkeyAction action) noexcept {
    const bool so_pin = action == A::unblock || action == A::destroy;
    const bool ends = action == A::revoke || action == A::report_lost;
    return so_pin || kind == UkeyKind::master_control || (kind == UkeyKind::officer && action != A::suspend) || (kind == UkeyKind::auditor && ends);
}

base::Result<UkeyState> next_state(UkeyState from, UkeyAction action) {
    std::string possible;
    for (const Transition& t : kTransitions) {
        if (t.from != from) continue;
        if (t.action == action) return t.to;
        if (can_be_asked_for(t.action)) possible.append(possible.empty() ? "" : ", ").append(name(t.action));
    }
    return {base::Code::refused, "a UKEY that is " + std::string(name(from)) + " cannot take '" + std::string(name(action)) + "'; possible now: " +
                                     (possible.empty() ? "nothing" : possible)};
}

}  // namespace model

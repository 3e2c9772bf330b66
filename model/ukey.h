#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace model {

/// What a UKEY is for. The number is what stands in events and on the wire.
enum class UkeyKind : std::uint8_t { master_control = 1, officer = 2, key = 3, user = 4, auditor = 5, platform = 6 };

enum class UkeyState : std::uint8_t {
    blank = 1, initialised = 2, issued = 3, suspended = 4, blocked = 5, expired = 6, lost = 7, revoked = 8, destroyed = 9,
};

/// What can happen to a UKEY in its life.
enum class UkeyAction : std::uint8_t {
    initialise = 1, issue = 2, suspend = 3, resume = 4, block = 5, unblock = 6, expire = 7, renew = 8, report_lost = 9, revoke = 10, destroy = 11,
};

std::string_view name(UkeyKind) noexcept;
std::string_view name(UkeyState) noexcept;
std::string_view name(UkeyAction) noexcept;
/// "a key UKEY", "an officer UKEY"
std::string one(UkeyKind kind);
base::Result<UkeyKind> parse_ukey_kind(std::string_view text);
/// What a person asks for by name: suspend, resume, report-lost, revoke, unblock or destroy. invalid_argument: anything else.
base::Result<UkeyAction> parse_ukey_action(std::string_view text);
base::Result<UkeyKind> ukey_kind_from(std::uint64_t number);
base::Result<UkeyState> ukey_state_from(std::uint64_t number);
base::Result<UkeyAction> ukey_action_from(std::uint64_t number);

/// Whether a UKEY in this state can still be used, now or again: issued, suspended or blocked.
bool in_service(UkeyState) noexcept;

struct Transition {
    UkeyState from;
    UkeyAction action;
    UkeyState to;
};

/// The one table of what may follow what.
std::span<const Transition> transitions() noexcept;

/// Whether officers must agree before this happens to a UKEY of this kind: one of them must not end or call back the others, the auditor, or
/// a master-control UKEY, and what takes a UKEY's SO PIN takes them all.
bool takes_quorum(UkeyKind, UkeyAction) noexcept;

/// The state after `action`. refused: the table has no such line; the message says what people can ask for from `from`.
base::Result<UkeyState> next_state(UkeyState from, UkeyAction action);

}  // namespace model

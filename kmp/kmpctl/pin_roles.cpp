#include "kmp/kmpctl/pin_roles.h"

#include <array>

namespace kmp::kmpctl {
namespace {

// What officers are asked for first takes no PIN at all until it is run.
constexpr std::string_view kMaster = "master; none under dual control, where it becomes a request";
constexpr std::string_view kHand = "master; under dual control officer, yours";
constexpr std::string_view kNew = "master, ukey (the new one); none under dual control, where it becomes a request";
constexpr std::string_view kHeld = "master, ukey (its holder's); none under dual control, where it becomes a request";

constexpr std::string_view kAuditor = "auditor, with --as-auditor or where the log is for auditors alone";

constexpr std::array kRoles{
    PinRoles{"init", "platform, master; under dual control platform, officer1, officer2 .. in the order of --officer"},
    PinRoles{"unseal", "platform"},
    PinRoles{"ukey issue", kNew},
    PinRoles{"ukey issue-batch", kNew},
    PinRoles{"ukey renew", kHeld},
    PinRoles{"ukey inject", kHeld},
    PinRoles{"ukey attend", "ukey"},
    PinRoles{"ukey set-pin", "ukey (the present one), fresh (the new one)"},
    PinRoles{"ukey suspend", kHand},
    PinRoles{"ukey resume", kHand},
    PinRoles{"ukey report-lost", kHand},
    PinRoles{"ukey revoke", kHand},
    PinRoles{"ukey unblock", kNew},
    PinRoles{"ukey destroy", kMaster},
    PinRoles{"grant set", "master; under dual control officer, where the grant is narrowed"},
    PinRoles{"account add", "master, account (the first password, where it has one); none under dual control, where it becomes a request"},
    PinRoles{"account passwd", "account (the present password), fresh (the new one)"},
    PinRoles{"account certificate", kMaster},
    PinRoles{"account disable", kHand},
    PinRoles{"account enable", kMaster},
    PinRoles{"account reset", "master, account (the new password); none under dual control, where it becomes a request"},
    PinRoles{"station release", kHand},
    PinRoles{"audit list", kAuditor},
    PinRoles{"audit show", kAuditor},
    PinRoles{"audit search run", kAuditor},
    PinRoles{"audit minutes", kAuditor},
    PinRoles{"audit export", kAuditor},
    PinRoles{"audit verify", kAuditor},
    PinRoles{"audit checkpoint", kAuditor},
    PinRoles{"audit reconcile", kAuditor},
    PinRoles{"audit report", kAuditor},
    PinRoles{"audit prove", kAuditor},
    PinRoles{"audit retention", kMaster},
    PinRoles{"request approve", "officer"},
    PinRoles{"request reject", "officer"},
    PinRoles{"request run", "what the request takes, of ukey, account, officer1, officer2 .."},
    PinRoles{"master add", kNew},
    PinRoles{"backup", kMaster},
    PinRoles{"restore", "platform (the new one), master; under dual control platform, officer1, officer2 .. in the order of --officer"},
    PinRoles{"platform replace", "platform (the new one), master, old with --handover; under dual control officer1, officer2 .. for master"},
    PinRoles{"keys rotate", kMaster},
    PinRoles{"keys destroy", "master, ukey (of another master-control UKEY, where there is one); none under dual control, where it becomes a request"},
    PinRoles{"meter allow-download", kMaster},
    PinRoles{"crl refresh", kMaster},
    PinRoles{"pki request", kMaster},
};

}  // namespace

std::span<const PinRoles> pin_roles() noexcept { return kRoles; }

}  // namespace kmp::kmpctl

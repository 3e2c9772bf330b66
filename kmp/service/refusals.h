#pragma once
#include "audit/event.h"
#include "kmp/service/peer.h"
#include "wire/pb.h"

namespace kmp::service {

/// A rule's refusal starts with the rule's name: "per_day: ..."; otherwise empty.
std::string_view rule_of(std::string_view message);
/// A refusal on admin.sock as it stands in the log: who asked for what, of which UKEY, account, station, meter or request, and why it was refused. `about`: the UKEY, where the request does not name it
audit::Event denial_of(const Peer& peer, const wire::pb::AdminRequest& request, const wire::pb::Failure& failure, std::string_view about = {});

}  // namespace kmp::service

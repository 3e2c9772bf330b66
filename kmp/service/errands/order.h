#pragma once
#include "audit/event.h"
#include "kmp/service/errand.h"

namespace kmp::service {

/// An order as its event says, or the event that voids it.
policy::OrderDone order_of(const audit::Record& record, std::uint64_t index);

std::unique_ptr<Errand> void_errand(const wire::pb::VoidOrder& request);

}  // namespace kmp::service

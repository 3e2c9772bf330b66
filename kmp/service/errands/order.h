#pragma once
#include "audit/event.h"
#include "kmp/service/errand.h"

namespace kmp::service {

/// Adds to an event what was ordered; `card`: the serial of the card that carries it, or empty.
void describe_order(audit::Event& event, model::OrderKind kind, model::CustomerNumber customer, model::Fen amount, std::string_view card);

/// An order as its event says, or the event that voids it.
policy::OrderDone order_of(const audit::Record& record, std::uint64_t index);

std::unique_ptr<Errand> void_errand(const wire::pb::VoidOrder& request);

}  // namespace kmp::service

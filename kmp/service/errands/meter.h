#pragma once
#include "kmp/service/errand.h"

namespace kmp::service {

/// The errand for a request about one meter that is not an order; null for any other.
std::unique_ptr<Errand> meter_errand(const wire::pb::StationRequest& request);

/// What a meter is after it took a key set: at once, and again when the log is replayed.
void apply_keys_loaded(policy::Meter& meter, bool recover, model::KeyVersion version);

}  // namespace kmp::service

#pragma once
#include "kmp/service/errand.h"

namespace kmp::service {

/// The errand for a request about one meter that is not an order; null for any other.
std::unique_ptr<Errand> meter_errand(const wire::pb::StationRequest& request);

/// Those of them that write to a meter or check what it read back; those that are about a charging card. Precondition: the request is such a one.
std::unique_ptr<Errand> writing_errand(const wire::pb::StationRequest& request);
std::unique_ptr<Errand> card_errand(const wire::pb::StationRequest& request);

/// A genuine status or write-back with this count stands in the log: the purchase that has it was credited.
void shown(Books& books, model::MeterNumber meter, std::uint32_t count);

/// What a meter is after it took a key set: at once, and again when the log is replayed.
void apply_keys_loaded(policy::Meter& meter, bool recover, model::KeyVersion version);

}  // namespace kmp::service

#pragma once
#include "kmp/service/errand.h"

namespace kmp::service {

/// The errand for a request to the data and signing keys of a user UKEY; null for any other.
std::unique_ptr<Errand> data_errand(const wire::pb::StationRequest& request);

}  // namespace kmp::service

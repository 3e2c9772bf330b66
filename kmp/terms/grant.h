#pragma once
#include "model/grant.h"
#include "wire/pb.h"

namespace kmp::service {

/// The grant that an officer's terms describe, without ukey, number, kind and home. Zero times mean from now for one year.
/// invalid_argument: a field that cannot be.
base::Result<model::Grant> grant_of(const wire::pb::GrantTerms& terms, base::Millis now);
wire::pb::GrantTerms terms_of(const model::Grant& grant);

}  // namespace kmp::service

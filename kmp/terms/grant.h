#pragma once
#include "model/grant.h"
#include "wire/pb.h"

/// Grants as they stand in a UKEY and as they travel: for the service that gives them, and for a window that says beforehand why one cannot be.
namespace kmp::terms {

/// Of a meter number; from 0 to it is every meter.
inline constexpr std::uint64_t kLastMeter = 999'999'999'999;

/// How long a grant or a UKEY is valid where nobody says until when.
inline constexpr base::Millis kYear = 365 * base::kDay;

/// Whether one of these operations is an order: then the caps count.
bool may_sell(const wire::pb::GrantTerms& terms);

/// The grant that an officer's terms describe, without ukey, number, kind and home. Zero times mean from now for one year.
/// invalid_argument: a field that cannot be.
base::Result<model::Grant> grant_of(const wire::pb::GrantTerms& terms, base::Millis now);
wire::pb::GrantTerms terms_of(const model::Grant& grant);

}  // namespace kmp::terms

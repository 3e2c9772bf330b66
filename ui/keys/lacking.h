#pragma once
#include <string>
#include <vector>

#include "wire/pb.h"

namespace ui::keys {

/// A UKEY that is still to be given masters.
struct Lacks {
    std::string serial;
    std::string holder;
    std::vector<std::string> masters;  ///< "credit 2"
};
/// Key and user UKEYs in service that lack a master of `version`. Which classes one may hold is seen by those that it holds of any version; the service alone knows it for certain, and counts.
std::vector<Lacks> lacking(const std::vector<wire::pb::Ukey>& ukeys, const wire::pb::KeyVersion& version);
/// How many master-control UKEYs are in service: what is destroyed goes from each.
int masters_in_service(const std::vector<wire::pb::Ukey>& ukeys);

}  // namespace ui::keys

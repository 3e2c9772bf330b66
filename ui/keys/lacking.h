#pragma once
#include <cstdint>
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
/// How far a version has come: UKEYs in service whose grants name classes of keys, told apart by whether they hold every master of the version that they may. As the service counts them (KeyVersion.ukeys and ukeys_lacking).
struct Campaign {
    std::uint64_t ready = 0;
    std::vector<Lacks> lacking;
    std::uint64_t all() const noexcept { return ready + lacking.size(); }
};
Campaign campaign(const std::vector<wire::pb::Ukey>& ukeys, const wire::pb::KeyVersion& version);
/// How many master-control UKEYs are in service: what is destroyed goes from each.
int masters_in_service(const std::vector<wire::pb::Ukey>& ukeys);

}  // namespace ui::keys

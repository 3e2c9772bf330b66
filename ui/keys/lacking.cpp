#include "ui/keys/lacking.h"

#include <algorithm>

namespace ui::keys {

Campaign campaign(const std::vector<wire::pb::Ukey>& ukeys, const wire::pb::KeyVersion& version) {
    Campaign out;
    for (const wire::pb::Ukey& u : ukeys) {
        const auto& granted = u.terms().classes();
        if ((u.state() != "issued" && u.state() != "suspended") || granted.empty()) continue;
        Lacks lacks{u.serial(), u.holder(), {}};
        for (const wire::pb::KeyMaster& m : version.masters()) {
            std::string wanted = m.key_class() + " " + std::to_string(m.version());
            if (std::ranges::find(granted, m.key_class()) != granted.end() && std::ranges::find(u.masters(), wanted) == u.masters().end()) lacks.masters.push_back(std::move(wanted));
        }
        if (lacks.masters.empty()) ++out.ready;
        else out.lacking.push_back(std::move(lacks));
    }
    return out;
}

int masters_in_service(const std::vector<wire::pb::Ukey>& ukeys) {
    return static_cast<int>(std::ranges::count_if(ukeys, [](const wire::pb::Ukey& u) { return u.kind() == "master-control" && u.state() == "issued"; }));
}

}  // namespace ui::keys

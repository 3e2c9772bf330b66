#include "ui/keys/lacking.h"

#include <algorithm>

namespace ui::keys {

std::vector<Lacks> lacking(const std::vector<wire::pb::Ukey>& ukeys, const wire::pb::KeyVersion& version) {
    std::vector<Lacks> out;
    for (const wire::pb::Ukey& u : ukeys) {
        if ((u.kind() != "key" && u.kind() != "user") || (u.state() != "issued" && u.state() != "suspended" && u.state() != "blocked")) continue;
        Lacks lacks{u.serial(), u.holder(), {}};
        for (const wire::pb::KeyMaster& m : version.masters()) {
            const std::string wanted = m.key_class() + " " + std::to_string(m.version());
            const bool of_class = std::ranges::any_of(u.masters(), [&](const std::string& held) { return held.starts_with(m.key_class() + " "); });
            if (of_class && !m.destroyed() && std::ranges::find(u.masters(), wanted) == u.masters().end()) lacks.masters.push_back(wanted);
        }
        if (!lacks.masters.empty()) out.push_back(std::move(lacks));
    }
    return out;
}

int masters_in_service(const std::vector<wire::pb::Ukey>& ukeys) {
    return static_cast<int>(std::ranges::count_if(ukeys, [](const wire::pb::Ukey& u) { return u.kind() == "master-control" && u.state() == "issued"; }));
}

}  // namespace ui::keys

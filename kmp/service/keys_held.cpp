#include "kmp/service/keys_held.h"

#include <algorithm>

namespace kmp::service {

using base::Code;
using tokens::MasterName;

namespace {

model::ClassSet granted_classes(const tokens::UkeyRecord& ukey) { return ukey.grant ? ukey.grant->grant.classes : model::ClassSet{0}; }

}  // namespace

base::Result<suite::KeySets> key_sets_from(const std::map<model::KeyVersion, model::ClassSet>& rotations, model::KeyVersion newest_in_vault) {
    const model::KeyVersion newest = rotations.empty() ? newest_in_vault : std::max(newest_in_vault, rotations.rbegin()->first);
    suite::KeySets out;
    for (unsigned set = 2; set <= newest; ++set) {
        const auto row = rotations.find(static_cast<model::KeyVersion>(set));
        if (!out.add(row == rotations.end() ? suite::kEveryClass : row->second)) return {Code::tampered, "key set " + std::to_string(set) + " in the database names no classes of keys"};
    }
    return out;
}

std::string in_words(const std::vector<MasterName>& masters) {
    std::string out;
    for (const MasterName& m : masters) out += (out.empty() ? "" : ", ") + std::string(model::name(m.key_class)) + " " + std::to_string(static_cast<unsigned>(m.version));
    return out;
}

std::vector<MasterName> lacking(const std::vector<MasterName>& masters, const suite::KeySets& sets, model::KeyVersion set, model::ClassSet wanted) {
    std::vector<MasterName> out;
    for (const model::KeyClass c : model::kAllClasses) {
        if ((wanted & model::class_bit(c)) == 0) continue;
        const MasterName needed{c, model::KeyState::production, sets.master_of(c, set)};
        if (std::find(masters.begin(), masters.end(), needed) == masters.end()) out.push_back(needed);
    }
    return out;
}

std::vector<MasterName> own_masters(const suite::KeySets& sets, const std::vector<MasterName>& vault, model::KeyVersion set) {
    std::vector<MasterName> out;
    for (const model::KeyClass c : model::kAllClasses) {
        const MasterName master{c, model::KeyState::production, sets.master_of(c, set)};
        bool kept = std::find(vault.begin(), vault.end(), master) == vault.end();
        for (unsigned v = 1; v <= sets.newest() && !kept; ++v) {
            const auto other = static_cast<model::KeyVersion>(v);
            kept = other != set && sets.master_of(c, other) == master.version && lacking(vault, sets, other, suite::kEveryClass).empty();
        }
        if (!kept) out.push_back(master);
    }
    return out;
}

model::ClassSet served_classes(const tokens::UkeyRecord& ukey) {
    model::ClassSet held = 0;
    for (const MasterName& m : ukey.masters)
        if (m.state == model::KeyState::production) held = static_cast<model::ClassSet>(held | model::class_bit(m.key_class));
    return held & granted_classes(ukey);
}

model::KeyVersion newest_usable(const tokens::UkeyRecord& ukey, const suite::KeySets& sets, model::ClassSet wanted) {
    if (wanted == 0) return 0;
    for (model::KeyVersion set = sets.newest(); set > 0; --set)
        if (lacking(ukey.masters, sets, set, wanted).empty()) return set;
    return 0;
}

base::Result<suite::MeterKeys> private_keys(const tokens::UkeyRecord& ukey, const suite::KeySets& sets, model::KeyVersion set, model::ClassSet wanted, model::MeterNumber meter) {
    const std::string serial = ukey.serial.text();
    if (set == 0) return {Code::key_missing, "keys: UKEY " + serial + " holds the masters of no version; the officer gives them: 'kmpctl ukey inject " + serial + "'"};
    if (!sets.has(set)) return {Code::key_missing, "keys: there is no version " + std::to_string(static_cast<unsigned>(set)) + " of the keys; the newest is " + std::to_string(static_cast<unsigned>(sets.newest()))};
    const auto missing = lacking(ukey.masters, sets, set, wanted & granted_classes(ukey));
    if (!missing.empty())
        return {Code::key_missing, "keys: meter " + meter.text() + " takes version " + std::to_string(static_cast<unsigned>(set)) + ", for which UKEY " + serial + " lacks the masters " + in_words(missing) +
                                       "; the officer gives them: 'kmpctl ukey inject " + serial + "'"};
    return suite::MeterKeys{model::KeyState::production, set, sets.masters_of(set), meter};
}

std::vector<Warning> master_warnings(const tokens::Registry& registry, std::uint32_t generation) {
    std::vector<const tokens::UkeyRecord*> in_service;
    for (const tokens::UkeyRecord* r : registry.all())
        if (r->kind == model::UkeyKind::master_control && r->state == model::UkeyState::issued) in_service.push_back(r);
    const auto lacks_what = [](const tokens::UkeyRecord& one, const tokens::UkeyRecord& another) {
        return std::ranges::any_of(another.masters, [&](const tokens::MasterName& m) { return std::ranges::find(one.masters, m) == one.masters.end(); });
    };
    std::vector<Warning> out;
    for (const tokens::UkeyRecord* r : in_service) {
        const std::string serial = r->serial.text();
        const std::string who = "master-control UKEY " + serial;
        if (std::ranges::any_of(in_service, [&](const tokens::UkeyRecord* other) { return lacks_what(*r, *other); }))
            out.push_back({who + " lacks masters that another has: plug both in, and 'kmpctl ukey inject " + serial + "'", Warning::Of::MASTER_LACKS, serial});
        if (generation != 0 && r->pin_generation != generation)
            out.push_back({who + " still opens with what former officers had: plug it in, and let the next request run; it follows then", Warning::Of::MASTER_OUTDATED, serial});
    }
    return out;
}

}  // namespace kmp::service

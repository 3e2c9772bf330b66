#include "kmp/suite/key_sets.h"

namespace kmp::suite {

bool KeySets::add(model::ClassSet classes) {
    if (classes == 0 || (classes & ~kEveryClass) != 0 || drawn_.size() >= kLastVersion) return false;
    drawn_.push_back(classes);
    return true;
}

model::KeyVersion KeySets::master_of(model::KeyClass c, model::KeyVersion set) const {
    // Set 1 is of every class, so this ends there.
    while ((drawn(set) & model::class_bit(c)) == 0) --set;
    return set;
}

ClassVersions KeySets::masters_of(model::KeyVersion set) const {
    ClassVersions out;
    for (const model::KeyClass c : model::kAllClasses) out.set(c, master_of(c, set));
    return out;
}

}  // namespace kmp::suite

#include "kmp/suite/key_sets.h"

namespace kmp::suite {

bool KeySets::add(model::ClassSet classes) {
    if (classes == 0 || (classes & ~kEveryClass) != 0 || sets_.size() >= kLastVersion) return false;
    ClassVersions next = sets_.empty() ? ClassVersions() : sets_.back();
    const auto version = static_cast<model::KeyVersion>(sets_.size() + 1);
    for (const model::KeyClass c : model::kAllClasses)
        if ((classes & model::class_bit(c)) != 0) next.set(c, version);
    sets_.push_back(next);
    return true;
}

}  // namespace kmp::suite

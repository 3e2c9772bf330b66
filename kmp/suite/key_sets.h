#pragma once
#include <array>
#include <vector>

#include "model/keys.h"

namespace kmp::suite {

/// Of each class, the version of its master; 0 for the factory set.
class ClassVersions {
public:
    model::KeyVersion of(model::KeyClass c) const noexcept { return versions_[place(c)]; }
    void set(model::KeyClass c, model::KeyVersion version) noexcept { versions_[place(c)] = version; }
    /// One byte a class, control first.
    base::ByteView bytes() const noexcept { return versions_; }
    bool operator==(const ClassVersions&) const = default;

private:
    static std::size_t place(model::KeyClass c) noexcept { return static_cast<std::size_t>(c) - 1; }
    std::array<std::uint8_t, model::kAllClasses.size()> versions_{};
};

inline constexpr model::ClassSet kEveryClass = (1u << model::kAllClasses.size()) - 1;

/// Which masters make up each version of the key set that a meter holds. Every rotation makes a set, one version above the one before, and
/// draws masters of that version for the classes that are rotated; for every other class the set goes on with the newest master there
/// was. So the master of a class in set v is the newest that was ever drawn for it up to v, whether or not it has been destroyed since.
/// source: SUITE.md 1.1
class KeySets {
public:
    /// The set that every utility begins with: version 1, of all classes.
    KeySets() { (void)add(kEveryClass); }

    /// The next set. false, and nothing changes: no class, none that there is, or 255 sets already.
    bool add(model::ClassSet classes);

    model::KeyVersion newest() const noexcept { return static_cast<model::KeyVersion>(sets_.size()); }
    bool has(unsigned set) const noexcept { return set >= 1 && set <= sets_.size(); }
    /// Precondition: has(set).
    const ClassVersions& masters_of(model::KeyVersion set) const { return sets_.at(set - 1u); }
    model::KeyVersion master_of(model::KeyClass c, model::KeyVersion set) const { return masters_of(set).of(c); }

    static constexpr unsigned kLastVersion = 255;  ///< meters know no more

private:
    std::vector<ClassVersions> sets_;  ///< by version, from 1
};

}  // namespace kmp::suite

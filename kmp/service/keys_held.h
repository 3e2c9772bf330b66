#pragma once
#include <map>
#include <string>
#include <vector>

#include "kmp/service/warning.h"
#include "kmp/suite/key_sets.h"
#include "kmp/suite/meter_requests.h"
#include "tokens/registry.h"

/// Which key sets a UKEY can serve: it must hold the very master that a set uses for a class. An older one never takes its place.
namespace kmp::service {

/// The key sets that there have been, from the rotations that the database keeps (version, classes). A set without a row is from before
/// classes could be rotated apart: it was of all classes. The newest is never destroyed, so the vault knows of it in any case.
/// tampered: a row that names no classes of keys
base::Result<suite::KeySets> key_sets_from(const std::map<model::KeyVersion, model::ClassSet>& rotations, model::KeyVersion newest_in_vault);

/// "credit 2, remote 1"
std::string in_words(const std::vector<tokens::MasterName>& masters);

/// The masters of `set` for the classes `wanted` that are not among `masters`. Precondition: sets.has(set).
std::vector<tokens::MasterName> lacking(const std::vector<tokens::MasterName>& masters, const suite::KeySets& sets, model::KeyVersion set, model::ClassSet wanted);

/// What a set loses when it is destroyed: those of its masters in the vault that no other set uses which is still whole (none of its masters
/// is destroyed). The oldest whole set always has one. Precondition: sets.has(set).
std::vector<tokens::MasterName> own_masters(const suite::KeySets& sets, const std::vector<tokens::MasterName>& vault, model::KeyVersion set);

/// The classes that this UKEY's grant names and that it holds a private master of.
model::ClassSet served_classes(const tokens::UkeyRecord& ukey);

/// The newest set of which this UKEY holds the master of every class in `wanted`; 0: none.
model::KeyVersion newest_usable(const tokens::UkeyRecord& ukey, const suite::KeySets& sets, model::ClassSet wanted);

/// The private keys of a meter in `set`, where this UKEY holds the masters for the classes `wanted`. A class that its grant does not name is
/// not looked for: the grant will say no.
/// errors: key_missing (no such set; a master that it lacks, and how it gets it)
base::Result<suite::MeterKeys> private_keys(const tokens::UkeyRecord& ukey, const suite::KeySets& sets, model::KeyVersion set, model::ClassSet wanted, model::MeterNumber meter);

/// What is wrong with the master-control UKEYs in service: one that lacks masters which another holds, one whose PIN still
/// follows former officers. `generation`: of the officers; 0: there are none.
std::vector<Warning> master_warnings(const tokens::Registry& registry, std::uint32_t generation);

}  // namespace kmp::service

#pragma once
#include <span>
#include <string_view>

#include "store/database.h"

namespace store {

/// One step of a room's tables. Once released it never changes.
struct Migration {
    int version;            ///< 1, 2, 3, ... without a gap
    std::string_view name;  ///< in a few words
    std::string_view sql;   ///< statements without parameters
};

/// The tables of one room.
struct Schema {
    std::string_view room;  ///< "audit"
    std::span<const Migration> migrations;
};

/// Brings each schema to its newest version, in the order given. Each step runs in one transaction together with its row in
/// `schema_version`: a step that fails leaves the database at the step before.
/// errors: unsupported (the database is newer than this program), conflict (a step that ran has another name),
///         invalid_argument (versions with a gap), and those of Transaction
base::Status migrate(Database& database, std::span<const Schema> schemas);

}  // namespace store

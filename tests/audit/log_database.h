#pragma once
#include <stdexcept>
#include <string>

#include "audit/journal.h"
#include "store/database.h"
#include "store/migration.h"

/// A database for a log, at `path`, which is empty so far.
inline store::Database log_database(const std::string& path, const base::Secret& key = base::Secret(32)) {
    auto made = store::Database::open(path, key, store::Mode::create);
    if (!made) throw std::runtime_error(made.error().message);
    const store::Schema schema = audit::schema();
    if (!store::migrate(*made, std::span(&schema, 1))) throw std::runtime_error("cannot make the tables");
    return std::move(*made);
}

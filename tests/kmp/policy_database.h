#pragma once
#include "kmp/policy/tables.h"
#include "store/database.h"
#include "tests/store/temporary_folder.h"

/// A new database with the tables of policy.
inline store::Database policy_database(const TemporaryFolder& folder) {
    auto database = store::Database::open(folder.file("kmp.db"), base::Secret::random(32), store::Mode::create).value();
    const store::Schema schemas[] = {kmp::policy::schema()};
    if (!store::migrate(database, schemas)) throw std::runtime_error("the tables of policy cannot be made");
    return database;
}

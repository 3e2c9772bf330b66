#include "store/migration.h"

#include <string>

#include "store/transaction.h"

namespace store {
namespace {

using base::Code;

base::Status make_version_table(Database& database) {
    KMP_TRY(Transaction transaction, database.begin());
    KMP_CHECK(transaction.script("CREATE TABLE IF NOT EXISTS schema_version(room TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, "
                                 "PRIMARY KEY(room, version)) WITHOUT ROWID"));
    return transaction.commit();
}

/// The newest version of `room` that ran, after checking that the steps that ran are the ones we know.
base::Result<int> version_of(Database& database, const Schema& schema) {
    KMP_TRY(Statement rows, database.query("SELECT version, name FROM schema_version WHERE room=? ORDER BY version"));
    rows.bind_all(schema.room);
    int version = 0;
    for (;;) {
        KMP_TRY(const bool row, rows.step());
        if (!row) return version;
        version = static_cast<int>(rows.integer(0));
        if (version < 1 || static_cast<std::size_t>(version) > schema.migrations.size())
            return {Code::unsupported, "the tables of " + std::string(schema.room) + " are of version " + std::to_string(version) + ", this program knows up to " +
                                           std::to_string(schema.migrations.size()) + ": install the newer program"};
        const Migration& known = schema.migrations[static_cast<std::size_t>(version) - 1];
        if (rows.text(1) != known.name)
            return {Code::conflict, "step " + std::to_string(version) + " of " + std::string(schema.room) + " was '" + std::string(rows.text(1)) +
                                        "', this program knows it as '" + std::string(known.name) + "'"};
    }
}

}  // namespace

base::Status migrate(Database& database, std::span<const Schema> schemas) {
    for (const Schema& schema : schemas)
        for (std::size_t i = 0; i < schema.migrations.size(); ++i)
            if (schema.migrations[i].version != static_cast<int>(i) + 1)
                return {Code::invalid_argument, "the steps of " + std::string(schema.room) + " are not numbered 1, 2, 3"};
    KMP_CHECK(make_version_table(database));
    for (const Schema& schema : schemas) {
        KMP_TRY(const int at, version_of(database, schema));
        for (const Migration& step : schema.migrations.subspan(static_cast<std::size_t>(at))) {
            const std::string what = "migration " + std::to_string(step.version) + " of " + std::string(schema.room) + " (" + std::string(step.name) + ")";
            KMP_TRY(Transaction transaction, database.begin());
            if (base::Status done = transaction.script(step.sql); !done) return std::move(done).error().in(what);
            if (auto row = transaction.run("INSERT INTO schema_version(room, version, name) VALUES(?,?,?)", schema.room, step.version, step.name); !row)
                return std::move(row).error().in(what);
            if (base::Status done = transaction.commit(); !done) return std::move(done).error().in(what);
        }
    }
    return {};
}

}  // namespace store

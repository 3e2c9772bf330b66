#include "store/database.h"

#include <unistd.h>

#include "store/connection.h"
#include "store/transaction.h"

namespace store {

Database::Database(std::unique_ptr<Connection> connection) noexcept : connection_(std::move(connection)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

base::Result<Database> Database::open(const std::string& path, const base::Secret& raw_key, Mode mode) {
    KMP_TRY(auto connection, Connection::open(path, raw_key, mode));
    return Database(std::move(connection));
}

base::Result<Statement> Database::query(std::string_view sql) { return connection_->borrow(sql, false); }

base::Result<Transaction> Database::begin() {
    if (connection_->read_only()) return {base::Code::refused, "the database " + path() + " was opened for reading only"};
    if (connection_->in_transaction()) return {base::Code::refused, "a transaction is open already on " + path()};
    KMP_CHECK(connection_->execute("BEGIN IMMEDIATE"));
    return Transaction(connection_.get());
}

base::Status Database::check_integrity() { return connection_->check_integrity(); }

base::Status Database::copy_to(const std::string& copy_path, const base::Secret& raw_key, const std::function<bool(unsigned, unsigned)>& tell) {
    KMP_TRY(const auto copy, Connection::open(copy_path, raw_key, Mode::create));
    base::Status done = connection_->copy_into(*copy, tell);
    if (!done) {
        for (const char* suffix : {"", "-wal", "-shm"}) (void)::unlink((copy_path + suffix).c_str());
    }
    return done;
}

void Database::watch(Watcher watcher) { connection_->watch(std::move(watcher)); }

base::Result<std::uint64_t> Database::raw_size() { return connection_->raw_size(); }

base::Status Database::read_raw(std::span<std::uint8_t> out, std::uint64_t offset) { return connection_->read_raw(out, offset); }

const std::string& Database::path() const noexcept { return connection_->path(); }

}  // namespace store

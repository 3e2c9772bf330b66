#include "store/statement.h"

#include <sqlite3.h>

#include <utility>

#include "store/connection.h"

namespace store {

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      bind_error_(other.bind_error_),
      rewind_(other.rewind_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    if (this != &other) {
        give_back();
        connection_ = other.connection_;
        statement_ = std::exchange(other.statement_, nullptr);
        bind_error_ = other.bind_error_;
        rewind_ = other.rewind_;
    }
    return *this;
}

Statement::~Statement() { give_back(); }

void Statement::give_back() noexcept {
    if (statement_ != nullptr) connection_->give_back(std::exchange(statement_, nullptr));
}

Statement& Statement::bind(int at, std::int64_t value) {
    if (rewind_) reset();
    if (const int rc = sqlite3_bind_int64(statement_, at, value); rc != SQLITE_OK) bind_error_ = rc;
    return *this;
}

Statement& Statement::bind(int at, std::string_view text) {
    if (rewind_) reset();
    // A null pointer would bind NULL: empty text stays text.
    const char* data = text.data() == nullptr ? "" : text.data();
    if (const int rc = sqlite3_bind_text64(statement_, at, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8); rc != SQLITE_OK) bind_error_ = rc;
    return *this;
}

Statement& Statement::bind(int at, base::ByteView blob) {
    if (rewind_) reset();
    const int rc = blob.empty() ? sqlite3_bind_zeroblob(statement_, at, 0)
                                : sqlite3_bind_blob64(statement_, at, blob.data(), blob.size(), SQLITE_TRANSIENT);
    if (rc != SQLITE_OK) bind_error_ = rc;
    return *this;
}

Statement& Statement::bind_null(int at) {
    if (rewind_) reset();
    if (const int rc = sqlite3_bind_null(statement_, at); rc != SQLITE_OK) bind_error_ = rc;
    return *this;
}

base::Result<bool> Statement::step() {
    if (bind_error_ != 0) {
        const int rc = std::exchange(bind_error_, 0);
        return {base::Code::internal, "a parameter that does not fit: " + std::string(sqlite3_sql(statement_)), rc};
    }
    if (rewind_) reset();
    const int rc = sqlite3_step(statement_);
    if (rc == SQLITE_ROW) return true;
    rewind_ = true;
    if (rc == SQLITE_DONE) return false;
    return connection_->error(rc, sqlite3_sql(statement_));
}

base::Status Statement::run() {
    for (;;) {
        KMP_TRY(const bool row, step());
        if (!row) return {};
    }
}

void Statement::reset() {
    sqlite3_reset(statement_);
    rewind_ = false;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::text(int column) const {
    const unsigned char* data = sqlite3_column_text(statement_, column);
    if (data == nullptr) return {};
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

base::ByteView Statement::blob(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    if (data == nullptr) return {};
    return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

}  // namespace store

#include "store/transaction.h"

#include <sqlite3.h>

#include <string>
#include <utility>

#include "store/connection.h"

namespace store {

namespace {
const base::Error& over() {
    static const base::Error error{base::Code::internal, "the transaction is over"};
    return error;
}
}  // namespace

Transaction::Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() { roll_back(); }

base::Result<Statement> Transaction::statement(std::string_view sql) {
    // Some errors make SQLite roll back by itself; what came after would be outside any transaction.
    if (connection_ == nullptr || !connection_->in_transaction()) return over();
    return connection_->borrow(sql, true);
}

base::Status Transaction::script(std::string_view sql) {
    if (connection_ == nullptr || !connection_->in_transaction()) return over();
    KMP_CHECK(connection_->execute(std::string(sql).c_str()));
    if (!connection_->in_transaction()) return {base::Code::refused, "the script ended its transaction"};
    return {};
}

base::Status Transaction::commit() {
    if (connection_ == nullptr || !connection_->in_transaction()) return over();
    base::Status done = connection_->execute("COMMIT");
    if (!done) {
        roll_back();
        return done;
    }
    connection_ = nullptr;
    return {};
}

void Transaction::roll_back() noexcept {
    if (connection_ == nullptr) return;
    if (connection_->in_transaction()) sqlite3_exec(connection_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    connection_ = nullptr;
}

std::int64_t Transaction::changes() const { return connection_ == nullptr ? 0 : sqlite3_changes(connection_->handle()); }

}  // namespace store

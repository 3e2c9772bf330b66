#pragma once
#include "store/database.h"
#include "store/statement.h"

namespace store {

/// An open write transaction, made by Database::begin(). It rolls back when it goes without commit().
/// What holds no Transaction cannot write. Move-only; one thread; not after the end of its Database.
class Transaction {
public:
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// A statement that reads or writes; it may not begin, commit or attach.
    base::Result<Statement> statement(std::string_view sql);
    /// Binds `values` in their order (integers, enums, text, bytes, nullptr) and runs. out: rows changed.
    template <class... Values>
    base::Result<std::int64_t> run(std::string_view sql, const Values&... values) {
        KMP_TRY(Statement s, statement(sql));
        s.bind_all(values...);
        KMP_CHECK(s.run());
        return changes();
    }
    /// Several statements without parameters: a schema. refused: it ended the transaction.
    base::Status script(std::string_view sql);

    /// Durable once this returns ok. On an error everything is rolled back.
    /// errors: storage_full, storage_failed, tampered, conflict (a foreign key)
    base::Status commit();
    /// Undoes everything now, as the destructor would.
    void roll_back() noexcept;
    bool open() const noexcept { return connection_ != nullptr; }

private:
    friend class Database;
    explicit Transaction(Connection* connection) noexcept : connection_(connection) {}
    std::int64_t changes() const;
    Connection* connection_;
};

}  // namespace store

#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

struct sqlite3_stmt;

namespace store {

class Connection;

/// A prepared statement, borrowed from the cache of its Database; it goes back, reset and cleared, when it ends.
/// Parameters and columns: parameters count from 1, columns from 0. Text and blobs are copied when bound.
/// A wrong bind is remembered and reported by the next step(). Not after the end of its Database.
class Statement {
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    Statement& bind(int at, std::int64_t value);
    Statement& bind(int at, std::string_view text);
    Statement& bind(int at, base::ByteView blob);
    Statement& bind_null(int at);
    template <class... Values>
    Statement& bind_all(const Values&... values) {
        int at = 0;
        (bind_one(++at, values), ...);
        return *this;
    }

    /// true: a row is there to read. false: no more rows; a further step() starts over.
    /// errors: as Database::open; already_exists (a unique rule), refused (a trigger said no), conflict (another constraint)
    base::Result<bool> step();
    /// Steps until there are no more rows.
    base::Status run();
    /// Ready to be bound and stepped again; the parameters keep their values.
    void reset();

    /// Of the row that step() found. Views hold until the next step, reset, or the end.
    std::int64_t integer(int column) const;
    std::string_view text(int column) const;
    base::ByteView blob(int column) const;
    bool is_null(int column) const;

private:
    friend class Connection;
    Statement(Connection* connection, sqlite3_stmt* statement) noexcept : connection_(connection), statement_(statement) {}
    void give_back() noexcept;
    template <class Value>
    void bind_one(int at, const Value& value) {
        if constexpr (std::is_same_v<Value, std::nullptr_t>) bind_null(at);
        else if constexpr (std::is_enum_v<Value> || std::is_integral_v<Value>) bind(at, static_cast<std::int64_t>(value));
        else if constexpr (std::is_convertible_v<const Value&, std::string_view>) bind(at, std::string_view(value));
        else bind(at, base::ByteView(value));
    }

    Connection* connection_ = nullptr;
    sqlite3_stmt* statement_ = nullptr;
    int bind_error_ = 0;
    bool rewind_ = false;  ///< reset before the next step: the last one ended
};

}  // namespace store

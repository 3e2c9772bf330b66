#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "store/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace store {

/// What Database, Statement and Transaction share: the SQLite handle and its prepared statements. Inside store only.
class Connection {
public:
    static base::Result<std::unique_ptr<Connection>> open(const std::string& path, const base::Secret& raw_key, Mode mode);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    base::Result<Statement> borrow(std::string_view sql, bool may_write);
    void give_back(sqlite3_stmt* statement) noexcept;
    /// One or more statements without parameters and answers of interest.
    base::Status execute(const char* sql);
    base::Status check_integrity();
    /// Every page as it stands now, into another database that is empty; what is written meanwhile is not seen.
    base::Status copy_into(Connection& copy, const std::function<bool(unsigned, unsigned)>& tell);

    void watch(Database::Watcher watcher) { watcher_ = std::move(watcher); }
    base::Result<std::uint64_t> raw_size();
    base::Status read_raw(std::span<std::uint8_t> out, std::uint64_t offset);

    /// The Error of SQLite's code `rc`, which this connection answered to `what`.
    base::Error error(int rc, std::string_view what) const;

    sqlite3* handle() const noexcept { return handle_; }
    const std::string& path() const noexcept { return path_; }
    bool read_only() const noexcept { return mode_ == Mode::read_only; }
    bool in_transaction() const noexcept;

private:
    Connection(std::string path, Mode mode) : path_(std::move(path)), mode_(mode) {}
    base::Status give_key(const base::Secret& raw_key);
    base::Status configure();
    static int on_commit(void* self, sqlite3* handle, const char* schema, int frames);

    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    struct Prepared {
        sqlite3_stmt* statement = nullptr;
        bool lent = false;
    };
    using Cache = std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>>;

    std::string path_;
    Mode mode_;
    sqlite3* handle_ = nullptr;
    bool opened_ = false;  ///< the key has proved right
    Cache cache_;
    Database::Watcher watcher_;
};

}  // namespace store

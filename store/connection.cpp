#include "store/connection.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>

#include "base/fd.h"

namespace store {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kCachedStatements = 256;

/// x'..' with 64 hex digits: SQLCipher takes such a key as it is, without deriving.
base::Secret key_literal(const base::Secret& raw_key) {
    static constexpr char digits[] = "0123456789abcdef";
    base::Secret literal(2 + raw_key.size() * 2 + 1);
    literal.fill([&](std::span<std::uint8_t> out) {
        raw_key.reveal([&](base::ByteView key) {
            std::size_t at = 0;
            out[at++] = 'x';
            out[at++] = '\'';
            for (std::uint8_t b : key) {
                out[at++] = static_cast<std::uint8_t>(digits[b >> 4]);
                out[at++] = static_cast<std::uint8_t>(digits[b & 15]);
            }
            out[at] = '\'';
        });
    });
    return literal;
}

/// Pragmas that only tell; they are asked in just these words.
constexpr std::array<std::string_view, 3> kTelling{"PRAGMA page_size", "PRAGMA page_count", "PRAGMA freelist_count"};

bool only_reads(std::string_view sql) {
    const auto starts = [&](std::string_view word) {
        if (sql.size() < word.size()) return false;
        for (std::size_t i = 0; i < word.size(); ++i)
            if (std::toupper(static_cast<unsigned char>(sql[i])) != word[i]) return false;
        return true;
    };
    return starts("SELECT") || starts("WITH") || std::ranges::find(kTelling, sql) != kTelling.end();
}

bool ends_or_escapes(std::string_view sql) {
    std::string word;
    for (char c : sql) {
        if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
        word.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    }
    for (std::string_view forbidden : {"BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "ATTACH", "DETACH", "PRAGMA", "VACUUM"})
        if (word == forbidden) return true;
    return false;
}

Code code_of(int rc, bool opened) {
    switch (rc) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID: return Code::already_exists;
        case SQLITE_CONSTRAINT_TRIGGER: return Code::refused;
        default: break;
    }
    switch (rc & 0xFF) {
        case SQLITE_NOTADB: return opened ? Code::tampered : Code::key_invalid;
        case SQLITE_CORRUPT: return Code::tampered;
        case SQLITE_FULL: return Code::storage_full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return Code::busy;
        case SQLITE_CONSTRAINT: return Code::conflict;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH: return Code::denied;
        case SQLITE_MISUSE:
        case SQLITE_RANGE:
        case SQLITE_ERROR:
        case SQLITE_MISMATCH: return Code::internal;
        case SQLITE_TOOBIG: return Code::invalid_argument;
        default: return Code::storage_failed;
    }
}

}  // namespace

base::Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, const base::Secret& raw_key, Mode mode) {
    if (raw_key.size() != 32) return {Code::invalid_argument, "a database key has 32 bytes"};
    if (mode == Mode::create) {
        const base::Fd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!made && errno == EEXIST) return {Code::already_exists, "there is a database " + path + " already", EEXIST};
        if (!made) return base::errno_error("cannot create the database " + path, errno);
    } else if (access(path.c_str(), F_OK) != 0) {
        return base::errno_error("cannot open the database " + path, errno);
    }
    std::unique_ptr<Connection> c(new Connection(path, mode));
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    const int rc = sqlite3_open_v2(path.c_str(), &c->handle_, flags, nullptr);
    if (c->handle_ == nullptr) throw std::bad_alloc();
    sqlite3_extended_result_codes(c->handle_, 1);
    if (rc != SQLITE_OK) return c->error(rc, "opening it");
    KMP_CHECK(c->give_key(raw_key));
    KMP_CHECK(c->configure());
    return c;
}

base::Status Connection::give_key(const base::Secret& raw_key) {
    // The key comes first and the page size second, before anything touches the file; each open says it again.
    const int rc = key_literal(raw_key).reveal(
        [&](base::ByteView literal) { return sqlite3_key_v2(handle_, "main", literal.data(), static_cast<int>(literal.size())); });
    if (rc != SQLITE_OK) return error(rc, "setting its key");
    KMP_CHECK(execute("PRAGMA cipher_page_size=4096"));
    // A library without encryption ignores all of the above and would write in clear.
    sqlite3_stmt* version = nullptr;
    const bool encrypts = sqlite3_prepare_v2(handle_, "PRAGMA cipher_version", -1, &version, nullptr) == SQLITE_OK && sqlite3_step(version) == SQLITE_ROW;
    sqlite3_finalize(version);
    if (!encrypts) return {Code::unsupported, "this program was linked with a SQLite that does not encrypt"};
    return {};
}

base::Status Connection::configure() {
    sqlite3_busy_timeout(handle_, Database::kBusyTimeoutMs);
    // The first read shows whether the key is right.
    KMP_CHECK(execute("SELECT count(*) FROM sqlite_master"));
    opened_ = true;
    KMP_CHECK(execute("PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON; PRAGMA recursive_triggers=ON; PRAGMA temp_store=MEMORY"));
    if (mode_ == Mode::read_only) return execute("PRAGMA query_only=ON");
    KMP_CHECK(execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864"));
    sqlite3_stmt* mode = nullptr;
    const bool wal = sqlite3_prepare_v2(handle_, "PRAGMA journal_mode", -1, &mode, nullptr) == SQLITE_OK && sqlite3_step(mode) == SQLITE_ROW &&
                     std::string_view(reinterpret_cast<const char*>(sqlite3_column_text(mode, 0))) == "wal";
    sqlite3_finalize(mode);
    if (wal) sqlite3_wal_hook(handle_, &Connection::on_commit, this);
    if (!wal) return {Code::storage_failed, "the database " + path_ + " cannot keep a write-ahead log: is its folder on a network file system?"};
    return {};
}

// SQLite's own automatic checkpoint, with a word before it: a hook of ours takes the place of that one.
int Connection::on_commit(void* self, sqlite3* handle, const char* schema, int frames) {
    const bool checkpoint = frames >= Database::kCheckpointFrames;
    if (const Connection* c = static_cast<const Connection*>(self); c->watcher_) c->watcher_(static_cast<std::uint32_t>(frames), checkpoint);
    // The commit stands whatever comes of it: the next one tries again.
    if (checkpoint) (void)sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    return SQLITE_OK;
}

namespace {

/// The file beneath the pages. By SQLite's own descriptor: closing another one of the same file would drop its locks.
sqlite3_file* file_of(sqlite3* handle) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || file == nullptr || file->pMethods == nullptr) return nullptr;
    return file;
}

}  // namespace

base::Result<std::uint64_t> Connection::raw_size() {
    sqlite3_file* file = file_of(handle_);
    sqlite3_int64 size = 0;
    const int rc = file == nullptr ? SQLITE_ERROR : file->pMethods->xFileSize(file, &size);
    if (rc != SQLITE_OK) return error(rc, "asking for its size");
    return static_cast<std::uint64_t>(size);
}

base::Status Connection::read_raw(std::span<std::uint8_t> out, std::uint64_t offset) {
    sqlite3_file* file = file_of(handle_);
    const int rc = file == nullptr ? SQLITE_ERROR : file->pMethods->xRead(file, out.data(), static_cast<int>(out.size()), static_cast<sqlite3_int64>(offset));
    if (rc != SQLITE_OK) return error(rc, "reading its file");
    return {};
}

Connection::~Connection() {
    for (auto& [sql, prepared] : cache_) sqlite3_finalize(prepared.statement);
    if (watcher_) {
        // The last to close moves the log into the file. Kept whole, the log is read anew by whoever opens it next, and goes on behind its last frame.
        int keep = 1;
        (void)sqlite3_file_control(handle_, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
        (void)execute("PRAGMA journal_size_limit=-1");
    }
    sqlite3_close_v2(handle_);
}

bool Connection::in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }

base::Status Connection::execute(const char* sql) {
    const int rc = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) return error(rc, sql);
    return {};
}

base::Result<Statement> Connection::borrow(std::string_view sql, bool may_write) {
    auto found = cache_.find(sql);
    if (found == cache_.end() || found->second.lent) {
        if (!may_write && !only_reads(sql)) return {Code::refused, "only a Transaction may run '" + std::string(sql) + "'"};
        if (may_write && ends_or_escapes(sql)) return {Code::refused, "a Transaction does not run '" + std::string(sql) + "'"};
        sqlite3_stmt* statement = nullptr;
        const char* rest = nullptr;
        const int rc = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, &rest);
        if (rc != SQLITE_OK) return error(rc, sql);
        if (statement == nullptr || rest != sql.data() + sql.size()) {
            sqlite3_finalize(statement);
            return {Code::invalid_argument, "not exactly one statement: '" + std::string(sql) + "'"};
        }
        if (!may_write && sqlite3_stmt_readonly(statement) == 0) {
            sqlite3_finalize(statement);
            return {Code::refused, "only a Transaction may run '" + std::string(sql) + "'"};
        }
        // A second use of the same text at the same time, or a cache that is full: this one is thrown away after use.
        if (found != cache_.end() || cache_.size() >= kCachedStatements) return Statement(this, statement);
        found = cache_.emplace(std::string(sql), Prepared{statement, false}).first;
    } else if (!may_write && sqlite3_stmt_readonly(found->second.statement) == 0) {
        return {Code::refused, "only a Transaction may run '" + std::string(sql) + "'"};
    }
    found->second.lent = true;
    return Statement(this, found->second.statement);
}

void Connection::give_back(sqlite3_stmt* statement) noexcept {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    const char* sql = sqlite3_sql(statement);
    const auto found = cache_.find(std::string_view(sql));
    if (found != cache_.end() && found->second.statement == statement)
        found->second.lent = false;
    else
        sqlite3_finalize(statement);
}

base::Status Connection::copy_into(Connection& copy, const std::function<bool(unsigned, unsigned)>& tell) {
    constexpr int kPagesAtOnce = 1024;
    // A read transaction of our own keeps the copy at one moment; without it every commit elsewhere would begin it anew.
    KMP_CHECK(execute("BEGIN; SELECT count(*) FROM sqlite_master"));
    base::Status out;
    sqlite3_backup* backup = sqlite3_backup_init(copy.handle_, "main", handle_, "main");
    if (backup == nullptr) {
        out = copy.error(sqlite3_errcode(copy.handle_), "copying into it");
    } else {
        int rc = SQLITE_OK;
        while (rc == SQLITE_OK) {
            rc = sqlite3_backup_step(backup, kPagesAtOnce);
            const auto all = static_cast<unsigned>(sqlite3_backup_pagecount(backup));
            if (rc == SQLITE_OK && !tell(all - static_cast<unsigned>(sqlite3_backup_remaining(backup)), all)) break;
        }
        sqlite3_backup_finish(backup);
        if (rc == SQLITE_OK) out = base::Error{Code::cancelled, "the copy of the database was stopped"};
        else if (rc != SQLITE_DONE) out = copy.error(rc, "copying into it");
    }
    const base::Status ended = execute("COMMIT");
    KMP_CHECK(std::move(out));
    KMP_CHECK(base::Status(ended));
    // One file, that can be carried away: whoever opens it to write makes it a log beside it again.
    return copy.execute("PRAGMA journal_mode=DELETE");
}

base::Status Connection::check_integrity() {
    sqlite3_stmt* check = nullptr;
    int rc = sqlite3_prepare_v2(handle_, "PRAGMA integrity_check", -1, &check, nullptr);
    std::string first;
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(check);
        if (rc == SQLITE_ROW && first.empty()) first = reinterpret_cast<const char*>(sqlite3_column_text(check, 0));
    }
    sqlite3_finalize(check);
    if (rc != SQLITE_DONE) return error(rc, "checking its integrity");
    if (first != "ok") return {Code::tampered, "the database " + path_ + " does not pass its check: " + first};
    return {};
}

base::Error Connection::error(int rc, std::string_view what) const {
    Code code = code_of(rc, opened_);
    std::string message = "database " + path_ + ": ";
    if (code == Code::key_invalid) {
        message += "opened with the wrong key, or it is not a database of this platform";
    } else if (code == Code::tampered) {
        message += "a page is not what was written (" + std::string(sqlite3_errmsg(handle_)) + "); stop, keep the file for examination, and restore a backup";
    } else {
        // A full disk also shows as an I/O error of the shared-memory file.
        if (code == Code::storage_failed && (sqlite3_system_errno(handle_) == ENOSPC || sqlite3_system_errno(handle_) == EDQUOT)) code = Code::storage_full;
        message += std::string(sqlite3_errmsg(handle_)) + " (in: " + std::string(what.substr(0, 120)) + ")";
    }
    return {code, std::move(message), rc};
}

}  // namespace store

#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"
#include "store/statement.h"

namespace store {

class Transaction;

enum class Mode : std::uint8_t {
    create,      ///< a new file (permissions 0600); already_exists when there is one
    read_write,  ///< the one writer
    read_only,   ///< for readers beside it; begin() refuses
};

/// An encrypted SQLite database (SQLCipher). Every page is encrypted and authenticated; write-ahead log, synchronous=FULL:
/// what commit() has confirmed survives a power loss.
/// Move-only. Statements and transactions may outlive a move of it, never its end.
/// thread: one at a time; a second thread opens a Database of its own.
class Database {
public:
    /// in:     raw_key 32 bytes, used as it is (no key derivation)
    /// errors: key_invalid (the wrong key, or not our database), tampered (a page was changed), not_found, already_exists,
    ///         denied, storage_full, storage_failed, busy; `raw` is the extended SQLite code
    static base::Result<Database> open(const std::string& path, const base::Secret& raw_key, Mode mode);

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    /// A statement that reads, out of the cache. refused: it is not a plain SELECT or WITH, or it could write.
    /// What it sees is the newest commit, or the open transaction of this same Database.
    base::Result<Statement> query(std::string_view sql);

    /// BEGIN IMMEDIATE: the only way to write. busy: another process has held the write lock for kBusyTimeout.
    /// refused: read-only, or a transaction is open already.
    base::Result<Transaction> begin();

    /// ok when every page passes its check and the b-trees are sound; tampered otherwise. Reads the whole file.
    base::Status check_integrity();

    /// Writes all that was committed when it began to a new file under the same key, while others go on writing to this one.
    /// `tell` is told pages done and pages in all, and stops the copy by answering false.
    /// errors: already_exists, cancelled, storage_full, storage_failed; on an error no file is left
    base::Status copy_to(const std::string& copy_path, const base::Secret& raw_key, const std::function<bool(unsigned done, unsigned of)>& tell);

    /// Called after each commit with the frames that the write-ahead log holds now; `checkpoint`: they are about to be moved into the database's file, after which the log
    /// may begin anew. On the thread that commits; it must not throw. When the writer is the last to close, everything is moved into the file; the log is then removed, but where
    /// somebody watches it stays as it is: by it the next one to watch knows that nothing was missed.
    using Watcher = std::function<void(std::uint32_t frames, bool checkpoint)>;
    void watch(Watcher watcher);
    /// How long the file is, and bytes of it as they lie there, encrypted. errors: storage_failed
    base::Result<std::uint64_t> raw_size();
    base::Status read_raw(std::span<std::uint8_t> out, std::uint64_t offset);

    const std::string& path() const noexcept;

    /// Frames in the write-ahead log with which a commit moves them into the database's file.
    static constexpr int kCheckpointFrames = 1000;
    static constexpr int kBusyTimeoutMs = 5000;

private:
    explicit Database(std::unique_ptr<Connection> connection) noexcept;
    std::unique_ptr<Connection> connection_;
};

}  // namespace store

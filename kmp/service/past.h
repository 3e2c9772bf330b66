#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "store/database.h"

namespace kmp::service {

/// The log as it stands here, for whoever holds checkpoints of it against it that were kept elsewhere. Thread: any; one at a time is served.
class Past {
public:
    /// A key that signed the log's checkpoints over more records than `from`, until the next one did.
    struct Key {
        std::uint64_t from = 0;
        base::Bytes spki;
    };
    /// A checkpoint that this log has signed and does not go on from.
    struct Contradiction {
        std::uint64_t size = 0;
        audit::Digest root{};
        auto operator<=>(const Contradiction&) const = default;
    };
    /// reads: a connection of its own. keys: from the genesis on. accepted: those that an auditor has looked at. accept: of those that turn up as long as this lives the ones
    /// over so many records at most are accepted too (Unseal.accept_rollback). Not by their size for good: this log comes to the same sizes again, and what it signs then counts.
    Past(store::Database reads, std::string origin, std::vector<Key> keys, std::set<Contradiction> accepted, std::uint64_t accept);

    /// Over how many records a checkpoint is that this log has signed and goes on from.
    /// errors: malformed; key_invalid (of another log, or of a key that is not this log's: it proves nothing); tampered: a key of this log has signed it, and the log does not
    /// go on from it. Nothing is wrong with what a former platform UKEY signed beyond the event that put another in its place: a restore has lost that, and says so.
    base::Result<std::uint64_t> hold(const std::string& note, const std::string& where);
    /// RFC 9162 2.1.4.1, of what is committed.
    base::Result<audit::Proof> consistency(std::uint64_t old_size, std::uint64_t size);
    base::Result<std::uint64_t> size();
    /// Those that were accepted since this was asked last: to be remembered.
    std::vector<Contradiction> take_accepted();
    /// Lets the database go, whoever still holds this: from here on it answers cancelled.
    void close();
    /// The note that the last `tampered` was about.
    std::string evidence();
    const std::string& origin() const noexcept { return origin_; }

private:
    std::mutex mutex_;
    std::optional<store::Database> reads_;  ///< empty: closed
    std::string evidence_;
    const std::string origin_;
    const std::vector<Key> keys_;
    std::set<Contradiction> accepted_;
    std::vector<Contradiction> newly_accepted_;
    const std::uint64_t accept_;
};

}  // namespace kmp::service

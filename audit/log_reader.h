#pragma once
#include <functional>
#include <optional>

#include "audit/merkle.h"
#include "base/clock.h"
#include "store/database.h"

namespace audit {

/// The log as it stands committed in a database: records and tree hashes, never re-reading the whole log for a proof. Of archived records
/// (archive.h) the hashes are here and the bytes are not; record 0 always is.
/// Does not own the database, which may be the writer's or one opened read-only. thread: that of the database.
class LogReader final : public HashSource {
public:
    explicit LogReader(store::Database& database) noexcept : database_(database) {}

    base::Result<std::uint64_t> size();
    /// Calls on_record(index, canonical bytes) for first <= index < end, in order, until it returns false; the bytes hold for
    /// the call. not_found: an index is archived, and in which file; tampered: it is missing. It reads one snapshot, whatever is appended meanwhile.
    base::Status read(std::uint64_t first, std::uint64_t end, const std::function<bool(std::uint64_t, base::ByteView)>& on_record);
    /// The canonical bytes of one record; not_found: there is none, or it is archived, and in which file.
    base::Result<base::Bytes> record(std::uint64_t index);
    /// When a record was written. Errors as record().
    base::Result<base::Millis> time(std::uint64_t index);
    /// The first index in [first, end) recorded at `time` or later, `end` where there is none. Recorded time never falls. Precondition: none of them is archived.
    base::Result<std::uint64_t> first_at(std::uint64_t first, std::uint64_t end, base::Millis time);
    base::Result<Digest> node(unsigned height, std::uint64_t index) override;
    /// The leaf hashes of the records [256 index, 256 index + 256) and their root, as the database keeps them; empty where the tile is not full yet.
    struct Tile {
        base::Bytes hashes;
        Digest root{};
    };
    base::Result<std::optional<Tile>> leaves(std::uint64_t index);

private:
    store::Database& database_;
};

}  // namespace audit

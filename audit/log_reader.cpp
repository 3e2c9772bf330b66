#include "audit/log_reader.h"

#include <string>

#include "audit/archive.h"
#include "audit/event.h"
#include "audit/tile.h"

namespace audit {
namespace {

using base::Code;

base::Error gap(const store::Database& database, std::string_view what, std::uint64_t at) {
    return {Code::tampered, "database " + database.path() + ": " + std::string(what) + " " + std::to_string(at) + " is missing; stop, and verify the newest export"};
}

/// Why record `index` is not there.
base::Error missing(store::Database& database, std::uint64_t index) {
    const auto segment = segment_of(database, index);
    if (!segment) return segment.error();
    if (!*segment) return gap(database, "audit record", index);
    return {Code::not_found, "audit record " + std::to_string(index) + " is archived, in segment " + (*segment)->file + "; 'kmp-audit prove' takes its proof out of there, and 'kmp-audit convert' shows it"};
}

Digest fold(std::vector<Digest> hashes) {
    for (std::size_t n = hashes.size(); n > 1; n /= 2)
        for (std::size_t i = 0; i < n / 2; ++i) hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
    return hashes.front();
}

}  // namespace

base::Result<std::uint64_t> LogReader::size() {
    KMP_TRY(store::Statement last, database_.query("SELECT idx FROM event ORDER BY idx DESC LIMIT 1"));
    KMP_TRY(const bool any, last.step());
    return any ? static_cast<std::uint64_t>(last.integer(0)) + 1 : 0;
}

base::Status LogReader::read(std::uint64_t first, std::uint64_t end, const std::function<bool(std::uint64_t, base::ByteView)>& on_record) {
    KMP_TRY(store::Statement rows, database_.query("SELECT idx, body FROM event WHERE idx >= ? AND idx < ? ORDER BY idx"));
    rows.bind_all(first, end);
    for (std::uint64_t index = first; index < end; ++index) {
        KMP_TRY(const bool row, rows.step());
        if (!row || static_cast<std::uint64_t>(rows.integer(0)) != index) return missing(database_, index);
        if (!on_record(index, rows.blob(1))) break;
    }
    return {};
}

base::Result<base::Bytes> LogReader::record(std::uint64_t index) {
    KMP_TRY(store::Statement row, database_.query("SELECT body FROM event WHERE idx = ?"));
    row.bind_all(index);
    KMP_TRY(const bool found, row.step());
    if (!found) {
        KMP_TRY(const std::uint64_t size, this->size());
        if (index >= size) return {Code::not_found, "there is no audit record " + std::to_string(index)};
        return missing(database_, index);
    }
    return base::to_bytes(row.blob(0));
}

base::Result<base::Millis> LogReader::time(std::uint64_t index) {
    KMP_TRY(const base::Bytes bytes, record(index));
    KMP_TRY(const Record read, Record::decode(bytes));
    return read.time();
}

base::Result<std::optional<LogReader::Tile>> LogReader::leaves(std::uint64_t index) {
    KMP_TRY(store::Statement tile, database_.query("SELECT hashes, root FROM tile WHERE level = 0 AND idx = ?"));
    tile.bind_all(index);
    KMP_TRY(const bool full, tile.step());
    if (!full) return std::optional<Tile>{};
    if (tile.blob(0).size() != kTileWidth * sizeof(Digest) || tile.blob(1).size() != sizeof(Digest)) return gap(database_, "a part of audit tile", index);
    return std::optional<Tile>{{base::to_bytes(tile.blob(0)), digest_at(tile.blob(1), 0)}};
}

base::Result<std::uint64_t> LogReader::first_at(std::uint64_t first, std::uint64_t end, base::Millis time) {
    while (first < end) {
        const std::uint64_t middle = first + (end - first) / 2;
        KMP_TRY(store::Statement row, database_.query("SELECT at FROM event WHERE idx >= ? ORDER BY idx LIMIT 1"));
        row.bind_all(middle);
        KMP_TRY(const bool found, row.step());
        if (found && row.integer(0) < time) first = middle + 1;
        else end = middle;
    }
    return first;
}

base::Result<Digest> LogReader::node(unsigned height, std::uint64_t index) {
    // Hashes of height 8n stand in tiles of level n, 256 to a tile, once a tile is full.
    const unsigned level = height / kTileHeight;
    const unsigned above = height % kTileHeight;
    const std::uint64_t first = index << above;
    const std::uint64_t count = std::uint64_t{1} << above;
    std::vector<Digest> hashes;
    hashes.reserve(count);
    {
        KMP_TRY(store::Statement tile, database_.query("SELECT hashes FROM tile WHERE level = ? AND idx = ?"));
        tile.bind_all(level, first / kTileWidth);
        KMP_TRY(const bool full, tile.step());
        if (full) {
            const base::ByteView all = tile.blob(0);
            if (all.size() != kTileWidth * sizeof(Digest)) return gap(database_, "a part of audit tile", first / kTileWidth);
            for (std::uint64_t i = first % kTileWidth; i < first % kTileWidth + count; ++i) hashes.push_back(digest_at(all, i));
            return fold(std::move(hashes));
        }
    }
    if (level == 0) {
        KMP_CHECK(read(first, first + count, [&](std::uint64_t, base::ByteView body) {
            hashes.push_back(leaf_hash(body));
            return true;
        }));
    } else {
        KMP_TRY(store::Statement roots, database_.query("SELECT idx, root FROM tile WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx"));
        roots.bind_all(level - 1, first, first + count);
        for (std::uint64_t i = first; i < first + count; ++i) {
            KMP_TRY(const bool row, roots.step());
            if (!row || static_cast<std::uint64_t>(roots.integer(0)) != i || roots.blob(1).size() != sizeof(Digest)) return gap(database_, "audit tile", i);
            hashes.push_back(digest_at(roots.blob(1), 0));
        }
    }
    return fold(std::move(hashes));
}

}  // namespace audit

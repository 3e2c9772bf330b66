#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/digest.h"

/// What a standby machine is fed with: a base copy of the encrypted database's file, and after it segments: the pages that changed since, as they
/// stand in that file. Pages are encrypted and authenticated under the database's key, which is neither needed nor told here.
namespace standby {

inline constexpr std::size_t kPageSize = 4096;
inline constexpr std::size_t kMaxPages = 32768;        ///< in a segment: 128 MiB
inline constexpr std::size_t kMaxNote = 65536;         ///< of a checkpoint
inline constexpr std::size_t kMaxRecovery = 4u << 20;  ///< of what a restore goes by

/// The first 16 bytes of the database's file: SQLCipher's salt, not secret, the same as long as the database lives.
using DatabaseId = std::array<std::uint8_t, 16>;
using Pages = std::map<std::uint32_t, base::Bytes>;    ///< by number, from 1 on

/// A place in the write-ahead log: its salt, how many frames, and the running checksum behind the last. Two logs that agree in all three hold the
/// same up to there.
struct Position {
    std::uint64_t salt = 0;
    std::uint32_t frame = 0;
    std::uint64_t checksum = 0;
    bool operator==(const Position&) const = default;
};

/// What a segment says of itself.
struct Heading {
    std::uint64_t number = 0;      ///< from 1 on, without a gap
    DatabaseId database{};
    base::Digest series{};         ///< drawn when the base was begun
    base::Digest previous{};       ///< the hash of the segment before; of the first one: the series
    base::Millis made = 0;
    std::uint64_t events = 0;      ///< that the log has at least
    Position position;
    std::uint32_t database_pages = 0;  ///< how long the database is after it
    std::uint32_t pages = 0;       ///< that follow
    std::uint32_t recovery_size = 0;   ///< 0: as in the segment before
    std::uint32_t checkpoint_size = 0;
};

struct Segment {
    Heading heading;
    std::string recovery;
    std::string checkpoint;
    Pages pages;
    base::Digest hash{};           ///< what stands at its end: of everything before
};

/// The bytes of a segment's file: "KMPSTBY1", the heading's fields in their order (big-endian), recovery, checkpoint, each page's number (4) and
/// content (4096), SHA-256 of all that. Fills in the sizes, `pages` and `hash`.
base::Bytes encode(Segment& segment);

/// How long a segment's file is that begins with this heading.
std::uint64_t file_size(const Heading& heading);
inline constexpr std::size_t kHeadingBytes = 8 + 8 + 16 + 32 + 32 + 8 + 8 + 8 + 4 + 8 + 4 + 4 + 4 + 4;
/// malformed: these bytes do not begin a segment
base::Result<Heading> decode_heading(base::ByteView bytes);
/// errors: malformed; storage_failed: it ends too early; tampered: it is not what was written
base::Result<Segment> decode(base::ByteView file);

}  // namespace standby

#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "standby/segment.h"

/// A feed's folder. Each base begins a series: a folder of its own, "series-000001" and on, with
///   base.db              the database's file
///   segment-0000000001   and on
///   base.toml            what the base is; written when the series has become whole
namespace standby {

inline constexpr const char* kBase = "base.db";
inline constexpr const char* kBaseFile = "base.toml";

std::string series_name(std::uint64_t number);
std::string segment_name(std::uint64_t number);

/// What base.toml says.
struct Base {
    DatabaseId database{};
    base::Digest series{};
    std::string platform;      ///< serial of the platform UKEY whose service feeds
    base::Millis made = 0;
    std::uint64_t bytes = 0;
    base::Digest hash{};       ///< SHA-256 of base.db
    std::uint64_t needs = 0;   ///< the segment with which it is whole: the base was copied while it changed

    std::string text() const;
    /// errors: not_found, malformed
    static base::Result<Base> read(const std::string& path);
};

/// One series in a folder, not looked into.
struct Found {
    std::uint64_t number = 0;
    std::string path;
    std::optional<Base> base;  ///< none: it is not whole yet, or its base.toml is missing or damaged
    std::string problem;       ///< of its base.toml
};
/// Every series in the folder, newest first. errors: not_found, denied, io_failed
base::Result<std::vector<Found>> find_series(const std::string& folder);
/// What the newest segment of a series says of itself. errors: not_found (there is none), malformed (it is cut short), io_failed
base::Result<Heading> last_heading(const std::string& series_path);
/// Whether a folder holds a feed, rather than a backup.
bool holds_feed(const std::string& folder);

/// How far a whole series goes.
struct Report {
    std::string path;          ///< of the series
    Base base;
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;   ///< of them
    Heading last;              ///< of the last whole one
    base::Digest hash{};       ///< of it: it stands for the whole series
    std::string recovery;      ///< the newest of each
    std::string checkpoint;
    std::vector<std::string> notes;  ///< what was left out, and why
};

/// Reads the newest whole series of a feed from its base to its last segment. A last segment that is cut short is left out, with a note.
/// errors: not_found (there is none, or a segment is missing), tampered (a byte was changed, a segment of another series or database), io_failed
/// tell: bytes read so far, and in all.
using Tell = std::function<void(std::uint64_t done, std::uint64_t of)>;
base::Result<Report> check(const std::string& folder, const Tell& tell = {});
/// The same, and makes of it the database's file as it was with the last segment. `target` must not be there; on an error it may be left half made.
base::Result<Report> apply(const std::string& folder, const std::string& target, const Tell& tell = {});

}  // namespace standby

#pragma once
#include <functional>
#include <string>

#include "audit/envelope.h"
#include "audit/export.h"

namespace audit {

/// An archive segment on its way into a folder: a range export that stands under its name whole and verified, or not at all.
struct SegmentOrder {
    std::string folder;
    ExportHead head;         ///< which records, and the certificates that go with them
    std::string checkpoint;  ///< a signed note over head.end
    base::Bytes key;         ///< SubjectPublicKeyInfo of the key that signed checkpoints when its first record was written; empty: the one that the genesis pins
    std::vector<pki::Certificate> recipients;  ///< transport certificates of the auditor UKEYs that alone can open it; none: it is in clear
    /// How far it is, in records; written, then read again. May be empty.
    std::function<void(std::string_view step, std::uint64_t done, std::uint64_t of)> tell;
};

struct SegmentFile {
    std::string name;  ///< in the folder
    Digest hash{};     ///< SHA-256
    std::uint64_t bytes = 0;
};

/// "audit-000000000000-000000025600.kmpaudit", with ".sealed" behind it where it is sealed: by name they stand in the order of the log.
std::string segment_name(std::uint64_t first, std::uint64_t end, bool sealed);

/// Writes it beside its name, syncs it, reads it back from the disk and verifies all of it, gives it its name and syncs the folder.
/// errors: not_found (the folder), already_exists (a file of that name; it is not touched), storage_full, io_failed, tampered (what was
///         read back is not what the log holds), those of `log`; after any of them the folder is as it was
base::Result<SegmentFile> write_segment(LogReader& log, const SegmentOrder& order);

}  // namespace audit

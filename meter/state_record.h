#pragma once
#include <initializer_list>
#include <vector>

#include "base/secret.h"

namespace meter {

/// What a state file holds. A high-grade meter has two: its readings, and the secure element's own.
enum class RecordKind : std::uint8_t { low_grade = 'L', high_grade = 'H', element = 'E' };

/// A state on its way to a file: versioned, with a SHA-256 at its end that tells damage (not an attacker: whoever can write the
/// file owns the emulator).
base::Secret seal(RecordKind kind, std::initializer_list<base::ByteView> parts);

struct OpenedRecord {
    RecordKind kind;
    std::vector<base::ByteView> parts;  ///< of the record, which must outlive them
};
/// errors: tampered (damaged); unsupported (written by another version)
base::Result<OpenedRecord> open_record(base::ByteView record);
inline constexpr std::size_t kMaxStateRecord = 64 * 1024;

}  // namespace meter

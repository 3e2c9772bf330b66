#pragma once
#include <optional>
#include <string_view>

#include "audit/pieces.h"
#include "audit/verifier.h"

/// An export as rows that other programs read: JSON Lines, and CSV for a spreadsheet (docs/AUDIT_FORMAT.md 13).
namespace audit {

enum class RowFormat : std::uint8_t { jsonl, csv };
/// invalid_argument: neither "jsonl" nor "csv".
base::Result<RowFormat> parse_row_format(std::string_view text);

struct Rows {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
};

/// Reads an export once and writes a row for each record, in flat memory. It checks the form alone and that no record is missing: whether the
/// export is genuine says verify_export. What the sink was given by the time of an error is no whole document.
/// errors: malformed (after which record), those of the source and of the sink
base::Result<Rows> write_rows(const ByteSource& source, RowFormat format, const ChunkSink& sink);

}  // namespace audit

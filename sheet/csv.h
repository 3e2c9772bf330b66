#pragma once
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"

/// Files that people keep in a spreadsheet: CSV as RFC 4180 has it, read and written by libcsv.
namespace sheet {

inline constexpr std::size_t kLargestCsv = 8 * 1024 * 1024;
inline constexpr std::size_t kMostCsvRows = 20000;

/// Each row's fields; a row of nothing for an empty line, so that rows are counted as an editor counts lines. malformed: `name`, and after which line.
base::Result<std::vector<std::vector<std::string>>> read_rows(const std::string& name, base::ByteView content);
/// Fills the span from its start. out: how many bytes, 0 at the end.
using Source = std::function<base::Result<std::size_t>(std::span<std::uint8_t>)>;
/// Takes the fields of a row and its number, from 1. An error ends the reading.
using RowSink = std::function<base::Status(std::size_t line, std::vector<std::string>& fields)>;
/// The same of a file of any length, row by row. errors: as read_rows; those of `source` and `sink`
base::Status each_row(const std::string& name, const Source& source, const RowSink& sink);
/// Whether a row is an empty line.
bool is_blank(const std::vector<std::string>& row) noexcept;

/// Rows of fields, each with the number of its row in the file, from 1; the first names the columns.
struct CsvRow {
    std::size_t line = 0;
    std::map<std::string, std::string> fields;
};
/// All rows. malformed: it does not parse, has no row, more than kMostCsvRows, columns that `allowed` does not name, that are there twice or
/// that `required` misses; rows of another length are told all at once.
base::Result<std::vector<CsvRow>> parse_csv(const std::string& name, base::ByteView content, const std::vector<std::string>& required, const std::vector<std::string>& optional);

/// One row with its line end, quoted where it must be.
std::string csv_line(const std::vector<std::string>& fields);
/// A cell that no spreadsheet takes for a formula: one that begins with = + - @, a tab or a line end gets an apostrophe in front.
std::string defused(std::string cell);

}  // namespace sheet

#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace vending {

inline constexpr std::size_t kLargestCsv = 8 * 1024 * 1024;
inline constexpr std::size_t kMostCsvRows = 20000;

/// Rows of fields (RFC 4180), each with the number of its row in the file, from 1; the first names the columns.
struct CsvRow {
    std::size_t line = 0;
    std::map<std::string, std::string> fields;
};
/// All rows. malformed: it does not parse, has no row, more than kMostCsvRows, columns that `allowed` does not name, that are there twice or
/// that `required` misses; rows of another length are told all at once.
base::Result<std::vector<CsvRow>> parse_csv(const std::string& name, base::ByteView content, const std::vector<std::string>& required, const std::vector<std::string>& optional);

/// One row with its line end, quoted where it must be.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace vending

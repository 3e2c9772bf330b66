#pragma once
#include <string>

#include "audit/file_source.h"
#include "audit/opening.h"
#include "audit/rows.h"

/// What kmp-audit makes of one export: another file.
namespace audit {

/// For reading; "-" is standard input.
base::Result<base::Fd> open_source(const std::string& path);

struct FileOptions {
    std::string from;  ///< "-": standard input
    std::string to;    ///< "-": standard output
};
/// A sealed file as what is in it. refused: it is none. malformed: it was changed or cut off; then nothing is left at `to`.
base::Result<std::uint64_t> decrypt_file(const FileOptions& files, Opening& opening);
/// An export, sealed or not, as rows.
base::Result<Rows> convert_file(const FileOptions& files, RowFormat format, Opening& opening);

}  // namespace audit

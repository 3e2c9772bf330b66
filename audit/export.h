#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log_reader.h"
#include "audit/pieces.h"
#include "base/bytes.h"

namespace audit {

struct ExportHead {
    std::string origin;
    std::uint64_t first = 0;  ///< 0: the whole log
    std::uint64_t end = 0;    ///< the size the checkpoint is over
    /// DER: the trust anchor, then the checkpoint certificate that it issued.
    std::vector<base::Bytes> certificates;
};

inline constexpr std::array<std::uint8_t, 9> kExportMagic{'K', 'M', 'P', 'A', 'U', 'D', 'I', 'T', 2};  ///< the last byte is the version
inline constexpr std::size_t kMaxCertificates = 16;
inline constexpr std::size_t kMaxCertificateBytes = 8192;

/// Writes the records [first, end) of `log` as an export (docs/AUDIT_FORMAT.md). `checkpoint` is the signed note over size `end`.
/// `on_record`, if any, is told how many records have been read so far.
/// errors: invalid_argument (an empty range, or a note of another size or origin), those of `log` and of `sink`
base::Status write_export(LogReader& log, const ExportHead& head, std::string_view checkpoint, const ChunkSink& sink, const std::function<void(std::uint64_t)>& on_record = {});

}  // namespace audit

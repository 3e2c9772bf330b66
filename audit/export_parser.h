#pragma once
#include <optional>

#include "audit/export.h"
#include "audit/merkle.h"
#include "audit/verifier.h"

namespace audit {

/// Takes an export apart as it streams in: head(), then next() until it is empty, then trailer(). Flat memory.
/// errors of all: malformed (not what write_export writes), those of the source
class ExportParser {
public:
    struct Head {
        ExportHead head;
        base::Bytes genesis;      ///< where first > 0: record 0 ...
        Proof genesis_path;       ///< ... and its path to the first hash of the edge
        Frontier edge;            ///< of the tree over [0, first)
    };
    explicit ExportParser(const ByteSource& source);

    base::Result<Head> head();
    /// The next record, which holds until the next call; empty after the last.
    base::Result<base::ByteView> next();
    /// The signed note. Nothing may follow.
    base::Result<std::string> trailer();

private:
    base::Result<base::ByteView> take(std::size_t count);
    base::Result<base::ByteView> take_sized(std::size_t limit, const char* what);
    base::Result<std::uint64_t> number(std::size_t width);
    base::Result<std::vector<Digest>> digests();
    /// Makes `count` bytes available at begin_, as far as the source has them.
    base::Status fill(std::size_t count);

    const ByteSource& source_;
    base::Bytes buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool ended_ = false;
};

}  // namespace audit

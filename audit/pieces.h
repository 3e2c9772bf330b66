#pragma once
#include <algorithm>
#include <functional>

#include "base/bytes.h"

namespace audit {

/// Takes the next piece of a file that is being written; an error stops the writing and is handed on.
using ChunkSink = std::function<base::Status(base::ByteView)>;

inline constexpr std::size_t kExportChunk = 60 * 1024;  ///< no piece is longer; one frame to a client takes it (wire/frame.h)

/// Collects small writes into pieces of kExportChunk.
class Pieces {
public:
    explicit Pieces(ChunkSink sink) : sink_(std::move(sink)) { buffer_.reserve(kExportChunk); }
    base::Status add(base::ByteView bytes) {
        while (!bytes.empty()) {
            const std::size_t n = std::min(bytes.size(), kExportChunk - buffer_.size());
            buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
            bytes = bytes.subspan(n);
            if (buffer_.size() == kExportChunk) KMP_CHECK(flush());
        }
        return {};
    }
    base::Status flush() {
        if (buffer_.empty()) return {};
        base::Status done = sink_(buffer_);
        buffer_.clear();
        return done;
    }

private:
    ChunkSink sink_;
    base::Bytes buffer_;
};

}  // namespace audit

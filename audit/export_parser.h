#pragma once
#include <memory>
#include <optional>

#include "audit/block.h"
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
    /// What a verifier wants to know besides the records. With it a damaged export is read as far as its pieces can be told apart.
    struct Watch {
        std::function<void(const Block&)> on_block;
        /// What is damaged ("frame", "block", "head", "checkpoint"), at which record, and how.
        std::function<void(std::optional<std::uint64_t> index, std::string_view place, std::string what)> on_damage;
    };
    explicit ExportParser(const ByteSource& source);
    ExportParser(const ByteSource& source, Watch watch);

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
    base::Result<base::Bytes> certificate(std::uint64_t which);
    base::Result<Head> head_parts();
    /// Makes `count` bytes available at begin_, as far as the source has them.
    base::Status fill(std::size_t count);
    base::ByteView ahead() const noexcept { return {buffer_.get() + begin_, end_ - begin_}; }

    // frames.cpp: what stands between the records
    base::Status take_block();
    /// The block that should stand here stands here, and only its head is damaged.
    base::Status take_due_block();
    /// Looks whether `in` begins as the frame behind record index - 1 does: a record `index`, a block or the end.
    bool follows(base::ByteView in, std::uint64_t index) const noexcept;
    bool block_is_due(base::ByteView in, std::uint64_t end) const;
    bool surely_follows(base::ByteView in, std::uint64_t index) const;
    /// A record where something does not fit; empty: none, but what it was is over.
    base::Result<std::optional<base::ByteView>> doubtful();
    std::optional<std::size_t> true_size(base::ByteView in) const;
    base::Status skip_to_a_record();
    base::ByteView deliver(std::size_t size);

    const ByteSource& source_;
    std::optional<Watch> watch_;
    std::unique_ptr<std::uint8_t[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool ended_ = false;
    std::optional<base::Bytes> head_bytes_;  ///< while the head is read: what its check is over
    std::uint64_t next_ = 0;         ///< index of the record that should come now
    std::uint64_t group_ = 0;        ///< and of the first behind the newest block
    std::uint64_t last_ = 0;         ///< index after the last one, as the head says
    unsigned patience_ = 100;        ///< damaged places that are looked into; then the rest is read as it stands
};

}  // namespace audit

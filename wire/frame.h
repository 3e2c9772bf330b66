#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace google::protobuf {
class MessageLite;
}

/// The frames of docs/PROTOCOL.md 1: 4 bytes big-endian length, then one message. The same on every transport.
namespace wire {

inline constexpr std::size_t kMaxFrame = 65536;  ///< of the message, its length field not counted
inline constexpr std::size_t kFrameHeader = 4;

/// Appends one frame to `out`. For messages without secrets: PIN entries go through append_pin_frame.
/// refused: the message is empty or larger than kMaxFrame; `out` is as before.
[[nodiscard]] base::Status append_frame(base::Bytes& out, const google::protobuf::MessageLite& message);

/// Cuts a byte stream into messages. Whatever leaves its buffer is wiped: a PIN may have been in it. One thread at a time.
///
///     auto room = reader.room();
///     reader.received(read(fd, room.data(), room.size()));
///     while (auto next = reader.next(); next && *next) handle(**next);
class FrameReader {
public:
    /// Where to put incoming bytes: at least as much room as the frame under way still needs, and never none.
    /// Invalidates what next() gave before.
    std::span<std::uint8_t> room();
    /// How many bytes were put there. Precondition: no more than there was room.
    void received(std::size_t count);
    /// The next whole message, or nothing yet. It stays valid until the next call of room(), and is the reader's own memory,
    /// so that parse_pin_frame can wipe it in place.
    /// malformed: a length of 0 or above kMaxFrame, seen as soon as the length is; the stream is lost and must be closed.
    base::Result<std::optional<std::span<std::uint8_t>>> next();
    /// Bytes received that are not part of a message given out yet.
    std::size_t pending() const noexcept { return end_ - begin_; }

    FrameReader() = default;
    FrameReader(FrameReader&& other) noexcept { *this = std::move(other); }
    FrameReader& operator=(FrameReader&& other) noexcept;
    FrameReader(const FrameReader&) = delete;
    FrameReader& operator=(const FrameReader&) = delete;
    ~FrameReader();

private:
    base::Bytes buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace wire

#pragma once
#include <chrono>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace vending {

using Wait = std::chrono::milliseconds;

/// Bytes to and from the meters of one line. One thread at a time.
class Channel {
public:
    virtual ~Channel() = default;
    /// io_failed: the line is gone. timeout: it takes nothing.
    virtual base::Status write(base::ByteView bytes) = 0;
    /// How many bytes arrived within `wait`; 0: none did. io_failed: the line is gone.
    virtual base::Result<std::size_t> read(std::span<std::uint8_t> into, Wait wait) = 0;
    /// How long `count` bytes are under way once written; 0 where the line is fast.
    virtual Wait duration(std::size_t count) const noexcept = 0;
};

/// Opens `serial:DEVICE[:BAUD]` (8 data bits, even parity, 1 stop bit; 2400 baud unless told; a pseudo-terminal will do,
/// and may be called `pty:DEVICE`), `tcp:HOST:PORT` or `tcp:PORT` of this machine.
/// invalid_argument: none of these; busy: another program uses the device; not_found, denied, io_failed, timeout.
base::Result<std::unique_ptr<Channel>> open_channel(std::string_view name);

/// ok when `name` is one that open_channel takes; invalid_argument says what it takes.
base::Status check_channel_name(std::string_view name);

}  // namespace vending

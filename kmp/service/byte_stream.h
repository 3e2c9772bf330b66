#pragma once
#include <functional>
#include <memory>
#include <span>
#include <system_error>

#include "base/bytes.h"
#include "kmp/service/peer.h"

namespace kmp::service {

/// A connected stream, whatever carries it. `done` is never called from inside the call that it was given to. Thread: the I/O thread only.
class ByteStream {
public:
    using Done = std::function<void(const std::error_code&, std::size_t)>;
    virtual ~ByteStream() = default;
    /// What has come, at least one byte. `room` stays valid until `done`.
    virtual void read_some(std::span<std::uint8_t> room, Done done) = 0;
    /// All of it. `bytes` stay valid until `done`. One at a time.
    virtual void write(base::ByteView bytes, Done done) = 0;
    virtual void close() = 0;
    virtual bool is_open() const = 0;
};

/// Where clients come from. Thread: the I/O thread only.
class Listener {
public:
    using Accepted = std::function<void(std::unique_ptr<ByteStream>, Peer)>;
    virtual ~Listener() = default;
    /// From now on each client is handed to `accepted`.
    virtual base::Status start(Accepted accepted) = 0;
    /// No new ones.
    virtual void stop() = 0;
};

}  // namespace kmp::service

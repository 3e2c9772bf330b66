#pragma once
#include "kmp/service/byte_stream.h"
#include "kmp/service/endpoint.h"

namespace asio {
class io_context;
}

namespace kmp::service {

/// Plain TCP on an address of this machine only.
class LoopbackListener : public Listener {
public:
    /// Precondition: a loopback address. io_failed: it cannot be listened on.
    static base::Result<std::unique_ptr<LoopbackListener>> listen(asio::io_context& io, const Endpoint& endpoint);
    /// With the port that was given, where 0 was asked for.
    virtual std::string where() const = 0;
};

}  // namespace kmp::service

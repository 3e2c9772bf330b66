#pragma once
#include <string>

#include "kmp/service/byte_stream.h"

namespace asio {
class io_context;
}

namespace kmp::service {

/// A unix socket at `path`, its file of this mode. Removes a stale file first. conflict: another service listens there already.
base::Result<std::unique_ptr<Listener>> listen_unix(asio::io_context& io, std::string path, unsigned mode);

}  // namespace kmp::service

#pragma once
#include <sys/types.h>

#include <optional>
#include <string>

#include "base/fd.h"
#include "kmp/service/byte_stream.h"

namespace asio {
class io_context;
}

namespace kmp::service {

/// A unix socket at `path`, its file of this mode, and of this group where one is given. Removes a stale file first. conflict: another service listens there already.
/// With `passed` the socket is there already (PassedSockets): it is used, and its file stays when the listener ends.
base::Result<std::unique_ptr<Listener>> listen_unix(asio::io_context& io, std::string path, unsigned mode, base::Fd passed = {}, std::optional<gid_t> group = {});

/// The group that audit.group names. invalid_argument: there is none of that name.
base::Result<gid_t> auditors_group(const std::string& name);

}  // namespace kmp::service

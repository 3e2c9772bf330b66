#pragma once
#include "base/fd.h"
#include "kmp/service/config.h"

namespace kmp::service {

/// Listening sockets that systemd made and passes (socket activation): by their names, kmp.sock, admin.sock and network. None is where it was not passed.
struct PassedSockets {
    base::Fd stations, officers, network;

    /// Takes what was passed to this process, and checks that each is what it should be: the listening socket of just the path or address of the
    /// configuration, closed to whom its mode must keep out. Once, before any other process is made: LISTEN_FDS is not handed on.
    /// invalid_argument: a socket that is none of these; the message says which, and which line of the unit to mend
    static base::Result<PassedSockets> take(const Config& config);
};

}  // namespace kmp::service

#pragma once
#include "tokens/host/operations.h"

namespace tokens::host {

/// Answers requests on a connected stream socket, in order, until the other end closes it.
/// errors: malformed (the stream broke the protocol); io_failed
base::Status serve(Host& host, int socket);

}  // namespace tokens::host

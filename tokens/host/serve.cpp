#include "tokens/host/serve.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace tokens::host {
namespace {

/// Replies leave after so many requests at the latest: kmpd logs the first ones while the token works on the rest. When all 64 of 64 clients left
/// together, token and log took turns and the processors rested a third of the time.
constexpr std::size_t kFlushEvery = 8;

base::Status send_all(int socket, base::Bytes& out) {
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t n = send(socket, out.data() + done, out.size() - done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return base::errno_error("answering", errno);
        done += static_cast<std::size_t>(n);
    }
    base::wipe(out);  // secrets pass through it
    out.clear();
    return {};
}

bool readable_now(int socket) {
    pollfd entry{socket, POLLIN, 0};
    return poll(&entry, 1, 0) > 0;
}

/// Performs every whole request that has arrived.
base::Status drain(Host& host, int socket, FrameReader& reader, base::Bytes& out) {
    // A pulled soft UKEY must not go on working from its session objects.
    if (host.token.attached()) (void)host.token.check_still_there();
    std::size_t pending = 0;
    for (;;) {
        KMP_TRY(auto message, reader.next());
        if (!message) break;
        KMP_CHECK(perform(host, message->payload, std::move(message->secrets), out));
        if (++pending % kFlushEvery == 0) KMP_CHECK(send_all(socket, out));
        keep_house(host, false);
    }
    return send_all(socket, out);
}

}  // namespace

base::Status serve(Host& host, int socket) {
    FrameReader reader;
    base::Bytes out;
    out.reserve(65536);
    for (;;) {
        const std::span<std::uint8_t> room = reader.room();
        const ssize_t n = recv(socket, room.data(), room.size(), 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return base::errno_error("reading requests", errno);
        if (n == 0) return {};
        reader.received(static_cast<std::size_t>(n));
        KMP_CHECK(drain(host, socket, reader, out));
        if (!readable_now(socket)) keep_house(host, true);
    }
}

}  // namespace tokens::host

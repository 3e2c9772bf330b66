#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "meter/bus.h"

namespace meter {

/// A new pseudo-terminal; `link` is a symbolic link to make to its other end, or empty.
struct PtyLine {
    std::string link;
};
/// Listens on `host` (an address of this machine; loopback unless told) and `port`, 0 for a free one.
struct TcpLine {
    std::string host;
    std::uint16_t port;
};
struct SerialLine {
    std::string device;
};
using LineName = std::variant<PtyLine, TcpLine, SerialLine>;

/// From "pty", "pty:LINK", "tcp:PORT", "tcp:HOST:PORT" or "serial:DEVICE". invalid_argument otherwise.
base::Result<LineName> parse_line(std::string_view text);

struct LineSettings {
    unsigned baud = 2400;      ///< serial only; 8 data bits, even parity, 1 stop bit
    base::Millis delay = 0;    ///< before each answer
};

/// Serves the meters of `bus` on a line until SIGTERM or SIGINT, which give ok. Nothing that arrives on the line ends it.
/// `ready` is called once, with the name under which a station reaches the line: "pty:/dev/pts/3", "tcp:127.0.0.1:40123".
/// errors: io_failed, denied, not_found (the line cannot be opened, or a serial device went away)
base::Status serve(const LineName& name, const LineSettings& settings, Bus& bus, const std::function<void(std::string_view)>& ready);

}  // namespace meter

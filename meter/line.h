#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "meter/bus.h"
#include "meter/control.h"

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

/// One door to the meters.
struct LineSpec {
    LineName name;
    unsigned baud = 2400;  ///< of a serial device, and of a pseudo-terminal that is paced; 8 data bits, even parity, 1 stop bit
};

struct LineSettings {
    base::Millis delay = 0;    ///< before each answer
    bool paced = false;        ///< an answer takes the time that its bytes need at the line's speed (not on TCP)
    std::string control;       ///< the unix socket for Control; empty: none
};

/// Serves the meters of `bus` on all lines at once until SIGTERM or SIGINT, which give ok. Nothing that arrives on a line ends it. The
/// meters' time goes on meanwhile, and what they consumed is stored at the end. `ready` is called once for each line, with the name
/// under which a station reaches it: "pty:/dev/pts/3", "tcp:127.0.0.1:40123".
/// errors: io_failed, denied, not_found (a line cannot be opened, or a serial device went away)
base::Status serve(const std::vector<LineSpec>& lines, const LineSettings& settings, Bus& bus, Control& control,
                   const std::function<void(std::string_view)>& ready);

}  // namespace meter

#pragma once
#include <string>

#include "base/fd.h"

namespace meter {

/// A pseudo-terminal in raw mode. We hold both ends: a station may come and go without our end seeing a hang-up.
class Pty {
public:
    /// Makes `link` (when not empty) a symbolic link to the station's end, in the place of an older link.
    /// `baud` (1200 or 2400) is what the terminal's settings say; a pseudo-terminal has no speed and no parity of its own.
    /// errors: io_failed, denied, not_found; already_exists (`link` is something else than a link)
    static base::Result<Pty> open(const std::string& link, unsigned baud = 2400);
    Pty(Pty&&) noexcept = default;
    Pty& operator=(Pty&&) noexcept = default;
    /// Removes the link, if it is still ours.
    ~Pty();

    int fd() const noexcept { return master_.get(); }
    const std::string& station_end() const noexcept { return station_end_; }

private:
    Pty(base::Fd master, base::Fd slave, std::string station_end) noexcept
        : master_(std::move(master)), slave_(std::move(slave)), station_end_(std::move(station_end)) {}
    base::Fd master_;
    base::Fd slave_;
    std::string station_end_;
    std::string link_;
};

}  // namespace meter

#pragma once
#include <memory>
#include <string>

#include "meter/esam/esam.h"
#include "meter/meter.h"
#include "meter/prepayment_meter.h"
#include "meter/state_file.h"

namespace meter {

/// A meter with the files that it lives in. What it owns is made in this order and goes in the reverse one.
class Household {
public:
    struct Wish {
        bool high_grade = false;
        std::optional<std::uint32_t> hoarding_limit;  ///< set at the start; otherwise what the meter has
        std::optional<std::uint32_t> overdraft_limit;
    };
    /// Wakes the meter whose state lies at `path` (and, high grade, at element_path(path)), or makes a new one there.
    /// `clock` drives the metering, `true_time` bounds authentications; both outlive it.
    /// errors: conflict (the file holds another meter, or one of the other grade); busy; tampered, unsupported; io_failed, denied, not_found
    static base::Result<std::unique_ptr<Meter>> wake(const dlt645::Address& number, const std::string& path, const Wish& wish, const base::Clock& clock,
                                                     const base::Clock& true_time, const MeterSettings& settings, Trouble trouble);
    /// How the meter stands whose state lies at `path`, running or not; nothing is changed.
    static base::Result<Report> look(const std::string& path);
    /// The security state behind a file of either grade: the emulator's keys.
    static base::Result<SecurityState> security_of(const std::string& path);
};

}  // namespace meter

#include "meter/session.h"

namespace meter {

void Session::begin(const R1& r1, const R2& r2, base::Millis now, base::Millis validity) noexcept {
    open_ = true;
    failures_ = 0;
    r1_ = r1;
    r2_ = r2;
    set_validity(now, validity);
}

void Session::set_validity(base::Millis now, base::Millis validity) noexcept {
    begun_ = now;
    ends_ = now + validity;
}

void Session::note_mac_failure() noexcept {
    if (++failures_ >= kMacFailuresThatEndASession) end();
}

void Lockout::note(base::Millis now) noexcept {
    if (failures == 0 || now - since >= kBlockingTime) {
        failures = 0;
        since = now;
    }
    if (now < since) since = now;  // the clock was set back; the hour counts from here
    if (failures < UINT16_MAX) ++failures;
}

}  // namespace meter

#pragma once
#include "meter/esam/apdu.h"
#include "meter/security_core.h"
#include "meter/state_file.h"

namespace meter::esam {

/// Where a meter's program sends its APDUs.
class Device {
public:
    virtual ~Device() = default;
    /// The response: data and status word. Empty when the element does not answer. Never throws for anything that it is sent.
    virtual base::Bytes transmit(base::ByteView apdu) = 0;
};

/// An emulated secure element: keys, wallet, lockout, parameters of money, and all cryptography of a high-grade meter. Keys go in
/// wrapped and never come out. Its state lies in a file of its own. Thread: one at a time.
class Esam final : public Device {
public:
    /// `storage` and `clock` (true time) outlive it. `trouble` hears of failures to store.
    Esam(SecurityState state, Storage& storage, const base::Clock& clock, base::Millis validity,
         std::function<void(const base::Error&)> trouble = {});
    Esam(const Esam&) = delete;
    Esam& operator=(const Esam&) = delete;

    base::Bytes transmit(base::ByteView apdu) override;
    const SecurityState& state() const noexcept { return core_.state(); }

private:
    base::Bytes obey(const Command& command);
    base::Bytes card(const Command& command);

    Storage& storage_;
    std::function<void(const base::Error&)> trouble_;
    SecurityCore core_;
};

}  // namespace meter::esam

#pragma once
#include <functional>
#include <variant>

#include "base/clock.h"
#include "meter/dlt645/payload.h"
#include "meter/meter.h"
#include "meter/meter_state.h"
#include "meter/session.h"
#include "meter/state_file.h"

namespace meter {

/// What an installation sets on a meter, apart from its state.
struct MeterSettings {
    base::Millis authentication_validity = 5 * base::kMinute;
    base::Millis clock_offset = 0;  ///< what the meter's own clock shows, less UTC
};

/// A prepayment meter that does the cryptography in its own software: identity authentication, wallet, key update
/// by the 2009 profile, status query, read-back, relay control, and the plain readings.
///
/// Rules that the standard leaves open, as this meter reads them:
/// - a wildcard address serves readings only;
/// - plain relay control works in factory state with password 000000, and is refused in private state;
/// - a wrong K1 does not count as a wrong MAC: it is 8 bytes and gains nothing, and counting it would let anybody on the
///   line block the meter;
/// - putting a new key set in force ends the authentication, which was made under the old one.
/// source: SUITE.md; DL/T 645-2007
class LowGradeMeter final : public Meter {
public:
    /// `clock` and `storage` outlive the meter. `trouble` hears of storage failures; the station gets "other error".
    LowGradeMeter(MeterState state, Storage& storage, const base::Clock& clock, MeterSettings settings = {},
                  std::function<void(const base::Error&)> trouble = {});

    std::optional<dlt645::Frame> answer(const dlt645::Frame& request) override;
    const dlt645::Address& number() const noexcept override { return state_.number; }
    const MeterState& state() const noexcept { return state_; }

private:
    using Serr = dlt645::SerrBit;
    using Security = std::variant<base::Bytes, Serr>;                ///< payload behind the DI, or why not
    using Plain = std::variant<base::Bytes, dlt645::ErrorBit>;       ///< DATA of the reply, or why not

    Plain read(base::ByteView data) const;
    Plain relay_control(base::ByteView data);
    std::optional<dlt645::ErrorBit> secured_relay_control(dlt645::PayloadReader in);

    Security security(dlt645::DataIdentifier id, dlt645::PayloadReader in);
    Security authenticate(dlt645::PayloadReader in);
    Security set_validity(dlt645::PayloadReader in);
    Security end_authentication(dlt645::PayloadReader in);
    Security purchase(dlt645::DataIdentifier id, dlt645::PayloadReader in);
    Security initialise_wallet(dlt645::PayloadReader in);
    Security update_key(dlt645::DataIdentifier id, dlt645::PayloadReader in);
    Security query_status(dlt645::PayloadReader in);
    Security read_back_file(dlt645::PayloadReader in);

    /// Whether a command from the station carries this MAC; a wrong one is counted, durably.
    bool mac_from_station(KeyId key, const std::array<std::uint8_t, 4>& command, std::uint8_t part, base::ByteView fields, base::ByteView mac);
    void count_mac_failure();
    bool session_valid() const noexcept;
    base::Bytes mac_to_station(dlt645::DataIdentifier id, std::uint8_t part, base::ByteView fields) const;

    /// Stores `next` and takes it over; on failure everything stays as it was.
    bool commit(MeterState next);

    MeterState state_;
    Storage& storage_;
    const base::Clock& clock_;
    MeterSettings settings_;
    std::function<void(const base::Error&)> trouble_;
    Session session_;
};

}  // namespace meter

#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"
#include "meter/dlt645/address.h"
#include "meter/keys.h"
#include "meter/relay.h"
#include "meter/session.h"
#include "meter/wallet.h"

namespace meter {

/// Everything that a meter still knows after its power came back.
struct MeterState {
    dlt645::Address number;
    KeySet keys = KeySet::factory();
    Staging staging;
    Wallet wallet;
    Relay relay;
    Lockout lockout;
    std::uint32_t energy = 0;  ///< 0.01 kWh, at most 99999999

    /// A meter as it leaves the factory.
    static MeterState fresh(const dlt645::Address& number);
    /// The whole state again, keys included: a change is made on it, stored, and only then taken over.
    MeterState duplicate() const;
};

/// ok unless `number` is a pattern or the broadcast address, which no meter can have.
base::Status check_number(const dlt645::Address& number);

/// The record of a state: fixed size, versioned, with a SHA-256 at its end that tells damage (not an attacker:
/// whoever can write the file owns the emulator).
base::Secret encode(const MeterState& state);
/// errors: tampered (damaged); unsupported (written by another version)
base::Result<MeterState> decode_state(base::ByteView record);
inline constexpr std::size_t kMaxStateRecord = 4096;

}  // namespace meter

#pragma once
#include "base/bytes.h"
#include "base/clock.h"
#include "kmp/suite/key_sets.h"
#include "model/fen.h"
#include "model/keys.h"
#include "model/operation.h"
#include "tokens/host/host.pb.h"

/// Secured payloads of suite aes128 (docs/SUITE.md) as requests to a tokenhost: here the platform decides what a key may be
/// asked for; the bytes themselves are made inside the host. Pure functions.
namespace kmp::suite {

namespace pb = tokens::host::pb;

/// Which keys of a meter: a set, the masters that it is derived from, under its own dispersion factor (1.2).
struct MeterKeys {
    model::KeyState state = model::KeyState::production;
    model::KeyVersion version = 0;  ///< of the set
    ClassVersions masters;
    model::MeterNumber meter;
};
/// The factory set of a meter.
inline MeterKeys factory_keys(model::MeterNumber meter) { return {model::KeyState::factory, 0, {}, meter}; }
model::Factor factor_for(const MeterKeys& keys) noexcept;
/// Names these keys to a tokenhost.
void set_key(pb::MeterKey& out, const MeterKeys& keys);

/// The data identifier an order travels under. Precondition: not replace_card, which only a card carries.
std::uint32_t data_identifier(model::OrderKind order);

/// What the classes of keys are that an operation needs.
model::ClassSet classes_for(model::Operation operation) noexcept;

struct OrderFields {
    model::OrderKind kind{};
    model::Fen amount;
    std::uint32_t count = 0;
    model::CustomerNumber customer;
    std::array<std::uint8_t, 4> r2{};
};

pb::HostRequest authenticate(const MeterKeys& keys);
pb::HostRequest order(const MeterKeys& keys, const OrderFields& fields);

struct StatusFields {
    base::ByteView r1, balance, balance_mac, count, count_mac, customer, key_info;
};
pb::HostRequest status(const MeterKeys& keys, const StatusFields& fields);

/// `valid_until`: ss mm hh DD MM YY in BCD.
pb::HostRequest relay(const MeterKeys& keys, base::ByteView r2, std::uint8_t command, base::ByteView valid_until);
/// A time on the meter's clock at which a command ends: 6 BCD bytes ss mm hh DD MM YY, a date and time that there is, years 2000 to
/// 2099. How the meter's clock stands to UTC is not known here, so only what is past on every clock of the Earth is refused.
/// errors: invalid_argument
base::Status check_valid_until(base::ByteView six, base::Millis now);
/// True for the N1 bytes of DL/T 645-2007 relay control.
bool is_relay_command(std::uint32_t n1) noexcept;

/// total: 0 for the 2009 profile, otherwise how many keys the meter has.
pb::HostRequest key_update(const MeterKeys& current, const MeterKeys& next, base::ByteView r2, std::uint32_t total);

pb::HostRequest validity(const MeterKeys& keys, base::ByteView r2, std::uint32_t minutes);
pb::HostRequest parameter(const MeterKeys& keys, base::ByteView r2, std::uint32_t di, base::ByteView data, bool encrypt);
pb::HostRequest read_back(const MeterKeys& keys, base::ByteView r1, base::ByteView data, base::ByteView mac);

}  // namespace kmp::suite

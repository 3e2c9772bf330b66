#include "tokens/host/meter_fields.h"

namespace tokens::host {
namespace {

using base::Code;
using model::KeyState;

/// Versions of sets rise, those of the masters in them need not; the factory set (a recovery) replaces any private version. source: SUITE.md 3
/// Precondition: the names of both were read.
base::Status check_succession(const pb::MeterKey& current, const pb::MeterKey& next) {
    constexpr auto kFactory = static_cast<std::uint32_t>(KeyState::factory);
    if (next.state() == kFactory) {
        if (current.state() == kFactory) return {Code::refused, "the meter holds the factory set already"};
        return {};
    }
    if (current.state() != kFactory && next.version() <= current.version())
        return {Code::refused, "a new key version is higher than the one in force (" + std::to_string(current.version()) + ")"};
    return {};
}

/// In private state a meter's keys are its own: both sides of the update are this meter's.
base::Status check_factor(const KeyName& key, base::ByteView meter_factor) {
    if (key.state == KeyState::production && !base::equal_constant_time(key.factor, meter_factor))
        return {Code::invalid_argument, "the dispersion factor is not that of the meter whose keys are updated"};
    return {};
}

}  // namespace

base::Status key_update(Host& host, Call& call) {
    const pb::KeyUpdate& request = call.request.key_update();
    KMP_CHECK(check_size(request.r2(), 4, "R2"));
    KMP_CHECK(check_meter_factor(view(request.meter_factor())));
    const base::ByteView meter_factor = view(request.meter_factor());
    KMP_TRY(const KeyName wrap_name, meter_key_name(request.current(), model::KeyClass::control, Usage::key_wrap));
    KMP_TRY(const KeyName mac_name, meter_key_name(request.current(), model::KeyClass::control, Usage::mac));
    pkcs11::Session& session = host.token.session();

    for (const MeterKeyLine& line : kMeterKeys) {
        KMP_TRY(const KeyName next, meter_key_name(request.next(), line.key_class, line.usage));
        KMP_CHECK(check_factor(wrap_name, meter_factor));
        KMP_CHECK(check_factor(next, meter_factor));
        KMP_CHECK(check_succession(request.current(), request.next()));

        // The new key can be wrapped for as long as this takes, and is gone right after.
        KMP_TRY(const pkcs11::SecretKey fresh, host.meter_keys.derive_for_wrapping(next));
        base::Bytes encrypted;
        {
            const pkcs11::Temporary owned(session, fresh);
            KMP_TRY(const pkcs11::SecretKey wrapping, host.meter_keys.get(wrap_name));
            KMP_TRY(encrypted, session.wrap(pkcs11::Mechanism::aes_key_wrap(), wrapping, fresh));
        }
        if (encrypted.size() != 24) return {Code::token_failed, "the UKEY's key wrap of a 16-byte key does not have 24 bytes"};
        encrypted.insert(encrypted.end(), meter_factor.begin(), meter_factor.end());

        const auto info = key_info(next.state, line.id, static_cast<model::KeyVersion>(request.next().version()));
        KMP_TRY(const MacInput input, mac_input(Direction::to_meter, line.di, 0, view(request.r2()), {info, encrypted}));
        KMP_TRY(const Mac mac, cmac(host, mac_name, input));
        pb::KeyUpdateRecord& record = *call.reply.mutable_key_update()->add_records();
        record.set_di(line.di);
        set(record.mutable_mac(), first(mac, 4));
        set(record.mutable_key_info(), info);
        set(record.mutable_encrypted_key(), encrypted);
    }
    return {};
}

}  // namespace tokens::host

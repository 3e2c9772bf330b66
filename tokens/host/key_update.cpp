#include "tokens/host/meter_fields.h"

namespace tokens::host {
namespace {

using base::Code;
using model::KeyState;

constexpr std::uint32_t kKeyUpdate2013 = 0x070301FF;
constexpr unsigned kFrameKeys = 4;

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

/// One key on its way: what the meter gets of it under either profile. The keys of both sides are this meter's, and follow each other.
struct Sealed {
    KeyName next;
    base::Bytes encrypted;  ///< 32
};
base::Result<Sealed> seal(Host& host, const pb::KeyUpdate& request, const KeyName& wrap_name, const MeterKeyLine& line) {
    const base::ByteView meter_factor = view(request.meter_factor());
    Sealed out;
    KMP_TRY(out.next, meter_key_name(request.next(), line.key_class, line.usage));
    KMP_CHECK(check_factor(wrap_name, meter_factor));
    KMP_CHECK(check_factor(out.next, meter_factor));
    KMP_CHECK(check_succession(request.current(), request.next()));
    pkcs11::Session& session = host.token.session();
    // The new key can be wrapped for as long as this takes, and is gone right after.
    KMP_TRY(const pkcs11::SecretKey fresh, host.meter_keys.derive_for_wrapping(out.next));
    {
        const pkcs11::Temporary owned(session, fresh);
        KMP_TRY(const pkcs11::SecretKey wrapping, host.meter_keys.get(wrap_name));
        KMP_TRY(out.encrypted, session.wrap(pkcs11::Mechanism::aes_key_wrap(), wrapping, fresh));
    }
    if (out.encrypted.size() != 24) return {Code::token_failed, "the UKEY's key wrap of a 16-byte key does not have 24 bytes"};
    out.encrypted.insert(out.encrypted.end(), meter_factor.begin(), meter_factor.end());
    return out;
}

/// 2009 profile: a record a key.
base::Status add_record(Host& host, Call& call, const KeyName& mac_name, const MeterKeyLine& line, const Sealed& sealed) {
    const pb::KeyUpdate& request = call.request.key_update();
    const auto info = key_info(sealed.next.state, line.id, static_cast<model::KeyVersion>(request.next().version()));
    KMP_TRY(const MacInput input, mac_input(Direction::to_meter, line.di, 0, view(request.r2()), {info, sealed.encrypted}));
    KMP_TRY(const Mac mac, cmac(host, mac_name, input));
    pb::KeyUpdateRecord& record = *call.reply.mutable_key_update()->add_records();
    record.set_di(line.di);
    set(record.mutable_mac(), first(mac, 4));
    set(record.mutable_key_info(), info);
    set(record.mutable_encrypted_key(), sealed.encrypted);
    return {};
}

/// 2013 profile: frames of up to four keys.
base::Status add_frame(Host& host, Call& call, const KeyName& mac_name, base::ByteView records) {
    KMP_TRY(const MacInput input, mac_input(Direction::to_meter, kKeyUpdate2013, 0, view(call.request.key_update().r2()), {records}));
    KMP_TRY(const Mac mac, cmac(host, mac_name, input));
    pb::KeyUpdateFrame& frame = *call.reply.mutable_key_update()->add_frames();
    set(frame.mutable_records(), records);
    set(frame.mutable_mac(), first(mac, 4));
    return {};
}

}  // namespace

base::Status key_update(Host& host, Call& call) {
    const pb::KeyUpdate& request = call.request.key_update();
    KMP_CHECK(check_size(request.r2(), 4, "R2"));
    KMP_CHECK(check_meter_factor(view(request.meter_factor())));
    const std::uint32_t total = request.total();
    if (total != 0 && (total < kMeterKeys.size() || total > kMeterKeyCount)) return {Code::invalid_argument, "a meter has 9 to 20 keys"};
    KMP_TRY(const KeyName wrap_name, meter_key_name(request.current(), model::KeyClass::control, Usage::key_wrap));
    KMP_TRY(const KeyName mac_name, meter_key_name(request.current(), model::KeyClass::control, Usage::mac));
    base::Bytes records;
    for (std::uint8_t id = 0; id < (total == 0 ? kMeterKeys.size() : total); ++id) {
        const MeterKeyLine line = meter_key_line(id);
        KMP_TRY(const Sealed sealed, seal(host, request, wrap_name, line));
        if (total == 0) {
            KMP_CHECK(add_record(host, call, mac_name, line, sealed));
            continue;
        }
        for (const std::uint32_t b : {total, request.next().version(), std::uint32_t{id}, static_cast<std::uint32_t>(sealed.next.state)}) records.push_back(static_cast<std::uint8_t>(b));
        records.insert(records.end(), sealed.encrypted.begin(), sealed.encrypted.end());
        if ((id + 1u) % kFrameKeys != 0 && id + 1u != total) continue;
        KMP_CHECK(add_frame(host, call, mac_name, records));
        records.clear();
    }
    return {};
}

}  // namespace tokens::host

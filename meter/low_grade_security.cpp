// The 03H commands of the low-grade meter. Each parses its whole request before it acts on any of it.
#include <algorithm>

#include "meter/calendar.h"
#include "meter/low_grade_meter.h"
#include "meter/registers.h"
#include "meter/suite_aes128.h"

namespace meter {

using dlt645::DataIdentifier;
using dlt645::PayloadReader;
using dlt645::PayloadWriter;
namespace di = dlt645::di;

namespace {

constexpr std::size_t kOperatorSize = 4;
constexpr std::size_t kKeyRecordSize = 32;

/// Fields one behind the other, as a MAC covers them.
template <class... Parts>
base::Bytes joined(const Parts&... parts) {
    base::ByteWriter out;
    (out.bytes(parts), ...);
    return std::move(out).take();
}

base::Bytes big_endian(std::uint32_t v) {
    base::ByteWriter out;
    out.u32(v);
    return std::move(out).take();
}

}  // namespace

LowGradeMeter::Security LowGradeMeter::security(DataIdentifier id, PayloadReader in) {
    if (!in.in_order(kOperatorSize)) return Serr::other;
    switch (id.value()) {
        case di::kIdentityAuthentication.value(): return authenticate(in);
        case di::kAuthenticationValidity.value(): return set_validity(in);
        case di::kEndAuthentication.value(): return end_authentication(in);
        case di::kOpenAccount.value():
        case di::kRecharge.value(): return purchase(id, in);
        case di::kWalletInitialisation.value(): return initialise_wallet(in);
        case di::kControlKeyUpdate.value():
        case di::kParameterKeyUpdate.value():
        case di::kIdentityKeyUpdate.value():
        case di::kMasterKeyUpdate.value(): return update_key(id, in);
        case di::kStatusQuery.value(): return query_status(in);
        case di::kReadBack.value(): return read_back_file(in);
    }
    return Serr::other;
}

LowGradeMeter::Security LowGradeMeter::authenticate(PayloadReader in) {
    const auto k1 = in.field(8);
    const auto r1 = in.field<8>();
    const auto factor = in.field<8>();
    if (!factor || !in.end()) return Serr::other;
    const base::Millis now = clock_.now();
    if (state_.lockout.blocked(now)) return Serr::authentication_failed;
    const suite::MacInput input{suite::Direction::to_meter, di::kIdentityAuthentication.bytes(), 0, *r1, *factor};
    const bool known = suite::mac_holds(state_.keys, KeyId::identity_mac, input, *k1);
    if (!known || *factor != suite::dispersion_factor(state_.keys.name().state, state_.number)) return Serr::authentication_failed;
    R2 r2;
    base::Secret::random(r2.size()).reveal([&](base::ByteView drawn) { std::copy(drawn.begin(), drawn.end(), r2.begin()); });
    session_.begin(*r1, r2, now, settings_.authentication_validity);
    return PayloadWriter().field(r2).field(suite::number_field(state_.number)).take();
}

LowGradeMeter::Security LowGradeMeter::set_validity(PayloadReader in) {
    const auto minutes = in.field(2);
    const auto mac = in.field(4);
    if (!mac || !in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    if (!mac_from_station(KeyId::identity_mac, di::kAuthenticationValidity.bytes(), 0, *minutes, *mac)) return Serr::mac_failed;
    const auto number = from_bcd(*minutes);
    if (!number || *number == 0) return Serr::other;
    session_.set_validity(clock_.now(), static_cast<base::Millis>(*number) * base::kMinute);
    return base::Bytes();
}

LowGradeMeter::Security LowGradeMeter::end_authentication(PayloadReader in) {
    if (!in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    session_.end();
    return PayloadWriter()
        .field(state_.wallet.customer)
        .u32(static_cast<std::uint32_t>(state_.wallet.balance))
        .u32(state_.wallet.count)
        .field(key_info(state_.keys.name()))
        .take();
}

LowGradeMeter::Security LowGradeMeter::purchase(DataIdentifier id, PayloadReader in) {
    const auto amount = in.u32();
    const auto count = in.u32();
    const auto mac1 = in.field(4);
    const auto customer = in.field<6>();
    const auto mac2 = in.field(4);
    if (!mac2 || !in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    const base::Bytes money = joined(big_endian(*amount), big_endian(*count));
    if (!mac_from_station(KeyId::credit_mac, id.bytes(), 1, money, *mac1)) return Serr::mac_failed;
    if (!mac_from_station(KeyId::credit_mac, id.bytes(), 2, joined(*customer, money), *mac2)) return Serr::mac_failed;
    if (state_.keys.name().state != KeyState::private_keys) return Serr::other;
    MeterState next = state_.duplicate();
    const Purchase wanted{*amount, *count, *customer};
    const Refusal refusal = id == di::kOpenAccount ? open_account(next.wallet, wanted) : recharge(next.wallet, wanted);
    if (refusal) return *refusal;
    if (!commit(std::move(next))) return Serr::other;
    return base::Bytes();
}

LowGradeMeter::Security LowGradeMeter::initialise_wallet(PayloadReader in) {
    const auto amount = in.u32();
    const auto mac1 = in.field(4);
    const auto count = in.u32();
    const auto mac2 = in.field(4);
    if (!mac2 || !in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    const auto command = di::kWalletInitialisation.bytes();
    if (!mac_from_station(KeyId::credit_mac, command, 1, big_endian(*amount), *mac1)) return Serr::mac_failed;
    if (!mac_from_station(KeyId::credit_mac, command, 2, joined(big_endian(*count), big_endian(*amount)), *mac2)) return Serr::mac_failed;
    if (state_.keys.name().state != KeyState::factory) return Serr::other;
    MeterState next = state_.duplicate();
    if (const Refusal refusal = initialise(next.wallet, *amount, *count)) return *refusal;
    if (!commit(std::move(next))) return Serr::other;
    return base::Bytes();
}

LowGradeMeter::Security LowGradeMeter::update_key(DataIdentifier id, PayloadReader in) {
    const auto mac = in.field(4);
    const auto info = in.field<4>();
    const auto record = in.field(kKeyRecordSize);
    if (!record || !in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    if (!mac_from_station(KeyId::update_mac, id.bytes(), 0, joined(*info, *record), *mac)) return Serr::mac_failed;

    const auto [key_state, mode, number, version] = *info;
    if (key_state > 1 || mode != kRemoteMode || number >= kKeyCount) return Serr::other;
    const auto key_id = static_cast<KeyId>(number);
    const KeySetName name{static_cast<KeyState>(key_state), version};
    if (id != update_identifier(key_id) || !may_follow(state_.keys.name(), name)) return Serr::other;
    const auto key = suite::open_key_record(state_.keys, state_.number, *record);
    if (!key) return key.error().code == base::Code::key_invalid ? Serr::mac_failed : Serr::other;

    MeterState next = state_.duplicate();
    next.staging.add(name, key_id, *key);
    const bool whole = next.staging.complete();
    if (whole) next.keys = next.staging.take();
    if (!commit(std::move(next))) return Serr::other;
    if (whole) session_.end();
    return base::Bytes();
}

LowGradeMeter::Security LowGradeMeter::query_status(PayloadReader in) {
    if (!in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    const base::Bytes balance = big_endian(static_cast<std::uint32_t>(state_.wallet.balance));
    const base::Bytes count = big_endian(state_.wallet.count);
    const KeyInfo info = key_info(state_.keys.name());
    return PayloadWriter()
        .field(balance)
        .field(mac_to_station(di::kStatusQuery, 1, balance))
        .field(count)
        .field(mac_to_station(di::kStatusQuery, 2, joined(count, state_.wallet.customer, info, balance)))
        .field(state_.wallet.customer)
        .field(info)
        .take();
}

LowGradeMeter::Security LowGradeMeter::read_back_file(PayloadReader in) {
    const auto identifier = in.field(8);
    if (!identifier || !in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    const auto data = read_back(state_, *identifier);
    if (!data) return Serr::other;
    return PayloadWriter().field(*data).field(mac_to_station(di::kReadBack, 0, *data)).take();
}

}  // namespace meter

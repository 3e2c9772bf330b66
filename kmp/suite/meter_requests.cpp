#include "kmp/suite/meter_requests.h"

#include <chrono>
#include <stdexcept>


namespace kmp::suite {
namespace {

std::string text(base::ByteView bytes) { return base::to_string(bytes); }

}  // namespace

void set_key(pb::MeterKey& out, const MeterKeys& keys) {
    out.set_state(static_cast<std::uint32_t>(keys.state));
    out.set_version(keys.version);
    out.set_masters(text(keys.masters.bytes()));
    out.set_factor(text(factor_for(keys)));
}

model::Factor factor_for(const MeterKeys& keys) noexcept {
    return keys.state == model::KeyState::factory ? model::kFactoryFactor : model::factor_of(keys.meter);
}

std::uint32_t data_identifier(model::OrderKind order) {
    switch (order) {
        case model::OrderKind::open_account: return 0x070101FF;
        case model::OrderKind::recharge: return 0x070102FF;
        case model::OrderKind::initialise_wallet: return 0x070103FF;
        case model::OrderKind::refund: return 0x070104FF;
        case model::OrderKind::clear: return 0x070105FF;
        case model::OrderKind::replace_card: break;
    }
    throw std::logic_error("data_identifier: not an order that travels to a meter");
}

model::ClassSet classes_for(model::Operation operation) noexcept {
    using model::class_bit;
    using model::KeyClass;
    using model::Operation;
    switch (operation) {
        case Operation::authenticate: return class_bit(KeyClass::identity);
        case Operation::open_account:
        case Operation::recharge:
        case Operation::initialise_wallet:
        case Operation::refund:
        case Operation::check_status: return class_bit(KeyClass::credit);
        case Operation::relay: return class_bit(KeyClass::remote);
        case Operation::write_parameter: return class_bit(KeyClass::parameter);
        case Operation::download_keys:
        case Operation::recover_keys: return kEveryClass;
        case Operation::card: return class_bit(KeyClass::card);
        case Operation::sign:
        case Operation::verify:
        case Operation::encrypt:
        case Operation::decrypt:
        case Operation::mac:
        case Operation::random:
        case Operation::certify: return 0;
    }
    return 0;
}

pb::HostRequest authenticate(const MeterKeys& keys) {
    pb::HostRequest out;
    set_key(*out.mutable_meter_authenticate()->mutable_key(), keys);
    return out;
}

pb::HostRequest order(const MeterKeys& keys, const OrderFields& fields) {
    pb::HostRequest out;
    auto& o = *out.mutable_order_mac();
    set_key(*o.mutable_key(), keys);
    o.set_di(data_identifier(fields.kind));
    o.set_r2(text(fields.r2));
    o.set_amount(static_cast<std::uint32_t>(fields.amount.value()));
    o.set_count(fields.count);
    if (fields.kind != model::OrderKind::initialise_wallet) o.set_customer(text(fields.customer.bcd()));
    return out;
}

pb::HostRequest status(const MeterKeys& keys, const StatusFields& fields) {
    pb::HostRequest out;
    auto& s = *out.mutable_status_mac();
    set_key(*s.mutable_key(), keys);
    s.set_r1(text(fields.r1));
    s.set_balance(text(fields.balance));
    s.set_balance_mac(text(fields.balance_mac));
    s.set_count(text(fields.count));
    s.set_count_mac(text(fields.count_mac));
    s.set_customer(text(fields.customer));
    s.set_key_info(text(fields.key_info));
    return out;
}

pb::HostRequest relay(const MeterKeys& keys, base::ByteView r2, std::uint8_t command, base::ByteView valid_until) {
    pb::HostRequest out;
    auto& r = *out.mutable_relay_command();
    set_key(*r.mutable_key(), keys);
    r.set_r2(text(r2));
    base::Bytes data{command, 0x00};
    data.insert(data.end(), valid_until.begin(), valid_until.end());
    r.set_data(text(data));
    return out;
}

base::Status check_valid_until(base::ByteView six, base::Millis now) {
    using namespace std::chrono;
    constexpr base::Millis kLatestClock = 12 * base::kHour;  // no clock of the Earth is further behind UTC
    constexpr base::Millis kEarliestClock = 14 * base::kHour;
    const base::Error bad{base::Code::invalid_argument, "valid_until: not a time as ss mm hh DD MM YY in BCD: " + base::to_hex(six)};
    if (six.size() != 6) return bad;
    std::array<unsigned, 6> n{};
    for (std::size_t i = 0; i < n.size(); ++i) {
        if (six[i] >> 4 > 9 || (six[i] & 15) > 9) return bad;
        n[i] = (six[i] >> 4) * 10u + (six[i] & 15u);
    }
    const year_month_day day{year(2000 + static_cast<int>(n[5])), month(n[4]), std::chrono::day(n[3])};
    if (!day.ok() || n[2] > 23 || n[1] > 59 || n[0] > 59) return bad;
    const base::Millis local = duration_cast<milliseconds>(sys_days(day).time_since_epoch() + hours(n[2]) + minutes(n[1]) + seconds(n[0])).count();
    if (local + kLatestClock < now) return {base::Code::invalid_argument, "valid_until: it is past on every clock: " + base::to_rfc3339(local).substr(0, 19)};
    // A command that is not said to the meter today has no business there later.
    if (local - kEarliestClock > now + base::kDay) return {base::Code::invalid_argument, "valid_until: more than a day ahead on every clock: " + base::to_rfc3339(local).substr(0, 19)};
    return {};
}

bool is_relay_command(std::uint32_t n1) noexcept {
    switch (n1) {
        case 0x1A: case 0x1B: case 0x1C: case 0x2A: case 0x2B: case 0x3A: case 0x3B: return true;
        default: return false;
    }
}

pb::HostRequest key_update(const MeterKeys& current, const MeterKeys& next, base::ByteView r2, std::uint32_t total) {
    pb::HostRequest out;
    auto& u = *out.mutable_key_update();
    set_key(*u.mutable_current(), current);
    set_key(*u.mutable_next(), next);
    u.set_meter_factor(text(model::factor_of(next.meter)));
    u.set_r2(text(r2));
    u.set_total(total);
    return out;
}

pb::HostRequest validity(const MeterKeys& keys, base::ByteView r2, std::uint32_t minutes) {
    pb::HostRequest out;
    auto& v = *out.mutable_validity_mac();
    set_key(*v.mutable_key(), keys);
    v.set_r2(text(r2));
    v.set_minutes(minutes);
    return out;
}

pb::HostRequest parameter(const MeterKeys& keys, base::ByteView r2, std::uint32_t di, base::ByteView data, bool encrypt) {
    pb::HostRequest out;
    auto& p = *out.mutable_parameter_mac();
    set_key(*p.mutable_key(), keys);
    p.set_r2(text(r2));
    p.set_di(di);
    p.set_data(text(data));
    p.set_encrypt(encrypt);
    return out;
}

pb::HostRequest read_back(const MeterKeys& keys, base::ByteView r1, base::ByteView data, base::ByteView mac) {
    pb::HostRequest out;
    auto& r = *out.mutable_read_back_mac();
    set_key(*r.mutable_key(), keys);
    r.set_r1(text(r1));
    r.set_data(text(data));
    r.set_mac(text(mac));
    return out;
}

}  // namespace kmp::suite

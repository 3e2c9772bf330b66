#include "kmp/suite/card_requests.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace kmp::suite {
namespace {

using base::Code;

constexpr std::uint32_t kMaxAlarm = 99'999'999;  // four BCD bytes
constexpr std::uint32_t kMaxRatio = 999'999;     // three
constexpr std::uint8_t kFlags = 0x80 | 0x0F;
constexpr std::size_t kWriteBackData = 43;

std::string text(base::ByteView bytes) { return base::to_string(bytes); }

void put_bcd(base::ByteWriter& out, std::uint64_t number, unsigned bytes) {
    for (unsigned place = bytes; place-- > 0;) {
        std::uint64_t n = number;
        for (unsigned i = 0; i < place; ++i) n /= 100;
        n %= 100;
        out.u8(static_cast<std::uint8_t>(n / 10 << 4 | n % 10));
    }
}

std::uint8_t card_type(model::OrderKind kind) { return kind == model::OrderKind::open_account ? 1 : kind == model::OrderKind::recharge ? 2 : 3; }

std::uint8_t sum(base::ByteView bytes) { return static_cast<std::uint8_t>(std::accumulate(bytes.begin(), bytes.end(), 0u)); }

bool is_switch(const std::array<std::uint8_t, 5>& five) {
    const auto two = [](std::uint8_t b) { return b >> 4 > 9 || (b & 15) > 9 ? 100u : (b >> 4) * 10u + (b & 15u); };
    const std::chrono::year_month_day day{std::chrono::year(2000 + static_cast<int>(two(five[0]))), std::chrono::month(two(five[1])), std::chrono::day(two(five[2]))};
    return two(five[0]) < 100 && day.ok() && two(five[3]) <= 23 && two(five[4]) <= 59;
}

void set_card(pb::CardKey& out, const CardKeys& card) {
    set_key(*out.mutable_meter(), card.meter);
    out.set_serial(text(card.serial));
}

}  // namespace

base::Status check(const CardParameters& p) {
    const auto bad = [](std::string why) { return base::Error{Code::invalid_argument, "parameters: " + std::move(why)}; };
    if ((p.update_flag & ~kFlags) != 0) return bad("update_flag has the bits 80, 01, 02, 04 and 08");
    if (p.tariff_switch && !is_switch(*p.tariff_switch)) return bad("tariff_switch is a time as YYMMDDhhmm in BCD, or empty");
    for (const model::Fen alarm : {p.alarm1, p.alarm2})
        if (alarm < model::Fen(0) || alarm > model::Fen(kMaxAlarm)) return bad("alarm amounts are 0.00 to 999999.99 yuan");
    for (const std::uint32_t ratio : {p.current_ratio, p.voltage_ratio})
        if (ratio < 1 || ratio > kMaxRatio) return bad("ratios are 1 to 999999");
    return {};
}

base::Bytes parameters_file(const CardParameters& p) {
    base::ByteWriter out;
    out.u8(0x68);
    out.u8(kParametersFile);
    out.u16(39);
    out.u8(0);
    out.u8(p.update_flag);
    out.u32(0);
    out.bytes(p.tariff_switch.value_or(std::array<std::uint8_t, 5>{}));
    out.u8(0);
    put_bcd(out, static_cast<std::uint64_t>(p.alarm1.value()), 4);
    put_bcd(out, static_cast<std::uint64_t>(p.alarm2.value()), 4);
    put_bcd(out, p.current_ratio, 3);
    put_bcd(out, p.voltage_ratio, 3);
    out.bytes(p.meter.bcd());
    out.bytes(p.customer.bcd());
    out.u8(card_type(p.kind));
    base::Bytes file = std::move(out).take();
    file.push_back(sum(file));
    file.push_back(0x16);
    return file;
}

base::Bytes wallet_file(model::Fen amount, std::uint32_t count) {
    base::ByteWriter out;
    out.u32(static_cast<std::uint32_t>(amount.value()));
    out.u32(count);
    return std::move(out).take();
}

base::Result<std::optional<WriteBack>> parse_write_back(base::ByteView file) {
    const auto bad = [](std::string why) { return base::Error{Code::malformed, "write-back: " + std::move(why)}; };
    if (file.size() != kWriteBackSize) return bad("49 bytes, not " + std::to_string(file.size()));
    if (std::all_of(file.begin(), file.end(), [](std::uint8_t b) { return b == 0; })) return std::optional<WriteBack>();
    if (file[0] != 0x68 || file[1] != kWriteBackFile || file[2] != 0 || file[3] != kWriteBackData || file[kWriteBackSize - 2] != sum(file.first(kWriteBackSize - 2)) || file.back() != 0x16)
        return bad("not wrapped as a write-back is: 68 05 002B, 43 bytes, their sum, 16");
    const base::ByteView data = file.subspan(4, kWriteBackData);
    if (data[0] != 1) return bad("its user type is not 01");
    WriteBack out;
    KMP_TRY(out.meter, model::MeterNumber::from_bcd(data.subspan(7, 6)));
    KMP_TRY(out.customer, model::CustomerNumber::from_bcd(data.subspan(13, 6)));
    base::ByteReader numbers(data.subspan(19, 12));
    KMP_TRY(out.balance, numbers.u32());
    KMP_TRY(out.count, numbers.u32());
    KMP_TRY(out.overdraft, numbers.u32());
    return std::optional(out);
}

pb::HostRequest authenticate_card(const CardKeys& card, base::ByteView random, base::ByteView answer, base::ByteView challenge) {
    pb::HostRequest out;
    auto& a = *out.mutable_card_authenticate();
    set_card(*a.mutable_card(), card);
    a.set_random(text(random));
    a.set_answer(text(answer));
    a.set_challenge(text(challenge));
    return out;
}

pb::HostRequest write_card_key(const CardKeys& current, const CardKeys& next, std::uint32_t usage, base::ByteView challenge) {
    pb::HostRequest out;
    auto& w = *out.mutable_card_key_write();
    set_card(*w.mutable_current(), current);
    set_card(*w.mutable_next(), next);
    w.set_usage(usage);
    w.set_challenge(text(challenge));
    return out;
}

pb::HostRequest update_card(const CardKeys& card, std::uint32_t file, std::uint32_t offset, base::ByteView data, base::ByteView challenge) {
    pb::HostRequest out;
    auto& u = *out.mutable_card_update();
    set_card(*u.mutable_card(), card);
    u.set_file(file);
    u.set_offset(offset);
    u.set_data(text(data));
    u.set_challenge(text(challenge));
    return out;
}

base::Status check_tariff_files(std::uint8_t update_flag, base::ByteView now, base::ByteView to_come) {
    constexpr std::size_t kTariffFile = 264;
    const auto fits = [](base::ByteView file, bool named) { return file.size() == (named ? kTariffFile : 0); };
    if (!fits(now, (update_flag & 0x05) != 0)) return {Code::invalid_argument, "card.tariffs_now: 264 bytes when update_flag has 01 or 04, otherwise none"};
    if (!fits(to_come, (update_flag & 0x0A) != 0)) return {Code::invalid_argument, "card.tariffs_to_come: 264 bytes when update_flag has 02 or 08, otherwise none"};
    return {};
}

pb::HostRequest purchase(const CardKeys& card, const CardPurchase& what, base::ByteView challenge) {
    pb::HostRequest out;
    auto& p = *out.mutable_card_purchase();
    set_card(*p.mutable_card(), card);
    p.set_parameters(text(what.parameters));
    p.set_amount(static_cast<std::uint32_t>(what.amount.value()));
    p.set_count(what.count);
    p.set_tariffs_now(text(what.tariffs_now));
    p.set_tariffs_to_come(text(what.tariffs_to_come));
    p.set_challenge(text(challenge));
    return out;
}

pb::HostRequest read_card(const CardKeys& card, std::uint32_t file, std::uint32_t offset, base::ByteView random, base::ByteView data, base::ByteView mac) {
    pb::HostRequest out;
    auto& r = *out.mutable_card_read_mac();
    set_card(*r.mutable_card(), card);
    r.set_file(file);
    r.set_offset(offset);
    r.set_random(text(random));
    r.set_data(text(data));
    r.set_mac(text(mac));
    return out;
}

}  // namespace kmp::suite

#include "meter/card_files.h"

#include <algorithm>

#include "base/digest.h"
#include "meter/calendar.h"

namespace meter::card_files {
namespace {

constexpr std::uint8_t kHead = 0x68;
constexpr std::uint8_t kTail = 0x16;
constexpr std::size_t kValues = 63;

base::Error broken(const char* what) { return {base::Code::malformed, std::string("a card's file is broken: ") + what}; }

bool all_zero(base::ByteView bytes) noexcept {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

std::uint8_t sum(base::ByteView bytes) noexcept {
    unsigned out = 0;
    for (const std::uint8_t byte : bytes) out += byte;
    return static_cast<std::uint8_t>(out);
}

base::Result<base::ByteView> unwrap(base::ByteView file, std::uint8_t id) {
    if (file.size() != size_of(id) || file.size() < 6) return broken("its length");
    const std::size_t length = file.size() - 6;
    if (file[0] != kHead || file[1] != id || (file[2] << 8 | file[3]) != static_cast<int>(length) || file[file.size() - 1] != kTail)
        return broken("its wrapper");
    if (sum(file.first(file.size() - 2)) != file[file.size() - 2]) return broken("its sum");
    return file.subspan(4, length);
}

base::Result<std::uint32_t> bcd(base::ByteReader& in, std::size_t size) {
    KMP_TRY(const base::ByteView bytes, in.bytes(size));
    const auto number = from_bcd(bytes);
    if (!number) return broken("a number that is not BCD");
    return static_cast<std::uint32_t>(*number);
}

base::Status reserved(base::ByteReader& in, std::size_t size) {
    KMP_TRY(const base::ByteView bytes, in.bytes(size));
    return all_zero(bytes) ? base::Status() : base::Status(broken("reserved bytes that are not zero"));
}

base::Result<base::Millis> minute(base::ByteView yymmddhhmm) {
    if (all_zero(yymmddhhmm)) return base::Millis{0};
    base::Bytes six(yymmddhhmm.rbegin(), yymmddhhmm.rend());
    six.insert(six.begin(), 0);
    const auto time = from_bcd_time(six);
    if (!time) return broken("a time that does not exist");
    return *time;
}

}  // namespace

std::size_t size_of(std::uint8_t id) noexcept {
    switch (id) {
        case kParameters: return kParametersSize;
        case kWallet: return kWalletSize;
        case kTariffsNow:
        case kTariffsToCome: return kTariffsSize;
        case kWriteBack: return kWriteBackSize;
    }
    return 0;
}

base::Result<Parameters> parse_parameters(base::ByteView file) {
    KMP_TRY(const base::ByteView data, unwrap(file, kParameters));
    base::ByteReader in(data);
    Parameters out;
    KMP_CHECK(reserved(in, 1));
    KMP_TRY(out.flags, in.u8());
    KMP_TRY(const base::ByteView mac, in.bytes(4));
    std::copy(mac.begin(), mac.end(), out.purchase_mac.begin());
    KMP_TRY(const base::ByteView time, in.bytes(5));
    KMP_TRY(out.switch_time, minute(time));
    KMP_CHECK(reserved(in, 1));
    KMP_TRY(out.alarm1, bcd(in, 4));
    KMP_TRY(out.alarm2, bcd(in, 4));
    KMP_TRY(out.current_ratio, bcd(in, 3));
    KMP_TRY(out.voltage_ratio, bcd(in, 3));
    KMP_TRY(const base::ByteView number, in.bytes(6));
    KMP_TRY(const base::ByteView customer, in.bytes(6));
    KMP_TRY(out.type, in.u8());
    KMP_CHECK(in.end());
    if (!from_bcd(number) || !from_bcd(customer)) return broken("a number that is not BCD");
    if (out.type < kOpening || out.type > kReplacement) return broken("its card type");
    constexpr int kKnown = kFlagParameters | kFlagTariffsNow | kFlagTariffsToCome | kFlagLadderNow | kFlagLadderToCome;
    if ((out.flags & ~kKnown) != 0) return broken("its update flag");
    std::copy(number.begin(), number.end(), out.meter.begin());
    std::copy(customer.begin(), customer.end(), out.customer.begin());
    return out;
}

base::Result<Wallet> parse_wallet(base::ByteView file) {
    base::ByteReader in(file);
    Wallet out;
    KMP_TRY(out.amount, in.u32());
    KMP_TRY(out.count, in.u32());
    KMP_CHECK(in.end());
    return out;
}

base::Bytes purchase_fields(base::ByteView parameters, base::ByteView wallet, base::ByteView tariffs_now, base::ByteView tariffs_to_come) {
    constexpr std::size_t kData = 4, kMac = kData + 2, kMacSize = 4;
    base::Bytes out = base::to_bytes(parameters.subspan(kData, kParametersSize - 6));
    std::fill_n(out.begin() + (kMac - kData), kMacSize, std::uint8_t{0});
    out.insert(out.end(), wallet.begin(), wallet.end());
    const std::uint8_t flags = parameters[kData + 1];
    const auto add = [&](base::ByteView file) {
        const base::Digest digest = base::sha256(file);
        out.insert(out.end(), digest.begin(), digest.end());
    };
    if (flags & (kFlagTariffsNow | kFlagLadderNow)) add(tariffs_now);
    if (flags & (kFlagTariffsToCome | kFlagLadderToCome)) add(tariffs_to_come);
    return out;
}

base::Result<Prices> parse_tariffs(base::ByteView file, std::uint8_t id) {
    KMP_TRY(const base::ByteView data, unwrap(file, id));
    base::ByteReader in(data);
    constexpr std::size_t kTariffRows = 32;
    Prices out;
    for (std::uint32_t& price : out.price) {
        KMP_TRY(price, bcd(in, 4));
    }
    KMP_CHECK(reserved(in, 4 * (kTariffRows - kTariffs)));
    for (std::uint32_t& limit : out.limit) {
        KMP_TRY(limit, bcd(in, 4));
    }
    for (std::uint32_t& price : out.step_price) {
        KMP_TRY(price, bcd(in, 4));
    }
    KMP_CHECK(reserved(in, 4 * (kValues - kTariffRows - (kLadderSteps - 1) - kLadderSteps)));
    KMP_TRY(out.tariffs, in.u8());
    KMP_TRY(out.steps, in.u8());
    KMP_CHECK(reserved(in, 4));
    KMP_CHECK(in.end());
    if (out.tariffs > kTariffs || out.steps > kLadderSteps) return broken("too many tariffs or steps");
    for (std::size_t i = 1; i + 1 < out.steps; ++i)
        if (out.limit[i] < out.limit[i - 1]) return broken("ladder limits that fall");
    return out;
}

base::Result<std::optional<OldWriteBack>> parse_write_back(base::ByteView file) {
    if (file.size() == kWriteBackSize && all_zero(file)) return std::optional<OldWriteBack>();
    KMP_TRY(const base::ByteView data, unwrap(file, kWriteBack));
    base::ByteReader in(data);
    KMP_TRY([[maybe_unused]] const base::ByteView ratios, in.bytes(7));
    KMP_TRY(const base::ByteView number, in.bytes(6));
    KMP_TRY([[maybe_unused]] const base::ByteView customer_and_balance, in.bytes(10));
    OldWriteBack out;
    KMP_TRY(out.count, in.u32());
    std::copy(number.begin(), number.end(), out.meter.begin());
    return std::optional(out);
}

base::Bytes write_back_file(const WriteBack& what) {
    constexpr std::uint8_t kUserType = 0x01;
    constexpr std::size_t kData = kWriteBackSize - 6;
    const std::int64_t balance = what.wallet.balance;
    base::ByteWriter out;
    out.u8(kHead);
    out.u8(kWriteBack);
    out.u16(kData);
    out.u8(kUserType);
    out.bytes(to_bcd(what.parameters.current_ratio, 3));
    out.bytes(to_bcd(what.parameters.voltage_ratio, 3));
    out.bytes(what.meter);
    out.bytes(what.wallet.customer);
    out.u32(static_cast<std::uint32_t>(balance > 0 ? balance : 0));
    out.u32(what.wallet.count);
    out.u32(static_cast<std::uint32_t>(balance < 0 ? -balance : 0));
    out.bytes(what.key_info);
    out.bytes(to_bcd(what.illegal_insertions, 3));
    out.bytes(bcd_minute(what.time));
    out.u8(sum(out.view()));
    out.u8(kTail);
    return std::move(out).take();
}

}  // namespace meter::card_files

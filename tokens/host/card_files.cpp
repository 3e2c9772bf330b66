#include "tokens/host/card_files.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

#include "tokens/host/meter_fields.h"

namespace tokens::host {
namespace {

using base::Code;

constexpr std::size_t kParameters = 39;
constexpr std::size_t kTariffs = 63 * 4 + 6;
constexpr std::size_t kWriteBack = 43;
constexpr std::size_t kWrapper = 6;
constexpr std::size_t kWallet = 8;
constexpr std::size_t kHead = 4;

struct Part {
    std::size_t at;
    std::size_t size;
};
// Of the parameters' 39 bytes.
constexpr Part kPurchaseMac{2, 4};
constexpr std::array<Part, 2> kReserved{{{0, 1}, {11, 1}}};
constexpr Part kSwitch{6, 5};
constexpr std::array<Part, 6> kDecimal{{kSwitch, {12, 4}, {16, 4}, {20, 6}, {26, 6}, {32, 6}}};  // alarm amounts, ratios, meter, customer
constexpr Part kMeter{26, 6};
constexpr std::size_t kFlag = 1;
constexpr std::size_t kCardType = 38;
constexpr std::uint8_t kKnownFlags = 0x80 | 0x0F;
constexpr std::uint8_t kNow = 0x01 | 0x04;
constexpr std::uint8_t kToCome = 0x02 | 0x08;

base::ByteView part(base::ByteView data, Part p) { return data.subspan(p.at, p.size); }
bool all_zero(base::ByteView data) {
    return std::all_of(data.begin(), data.end(), [](std::uint8_t b) { return b == 0; });
}
base::Error bad(std::string text) { return {Code::invalid_argument, "a card's " + std::move(text)}; }

bool has_head(base::ByteView data, std::uint8_t file, std::size_t size) {
    return data[0] == 0x68 && data[1] == file && data[2] == size >> 8 && data[3] == (size & 0xFF);
}

std::uint8_t sum_before_end(base::ByteView file) { return static_cast<std::uint8_t>(std::accumulate(file.begin(), file.end() - 2, 0u)); }

base::Status check_parameters(base::ByteView file, const model::Factor& meter) {
    if (file.size() != kParameters + kWrapper || !has_head(file, 1, kParameters) || file.back() != 0x16) return bad("parameters file has 45 bytes: 68 01 0027, 39 bytes, sum, 16");
    if (file[file.size() - 2] != sum_before_end(file)) return bad("parameters file ends in the sum of what comes before it");
    const base::ByteView data = file.subspan(kHead, kParameters);
    for (const Part& p : kReserved)
        if (!all_zero(part(data, p))) return bad("parameters file has reserved bytes that are zero");
    if (!all_zero(part(data, kPurchaseMac))) return bad("parameters file comes without the MAC of its purchase");
    for (const Part& p : kDecimal)
        if (!is_bcd(part(data, p))) return bad("parameters file has times, amounts, ratios and numbers in BCD");
    if ((data[kFlag] & ~kKnownFlags) != 0) return bad("update flag has the bits 80, 01, 02, 04 and 08");
    if (data[kCardType] < 1 || data[kCardType] > 3) return bad("type is 01, 02 or 03");
    if (!base::equal_constant_time(part(data, kMeter), base::ByteView(meter).subspan(2))) return bad("parameters file names another meter than its keys are of");
    return {};
}

/// 240 bytes from the beginning, then the last 24: the sum over both is the card's and the meter's to check.
base::Status check_tariffs(std::uint8_t file, std::uint64_t offset, base::ByteView data) {
    constexpr std::size_t kRest = kTariffs + kWrapper - kMaxCardData;
    constexpr std::size_t kLastValues = kRest - 8;  // before count, steps, four reserved bytes, sum and end
    if (offset == 0 && data.size() == kMaxCardData) {
        if (!has_head(data, file, kTariffs)) return bad("tariff file begins with 68, its short id and 0102");
        if (!is_bcd(data.subspan(kHead))) return bad("tariffs are BCD");
        return {};
    }
    if (offset != kMaxCardData || data.size() != kRest) return bad("tariff file is written in two pieces, of 240 and 24 bytes");
    if (!is_bcd(data.first(kLastValues))) return bad("tariffs are BCD");
    if (!all_zero(data.subspan(kLastValues + 2, 4)) || data.back() != 0x16) return bad("tariff file ends in four zeros, its sum and 16");
    return {};
}

/// `named`: whether the parameters' update flag asks the meter to read it.
base::Status check_whole_tariffs(std::uint8_t id, base::ByteView file, bool named) {
    if (file.empty() != !named) return bad("tariff files are those that its update flag names");
    if (!named) return {};
    if (file.size() != kTariffs + kWrapper) return bad("tariff file has 264 bytes");
    KMP_CHECK(check_tariffs(id, 0, file.first(kMaxCardData)));
    KMP_CHECK(check_tariffs(id, kMaxCardData, file.subspan(kMaxCardData)));
    if (file[file.size() - 2] != sum_before_end(file)) return bad("tariff file ends in the sum of what comes before it");
    return {};
}

bool is_whole(std::uint64_t file, std::uint64_t offset, std::size_t size) {
    switch (file) {
        case 1: return offset == 0 && size == kParameters + kWrapper;
        case 2: return offset == 0 && size == kWallet;
        case 3:
        case 4: return (offset == 0 && size == kMaxCardData) || (offset == kMaxCardData && size == kTariffs + kWrapper - kMaxCardData);
        case 5: return offset == 0 && size == kWriteBack + kWrapper;
        default: return false;
    }
}

}  // namespace

base::Status check_card_write(std::uint64_t file, std::uint64_t offset, base::ByteView data) {
    if (file < 1 || file > 5) return bad("files have the short ids 1 to 5");
    if (all_zero(data) && is_whole(file, offset, data.size())) return {};
    switch (static_cast<CardFile>(file)) {
        case CardFile::parameters: return bad("parameters file is made by a purchase; here it is emptied, 45 zeros");
        case CardFile::wallet:
            if (!is_whole(file, offset, data.size())) return bad("wallet is 8 bytes at 0");
            if (data[0] >> 7 != 0) return bad("wallet holds at most 7FFFFFFF");
            return {};
        case CardFile::tariffs_now:
        case CardFile::tariffs_to_come: return check_tariffs(static_cast<std::uint8_t>(file), offset, data);
        case CardFile::write_back: break;
    }
    return bad("write-back is written by its meter; here it is emptied, 49 zeros");
}

base::Status check_purchase(const CardContent& content, const model::Factor& meter) {
    KMP_CHECK(check_parameters(content.parameters, meter));
    if (content.amount >> 31 != 0) return bad("wallet holds at most 7FFFFFFF");
    const std::uint8_t flags = content.parameters[kHead + kFlag];
    KMP_CHECK(check_whole_tariffs(3, content.tariffs_now, (flags & kNow) != 0));
    return check_whole_tariffs(4, content.tariffs_to_come, (flags & kToCome) != 0);
}

base::Bytes purchase_fields(const CardContent& content) {
    base::ByteWriter out;
    out.bytes(content.parameters.subspan(kHead, kParameters));
    out.u32(content.amount);
    out.u32(content.count);
    for (const base::ByteView tariffs : {content.tariffs_now, content.tariffs_to_come})
        if (!tariffs.empty()) out.bytes(base::sha256(tariffs));
    return std::move(out).take();
}

base::Bytes with_purchase_mac(base::ByteView parameters, base::ByteView mac) {
    base::Bytes out = base::to_bytes(parameters);
    std::copy(mac.begin(), mac.end(), out.begin() + kHead + kPurchaseMac.at);
    out[out.size() - 2] = sum_before_end(out);
    return out;
}

}  // namespace tokens::host

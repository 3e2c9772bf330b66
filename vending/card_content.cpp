#include "vending/card_content.h"

#include <algorithm>
#include <numeric>
#include <toml++/toml.h>
#include <utility>

#include "vending/decimal.h"

namespace vending {
namespace {

using base::Code;

constexpr std::size_t kHead = 4;
constexpr std::size_t kTail = 2;

std::string hex_of(CardFile file) { return "0" + std::to_string(static_cast<unsigned>(file)); }

unsigned sum_of(std::string_view bytes) {
    return std::accumulate(bytes.begin(), bytes.end(), 0u, [](unsigned sum, char c) { return sum + static_cast<std::uint8_t>(c); }) & 0xFF;
}

std::uint32_t number(std::string_view field) {
    return std::accumulate(field.begin(), field.end(), std::uint32_t{0}, [](std::uint32_t sum, char c) { return sum << 8 | static_cast<std::uint8_t>(c); });
}

bool is_bcd(std::string_view field) {
    return std::all_of(field.begin(), field.end(), [](char c) { return (c & 0x0F) <= 9 && (static_cast<std::uint8_t>(c) >> 4) <= 9; });
}
std::string digits(std::string_view field) { return base::to_hex(base::as_bytes(field)); }

/// 4 BCD bytes. Precondition: at most 8 digits.
void put_bcd(std::string& out, std::uint32_t value) {
    for (std::uint32_t unit = 1'000'000; unit > 0; unit /= 100) {
        const std::uint32_t two = value / unit % 100;
        out += static_cast<char>(two / 10 << 4 | two % 10);
    }
}

base::Error bad_tariff(const std::string& why) { return {Code::invalid_argument, "a tariff: " + why}; }

base::Status check_numbers(const std::vector<std::uint32_t>& numbers) {
    if (std::any_of(numbers.begin(), numbers.end(), [](std::uint32_t n) { return n > 99'999'999; })) return bad_tariff("a number has more than 8 digits");
    return {};
}

base::Result<std::vector<std::uint32_t>> decimals(const toml::node_view<const toml::node>& node, const std::string& name, unsigned places) {
    std::vector<std::uint32_t> out;
    if (!node) return out;
    const toml::array* list = node.as_array();
    if (list == nullptr) return bad_tariff(name + " takes a list of strings");
    for (const toml::node& entry : *list) {
        const auto text = entry.value_exact<std::string>();
        if (!text) return bad_tariff(name + " takes strings, as \"0.5283\"");
        const auto value = fixed_point(*text, places);
        if (!value) return bad_tariff("'" + text->substr(0, 32) + "' is no number with up to " + std::to_string(places) + " decimals");
        out.push_back(*value);
    }
    return out;
}

}  // namespace

bool is_empty(std::string_view file) noexcept { return file.find_first_not_of('\0') == std::string_view::npos; }

base::Result<std::string> unwrap(CardFile file, std::string_view bytes) {
    const base::Error broken{Code::tampered, "the wrapper of the card's file " + hex_of(file) + " is broken"};
    if (bytes.size() != size_of(file) || bytes[0] != '\x68' || bytes[1] != static_cast<char>(file) || bytes.back() != '\x16') return broken;
    const std::size_t size = number(bytes.substr(2, 2));
    if (size != bytes.size() - kHead - kTail || sum_of(bytes.substr(0, kHead + size)) != static_cast<std::uint8_t>(bytes[kHead + size])) return broken;
    return std::string(bytes.substr(kHead, size));
}

std::string wrap(CardFile file, std::string_view data) {
    std::string out{'\x68', static_cast<char>(file), static_cast<char>(data.size() >> 8), static_cast<char>(data.size())};
    out += data;
    out += static_cast<char>(sum_of(out));
    out += '\x16';
    return out;
}

base::Result<CardParameters> decode_parameters(std::string_view file) {
    KMP_TRY(const std::string data, unwrap(CardFile::parameters, file));
    CardParameters out;
    KMP_TRY(out.meter, model::MeterNumber::from_bcd(base::as_bytes(data).subspan(26, 6)));
    KMP_TRY(out.customer, model::CustomerNumber::from_bcd(base::as_bytes(data).subspan(32, 6)));
    const auto type = static_cast<std::uint8_t>(data[38]);
    if (type < 1 || type > 3) return {Code::tampered, "the card has the type " + std::to_string(type) + ", which there is not"};
    out.type = static_cast<CardType>(type);
    return out;
}

bool is_same_purchase(std::string_view a, std::string_view b) noexcept {
    constexpr std::size_t kMac = kHead + 2, kAfterMac = kMac + 4;
    if (a.size() != size_of(CardFile::parameters) || b.size() != a.size()) return false;
    return a.substr(0, kMac) == b.substr(0, kMac) && a.substr(kAfterMac, a.size() - kAfterMac - kTail) == b.substr(kAfterMac, b.size() - kAfterMac - kTail);
}

CardWallet decode_wallet(std::string_view file) { return {model::Fen(number(file.substr(0, 4))), number(file.substr(4, 4))}; }

base::Result<WriteBack> decode_write_back(std::string_view file) {
    KMP_TRY(const std::string data, unwrap(CardFile::write_back, file));
    const std::string_view fields(data);
    if (!is_bcd(fields.substr(35, 8))) return {Code::tampered, "the card's write-back holds a number that is none"};
    WriteBack out;
    KMP_TRY(out.meter, model::MeterNumber::from_bcd(base::as_bytes(fields.substr(7, 6))));
    KMP_TRY(out.customer, model::CustomerNumber::from_bcd(base::as_bytes(fields.substr(13, 6))));
    out.balance = model::Fen(number(fields.substr(19, 4))).minus(model::Fen(number(fields.substr(27, 4))));
    out.count = number(fields.substr(23, 4));
    out.key_state = static_cast<std::uint8_t>(fields[31]);
    out.key_version = static_cast<std::uint8_t>(fields[34]);
    out.illegal_insertions = static_cast<std::uint32_t>(std::stoul(digits(fields.substr(35, 3))));
    const std::string t = digits(fields.substr(38, 5));  // YYMMDDhhmm
    out.time = "20" + t.substr(0, 2) + "-" + t.substr(2, 2) + "-" + t.substr(4, 2) + " " + t.substr(6, 2) + ":" + t.substr(8, 2);
    return out;
}

base::Result<std::string> encode_tariff(CardFile file, const Tariff& tariff) {
    constexpr std::size_t kValues = 63;
    if (tariff.prices.size() > kMaxPeriods) return bad_tariff("it has more than " + std::to_string(kMaxPeriods) + " tariff periods");
    if (tariff.ladder_limits.size() > kMaxSteps) return bad_tariff("its ladder has more than " + std::to_string(kMaxSteps) + " limits");
    const bool ladder = !tariff.ladder_limits.empty();
    if (tariff.ladder_prices.size() != (ladder ? tariff.ladder_limits.size() + 1 : 0)) return bad_tariff("a ladder has one price more than limits");
    if (std::adjacent_find(tariff.ladder_limits.begin(), tariff.ladder_limits.end(), std::greater_equal<>()) != tariff.ladder_limits.end()) return bad_tariff("the limits of its ladder do not rise");
    if (tariff.prices.empty() && !ladder) return bad_tariff("it has neither prices nor a ladder");
    std::vector<std::uint32_t> values;
    for (const auto& [numbers, places] : {std::pair{&tariff.prices, kMaxPeriods}, std::pair{&tariff.ladder_limits, kMaxSteps}, std::pair{&tariff.ladder_prices, kMaxSteps + 1}}) {
        KMP_CHECK(check_numbers(*numbers));
        values.insert(values.end(), numbers->begin(), numbers->end());
        values.resize(values.size() + places - numbers->size());
    }
    values.resize(kValues);
    std::string data;
    for (const std::uint32_t value : values) put_bcd(data, value);
    data += static_cast<char>(tariff.prices.size());
    data += static_cast<char>(tariff.ladder_limits.size());
    data.append(4, '\0');
    return wrap(file, data);
}

base::Result<Tariff> parse_tariff(std::string_view text) {
    constexpr unsigned kPricePlaces = 4;
    constexpr unsigned kLimitPlaces = 2;
    try {
        const toml::table file = toml::parse(text);
        for (const auto& [name, value] : file)
            if (name != "prices" && name != "ladder") return bad_tariff("a card carries prices and a ladder only, not '" + std::string(name.str()).substr(0, 32) + "'; 'kmp-vend tariff set' sends the rest");
        const auto ladder = std::as_const(file)["ladder"];
        if (ladder && !ladder.is_table()) return bad_tariff("ladder takes limits and prices");
        if (const toml::table* entries = ladder.as_table())
            for (const auto& [name, value] : *entries)
                if (name != "limits" && name != "prices") return bad_tariff("there is no entry ladder." + std::string(name.str()).substr(0, 32));
        Tariff out;
        KMP_TRY(out.prices, decimals(std::as_const(file)["prices"], "prices", kPricePlaces));
        KMP_TRY(out.ladder_limits, decimals(ladder["limits"], "ladder.limits", kLimitPlaces));
        KMP_TRY(out.ladder_prices, decimals(ladder["prices"], "ladder.prices", kPricePlaces));
        if (out.prices.empty() && out.ladder_limits.empty() && out.ladder_prices.empty()) return bad_tariff("it has neither prices nor a ladder");
        return out;
    } catch (const toml::parse_error& e) {
        return bad_tariff("line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description()));
    }
}

}  // namespace vending

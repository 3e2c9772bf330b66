#include "meter/card/describe_card.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "meter/describe.h"

namespace meter::card {
namespace {

using nlohmann::ordered_json;

std::string digits(base::ByteView bcd) { return base::to_hex(bcd); }

std::uint32_t number(base::ByteView field) {
    return std::accumulate(field.begin(), field.end(), std::uint32_t{0}, [](std::uint32_t sum, std::uint8_t byte) { return sum << 8 | byte; });
}

ordered_json wallet(base::ByteView file) { return {{"amount_fen", number(file.first(4))}, {"purchase_count", number(file.last(4))}}; }

ordered_json parameters(base::ByteView data) {
    return {{"update_flag", base::to_hex(data.subspan(1, 1))}, {"tariff_switch", digits(data.subspan(6, 5))}, {"alarm1", digits(data.subspan(12, 4))},
            {"alarm2", digits(data.subspan(16, 4))}, {"current_ratio", digits(data.subspan(20, 3))}, {"voltage_ratio", digits(data.subspan(23, 3))},
            {"meter", digits(data.subspan(26, 6))}, {"customer", digits(data.subspan(32, 6))}, {"card_type", data[38]}};
}

ordered_json write_back(base::ByteView data) {
    return {{"meter", digits(data.subspan(7, 6))}, {"customer", digits(data.subspan(13, 6))},
            {"balance_fen", static_cast<std::int64_t>(number(data.subspan(19, 4))) - static_cast<std::int64_t>(number(data.subspan(27, 4)))},
            {"purchase_count", number(data.subspan(23, 4))}, {"key_info", base::to_hex(data.subspan(31, 4))},
            {"illegal_insertions", digits(data.subspan(35, 3))}, {"time", digits(data.subspan(38, 5))}};
}

/// null: empty; a string: broken.
template <class Shown>
ordered_json file(const CardState& state, FileId id, Shown shown) {
    const base::ByteView bytes = state.file(id);
    if (is_empty(bytes)) return nullptr;
    const auto data = unwrap_file(id, bytes);
    return data ? shown(*data) : ordered_json("broken");
}

ordered_json document(const CardState& state) {
    const auto whole = [](base::ByteView data) { return ordered_json(base::to_hex(data)); };
    return {{"serial", base::to_hex(state.serial)},
            {"keys", state.keys.state() == KeyState::factory ? "factory" : "private"},
            {"tries", state.tries},
            {"parameters", file(state, FileId::parameters, parameters)},
            {"wallet", wallet(state.file(FileId::wallet))},
            {"tariffs", file(state, FileId::tariffs, whole)},
            {"next_tariffs", file(state, FileId::next_tariffs, whole)},
            {"write_back", file(state, FileId::write_back, write_back)}};
}

std::string line(const std::string& title, const ordered_json& fields) {
    std::string out = title + ":";
    if (fields.is_null()) return out + " empty\n";
    if (!fields.is_object()) return out + " " + fields.get<std::string>() + "\n";
    for (const auto& [key, value] : fields.items()) out += " " + key + " " + (value.is_string() ? value.get<std::string>() : value.dump()) + ",";
    out.back() = '\n';
    return out;
}

}  // namespace

bool is_empty(base::ByteView file) noexcept {
    return std::all_of(file.begin(), file.end(), [](std::uint8_t byte) { return byte == 0; });
}

base::Result<base::ByteView> unwrap_file(FileId id, base::ByteView file) {
    constexpr std::size_t kHead = 4;
    constexpr std::size_t kTail = 2;
    const base::Error broken{base::Code::malformed, "the wrapper of card file " + base::to_hex(base::Bytes{static_cast<std::uint8_t>(id)}) + " is broken"};
    if (file.size() < kHead + kTail || file[0] != 0x68 || file[1] != static_cast<std::uint8_t>(id) || file.back() != 0x16) return broken;
    const std::size_t size = static_cast<std::size_t>(file[2]) << 8 | file[3];
    if (size != file.size() - kHead - kTail) return broken;
    const base::ByteView summed = file.first(kHead + size);
    const unsigned sum = std::accumulate(summed.begin(), summed.end(), 0u);
    if (file[kHead + size] != (sum & 0xFF)) return broken;
    return file.subspan(kHead, size);
}

std::string describe(const CardState& state) {
    const ordered_json all = document(state);
    std::string out = "Card " + all["serial"].get<std::string>() + ", " + all["keys"].get<std::string>() + " keys, " + std::to_string(state.tries) + " tries of external authentication left\n";
    out += line("Parameters", all["parameters"]);
    out += "Wallet: " + yuan(number(state.file(FileId::wallet).first(4))) + " yuan, purchase count " + std::to_string(number(state.file(FileId::wallet).last(4))) + "\n";
    out += line("Tariffs", all["tariffs"]) + line("Tariffs to come", all["next_tariffs"]) + line("Write-back", all["write_back"]);
    return out;
}

std::string describe_json(const CardState& state) { return document(state).dump(2) + "\n"; }

}  // namespace meter::card

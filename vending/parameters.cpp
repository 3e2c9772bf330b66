#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <set>

#include "vending/bcd.h"
#include "vending/setting.h"

namespace vending {
namespace {

using base::Code;

enum class Kind : std::uint8_t { yuan, ratio };
struct Parameter {
    std::string_view name;
    std::string_view words;
    std::uint32_t where;
    Kind kind;
    unsigned usual_class;
};
// source: DL/T 645-2007, annex A; classes: docs/SUITE.md 4.1
constexpr std::array kParameters{
    Parameter{"alarm1", "alarm amount 1", 0x04001001, Kind::yuan, 1},
    Parameter{"alarm2", "alarm amount 2", 0x04001002, Kind::yuan, 1},
    Parameter{"overdraft", "overdraft limit", 0x04001003, Kind::yuan, 2},
    Parameter{"hoarding", "hoarding limit", 0x04001004, Kind::yuan, 2},
    Parameter{"current-ratio", "current transformer ratio", 0x04000306, Kind::ratio, 1},
    Parameter{"voltage-ratio", "voltage transformer ratio", 0x04000307, Kind::ratio, 1},
};
constexpr std::size_t kDateSize = 4;                     // YY MM DD WW; the time is hh mm ss
constexpr std::int64_t kMostYuan = 99'999'999;           // 0.01 yuan: four BCD bytes
constexpr std::uint64_t kMostRatio = 999'999;            // three
constexpr base::Millis kClockTolerance = 30 * base::kSecond;  // between the writing and the reading on a slow line

std::string known_names() {
    std::string out;
    for (const auto& p : kParameters) out += std::string(p.name) + ", ";
    return out + "clock";
}

base::Result<Setting> read_yuan(const Parameter& p, const std::string& value) {
    auto amount = model::Fen::parse_yuan(value);
    if (!amount) return std::move(amount).error().in(p.name);
    if (amount->value() > kMostYuan) return {Code::invalid_argument, std::string(p.name) + " '" + value + "': it takes 0.00 to " + model::Fen(kMostYuan).yuan() + " yuan"};
    return Setting{std::string(p.words) + " " + amount->yuan() + " yuan", dlt645::DataIdentifier(p.where), to_bcd(static_cast<std::uint64_t>(amount->value()), 4), p.usual_class};
}

base::Result<Setting> read_ratio(const Parameter& p, const std::string& value) {
    std::uint64_t number = 0;
    const char* end = value.data() + value.size();
    const bool whole = std::from_chars(value.data(), end, number).ptr == end && !value.empty();
    if (!whole || number == 0 || number > kMostRatio) return {Code::invalid_argument, std::string(p.name) + " '" + value + "': it takes 1 to " + std::to_string(kMostRatio)};
    return Setting{std::string(p.words) + " " + std::to_string(number), dlt645::DataIdentifier(p.where), to_bcd(number, 3), p.usual_class};
}

/// The date, then the time: two registers, as the standard has them.
base::Result<std::vector<Setting>> read_clock(const std::string& value, base::Millis local_now) {
    base::Millis at = local_now;
    if (value != "now") {
        std::string text = value;
        if (text.size() == 19 && text[10] == ' ') text[10] = 'T';
        auto time = base::from_rfc3339(text + "Z");
        if (!time || value.size() != 19) return {Code::invalid_argument, "clock '" + value + "': it takes now, or a time as 2026-11-22 08:30:00"};
        at = *time;
    }
    const base::Bytes field = clock_field(at);
    const std::string words = base::to_rfc3339(at);
    const auto split = field.begin() + kDateSize;
    return std::vector<Setting>{{"date " + words.substr(0, 10), dlt645::di::kDate, {field.begin(), split}, 2}, {"time " + words.substr(11, 8), dlt645::di::kTime, {split, field.end()}, 2}};
}

base::Result<std::vector<Setting>> read_one(const std::string& name, const std::string& value, base::Millis local_now) {
    if (name == "clock") return read_clock(value, local_now);
    const auto p = std::find_if(kParameters.begin(), kParameters.end(), [&](const Parameter& each) { return each.name == name; });
    if (p == kParameters.end()) return {Code::invalid_argument, "there is no parameter '" + name + "'; there are " + known_names()};
    KMP_TRY(Setting setting, p->kind == Kind::yuan ? read_yuan(*p, value) : read_ratio(*p, value));
    return std::vector<Setting>{std::move(setting)};
}

/// A clock goes on between the writing and the reading.
bool holds(const Setting& setting, const base::Bytes& shown) {
    if (setting.where != dlt645::di::kTime) return shown == setting.field;
    const auto wanted = time_of_day(setting.field);
    const auto is = time_of_day(shown);
    return wanted && is && (*is - *wanted + base::kDay) % base::kDay <= kClockTolerance;
}

}  // namespace

base::Millis local_clock() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    localtime_r(&now, &parts);
    return (static_cast<base::Millis>(now) + parts.tm_gmtoff) * base::kSecond;
}

base::Result<std::vector<Setting>> read_parameters(const std::vector<std::string>& values, unsigned parameter_class, base::Millis local_now) {
    if (values.empty() || values.size() % 2 != 0) return {Code::invalid_argument, "it takes pairs of a name and a value, as alarm1 50 alarm2 20; there are " + known_names()};
    std::vector<Setting> out;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < values.size(); i += 2) {
        if (!seen.insert(values[i]).second) return {Code::invalid_argument, values[i] + " is given twice"};
        KMP_TRY(std::vector<Setting> settings, read_one(values[i], values[i + 1], local_now));
        for (Setting& setting : settings) {
            if (parameter_class != 0) setting.parameter_class = parameter_class;
            out.push_back(std::move(setting));
        }
    }
    return out;
}

base::Status write_settings(Platform& platform, Dialogue& meter, const std::vector<Setting>& settings, std::size_t& written) {
    ParameterWriter writer(platform, meter);
    for (const Setting& setting : settings) {
        auto done = writer.write(setting.where, setting.field, setting.parameter_class == 2);
        if (!done) return std::move(done).error().in(setting.what);
        auto shown = meter.read(setting.where);
        if (!shown) return std::move(shown).error().in(setting.what + " was written, but cannot be read again");
        if (!holds(setting, *shown))
            return {Code::conflict, setting.what + ": meter " + meter.meter().text() + " took it, but shows " + base::to_hex(*shown) + " where " + base::to_hex(setting.field) + " was written"};
        ++written;
        platform.tell("the meter holds " + setting.what);
    }
    return {};
}

}  // namespace vending

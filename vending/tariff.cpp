// A tariff file: TOML in, registers of the meter's second set out.
#include <algorithm>
#include <cstdio>
#include <sstream>
#include <toml++/toml.h>

#include "vending/bcd.h"
#include "vending/decimal.h"
#include "vending/setting.h"

namespace vending {
namespace {

using base::Code;
using Strings = std::vector<std::string>;

constexpr std::size_t kMostPrices = 12, kMostSteps = 7, kMostDays = 8, kMostPeriods = 14, kMostSeasons = 14;
constexpr std::uint32_t kPrices = 0x040502FF, kLimits = 0x040602FF, kStepPrices = 0x040603FF, kSeasons = 0x04020000;

/// The parts of a tariff, each with the register that tells when it comes in force.
struct Part {
    const char* name;
    std::uint32_t when;
    unsigned usual_class;
};
constexpr std::array kParts{Part{"seasons", 0x04000106, 2}, Part{"days", 0x04000107, 2}, Part{"prices", 0x04000108, 1}, Part{"ladder", 0x04000109, 1}};

/// Reads, and gathers all that is wrong.
class TariffFile {
public:
    TariffFile(const toml::table& table, base::Millis local_now) : table_(table), now_(local_now) {}
    std::vector<Setting> read();
    const std::string& wrong() const { return wrong_; }

private:
    void complain(const std::string& what) { wrong_ += (wrong_.empty() ? "" : "; ") + what; }
    Strings strings(const toml::node_view<const toml::node>& node, const std::string& name, std::size_t most);
    base::Bytes decimals(const Strings& values, const std::string& name, unsigned places, bool rising);
    base::Bytes rows(const Strings& values, const std::string& name, const char* format, unsigned first_most, unsigned second_most, std::size_t most_last);
    void read_prices();
    void read_ladder();
    void read_days();
    void read_seasons();
    void read_times();
    void add(std::string what, std::uint32_t where, base::Bytes field, unsigned parameter_class) {
        tables_.push_back({std::move(what), dlt645::DataIdentifier(where), std::move(field), parameter_class});
    }

    const toml::table& table_;
    base::Millis now_;
    std::string wrong_;
    std::size_t prices_ = 0, days_ = 0;
    std::vector<Setting> tables_, cancels_, times_;
};

Strings TariffFile::strings(const toml::node_view<const toml::node>& node, const std::string& name, std::size_t most) {
    Strings out;
    const toml::array* array = node.as_array();
    if (array == nullptr) {
        complain(name + ": it takes a list of strings");
        return out;
    }
    for (const toml::node& item : *array) {
        const auto text = item.value_exact<std::string>();
        if (text) out.push_back(*text);
    }
    if (out.size() != array->size()) complain(name + ": it takes strings, as \"0.5283\"");
    else if (out.empty() || out.size() > most) complain(name + ": 1 to " + std::to_string(most) + " entries");
    return out;
}

/// Numbers with at most `places` decimals, four BCD bytes each; as a list on the line begins with its first entry, the last one comes first here.
base::Bytes TariffFile::decimals(const Strings& values, const std::string& name, unsigned places, bool rising) {
    base::Bytes out;
    std::optional<std::uint32_t> before;
    for (const std::string& value : values) {
        const auto read = fixed_point(value, places);
        if (!read) {
            complain(name + " '" + value + "': it takes at most " + std::to_string(8 - places) + " digits, and " + std::to_string(places) + " behind the point");
            continue;
        }
        if (rising && before && *read <= *before) complain(name + " '" + value + "': each must be above the one before");
        before = read;
        const base::Bytes field = to_bcd(*read, 4);
        out.insert(out.begin(), field.begin(), field.end());
    }
    return out;
}

/// Rows "08:00 2" or "06-01 2": two numbers that rise from row to row, and the number of a tariff or a day table; three BCD bytes each.
base::Bytes TariffFile::rows(const Strings& values, const std::string& name, const char* format, unsigned first_most, unsigned second_most, std::size_t most_last) {
    base::Bytes out;
    unsigned before = 0;
    for (const std::string& value : values) {
        unsigned first = 0, second = 0, last = 0;
        int used = 0;
        const bool read = value.size() <= 8 && std::sscanf(value.c_str(), format, &first, &second, &last, &used) == 3 && static_cast<std::size_t>(used) == value.size();
        const bool month = second_most == 31;
        if (!read || first > first_most || second > second_most || (month && (first == 0 || second == 0))) {
            complain(name + " '" + value + "': it takes " + (month ? "a day and its table, as 06-01 2" : "a time and its tariff, as 08:00 2"));
            continue;
        }
        if (last == 0 || last > most_last) complain(name + " '" + value + "': there is no " + (month ? "day table " : "tariff ") + std::to_string(last) + ", only 1 to " + std::to_string(most_last));
        const unsigned at = first * 100 + second + 1;
        if (at <= before) complain(name + " '" + value + "': each must be later than the one before");
        before = at;
        if (last > 99) continue;
        base::Bytes row = to_bcd(first * 10000UL + second * 100UL + last, 3);
        out.insert(out.begin(), row.begin(), row.end());
    }
    return out;
}

void TariffFile::read_prices() {
    const Strings values = strings(table_["prices"], "prices", kMostPrices);
    prices_ = values.size();
    add("prices of " + std::to_string(prices_) + " tariffs", kPrices, decimals(values, "prices", 4, false), 1);
}

void TariffFile::read_ladder() {
    const auto ladder = table_["ladder"];
    if (!ladder.is_table()) return complain("ladder: it takes limits and prices");
    for (const auto& [key, value] : *ladder.as_table())
        if (key.str() != "limits" && key.str() != "prices") complain("ladder." + std::string(key.str()) + ": there is no such entry");
    const Strings prices = strings(ladder["prices"], "ladder.prices", kMostSteps);
    const Strings limits = prices.size() < 2 && !ladder["limits"] ? Strings{} : strings(ladder["limits"], "ladder.limits", kMostSteps - 1);
    if (limits.size() + 1 != prices.size()) complain("ladder: " + std::to_string(prices.size()) + " prices take " + std::to_string(prices.empty() ? 0 : prices.size() - 1) + " limits between them");
    // The prices first: they say how many steps there are.
    add("prices of " + std::to_string(prices.size()) + " ladder steps", kStepPrices, decimals(prices, "ladder.prices", 4, false), 1);
    if (!limits.empty()) add(std::to_string(limits.size()) + " ladder limits", kLimits, decimals(limits, "ladder.limits", 2, true), 1);
}

void TariffFile::read_days() {
    const toml::array* days = table_["days"].as_array();
    if (days == nullptr || days->empty() || days->size() > kMostDays) return complain("days: it takes 1 to " + std::to_string(kMostDays) + " lists, a list for each day table");
    days_ = days->size();
    for (std::size_t i = 0; i < days_; ++i) {
        const std::string name = "days, table " + std::to_string(i + 1);
        const Strings values = strings(toml::node_view<const toml::node>(*days->get(i)), name, kMostPeriods);
        add("day table " + std::to_string(i + 1), kSeasons + static_cast<std::uint32_t>(i) + 1, rows(values, name, "%2u:%2u %2u%n", 23, 59, prices_ > 0 ? prices_ : kMostPrices), 2);
    }
}

void TariffFile::read_seasons() {
    const Strings values = strings(table_["seasons"], "seasons", kMostSeasons);
    add(std::to_string(values.size()) + " seasons", kSeasons, rows(values, "seasons", "%2u-%2u %2u%n", 12, 31, days_ > 0 ? days_ : kMostDays), 2);
}

void TariffFile::read_times() {
    const toml::table* times = table_["switch"].as_table();
    if (table_["switch"] && times == nullptr) return complain("switch: it takes times, as prices = \"2027-01-01 00:00\"");
    for (const Part& part : kParts) {
        const std::string name = std::string("switch.") + part.name;
        const auto text = times == nullptr ? std::nullopt : (*times)[part.name].value_exact<std::string>();
        if (!table_[part.name]) {
            if (times != nullptr && times->contains(part.name)) complain(name + ": the file has no " + part.name);
            continue;
        }
        if (!text) {
            complain(name + ": it is missing; without a time the " + part.name + " never come in force");
            continue;
        }
        std::string rfc = *text;
        if (rfc.size() == 16 && rfc[10] == ' ') rfc[10] = 'T';
        const auto at = base::from_rfc3339(rfc + ":00Z");
        if (!at || text->size() != 16) complain(name + " '" + *text + "': it takes a time as 2027-01-01 00:00");
        else if (*at <= now_) complain(name + " '" + *text + "': it is past");
        else {
            cancels_.push_back({"no switch of the " + std::string(part.name), dlt645::DataIdentifier(part.when), base::Bytes(5, 0), part.usual_class});
            times_.push_back({"the " + std::string(part.name) + " from " + *text, dlt645::DataIdentifier(part.when), minute_field(*at), part.usual_class});
        }
    }
    if (times == nullptr) return;
    for (const auto& [key, value] : *times)
        if (std::none_of(kParts.begin(), kParts.end(), [entry = key.str()](const Part& p) { return entry == p.name; })) complain("switch." + std::string(key.str()) + ": there is no such entry");
}

std::vector<Setting> TariffFile::read() {
    for (const auto& [key, value] : table_)
        if (key.str() != "switch" && std::none_of(kParts.begin(), kParts.end(), [entry = key.str()](const Part& p) { return entry == p.name; })) complain(std::string(key.str()) + ": there is no such entry");
    if (table_["prices"]) read_prices();
    if (table_["ladder"]) read_ladder();
    if (table_["days"]) read_days();
    if (table_["seasons"]) read_seasons();
    if (tables_.empty()) complain("it sets nothing: it takes prices, ladder, days or seasons");
    read_times();
    std::vector<Setting> out = std::move(cancels_);
    out.insert(out.end(), tables_.begin(), tables_.end());
    out.insert(out.end(), times_.begin(), times_.end());
    return out;
}

}  // namespace

base::Result<std::vector<Setting>> read_tariff(const std::string& name, base::ByteView content, base::Millis local_now) {
    toml::table table;
    try {
        table = toml::parse(base::as_text(content), name);
    } catch (const toml::parse_error& e) {
        std::ostringstream where;
        where << name << ", line " << e.source().begin.line << ": " << e.description();
        return {Code::malformed, where.str()};
    }
    TariffFile file(table, local_now);
    std::vector<Setting> out = file.read();
    if (!file.wrong().empty()) return {Code::invalid_argument, name + ": nothing was asked: " + file.wrong()};
    return out;
}

}  // namespace vending

#include "vending/meter_list.h"

#include <set>
#include <sstream>

#include "base/fd.h"

namespace vending {
namespace {

using base::Code;

constexpr std::size_t kLargestFile = 1024 * 1024;

base::Result<model::MeterNumber> number(const std::string& text) {
    auto meter = model::MeterNumber::parse(text);
    if (!meter || meter->number() == 0) return {Code::invalid_argument, "'" + text + "' is no meter's number: it takes 12 digits, not all of them 0"};
    return meter;
}

base::Result<std::vector<model::MeterNumber>> range(const std::string& text, std::size_t dash) {
    auto first = number(text.substr(0, dash));
    if (!first) return std::move(first).error().in("--meters");
    auto last = number(text.substr(dash + 1));
    if (!last) return std::move(last).error().in("--meters");
    if (*last < *first) return {Code::invalid_argument, "--meters " + text + ": the last number is below the first"};
    if (last->number() - first->number() >= kMostMeters) return {Code::invalid_argument, "--meters " + text + ": more than " + std::to_string(kMostMeters) + " meters"};
    std::vector<model::MeterNumber> out;
    for (std::uint64_t n = first->number(); n <= last->number(); ++n) out.push_back(*model::MeterNumber::from_number(n));
    return out;
}

}  // namespace

base::Result<std::vector<model::MeterNumber>> read_meter_list(const std::string& text) {
    constexpr std::size_t kDigits = 12;
    if (text.size() == 2 * kDigits + 1 && text[kDigits] == '-') return range(text, kDigits);
    auto content = base::read_file(text, kLargestFile);
    if (!content) return base::Error{Code::invalid_argument, "--meters '" + text + "': it takes FIRST-LAST, two 12-digit numbers, or a file with one a line (" + content.error().message + ")"};
    std::istringstream lines(base::to_string(*content));
    std::vector<model::MeterNumber> out;
    std::set<model::MeterNumber> seen;
    std::string wrong;
    std::string line;
    for (std::size_t at = 1; std::getline(lines, line); ++at) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty() || (at == 1 && line == "meter")) continue;
        const auto meter = number(line);
        std::string what;
        if (!meter) what = meter.error().message;
        else if (!seen.insert(*meter).second) what = line + " stands in an earlier line too";
        if (what.empty()) out.push_back(*meter);
        else wrong += (wrong.empty() ? "line " : "; line ") + std::to_string(at) + ": " + what;
    }
    if (!wrong.empty()) return {Code::invalid_argument, text + ": " + wrong};
    if (out.empty() || out.size() > kMostMeters) return {Code::invalid_argument, text + ": it takes 1 to " + std::to_string(kMostMeters) + " meters"};
    return out;
}

}  // namespace vending

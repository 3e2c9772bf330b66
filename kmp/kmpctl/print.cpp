#include "kmp/kmpctl/print.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/fen.h"
#include "model/keys.h"
#include "model/operation.h"
#include "wire/pb.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

void pad(std::string& line, std::string_view cell, std::size_t width) {
    line.append(cell);
    line.append(width - std::min(width, cli::columns(cell)), ' ');
}

std::string list(const google::protobuf::RepeatedPtrField<std::string>& items) {
    std::string out;
    for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
    return out.empty() ? "none" : out;
}

std::string digits12(std::uint64_t number) {
    const auto meter = model::MeterNumber::from_number(number);
    return meter ? meter->text() : std::to_string(number);
}

std::string bits_text(std::uint32_t bits, int count, const std::vector<std::string>& names) {
    std::string out;
    for (int i = 0; i < count; ++i) {
        if ((bits >> i & 1u) == 0) continue;
        int last = i;
        while (last + 1 < count && (bits >> (last + 1) & 1u) != 0) ++last;
        if (!out.empty()) out += ", ";
        out += names[static_cast<std::size_t>(i)];
        if (last > i) out += "-" + names[static_cast<std::size_t>(last)];
        i = last;
    }
    return out;
}

/// A key UKEY's grant may not sell, and tells of no caps.
bool has_caps(const pb::GrantTerms& terms) {
    if (terms.per_order_fen() != 0 || terms.per_day_fen() != 0 || terms.per_month_fen() != 0 || terms.orders_per_minute() != 0) return true;
    return std::ranges::any_of(terms.operations(), [](const std::string& name) {
        const auto op = model::parse_operation(name);
        return op && model::is_order(*op);
    });
}

}  // namespace

void Sheet::add(std::string name, std::string value) {
    if (!value.empty()) lines_.emplace_back(std::move(name) + ":", std::move(value));
}

std::string Sheet::text() const {
    std::size_t width = 0;
    for (const auto& [name, value] : lines_) width = std::max(width, cli::columns(name));
    std::string out;
    for (const auto& [name, value] : lines_) {
        pad(out, name, width + 2);
        out += value + "\n";
    }
    return out;
}

std::string time_text(base::Millis time) {
    if (time == 0) return "-";
    std::string out = base::to_rfc3339(time);
    out[10] = ' ';
    return out.substr(0, 19) + "Z";
}

std::string yuan_text(std::int64_t fen) { return model::Fen(fen).yuan(); }

std::string terms_text(const pb::GrantTerms& terms) {
    Sheet sheet;
    sheet.add("station", terms.station());
    sheet.add("operations", list(terms.operations()));
    sheet.add("classes", list(terms.classes()));
    std::string meters;
    for (const auto& range : terms.meters()) {
        meters += (meters.empty() ? "" : ", ") + digits12(range.first());
        if (range.last() != range.first()) meters += "-" + digits12(range.last());
    }
    sheet.add("meters", meters.empty() ? "none" : meters);
    if (has_caps(terms)) {
        sheet.add("per order", yuan_text(terms.per_order_fen()) + " yuan");
        sheet.add("per day", yuan_text(terms.per_day_fen()) + " yuan");
        sheet.add("per month", yuan_text(terms.per_month_fen()) + " yuan");
        sheet.add("orders a minute", std::to_string(terms.orders_per_minute()));
    }
    std::vector<std::string> hours;
    for (int h = 0; h < 24; ++h) hours.push_back(std::to_string(h));
    sheet.add("hours", terms.hours() == 0 || terms.hours() == 0xFFFFFF ? "all" : bits_text(terms.hours(), 24, hours));
    sheet.add("weekdays", terms.weekdays() == 0 || terms.weekdays() == 0x7F
                              ? "all"
                              : bits_text(terms.weekdays(), 7, {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}));
    sheet.add("valid from", time_text(terms.not_before_ms()));
    sheet.add("valid until", time_text(terms.not_after_ms()));
    std::string uids;
    for (const auto uid : terms.uids()) uids += (uids.empty() ? "" : ", ") + std::to_string(uid);
    sheet.add("unix users without a PIN", uids);
    return sheet.text();
}

base::Status show(std::string_view text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (std::fflush(stdout) != 0 || !written) return {base::Code::io_failed, "it is done, but standard output takes no text"};
    return {};
}

base::Status show(const nlohmann::ordered_json& document, std::string_view text, bool json) {
    // What the service sends, or a file holds, may have a text that is not UTF-8; that must not keep the outcome from being shown.
    return json ? show(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n") : show(text);
}

std::string whole_path(const std::string& path) {
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(path, error);
    std::string out = error ? path : whole.lexically_normal().string();
    while (out.size() > 1 && out.back() == '/') out.pop_back();
    return out;
}

}  // namespace kmp::kmpctl

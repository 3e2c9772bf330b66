#include "model/quorum_change.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace model {
namespace {

using base::Code;

constexpr std::string_view kNeeded = "needed";
constexpr std::string_view kKept = "officers_kept";
constexpr std::string_view kNew = "officers_new";
constexpr std::string_view kGone = "officers_gone";
constexpr std::string_view kCaution = "caution";

/// One line a row, its cells apart by tabs: neither can stand in a serial, a reader's name or a holder's.
std::vector<std::vector<std::string>> rows_of(std::string_view text) {
    std::vector<std::vector<std::string>> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        std::vector<std::string>& row = out.emplace_back();
        for (;;) {
            const std::size_t tab = line.find('\t');
            row.emplace_back(line.substr(0, tab));
            if (tab == std::string_view::npos) break;
            line.remove_prefix(tab + 1);
        }
    }
    return out;
}

void add_row(std::string& text, std::initializer_list<std::string_view> cells) {
    if (!text.empty()) text += '\n';
    bool first = true;
    for (const std::string_view cell : cells) {
        if (!first) text += '\t';
        text += cell;
        first = false;
    }
}

std::string_view term(const std::map<std::string, std::string>& terms, std::string_view name) {
    const auto at = terms.find(std::string(name));
    return at == terms.end() ? std::string_view() : std::string_view(at->second);
}

bool stays(const QuorumChange& change, const base::UkeySerial& officer) { return std::ranges::find(change.keep, officer) != change.keep.end(); }

}  // namespace

std::map<std::string, std::string> QuorumChange::terms(const Quorum& today) const {
    std::string kept;
    std::string gone;
    std::string fresh;
    for (const Officer& o : today.officers) add_row(stays(*this, o.ukey) ? kept : gone, {o.ukey.text(), o.holder});
    for (const NewOfficer& o : add) add_row(fresh, {o.ukey.text(), o.reader, o.holder});
    std::map<std::string, std::string> out{{std::string(kNeeded), std::to_string(needed)}, {std::string(kKept), kept}, {std::string(kNew), fresh}, {std::string(kGone), gone}};
    if (std::string warning = caution(needed, keep.size() + add.size()); !warning.empty()) out.emplace(kCaution, std::move(warning));
    return out;
}

base::Result<QuorumChange> QuorumChange::from_terms(const std::map<std::string, std::string>& terms) {
    const base::Error wrong{Code::malformed, "the terms of this request do not say how the officers change"};
    QuorumChange out;
    const std::string_view k = term(terms, kNeeded);
    const auto [end, error] = std::from_chars(k.data(), k.data() + k.size(), out.needed);
    if (error != std::errc() || end != k.data() + k.size()) return wrong;
    for (const auto& row : rows_of(term(terms, kKept))) {
        if (row.size() != 2) return wrong;
        KMP_TRY(base::UkeySerial serial, base::UkeySerial::parse(row[0]));
        out.keep.push_back(std::move(serial));
    }
    for (const auto& row : rows_of(term(terms, kNew))) {
        if (row.size() != 3) return wrong;
        KMP_TRY(base::UkeySerial serial, base::UkeySerial::parse(row[0]));
        out.add.push_back({std::move(serial), row[1], row[2]});
    }
    return out;
}

base::Status QuorumChange::validate(const Quorum& today) const {
    std::set<std::string> holders;
    std::set<std::string> readers;
    for (const base::UkeySerial& serial : keep) {
        const Officer* officer = today.find(serial);
        if (officer == nullptr) return {Code::invalid_argument, "officers: UKEY " + serial.text() + " is not one of the officers now"};
        holders.insert(officer->holder);
    }
    for (const NewOfficer& o : add) {
        if (!holders.insert(o.holder).second) return {Code::invalid_argument, "officers: " + o.holder + " would be an officer twice; one person counts once"};
        if (!readers.insert(o.reader).second) return {Code::invalid_argument, "officers: reader " + o.reader + " is named twice; each new officer's blank UKEY has a reader of its own"};
    }
    const std::size_t n = keep.size() + add.size();
    if (n < 2 || n > Quorum::kMostOfficers || needed < 2 || needed > n)
        return {Code::invalid_argument, "quorum: " + std::to_string(needed) + " of " + std::to_string(n) + " officers cannot be; 2 to 16 officers, and at least 2 of them"};
    if (add.empty() && keep.size() == today.officers.size() && needed == today.needed) return {Code::invalid_argument, "quorum: this changes nothing"};
    return {};
}

base::Status QuorumChange::leads(const Quorum& before, const Quorum& after) const {
    const auto differs = [](std::string what) { return base::Error{Code::refused, std::move(what) + " is not what was agreed"}; };
    if (after.generation != before.generation + 1 || after.home != before.home) return differs("the generation of the officers");
    if (after.needed != needed) return differs("how many officers must agree");
    if (after.officers.size() != keep.size() + add.size()) return differs("the number of officers");
    for (const Officer& o : after.officers) {
        const Officer* old = stays(*this, o.ukey) ? before.find(o.ukey) : nullptr;
        const bool is_new = std::ranges::any_of(add, [&](const NewOfficer& n) { return n.ukey == o.ukey && n.holder == o.holder; });
        if (!is_new && (old == nullptr || !(*old == o))) return differs("officer " + o.holder + " with UKEY " + o.ukey.text());
    }
    return {};
}

}  // namespace model

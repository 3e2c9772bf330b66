#include "ui/issue/batch_rows.h"

#include <QCoreApplication>
#include <algorithm>
#include <set>

#include "kmp/terms/terms.h"
#include "model/ukey.h"
#include "sheet/csv.h"
#include "ui/issue/issue.h"
#include "ui/parts/grant_terms.h"
#include "ui/parts/words.h"

namespace ui::issue {
namespace {

constexpr std::size_t kMostRows = 10000;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(batch)
};

/// A spreadsheet's clipboard has tabs between its fields.
base::Bytes with_commas(base::ByteView list) {
    const std::string text(list.begin(), list.end());
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        if (!line.empty() && line.back() == '\r') line.pop_back();
        std::vector<std::string> fields;
        for (std::size_t from = 0; from <= line.size();) {
            const std::size_t tab = std::min(line.find('\t', from), line.size());
            fields.push_back(line.substr(from, tab - from));
            from = tab + 1;
        }
        out += line.empty() ? "\n" : sheet::csv_line(fields);
        at = end + 1;
    }
    return base::Bytes(out.begin(), out.end());
}

QString trimmed(const std::string& field) { return parts::text(field).trimmed(); }

BatchRow read_row(const std::vector<std::string>& columns, const std::vector<std::string>& fields, const std::string& kind, const pb::GrantTerms& terms) {
    BatchRow out;
    kmp::terms::TermsText text;
    text.kind = kind;
    out.terms = terms;
    if (fields.size() > columns.size()) {
        out.problem = Say::tr("%1 fields, and %2 columns").arg(fields.size()).arg(columns.size());
        return out;
    }
    for (std::size_t c = 0; c < fields.size(); ++c) {
        const QString value = trimmed(fields[c]);
        if (value.isEmpty()) continue;
        if (columns[c] == "holder") out.holder = value;
        else if (columns[c] == "reader") out.reader = value;
        else if (columns[c] == "kind") {
            if (value.toStdString() != kind) out.problem = Say::tr("It is for a %1: issue those in a list of their own.").arg(parts::kind_word(value.toStdString()));
        } else if (const base::Status put = kmp::terms::put(text, columns[c], value.toStdString()); !put) {
            out.problem = parts::text(put.error().message);
        }
    }
    if (!out.problem.isEmpty()) return out;
    out.problem = problem_of_holder(out.holder);
    if (!out.problem.isEmpty()) return out;
    text.holder = out.holder.toStdString();
    pb::GrantTerms present = terms;
    // Each is a station of its own.
    if (kind == "user") present.set_station(text.station.empty() ? text.holder : text.station);
    const auto parsed = kmp::terms::parse_changes(text, present);
    if (!parsed) {
        // It names the option of kmpctl, which has the column's name.
        out.problem = parts::text(parsed.error().message.starts_with("--") ? parsed.error().message.substr(2) : parsed.error().message);
        return out;
    }
    out.terms = *parsed;
    if (const auto k = model::parse_ukey_kind(kind)) out.problem = parts::problem_of(out.terms, *k, base::SystemClock().now());
    return out;
}

}  // namespace

base::Result<std::vector<BatchRow>> read_batch(base::ByteView list, const std::string& kind, const pb::GrantTerms& terms) {
    const auto first_end = std::ranges::find(list, static_cast<std::uint8_t>('\n'));
    const bool tabs = std::find(list.begin(), first_end, static_cast<std::uint8_t>('\t')) != first_end;
    const base::Bytes converted = tabs ? with_commas(list) : base::Bytes(list.begin(), list.end());
    KMP_TRY(const auto lines, sheet::read_rows(parts::bytes(Say::tr("the list")), converted));
    std::vector<std::string> columns{"holder", "station", "per-order", "per-day", "per-month"};
    std::size_t first = 0;
    while (first < lines.size() && sheet::is_blank(lines[first])) ++first;
    if (first < lines.size()) {
        std::vector<std::string> named;
        for (const std::string& field : lines[first]) named.push_back(trimmed(field).toLower().replace(QLatin1Char('_'), QLatin1Char('-')).toStdString());
        if (std::ranges::find(named, "holder") != named.end()) {
            columns = named;
            ++first;
        }
    }
    if (lines.size() - std::min(first, lines.size()) > kMostRows) return {base::Code::malformed, parts::bytes(Say::tr("The list has more than %1 rows.").arg(kMostRows)), 0};
    std::vector<BatchRow> out;
    std::set<std::pair<QString, std::string>> seen;
    for (std::size_t i = first; i < lines.size(); ++i) {
        if (sheet::is_blank(lines[i])) continue;
        BatchRow row = read_row(columns, lines[i], kind, terms);
        row.line = i + 1;
        if (row.problem.isEmpty() && !seen.insert({row.holder, row.terms.station()}).second) row.problem = Say::tr("The same holder and station stand in an earlier row.");
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace ui::issue

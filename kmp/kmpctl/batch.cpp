#include <unistd.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/fd.h"
#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "sheet/csv.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;
using base::Code;
using Use = wire::PinSource::Use;
using Row = std::map<std::string, std::string>;

constexpr std::size_t kLargestFile = 4 * 1024 * 1024;
constexpr std::size_t kMostRows = 10000;

struct Wanted {
    IssueArguments issue;
    pb::GrantTerms terms;
    std::size_t line = 0;  ///< of the file, counted from 1; the first names the columns

    std::string name() const { return issue.kind + " UKEY of " + issue.holder + (terms.station().empty() ? "" : " for station " + terms.station()); }
};

/// The columns that a file may have; a list inside a field is separated by semicolons.
base::Result<Wanted> read_row(const Row& row) {
    Wanted out;
    TermsText text;
    for (const auto& [column, value] : row) {
        if (value.empty()) continue;
        if (column == "reader") out.issue.reader = value;
        else if (column == "kind") out.issue.kind = value;
        else if (column == "holder") out.issue.holder = value;
        else KMP_CHECK(terms::put(text, column, value));
    }
    if (out.issue.reader.empty()) return {Code::invalid_argument, "reader is empty"};
    if (out.issue.holder.empty() || out.issue.holder.size() > 64) return {Code::invalid_argument, "holder: 1 to 64 bytes"};
    text.kind = out.issue.kind;
    text.holder = out.issue.holder;
    if (out.issue.kind == "auditor") {
        KMP_TRY(const base::Millis until, parse_end(text.valid_until));
        out.terms.set_not_after_ms(until);
    } else {
        KMP_TRY(out.terms, parse_terms(text));
    }
    return out;
}

/// All rows, or all that is wrong with them, one line each.
base::Result<std::vector<Wanted>> read_batch(const std::string& file) {
    KMP_TRY(const base::Bytes content, base::read_file(file, kLargestFile));
    KMP_TRY(const auto fields, sheet::read_rows(file, content));
    if (fields.size() < 2) return {Code::malformed, file + ": it takes a first line with the names of the columns, and rows"};
    if (fields.size() > kMostRows) return {Code::malformed, file + ": more than 10000 rows"};
    std::vector<Wanted> out;
    std::string wrong;
    std::set<std::string> seen;
    std::set<std::string> readers;
    for (std::size_t i = 1; i < fields.size(); ++i) {
        const auto complain = [&](const std::string& what) { wrong += (wrong.empty() ? "" : "; ") + std::string("line ") + std::to_string(i + 1) + ": " + what; };
        if (sheet::is_blank(fields[i])) continue;
        if (fields[i].size() != fields[0].size()) {
            complain(std::to_string(fields[i].size()) + " fields instead of " + std::to_string(fields[0].size()));
            continue;
        }
        Row row;
        for (std::size_t c = 0; c < fields[0].size(); ++c) row[fields[0][c]] = fields[i][c];
        auto wanted = read_row(row);
        if (!wanted) {
            complain(wanted.error().message);
            continue;
        }
        wanted->line = i + 1;
        if (!seen.insert(wanted->name()).second) complain("a second " + wanted->name());
        if (!readers.insert(wanted->issue.reader).second) complain("reader " + wanted->issue.reader + " stands in an earlier line too");
        out.push_back(std::move(*wanted));
    }
    if (!wrong.empty()) return {Code::malformed, file + ": nothing was done: " + wrong};
    return out;
}

/// The serial of the UKEY that a row asks for, if it is issued already.
base::Result<std::string> issued_already(Officer& officer, const pb::UkeyListReply& ukeys, const Wanted& w) {
    for (const pb::Ukey& u : ukeys.ukeys()) {
        if (u.kind() != w.issue.kind || u.holder() != w.issue.holder || u.state() != "issued") continue;
        pb::AdminRequest request;
        request.mutable_ukey_show()->set_serial(u.serial());
        KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
        if (reply.ukey_show().terms().station() == w.terms.station()) return u.serial();
    }
    return std::string();
}

base::Result<pb::AdminReply> issue_one(Officer& officer, const Wanted& w, const base::Secret* master, const base::Secret* pin) {
    if (master != nullptr) KMP_CHECK(officer.enter("master", *master));
    if (pin != nullptr) KMP_CHECK(officer.enter("ukey", *pin));
    pb::AdminRequest request;
    auto& issue = *request.mutable_ukey_issue();
    issue.set_kind(w.issue.kind);
    issue.set_reader(w.issue.reader);
    issue.set_holder(w.issue.holder);
    issue.set_not_after_ms(w.terms.not_after_ms());
    *issue.mutable_terms() = w.terms;
    return officer.ask(std::move(request));
}

}  // namespace

base::Status issue_batch(Officer& officer, const std::string& file) {
    KMP_TRY(const std::vector<Wanted> rows, read_batch(file));
    KMP_TRY(const bool asks, officer.officers_hold());
    std::optional<base::Secret> master;
    std::optional<base::Secret> pin;
    if (!asks) {
        KMP_TRY(master, officer.read_pin("master", "PIN of the master-control UKEY", Use::existing));
        KMP_TRY(pin, officer.read_pin("ukey", "first PIN of all new UKEYs; each holder must change it", Use::fresh));
    }
    KMP_TRY(const pb::UkeyListReply before, all_ukeys(officer));
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    Table table({"LINE", "HOLDER", "READER", "OUTCOME"});
    unsigned done = 0;
    for (const Wanted& w : rows) {
        if (!officer.json() && isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "%u of %zu: %s\n", ++done, rows.size(), w.name().c_str());
        KMP_TRY(const std::string there, issued_already(officer, before, w));
        std::string outcome = "issued before as " + there;
        nlohmann::ordered_json entry{{"line", w.line}, {"holder", w.issue.holder}, {"reader", w.issue.reader}};
        if (there.empty()) {
            auto reply = issue_one(officer, w, master ? &*master : nullptr, pin ? &*pin : nullptr);
            // Cut off here: the rows above are done, and the same command goes on with this one.
            if (!reply) return std::move(reply).error().in(file + " line " + std::to_string(w.line) + ", after " + base::counted(document.size(), "row"));
            outcome = reply->has_request_made() ? "request " + std::to_string(reply->request_made().number()) : "issued as " + reply->ukey_issue().ukey().serial();
            if (reply->has_request_made()) entry["request"] = reply->request_made().number();
            else entry["ukey"] = reply->ukey_issue().ukey().serial();
        } else {
            entry["ukey"] = there;
        }
        entry["already"] = !there.empty();
        document.push_back(std::move(entry));
        table.add({std::to_string(w.line), w.issue.holder, w.issue.reader, outcome});
    }
    return officer.show(document, table.text());
}

}  // namespace kmp::kmpctl

// An export as JSON Lines and as CSV: read back here by other readers than those that wrote it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "audit/merkle.h"
#include "audit/rows.h"
#include "sheet/csv.h"
#include "tests/audit/sample_log.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

struct Written {
    base::Result<audit::Rows> rows;
    std::string text;
};

Written written(const base::Bytes& file, audit::RowFormat format, std::size_t piece = 1000) {
    std::string text;
    auto rows = audit::write_rows(source_of(file, piece), format, [&](base::ByteView b) -> base::Status {
        text += base::as_text(b);
        return {};
    });
    return {std::move(rows), std::move(text)};
}

/// RFC 4180, by hand: rows of cells; every row ends in CR LF.
std::vector<std::vector<std::string>> cells_of(const std::string& text) {
    std::vector<std::vector<std::string>> out(1);
    std::string cell;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') cell += text[++i];
        else if (c == '"') quoted = !quoted;
        else if (quoted) cell += c;
        else if (c == ',' || c == '\r') out.back().push_back(std::exchange(cell, {}));
        else if (c == '\n') out.emplace_back();
        else cell += c;
    }
    EXPECT_TRUE(out.back().empty()) << "the last row has its line end";
    out.pop_back();
    return out;
}

SampleLog sample() {
    SampleLog log;
    log.begin_with_orders(2);
    Event odd(EventType::denied);
    odd.text(Field::actor, "uid 0 (pid 1)").number(Field::uid, 0).text(Field::reason, "=cmd|' /C calc'!A1, \"quoted\"\nand a second line").text(Field::ukey, "-U1").text(Field::code, "denied");
    log.add(odd);
    return log;
}

}  // namespace

TEST(json_lines, hold_every_record_with_its_leaf_hash) {
    SampleLog log = sample();
    const Written out = written(log.exported(), audit::RowFormat::jsonl);
    ASSERT_TRUE(out.rows) << out.rows.error().message;
    EXPECT_EQ(out.rows->first, 0u);
    EXPECT_EQ(out.rows->end, log.records.size());
    std::size_t begin = 0;
    for (std::size_t i = 0; i < log.records.size(); ++i) {
        const std::size_t end = out.text.find('\n', begin);
        ASSERT_NE(end, std::string::npos);
        const auto row = nlohmann::json::parse(out.text.substr(begin, end - begin));
        begin = end + 1;
        EXPECT_EQ(row["index"], i);
        EXPECT_EQ(row["leaf_hash"], base::to_hex(base::sha256({base::ByteView(std::array<std::uint8_t, 1>{0}), log.records[i]})));
    }
    EXPECT_EQ(begin, out.text.size());
}

TEST(csv_rows, have_a_column_for_what_all_events_share_and_the_rest_as_json) {
    SampleLog log = sample();
    const Written out = written(log.exported(), audit::RowFormat::csv, 17);
    ASSERT_TRUE(out.rows) << out.rows.error().message;
    const auto rows = cells_of(out.text);
    ASSERT_EQ(rows.size(), log.records.size() + 1);
    EXPECT_EQ(rows[0], (std::vector<std::string>{"index", "time", "type", "text", "actor", "uid", "pid", "session", "happened_at", "request", "ukey", "reader", "station", "reason", "detail", "account",
                                                 "leaf_hash", "fields"}));
    for (std::size_t i = 1; i < rows.size(); ++i) {
        ASSERT_EQ(rows[i].size(), rows[0].size());
        EXPECT_EQ(rows[i][0], std::to_string(i - 1));
        const auto rest = nlohmann::json::parse(rows[i].back());
        for (const std::string& column : rows[0]) EXPECT_FALSE(rest.contains(column)) << column;
    }
    const auto& order = rows[rows.size() - 2];
    EXPECT_EQ(order[2], "order");
    EXPECT_EQ(order[10], "U1");
    const auto fields = nlohmann::json::parse(order.back());
    EXPECT_EQ(fields["amount"], 1000);
    EXPECT_EQ(fields["meter"], "100000000001");
}

TEST(csv_rows, give_a_spreadsheet_no_formula_to_run) {
    SampleLog log = sample();
    const auto rows = cells_of(written(log.exported(), audit::RowFormat::csv).text);
    const auto& odd = rows.back();
    EXPECT_EQ(odd[13], "'=cmd|' /C calc'!A1, \"quoted\"\nand a second line");
    EXPECT_EQ(odd[10], "'-U1");
    EXPECT_EQ(odd[5], "0");
    for (const char* cell : {"=1+1", "+1", "-1", "@sum", "\tx", "\rx", "\nx", "\uFF1D1+1", "\uFF0B1", "\uFF0D1", "\uFF20sum"}) EXPECT_EQ(sheet::defused(cell), "'" + std::string(cell));
    for (const char* cell : {"", "a=1", "\uFF21", "{\"a\":1}", "2025-11-22"}) EXPECT_EQ(sheet::defused(cell), cell);
}

TEST(rows, of_an_export_that_was_cut_off_or_bent_are_no_document) {
    SampleLog log = sample();
    const base::Bytes file = log.exported();
    for (const std::size_t size : {std::size_t{0}, std::size_t{9}, file.size() / 2, file.size() - 1}) {
        const Written out = written(base::Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)), audit::RowFormat::jsonl);
        ASSERT_FALSE(out.rows) << size;
        EXPECT_EQ(out.rows.error().code, Code::malformed);
    }
    // A record left out, as a whole: the numbers do not go on.
    SampleLog gap = sample();
    gap.records.erase(gap.records.begin() + 2);
    EXPECT_EQ(written(gap.exported(), audit::RowFormat::csv).rows.error().message, "in the place of record 2 stands record 3");
    // Fewer than the head says.
    SampleLog few = sample();
    audit::ExportHead head = few.head();
    const std::string note = few.note();
    few.records.pop_back();
    EXPECT_FALSE(written(few.exported(head, note), audit::RowFormat::csv).rows);
}

TEST(rows, stop_when_their_sink_is_full) {
    SampleLog log = sample();
    const base::Bytes file = log.exported();
    const auto full = audit::write_rows(source_of(file), audit::RowFormat::jsonl, [](base::ByteView) { return base::Status(Code::storage_full, "no room"); });
    EXPECT_EQ(full.error().code, Code::storage_full);
}

TEST(row_format, has_two_names) {
    EXPECT_TRUE(audit::parse_row_format("jsonl"));
    EXPECT_TRUE(audit::parse_row_format("csv"));
    EXPECT_EQ(audit::parse_row_format("xlsx").error().code, Code::invalid_argument);
}

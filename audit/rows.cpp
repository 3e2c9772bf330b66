#include "audit/rows.h"

#include <algorithm>
#include <array>

#include "audit/export_parser.h"
#include "audit/merkle.h"
#include "audit/words.h"
#include "sheet/csv.h"

namespace audit {
namespace {

using base::Code;

/// What any event may say: each has a column of its own.
constexpr std::array kColumns{Field::actor, Field::uid, Field::pid, Field::session, Field::happened_at, Field::request, Field::ukey, Field::reader, Field::station, Field::reason,
                              Field::detail, Field::account};

FieldSet columns() {
    FieldSet out;
    for (const Field f : kColumns) out.add(f);
    return out;
}

std::string name_of(Field field) { return std::string(find_field(static_cast<std::uint8_t>(field))->name); }

std::string head_row() {
    std::vector<std::string> cells{"index", "time", "type", "text"};
    for (const Field f : kColumns) cells.push_back(name_of(f));
    cells.insert(cells.end(), {"leaf_hash", "fields"});
    return sheet::csv_line(cells);
}

std::string csv_row(const Record& record, base::ByteView bytes) {
    static const FieldSet apart = columns();
    std::vector<std::string> cells{std::to_string(record.index()), base::to_rfc3339(record.time()), std::string(record.info().name), sheet::defused(to_text(record))};
    for (const Field f : kColumns) cells.push_back(record.has(f) ? sheet::defused(value_in_words(f, record.bytes(f))) : std::string());
    cells.push_back(base::to_hex(leaf_hash(bytes)));
    cells.push_back(fields_to_json(record, apart));
    return sheet::csv_line(cells);
}

std::string json_row(const Record& record, base::ByteView bytes) {
    std::string out = to_json(record);
    out.pop_back();  // the brace
    return out + ",\"leaf_hash\":\"" + base::to_hex(leaf_hash(bytes)) + "\"}\n";
}

}  // namespace

base::Result<RowFormat> parse_row_format(std::string_view text) {
    if (text == "jsonl") return RowFormat::jsonl;
    if (text == "csv") return RowFormat::csv;
    return {Code::invalid_argument, "'" + std::string(text) + "' is no format: jsonl or csv"};
}

base::Result<Rows> write_rows(const ByteSource& source, RowFormat format, const ChunkSink& sink) {
    ExportParser parser(source);
    KMP_TRY(const ExportParser::Head head, parser.head());
    Pieces pieces(sink);
    const auto add = [&](const std::string& row) { return pieces.add(base::as_bytes(row)); };
    if (format == RowFormat::csv) KMP_CHECK(add(head_row()));
    Rows out{head.head.first, head.head.first};
    for (;; ++out.end) {
        auto bytes = parser.next();
        if (!bytes) return std::move(bytes).error().in("after record " + std::to_string(out.end));
        if (bytes->empty()) break;
        const auto record = Record::decode(*bytes);
        if (!record) return base::Error(record.error()).in("record " + std::to_string(out.end));
        if (record->index() != out.end) return {Code::malformed, "in the place of record " + std::to_string(out.end) + " stands record " + std::to_string(record->index())};
        KMP_CHECK(add(format == RowFormat::csv ? csv_row(*record, *bytes) : json_row(*record, *bytes)));
    }
    KMP_CHECK(parser.trailer());
    if (out.end != head.head.end) return {Code::malformed, "the export says it ends at " + std::to_string(head.head.end) + " and ends at " + std::to_string(out.end)};
    KMP_CHECK(pieces.flush());
    return out;
}

}  // namespace audit

#include "sheet/csv.h"

#include <csv.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

namespace sheet {
namespace {

using base::Code;
using Fields = std::vector<std::string>;

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kLongestRow = 8 * 1024 * 1024;  // as long as a whole file that is read at once may be

base::Status check_head(const std::string& name, const Fields& head, const Fields& required, const Fields& optional) {
    const auto has = [](const Fields& in, const std::string& what) { return std::find(in.begin(), in.end(), what) != in.end(); };
    for (std::size_t i = 0; i < head.size(); ++i) {
        if (!has(required, head[i]) && !has(optional, head[i])) return {Code::malformed, name + ": there is no column '" + head[i] + "'"};
        if (std::find(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(i), head[i]) != head.begin() + static_cast<std::ptrdiff_t>(i))
            return {Code::malformed, name + ": column '" + head[i] + "' is there twice"};
    }
    for (const std::string& r : required)
        if (!has(head, r)) return {Code::malformed, name + ": the first line names no column '" + r + "'"};
    return {};
}

}  // namespace

base::Status each_row(const std::string& name, const Source& source, const RowSink& sink) {
    struct Rows {
        const RowSink& sink;
        std::size_t count = 0;
        Fields row;
        int last_end = 0;
        base::Status refused;
    } rows{sink, 0, {}, 0, {}};
    const auto on_field = [](void* field, std::size_t size, void* to) {
        static_cast<Rows*>(to)->row.emplace_back(static_cast<const char*>(field), size);
        static_cast<Rows*>(to)->last_end = 0;
    };
    const auto on_row = [](int end, void* to) {
        auto& r = *static_cast<Rows*>(to);
        const bool second_half = end == '\n' && r.last_end == '\r' && r.row.empty();  // of CR LF
        r.last_end = end;
        if (second_half) return;
        ++r.count;
        if (r.refused) r.refused = r.sink(r.count, r.row);
        r.row.clear();
    };
    csv_parser parser{};
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) throw std::bad_alloc();
    const std::unique_ptr<csv_parser, decltype(&csv_free)> owned(&parser, &csv_free);
    const auto malformed = [&] { return base::Error{Code::malformed, name + ": after line " + std::to_string(rows.count) + ": " + csv_strerror(csv_error(&parser))}; };
    base::Bytes buffer(kPiece);
    std::size_t pieces = 0;  // since the last row ended
    for (bool first = true;; first = false) {
        const std::size_t before = rows.count;
        std::size_t have = 0;
        // A piece is filled before it is parsed: the mark at the beginning is never seen in halves.
        for (std::size_t n = 1; have < buffer.size() && n != 0; have += n) {
            KMP_TRY(n, source(std::span(buffer).subspan(have)));
        }
        base::ByteView piece(buffer.data(), have);
        if (first && have >= 3 && piece[0] == 0xEF && piece[1] == 0xBB && piece[2] == 0xBF) piece = piece.subspan(3);  // spreadsheets begin with this mark
        if (csv_parse(&parser, piece.data(), piece.size(), on_field, on_row, &rows) != piece.size()) return malformed();
        if (!rows.refused) return std::move(rows.refused);
        pieces = rows.count == before ? pieces + 1 : 0;
        if (pieces > kLongestRow / kPiece) return base::Error{Code::malformed, name + ": line " + std::to_string(rows.count + 1) + " is longer than " + std::to_string(kLongestRow) + " bytes"};
        if (have == buffer.size()) continue;
        if (csv_fini(&parser, on_field, on_row, &rows) != 0) return malformed();
        return std::move(rows.refused);
    }
}

base::Result<std::vector<Fields>> read_rows(const std::string& name, base::ByteView content) {
    std::vector<Fields> out;
    const auto source = [&content](std::span<std::uint8_t> to) -> base::Result<std::size_t> {
        const std::size_t n = std::min(to.size(), content.size());
        std::copy_n(content.begin(), n, to.begin());
        content = content.subspan(n);
        return n;
    };
    KMP_CHECK(each_row(name, source, [&](std::size_t, Fields& row) {
        out.push_back(std::move(row));
        return base::Status();
    }));
    return out;
}

bool is_blank(const Fields& row) noexcept { return row.empty() || (row.size() == 1 && row[0].empty()); }

base::Result<std::vector<CsvRow>> parse_csv(const std::string& name, base::ByteView content, const Fields& required, const Fields& optional) {
    KMP_TRY(const std::vector<Fields> rows, read_rows(name, content));
    if (rows.empty()) return {Code::malformed, name + ": it is empty; the first line names the columns"};
    KMP_CHECK(check_head(name, rows[0], required, optional));
    std::vector<CsvRow> out;
    std::string wrong;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (is_blank(rows[i])) continue;
        if (rows[i].size() != rows[0].size()) {
            wrong += (wrong.empty() ? "" : "; ") + std::string("line ") + std::to_string(i + 1) + ": " + std::to_string(rows[i].size()) + " fields instead of " + std::to_string(rows[0].size());
            continue;
        }
        CsvRow row{i + 1, {}};
        for (std::size_t c = 0; c < rows[0].size(); ++c) row.fields[rows[0][c]] = rows[i][c];
        out.push_back(std::move(row));
    }
    if (!wrong.empty()) return {Code::malformed, name + ": " + wrong};
    if (out.empty()) return {Code::malformed, name + ": there is no line below the one that names the columns"};
    if (out.size() > kMostCsvRows) return {Code::malformed, name + ": more than " + std::to_string(kMostCsvRows) + " lines"};
    return out;
}

std::string defused(std::string cell) {
    constexpr std::string_view kFormula = "=+-@\t\r\n";
    // The same as East Asian keyboards write them, U+FF1D, FF0B, FF0D and FF20: there spreadsheets take them as well.
    constexpr std::array<std::string_view, 4> kWide{"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
    const bool wide = std::ranges::any_of(kWide, [&](std::string_view w) { return cell.starts_with(w); });
    if (wide || (!cell.empty() && kFormula.find(cell.front()) != std::string_view::npos)) cell.insert(cell.begin(), '\'');
    return cell;
}

std::string csv_line(const Fields& fields) {
    std::string out;
    for (const std::string& field : fields) {
        if (!out.empty() || &field != &fields.front()) out += ',';
        if (field.find_first_of(",\"\r\n") == std::string::npos) {
            out += field;
            continue;
        }
        // libcsv doubles quotes and puts them round; its first call tells the size.
        std::string quoted(csv_write(nullptr, 0, field.data(), field.size()), '\0');
        csv_write(quoted.data(), quoted.size(), field.data(), field.size());
        out += quoted;
    }
    return out + "\r\n";
}

}  // namespace sheet

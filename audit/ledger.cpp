#include "audit/ledger.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <map>

#include "audit/file_source.h"
#include "model/keys.h"
#include "sheet/csv.h"

namespace audit {
namespace {

using base::Code;
using model::OrderKind;

constexpr std::uint64_t kMostRows = 50'000'000;
constexpr std::uint64_t kHighestCount = 0xFFFFFFFF;  // of a meter's four bytes

/// As the log and as stations call them.
constexpr std::array<std::pair<std::string_view, OrderKind>, 9> kKinds{{
    {"open_account", OrderKind::open_account}, {"open", OrderKind::open_account}, {"recharge", OrderKind::recharge}, {"initialise_wallet", OrderKind::initialise_wallet},
    {"init-wallet", OrderKind::initialise_wallet}, {"refund", OrderKind::refund}, {"clear", OrderKind::clear}, {"replace_card", OrderKind::replace_card},
    {"replace-card", OrderKind::replace_card},
}};

/// What a column puts into a row. Values are not empty.
template <class Row>
struct Column {
    std::string_view name;
    bool required;
    base::Status (*read)(Row&, const std::string&, const UtilityTime&);
};

base::Result<std::uint64_t> meter_of(const std::string& text) {
    KMP_TRY(const model::MeterNumber meter, model::MeterNumber::parse(text));
    return meter.number();
}

base::Status read_kind(LedgerRow& row, const std::string& text, const UtilityTime&) {
    const auto found = std::ranges::find(kKinds, std::string_view(text), [](const auto& k) { return k.first; });
    if (found == kKinds.end()) return {Code::invalid_argument, "'" + text + "' is none of open_account, recharge, refund, clear, initialise_wallet, replace_card"};
    row.kind = found->second;
    return {};
}

base::Status read_state(LedgerRow& row, const std::string& text, const UtilityTime&) {
    if (text != "sold" && text != "voided") return {Code::invalid_argument, "'" + text + "' is neither sold nor voided"};
    row.voided = text == "voided";
    return {};
}

/// Assigns the value of an expression that may fail.
#define KMP_READ(target, ...)          \
    do {                               \
        KMP_TRY(target, __VA_ARGS__);  \
        return {};                     \
    } while (false)

const std::vector<Column<LedgerRow>> kLedgerColumns{
    {"order_id", true, [](LedgerRow& r, const std::string& t, const UtilityTime&) -> base::Status { KMP_READ(r.id, base::Uuid::parse(t)); }},
    {"station", false, [](LedgerRow& r, const std::string& t, const UtilityTime&) -> base::Status {
         KMP_TRY(const auto station, base::StationId::parse(t));
         r.station = station.text();
         return {};
     }},
    {"meter", true, [](LedgerRow& r, const std::string& t, const UtilityTime&) -> base::Status { KMP_READ(r.meter, meter_of(t)); }},
    {"amount", true, [](LedgerRow& r, const std::string& t, const UtilityTime&) -> base::Status { KMP_READ(r.amount, model::Fen::parse_yuan(t)); }},
    {"kind", false, read_kind},
    {"state", false, read_state},
    {"time", false, [](LedgerRow& r, const std::string& t, const UtilityTime& time) -> base::Status { KMP_READ(r.time, time.parse(t)); }},
    {"ukey", false, [](LedgerRow& r, const std::string& t, const UtilityTime&) -> base::Status {
         KMP_TRY(const auto serial, base::UkeySerial::parse(t));
         r.ukey = serial.text();
         return {};
     }},
};

base::Result<std::uint64_t> count_of(const std::string& text) {
    std::uint64_t out = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return {Code::invalid_argument, "'" + text.substr(0, 32) + "' is no purchase count"};
        out = out * 10 + static_cast<std::uint64_t>(c - '0');
        if (out > kHighestCount) return {Code::invalid_argument, "'" + text.substr(0, 32) + "' is more than a meter can count"};
    }
    return out;
}

const std::vector<Column<MeterReading>> kReadingColumns{
    {"meter", true, [](MeterReading& r, const std::string& t, const UtilityTime&) -> base::Status { KMP_READ(r.meter, meter_of(t)); }},
    {"count", true, [](MeterReading& r, const std::string& t, const UtilityTime&) -> base::Status { KMP_READ(r.count, count_of(t)); }},
    {"credited", false, [](MeterReading& r, const std::string& t, const UtilityTime&) -> base::Status { KMP_READ(r.credited, model::Fen::parse_yuan(t)); }},
    {"balance", false, [](MeterReading& r, const std::string& t, const UtilityTime&) -> base::Status { KMP_READ(r.balance, model::Fen::parse_yuan(t)); }},
    {"time", false, [](MeterReading& r, const std::string& t, const UtilityTime& time) -> base::Status { KMP_READ(r.time, time.parse(t)); }},
};
#undef KMP_READ

/// Rows of a file with a head, each read by its columns.
template <class Row>
class SheetReader {
public:
    SheetReader(const std::string& path, const std::vector<Column<Row>>& columns, const UtilityTime& time) : path_(path), columns_(columns), time_(time) {}

    /// Judges a row further before it is kept.
    using Judge = std::function<base::Status(Row&)>;
    base::Result<std::vector<Row>> read(const ByteSource& source, const Judge& judge) {
        KMP_CHECK(sheet::each_row(path_, source, [&](std::size_t line, std::vector<std::string>& fields) -> base::Status {
            if (places_.empty()) return head(fields);
            if (sheet::is_blank(fields)) return {};
            auto row = one(line, fields);
            if (row) {
                if (auto good = judge(*row); !good) row = std::move(good).error();
            }
            if (!row) return {Code::malformed, path_ + ": line " + std::to_string(line) + ": " + row.error().message};
            rows_.push_back(std::move(*row));
            return {};
        }));
        if (places_.empty()) return {Code::malformed, path_ + ": it is empty; the first line names the columns"};
        return std::move(rows_);
    }
    const std::set<std::string>& others() const noexcept { return others_; }

private:
    base::Status head(const std::vector<std::string>& names) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (std::count(names.begin(), names.end(), names[i]) > 1) return {Code::malformed, path_ + ": column '" + names[i] + "' is there twice"};
            const auto found = std::ranges::find(columns_, std::string_view(names[i]), [](const auto& c) { return c.name; });
            places_.push_back(found == columns_.end() ? nullptr : &*found);
            if (found == columns_.end()) others_.insert(names[i]);
        }
        for (const Column<Row>& c : columns_)
            if (c.required && std::ranges::find(places_, &c) == places_.end()) return {Code::malformed, path_ + ": the first line names no column '" + std::string(c.name) + "'" + (names.size() == 1 && names[0].find_first_of(";\t") != std::string::npos ? ": columns are parted by commas, not by semicolons or tabs" : "")};
        return {};
    }
    base::Result<Row> one(std::size_t line, const std::vector<std::string>& fields) {
        if (fields.size() != places_.size()) return base::Error{Code::malformed, std::to_string(fields.size()) + " fields instead of " + std::to_string(places_.size())};
        if (rows_.size() >= kMostRows) return base::Error{Code::malformed, "more than " + std::to_string(kMostRows) + " lines"};
        Row row;
        row.line = static_cast<std::uint32_t>(line);
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const Column<Row>* column = places_[i];
            if (column == nullptr || (fields[i].empty() && !column->required)) continue;
            if (auto good = column->read(row, fields[i], time_); !good) return std::move(good).error().in(column->name);
        }
        return row;
    }
    const std::string& path_;
    const std::vector<Column<Row>>& columns_;
    const UtilityTime& time_;
    std::vector<const Column<Row>*> places_;
    std::set<std::string> others_;
    std::vector<Row> rows_;
};

base::Result<base::Fd> open_sheet(const std::string& path) {
    base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return base::errno_error("cannot open " + path, errno);
    return fd;
}

}  // namespace

base::Status Ledger::add(const std::string& path, const UtilityTime& time, const std::string& station) {
    KMP_TRY(const base::Fd fd, open_sheet(path));
    return add(path, source_of(fd, path), time, station);
}

base::Status Ledger::add(const std::string& path, const ByteSource& source, const UtilityTime& time, const std::string& station) {
    SheetReader<LedgerRow> reader(path, kLedgerColumns, time);
    KMP_TRY(std::vector<LedgerRow> more, reader.read(source, [&](LedgerRow& row) -> base::Status {
        if (row.station.empty()) row.station = station;
        if (row.station.empty()) return {Code::malformed, "station: the line names none; name it with --station"};
        row.file = static_cast<std::uint32_t>(files.size());
        return {};
    }));
    files.push_back(path);
    rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    not_compared.insert(reader.others().begin(), reader.others().end());
    return {};
}

std::string Ledger::place(const LedgerRow& row) const { return files[row.file] + " line " + std::to_string(row.line); }

base::Result<std::vector<MeterReading>> read_meter_readings(const std::string& path, const UtilityTime& time) {
    KMP_TRY(const base::Fd fd, open_sheet(path));
    return read_meter_readings(path, source_of(fd, path), time);
}

base::Result<std::vector<MeterReading>> read_meter_readings(const std::string& path, const ByteSource& source, const UtilityTime& time) {
    SheetReader<MeterReading> reader(path, kReadingColumns, time);
    std::map<std::uint64_t, std::uint32_t> lines;
    return reader.read(source, [&](const MeterReading& r) -> base::Status {
        const auto [there, fresh] = lines.emplace(r.meter, r.line);
        if (!fresh) return {Code::malformed, "meter: it was read in line " + std::to_string(there->second) + " already"};
        return {};
    });
}

}  // namespace audit

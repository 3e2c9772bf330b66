#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/utility_time.h"
#include "audit/verifier.h"
#include "base/ids.h"
#include "model/fen.h"
#include "model/operation.h"

namespace audit {

/// One line of a vending system's ledger.
struct LedgerRow {
    std::uint32_t file = 0;   ///< of Ledger::files
    std::uint32_t line = 0;   ///< from 1; the first names the columns
    base::Uuid id;
    std::string station;
    std::uint64_t meter = 0;
    model::Fen amount;
    std::optional<model::OrderKind> kind;
    bool voided = false;
    std::optional<base::Millis> time;
    std::string ukey;         ///< empty: not said
};

/// What a vending system says it sold. Several files are one ledger.
/// Columns by the names in the first line: order_id, meter, amount (yuan), station; where wanted kind (of AUDIT_FORMAT.md, or as kmp-vend calls it),
/// state (sold, voided), time, ukey. Others are not compared, and told.
struct Ledger {
    std::vector<std::string> files;
    std::vector<LedgerRow> rows;
    std::set<std::string> not_compared;  ///< columns

    /// Adds all of a file or nothing. `station`: of rows that name none. malformed: which line, and why; errors of the file
    base::Status add(const std::string& path, const UtilityTime& time, const std::string& station);
    /// The same of what a source gives; `name` is what it is called.
    base::Status add(const std::string& name, const ByteSource& source, const UtilityTime& time, const std::string& station);
    /// "orders.csv line 7"
    std::string place(const LedgerRow& row) const;
};

/// What somebody read off a meter.
struct MeterReading {
    std::uint32_t line = 0;
    std::uint64_t meter = 0;
    std::uint64_t count = 0;                ///< purchase count
    std::optional<model::Fen> credited;     ///< all that it was ever credited in this wallet
    std::optional<model::Fen> balance;
    std::optional<base::Millis> time;
};
/// A meter reading round: columns meter, count, and where wanted credited, balance (yuan), time. malformed: which line, and why
base::Result<std::vector<MeterReading>> read_meter_readings(const std::string& path, const UtilityTime& time);
base::Result<std::vector<MeterReading>> read_meter_readings(const std::string& name, const ByteSource& source, const UtilityTime& time);

}  // namespace audit

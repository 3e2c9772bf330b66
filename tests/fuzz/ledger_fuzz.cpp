// Ledgers and meter readings, from spreadsheets of strangers. What is read keeps its bounds; what is refused leaves nothing behind.
#include <algorithm>
#include <cstdlib>

#include "audit/ledger.h"

namespace {

audit::ByteSource source_of(base::ByteView& bytes) {
    return [&bytes](std::span<std::uint8_t> out) -> base::Result<std::size_t> {
        const std::size_t n = std::min({out.size(), bytes.size(), std::size_t{7}});
        std::copy_n(bytes.begin(), n, out.begin());
        bytes = bytes.subspan(n);
        return n;
    };
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const audit::UtilityTime time(8 * base::kHour);
    base::ByteView bytes(data, size);
    audit::Ledger ledger;
    const auto done = ledger.add("ledger", source_of(bytes), time, "s-1");
    if (!done && (!ledger.rows.empty() || !ledger.files.empty())) std::abort();
    for (const audit::LedgerRow& row : ledger.rows)
        if (row.amount.value() < 0 || row.amount > model::kMaxOrderAmount || row.station.empty() || row.meter > 999'999'999'999) std::abort();
    bytes = base::ByteView(data, size);
    (void)audit::read_meter_readings("readings", source_of(bytes), time);
    return 0;
}

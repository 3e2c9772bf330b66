// A file of orders: whatever parses is whole, and comes out of the result file in as many lines.
#include <algorithm>
#include <cstdlib>

#include "vending/order_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto orders = vending::parse_orders("orders.csv", base::ByteView(data, size));
    if (!orders) return 0;
    for (const auto& o : *orders)
        if (o.meter.number() == 0 || o.line < 2 || (!o.amount && o.kind != wire::pb::CLEAR)) std::abort();
    const std::string result = vending::result_csv(*orders, std::vector<std::string>(orders->size()));
    if (static_cast<std::size_t>(std::count(result.begin(), result.end(), '\n')) != orders->size() + 1) std::abort();
    return 0;
}

#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kmp/policy/meter_book.h"
#include "kmp/policy/order_book.h"
#include "kmp/policy/velocity.h"
#include "store/migration.h"
#include "store/transaction.h"

/// The rows behind the books: orders made, what each UKEY has spent, meters. Errors are those of store.
namespace kmp::policy {

store::Schema schema() noexcept;

struct OrderRow {
    OrderKey key;
    OrderRecord record;
};
base::Status insert(store::Transaction& t, const OrderRow& row);
/// The order was answered once more.
base::Status count_answer(store::Transaction& t, const OrderKey& key);
base::Status set_voided(store::Transaction& t, const OrderKey& key);
/// not_found: never made.
base::Result<OrderRecord> find_order(store::Database& database, const OrderKey& key);
/// The time in the newest order id; 0 without orders.
base::Result<base::Millis> newest_order(store::Database& database);

/// One UKEY's sum for one utility day. Below zero: an order of that day was voided.
struct Charge {
    std::string ukey;
    std::int64_t day = 0;
    std::int64_t month = 0;
    model::Fen amount;
};
base::Status add_charge(store::Transaction& t, const Charge& charge);
struct SpentRow {
    std::string ukey;
    model::Fen today;
    model::Fen this_month;
};
/// What every UKEY has spent on `day` and in `month`.
base::Result<std::vector<SpentRow>> spent(store::Database& database, std::int64_t day, std::int64_t month);

base::Status put_hold(store::Transaction& t, const StationHold& hold);
base::Status remove_hold(store::Transaction& t, const std::string& station);
base::Result<std::vector<StationHold>> holds(store::Database& database);

base::Result<Meter> find_meter(store::Database& database, model::MeterNumber number);
/// How many meters in private state hold each version.
base::Result<std::map<model::KeyVersion, std::uint64_t>> meters_by_version(store::Database& database);
base::Status put_meter(store::Transaction& t, const Meter& meter);
/// As they were flushed last: at most `most` meters by number from `first` on; or whose newest purchase lies on a card, was made up to `before` and was never seen
/// credited, the oldest first.
base::Result<std::vector<model::MeterNumber>> meters_from(store::Database& database, model::MeterNumber first, std::size_t most);
base::Result<std::vector<model::MeterNumber>> uninserted(store::Database& database, base::Millis before, std::size_t most);
/// The log index from which on meters must be brought up to date from the log.
base::Result<std::uint64_t> meters_current_to(store::Database& database);
base::Status set_meters_current_to(store::Transaction& t, std::uint64_t index);
/// The same, unless they are current further already.
base::Status raise_meters_current_to(store::Transaction& t, std::uint64_t index);

}  // namespace kmp::policy

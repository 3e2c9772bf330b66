#pragma once
#include "vending/journal.h"

namespace vending {

/// The orders of a CSV file: columns meter, customer, operation, amount and, where wanted, order_id. `line` is set, `batch` is not; an
/// order without an order_id has none yet.
/// malformed: the file does not parse, or some lines are wrong: all of them are told.
base::Result<std::vector<JournalOrder>> parse_orders(const std::string& name, base::ByteView content);

/// Brings the orders of a file into the journal as its batch, so that a line that an earlier run has seen is that run's order. Nothing is
/// written when a line is wrong.
/// conflict: lines that are other orders than the journal has for them: all of them are told.
base::Status enter_batch(Journal& journal, const std::string& path, base::ByteView content, std::vector<JournalOrder>& orders);

/// What became of each order, as CSV: line, meter, customer, operation, amount, order_id, outcome, purchase_count, said. `trouble` holds what was
/// said of orders whose journal entry has nothing, in the order of `orders`.
std::string result_csv(const std::vector<JournalOrder>& orders, const std::vector<std::string>& trouble);

}  // namespace vending

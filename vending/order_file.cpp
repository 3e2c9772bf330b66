#include "vending/order_file.h"

#include <algorithm>
#include <set>

#include "sheet/csv.h"
#include "vending/order_desk.h"

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;

base::Status read_customer(JournalOrder& order, const std::string& text) {
    if (order.kind == pb::INITIALISE_WALLET) {
        if (!text.empty()) return {Code::invalid_argument, "customer: the initialisation of a wallet has none; leave it empty"};
        return {};
    }
    if (text.empty() && order.kind == pb::OPEN_ACCOUNT) return {Code::invalid_argument, "customer: an opening needs one"};
    if (text.empty()) return {};
    auto customer = model::CustomerNumber::parse(text);
    if (!customer || customer->number() == 0) return {Code::invalid_argument, "customer '" + text + "': it takes 12 digits, not all of them 0"};
    order.customer = *customer;
    return {};
}

base::Status read_amount(JournalOrder& order, const std::string& text) {
    if (text.empty() && order.kind == pb::CLEAR) return {};
    if (text.empty()) return {Code::invalid_argument, "amount: it is empty"};
    auto amount = model::Fen::parse_yuan(text);
    if (!amount) return std::move(amount).error().in("amount");
    if (*amount == model::Fen(0) && (order.kind == pb::RECHARGE || order.kind == pb::REFUND)) return {Code::invalid_argument, "amount: a " + name(order.kind) + " of nothing"};
    order.amount = *amount;
    return {};
}

base::Result<JournalOrder> read_order(const sheet::CsvRow& row) {
    const auto field = [&](const char* column) {
        const auto at = row.fields.find(column);
        return at == row.fields.end() ? std::string() : at->second;
    };
    JournalOrder out;
    out.line = row.line;
    auto meter = model::MeterNumber::parse(field("meter"));
    if (!meter || meter->number() == 0) return {Code::invalid_argument, "meter '" + field("meter") + "': it takes 12 digits, not all of them 0"};
    out.meter = *meter;
    const auto kind = parse_operation(field("operation"));
    if (!kind) return {Code::invalid_argument, "operation '" + field("operation") + "': it takes open, recharge, refund, clear or init-wallet"};
    out.kind = *kind;
    KMP_CHECK(read_customer(out, field("customer")));
    KMP_CHECK(read_amount(out, field("amount")));
    if (const std::string id = field("order_id"); !id.empty()) {
        auto parsed = base::Uuid::parse(id);
        if (!parsed) return {Code::invalid_argument, "order_id '" + id + "': it takes a UUID of version 7"};
        out.id = *parsed;
        out.own_id = false;
    }
    return out;
}

bool same(const JournalOrder& earlier, const JournalOrder& now) {
    if (!now.own_id && earlier.id != now.id) return false;
    // A field that the file leaves to the meter was filled in when the order was carried out.
    const bool customer = now.kind == pb::INITIALISE_WALLET || !now.customer || !earlier.customer || *now.customer == *earlier.customer;
    return earlier.kind == now.kind && earlier.meter == now.meter && customer && (!now.amount || !earlier.amount || *now.amount == *earlier.amount);
}

/// The order that an earlier run has for this one.
base::Result<std::optional<JournalOrder>> earlier_of(Journal& journal, const JournalOrder& now) {
    if (!now.own_id) {
        KMP_TRY(auto named, journal.find(now.id));
        if (named) return named;
    }
    return journal.find(now.batch, now.line);
}

std::string complaint(const std::string& so_far, std::size_t line, const std::string& what) {
    return so_far + (so_far.empty() ? "" : "; ") + "line " + std::to_string(line) + ": " + what;
}

}  // namespace

base::Result<std::vector<JournalOrder>> parse_orders(const std::string& name, base::ByteView content) {
    KMP_TRY(const std::vector<sheet::CsvRow> rows, sheet::parse_csv(name, content, {"meter", "operation", "amount"}, {"customer", "order_id"}));
    std::vector<JournalOrder> out;
    std::string wrong;
    std::set<base::Uuid> ids;
    for (const sheet::CsvRow& row : rows) {
        auto order = read_order(row);
        if (!order) {
            wrong = complaint(wrong, row.line, order.error().message);
            continue;
        }
        if (!order->own_id && !ids.insert(order->id).second) wrong = complaint(wrong, row.line, "order_id " + order->id.text() + " stands in an earlier line too");
        out.push_back(std::move(*order));
    }
    if (!wrong.empty()) return {Code::malformed, name + ": no order was asked for: " + wrong};
    return out;
}

base::Status enter_batch(Journal& journal, const std::string& path, base::ByteView content, std::vector<JournalOrder>& orders) {
    KMP_TRY(const std::int64_t batch, journal.batch(path, base::sha256(content)));
    std::string wrong;
    std::vector<JournalOrder> fresh;
    const base::SystemClock clock;
    for (JournalOrder& order : orders) {
        order.batch = batch;
        KMP_TRY(const auto earlier, earlier_of(journal, order));
        if (!earlier) {
            if (order.own_id) order.id = base::Uuid::make_v7(clock.now());
            fresh.push_back(order);
            continue;
        }
        if (!same(*earlier, order)) {
            wrong = complaint(wrong, order.line, "on " + base::to_rfc3339(earlier->made).substr(0, 10) + " this was the " + describe(*earlier) + " (order " + earlier->id.text() + ")");
            continue;
        }
        const std::size_t line = order.line;
        order = *earlier;
        order.line = line;
    }
    if (!wrong.empty()) return {Code::conflict, path + ": no order was asked for; new orders go into a file of another name: " + wrong};
    KMP_CHECK(journal.plan_all(fresh));
    auto next = fresh.begin();
    for (JournalOrder& order : orders)
        if (order.number == 0) order = *next++;
    return {};
}

std::string result_csv(const std::vector<JournalOrder>& orders, const std::vector<std::string>& trouble) {
    std::string out = sheet::csv_line({"line", "meter", "customer", "operation", "amount", "order_id", "outcome", "purchase_count", "said"});
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const JournalOrder& o = orders[i];
        const std::string said = trouble[i].empty() ? o.said : trouble[i];
        out += sheet::csv_line({std::to_string(o.line), o.meter.text(), o.customer ? o.customer->text() : "", std::string(operation_name(o.kind)), o.amount ? o.amount->yuan() : "", o.id.text(),
                         std::string(name(o.state)), o.count > 0 ? std::to_string(o.count) : "", std::string(words(o)) + (said.empty() ? "" : ": " + said)});
    }
    return out;
}

}  // namespace vending

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "base/fd.h"
#include "sheet/csv.h"
#include "vending/interrupt.h"
#include "vending/order_desk.h"
#include "vending/order_file.h"
#include "vending/vend_station.h"

namespace vending {
namespace {

using base::Code;
using nlohmann::ordered_json;

constexpr std::size_t kResultEvery = 100;  // orders, between two writings of the result file

/// Trouble that the next order would meet as well.
constexpr std::array kEverybodys{Code::io_failed, Code::storage_full, Code::storage_failed, Code::sealed, Code::token_removed, Code::wrong_pin, Code::pin_locked};

bool of_everybody(Code code) { return std::find(kEverybodys.begin(), kEverybodys.end(), code) != kEverybodys.end(); }

struct Batch {
    std::vector<JournalOrder> orders;
    std::vector<std::string> trouble;  ///< of each order in this run
    std::size_t before = 0;            ///< done by an earlier run
    std::size_t done = 0;
    std::size_t failed = 0;
    std::string stopped;               ///< why the rest was not asked for

    std::size_t left() const { return orders.size() - before - done - failed; }
};

base::Status write_result(const std::string& file, const Batch& batch) {
    return base::write_file_atomically(file, base::as_bytes(result_csv(batch.orders, batch.trouble)), 0644);
}

std::string partial(const std::string& result) { return result + ".partial"; }

base::Status carry_out(Journal& journal, OrderDesk& desk, Batch& batch, std::size_t i) {
    const auto done = desk.carry_out(batch.orders[i]);
    const std::size_t line = batch.orders[i].line;
    KMP_TRY(batch.orders[i], journal.reload(batch.orders[i]));
    batch.orders[i].line = line;
    if (!done) {
        batch.trouble[i] = done.error().message;
        ++batch.failed;
        if (of_everybody(done.error().code)) batch.stopped = done.error().message;
        return {};
    }
    ++(done->before ? batch.before : batch.done);
    return {};
}

base::Status run_batch(const VendArguments& a, VendRequest& request, Journal& journal, Batch& batch) {
    KMP_TRY(Line line, Line::open(a.line));
    KMP_TRY(Platform platform, open_platform(a, std::move(request.pins)));
    OrderDesk desk(journal, platform, line);
    Interrupt interrupt;
    const bool terminal = !a.json && isatty(STDERR_FILENO) != 0;
    for (std::size_t i = 0; i < batch.orders.size() && batch.stopped.empty(); ++i) {
        if (interrupt.asked()) {
            batch.stopped = "it was interrupted";
            break;
        }
        if (terminal) std::fprintf(stderr, "%zu of %zu: %s\n", i + 1, batch.orders.size(), describe(batch.orders[i]).c_str());
        KMP_CHECK(carry_out(journal, desk, batch, i));
        if (i % kResultEvery == kResultEvery - 1) KMP_CHECK(write_result(partial(a.result), batch));
    }
    return {};
}

}  // namespace

base::Status batch_command(const VendArguments& a, VendRequest request) {
    std::error_code error;
    if (std::filesystem::equivalent(a.file, a.result, error)) return {Code::invalid_argument, "--result " + a.result + " is the file of the orders itself: name another"};
    KMP_TRY(const base::Bytes content, base::read_file(a.file, sheet::kLargestCsv));
    Batch batch;
    KMP_TRY(batch.orders, parse_orders(a.file, content));
    batch.trouble.resize(batch.orders.size());
    KMP_TRY(Journal journal, open_journal(a));
    const std::string path = std::filesystem::weakly_canonical(a.file, error).string();
    KMP_CHECK(enter_batch(journal, error ? a.file : path, content, batch.orders));
    // Now, for a result that cannot be written is better known before the first order. Under another name: a run that dies leaves no file that looks like its result.
    KMP_CHECK(write_result(partial(a.result), batch));
    if (std::filesystem::remove(a.result, error); error) return base::errno_error("cannot replace " + a.result, error.value());
    auto ran = run_batch(a, request, journal, batch);
    KMP_CHECK(write_result(a.result, batch));
    std::filesystem::remove(partial(a.result), error);
    KMP_CHECK(ran);
    std::string text = std::to_string(batch.done) + " of " + std::to_string(batch.orders.size()) + " orders confirmed by their meters now";
    if (batch.before > 0) text += ", " + std::to_string(batch.before) + " by an earlier run";
    if (batch.failed > 0) text += ", " + std::to_string(batch.failed) + " not";
    if (batch.left() > 0) text += ", " + std::to_string(batch.left()) + " not asked for";
    const ordered_json document{{"orders", batch.orders.size()}, {"confirmed", batch.done}, {"confirmed_before", batch.before}, {"failed", batch.failed}, {"left", batch.left()}, {"result", a.result}};
    KMP_CHECK(show(a, document, text + "; see " + a.result + ".\n"));
    if (!batch.stopped.empty()) return {Code::cancelled, "stopped after " + std::to_string(batch.orders.size() - batch.left()) + " of " + std::to_string(batch.orders.size()) + " orders: " + batch.stopped + "; the same command goes on with the rest"};
    if (batch.failed > 0) return {Code::refused, std::to_string(batch.failed) + " orders were not confirmed: " + a.result + " says why; the same command tries them again, and whatever can never be done is struck from the file"};
    return {};
}

}  // namespace vending

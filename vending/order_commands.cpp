#include <cstdio>

#include "base/fd.h"
#include "base/words.h"
#include "sheet/csv.h"
#include "vending/order_desk.h"
#include "vending/vend_station.h"
#include "vending/voiding.h"
#include "wire/tlog_proof.h"

namespace vending {
namespace {

using base::Code;
using nlohmann::ordered_json;

constexpr std::size_t kListed = 100;
constexpr std::chrono::seconds kCardPatience{10};  // for a card to be put in

std::string time_text(base::Millis time) {
    std::string out = base::to_rfc3339(time);
    if (const auto dot = out.find('.'); dot != std::string::npos) out = out.substr(0, dot) + "Z";
    return out;
}

ordered_json document_of(const JournalOrder& o) {
    return {{"order_id", o.id.text()},
            {"operation", operation_name(o.kind)},
            {"by_card", o.by_card},
            {"meter", o.meter.text()},
            {"customer", o.customer ? ordered_json(o.customer->text()) : ordered_json()},
            {"amount_fen", o.amount ? ordered_json(o.amount->value()) : ordered_json()},
            {"state", name(o.state)},
            {"purchase_count", o.count},
            {"said", o.said},
            {"made", base::to_rfc3339(o.made)},
            {"changed", base::to_rfc3339(o.changed)}};
}

std::string line_of(const JournalOrder& o) {
    return o.id.text() + "  " + time_text(o.changed) + "  " + describe(o) + ": " + std::string(words(o)) + (o.said.empty() ? "" : " (" + o.said + ")") + "\n";
}

base::Result<std::vector<JournalOrder>> chosen(Journal& journal, const VendRequest& request) {
    if (!request.order) return journal.all_unfinished();
    KMP_TRY(const auto found, journal.find(*request.order));
    if (!found) return base::Error{Code::not_found, "order " + request.order->text() + " is not in the journal " + journal.file()};
    return std::vector<JournalOrder>{*found};
}

}  // namespace

base::Status orders_list_command(const VendArguments& a, VendRequest) {
    KMP_TRY(Journal journal, open_journal(a, true));
    KMP_TRY(const auto orders, a.all ? journal.newest(kListed) : journal.all_unfinished());
    ordered_json document = ordered_json::array();
    std::string text;
    for (const JournalOrder& o : orders) {
        document.push_back(document_of(o));
        text += line_of(o);
    }
    if (orders.empty() && a.all) text = "No order stands in the journal " + journal.file() + ".\n";
    if (!a.all) {
        KMP_TRY(const std::int64_t planned, journal.count(OrderState::planned));
        if (orders.empty()) text = "Nothing is half done in the journal " + journal.file() + ".\n";
        if (planned > 0) text += base::counted(static_cast<std::uint64_t>(planned), "order") + " stood in a file or was begun and never asked for: nothing was charged (--all shows them).\n";
    }
    return show(a, document, text);
}

base::Status orders_show_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(Journal journal, open_journal(a, true));
    KMP_TRY(const auto orders, chosen(journal, request));
    const JournalOrder& order = orders.front();
    KMP_TRY(const auto steps, journal.steps(order));
    ordered_json document = document_of(order);
    document["steps"] = ordered_json::array();
    std::string text = "Order " + order.id.text() + ": " + describe(order) + (order.customer ? ", customer " + order.customer->text() : "") +
                       (order.count > 0 ? ", purchase count " + std::to_string(order.count) : "") + "\n";
    for (const JournalStep& s : steps) {
        document["steps"].push_back({{"at", base::to_rfc3339(s.at)}, {"state", name(s.state)}, {"said", s.said}});
        text += "  " + time_text(s.at) + "  " + std::string(words(s.state, order.by_card)) + (s.said.empty() ? "" : " (" + s.said + ")") + "\n";
    }
    return show(a, document, text);
}

namespace {

/// A line rarely reaches all the meters that a journal has: whether this one is there is asked before anything else, and once.
base::Result<OrderDone> finish(const JournalOrder& order, OrderDesk& desk, Line& line) {
    if (order.by_card) return base::Error{Code::refused, how_to_finish(order)};  // no line reaches a card
    if (const auto here = Dialogue(line, order.meter).confirm_address(); !here && here.error().code == Code::timeout)
        return base::Error{Code::timeout, "the meter does not answer on this line; the order stays as it was"};
    return desk.carry_out(order);
}

}  // namespace

base::Status orders_resume_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(Journal journal, open_journal(a, true));
    KMP_TRY(const auto orders, chosen(journal, request));
    if (orders.empty()) return show(a, ordered_json::array(), "Every order is finished.\n");
    KMP_TRY(Line line, Line::open(a.line));
    KMP_TRY(Platform platform, open_platform(a, std::move(request.pins)));
    OrderDesk desk(journal, platform, line);
    ordered_json document = ordered_json::array();
    std::string text, wrong;
    std::size_t failed = 0;
    for (const JournalOrder& order : orders) {
        const auto done = finish(order, desk, line);
        KMP_TRY(const JournalOrder now, journal.reload(order));
        document.push_back(document_of(now));
        if (!done) document.back()["error"] = done.error().message;
        if (done) {
            text += line_of(now);
            continue;
        }
        ++failed;
        if (wrong.empty()) wrong = "the " + describe(now) + ": " + done.error().message;
    }
    KMP_CHECK(show(a, document, text));
    if (failed == 0) return {};
    return {Code::refused, std::to_string(failed) + " of " + std::to_string(orders.size()) + " orders are not finished; first, " + wrong};
}

base::Status orders_void_command(const VendArguments& a, VendRequest request) {
    if (a.line.empty() && a.reader.empty()) return {Code::invalid_argument, "orders void: give --line, where the meter shows that it has not taken the order, or --reader with the order's card"};
    KMP_TRY(Journal journal, open_journal(a, true));
    KMP_TRY(auto orders, chosen(journal, request));
    JournalOrder order = orders.front();
    KMP_TRY(Platform platform, open_platform(a, std::move(request.pins)));
    VoidDesk desk(journal, platform);
    if (!a.line.empty()) {
        KMP_TRY(Line line, Line::open(a.line));
        KMP_CHECK(desk.on_line(order, line));
    } else {
        KMP_TRY(const auto reader, pcsc::open_reader(a.reader, kCardPatience));
        KMP_CHECK(desk.by_card(order, *reader));
    }
    return show(a, document_of(order), line_of(order));
}

base::Status orders_prove_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(Journal journal, open_journal(a, true));
    KMP_TRY(const auto orders, chosen(journal, request));
    const JournalOrder& order = orders.front();
    if (order.leaf.empty()) return {Code::refused, "the " + describe(order) + " has no receipt in this journal: kmpd never answered it, or an older version wrote it down"};
    KMP_TRY(Platform platform, open_platform(a, std::move(request.pins)));
    KMP_TRY(const wire::pb::ProveReply proved, platform.prove(order.receipt));
    if (proved.leaf_hash() != order.leaf)
        return {Code::tampered, "record " + std::to_string(order.receipt) + " of the log is not what the receipt of the " + describe(order) + " says: its leaf hash was " + base::to_hex(base::as_bytes(order.leaf)) + ", now it is " +
                                    base::to_hex(base::as_bytes(proved.leaf_hash())) + "; tell the auditor"};
    const std::string text = wire::tlog_proof(order.receipt, proved);
    KMP_CHECK(base::write_file_atomically(a.file, base::as_bytes(text), 0644));
    const std::string leaf = base::to_hex(base::as_bytes(order.leaf));
    return show(a, {{"order_id", order.id.text()}, {"file", a.file}, {"index", order.receipt}, {"leaf_hash", leaf}},
                "The proof that the " + describe(order) + " is record " + std::to_string(order.receipt) + " of the log is in " + a.file + ": kmp-audit verify-proof " + a.file + " --key KEY --leaf-hash " + leaf + "\n");
}

base::Status orders_export_command(const VendArguments& a, VendRequest) {
    KMP_TRY(const base::StationId station, base::StationId::parse(a.station));
    KMP_TRY(Journal journal, open_journal(a, true));
    KMP_TRY(const auto orders, journal.charged());
    KMP_TRY(const std::int64_t asked, journal.count(OrderState::asked));
    std::string text = sheet::csv_line({"order_id", "station", "meter", "amount", "kind", "state", "time"});
    for (const JournalOrder& o : orders)
        text += sheet::csv_line({o.id.text(), station.text(), o.meter.text(), o.amount.value_or(model::Fen()).yuan(), std::string(operation_name(o.kind)), o.state == OrderState::voided ? "voided" : "sold", base::to_rfc3339(o.changed)});
    // Nobody here knows whether they were charged, so they are in no ledger; the platform's log knows.
    const std::string open = asked == 0 ? "" : base::counted(static_cast<std::uint64_t>(asked), "order") + " that kmpd never answered " + (asked == 1 ? "is" : "are") + " not in it: kmp-vend orders resume first";
    if (a.file == "-") {
        if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return {Code::io_failed, "standard output takes nothing"};
        if (!open.empty()) std::fprintf(stderr, "kmp-vend: %s\n", open.c_str());
        return {};
    }
    KMP_CHECK(base::write_file_atomically(a.file, base::as_bytes(text), 0600));
    return show(a, {{"file", a.file}, {"orders", orders.size()}, {"unanswered", asked}}, "The ledger is in " + a.file + " (" + base::counted(orders.size(), "order") + ")." + (open.empty() ? "" : " " + open + ".") + "\n");
}

}  // namespace vending

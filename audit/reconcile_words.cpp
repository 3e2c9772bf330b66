#include "audit/reconcile_words.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "audit/text.h"
#include "audit/words.h"
#include "base/words.h"
#include "cli/table.h"
#include "sheet/csv.h"

namespace audit {
namespace {

using cli::grouped;
using cli::grouped_yuan;
using nlohmann::ordered_json;

constexpr std::size_t kOldestShown = 10;

std::string counted(std::uint64_t n, std::string_view one, std::string_view many = {}) {
    const std::string words = base::counted(n, one, many);
    return grouped(n) + words.substr(words.find(' '));
}

/// "3 days", "5 hours"
std::string age(base::Millis time) {
    if (time >= 2 * base::kDay) return counted(static_cast<std::uint64_t>(time / base::kDay), "day");
    return counted(static_cast<std::uint64_t>(std::max<base::Millis>(time, 0) / base::kHour), "hour");
}

std::string not_shown_text(const Reconciled& found, bool readings, bool list, const UtilityTime& time) {
    const auto& all = found.write_backs.not_shown;
    if (all.empty()) return readings ? "every order of these was shown as credited\n" : "";
    std::int64_t fen = 0;
    std::size_t cards = 0, read = 0;
    for (const auto& n : all) {
        fen += n.amount.value();
        cards += n.by_card;
        read += n.read;
    }
    std::string out = counted(all.size(), "order") + ", " + grouped_yuan(fen) + " yuan, " + (all.size() == 1 ? "was" : "were") + " not shown as credited by a meter since, the oldest for " +
                      age(found.write_backs.until - all.front().signed_at) + (cards != 0 ? "; " + grouped(cards) + " on cards" : "") + (readings ? "; at the reading " + grouped(read) + " had not arrived" : "") + "\n";
    if (!list) return out;
    cli::Table table({"  SIGNED", "METER", "COUNT", "YUAN", "BY", "ORDER"}, {2, 3});
    for (std::size_t i = 0; i < all.size() && i < kOldestShown; ++i)
        table.add({"  " + time.text(all[i].signed_at), meter_text(all[i].meter), std::to_string(all[i].count), all[i].amount.yuan(), all[i].by_card ? "card" : "remote",
                   all[i].order.text() + (all[i].wallet_ended ? " (its meter's wallet began anew since)" : all[i].read ? " (not there at the reading)" : "")});
    out += table.text();
    if (all.size() > kOldestShown) out += "  and " + grouped(all.size() - kOldestShown) + " newer ones (--json has all)\n";
    return out;
}

void add_sums(cli::Table& table, const std::string& of, const BothSides& sides) {
    const auto row = [&](const std::string& first, const char* side, const Sums& s) {
        table.add({first, side, grouped(s.orders), grouped_yuan(s.gross), grouped_yuan(s.voided), grouped_yuan(s.refunded), grouped_yuan(s.net())});
    };
    row(of, "ledger", sides.ledger);
    row("", "log", sides.log);
    const std::int64_t net = sides.ledger.net() - sides.log.net();
    if (sides.ledger.orders != sides.log.orders || net != 0) {
        const auto orders = static_cast<std::int64_t>(sides.ledger.orders) - static_cast<std::int64_t>(sides.log.orders);
        table.add({"", "difference", std::to_string(orders), grouped_yuan(sides.ledger.gross - sides.log.gross), grouped_yuan(sides.ledger.voided - sides.log.voided),
                   grouped_yuan(sides.ledger.refunded - sides.log.refunded), grouped_yuan(net)});
    }
}

std::string totals_text(const Reconciled& found, bool all) {
    std::string out;
    const auto section = [&](const char* title, const std::map<std::string, BothSides>& of, const char* unnamed) {
        cli::Table table({title, "SIDE", "ORDERS", "GROSS", "VOIDED", "REFUNDED", "NET"}, {2, 3, 4, 5, 6});
        for (const auto& [key, sides] : of)
            if (all || sides.ledger != sides.log) add_sums(table, key.empty() ? unnamed : clean_line(key), sides);
        if (!table.empty()) out += "\n" + table.text();
    };
    section("ALL", {{"together", found.all}}, "");
    section("STATION", found.stations, "");
    section("DAY", found.days, "not said");
    section("UKEY", found.ukeys, "not said");
    return out;
}

std::string notes_text(const ReconcileBasis& basis, const Reconciled& found) {
    std::string out;
    if (found.other_day != 0) out += counted(found.other_day, "order") + " stand" + (found.other_day == 1 ? "s" : "") + " in the ledger under another day than the log has\n";
    if (found.ledger_beyond != 0) out += counted(found.ledger_beyond, "row") + " of other periods or stations " + (found.ledger_beyond == 1 ? "was" : "were") + " not judged\n";
    if (found.without_money != 0) out += counted(found.without_money, "order") + " without money (replaced cards, empty wallets) " + (found.without_money == 1 ? "is" : "are") + " in the log alone, as it may be\n";
    std::string columns;
    for (const std::string& c : basis.ledger.not_compared) columns += (columns.empty() ? "" : ", ") + c;
    if (!columns.empty()) out += "not compared: " + columns + "\n";
    if (!found.differences.empty() && !found.only_in_log.empty()) {
        std::string names;
        for (const std::string& s : found.only_in_log) names += (names.empty() ? "" : ", ") + clean_line(s);
        out += "the ledger names nothing of " + names + ": give their ledgers too, or name the stations that are to be judged (--station)\n";
    }
    for (const base::Millis t : found.restored) out += "the log was restored from a backup at " + basis.log.time.text(t) + ": orders of before may be missing from it; ask the officers for the minutes\n";
    if (basis.log.first > 0) out += "the export begins with record " + std::to_string(basis.log.first) + ": what was signed before is not in it\n";
    return out;
}

std::string basis_text(const ReconcileBasis& basis) {
    return "log     " + basis.log.origin + ", records " + std::to_string(basis.log.first) + " to " + std::to_string(basis.verdict.size) + ", " + (basis.verdict.sound ? "sound" : "NOT SOUND") +
           (basis.verdict.rules_replayed ? "; " : ", the rules not replayed over all of it; ") +
           anchor_words(basis.verdict) + "\nperiod  " + basis.period_words + "\n";
}

ordered_json to_json(const Sums& s) {
    return {{"orders", s.orders}, {"gross_fen", s.gross}, {"voids", s.voids}, {"voided_fen", s.voided}, {"refunded_fen", s.refunded}, {"net_fen", s.net()}};
}
ordered_json to_json(const std::map<std::string, BothSides>& of) {
    ordered_json out = ordered_json::object();
    for (const auto& [key, sides] : of) out[key] = {{"ledger", to_json(sides.ledger)}, {"log", to_json(sides.log)}};
    return out;
}

ordered_json to_json(const Difference& d) {
    ordered_json out{{"kind", name(d.what)}, {"order_id", d.order->text()}, {"station", d.station}, {"meter", meter_text(d.meter)}};
    if (!d.place.empty()) out["ledger"] = d.place;
    if (d.index) out["record"] = *d.index;
    if (d.signed_at) out["signed_at"] = base::to_rfc3339(*d.signed_at);
    if (d.ledger_amount) out["ledger_fen"] = d.ledger_amount->value();
    if (d.log_amount) out["log_fen"] = d.log_amount->value();
    out["message"] = d.message;
    return out;
}

ordered_json to_json(const WriteBacks::Result& w) {
    ordered_json out{{"meters_read", w.meters_read}, {"not_shown", ordered_json::array()}, {"contradictions", ordered_json::array()}};
    for (const auto& n : w.not_shown)
        out["not_shown"].push_back({{"order_id", n.order.text()}, {"station", n.station}, {"meter", meter_text(n.meter)}, {"purchase_count", n.count}, {"amount_fen", n.amount.value()}, {"record", n.index},
                                    {"signed_at", base::to_rfc3339(n.signed_at)}, {"by_card", n.by_card}, {"wallet_ended", n.wallet_ended}, {"not_at_reading", n.read}});
    for (const auto& c : w.contradictions) {
        out["contradictions"].push_back({{"kind", name(c.what)}, {"meter", meter_text(c.meter)}, {"message", c.message}});
        if (c.index) out["contradictions"].back()["record"] = *c.index;
    }
    return out;
}

}  // namespace

std::string anchor_words(const Verdict& verdict) {
    return "trust anchor SHA-256 " + verdict.anchor_fingerprint + (verdict.anchor_from_export ? ", taken from the log itself: compare it with the ceremony's, or give --certificate" : "");
}

std::string verdict_line(const Reconciled& found) {
    std::string out;
    if (!found.differences.empty()) {
        out = counted(found.differences.size(), "difference") + " between the ledger and the log";
        if (const std::int64_t net = found.all.ledger.net() - found.all.log.net(); net != 0)
            out += "; the ledger has " + grouped_yuan(net < 0 ? -net : net) + " yuan " + (net < 0 ? "less" : "more");
    }
    if (!found.write_backs.clean()) out += (out.empty() ? "" : "; ") + counted(found.write_backs.contradictions.size(), "thing") + " that meters show speak" + (found.write_backs.contradictions.size() == 1 ? "s" : "") + " against the log";
    return out;
}

std::string in_words(const ReconcileBasis& basis, const Reconciled& found, bool all_totals) {
    std::string out;
    if (found.differences.empty()) {
        const std::uint64_t sold = found.all.log.orders - found.all.log.voids;
        const bool nothing = found.ledger_rows == 0 && found.all.log.orders == 0;
        out = counted(sold, "order") + ", " + grouped_yuan(found.all.log.net()) + " yuan: " + (nothing ? "neither the ledger nor the log has one\n" : "the ledger and the log agree\n");
    }
    for (const Difference& d : found.differences) {
        std::string kind(name(d.what));
        std::ranges::replace(kind, '_', ' ');
        out += kind + ": " + clean_line(d.message) + "\n";
    }
    for (const auto& c : found.write_backs.contradictions) out += (c.index ? "record " + std::to_string(*c.index) + ": " : "") + clean_line(c.message) + "\n";
    out += not_shown_text(found, basis.readings, basis.readings || all_totals, basis.log.time);
    out += notes_text(basis, found);
    if (all_totals || !found.differences.empty()) out += totals_text(found, all_totals) + "\n";
    return out + basis_text(basis);
}

std::string in_json(const ReconcileBasis& basis, const Reconciled& found) {
    ordered_json out{{"agrees", found.agrees()},
                     {"log", {{"origin", basis.log.origin}, {"utility", basis.log.utility}, {"first", basis.log.first}, {"size", basis.verdict.size}, {"root", base::to_hex(basis.verdict.root)}, {"sound", basis.verdict.sound}, {"rules_replayed", basis.verdict.rules_replayed},
                              {"findings", basis.verdict.finding_count}, {"trust_anchor_sha256", basis.verdict.anchor_fingerprint}, {"trust_anchor_from_export", basis.verdict.anchor_from_export}}},
                     {"period", basis.period_words},
                     {"stations_judged", basis.stations},
                     {"ledger_rows", found.ledger_rows},
                     {"ledger_rows_beyond", found.ledger_beyond},
                     {"matched", found.matched},
                     {"on_another_day", found.other_day},
                     {"without_money", found.without_money},
                     {"columns_not_compared", basis.ledger.not_compared},
                     {"differences", ordered_json::array()}};
    for (const Difference& d : found.differences) out["differences"].push_back(to_json(d));
    out["totals"] = {{"ledger", to_json(found.all.ledger)}, {"log", to_json(found.all.log)}};
    out["stations"] = to_json(found.stations);
    out["days"] = to_json(found.days);
    out["ukeys"] = to_json(found.ukeys);
    out["restored"] = ordered_json::array();
    for (const base::Millis t : found.restored) out["restored"].push_back(base::to_rfc3339(t));
    out["write_backs"] = to_json(found.write_backs);
    return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string in_csv(const ReconcileBasis& basis, const Reconciled& found) {
    std::string out = sheet::csv_line({"kind", "order_id", "station", "meter", "ledger", "ledger_amount", "record", "signed_at", "log_amount", "message"});
    const auto yuan = [](const std::optional<model::Fen>& amount) { return amount ? amount->yuan() : std::string(); };
    for (const Difference& d : found.differences)
        out += sheet::csv_line({std::string(name(d.what)), d.order->text(), sheet::defused(d.station), meter_text(d.meter), sheet::defused(d.place), yuan(d.ledger_amount), d.index ? std::to_string(*d.index) : "",
                                d.signed_at ? basis.log.time.text(*d.signed_at) : "", yuan(d.log_amount), sheet::defused(d.message)});
    for (const auto& c : found.write_backs.contradictions)
        out += sheet::csv_line({std::string(name(c.what)), "", "", meter_text(c.meter), "", "", c.index ? std::to_string(*c.index) : "", "", "", sheet::defused(c.message)});
    return out;
}

}  // namespace audit

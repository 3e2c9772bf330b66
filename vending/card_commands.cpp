#include "vending/card_commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/fd.h"
#include "cli/command_line.h"
#include "vending/card_desk.h"
#include "vending/vend_station.h"

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;
using nlohmann::ordered_json;

constexpr std::size_t kMaxTariffFile = 64 * 1024;
constexpr std::uint32_t kFlagParameters = 0x80;  // SUITE.md 5.1, update flag
constexpr std::uint32_t kFlagTariffs = 0x01;
constexpr std::uint32_t kFlagNextTariffs = 0x02;
constexpr std::uint32_t kFlagLadder = 0x04;
constexpr std::uint32_t kFlagNextLadder = 0x08;
constexpr std::int64_t kMaxAlarm = 99'999'999;   // 4 BCD bytes

base::Error usage(const std::string& what) { return {Code::invalid_argument, what}; }

base::Result<model::MeterNumber> read_meter(const VendArguments& a) {
    const auto meter = model::MeterNumber::parse(a.meter);
    if (!meter || meter->number() == 0) return usage("--meter '" + a.meter + "': it takes the 12-digit number");
    return *meter;
}

base::Result<std::int64_t> read_alarm(const char* option, const std::string& text) {
    if (text.empty()) return std::int64_t{0};
    auto amount = model::Fen::parse_yuan(text);
    if (!amount) return std::move(amount).error().in(option);
    if (amount->value() > kMaxAlarm) return usage(std::string(option) + ": at most 999999.99 yuan");
    return amount->value();
}

/// "2026-12-01 00:00" as YYMMDDhhmm.
base::Result<std::string> read_switch(const std::string& text) {
    if (text.empty()) return std::string();
    const base::Error bad = usage("--tariff-switch '" + text.substr(0, 32) + "': it takes a time as '2026-12-01 00:00'");
    if (text.size() != 16 || !text.starts_with("20") || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':') return bad;
    if (!base::from_rfc3339(text.substr(0, 10) + "T" + text.substr(11) + ":00Z")) return bad;
    const auto bytes = base::from_hex(text.substr(2, 2) + text.substr(5, 2) + text.substr(8, 2) + text.substr(11, 2) + text.substr(14, 2));
    if (!bytes) return bad;
    return std::string(base::as_text(*bytes));
}

/// The file's bytes, or nothing where none is wanted; sets what the update flag says of it.
base::Result<std::string> read_tariff(CardFile file, const std::string& path, std::uint32_t price_flag, std::uint32_t ladder_flag, pb::CardParameters& parameters) {
    if (path.empty()) return std::string();
    KMP_TRY(const base::Bytes text, base::read_file(path, kMaxTariffFile));
    auto tariff = parse_tariff(base::as_text(text));
    if (!tariff) return std::move(tariff).error().in(path);
    auto bytes = encode_tariff(file, *tariff);
    if (!bytes) return std::move(bytes).error().in(path);
    parameters.set_update_flag(parameters.update_flag() | (tariff->prices.empty() ? 0 : price_flag) | (tariff->ladder_limits.empty() ? 0 : ladder_flag));
    return bytes;
}

base::Status read_parameters(const CardArguments& c, CardSale& sale) {
    pb::CardParameters& p = sale.parameters;
    KMP_TRY(const std::int64_t alarm1, read_alarm("--alarm1", c.alarm1));
    KMP_TRY(const std::int64_t alarm2, read_alarm("--alarm2", c.alarm2));
    KMP_TRY(const std::string at, read_switch(c.tariff_switch));
    const int given = !c.alarm1.empty() + !c.alarm2.empty() + (c.current_ratio != 0) + (c.voltage_ratio != 0);
    // One flag stands for all four on the card: what is left out would set the meter's to zero.
    if (given != 0 && given != 4) return usage("--alarm1, --alarm2, --current-ratio and --voltage-ratio change together: give all four");
    p.set_alarm1_fen(alarm1);
    p.set_alarm2_fen(alarm2);
    p.set_current_ratio(std::max(c.current_ratio, 1u));
    p.set_voltage_ratio(std::max(c.voltage_ratio, 1u));
    p.set_update_flag(given == 4 ? kFlagParameters : 0);
    if (c.next_tariffs.empty() != at.empty()) return usage("--next-tariffs and --tariff-switch go together: what comes, and when");
    p.set_tariff_switch(at);
    KMP_TRY(sale.tariffs, read_tariff(CardFile::tariffs, c.tariffs, kFlagTariffs, kFlagLadder, p));
    KMP_TRY(sale.next_tariffs, read_tariff(CardFile::next_tariffs, c.next_tariffs, kFlagNextTariffs, kFlagNextLadder, p));
    return {};
}

base::Result<CardSale> read_sale(const VendArguments& a, const CardArguments& c, pb::OrderKind kind) {
    CardSale out;
    out.kind = kind;
    KMP_TRY(out.meter, read_meter(a));
    if (!a.customer.empty()) {
        auto customer = model::CustomerNumber::parse(a.customer);
        if (!customer || customer->number() == 0) return usage("--customer '" + a.customer + "': it takes 12 digits, not all of them 0");
        out.customer = *customer;
    }
    if (!out.customer && kind != pb::RECHARGE) return usage("--customer is needed: whose card is it?");
    if (kind != pb::REPLACE_CARD) {
        auto amount = model::Fen::parse_yuan(a.amount);
        if (!amount) return std::move(amount).error().in("--amount");
        out.amount = *amount;
    }
    out.repeated = !a.order_id.empty();
    if (out.repeated) {
        auto order = base::Uuid::parse(a.order_id);
        if (!order) return usage("--order-id '" + a.order_id + "': it takes a UUID of version 7, as an earlier run printed it");
        out.order = *order;
    } else {
        out.order = base::Uuid::make_v7(base::SystemClock().now());
    }
    KMP_CHECK(read_parameters(c, out));
    return out;
}

ordered_json document(const CardSeen& seen, const std::string& meter) {
    ordered_json out{{"serial", seen.serial}, {"blank", seen.blank}};
    if (seen.blank) return out;
    out["meter"] = meter;
    out["customer"] = seen.parameters ? ordered_json(seen.parameters->customer.text()) : ordered_json(nullptr);
    out["card_type"] = seen.parameters ? ordered_json(static_cast<unsigned>(seen.parameters->type)) : ordered_json(nullptr);
    out["wallet"] = {{"amount_fen", seen.wallet.amount.value()}, {"purchase_count", seen.wallet.count}, {"untaken", seen.untaken}};
    out["write_back"] = nullptr;
    if (!seen.write_back) return out;
    const WriteBack& w = *seen.write_back;
    out["write_back"] = {{"meter", w.meter.text()}, {"customer", w.customer.text()}, {"balance_fen", w.balance.value()}, {"purchase_count", w.count}, {"key_state", w.key_state},
                         {"key_version", w.key_version}, {"illegal_insertions", w.illegal_insertions}, {"time", w.time}, {"known_count", seen.known_count}, {"contradiction", seen.contradiction}};
    return out;
}

std::string_view name(CardType type) {
    switch (type) {
        case CardType::open_account: return "for opening an account";
        case CardType::purchase: return "for a purchase";
        case CardType::replacement: return "in the place of a lost one";
    }
    return "";
}

std::string text(const CardSeen& seen, const std::string& meter) {
    if (seen.blank) return "Card " + seen.serial + " is blank.\n";
    std::string out = "Card " + seen.serial + " of meter " + meter;
    if (seen.parameters) out += ", customer " + seen.parameters->customer.text() + ", " + std::string(name(seen.parameters->type));
    out += "; genuine.\nWallet: " + seen.wallet.amount.yuan() + " yuan, purchase count " + std::to_string(seen.wallet.count) + (seen.untaken ? ", not taken by the meter yet" : "") + ".\n";
    if (!seen.write_back) return out + "Write-back: empty.\n";
    const WriteBack& w = *seen.write_back;
    out += "Write-back: at " + w.time + " meter " + w.meter.text() + " of customer " + w.customer.text() + " had " + w.balance.yuan() + " yuan and purchase count " + std::to_string(w.count) + ", " +
           std::to_string(w.illegal_insertions) + " illegal insertions.\n";
    return out + (seen.contradiction.empty() ? "It fits the log.\n" : "It contradicts the log: " + seen.contradiction + ".\n");
}

base::Status sell(const VendArguments& a, const CardArguments& c, CardSale sale, wire::PinSource pins) {
    KMP_TRY(const auto reader, pcsc::open_reader(c.reader, std::chrono::seconds(c.wait_seconds)));
    KMP_TRY(Platform platform, open_platform(a, std::move(pins)));
    KMP_TRY(Journal journal, open_journal(a));
    KMP_TRY(const CardSold sold, CardDesk(journal, platform, *reader).carry_out(sale, a.order_id.empty()));
    const std::string what = sold.taken ? " was sold before, and its meter has taken it: " : sale.kind == pb::OPEN_ACCOUNT ? " opens the account of customer " + sold.customer.text() + ": " : sale.kind == pb::REPLACE_CARD ? " replaces a lost one: " : " carries a purchase: ";
    return show(a,
                {{"serial", sold.serial}, {"meter", sale.meter.text()}, {"customer", sold.customer.text()}, {"amount_fen", sold.amount.value()}, {"order_id", sale.order.text()},
                 {"purchase_count", sold.count}, {"personalised", sold.personalised}, {"repeated", sold.repeated}, {"taken", sold.taken}, {"receipt", sold.receipt}},
                "Card " + sold.serial + " of meter " + sale.meter.text() + what + sold.amount.yuan() + " yuan under purchase count " + std::to_string(sold.count) + ", order " + sale.order.text() + ".\n");
}

using Look = base::Result<CardSeen> (*)(Platform&, pcsc::CardReader&, model::MeterNumber, const CardArguments&);

base::Status look(const VendArguments& a, const CardArguments& c, model::MeterNumber meter, wire::PinSource pins, Look what, const char* ended) {
    KMP_TRY(const auto reader, pcsc::open_reader(c.reader, std::chrono::seconds(c.wait_seconds)));
    KMP_TRY(Platform platform, open_platform(a, std::move(pins)));
    KMP_TRY(const CardSeen seen, what(platform, *reader, meter, c));
    return show(a, document(seen, meter.text()), text(seen, meter.text()) + ended);
}

base::Status show_readers(const VendArguments& a) {
    KMP_TRY(const auto names, pcsc::list_readers());
    std::string lines;
    for (const auto& n : names) lines += n + "\n";
    return show(a, ordered_json(names), lines);
}

/// What `read` cannot make sense of is wrong usage; what `run` meets afterwards is a failure.
template <class Value>
int run_read(const VendArguments& a, base::Result<Value> value, const std::function<base::Status(Value, wire::PinSource)>& run) {
    auto pins = wire::PinSource::parse(a.pin_fds, {"ukey", "account"});
    if (!pins) return cli::complain("kmp-vend", pins.error(), cli::kWrongUsage);
    if (!value) return cli::complain("kmp-vend", value.error(), value.error().code == Code::invalid_argument ? cli::kWrongUsage : cli::kFailed);
    const auto done = run(std::move(*value), std::move(*pins));
    return done ? cli::kDone : cli::complain("kmp-vend", done.error(), cli::kFailed);
}

CardCommand seller(pb::OrderKind kind) {
    return [kind](const VendArguments& a, const CardArguments& c) {
        const pb::OrderKind meant = kind == pb::RECHARGE && c.open ? pb::OPEN_ACCOUNT : kind;
        return run_read<CardSale>(a, read_sale(a, c, meant), [&](CardSale sale, wire::PinSource pins) { return sell(a, c, std::move(sale), std::move(pins)); });
    };
}

CardCommand looker(Look what, const char* ended) {
    return [what, ended](const VendArguments& a, const CardArguments& c) {
        return run_read<model::MeterNumber>(a, read_meter(a), [&](model::MeterNumber meter, wire::PinSource pins) { return look(a, c, meter, std::move(pins), what, ended); });
    };
}

}  // namespace

void add_card_commands(CLI::App& app, VendArguments& a, CardArguments& c, CardCommand& chosen) {
    auto* card = app.add_subcommand("card", "Charging cards in a reader");
    card->require_subcommand(1);
    const auto add = [&](const char* command_name, const char* what, CardCommand command) {
        auto* added = card->add_subcommand(command_name, what);
        added->callback([&chosen, command] { chosen = command; });
        return added;
    };
    const auto add_for_card = [&](const char* command_name, const char* what, CardCommand command) {
        auto* added = add(command_name, what, std::move(command));
        added->add_option("--reader", c.reader, "The reader's name, as 'card readers' tells it, or auto: the only one")->required();
        added->add_option("--wait", c.wait_seconds, "Seconds to wait for a card")->capture_default_str()->check(CLI::Range(0, 3600));
        added->add_option("--meter", a.meter, "The number, 12 digits, of the meter whose card it is or becomes")->required();
        return added;
    };
    const auto add_sale = [&](const char* command_name, const char* what, pb::OrderKind kind) {
        auto* added = add_for_card(command_name, what, seller(kind));
        added->add_option("--order-id", a.order_id, "Finish or repeat an earlier sale: it is neither charged nor credited twice");
        added->add_option("--alarm1", c.alarm1, "First alarm amount for the meter, yuan");
        added->add_option("--alarm2", c.alarm2, "Second alarm amount, yuan");
        added->add_option("--current-ratio", c.current_ratio, "Of the current transformer")->check(CLI::Range(1, 999999));
        added->add_option("--voltage-ratio", c.voltage_ratio, "Of the voltage transformer")->check(CLI::Range(1, 999999));
        added->add_option("--tariffs", c.tariffs, "TOML file with prices and ladder that hold at once, as for 'tariff set'");
        added->add_option("--next-tariffs", c.next_tariffs, "TOML file with those to come");
        added->add_option("--tariff-switch", c.tariff_switch, "When they come, as '2026-12-01 00:00'");
        return added;
    };
    add("readers", "Name the readers of this machine", [](const VendArguments& args, const CardArguments&) {
        const auto done = show_readers(args);
        return done ? cli::kDone : cli::complain("kmp-vend", done.error(), cli::kFailed);
    });
    auto* sale = add_sale("sell", "Sell a purchase on a customer's card", pb::RECHARGE);
    sale->add_option("--amount", a.amount, "Yuan, as 50 or 12.34")->required();
    sale->add_option("--customer", a.customer, "The customer's 12-digit number [the one that stands on the card]");
    sale->add_flag("--open", c.open, "Open the customer's account, with a blank card");
    auto* replacement = add_sale("replace", "Make a blank card in the place of a lost one; it carries a purchase on that no meter has taken", pb::REPLACE_CARD);
    replacement->add_option("--customer", a.customer, "The customer's 12-digit number")->required();
    add_for_card("read", "Read a card, verified", looker([](Platform& platform, pcsc::CardReader& reader, model::MeterNumber meter, const CardArguments&) { return read_card(platform, reader, meter); }, ""));
    auto* erase = add_for_card("erase", "Make a card blank again", looker([](Platform& platform, pcsc::CardReader& reader, model::MeterNumber meter, const CardArguments& args) { return erase_card(platform, reader, meter, args.lose_purchase); },
                                                                          "It is blank now.\n"));
    erase->add_flag("--lose-purchase", c.lose_purchase, "Also when it holds a purchase that no meter has taken");
}

}  // namespace vending

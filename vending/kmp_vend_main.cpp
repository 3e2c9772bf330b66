// kmp-vend: a reference station. It stands between kmpd, which holds the keys, and the meters of one line or a card in a reader.
#include <google/protobuf/stubs/logging.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "cli/command_line.h"
#include "vending/card_commands.h"
#include "vending/reading.h"
#include "vending/vend_commands.h"
#include "wire/known_log.h"

namespace {

using vending::RelayCommand;
using vending::VendArguments;
using vending::VendRequest;

int complain(const base::Error& error, int code) { return cli::complain("kmp-vend", error, code); }

using Command = std::function<base::Status(const VendArguments&, VendRequest)>;

constexpr const char* kLineText = "serial:DEVICE[:BAUD], pty:DEVICE, tcp:HOST:PORT";
constexpr const char* kMeterText = "The meter's 12-digit number, or auto: the one meter on the line";

void add_line(CLI::App& command, VendArguments& a) {
    command.add_option("--line", a.line, kLineText)->required();
    command.add_option("--meter", a.meter, kMeterText)->required();
}

void add_keys(CLI::App& app, VendArguments& a, Command& chosen) {
    auto* keys = app.add_subcommand("keys", "Keys of meters, with a key UKEY");
    keys->require_subcommand(1);
    for (const auto& [name, text, move] : {std::tuple{"download", "Put the meter's private keys in the place of the factory set", vending::Move::download},
                                           std::tuple{"update", "Put private keys of the newest version in the place of older ones", vending::Move::update},
                                              std::tuple{"recover", "Put the factory set back: the platform sends this meter no private keys again unless an officer allows it", vending::Move::recover}}) {
        auto* command = keys->add_subcommand(name, text);
        command->add_option("--line", a.line, kLineText)->required();
        auto* which = command->add_option_group("which meters");
        which->add_option("--meter", a.meter, kMeterText);
        auto* many = which->add_option("--meters", a.meters, "FIRST-LAST, or a file with one number a line: many meters on one line");
        which->require_option(1);
        command->add_option("--result", a.result, "With --meters: a CSV that says what became of each")->needs(many);
        command->add_flag("--again", a.again, "With --meters: ask meters too that an earlier run has done")->needs(many);
        command->callback([&chosen, way = move] {
            chosen = [way](const VendArguments& args, VendRequest r) { return args.meters.empty() ? vending::move_keys_command(args, std::move(r), way) : vending::move_many_keys_command(args, std::move(r), way); };
        });
    }
}

/// What an order takes besides its meter.
struct OrderOptions {
    const char* name;
    const char* text;
    kmp::v1::OrderKind kind;
    enum class Customer { none, optional, required } customer;
    bool amount;
};
constexpr OrderOptions kOrders[] = {
    {"open", "Open a customer's account on a meter", kmp::v1::OPEN_ACCOUNT, OrderOptions::Customer::required, true},
    {"recharge", "Credit a meter", kmp::v1::RECHARGE, OrderOptions::Customer::optional, true},
    {"refund", "Take credit out of a meter, which must hold it", kmp::v1::REFUND, OrderOptions::Customer::optional, true},
    {"clear", "Take all credit out of a meter and close its account", kmp::v1::CLEAR, OrderOptions::Customer::optional, false},
    {"init-wallet", "Set the wallet of a meter that holds the factory keys, with a key UKEY; its purchase count becomes 0", kmp::v1::INITIALISE_WALLET, OrderOptions::Customer::none, true},
};

void add_order(CLI::App& remote, VendArguments& a, Command& chosen, const OrderOptions& order) {
    auto* command = remote.add_subcommand(order.name, order.text);
    add_line(*command, a);
    if (order.amount) command->add_option("--amount", a.amount, "Yuan, as 50 or 12.34")->required();
    if (order.customer != OrderOptions::Customer::none) {
        const bool required = order.customer == OrderOptions::Customer::required;
        command->add_option("--customer", a.customer, required ? "The customer's 12-digit number" : "The customer's 12-digit number [the one the meter belongs to]")->required(required);
    }
    command->add_option("--order-id", a.order_id, "Repeat an earlier order: it is neither charged nor credited twice");
    command->callback([&chosen, kind = order.kind] { chosen = [kind](const VendArguments& args, VendRequest r) { return vending::purchase_command(args, std::move(r), kind); }; });
}

void add_relay(CLI::App& remote, VendArguments& a, Command& chosen, const char* name, const char* text, RelayCommand command) {
    auto* sub = remote.add_subcommand(name, text);
    add_line(*sub, a);
    sub->callback([&chosen, command] { chosen = [command](const VendArguments& args, VendRequest r) { return vending::relay_command(args, std::move(r), command); }; });
}

/// A relay command with a word behind it: on or off.
void add_switch(CLI::App& remote, VendArguments& a, Command& chosen, const char* name, const char* text, RelayCommand on, RelayCommand off) {
    auto* sub = remote.add_subcommand(name, text);
    sub->require_subcommand(1);
    add_relay(*sub, a, chosen, "on", "Switch it on", on);
    add_relay(*sub, a, chosen, "off", "Switch it off", off);
}

CLI::App* add_command(CLI::App& under, VendArguments& a, Command& chosen, const char* name, const char* text, base::Status (*run)(const VendArguments&, VendRequest)) {
    auto* command = under.add_subcommand(name, text);
    add_line(*command, a);
    command->callback([&chosen, run] { chosen = run; });
    return command;
}

void add_remote(CLI::App& app, VendArguments& a, Command& chosen) {
    auto* remote = app.add_subcommand("remote", "Remote vending, with a user UKEY");
    remote->require_subcommand(1);
    for (const OrderOptions& order : kOrders) add_order(*remote, a, chosen, order);
    add_command(*remote, a, chosen, "status", "Read a meter's balance and count, verified", vending::status_command);
    add_command(*remote, a, chosen, "read-back", "Read the wallet of a meter's secure element, verified", vending::read_back_command);
    add_command(*remote, a, chosen, "end", "End an authentication, and hear what the meter says of itself", vending::end_command);
    auto* read = add_command(*remote, a, chosen, "read", "Read registers of a meter, in words; plain, so nothing proves what it says", vending::read_command);
    std::string names;
    for (const std::string_view name : vending::reading_names()) names += (names.empty() ? "" : ", ") + std::string(name);
    read->add_option("NAME", a.values, names)->required();
    auto* validity = add_command(*remote, a, chosen, "validity", "Set how long an authentication holds", vending::validity_command);
    validity->add_option("MINUTES", a.minutes, "1 to 9999")->required()->check(CLI::Range(1, 9999));
    auto* batch = remote->add_subcommand("batch", "Carry out the orders of a CSV file: meter, customer, operation, amount and, where wanted, order_id");
    batch->add_option("ORDERS", a.file, "The file; run again, it goes on where it was cut off, and credits nothing twice")->required();
    batch->add_option("--result", a.result, "A CSV that says what became of each order")->required();
    batch->add_option("--line", a.line, kLineText)->required();
    batch->callback([&chosen] { chosen = vending::batch_command; });
    add_relay(*remote, a, chosen, "trip", "Switch a customer off", RelayCommand::trip);
    add_relay(*remote, a, chosen, "allow-close", "Allow the customer to close the relay at the meter", RelayCommand::allow_closing);
    add_relay(*remote, a, chosen, "close", "Switch a customer on again", RelayCommand::close);
    add_switch(*remote, a, chosen, "keep-power", "Guarantee the supply: while it is on the meter does not trip", RelayCommand::keep_power_on, RelayCommand::keep_power_off);
    add_switch(*remote, a, chosen, "alarm", "The meter's alarm", RelayCommand::alarm_on, RelayCommand::alarm_off);
}

void add_settings(CLI::App& app, VendArguments& a, Command& chosen) {
    auto* parameters = app.add_subcommand("parameters", "Parameters of meters, with a user UKEY");
    parameters->require_subcommand(1);
    auto* set = add_command(*parameters, a, chosen, "set", "Set parameters, and read them again", vending::parameters_command);
    set->add_option("NAME VALUE", a.values, "alarm1, alarm2, overdraft, hoarding: yuan; current-ratio, voltage-ratio: a number; clock: now, or '2026-11-22 08:30:00'")->required();
    set->add_option("--class", a.parameter_class, "1: plain with a MAC; 2: encrypted [the usual one of each]")->check(CLI::Range(1, 2));
    auto* tariff = app.add_subcommand("tariff", "Tariffs of meters, with a user UKEY");
    tariff->require_subcommand(1);
    auto* file = add_command(*tariff, a, chosen, "set", "Write the tables of a tariff file and the times at which they come in force, and read them again", vending::tariff_command);
    file->add_option("FILE", a.file, "TOML: prices, ladder, days, seasons, switch (docs/VENDING.md)")->required();
}

void add_orders(CLI::App& app, VendArguments& a, Command& chosen) {
    auto* orders = app.add_subcommand("orders", "The station's own order journal");
    orders->require_subcommand(1);
    auto* list = orders->add_subcommand("list", "Orders that are not finished");
    list->add_flag("--all", a.all, "The newest hundred, finished or not");
    list->callback([&chosen] { chosen = vending::orders_list_command; });
    auto* show = orders->add_subcommand("show", "One order, with each state it went through");
    show->add_option("ORDER", a.order_id, "Its id")->required();
    show->callback([&chosen] { chosen = vending::orders_show_command; });
    auto* resume = orders->add_subcommand("resume", "Finish what was left half done, under the same order ids: nothing is charged or credited twice");
    resume->add_option("ORDER", a.order_id, "One order's id [every unfinished one]");
    resume->add_option("--line", a.line, kLineText)->required();
    resume->callback([&chosen] { chosen = vending::orders_resume_command; });
    auto* take_back = orders->add_subcommand("void", "Take an order back that its meter never took; the meter, or the order's card, proves it");
    take_back->add_option("ORDER", a.order_id, "Its id")->required();
    auto* line = take_back->add_option("--line", a.line, kLineText);
    take_back->add_option("--reader", a.reader, "The reader that has the card on which the order lies, as 'card readers' names it, or auto: the only one")->excludes(line);
    take_back->callback([&chosen] { chosen = vending::orders_void_command; });
    auto* prove = orders->add_subcommand("prove", "Write a file that shows anybody with the platform's checkpoint key that an order is in its log");
    prove->add_option("ORDER", a.order_id, "Its id")->required();
    prove->add_option("FILE", a.file, "The file; kmp-audit verify-proof checks it")->required();
    prove->callback([&chosen] { chosen = vending::orders_prove_command; });
    auto* books = orders->add_subcommand("export", "Write the station's ledger: a CSV of every order that kmpd has charged, for kmpctl audit reconcile");
    books->add_option("FILE", a.file, "- for standard output")->required();
    books->add_option("--station", a.station, "The station's name, as it is in the platform's log")->required();
    books->callback([&chosen] { chosen = vending::orders_export_command; });
}

void add_log(CLI::App& app, Command& chosen) {
    auto* log = app.add_subcommand("log", "What this station knows of the platform's log: its key, and the newest checkpoint that it saw");
    log->require_subcommand(1);
    log->add_subcommand("show", "Print both; the checkpoint is one that the auditor can use")->callback([&chosen] { chosen = vending::log_show_command; });
    log->add_subcommand("forget", "Put them aside, once the auditor has said why the log was set back or its key is another")->callback([&chosen] { chosen = vending::log_forget_command; });
}

/// A station's PIN is never tried on an engineer's UKEY that happens to be the only one plugged in. A file of orders may need either.
std::string looked_for(const CLI::App& app) {
    const CLI::App* room = app.get_subcommands().front();
    if (room->get_name() == "keys") return "key";
    if (room->get_name() == "orders" || room->get_name() == "log") return "";
    const std::string command = room->get_subcommands().empty() ? "" : room->get_subcommands().front()->get_name();
    if (command == "init-wallet") return "key";
    return command == "batch" ? "" : "user";
}

/// ok when account, UKEY, socket and machine fit together. invalid_argument.
base::Status check_way(const VendArguments& a) {
    if (a.connect.empty() && !a.account.empty() && !a.ukey.empty()) return {base::Code::invalid_argument, "--account excludes --ukey, unless --connect names a machine to which the UKEY proves the station"};
    if (!a.connect.empty() && a.ukey.empty() && !a.socket.empty()) return {base::Code::invalid_argument, "--connect excludes --socket, unless --ukey names the UKEY by which the kmpd there proves the station"};
    return {};
}

int start(int argc, char** argv) {
    VendArguments arguments;
    vending::CardArguments card;
    Command chosen;
    vending::CardCommand chosen_for_card;
    CLI::App app("A reference vending station of the key management platform", "kmp-vend");
    app.require_subcommand(1);
    app.fallthrough();
    auto* home = app.add_option("--home", arguments.home, "The platform's home folder [$KMP_HOME; for root /var/lib/kmp with its sockets in /run/kmp; for others $XDG_STATE_HOME/kmp or ~/.local/state/kmp]");
    app.add_option("--socket", arguments.socket, "kmpd's station socket, in the place of the home's")->excludes(home);
    app.add_option("--ukey", arguments.ukey, "Serial of the UKEY [the only one present]; with --connect: the local kmpd proves this station by it, in the place of a password");
    auto* account = app.add_option("--account", arguments.account, "A network account, in the place of a UKEY");
    auto* network = app.add_option("--connect", arguments.connect, "HOST:PORT of the network encryption machine, over TLS 1.3, in the place of a local kmpd")->needs(account);
    auto* trust = app.add_option("--trust", arguments.trust, "With --connect: PEM file with the platform's trust anchor, as the officer gave it")->needs(network);
    network->needs(trust);
    app.add_option("--pin-fd", arguments.pin_fds, "ukey=N or account=N: read the UKEY's PIN, or the account's password, from descriptor N")->type_name("ROLE=N")->allow_extra_args(false);
    app.add_flag("--json", arguments.json, "Print one JSON document");
    app.add_flag("-v,--verbose", arguments.verbose, "Say each step");
    app.add_option("--journal", arguments.journal, "The station's order journal [HOME/vend/orders.db]");
    app.add_option("--log", arguments.log, "File of what is known of the platform's log; it must go on from that [beside the journal, one for each service]");
    app.add_option("--log-key", arguments.log_key, "The key of the log's checkpoints, or a file with it, as the auditor gave it [the one of the first contact]");
    app.add_option("--die-at", arguments.die_at, "")->group("");  // for tests of what a crash leaves behind
    add_keys(app, arguments, chosen);
    add_remote(app, arguments, chosen);
    vending::add_card_commands(app, arguments, card, chosen_for_card);
    add_settings(app, arguments, chosen);
    add_orders(app, arguments, chosen);
    add_log(app, chosen);
    if (const auto ended = cli::parse(app, argc, argv)) return *ended;
    if (auto good = check_way(arguments); !good) return complain(good.error(), cli::kWrongUsage);
    if (!arguments.log_key.empty()) {
        auto key = wire::KnownLog::key_of(arguments.log_key);
        if (!key) return complain(std::move(key).error().in("--log-key"), cli::kWrongUsage);
        arguments.log_key = std::move(*key);
    }
    arguments.kind = looked_for(app);
    if (chosen_for_card) return chosen_for_card(arguments, card);
    auto request = vending::read_arguments(arguments);
    if (!request) return complain(request.error(), cli::kWrongUsage);
    if (auto done = chosen(arguments, std::move(*request)); !done) return complain(done.error(), cli::kFailed);
    return cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    std::signal(SIGPIPE, SIG_IGN);
    google::protobuf::SetLogHandler(nullptr);
    return cli::run("kmp-vend", [&] { return start(argc, argv); });
}

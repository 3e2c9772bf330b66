// kmp-vend: a reference station. It stands between kmpd, which holds the keys, and the meters of one line or a card in a reader.
#include <google/protobuf/stubs/logging.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "cli/command_line.h"
#include "vending/card_commands.h"
#include "vending/vend_commands.h"

namespace {

using vending::RelayCommand;
using vending::VendArguments;
using vending::VendRequest;

int complain(const base::Error& error, int code) { return cli::complain("kmp-vend", error, code); }

using Command = std::function<base::Status(const VendArguments&, VendRequest)>;

void add_line(CLI::App& command, VendArguments& a) {
    command.add_option("--line", a.line, "serial:DEVICE[:BAUD], pty:DEVICE, tcp:HOST:PORT")->required();
    command.add_option("--meter", a.meter, "The meter's 12-digit number, or auto: the one meter on the line")->required();
}

void add_keys(CLI::App& app, VendArguments& a, Command& chosen) {
    auto* keys = app.add_subcommand("keys", "Keys of meters, with a key UKEY");
    keys->require_subcommand(1);
    for (const auto& [name, text, move] : {std::tuple{"download", "Put the meter's private keys in the place of the factory set", vending::Move::download},
                                           std::tuple{"update", "Put private keys of the newest version in the place of older ones", vending::Move::update},
                                              std::tuple{"recover", "Put the factory set back, for good: the platform sends this meter no private keys again", vending::Move::recover}}) {
        auto* command = keys->add_subcommand(name, text);
        add_line(*command, a);
        command->callback([&chosen, way = move] { chosen = [way](const VendArguments& args, VendRequest r) { return vending::move_keys_command(args, std::move(r), way); }; });
    }
}

void add_purchase(CLI::App& remote, VendArguments& a, Command& chosen, const char* name, const char* text, kmp::v1::OrderKind kind) {
    auto* command = remote.add_subcommand(name, text);
    add_line(*command, a);
    command->add_option("--amount", a.amount, "Yuan, as 50 or 12.34")->required();
    auto* customer = command->add_option("--customer", a.customer, "The customer's 12-digit number");
    if (kind == kmp::v1::OPEN_ACCOUNT) customer->required();
    else customer->description("The customer's 12-digit number [the one the meter belongs to]");
    command->add_option("--order-id", a.order_id, "Repeat an earlier order: it is neither charged nor credited twice");
    command->callback([&chosen, kind] { chosen = [kind](const VendArguments& args, VendRequest r) { return vending::purchase_command(args, std::move(r), kind); }; });
}

void add_relay(CLI::App& remote, VendArguments& a, Command& chosen, const char* name, const char* text, RelayCommand command, const char* flag, const char* flag_text, RelayCommand with_flag) {
    auto* sub = remote.add_subcommand(name, text);
    add_line(*sub, a);
    const CLI::Option* option = flag == nullptr ? nullptr : sub->add_flag(flag)->description(flag_text);
    sub->callback([&chosen, option, command, with_flag] {
        const RelayCommand meant = option != nullptr && option->count() > 0 ? with_flag : command;
        chosen = [meant](const VendArguments& args, VendRequest r) { return vending::relay_command(args, std::move(r), meant); };
    });
}

void add_remote(CLI::App& app, VendArguments& a, Command& chosen) {
    auto* remote = app.add_subcommand("remote", "Remote vending, with a user UKEY");
    remote->require_subcommand(1);
    add_purchase(*remote, a, chosen, "open", "Open a customer's account on a meter", kmp::v1::OPEN_ACCOUNT);
    add_purchase(*remote, a, chosen, "recharge", "Credit a meter", kmp::v1::RECHARGE);
    auto* status = remote->add_subcommand("status", "Read a meter's balance and count, verified");
    add_line(*status, a);
    status->callback([&chosen] { chosen = vending::status_command; });
    add_relay(*remote, a, chosen, "trip", "Switch a customer off", RelayCommand::trip, nullptr, nullptr, RelayCommand::trip);
    add_relay(*remote, a, chosen, "close", "Switch a customer on again", RelayCommand::close, "--allow", "Only allow the customer to close it at the meter", RelayCommand::allow_closing);
    add_relay(*remote, a, chosen, "keep-power", "Forbid tripping: the supply is guaranteed", RelayCommand::keep_power_on, "--off", "Allow tripping again", RelayCommand::keep_power_off);
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
    auto* ukey = app.add_option("--ukey", arguments.ukey, "Serial of the UKEY [the only one present]");
    app.add_option("--account", arguments.account, "A network account, in the place of a UKEY")->excludes(ukey);
    app.add_option("--pin-fd", arguments.pin_fds, "ukey=N or account=N: read the UKEY's PIN, or the account's password, from descriptor N")->type_name("ROLE=N")->allow_extra_args(false);
    app.add_flag("--json", arguments.json, "Print one JSON document");
    app.add_flag("-v,--verbose", arguments.verbose, "Say each step");
    add_keys(app, arguments, chosen);
    add_remote(app, arguments, chosen);
    vending::add_card_commands(app, arguments, card, chosen_for_card);
    if (const auto ended = cli::parse(app, argc, argv)) return *ended;
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

// kmp-meter: an emulated meter on a line, and small tools around it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/command_line.h"
#include "meter/bus.h"
#include "meter/card/card_commands.h"
#include "meter/describe.h"
#include "meter/line.h"
#include "meter/low_grade_meter.h"
#include "meter/state_file.h"

namespace {

using namespace meter;

int fail(const base::Error& error) { return cli::complain("kmp-meter", error, cli::kFailed); }

struct RunOptions {
    std::string line;
    std::vector<std::string> numbers;
    std::vector<std::string> states;
    LineSettings settings;
    std::uint32_t hoarding_limit = Wallet{}.hoarding_limit;
    int validity_minutes = 5;
    int clock_offset_minutes = 0;
    Faults faults;
    std::string error_word;
};

/// One meter with the file it lives in.
base::Result<std::pair<MeterState, StateFile>> wake(const std::string& number, const std::string& path, std::uint32_t hoarding_limit) {
    KMP_TRY(const dlt645::Address address, dlt645::Address::parse(number));
    KMP_CHECK(check_number(address));
    KMP_TRY(StateFile file, StateFile::claim(path));
    auto stored = load_state(path);
    if (!stored && stored.error().code != base::Code::not_found) return stored.error();
    if (stored && stored->number != address)
        return base::Error{base::Code::conflict, path + " holds meter " + stored->number.text() + ", not " + address.text()};
    MeterState state = stored ? std::move(*stored) : MeterState::fresh(address);
    const bool changed = !stored || state.wallet.hoarding_limit != hoarding_limit;
    state.wallet.hoarding_limit = hoarding_limit;
    if (changed) KMP_CHECK(file.save(state));
    return std::pair(std::move(state), std::move(file));
}

int run(RunOptions options) {
    const auto line = parse_line(options.line);
    const auto error_word = base::from_hex(options.error_word);
    const auto misuse = [](const std::string& what) { return cli::complain("kmp-meter", {base::Code::invalid_argument, what}, cli::kWrongUsage); };
    if (!line) return misuse(line.error().message);
    if (options.numbers.size() != options.states.size()) return misuse("give as many --state as --number");
    if (!error_word || error_word->size() > 2) return misuse("--error-word takes one or two bytes of hex");
    options.faults.error_once = *error_word;
    const base::SystemClock clock;
    const MeterSettings settings{options.validity_minutes * base::kMinute, options.clock_offset_minutes * base::kMinute};
    const auto trouble = [](const base::Error& error) { std::cerr << "kmp-meter: a change was not stored: " << error.message << std::endl; };
    std::vector<std::unique_ptr<StateFile>> files;  // outlive the meters that save into them
    std::vector<std::unique_ptr<Meter>> meters;
    for (std::size_t i = 0; i < options.numbers.size(); ++i) {
        auto woken = wake(options.numbers[i], options.states[i], options.hoarding_limit);
        if (!woken) return fail(woken.error());
        files.push_back(std::make_unique<StateFile>(std::move(woken->second)));
        meters.push_back(std::make_unique<LowGradeMeter>(std::move(woken->first), *files.back(), clock, settings, trouble));
    }
    Bus bus(std::move(meters), options.faults);
    const auto served = serve(*line, options.settings, bus, [](std::string_view name) { std::cout << "ready " << name << std::endl; });
    return served ? 0 : fail(served.error());
}

int decode(const std::string& hex) {
    const auto bytes = base::from_hex(hex);
    if (!bytes) return fail(base::Error(bytes.error()).in("not a DL/T 645 frame"));
    const auto frame = dlt645::decode(*bytes);
    if (!frame) return fail(frame.error());
    std::cout << nlohmann::ordered_json{
        {"address", frame->address.text()},
        {"control", frame->control.code()},
        {"direction", frame->control.is_reply() ? "reply" : "request"},
        {"error", frame->control.is_error()},
        {"data", base::to_hex(frame->data)},
    } << '\n';
    return 0;
}

int show(const std::string& path, bool json) {
    const auto state = load_state(path);
    if (!state) return fail(state.error());
    std::cout << (json ? describe_json(*state) : describe(*state));
    return 0;
}

/// A real meter has no such door. The emulator's keys are test keys, or keys of a bench whose owner holds the file anyway.
int reveal_keys(const std::string& path) {
    const auto state = load_state(path);
    if (!state) return fail(state.error());
    for (std::size_t i = 0; i < kKeyCount; ++i) {
        std::string line = state->keys.with(static_cast<KeyId>(i), [](base::ByteView key) { return base::to_hex(key); });
        std::printf("%zu %s\n", i, line.c_str());
        base::wipe(line);
    }
    return 0;
}

int start(int argc, char** argv) {
    CLI::App app("An emulated prepayment meter on a DL/T 645 line.", "kmp-meter");
    app.require_subcommand(1);

    RunOptions options;
    CLI::App* run_command = app.add_subcommand("run", "Run one meter, or several on one line, until SIGTERM");
    run_command->add_option("--line", options.line, "pty[:LINK], tcp:[HOST:]PORT (0 picks a free one) or serial:DEVICE")->required();
    run_command->add_option("--number", options.numbers, "The meter's number, 12 digits; give it again for a further meter")
        ->required()->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    run_command->add_option("--state", options.states, "The file that the meter lives in; made new when it is not there")
        ->required()->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    run_command->add_option("--baud", options.settings.baud, "Speed of a serial line; 8 data bits, even parity")->capture_default_str();
    run_command->add_option("--hoarding-limit", options.hoarding_limit, "No purchase may lift the balance above this (0.01 yuan)")
        ->capture_default_str()->check(CLI::Range(0, 99'999'999));
    run_command->add_option("--validity", options.validity_minutes, "Minutes that an identity authentication holds")
        ->capture_default_str()->check(CLI::Range(1, 9999));
    run_command->add_option("--clock-offset", options.clock_offset_minutes, "The meter's clock is UTC and this many minutes")
        ->capture_default_str();
    // Faults, for tests of stations.
    run_command->add_option("--mute", options.faults.mute, "")->group("")->check(CLI::NonNegativeNumber);
    run_command->add_option("--deaf", options.faults.deaf, "")->group("")->check(CLI::NonNegativeNumber);
    run_command->add_option("--delay", options.settings.delay, "")->group("")->check(CLI::NonNegativeNumber);
    run_command->add_option("--error-word", options.error_word, "")->group("");

    std::string hex;
    CLI::App* decode_command = app.add_subcommand("decode", "Print a DL/T 645 frame as JSON");
    const CLI::Option* frame = decode_command->add_option("HEX", hex, "The whole frame, preamble or not")->required();

    std::string path;
    bool json = false;
    CLI::App* show_command = app.add_subcommand("show", "Say how a meter stands");
    show_command->add_option("--state", path, "The meter's file")->required();
    show_command->add_flag("--json", json, "One JSON document");

    bool reveal = false;
    CLI::App* keys_command = app.add_subcommand("keys", "Print the keys of an emulated meter; no real meter can do that");
    keys_command->add_option("--state", path, "The meter's file")->required();
    keys_command->add_flag("--reveal-keys", reveal, "Yes, write the keys to standard output")->required();

    const auto chosen_card_command = card::add_card_commands(app);

    if (const auto ended = cli::parse(app, argc, argv, {frame})) return *ended;
    if (const auto ended = chosen_card_command()) return *ended;
    if (run_command->parsed()) return run(std::move(options));
    if (decode_command->parsed()) return decode(hex);
    if (show_command->parsed()) return show(path, json);
    return reveal_keys(path);
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    return cli::run("kmp-meter", [&] { return start(argc, argv); });
}

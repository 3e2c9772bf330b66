// kmp-meter: an emulated meter on a line, and small tools around it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/command_line.h"
#include "meter/bus.h"
#include "meter/card/card_commands.h"
#include "meter/card/slot.h"
#include "meter/control.h"
#include "meter/describe.h"
#include "meter/household.h"
#include "meter/line.h"

namespace {

using namespace meter;

int fail(const base::Error& error) { return cli::complain("kmp-meter", error, cli::kFailed); }

void tell_trouble(const base::Error& error) { std::cerr << "kmp-meter: a change was not stored: " << error.message << std::endl; }

struct RunOptions {
    std::vector<std::string> lines;
    std::string pty;
    std::string infrared;
    std::optional<std::uint16_t> tcp;
    unsigned baud = 2400;
    std::vector<std::string> numbers;
    std::vector<std::string> states;
    std::string range;
    std::string states_folder;
    std::string grade = "low";
    LineSettings settings;
    Household::Wish wish;
    int validity_minutes = 5;
    int clock_offset_minutes = 0;
    std::uint32_t watts = 0;
    double speed = 1;
    Faults faults;
    std::string error_word;
};

constexpr std::size_t kMostMeters = 500;  // each holds files open
constexpr unsigned kInfraredBaud = 1200;

int misuse(const std::string& what) { return cli::complain("kmp-meter", {base::Code::invalid_argument, what}, cli::kWrongUsage); }

/// All doors that the options name. invalid_argument for one that is none.
base::Result<std::vector<LineSpec>> lines_of(const RunOptions& options) {
    std::vector<LineSpec> out;
    for (const std::string& text : options.lines) {
        KMP_TRY(LineName name, parse_line(text));
        out.push_back({std::move(name), options.baud});
    }
    if (!options.pty.empty()) out.push_back({PtyLine{options.pty}, options.baud});
    if (!options.infrared.empty()) out.push_back({PtyLine{options.infrared}, kInfraredBaud});
    if (options.tcp) out.push_back({TcpLine{"127.0.0.1", *options.tcp}, options.baud});
    if (out.empty()) return base::Error{base::Code::invalid_argument, "give a line: --line, --pty, --ir or --tcp"};
    return out;
}

struct Place {
    std::string number;
    std::string state;
};

/// Which meters, and the file of each: --number with --state, or --meters FIRST-LAST with --states FOLDER.
base::Result<std::vector<Place>> places_of(const RunOptions& options) {
    const auto wrong = [](const char* what) { return base::Error{base::Code::invalid_argument, what}; };
    if (options.numbers.size() != options.states.size()) return wrong("give as many --state as --number");
    std::vector<Place> out;
    for (std::size_t i = 0; i < options.numbers.size(); ++i) out.push_back({options.numbers[i], options.states[i]});
    if (options.range.empty() != options.states_folder.empty()) return wrong("--meters and --states go together");
    if (options.range.empty()) return out.empty() ? base::Result<std::vector<Place>>(wrong("give --number and --state, or --meters and --states")) : out;
    const auto digits = [](const std::string& text) { return text.size() == 12 && text.find_first_not_of("0123456789") == std::string::npos; };
    if (options.range.size() != 25 || options.range[12] != '-' || !digits(options.range.substr(0, 12)) || !digits(options.range.substr(13)))
        return wrong("--meters takes FIRST-LAST, each of 12 digits");
    const std::uint64_t first = std::stoull(options.range.substr(0, 12)), last = std::stoull(options.range.substr(13));
    if (last < first || last - first >= kMostMeters) return wrong("--meters takes 1 to 500 meters");
    for (std::uint64_t number = first; number <= last; ++number) {
        std::string text = std::to_string(number);
        text.insert(0, 12 - text.size(), '0');
        out.push_back({text, options.states_folder + "/" + text + ".state"});
    }
    return out;
}

int run(RunOptions options) {
    const auto lines = lines_of(options);
    if (!lines) return misuse(lines.error().message);
    const auto places = places_of(options);
    if (!places) return misuse(places.error().message);
    const auto error_word = base::from_hex(options.error_word);
    if (!error_word || error_word->size() > 2) return misuse("--error-word takes one or two bytes of hex");
    options.faults.error_once = *error_word;
    options.wish.high_grade = options.grade == "high";

    const base::SystemClock truth;
    DrivenClock clock(truth, options.speed);
    DrivenClock true_time(truth, 1);
    const MeterSettings settings{options.validity_minutes * base::kMinute, options.clock_offset_minutes * base::kMinute, options.watts};
    std::vector<std::unique_ptr<Meter>> meters;
    for (const Place& place : *places) {
        const auto number = dlt645::Address::parse(place.number);
        if (!number) return fail(number.error());
        auto meter = Household::wake(*number, place.state, options.wish, clock, true_time, settings, tell_trouble);
        if (!meter) return fail(meter.error());
        meters.push_back(std::move(*meter));
    }
    Bus bus(std::move(meters), options.faults, [] {
        std::cerr << "kmp-meter: the power was cut, as --power-cut asks" << std::endl;
        std::_Exit(cli::kFailed);
    });
    Control control(bus, clock, true_time);
    const auto served = serve(*lines, options.settings, bus, control, [](std::string_view name) { std::cout << "ready " << name << std::endl; });
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
    const auto report = Household::look(path);
    if (!report) return fail(report.error());
    std::cout << (json ? describe_json(*report) : describe(*report));
    return 0;
}

struct InsertOptions {
    std::string card;
    std::string control;
    std::string number;
    std::string state;
};

/// Into the slot of a meter that runs, or of one that rests: that one wakes for it.
int insert(const InsertOptions& o) {
    if (o.control.empty() == o.state.empty()) return misuse("give --control of a meter that runs, or --state of one that does not");
    if (!o.control.empty()) {
        nlohmann::ordered_json command{{"command", "insert"}, {"card", o.card}};
        if (!o.number.empty()) command["number"] = o.number;
        const auto answer = ask_control(o.control, command.dump());
        if (!answer) return fail(answer.error());
        std::cout << nlohmann::ordered_json::parse(*answer).value("insertion", "") << '\n';
        return 0;
    }
    const auto report = Household::look(o.state);
    if (!report) return fail(report.error());
    const base::SystemClock clock;
    Household::Wish wish;
    wish.high_grade = report->high_grade;
    auto meter = Household::wake(report->number, o.state, wish, clock, clock, {}, tell_trouble);
    if (!meter) return fail(meter.error());
    auto reader = card::open_slot(o.card);
    if (!reader) return fail(reader.error());
    card::SlotOfMeter slot(std::move(*reader));
    const Insertion done = (*meter)->program().insert(slot);
    if (!done.ok()) return fail({base::Code::refused, done.text()});
    std::cout << done.text() << '\n';
    return 0;
}

/// A real meter has no such door. The emulator's keys are test keys, or keys of a bench whose owner holds the file anyway.
int reveal_keys(const std::string& path) {
    const auto state = Household::security_of(path);
    if (!state) return fail(state.error());
    for (std::size_t i = 0; i < state->keys.count(); ++i) {
        std::string line = state->keys.with(static_cast<KeyId>(i), [](base::ByteView key) { return base::to_hex(key); });
        std::printf("%zu %s\n", i, line.c_str());
        base::wipe(line);
    }
    return 0;
}

void add_run_options(CLI::App& run, RunOptions& options) {
    const auto many = CLI::MultiOptionPolicy::TakeAll;
    run.add_option("--line", options.lines, "pty[:LINK], tcp:[HOST:]PORT (0 picks a free one) or serial:DEVICE; may be given again")
        ->expected(1)->multi_option_policy(many);
    run.add_option("--pty", options.pty, "RS-485: a pseudo-terminal with a link at this path, 2400 8E1");
    run.add_option("--ir", options.infrared, "Infrared: a pseudo-terminal with a link at this path, 1200 8E1");
    run.add_option("--tcp", options.tcp, "The TCP module, on this port of 127.0.0.1 (0 picks a free one)");
    run.add_option("--number", options.numbers, "The meter's number, 12 digits; give it again for a further meter")
        ->expected(1)->multi_option_policy(many);
    run.add_option("--state", options.states, "The file that the meter lives in; made new when it is not there")
        ->expected(1)->multi_option_policy(many);
    run.add_option("--meters", options.range, "FIRST-LAST: up to 500 meters with these numbers");
    run.add_option("--states", options.states_folder, "The folder that they live in, NUMBER.state each");
    run.add_option("--grade", options.grade, "low, or high: with a secure element, whose state lies beside the meter's in STATE.esam")
        ->capture_default_str()->check(CLI::IsMember({"low", "high"}));
    run.add_option("--baud", options.baud, "Speed of serial lines; 8 data bits, even parity")->capture_default_str();
    run.add_option("--load", options.watts, "What the customer draws, in W")->capture_default_str()->check(CLI::Range(0, 1'000'000));
    run.add_option("--speed", options.speed, "The meter's clock runs this many times as fast as it should")
        ->capture_default_str()->check(CLI::Range(0.001, 1'000'000.0));
    run.add_option("--control", options.settings.control, "A unix socket for tests: advance the clock, set the load, fail a phase");
    run.add_option("--hoarding-limit", options.wish.hoarding_limit, "No purchase may lift the balance above this (0.01 yuan); 99999999 in a new meter")
        ->check(CLI::Range(0, 99'999'999));
    run.add_option("--overdraft-limit", options.wish.overdraft_limit, "The balance may fall this far below zero (0.01 yuan); 0 in a new meter")
        ->check(CLI::Range(0, 99'999'999));
    run.add_option("--validity", options.validity_minutes, "Minutes that an identity authentication holds")
        ->capture_default_str()->check(CLI::Range(1, 9999));
    run.add_option("--clock-offset", options.clock_offset_minutes, "The meter's clock is UTC and this many minutes")
        ->capture_default_str();
    // Faults, for tests of stations.
    const auto fault = [&](const char* name, auto& value) { return run.add_option(name, value, "")->group(""); };
    fault("--mute", options.faults.mute)->check(CLI::NonNegativeNumber);
    fault("--deaf", options.faults.deaf)->check(CLI::NonNegativeNumber);
    fault("--delay", options.settings.delay)->check(CLI::NonNegativeNumber);
    fault("--error-word", options.error_word);
    fault("--loss", options.faults.loss)->check(CLI::Range(0.0, 1.0));
    fault("--noise", options.faults.noise)->check(CLI::Range(0.0, 1.0));
    fault("--garbage", options.faults.garbage)->check(CLI::Range(0.0, 1.0));
    fault("--seed", options.faults.seed);
    fault("--power-cut", options.faults.power_cut);
    run.add_flag("--paced", options.settings.paced, "")->group("");
}

int start(int argc, char** argv) {
    CLI::App app("An emulated prepayment meter on a DL/T 645 line.", "kmp-meter");
    app.require_subcommand(1);

    RunOptions options;
    CLI::App* run_command = app.add_subcommand("run", "Run one meter, or several on one line, until SIGTERM");
    add_run_options(*run_command, options);

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

    InsertOptions insertion;
    CLI::App* insert_command = app.add_subcommand("insert", "Put a charging card into a meter's slot");
    insert_command->add_option("CARD", insertion.card, "The card's file, or pcsc:READER for a card in a PC/SC reader")->required();
    insert_command->add_option("--control", insertion.control, "The control socket of the meters that run");
    insert_command->add_option("--number", insertion.number, "Which of them");
    insert_command->add_option("--state", insertion.state, "The file of a meter that does not run");

    const auto chosen_card_command = card::add_card_commands(app);

    if (const auto ended = cli::parse(app, argc, argv, {frame})) return *ended;
    if (const auto ended = chosen_card_command()) return *ended;
    if (run_command->parsed()) return run(std::move(options));
    if (insert_command->parsed()) return insert(insertion);
    if (decode_command->parsed()) return decode(hex);
    if (show_command->parsed()) return show(path, json);
    return reveal_keys(path);
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    return cli::run("kmp-meter", [&] { return start(argc, argv); });
}

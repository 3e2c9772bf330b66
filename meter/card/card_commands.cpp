#include "meter/card/card_commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iostream>

#include "cli/command_line.h"
#include "meter/card/describe_card.h"
#include "meter/card/vpcd.h"

namespace meter::card {
namespace {

using base::Code;

int fail(const base::Error& error) { return cli::complain("kmp-meter", error, cli::kFailed); }
int misuse(const std::string& what) { return cli::complain("kmp-meter", {Code::invalid_argument, what}, cli::kWrongUsage); }

struct CardOptions {
    std::string path;
    std::string serial;
    bool json = false;
    std::string reader;
    Pull pull;
    std::string tear;
};

int make(const CardOptions& o) {
    Serial serial{};
    if (o.serial.empty()) {
        base::Secret::random(serial.size()).reveal([&](base::ByteView drawn) { std::copy(drawn.begin(), drawn.end(), serial.begin()); });
    } else {
        const auto given = base::from_hex(o.serial);
        if (!given || given->size() != serial.size()) return misuse("--serial takes 8 bytes of hex");
        std::copy(given->begin(), given->end(), serial.begin());
    }
    if (const auto made = make_card(o.path, serial); !made) return fail(made.error());
    std::cout << base::to_hex(serial) << '\n';
    return cli::kDone;
}

int show(const CardOptions& o) {
    const auto state = load_card(o.path);
    if (!state) return fail(state.error());
    std::cout << (o.json ? describe_json(*state) : describe(*state));
    return cli::kDone;
}

struct Tear {
    unsigned write = 0;
    std::size_t bytes = 0;
};
std::optional<Tear> parse_tear(const std::string& text) {
    Tear out;
    if (text.empty()) return out;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, out.write);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':' || out.write == 0) return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, out.bytes);
    if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
    return out;
}

int run(const CardOptions& o) {
    const auto reader = parse_virtual_reader(o.reader);
    if (!reader) return misuse(reader.error().message);
    const auto tear = parse_tear(o.tear);
    if (!tear) return misuse("--tear takes WRITE:BYTES");
    if (const auto there = load_card(o.path); !there) return fail(there.error());
    auto file = CardFile::claim(o.path);
    if (!file) return fail(file.error());
    auto state = load_card(o.path);
    if (!state) return fail(state.error());
    const std::string serial = base::to_hex(state->serial);
    TornStorage storage(*file, tear->write, tear->bytes);
    Card card(std::move(*state), storage);
    const auto served = serve(card, *reader, o.pull, [&] { std::cout << "inserted " << serial << std::endl; });
    return served ? cli::kDone : fail(served.error());
}

}  // namespace

std::function<std::optional<int>()> add_card_commands(CLI::App& app) {
    const auto options = std::make_shared<CardOptions>();  // lives as long as the longest of the parser and the function
    CLI::App* card = app.add_subcommand("card", "A virtual charging card");
    card->require_subcommand(1);
    const auto command = [&](const char* name, const char* what) {
        CLI::App* added = card->add_subcommand(name, what);
        added->add_option("FILE", options->path, "The file that the card lives in")->required();
        return added;
    };
    CLI::App* make_command = command("make", "Make a blank card: factory keys, empty files");
    make_command->add_option("--serial", options->serial, "8 bytes of hex [drawn at random]");
    CLI::App* show_command = command("show", "Say what lies on a card");
    show_command->add_flag("--json", options->json, "One JSON document");
    CLI::App* run_command = command("run", "Put a card into a virtual reader, until SIGTERM pulls it out");
    run_command->add_option("--vpcd", options->reader, "Where vsmartcard's vpcd listens: HOST:PORT or PORT")->required();
    // Faults, for tests of stations.
    run_command->add_option("--pull-at", options->pull.at, "")->group("");
    run_command->add_option("--pull-after", options->pull.after, "")->group("");
    run_command->add_option("--tear", options->tear, "")->group("");
    return [=]() -> std::optional<int> {
        if (make_command->parsed()) return make(*options);
        if (show_command->parsed()) return show(*options);
        if (run_command->parsed()) return run(*options);
        return std::nullopt;
    };
}

}  // namespace meter::card

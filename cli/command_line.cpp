#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>

#include "base/version.h"

namespace cli {
namespace {

constexpr std::string_view kEmpty = "it is empty; give a value, or leave it out";

/// Every option and argument that takes a value, down through all subcommands.
void refuse_empty_values(CLI::App& app, const std::vector<const CLI::Option*>& except) {
    const CLI::Validator not_empty([](std::string& value) { return value.empty() ? std::string(kEmpty) : std::string(); }, "");
    for (CLI::Option* option : app.get_options())
        if (option->get_items_expected_max() > 0 && std::find(except.begin(), except.end(), option) == except.end()) option->check(not_empty);
    for (CLI::App* sub : app.get_subcommands({})) refuse_empty_values(*sub, except);
}

/// One line, whatever it holds.
void say(std::string line) {
    for (char& c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    std::fprintf(stderr, "%s\n", line.c_str());
}

/// CLI11's words, where they leave out what a person needs.
std::string reason(const CLI::App& app, const CLI::ParseError& error) {
    const std::string text = error.what();
    const bool lost = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError) || error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
    if (const std::vector<std::string> rest = app.remaining(true); lost && !rest.empty())
        return std::string(rest.front().starts_with('-') ? "there is no option '" : "there is no command or argument '") + rest.front() + "' here";
    if (text == "A subcommand is required") return "a command is missing";
    // "--amount=" with nothing behind it.
    if (text.find(": 1 required ") != std::string::npos && text.ends_with(" missing")) return text.substr(0, text.find(':')) + ": " + std::string(kEmpty);
    constexpr std::string_view kUnread = "Could not convert: ";
    if (text.starts_with(kUnread)) {
        const std::string rest = text.substr(kUnread.size());  // "--uid = root"
        const std::size_t equals = rest.find(" = ");
        if (equals != std::string::npos) return rest.substr(0, equals) + " '" + rest.substr(equals + 3) + "': it takes a whole number";
    }
    return text;
}

}  // namespace

std::string command_name(const CLI::App& app) {
    std::string out = app.get_name();
    for (const auto* at = &app; !at->get_subcommands().empty();) {
        at = at->get_subcommands().front();
        out += " " + at->get_name();
    }
    return out;
}

int complain(const char* program, const base::Error& error, int code) {
    say(std::string(program) + ": " + error.message);
    return code;
}

void warn(const char* program, const base::Error& error) { say(std::string(program) + ": warning: " + error.message); }

std::optional<int> parse(CLI::App& app, int argc, char** argv, const std::vector<const CLI::Option*>& may_be_empty) {
    app.set_version_flag("--version", std::string(base::kVersion));
    refuse_empty_values(app, may_be_empty);
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::Success& e) {
        app.exit(e);  // prints the help or the version
        return kDone;
    } catch (const CLI::ParseError& e) {
        return complain(app.get_name().c_str(), {base::Code::invalid_argument, reason(app, e) + "; see " + command_name(app) + " --help"}, kWrongUsage);
    }
}

int run(const char* program, const std::function<int()>& work) {
    int code = kFailed;
    try {
        code = work();
    } catch (const std::exception& e) {
        complain(program, {base::Code::internal, std::string("a bug, or no memory: ") + e.what()}, kFailed);
    }
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    if (code == kDone) complain(program, {base::Code::io_failed, "standard output takes no text"}, kFailed);
    return code == kDone ? kFailed : code;
}

}  // namespace cli

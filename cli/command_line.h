#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
class Option;
}

/// What all programs do alike with their command line, their output and their end: 0 done, 1 refused or failed, 2 wrong usage,
/// and on standard error one line that begins with the program's name.
namespace cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;

/// Writes "PROGRAM: message" as one line, whatever the message holds; returns `code`.
int complain(const char* program, const base::Error& error, int code);
/// The same for what does not stop the program: "PROGRAM: warning: message".
void warn(const char* program, const base::Error& error);

/// "kmpctl ukey issue": the command that was typed, as far as it was understood.
std::string command_name(const CLI::App& app);

/// Reads the command line into `app`, which gets --version. nullopt: go on. Otherwise the program's exit code: help or version were
/// printed, or what is wrong was said in one line. An option or argument that is given with nothing in it ("--amount ''") is wrong
/// usage everywhere: it must never pass for one that was not given.
/// `may_be_empty` are those where nothing is a value like any other, to be judged by the program.
std::optional<int> parse(CLI::App& app, int argc, char** argv, const std::vector<const CLI::Option*>& may_be_empty = {});

/// Runs a program: hands on what `work` returns, and turns into a line and kFailed what would otherwise be lost: an exception (a bug,
/// or no memory), and a standard output that did not take all that was written.
int run(const char* program, const std::function<int()>& work);

}  // namespace cli

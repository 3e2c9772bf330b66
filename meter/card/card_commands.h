#pragma once
#include <functional>
#include <optional>

namespace CLI {
class App;
}

namespace meter::card {

/// Adds `card make|show|run` to kmp-meter. The function gives the exit code of the one that was chosen; nothing when none was.
std::function<std::optional<int>()> add_card_commands(CLI::App& app);

}  // namespace meter::card

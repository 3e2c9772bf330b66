#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/table.h"

namespace kmp::v1 {
class GrantTerms;
}

/// What people read on their terminal.
namespace kmp::kmpctl {

using cli::Table;

/// Lines "name:   value" with the values under each other; a line without a value is left out.
class Sheet {
public:
    void add(std::string name, std::string value);
    std::string text() const;

private:
    std::vector<std::pair<std::string, std::string>> lines_;
};

/// "2026-11-22 06:42:00Z"; "-" for 0.
std::string time_text(base::Millis time);
std::string yuan_text(std::int64_t fen);
/// A grant's terms, one line a rule.
std::string terms_text(const kmp::v1::GrantTerms& terms);

/// Writes to standard output at once; false when nobody reads it.
bool print(std::string_view text);

}  // namespace kmp::kmpctl

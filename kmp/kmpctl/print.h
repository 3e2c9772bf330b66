#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
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

/// Writes the outcome to standard output at once. io_failed: it takes no text.
base::Status show(std::string_view text);
/// The one document of --json, or the text for a person.
base::Status show(const nlohmann::ordered_json& document, std::string_view text, bool json);
/// A path as the service takes it, which has another working folder. Nothing of it need be there.
std::string whole_path(const std::string& path);

}  // namespace kmp::kmpctl

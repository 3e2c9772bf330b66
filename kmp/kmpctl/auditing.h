#pragma once
#include <optional>
#include <string>
#include <vector>

#include "kmp/kmpctl/officer.h"

/// What kmpctl does as an auditor.
namespace kmp::kmpctl {

/// Makes the connection an auditor's, with the PIN of role `auditor`. `ukey`: its serial, or empty for the only one that is plugged in.
base::Status log_in_as_auditor(Officer& officer, const std::string& ukey);
/// Whether the service said that the log is for auditors alone here, and nothing else is wrong.
bool wants_auditor(const base::Error& error) noexcept;

struct ExportArguments {
    std::string file;                    ///< "-": standard output
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> end;
    std::string from;                    ///< as parse_moment reads it
    std::string until;                   ///< a date is meant to its end
    std::vector<std::string> recipients; ///< serials of auditor UKEYs
    std::string format = "kmpaudit";     ///< or jsonl, csv
};
/// What can be told wrong before the service is asked. invalid_argument.
base::Status check_export(const ExportArguments& arguments, bool json);
/// A file stands there whole or not at all; a pipe, a device and "-" are written to as they stand. Tells on a terminal how far it is.
base::Status export_events(Officer& officer, const ExportArguments& arguments);

}  // namespace kmp::kmpctl

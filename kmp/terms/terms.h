#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/grant.h"

namespace kmp::v1 {
class GrantTerms;
}

/// Grants as people type them, on a command line, in a file or in a window.
namespace kmp::terms {

/// The terms of a grant as an officer types them. An empty text or list takes the default of the UKEY's kind.
struct TermsText {
    std::string kind;                     ///< user, key
    std::string station;                  ///< a user UKEY's; its holder where empty
    std::string holder;
    std::vector<std::string> operations;  ///< user: all that vending needs; key: download, recover and what goes with them
    std::vector<std::string> classes;     ///< user: all but control; key: all
    std::vector<std::string> meters;      ///< FIRST-LAST or one number, 12 digits each; default: every meter
    std::string per_order;                ///< yuan; a cap that is not given is at least the one before it
    std::string per_day;
    std::string per_month;
    std::optional<std::uint32_t> orders_per_minute;
    std::vector<std::string> hours;       ///< 8-17 is 08:00 to 17:59 of the utility's day
    std::vector<std::string> weekdays;    ///< mon-fri, sat
    std::string valid_from;               ///< a date, or a UTC time as 2026-11-22T08:00:00Z
    std::string valid_until;              ///< a date is meant to its end
    std::vector<std::uint32_t> uids;
};

/// The terms as the wire carries them. invalid_argument names the option that cannot be read, and what it takes.
base::Result<kmp::v1::GrantTerms> parse_terms(const TermsText& text);
/// The same for what is changed of a grant: what was left out stays as it is in `present`.
base::Result<kmp::v1::GrantTerms> parse_changes(const TermsText& text, const kmp::v1::GrantTerms& present);
/// One meter or a range of them: 12 digits each, as FIRST-LAST. malformed: it is none; invalid_argument: the last is below the first. The message is `text`.
base::Result<model::MeterRange> parse_range(const std::string& text);
/// One field of a file of UKEYs to issue, by the name of its column, as per-day; a list inside it is separated by semicolons. invalid_argument: no term has this name.
base::Status put(TermsText& text, const std::string& column, const std::string& value);
/// An end alone, as `option` takes it; empty: 0.
base::Result<base::Millis> parse_end(const std::string& text, std::string_view option = "--valid-until");
/// The service names the rule that says no, a person typed an option: "validity: .." becomes "--until: ..". Everything else stays as it is.
base::Error named_as_typed(base::Error error, std::string_view rule, std::string_view option);

}  // namespace kmp::terms

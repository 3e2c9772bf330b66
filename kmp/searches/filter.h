#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "kmp/searches/searches.h"
#include "wire/pb.h"

/// What was typed as the wire carries it.
namespace kmp::searches {

/// What the reader of an error calls a value of SearchText: its option, or the label of its field.
using NameOf = std::function<std::string(const std::string& name)>;

/// invalid_argument names the value that cannot be read, and what it takes.
base::Result<wire::pb::AuditFilter> parse_search(const SearchText& search, base::Millis now, const NameOf& name_of = option_of);
/// "2026-11-23", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00+08:00", or "7d" and the like before `now`; 0 of an empty text. `end`: a day stands for its end. `name`: what an error calls it. invalid_argument.
base::Result<base::Millis> parse_moment(const std::string& text, std::string_view name, bool end, base::Millis now);

/// "+08:00", "-03:30", "Z" to minutes. invalid_argument beyond -12:00 to +14:00.
base::Result<std::int32_t> parse_utc_offset(std::string_view text);

}  // namespace kmp::searches

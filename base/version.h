#pragma once
#include <string_view>

namespace base {

/// Of the whole tree: what --version prints, hello tells and the log records.
inline constexpr std::string_view kVersion = "kmp 0.1.0";

}  // namespace base

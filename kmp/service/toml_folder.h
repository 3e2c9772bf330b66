#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

#include "base/result.h"

namespace kmp::service {

/// Hands the content of each NAME.toml in a folder to `take`, by name; there need not be such a folder. Whatever else lies there, does not read, has another entry than `keys`, or
/// `take` refuses goes to `problems`, a line each that begins with `refusal`, and keeps no other away.
void read_toml_folder(const std::string& folder, std::string_view refusal, std::span<const std::string_view> keys, std::vector<std::string>& problems,
                      const std::function<base::Status(const std::string& name, const toml::table& content)>& take);

}  // namespace kmp::service

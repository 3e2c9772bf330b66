#pragma once
#include <cstdint>
#include <string>
#include <string_view>

/// Small words of English that depend on what stands beside them.
namespace base {

/// "an officer", "a key". For the nouns of this trade: "a user" and "a UKEY" begin with a consonant as they are spoken.
std::string with_article(std::string_view noun);

/// "1 try", "2 tries". Without `many`, `one` with an s: "0 events".
std::string counted(std::uint64_t n, std::string_view one, std::string_view many = {});

}  // namespace base

#include "base/words.h"

namespace base {

std::string with_article(std::string_view noun) {
    const bool vowel = !noun.empty() && std::string_view("aeioAEIO").find(noun.front()) != std::string_view::npos;
    return (vowel ? "an " : "a ") + std::string(noun);
}

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
    std::string out = std::to_string(n) + " ";
    if (n == 1 || many.empty()) out.append(one);
    else out.append(many);
    if (n != 1 && many.empty()) out += 's';
    return out;
}

}  // namespace base

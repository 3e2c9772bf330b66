#include "model/fen.h"

#include <cstdio>

namespace model {

base::Result<Fen> Fen::parse_yuan(std::string_view text) {
    const base::Error bad{base::Code::invalid_argument,
                          "'" + std::string(text.substr(0, 32)) + "' is not an amount in yuan such as 100 or 12.34"};
    const base::Error large{base::Code::invalid_argument,
                            "'" + std::string(text.substr(0, 32)) + "' is more than an order can carry, " + kMaxOrderAmount.yuan() + " yuan"};
    std::int64_t fen = 0;
    std::size_t i = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        fen = fen * 10 + (text[i] - '0');
        if (fen > kMaxOrderAmount.value()) return large;
    }
    if (i == 0) return bad;
    fen *= 100;
    if (i < text.size()) {
        if (text[i] != '.') return bad;
        const std::string_view rest = text.substr(i + 1);
        if (rest.empty() || rest.size() > 2) return bad;
        std::int64_t part = 0;
        for (char c : rest) {
            if (c < '0' || c > '9') return bad;
            part = part * 10 + (c - '0');
        }
        fen += rest.size() == 1 ? part * 10 : part;
    }
    if (fen > kMaxOrderAmount.value()) return large;
    return Fen(fen);
}

std::string Fen::yuan() const {
    const bool negative = value_ < 0;
    const std::uint64_t v = negative ? 0 - static_cast<std::uint64_t>(value_) : static_cast<std::uint64_t>(value_);
    std::string out = std::to_string(v / 100) + "." + (v % 100 < 10 ? "0" : "") + std::to_string(v % 100);
    return negative ? "-" + out : out;
}

base::Result<Fen> Fen::plus(Fen other) const {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(value_, other.value_, &sum)) return {base::Code::refused, "the sum of the amounts is too large"};
    return Fen(sum);
}

}  // namespace model

#include "tokens/pin.h"

#include <argon2.h>

#include "base/words.h"

namespace tokens {
namespace {
constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKib = 19 * 1024;
}  // namespace

base::Result<base::Secret> stretch(const base::Secret& pin, base::ByteView salt) {
    base::Secret out(32);
    const int rc = pin.reveal([&](base::ByteView p) {
        return out.fill([&](std::span<std::uint8_t> o) {
            return argon2id_hash_raw(kPasses, kMemoryKib, 1, p.data(), p.size(), salt.data(), salt.size(), o.data(), o.size());
        });
    });
    if (rc != ARGON2_OK) return {base::Code::internal, std::string("cannot stretch the PIN: ") + argon2_error_message(rc), rc};
    return out;
}

base::Secret as_token_pin(const base::Secret& stretched) {
    static constexpr char digits[] = "0123456789abcdef";
    base::Secret out(stretched.size() * 2);
    stretched.reveal([&](base::ByteView in) {
        out.fill([&](std::span<std::uint8_t> hex) {
            for (std::size_t i = 0; i < in.size(); ++i) {
                hex[2 * i] = static_cast<std::uint8_t>(digits[in[i] >> 4]);
                hex[2 * i + 1] = static_cast<std::uint8_t>(digits[in[i] & 15]);
            }
        });
    });
    return out;
}

base::Status check_new_pin(const base::Secret& pin) {
    using base::Code;
    if (pin.size() < kMinPin || pin.size() > kMaxPin) return {Code::invalid_argument, "a PIN has 6 to 128 characters"};
    return pin.reveal([](base::ByteView p) -> base::Status {
        bool same = true, rising = true, falling = true;
        for (std::size_t i = 1; i < p.size(); ++i) {
            same = same && p[i] == p[0];
            rising = rising && p[i] == p[i - 1] + 1;
            falling = falling && p[i] + 1 == p[i - 1];
        }
        if (same || rising || falling)
            return {Code::invalid_argument, "a PIN that repeats one character or counts up or down is too easy to guess; choose another"};
        return {};
    });
}

std::string tries_left(unsigned wrong) { return base::counted(wrong < kMaxWrongPins ? kMaxWrongPins - wrong : 0, "try", "tries") + " left"; }

base::Secret random_so_pin() { return as_token_pin(base::Secret::random(32)); }

}  // namespace tokens

#include "base/ids.h"

#include "base/secret.h"
#include "base/words.h"

namespace base {

Uuid Uuid::make_v7(Millis now) {
    Raw raw;
    Secret::random(raw.size()).reveal([&](ByteView r) { std::copy(r.begin(), r.end(), raw.begin()); });
    for (int i = 0; i < 6; ++i) raw[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(now >> (8 * (5 - i)));
    raw[6] = static_cast<std::uint8_t>(0x70 | (raw[6] & 0x0F));
    raw[8] = static_cast<std::uint8_t>(0x80 | (raw[8] & 0x3F));
    return Uuid(raw);
}

Result<Uuid> Uuid::from_bytes(ByteView bytes) {
    if (bytes.size() != 16) return {Code::malformed, "an order id has 16 bytes, this one has " + std::to_string(bytes.size())};
    Raw raw;
    std::copy(bytes.begin(), bytes.end(), raw.begin());
    if (raw[6] >> 4 != 7 || raw[8] >> 6 != 2) return {Code::malformed, "an order id must be a UUID version 7 (RFC 9562)"};
    return Uuid(raw);
}

Result<Uuid> Uuid::parse(std::string_view text) {
    const Error bad{Code::malformed, "'" + std::string(text.substr(0, 40)) + "' is not a UUID version 7"};
    if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return bad;
    std::string digits;
    for (char c : text)
        if (c != '-') digits.push_back(c);
    if (digits.size() != 32) return bad;
    auto bytes = from_hex(digits);
    if (!bytes) return bad;
    return from_bytes(*bytes);
}

Millis Uuid::time() const noexcept {
    Millis t = 0;
    for (std::size_t i = 0; i < 6; ++i) t = t << 8 | raw_[i];
    return t;
}

std::string Uuid::text() const {
    std::string out = to_hex(raw_);
    for (std::size_t at : {20u, 16u, 12u, 8u}) out.insert(at, "-");
    return out;
}

Status check_name(std::string_view text, std::string_view what) {
    const std::string name = with_article(what) + " name";
    if (text.empty() || text.size() > 64) return {Code::invalid_argument, name + " has 1 to 64 characters"};
    for (char c : text) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        if (!fine) return {Code::invalid_argument, name + " has letters, digits, '-', '_' and '.' only"};
    }
    return {};
}

}  // namespace base

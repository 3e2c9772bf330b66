#include "base/bytes.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace base {
namespace {

int digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Error short_input() { return {Code::malformed, "the message ends before its last field"}; }

}  // namespace

std::string to_hex(ByteView bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (std::uint8_t b : bytes) {
        out.push_back(digits[b >> 4]);
        out.push_back(digits[b & 15]);
    }
    return out;
}

Result<Bytes> from_hex(std::string_view hex) {
    if (hex.size() % 2 != 0) return {Code::malformed, "hex text has an odd number of digits"};
    Bytes out;
    out.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = digit(hex[i]);
        const int low = digit(hex[i + 1]);
        if (high < 0 || low < 0)
            return {Code::malformed, "not a hex digit at position " + std::to_string(high < 0 ? i : i + 1)};
        out.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return out;
}

std::string to_base64(ByteView bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock writes a terminating zero
    const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(n));
    return out;
}

Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return {Code::malformed, "base64 text whose length is not a multiple of 4"};
    Bytes out(text.size() / 4 * 3);
    const int n = EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (n < 0) return {Code::malformed, "text that is not base64"};
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    out.resize(static_cast<std::size_t>(n) - padding);
    // EVP_DecodeBlock forgives white space and stray bits; a canonical text encodes back to itself.
    if (to_base64(out) != text) return {Code::malformed, "base64 text that is not canonical"};
    return out;
}

bool equal_constant_time(ByteView a, ByteView b) noexcept {
    if (a.size() != b.size()) return false;
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

void ByteWriter::sized16(ByteView v) {
    if (v.size() > 0xFFFF) throw std::length_error("ByteWriter::sized16: field longer than 65535 bytes");
    u16(static_cast<std::uint16_t>(v.size()));
    bytes(v);
}

void ByteWriter::big_endian(std::uint64_t v, int width) {
    for (int i = width - 1; i >= 0; --i) out_.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
}

Result<std::uint64_t> ByteReader::big_endian(int width) {
    const auto count = static_cast<std::size_t>(width);
    if (in_.size() < count) {
        in_ = {};
        return short_input();
    }
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < count; ++i) v = v << 8 | in_[i];
    in_ = in_.subspan(count);
    return v;
}

Result<std::uint8_t> ByteReader::u8() {
    KMP_TRY(const std::uint64_t v, big_endian(1));
    return static_cast<std::uint8_t>(v);
}
Result<std::uint16_t> ByteReader::u16() {
    KMP_TRY(const std::uint64_t v, big_endian(2));
    return static_cast<std::uint16_t>(v);
}
Result<std::uint32_t> ByteReader::u32() {
    KMP_TRY(const std::uint64_t v, big_endian(4));
    return static_cast<std::uint32_t>(v);
}
Result<std::uint64_t> ByteReader::u64() { return big_endian(8); }

Result<ByteView> ByteReader::bytes(std::size_t count) {
    if (in_.size() < count) {
        in_ = {};
        return short_input();
    }
    const ByteView out = in_.first(count);
    in_ = in_.subspan(count);
    return out;
}

Result<ByteView> ByteReader::sized16() {
    KMP_TRY(const std::uint16_t size, u16());
    return bytes(size);
}

Result<std::string> ByteReader::text16() {
    KMP_TRY(const ByteView view, sized16());
    return to_string(view);
}

Status ByteReader::end() const {
    if (in_.empty()) return {};
    return {Code::malformed, std::to_string(in_.size()) + " bytes too many at the end of the message"};
}

}  // namespace base

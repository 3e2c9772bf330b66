#include "tokens/host/suite_aes128.h"

#include <algorithm>
#include <string>

#include "base/digest.h"

namespace tokens::host {
namespace {

constexpr std::uint8_t kLayout = 1;
constexpr std::size_t kMaxCommandData = 224;

std::array<std::uint8_t, 4> big_endian(std::uint32_t v) noexcept {
    return {static_cast<std::uint8_t>(v >> 24), static_cast<std::uint8_t>(v >> 16), static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v)};
}

}  // namespace

Block derivation_block(const KeyName& key) noexcept {
    Block block{0x4B,
                kLayout,
                static_cast<std::uint8_t>(key.level),
                static_cast<std::uint8_t>(key.key_class),
                static_cast<std::uint8_t>(key.usage),
                static_cast<std::uint8_t>(key.state),
                key.version,
                0};
    std::copy(key.factor.begin(), key.factor.end(), block.begin() + 8);
    return block;
}

base::Result<MacInput> mac_input(Direction direction, std::uint32_t command, std::uint8_t part, base::ByteView freshness,
                                 std::initializer_list<base::ByteView> fields) {
    std::size_t length = freshness.size();
    for (const base::ByteView field : fields) length += field.size();
    if (length > kMaxMacFields)
        return {base::Code::invalid_argument, "a MAC over " + std::to_string(length) + " bytes of fields; at most " + std::to_string(kMaxMacFields) + " fit"};
    MacInput out;
    const auto command_bytes = big_endian(command);
    out.bytes = {kLayout, static_cast<std::uint8_t>(direction), command_bytes[0], command_bytes[1], command_bytes[2], command_bytes[3],
                 part,    static_cast<std::uint8_t>(length)};
    auto at = std::copy(freshness.begin(), freshness.end(), out.bytes.begin() + 8);
    for (const base::ByteView field : fields) at = std::copy(field.begin(), field.end(), at);
    out.size = 8 + length;
    return out;
}

base::Result<base::Bytes> command_plaintext(base::ByteView r2, base::ByteView data) {
    if (r2.size() != 4) return {base::Code::invalid_argument, "R2 has 4 bytes"};
    if (data.size() > kMaxCommandData) return {base::Code::invalid_argument, "an encrypted command carries at most 224 bytes"};
    base::Bytes out((r2.size() + 2 + data.size() + 15) / 16 * 16);
    auto at = std::copy(r2.begin(), r2.end(), out.begin());
    *at++ = static_cast<std::uint8_t>(data.size() >> 8);
    *at++ = static_cast<std::uint8_t>(data.size());
    std::copy(data.begin(), data.end(), at);
    return out;
}

std::array<std::uint8_t, 4> key_info(model::KeyState state, std::uint8_t id, model::KeyVersion version) noexcept {
    constexpr std::uint8_t kRemote = 1;
    return {static_cast<std::uint8_t>(state), kRemote, id, version};
}

Block factory_master(model::KeyClass key_class) {
    const std::string text = "KMP aes128 factory set 1, class " + std::to_string(static_cast<unsigned>(key_class));
    const base::Digest digest = base::sha256(base::as_bytes(text));
    Block out;
    std::copy_n(digest.begin(), out.size(), out.begin());
    return out;
}

base::Status check_meter_factor(base::ByteView factor) {
    if (factor.size() != 8 || factor[0] != 0 || factor[1] != 0 || !model::MeterNumber::from_bcd(factor.subspan(2)))
        return {base::Code::invalid_argument, "a meter's dispersion factor is 0000 and its number as 6 BCD bytes"};
    return {};
}

}  // namespace tokens::host

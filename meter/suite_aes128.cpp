#include "meter/suite_aes128.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "base/digest.h"
#include "meter/aes.h"

namespace meter::suite {
namespace {

constexpr std::uint8_t kLayout = 0x01;

struct ClassAndUsage {
    std::uint8_t key_class;
    std::uint8_t usage;
};

ClassAndUsage class_and_usage(KeyId id) noexcept {
    switch (id) {
        case KeyId::key_wrap: return {1, 4};
        case KeyId::update_mac: return {1, 2};
        case KeyId::parameter_mac: return {4, 2};
        case KeyId::parameter_encryption: return {4, 3};
        case KeyId::identity_mac: return {2, 2};
        case KeyId::credit_mac: return {5, 2};
        case KeyId::remote_mac: return {3, 2};
        case KeyId::remote_encryption: return {3, 3};
        case KeyId::card_node: return {6, 1};
    }
    return {1, static_cast<std::uint8_t>(0x40 + static_cast<unsigned>(id))};  // 9 to 19
}

base::Bytes mac_message(const MacInput& input) {
    const std::size_t body = input.freshness.size() + input.fields.size();
    if (body > kMaxMacBody) throw std::length_error("a MAC covers at most 248 bytes");
    base::ByteWriter out;
    out.u8(kLayout);
    out.u8(static_cast<std::uint8_t>(input.direction));
    out.bytes(input.command);
    out.u8(input.part);
    out.u8(static_cast<std::uint8_t>(body));
    out.bytes(input.freshness);
    out.bytes(input.fields);
    return std::move(out).take();
}

}  // namespace

Factor number_field(const dlt645::Address& number) noexcept {
    Factor out{};
    std::copy(number.bytes().begin(), number.bytes().end(), out.begin() + 2);
    return out;
}

Factor dispersion_factor(KeyState state, const dlt645::Address& number) noexcept {
    return state == KeyState::factory ? Factor{0, 0, 0, 0, 0, 0, 0, 1} : number_field(number);
}

base::Secret factory_master(std::uint8_t key_class) {
    const std::string text = "KMP aes128 factory set 1, class " + std::to_string(key_class);
    base::Digest digest = base::sha256(base::as_bytes(text));
    base::Secret out = base::Secret::consume(digest);
    out.shrink(kKeySize);
    return out;
}

base::Secret derive_key(base::ByteView base_key, const Derivation& what) {
    aes::Block block{0x4B, 0x01, what.level, what.key_class, what.usage, static_cast<std::uint8_t>(what.set.state), what.set.version, 0x00};
    std::copy(what.factor.begin(), what.factor.end(), block.begin() + 8);
    return aes::derive(base_key, block);
}

base::Secret factory_key(KeyId id) {
    const ClassAndUsage what = class_and_usage(id);
    const Derivation derivation{kMeterLevel, what.key_class, what.usage, KeySetName{}, dispersion_factor(KeyState::factory, {})};
    return factory_master(what.key_class).reveal([&](base::ByteView master) { return derive_key(master, derivation); });
}

base::Secret card_key(const KeySet& keys, CardUsage usage, const Factor& serial) {
    const Derivation derivation{kCardLevel, 6, static_cast<std::uint8_t>(usage), keys.name(), serial};
    return keys.with(KeyId::card_node, [&](base::ByteView node) { return derive_key(node, derivation); });
}

base::Bytes make_mac(base::ByteView key, const MacInput& input, std::size_t size) {
    const aes::Block whole = aes::cmac(key, mac_message(input));
    return base::to_bytes(base::ByteView(whole).first(size));
}

base::Bytes make_mac(const base::Secret& key, const MacInput& input, std::size_t size) {
    return key.reveal([&](base::ByteView bytes) { return make_mac(bytes, input, size); });
}

base::Bytes make_mac(const KeySet& keys, KeyId id, const MacInput& input, std::size_t size) {
    return keys.with(id, [&](base::ByteView key) { return make_mac(key, input, size); });
}

bool mac_holds(const KeySet& keys, KeyId id, const MacInput& input, base::ByteView mac) {
    return !mac.empty() && mac.size() <= kKeySize && base::equal_constant_time(make_mac(keys, id, input, mac.size()), mac);
}

base::Result<base::Secret> open_key_record(const KeySet& keys, const dlt645::Address& number, base::ByteView record) {
    constexpr std::size_t kWrapped = kKeySize + 8;
    const Factor own = number_field(number);
    if (record.size() != kWrapped + own.size()) return {base::Code::malformed, "a key record has 32 bytes"};
    KMP_TRY(base::Secret key, keys.with(KeyId::key_wrap, [&](base::ByteView kek) { return aes::unwrap(kek, record.first(kWrapped)); }));
    if (!std::equal(own.begin(), own.end(), record.begin() + kWrapped))
        return {base::Code::refused, "a key record is for meter " + base::to_hex(record.subspan(kWrapped + 2)) + ", not for this one"};
    return key;
}

base::Result<base::Bytes> open_command(const KeySet& keys, KeyId id, base::ByteView r2, base::ByteView ciphertext) {
    KMP_TRY(const base::Bytes plain, keys.with(id, [&](base::ByteView key) { return aes::cbc_decrypt(key, ciphertext); }));
    const base::Error wrong{base::Code::key_invalid, "an encrypted command does not hold"};
    base::ByteReader in(plain);
    KMP_TRY(const base::ByteView fresh, in.bytes(r2.size()));
    KMP_TRY(const std::uint16_t size, in.u16());
    if (!base::equal_constant_time(fresh, r2) || size > in.left() || in.left() - size > 15) return wrong;
    KMP_TRY(const base::ByteView data, in.bytes(size));
    KMP_TRY(const base::ByteView padding, in.bytes(in.left()));
    if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b != 0; })) return wrong;
    return base::to_bytes(data);
}

}  // namespace meter::suite

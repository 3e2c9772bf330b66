#include "tokens/host/meter_keys.h"

#include <algorithm>

namespace tokens::host {
namespace {

pkcs11::Template derived(bool is_private, bool extractable) {
    pkcs11::Template out(CKO_SECRET_KEY, CKK_AES);
    out.flag(CKA_TOKEN, false).flag(CKA_PRIVATE, is_private).flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, extractable);
    out.number(CKA_VALUE_LEN, 16);
    return out;
}

/// Exactly the one mechanism that the usage names.
pkcs11::Template for_usage(Usage usage, bool is_private) {
    pkcs11::Template out = derived(is_private, false);
    const bool mac = usage == Usage::mac || usage == Usage::internal_authentication || usage == Usage::external_authentication;
    out.flag(CKA_SIGN, mac).flag(CKA_VERIFY, false);
    out.flag(CKA_ENCRYPT, usage == Usage::encryption).flag(CKA_DECRYPT, false);
    out.flag(CKA_WRAP, usage == Usage::key_wrap).flag(CKA_UNWRAP, false);
    out.flag(CKA_DERIVE, usage == Usage::node);
    return out;
}

}  // namespace

std::size_t MeterKeys::Hash::operator()(const Name& name) const noexcept {
    std::array<std::uint64_t, 3> word{};  // level to version, factor, node
    std::memcpy(word.data(), name.data(), name.size());
    return static_cast<std::size_t>((word[1] ^ (word[2] + word[0]) * 0x9E3779B97F4A7C15u) * 0xC2B2AE3D27D4EB4Fu >> 7);
}

MeterKeys::Name MeterKeys::name_of(const KeyName& key) noexcept {
    Name out{};
    const Block block = derivation_block(key);
    std::copy(key.node.begin(), key.node.end(), std::copy(block.begin(), block.end(), out.begin()));
    return out;
}

void MeterKeys::forget_when_dead() {
    if (generation_ == token_.generation()) return;
    generation_ = token_.generation();
    recent_.clear();
    by_name_.clear();
}

base::Result<pkcs11::SecretKey> MeterKeys::base_of(const KeyName& key) {
    if (below_a_node(key)) return get({Level::meter, key.key_class, Usage::node, key.state, key.node_version, key.node});
    return token_.master({key.key_class, key.state, key.version});
}

base::Result<pkcs11::SecretKey> MeterKeys::derive(const KeyName& key, pkcs11::SecretKey base, pkcs11::Template attributes) {
    const Block block = derivation_block(key);
    // A master's CKA_CHECK_VALUE is its encryption of the zero block: no key may ever be that.
    if (std::all_of(block.begin(), block.end(), [](std::uint8_t b) { return b == 0; })) return {base::Code::internal, "a derivation block of zeros"};
    ++derivations_;
    return token_.session().derive(pkcs11::Mechanism::aes_ecb_data(block), base, attributes);
}

base::Result<pkcs11::SecretKey> MeterKeys::get(const KeyName& key) {
    forget_when_dead();
    const Name name = name_of(key);
    if (const auto at = by_name_.find(name); at != by_name_.end()) {
        recent_.splice(recent_.begin(), recent_, at->second);
        return at->second->key;
    }
    KMP_TRY(const pkcs11::SecretKey base, base_of(key));
    // Makes room first, so that there are never more than the limit. A node that was just looked up is not the oldest.
    if (recent_.size() >= limit_) {
        const Entry oldest = recent_.back();
        by_name_.erase(oldest.name);
        recent_.pop_back();
        KMP_CHECK(token_.session().destroy(oldest.key));
    }
    auto made = derive(key, base, for_usage(key.usage, private_objects_));
    if (!made && !private_objects_ && (made.error().raw == static_cast<std::int64_t>(CKR_TEMPLATE_INCONSISTENT) ||
                                       made.error().raw == static_cast<std::int64_t>(CKR_ATTRIBUTE_VALUE_INVALID))) {
        private_objects_ = true;
        made = derive(key, base, for_usage(key.usage, private_objects_));
    }
    if (!made) return std::move(made).error();
    recent_.push_front({name, *made});
    by_name_.emplace(name, recent_.begin());
    return *made;
}

base::Result<pkcs11::SecretKey> MeterKeys::derive_for_wrapping(const KeyName& key) {
    forget_when_dead();
    pkcs11::Template attributes = derived(true, true);
    for (const CK_ATTRIBUTE_TYPE never : {CKA_SIGN, CKA_VERIFY, CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE}) attributes.flag(never, false);
    KMP_TRY(const pkcs11::SecretKey base, base_of(key));
    return derive(key, base, std::move(attributes));
}

}  // namespace tokens::host

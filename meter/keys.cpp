#include "meter/keys.h"

#include <bit>
#include <cstring>

#include "meter/suite_aes128.h"

namespace meter {

std::optional<dlt645::DataIdentifier> update_identifier(KeyId id) noexcept {
    switch (id) {
        case KeyId::key_wrap:
        case KeyId::update_mac: return dlt645::di::kControlKeyUpdate;
        case KeyId::parameter_mac:
        case KeyId::parameter_encryption: return dlt645::di::kParameterKeyUpdate;
        case KeyId::identity_mac: return dlt645::di::kIdentityKeyUpdate;
        case KeyId::credit_mac:
        case KeyId::remote_mac:
        case KeyId::remote_encryption:
        case KeyId::card_node: return dlt645::di::kMasterKeyUpdate;
    }
    return std::nullopt;
}

std::string KeySetName::text() const {
    return state == KeyState::factory ? "factory" : "private version " + std::to_string(version);
}

KeyInfo key_info(KeySetName set, std::uint8_t id) noexcept {
    return {static_cast<std::uint8_t>(set.state), kRemoteMode, id, set.version};
}

KeySet KeySet::factory(std::size_t count) {
    KeySet out(KeySetName{}, count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto id = static_cast<KeyId>(i);
        out.put(id, suite::factory_key(id));
    }
    return out;
}

void KeySet::put(KeyId id, const base::Secret& key) {
    bytes_.fill([&](std::span<std::uint8_t> all) {
        const auto slot = all.subspan(static_cast<std::size_t>(id) * kKeySize, kKeySize);
        key.reveal([&](base::ByteView bytes) { std::memcpy(slot.data(), bytes.data(), slot.size()); });
    });
}

int Staging::count() const noexcept { return std::popcount(present_); }

void Staging::add(KeySetName name, std::size_t total, KeyId id, const base::Secret& key) {
    if (!set_ || set_->name() != name) {
        set_.emplace(name, total);
        present_ = 0;
    }
    set_->put(id, key);
    present_ |= 1u << static_cast<unsigned>(id);
}

KeySet Staging::take() {
    KeySet out = std::move(*set_);
    clear();
    return out;
}

void Staging::clear() noexcept {
    set_.reset();
    present_ = 0;
}

Staging Staging::duplicate() const {
    Staging out;
    if (set_) out.set_ = set_->duplicate();
    out.present_ = present_;
    return out;
}

Staging Staging::restore(KeySet set, std::uint32_t present) {
    Staging out;
    out.set_ = std::move(set);
    out.present_ = present;
    return out;
}

base::Status may_follow(KeySetName current, KeySetName next) {
    using base::Code;
    if (next.state == KeyState::factory) {
        if (next.version != 0) return {Code::refused, "the factory set has version 0"};
        if (current.state == KeyState::factory) return {Code::refused, "the factory set is in force already"};
        return {};
    }
    if (next.version <= current.version)
        return {Code::refused, next.text() + " is not above " + current.text() + ", which is in force"};
    return {};
}

}  // namespace meter

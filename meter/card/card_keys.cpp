#include "meter/card/card_keys.h"

#include <algorithm>
#include <cstring>

namespace meter::card {
namespace {

constexpr std::uint8_t kCardClass = 0x06;

CardKeys derive_all(base::ByteView base_key, KeySetName set, const Serial& serial) {
    CardKeys out(set.state);
    for (const Usage usage : kUsages) out.put(usage, suite::derive_key(base_key, {suite::kCardLevel, kCardClass, static_cast<std::uint8_t>(usage), set, serial}));
    return out;
}

}  // namespace

CardKeys CardKeys::factory(const Serial& serial) {
    return suite::factory_master(kCardClass).reveal([&](base::ByteView master) { return derive_all(master, KeySetName{}, serial); });
}

CardKeys CardKeys::of_node(base::ByteView node, KeySetName set, const Serial& serial) { return derive_all(node, set, serial); }

std::size_t CardKeys::place(Usage usage) noexcept {
    return static_cast<std::size_t>(std::find(kUsages.begin(), kUsages.end(), usage) - kUsages.begin()) * kKeySize;
}

void CardKeys::put(Usage usage, const base::Secret& key) {
    bytes_.fill([&](std::span<std::uint8_t> all) {
        const auto slot = all.subspan(place(usage), kKeySize);
        key.reveal([&](base::ByteView bytes) { std::memcpy(slot.data(), bytes.data(), slot.size()); });
    });
}

std::optional<Usage> usage_from(std::uint8_t byte) noexcept {
    const auto at = std::find(kUsages.begin(), kUsages.end(), static_cast<Usage>(byte));
    return at == kUsages.end() ? std::nullopt : std::optional(*at);
}

base::Bytes make_mac(const CardKeys& keys, Usage usage, Direction direction, const Command& command, base::ByteView freshness, base::ByteView fields, std::size_t size) {
    return keys.with(usage, [&](base::ByteView key) { return suite::make_mac(key, {direction, command, 0, freshness, fields}, size); });
}

bool mac_holds(const CardKeys& keys, Usage usage, const Command& command, base::ByteView freshness, base::ByteView fields, base::ByteView mac, std::size_t size) {
    return mac.size() == size && base::equal_constant_time(make_mac(keys, usage, Direction::to_meter, command, freshness, fields, size), mac);
}

}  // namespace meter::card

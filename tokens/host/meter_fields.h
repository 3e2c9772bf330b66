#pragma once
#include "tokens/host/operations.h"

/// What the operations on meters share.
namespace tokens::host {

/// The name of a key at level meter. errors: invalid_argument (state, version or factor do not fit each other)
base::Result<KeyName> meter_key_name(const pb::MeterKey& key, model::KeyClass key_class, Usage usage);

using Mac = std::array<std::uint8_t, 16>;  ///< the whole CMAC; a field carries its first 4 or 8 bytes
base::Result<Mac> cmac(Host& host, const KeyName& key, const MacInput& input);
inline base::ByteView first(const Mac& mac, std::size_t count) noexcept { return base::ByteView(mac).first(count); }

/// Most significant byte first.
std::array<std::uint8_t, 4> big_endian(std::uint32_t v) noexcept;
bool is_bcd(base::ByteView field) noexcept;

/// invalid_argument unless the field has exactly `size` bytes.
base::Status check_size(const std::string& field, std::size_t size, std::string_view what);

}  // namespace tokens::host

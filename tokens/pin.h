#pragma once
#include "base/secret.h"
#include "model/ukey.h"

/// From the PIN a person types to the PIN a token sees (design 3).
namespace tokens {

inline constexpr std::size_t kMinPin = 6;      ///< bytes; for a new PIN
inline constexpr std::size_t kMaxPin = 128;
inline constexpr unsigned kMaxWrongPins = 10;  ///< then the UKEY is blocked

/// Argon2id (RFC 9106): 32 bytes. 19 MiB, 2 passes, 1 lane: some 25 ms; never on the I/O thread.
/// internal: no memory.
base::Result<base::Secret> stretch(const base::Secret& pin, base::ByteView salt);

/// Whether the PIN of this kind is bound to its home platform. Master-control, officer, auditor and platform UKEYs must open elsewhere too.
constexpr bool takes_pepper(model::UkeyKind kind) noexcept { return kind == model::UkeyKind::key || kind == model::UkeyKind::user; }

/// 64 lower-case hex digits of 32 bytes: the form that every token takes as a PIN.
base::Secret as_token_pin(const base::Secret& stretched);

/// ok, or invalid_argument with the rule a new PIN breaks: 6 to 128 bytes, not one repeated character, not a run of digits.
base::Status check_new_pin(const base::Secret& pin);

/// "1 try left", after so many wrong PINs; "0 tries left" from kMaxWrongPins on.
std::string tries_left(unsigned wrong);

/// A random SO PIN of 64 hex digits.
base::Secret random_so_pin();

}  // namespace tokens

#pragma once
#include <functional>

#include "meter/dlt645/address.h"
#include "meter/element.h"
#include "meter/session.h"

namespace meter {

/// Serials of the cards that were replaced since the last purchase was credited, the oldest first; zeros where there is none. When there is no
/// place left, no further replacement is taken before the next purchase.
using RetiredCards = std::array<suite::Factor, 7>;

/// Everything that whoever keeps a meter's keys and money still knows after a power loss.
struct SecurityState {
    dlt645::Address number;
    KeySet keys;
    Staging staging;
    Wallet wallet;
    Lockout lockout;
    MoneyParameters parameters;
    std::uint64_t debited = 0;
    std::uint32_t illegal_insertions = 0;
    suite::Factor card_serial{};
    RetiredCards retired{};

    /// As it leaves the factory, with 9 or 20 keys.
    static SecurityState fresh(const dlt645::Address& number, std::size_t keys);
    SecurityState duplicate() const;
};

/// ok unless `number` is a pattern or the broadcast address, which no meter can have.
base::Status check_number(const dlt645::Address& number);

/// The state as bytes in locked memory, and back. errors: tampered
base::Secret encode(const SecurityState& state);
base::Result<SecurityState> decode_security(base::ByteView record);

}  // namespace meter

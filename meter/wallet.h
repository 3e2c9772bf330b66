#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "meter/dlt645/error_word.h"

namespace meter {

/// Six BCD bytes, most significant first.
using Customer = std::array<std::uint8_t, 6>;

/// The prepaid money of one meter, its purchase count and whose it is. Amounts are in Fen (0.01 yuan).
/// The rules only: who may ask was decided before.
struct Wallet {
    bool open = false;           ///< an account was opened
    Customer customer{};
    std::int32_t balance = 0;    ///< negative while overdrawn
    std::uint32_t count = 0;     ///< of the last accepted purchase
    std::uint32_t hoarding_limit = 99'999'999;  ///< no purchase may lift the balance above it

    bool operator==(const Wallet&) const = default;
};

struct Purchase {
    std::uint32_t amount;
    std::uint32_t count;
    Customer customer;
};

/// Each gives nothing and changes the wallet, or gives the reason of the refusal and leaves it as it was.
/// source: facts of the field: +1 is accepted, the same count is a repetition, all else a wrong count.
using Refusal = std::optional<dlt645::SerrBit>;

/// The first purchase; it says whose meter it is. Count 0 or 1, once.
Refusal open_account(Wallet& wallet, const Purchase& purchase);
Refusal recharge(Wallet& wallet, const Purchase& purchase);
/// Back to a wallet without customer or purchases, with `amount` in it.
Refusal initialise(Wallet& wallet, std::uint32_t amount, std::uint32_t count);

}  // namespace meter

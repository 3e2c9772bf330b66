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
    bool by_card = false;        ///< and by a card, not over a line
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

/// The first purchase; it says whose meter it is. Count 0 or 1 in a new wallet, the next one after a clear.
Refusal open_account(Wallet& wallet, const Purchase& purchase);
Refusal recharge(Wallet& wallet, const Purchase& purchase);
/// Takes `amount` out, which must be there.
Refusal refund(Wallet& wallet, const Purchase& purchase);
/// Takes out all there is (`amount` is exactly the balance) and closes the account; the count stays.
Refusal clear(Wallet& wallet, const Purchase& purchase);
/// Takes off what was consumed. The balance may fall below zero; the overdraft limit is the relay's business.
void debit(Wallet& wallet, std::uint64_t amount) noexcept;
/// Back to a wallet without customer or purchases, with `amount` in it.
Refusal initialise(Wallet& wallet, std::uint32_t amount, std::uint32_t count);

template <class A>
void fields(A& a, Wallet& v) {
    a(v.open, v.by_card, v.customer, v.balance, v.count, v.hoarding_limit);
}

}  // namespace meter

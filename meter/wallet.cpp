#include "meter/wallet.h"

#include <algorithm>

namespace meter {
namespace {

using dlt645::SerrBit;

bool is_bcd(base::ByteView bytes) noexcept {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return (b >> 4) <= 9 && (b & 15) <= 9; });
}

bool over_limit(const Wallet& wallet, std::uint32_t amount) noexcept {
    return std::int64_t{wallet.balance} + amount > std::int64_t{wallet.hoarding_limit};
}

bool follows(const Wallet& wallet, const Purchase& purchase) noexcept {
    return wallet.count != UINT32_MAX && purchase.count == wallet.count + 1;
}

/// What recharge, refund and clear ask for alike.
Refusal check_order(const Wallet& wallet, const Purchase& purchase) noexcept {
    if (!wallet.open || purchase.customer != wallet.customer) return SerrBit::wrong_customer;
    if (purchase.count == wallet.count) return SerrBit::repeated_recharge;
    if (!follows(wallet, purchase)) return SerrBit::wrong_count;
    return std::nullopt;
}

Refusal credit(Wallet& wallet, const Purchase& purchase) {
    if (over_limit(wallet, purchase.amount)) return SerrBit::over_hoarding_limit;
    wallet.balance = static_cast<std::int32_t>(std::int64_t{wallet.balance} + purchase.amount);
    wallet.count = purchase.count;
    return std::nullopt;
}

}  // namespace

Refusal open_account(Wallet& wallet, const Purchase& purchase) {
    if (!is_bcd(purchase.customer)) return SerrBit::wrong_customer;
    if (wallet.open) {
        // A station that lost the answer asks again: it learns that the purchase is in, and nothing is credited twice.
        if (purchase.customer != wallet.customer) return SerrBit::wrong_customer;
        return purchase.count == wallet.count ? SerrBit::repeated_recharge : SerrBit::wrong_count;
    }
    if (wallet.count == 0 ? purchase.count > 1 : !follows(wallet, purchase)) return SerrBit::wrong_count;
    const Refusal refusal = credit(wallet, purchase);
    if (!refusal) {
        wallet.open = true;
        wallet.by_card = false;
        wallet.customer = purchase.customer;
    }
    return refusal;
}

Refusal recharge(Wallet& wallet, const Purchase& purchase) {
    if (const Refusal refusal = check_order(wallet, purchase)) return refusal;
    return credit(wallet, purchase);
}

Refusal refund(Wallet& wallet, const Purchase& purchase) {
    if (const Refusal refusal = check_order(wallet, purchase)) return refusal;
    if (std::int64_t{purchase.amount} > std::int64_t{wallet.balance}) return SerrBit::other;
    wallet.balance = static_cast<std::int32_t>(std::int64_t{wallet.balance} - purchase.amount);
    wallet.count = purchase.count;
    return std::nullopt;
}

Refusal clear(Wallet& wallet, const Purchase& purchase) {
    // Only a clear closes an account and leaves a count, so this one was carried out and its answer lost.
    if (!wallet.open && wallet.count != 0 && purchase.count == wallet.count) return SerrBit::repeated_recharge;
    if (const Refusal refusal = check_order(wallet, purchase)) return refusal;
    if (std::int64_t{purchase.amount} != std::int64_t{wallet.balance}) return SerrBit::other;
    wallet.open = false;
    wallet.by_card = false;
    wallet.customer = {};
    wallet.balance = 0;
    wallet.count = purchase.count;
    return std::nullopt;
}

void debit(Wallet& wallet, std::uint64_t amount) noexcept {
    const std::int64_t room = std::int64_t{wallet.balance} - INT32_MIN;
    const std::int64_t taken = amount > static_cast<std::uint64_t>(room) ? room : static_cast<std::int64_t>(amount);
    wallet.balance = static_cast<std::int32_t>(std::int64_t{wallet.balance} - taken);
}

Refusal initialise(Wallet& wallet, std::uint32_t amount, std::uint32_t count) {
    if (count != 0) return SerrBit::wrong_count;
    Wallet fresh;
    fresh.hoarding_limit = wallet.hoarding_limit;
    if (over_limit(fresh, amount)) return SerrBit::over_hoarding_limit;
    fresh.balance = static_cast<std::int32_t>(amount);
    wallet = fresh;
    return std::nullopt;
}

}  // namespace meter

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
    if (purchase.count > 1) return SerrBit::wrong_count;
    const Refusal refusal = credit(wallet, purchase);
    if (!refusal) {
        wallet.open = true;
        wallet.customer = purchase.customer;
    }
    return refusal;
}

Refusal recharge(Wallet& wallet, const Purchase& purchase) {
    if (!wallet.open || purchase.customer != wallet.customer) return SerrBit::wrong_customer;
    if (purchase.count == wallet.count) return SerrBit::repeated_recharge;
    if (wallet.count == UINT32_MAX || purchase.count != wallet.count + 1) return SerrBit::wrong_count;
    return credit(wallet, purchase);
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

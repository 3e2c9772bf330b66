#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace model {

/// What a station or an engineer may ask of a UKEY. The number is the bit in a grant, and stands in events and on the wire.
enum class Operation : std::uint8_t {
    authenticate = 0,   ///< identity authentication with a meter
    open_account = 1,
    recharge = 2,
    initialise_wallet = 3,
    refund = 4,
    relay = 5,
    write_parameter = 6,
    check_status = 7,   ///< verify a meter's answer
    download_keys = 8,
    recover_keys = 9,
    card = 10,
    sign = 11,
    verify = 12,
    encrypt = 13,
    decrypt = 14,
    mac = 15,
    random = 16,
    certify = 17,       ///< public key, certificate, certificate request
};
inline constexpr unsigned kOperationCount = 18;

std::string_view name(Operation) noexcept;
base::Result<Operation> parse_operation(std::string_view text);
base::Result<Operation> operation_from(std::uint64_t number);

using OperationSet = std::uint32_t;
constexpr OperationSet bit(Operation op) noexcept { return OperationSet{1} << static_cast<unsigned>(op); }
/// "open_account, recharge"; "nothing" for none.
std::string describe(OperationSet set);

/// True for what credits a meter and therefore carries an amount, an order id and a purchase count.
bool is_order(Operation op) noexcept;
/// True where at least one of them is.
bool may_sell(OperationSet set) noexcept;

/// What an order does to a meter's account. The number stands in the hash of an order's content, in events and on the wire.
enum class OrderKind : std::uint8_t { open_account = 1, recharge = 2, initialise_wallet = 3, refund = 4, clear = 5, replace_card = 6 };

std::string_view name(OrderKind) noexcept;
base::Result<OrderKind> order_kind_from(std::uint64_t number);
/// True for what money comes in for: a burst of these holds a station.
bool is_sale(OrderKind) noexcept;
/// True for what takes credit out of a meter.
bool gives_back(OrderKind) noexcept;
/// True for what a charging card can carry; the rest is sent to the meter.
bool fits_a_card(OrderKind) noexcept;
/// What a grant must name for it: a clear is a refund of everything, a replacement the work of whoever writes cards.
Operation operation_of(OrderKind) noexcept;
/// The kind that an operation alone stands for. Precondition: is_order(op).
OrderKind order_kind_of(Operation op) noexcept;

}  // namespace model

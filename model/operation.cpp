#include "model/operation.h"

namespace model {

std::string_view name(Operation op) noexcept {
    switch (op) {
        case Operation::authenticate: return "authenticate";
        case Operation::open_account: return "open_account";
        case Operation::recharge: return "recharge";
        case Operation::initialise_wallet: return "initialise_wallet";
        case Operation::refund: return "refund";
        case Operation::relay: return "relay";
        case Operation::write_parameter: return "write_parameter";
        case Operation::check_status: return "check_status";
        case Operation::download_keys: return "download_keys";
        case Operation::recover_keys: return "recover_keys";
        case Operation::card: return "card";
        case Operation::sign: return "sign";
        case Operation::verify: return "verify";
        case Operation::encrypt: return "encrypt";
        case Operation::decrypt: return "decrypt";
        case Operation::mac: return "mac";
        case Operation::random: return "random";
        case Operation::certify: return "certify";
    }
    return "?";
}

base::Result<Operation> parse_operation(std::string_view text) {
    for (unsigned i = 0; i < kOperationCount; ++i)
        if (const auto op = static_cast<Operation>(i); name(op) == text) return op;
    return {base::Code::invalid_argument, "'" + std::string(text.substr(0, 40)) + "' is not an operation"};
}

base::Result<Operation> operation_from(std::uint64_t number) {
    if (number >= kOperationCount) return {base::Code::malformed, "no operation has the number " + std::to_string(number)};
    return static_cast<Operation>(number);
}

std::string describe(OperationSet set) {
    std::string out;
    for (unsigned i = 0; i < kOperationCount; ++i)
        if (const auto op = static_cast<Operation>(i); set & bit(op)) out.append(out.empty() ? "" : ", ").append(name(op));
    return out.empty() ? "nothing" : out;
}

bool is_order(Operation op) noexcept {
    switch (op) {
        case Operation::open_account:
        case Operation::recharge:
        case Operation::initialise_wallet:
        case Operation::refund: return true;
        case Operation::authenticate:
        case Operation::relay:
        case Operation::write_parameter:
        case Operation::check_status:
        case Operation::download_keys:
        case Operation::recover_keys:
        case Operation::card:
        case Operation::sign:
        case Operation::verify:
        case Operation::encrypt:
        case Operation::decrypt:
        case Operation::mac:
        case Operation::random:
        case Operation::certify: return false;
    }
    return false;
}

bool may_sell(OperationSet set) noexcept {
    for (unsigned i = 0; i < kOperationCount; ++i)
        if (const auto op = static_cast<Operation>(i); (set & bit(op)) != 0 && is_order(op)) return true;
    return false;
}

std::string_view name(OrderKind kind) noexcept {
    switch (kind) {
        case OrderKind::open_account: return "open_account";
        case OrderKind::recharge: return "recharge";
        case OrderKind::initialise_wallet: return "initialise_wallet";
        case OrderKind::refund: return "refund";
        case OrderKind::clear: return "clear";
        case OrderKind::replace_card: return "replace_card";
    }
    return "?";
}

base::Result<OrderKind> order_kind_from(std::uint64_t number) {
    if (number < 1 || number > 6) return {base::Code::malformed, "no kind of order has the number " + std::to_string(number)};
    return static_cast<OrderKind>(number);
}

bool is_sale(OrderKind kind) noexcept { return kind == OrderKind::open_account || kind == OrderKind::recharge || kind == OrderKind::initialise_wallet; }

bool gives_back(OrderKind kind) noexcept { return kind == OrderKind::refund || kind == OrderKind::clear; }

bool fits_a_card(OrderKind kind) noexcept { return kind == OrderKind::open_account || kind == OrderKind::recharge || kind == OrderKind::replace_card; }

Operation operation_of(OrderKind kind) noexcept {
    switch (kind) {
        case OrderKind::open_account: return Operation::open_account;
        case OrderKind::recharge: return Operation::recharge;
        case OrderKind::initialise_wallet: return Operation::initialise_wallet;
        case OrderKind::refund:
        case OrderKind::clear: return Operation::refund;
        case OrderKind::replace_card: return Operation::card;
    }
    return Operation::recharge;
}

OrderKind order_kind_of(Operation op) noexcept {
    // The four operations that are orders have the numbers of their kinds.
    return static_cast<OrderKind>(op);
}

}  // namespace model

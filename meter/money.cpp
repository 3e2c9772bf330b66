#include "meter/money.h"

#include <algorithm>
#include <span>

#include "meter/calendar.h"
#include "meter/dlt645/payload.h"

namespace meter {
namespace {

using dlt645::DataIdentifier;
using dlt645::ErrorBit;
using dlt645::PayloadReader;
using dlt645::PayloadWriter;

constexpr std::uint8_t kBlock = 0xFF;

/// A number among the parameters: where it lies and how many BCD bytes it has.
struct Number {
    std::uint32_t id;
    std::size_t size;
    std::uint32_t MoneyParameters::*field;
};
constexpr std::array kNumbers{
    Number{0x04001001, 4, &MoneyParameters::alarm1},        Number{0x04001002, 4, &MoneyParameters::alarm2},
    Number{0x04001003, 4, &MoneyParameters::overdraft_limit}, Number{0x04000306, 3, &MoneyParameters::current_ratio},
    Number{0x04000307, 3, &MoneyParameters::voltage_ratio},
};
constexpr std::uint32_t kHoardingLimit = 0x04001004;
constexpr std::uint32_t kTariffSwitch = 0x04000108;
constexpr std::uint32_t kLadderSwitch = 0x04000109;

/// A table of 4-byte values: 040501nn, 040502nn tariffs; 040600nn, 040602nn limits; 040601nn, 040603nn step prices.
enum class TableKind : std::uint8_t { tariffs, limits, steps };
struct Table {
    std::uint32_t base;
    Prices MoneyParameters::*prices;
    TableKind kind;
};
constexpr std::array kTables{
    Table{0x04050100, &MoneyParameters::current, TableKind::tariffs}, Table{0x04050200, &MoneyParameters::backup, TableKind::tariffs},
    Table{0x04060000, &MoneyParameters::current, TableKind::limits},  Table{0x04060100, &MoneyParameters::current, TableKind::steps},
    Table{0x04060200, &MoneyParameters::backup, TableKind::limits},   Table{0x04060300, &MoneyParameters::backup, TableKind::steps},
};

template <class P>
auto values(P& prices, TableKind kind) noexcept {
    using Span = std::conditional_t<std::is_const_v<P>, std::span<const std::uint32_t>, std::span<std::uint32_t>>;
    switch (kind) {
        case TableKind::tariffs: return Span(prices.price);
        case TableKind::limits: return Span(prices.limit);
        case TableKind::steps: return Span(prices.step_price);
    }
    return Span();
}

std::size_t in_use(const Prices& prices, TableKind kind) noexcept {
    switch (kind) {
        case TableKind::tariffs: return prices.tariffs;
        case TableKind::limits: return prices.steps > 0 ? prices.steps - 1u : 0;
        case TableKind::steps: return prices.steps;
    }
    return 0;
}

const Table* table_of(DataIdentifier id) noexcept {
    const auto found = std::find_if(kTables.begin(), kTables.end(), [&](const Table& t) { return (id.value() & 0xFFFFFF00) == t.base; });
    return found == kTables.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> bcd_field(base::ByteView wire) {
    const base::Bytes value(wire.rbegin(), wire.rend());
    const auto number = from_bcd(value);
    return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

bool rises(const Prices& prices) noexcept {
    const std::size_t limits = in_use(prices, TableKind::limits);
    for (std::size_t i = 1; i < limits; ++i)
        if (prices.limit[i] != 0 && prices.limit[i] < prices.limit[i - 1]) return false;
    return true;
}

std::optional<ErrorBit> write_table(Prices& prices, TableKind kind, std::uint8_t index, base::ByteView data) {
    const auto all = values(prices, kind);
    const ErrorBit too_many = kind == TableKind::tariffs ? ErrorBit::tariffs : ErrorBit::other;
    if (data.empty() || data.size() % 4 != 0) return ErrorBit::other;
    const std::size_t count = data.size() / 4;
    const std::size_t first = index == kBlock ? 0 : index - 1u;
    if (index == 0) return ErrorBit::no_such_data;
    if (index != kBlock && count != 1) return ErrorBit::other;
    if (first + count > all.size()) return too_many;
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = bcd_field(data.subspan(4 * i, 4));
        if (!value) return ErrorBit::other;
        all[first + i] = *value;
    }
    const auto reach = static_cast<std::uint8_t>(first + count);
    if (kind == TableKind::tariffs) prices.tariffs = index == kBlock ? reach : std::max(prices.tariffs, reach);
    if (kind == TableKind::steps) prices.steps = index == kBlock ? reach : std::max(prices.steps, reach);
    return rises(prices) ? std::nullopt : std::optional(ErrorBit::other);
}

/// YYMMDDhhmm, five bytes; all zero means none.
std::optional<base::Millis> switch_time(base::ByteView wire) {
    if (wire.size() != 5) return std::nullopt;
    if (std::all_of(wire.begin(), wire.end(), [](std::uint8_t b) { return b == 0; })) return base::Millis{0};
    const base::Bytes six{0x00, wire[0], wire[1], wire[2], wire[3], wire[4]};
    return from_bcd_time(six);
}

}  // namespace

std::size_t Prices::step(std::uint64_t consumed) const noexcept {
    if (steps == 0) return 0;
    std::size_t out = 1;
    while (out < steps && consumed >= limit[out - 1]) ++out;
    return out;
}

std::uint32_t Prices::at(std::size_t tariff, std::uint64_t consumed) const noexcept {
    const std::size_t row = std::clamp<std::size_t>(tariff, 1, std::max<std::size_t>(tariffs, 1)) - 1;
    const std::size_t rung = step(consumed);
    return price[row] + (rung > 0 ? step_price[rung - 1] : 0);
}

void switch_tariffs(MoneyParameters& parameters) noexcept {
    parameters.current.tariffs = parameters.backup.tariffs;
    parameters.current.price = parameters.backup.price;
    parameters.tariff_switch = 0;
}

void switch_ladder(MoneyParameters& parameters) noexcept {
    parameters.current.steps = parameters.backup.steps;
    parameters.current.limit = parameters.backup.limit;
    parameters.current.step_price = parameters.backup.step_price;
    parameters.ladder_switch = 0;
}

bool is_class_1(DataIdentifier id) noexcept {
    switch (id.value()) {
        case 0x04001001:
        case 0x04001002:
        case 0x04000306:
        case 0x04000307:
        case kTariffSwitch:
        case kLadderSwitch: return true;
    }
    return table_of(id) != nullptr;
}

std::optional<ErrorBit> write_money(MoneyParameters& parameters, Wallet& wallet, DataIdentifier id, base::ByteView data) {
    if (id.value() == kTariffSwitch || id.value() == kLadderSwitch) {
        const auto time = switch_time(data);
        if (!time) return ErrorBit::other;
        (id.value() == kTariffSwitch ? parameters.tariff_switch : parameters.ladder_switch) = *time;
        return std::nullopt;
    }
    if (id.value() == kHoardingLimit) {
        const auto value = data.size() == 4 ? bcd_field(data) : std::nullopt;
        if (!value) return ErrorBit::other;
        wallet.hoarding_limit = *value;
        return std::nullopt;
    }
    if (const Table* table = table_of(id)) {
        Prices changed = parameters.*table->prices;
        if (const auto why = write_table(changed, table->kind, static_cast<std::uint8_t>(id.value()), data)) return why;
        parameters.*table->prices = changed;
        return std::nullopt;
    }
    for (const Number& number : kNumbers) {
        if (number.id != id.value()) continue;
        const auto value = data.size() == number.size ? bcd_field(data) : std::nullopt;
        if (!value) return ErrorBit::other;
        parameters.*number.field = *value;
        return std::nullopt;
    }
    return ErrorBit::no_such_data;
}

std::optional<base::Bytes> read_money(const MoneyParameters& parameters, std::uint32_t hoarding_limit, DataIdentifier id) {
    const auto bcd = [](std::uint64_t value, std::size_t size) { return PayloadWriter().field(to_bcd(value, size)).take(); };
    if (id.value() == kHoardingLimit) return bcd(hoarding_limit, 4);
    if (id.value() == kTariffSwitch) return PayloadWriter().field(bcd_minute(parameters.tariff_switch)).take();
    if (id.value() == kLadderSwitch) return PayloadWriter().field(bcd_minute(parameters.ladder_switch)).take();
    if (const Table* table = table_of(id)) {
        const Prices& prices = parameters.*table->prices;
        const auto all = values(prices, table->kind);
        const auto index = static_cast<std::uint8_t>(id.value());
        if (index >= 1 && index <= all.size()) return bcd(all[index - 1u], 4);
        if (index != kBlock) return std::nullopt;
        PayloadWriter out;
        for (const std::uint32_t value : all.first(in_use(prices, table->kind))) out.field(to_bcd(value, 4));
        return out.take();
    }
    for (const Number& number : kNumbers)
        if (number.id == id.value()) return bcd(parameters.*number.field, number.size);
    return std::nullopt;
}

}  // namespace meter

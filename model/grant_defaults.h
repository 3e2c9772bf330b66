#pragma once
#include <cstdint>

#include "model/fen.h"
#include "model/keys.h"
#include "model/operation.h"
#include "model/ukey.h"

/// What a grant says where whoever asks for it said nothing: the same for the command line and for the window.
namespace model {

/// What a UKEY of this kind usually does. Precondition: user or key.
OperationSet usual_operations(UkeyKind kind) noexcept;
ClassSet usual_classes(UkeyKind kind) noexcept;
/// What a grant for it may name at all, as Grant::validate has it.
OperationSet possible_operations(UkeyKind kind) noexcept;
ClassSet possible_classes(UkeyKind kind) noexcept;

/// Of a UKEY that may sell; one that may not has no caps.
struct SaleCaps {
    Fen per_order;
    Fen per_day;
    Fen per_month;
    std::uint32_t orders_per_minute = 0;
};
inline constexpr SaleCaps kUsualCaps{Fen(2'000'00), Fen(50'000'00), Fen(1'000'000'00), 600};
inline constexpr SaleCaps kNoCaps{};
/// More than this no cap can be asked for: a month's may be larger than any one order.
inline constexpr Fen kLargestCap{1'000'000'000'00};

}  // namespace model

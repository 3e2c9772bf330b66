#pragma once
#include <cstdint>

namespace model {

/// What one side of the books holds of a station, a day or a UKEY. In fen.
struct Sums {
    std::uint64_t orders = 0;   ///< all of them, those that were voided too
    std::int64_t gross = 0;     ///< what was sold
    std::uint64_t voids = 0;
    std::int64_t voided = 0;    ///< of what was sold
    std::int64_t refunded = 0;  ///< refunds and clears that stand

    std::int64_t net() const noexcept { return gross - voided - refunded; }
    /// An order that was signed. `back`: it takes credit out of a meter (gives_back).
    void sell(bool back, std::int64_t amount) noexcept;
    /// An order that was signed was voided: it is counted where that was.
    void take_back(bool back, std::int64_t amount) noexcept;
    Sums& operator+=(const Sums& other) noexcept;
    bool operator==(const Sums&) const = default;
};

}  // namespace model

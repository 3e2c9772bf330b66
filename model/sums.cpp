#include "model/sums.h"

namespace model {

void Sums::sell(bool back, std::int64_t amount) noexcept {
    ++orders;
    (back ? refunded : gross) += amount;
}

void Sums::take_back(bool back, std::int64_t amount) noexcept {
    ++voids;
    if (back) refunded -= amount;
    else voided += amount;
}

Sums& Sums::operator+=(const Sums& other) noexcept {
    orders += other.orders;
    gross += other.gross;
    voids += other.voids;
    voided += other.voided;
    refunded += other.refunded;
    return *this;
}

}  // namespace model

#include "kmp/service/seats.h"

#include <algorithm>

namespace kmp::service {

std::string place_of(const asio::ip::address& address) {
    if (!address.is_v6()) return address.to_string();
    if (address.to_v6().is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return asio::ip::address_v6(bytes).to_string() + "/64";
}

Seats::Seat Seats::take(const std::shared_ptr<Seats>& seats, const std::string& place, unsigned most, unsigned most_of_all) {
    const auto known = seats->taken_.find(place);
    if (seats->all_ >= most_of_all || (known != seats->taken_.end() && known->second >= most)) return nullptr;
    ++seats->taken_[place];
    ++seats->all_;
    return {seats.get(), [seats, place](void*) {
                const auto it = seats->taken_.find(place);
                if (--it->second == 0) seats->taken_.erase(it);
                --seats->all_;
            }};
}

}  // namespace kmp::service

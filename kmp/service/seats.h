#pragma once
#include <asio/ip/address.hpp>
#include <map>
#include <memory>
#include <string>

namespace kmp::service {

/// What counts as one address: an IPv4 address, and of IPv6 the 64 bits that one network has (RFC 4291, 2.5.4), as whoever has one of its addresses has them all.
/// "203.0.113.7", "2001:db8:0:1::/64"; an IPv4 address that came in IPv6's clothes is one of IPv4.
std::string place_of(const asio::ip::address& address);

/// How many connections each place has. A connection holds its seat as long as its Seat lives. Thread: the I/O thread.
class Seats {
public:
    using Seat = std::shared_ptr<void>;
    /// Null: there are `most` of this place already, or `most_of_all`.
    static Seat take(const std::shared_ptr<Seats>& seats, const std::string& place, unsigned most, unsigned most_of_all);

private:
    std::map<std::string, unsigned> taken_;
    unsigned all_ = 0;
};

}  // namespace kmp::service

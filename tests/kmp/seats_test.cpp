// Places of the network: one for an IPv4 address, one for an IPv6 network.
#include "kmp/service/seats.h"

#include <gtest/gtest.h>

namespace {

using kmp::service::place_of;
using kmp::service::Seats;

std::string place(const char* address) { return place_of(asio::ip::make_address(address)); }

TEST(seats, an_ipv4_address_is_a_place_in_whatever_clothes_it_comes) {
    EXPECT_EQ(place("203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(place("::ffff:203.0.113.7"), "203.0.113.7");
    EXPECT_NE(place("203.0.113.8"), place("203.0.113.7"));
}

TEST(seats, the_addresses_of_one_ipv6_network_are_one_place) {
    EXPECT_EQ(place("2001:db8:0:1::7"), "2001:db8:0:1::/64");
    EXPECT_EQ(place("2001:db8:0:1:ffff:ffff:ffff:ffff"), "2001:db8:0:1::/64");
    EXPECT_NE(place("2001:db8:0:2::7"), "2001:db8:0:1::/64");
    EXPECT_EQ(place("::1"), "::/64");
    EXPECT_EQ(place("fe80::1%1"), place("fe80::2%2")) << "whatever interface it came by";
}

TEST(seats, are_taken_up_to_the_most_of_a_place_and_of_all_and_given_back) {
    const auto seats = std::make_shared<Seats>();
    auto one = Seats::take(seats, place("2001:db8::1"), 2, 3);
    auto two = Seats::take(seats, place("2001:db8::2"), 2, 3);
    ASSERT_TRUE(one && two);
    EXPECT_FALSE(Seats::take(seats, place("2001:db8::3"), 2, 3)) << "another address of the same network";
    auto other = Seats::take(seats, place("192.0.2.1"), 2, 3);
    ASSERT_TRUE(other);
    EXPECT_FALSE(Seats::take(seats, place("192.0.2.2"), 2, 3)) << "no room for anybody";
    two.reset();
    EXPECT_TRUE(Seats::take(seats, place("2001:db8::3"), 2, 3));
    one.reset();
    other.reset();
    EXPECT_TRUE(Seats::take(seats, place("192.0.2.2"), 2, 3));
}

}  // namespace

#include "wire/failure.h"

#include <gtest/gtest.h>

#include "wire/pb.h"

namespace {

wire::pb::Failure said(const std::string& message) {
    wire::pb::Failure out;
    wire::set_failure(out, {base::Code::refused, message});
    return out;
}

TEST(failure, a_message_that_is_short_enough_stays_as_it_is) {
    wire::pb::Failure failure = said("per_day: 12.00 yuan asked");
    wire::shorten(failure, 25);
    EXPECT_EQ(failure.message(), "per_day: 12.00 yuan asked");
}

TEST(failure, a_longer_one_is_cut_and_keeps_its_code_and_rule) {
    wire::pb::Failure failure = said("per_day: 12.00 yuan asked, 1.00 left");
    wire::shorten(failure, 25);
    EXPECT_EQ(failure.message(), "per_day: 12.00 yuan ask..");
    EXPECT_EQ(failure.code(), "refused");
}

TEST(failure, no_character_is_cut_in_two) {
    wire::pb::Failure failure = said("station: \xE5\x8F\xB0\xE5\x8F\xB0\xE5\x8F\xB0");  // 9 bytes and three of three
    for (const std::size_t most : {14U, 15U, 16U}) {
        wire::shorten(failure, most);
        EXPECT_EQ(failure.message(), "station: \xE5\x8F\xB0..") << most;
        failure = said("station: \xE5\x8F\xB0\xE5\x8F\xB0\xE5\x8F\xB0");
    }
}

TEST(failure, no_message_is_longer_than_the_protocol_allows) { EXPECT_EQ(said(std::string(5000, 'x')).message().size(), wire::kMaxFailureText); }

}  // namespace

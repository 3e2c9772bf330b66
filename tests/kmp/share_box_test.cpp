#include "kmp/service/share_box.h"

#include <gtest/gtest.h>

namespace {

using kmp::service::ShareBox;

base::UkeySerial officer(const std::string& text) { return base::UkeySerial::parse(text).value(); }
tokens::Share share(std::uint8_t place) { return {place, base::Secret::random(32)}; }
const ShareBox::Time kStart = std::chrono::steady_clock::now();

TEST(share_box, forgets_a_share_ten_minutes_after_the_last_one_came) {
    ShareBox box;
    box.put(7, officer("OF-1"), share(1), kStart);
    box.put(7, officer("OF-2"), share(2), kStart + std::chrono::minutes(9));
    box.forget(kStart + std::chrono::minutes(18));
    EXPECT_EQ(box.count(7), 2u);
    box.forget(kStart + std::chrono::minutes(19));
    EXPECT_EQ(box.count(7), 0u);
}

TEST(share_box, drops_what_an_officer_gave_to_every_request) {
    ShareBox box;
    box.put(7, officer("OF-1"), share(1), kStart);
    box.put(8, officer("OF-1"), share(1), kStart);
    box.put(8, officer("OF-2"), share(2), kStart);
    box.drop(officer("OF-1"));
    EXPECT_EQ(box.count(7), 0u);
    EXPECT_EQ(box.count(8), 1u);
}

TEST(share_box, gives_the_shares_of_a_request_once) {
    ShareBox box;
    box.put(7, officer("OF-1"), share(1), kStart);
    EXPECT_EQ(box.take(7).size(), 1u);
    EXPECT_TRUE(box.take(7).empty());
    EXPECT_TRUE(box.take(9).empty());
}

}  // namespace

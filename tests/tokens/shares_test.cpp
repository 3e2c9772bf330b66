#include "tokens/shares.h"

#include <gtest/gtest.h>

#include <set>

namespace {

using base::Secret;
using tokens::Share;

std::vector<Share> some(const std::vector<Share>& shares, const std::vector<unsigned>& which) {
    std::vector<Share> out;
    for (const unsigned i : which) out.push_back({shares[i].place, shares[i].value.duplicate()});
    return out;
}

TEST(shares, any_k_of_n_give_the_secret_back) {
    const Secret secret = Secret::random(32);
    const auto shares = tokens::split(secret, 5, 3);
    ASSERT_EQ(shares.size(), 5u);
    for (unsigned a = 0; a < 5; ++a)
        for (unsigned b = a + 1; b < 5; ++b)
            for (unsigned c = b + 1; c < 5; ++c) EXPECT_TRUE(tokens::join(some(shares, {a, b, c}))->equals(secret)) << a << b << c;
    EXPECT_TRUE(tokens::join(some(shares, {4, 3, 2, 1, 0}))->equals(secret)) << "more than K, in any order";
}

TEST(shares, fewer_than_k_give_something_else) {
    const Secret secret = Secret::random(32);
    const auto shares = tokens::split(secret, 5, 3);
    for (unsigned a = 0; a < 5; ++a)
        for (unsigned b = a + 1; b < 5; ++b) EXPECT_FALSE(tokens::join(some(shares, {a, b}))->equals(secret));
}

// With K - 1 shares every secret is still possible: over many splits of one secret each byte of a share takes many values.
TEST(shares, one_share_alone_says_nothing_about_the_secret) {
    const Secret secret(32);
    std::set<std::uint8_t> seen;
    for (int i = 0; i < 400; ++i) tokens::split(secret, 2, 2)[0].value.reveal([&](base::ByteView v) { seen.insert(v[7]); });
    EXPECT_GT(seen.size(), 150u);
}

TEST(shares, of_two_splits_do_not_mix) {
    const Secret secret = Secret::random(32);
    const auto one = tokens::split(secret, 3, 2);
    const auto two = tokens::split(secret, 3, 2);
    std::vector<Share> mixed = some(one, {0});
    mixed.push_back({two[1].place, two[1].value.duplicate()});
    EXPECT_FALSE(tokens::join(mixed)->equals(secret));
}

TEST(shares, that_cannot_be_are_refused) {
    const auto shares = tokens::split(Secret::random(32), 3, 2);
    EXPECT_FALSE(tokens::join({}));
    EXPECT_FALSE(tokens::join(some(shares, {1, 1})));
    std::vector<Share> cut = some(shares, {0, 1});
    cut[1].value.shrink(31);
    EXPECT_FALSE(tokens::join(cut));
    cut = some(shares, {0, 1});
    cut[1].place = 0;
    EXPECT_FALSE(tokens::join(cut));
}

TEST(quorum_secret, opens_each_thing_by_a_key_of_its_own) {
    const Secret secret = Secret::random(32);
    const Secret a = tokens::derive_from_quorum_secret(secret, "master-pin", "MC-1");
    EXPECT_TRUE(a.equals(tokens::derive_from_quorum_secret(secret, "master-pin", "MC-1")));
    EXPECT_FALSE(a.equals(tokens::derive_from_quorum_secret(secret, "master-pin", "MC-2")));
    EXPECT_FALSE(a.equals(tokens::derive_from_quorum_secret(secret, "so-pin", "MC-1")));
    EXPECT_FALSE(a.equals(tokens::derive_from_quorum_secret(Secret::random(32), "master-pin", "MC-1")));
    EXPECT_FALSE(a.equals(secret));
}

}  // namespace

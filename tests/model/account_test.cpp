#include "model/account.h"

#include <gtest/gtest.h>

namespace {

using base::Code;
using model::Account;

Account account() { return {"shop-7", base::UkeySerial::parse("US-1").value(), "Han Meimei", base::UkeySerial::parse("PF-1").value(), 1'800'000'000'000, 3}; }

TEST(account, is_read_back_as_it_was_written) {
    const Account a = account();
    const auto again = Account::decode(a.encode());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, a);
}

TEST(account, has_the_bytes_of_the_format) {
    // By hand from docs/AUDIT_FORMAT.md.
    EXPECT_EQ(base::to_hex(account().encode()), "01" "000673686f702d37" "000455532d31" "000a48616e204d65696d6569" "000450462d31" "000001a3185c5000" "00000003");
}

Account bound(bool password) {
    Account a = account();
    a.key = base::Bytes(32, 0xAB);
    a.password = password;
    return a;
}

TEST(account, that_is_bound_to_a_key_says_so_in_a_second_version) {
    std::string key;
    for (int i = 0; i < 32; ++i) key += "ab";
    const std::string before = "000673686f702d37" "000455532d31" "000a48616e204d65696d6569" "000450462d31" "000001a3185c5000" "00000003";
    EXPECT_EQ(base::to_hex(bound(false).encode()), "02" + before + "00" + key);
    EXPECT_EQ(base::to_hex(bound(true).encode()), "02" + before + "01" + key);
    for (const bool password : {false, true}) {
        const auto again = Account::decode(bound(password).encode());
        ASSERT_TRUE(again);
        EXPECT_EQ(*again, bound(password));
        const base::Bytes whole = bound(password).encode();
        for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(Account::decode(base::ByteView(whole).first(size))) << size;
    }
    EXPECT_TRUE(account().password);
    EXPECT_TRUE(account().key.empty());
}

TEST(account, has_one_encoding_and_one_way_at_least) {
    base::Bytes odd = bound(true).encode();
    odd[odd.size() - 33] = 2;
    EXPECT_EQ(Account::decode(odd).error().code, Code::malformed) << "neither with a password nor without";
    base::Bytes more = bound(true).encode();
    more.push_back(0);
    EXPECT_FALSE(Account::decode(more));
    Account none = account();
    none.password = false;
    EXPECT_EQ(none.validate().error().code, Code::invalid_argument);
    Account cut = bound(true);
    cut.key.pop_back();
    EXPECT_EQ(cut.validate().error().code, Code::invalid_argument);
}

TEST(account, with_any_byte_cut_or_added_is_malformed) {
    const base::Bytes whole = account().encode();
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(Account::decode(base::ByteView(whole).first(size))) << size;
    base::Bytes more = whole;
    more.push_back(0);
    EXPECT_FALSE(Account::decode(more));
}

TEST(account, of_another_version_or_time_is_refused) {
    base::Bytes other = account().encode();
    other[0] = 3;
    EXPECT_EQ(Account::decode(other).error().code, Code::malformed);
    base::Bytes late = account().encode();
    late[late.size() - 12] = 0x80;
    EXPECT_EQ(Account::decode(late).error().code, Code::malformed);
}

TEST(account, wants_a_name_a_holder_a_number_and_an_end) {
    const auto refused = [](auto change) {
        Account a = account();
        change(a);
        EXPECT_EQ(a.validate().error().code, Code::invalid_argument);
        EXPECT_FALSE(Account::decode(a.encode()));
    };
    for (const char* name : {"", "no good", "a/b", "\xC3\xA4"}) refused([&](Account& a) { a.name = name; });
    refused([](Account& a) { a.name = std::string(65, 'n'); });
    for (const char* holder : {"", "two\nlines", "\x1B[8m", "\xFF"}) refused([&](Account& a) { a.holder = holder; });
    refused([](Account& a) { a.holder = std::string(65, 'h'); });
    refused([](Account& a) { a.number = 0; });
    refused([](Account& a) { a.not_after = 0; });
    EXPECT_TRUE(account().validate());
}

TEST(account, says_in_words_what_was_signed) {
    EXPECT_EQ(account().in_words(), "account shop-7 of Han Meimei with user UKEY US-1 at platform PF-1, statement 3, until 2027-01-15T08:00:00.000Z");
    const std::string key = base::to_hex(base::Bytes(32, 0xAB));
    EXPECT_EQ(bound(false).in_words(), account().in_words() + "; by the key whose SHA-256 is " + key);
    EXPECT_EQ(bound(true).in_words(), account().in_words() + "; by the key whose SHA-256 is " + key + ", or by a password");
}

}  // namespace

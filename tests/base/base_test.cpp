#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <set>
#include <stdexcept>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/result.h"

using base::ByteReader;
using base::Bytes;
using base::ByteWriter;
using base::Code;
using base::Result;
using base::Status;

TEST(result, holds_a_value_or_the_error) {
    const Result<int> good = 7;
    EXPECT_TRUE(good.ok());
    EXPECT_EQ(*good, 7);
    const Result<int> bad{Code::busy, "try again", 5};
    EXPECT_FALSE(bad);
    EXPECT_EQ(bad.error().code, Code::busy);
    EXPECT_EQ(bad.error().raw, 5);
    EXPECT_THROW(static_cast<void>(bad.value()), std::bad_variant_access) << "asking for what is not there is a bug";
    const Status fine;
    EXPECT_TRUE(fine);
    const Status not_fine{Code::expired, "over"};
    EXPECT_EQ(not_fine.error().message, "over");
}

TEST(result, moves_what_cannot_be_copied) {
    const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(3); };
    const auto use = [&]() -> Result<int> {
        KMP_TRY(const std::unique_ptr<int> p, make());
        return *p;
    };
    EXPECT_EQ(*use(), 3);
}

TEST(result, try_and_check_return_the_error_of_what_failed) {
    int reached = 0;
    const auto number = [&]() -> Result<int> {
        KMP_CHECK(Status{});
        ++reached;
        KMP_TRY(const int x, Result<int>(Code::not_found, "no such number"));
        ++reached;
        return x;
    };
    EXPECT_EQ(number().error().code, Code::not_found);
    EXPECT_EQ(reached, 1);
    const auto status = []() -> Status {
        KMP_CHECK(Status{Code::refused, "no"});
        return {};
    };
    EXPECT_EQ(status().error().code, Code::refused);
}

TEST(error, names_are_each_its_own) {
    std::set<std::string_view> seen;
    for (int i = 0; i <= static_cast<int>(Code::internal); ++i) EXPECT_TRUE(seen.insert(base::name(static_cast<Code>(i))).second) << i;
    EXPECT_EQ(base::name(Code::outcome_unknown), "outcome_unknown");
}

TEST(error, takes_its_context_in_front) {
    EXPECT_EQ((base::Error{Code::busy, "locked", 1}.in("reader a").in("unseal").message), "unseal: reader a: locked");
}

TEST(error, from_errno_has_a_fitting_code) {
    EXPECT_EQ(base::errno_error("x", ENOSPC).code, Code::storage_full);
    EXPECT_EQ(base::errno_error("x", EDQUOT).code, Code::storage_full);
    EXPECT_EQ(base::errno_error("x", ENOENT).code, Code::not_found);
    EXPECT_EQ(base::errno_error("x", EACCES).code, Code::denied);
    EXPECT_EQ(base::errno_error("x", ETIMEDOUT).code, Code::timeout);
    EXPECT_EQ(base::errno_error("x", EIO).code, Code::io_failed);
    EXPECT_EQ(base::errno_error("x", EIO).raw, EIO);
    EXPECT_EQ(base::errno_error("cannot open f", ENOENT).message, "cannot open f: No such file or directory");
}

TEST(hex, round_trip) {
    EXPECT_EQ(base::to_hex(*base::from_hex("00ffA0")), "00ffa0");
    EXPECT_EQ(base::from_hex("")->size(), 0u);
    EXPECT_EQ(base::to_hex({}), "");
}

TEST(hex, that_is_not_hex_is_refused) {
    for (const char* bad : {"0", "000", "0g", "g0", " 00", "0x00", "00 ", "\xC3\xA9"}) EXPECT_EQ(base::from_hex(bad).error().code, Code::malformed) << bad;
}

TEST(base64, is_that_of_rfc_4648_section_10) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [text, encoded] : vectors) {
        EXPECT_EQ(base::to_base64(base::as_bytes(text)), encoded);
        const auto decoded = base::from_base64(encoded);
        ASSERT_TRUE(decoded) << encoded;
        EXPECT_EQ(base::to_string(*decoded), text);
    }
}

TEST(base64, that_is_not_canonical_is_refused) {
    for (const char* bad : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", "\nZm9", "Zm9v ", " Zm9", "====", "Z===", "Zg==Zg==", "Zm-_", "Zm9v===="})
        EXPECT_EQ(base::from_base64(bad).error().code, Code::malformed) << bad;
}

TEST(bytes, compare_in_constant_time) {
    EXPECT_TRUE(base::equal_constant_time({}, {}));
    EXPECT_TRUE(base::equal_constant_time(base::as_bytes("abc"), base::as_bytes("abc")));
    EXPECT_FALSE(base::equal_constant_time(base::as_bytes("abc"), base::as_bytes("abd")));
    EXPECT_FALSE(base::equal_constant_time(base::as_bytes("abc"), base::as_bytes("ab")));
    EXPECT_FALSE(base::equal_constant_time(base::as_bytes("bbc"), base::as_bytes("abc")));
}

TEST(byte_writer, writes_the_most_significant_byte_first) {
    ByteWriter w;
    w.u8(0x01);
    w.u16(0x0203);
    w.u32(0x04050607);
    w.u64(0x08090A0B0C0D0E0F);
    w.sized16("ab");
    w.text("c");
    EXPECT_EQ(base::to_hex(w.view()), "0102030405060708090a0b0c0d0e0f0002616263");
    EXPECT_THROW(w.sized16(Bytes(65536)), std::length_error);
}

TEST(byte_reader, reads_what_was_written_and_nothing_more) {
    const Bytes in = *base::from_hex("0102030405060708090a0b0c0d0e0f0002616263");
    ByteReader r(in);
    EXPECT_EQ(*r.u8(), 1);
    EXPECT_EQ(*r.u16(), 0x0203);
    EXPECT_EQ(*r.u32(), 0x04050607u);
    EXPECT_EQ(*r.u64(), 0x08090A0B0C0D0E0Fu);
    EXPECT_EQ(*r.text16(), "ab");
    EXPECT_FALSE(r.end()) << "one byte is left";
    EXPECT_EQ(r.left(), 1u);
    EXPECT_EQ(base::to_string(*r.bytes(1)), "c");
    EXPECT_TRUE(r.end());
    EXPECT_TRUE(r.bytes(0));
    EXPECT_EQ(r.u8().error().code, Code::malformed);
}

TEST(byte_reader, fails_for_good_at_the_first_field_that_is_not_there) {
    for (std::size_t size = 0; size < 8; ++size) {
        const Bytes in(size, 1);
        ByteReader r(in);
        EXPECT_EQ(r.u64().error().code, Code::malformed) << size;
        EXPECT_FALSE(r.u8()) << "even what would have fitted";
    }
    const Bytes lying = *base::from_hex("ffff00");
    ByteReader r(lying);
    EXPECT_EQ(r.sized16().error().code, Code::malformed);
    EXPECT_FALSE(r.u8());
}

TEST(sha256, is_that_of_fips_180_4) {
    // NIST CAVP, SHA256ShortMsg: the empty message; FIPS 180-2 appendix B: "abc", and two blocks.
    EXPECT_EQ(base::to_hex(base::sha256(base::ByteView{})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(base::to_hex(base::sha256(base::as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(base::to_hex(base::sha256({base::as_bytes("abcdbcdecdefdefgefgh"), {}, base::as_bytes("fghighijhijkijkljklmklmnlmnomnopnopq")})),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

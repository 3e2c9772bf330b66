// The meter's own suite against tests/data/suite-aes128.json, which the openssl command computed (suite_vectors.py).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "meter/aes.h"
#include "meter/dlt645/frame.h"
#include "meter/suite_aes128.h"
#include "openssl_tool.h"

namespace {

using namespace meter;
using openssl_tool::hex;

struct Example {
    std::string name;
    std::map<std::string, base::Bytes> in;
    base::Bytes out;
};

/// Those whose name starts with `rule` and a colon.
std::vector<Example> examples(const std::string& rule) {
    std::ifstream file(KMP_SOURCE_DIR "/tests/data/suite-aes128.json");
    std::vector<Example> out;
    for (const auto& entry : nlohmann::json::parse(file)) {
        Example example{entry["name"], {}, hex(entry["output"].get<std::string>())};
        if (example.name.rfind(rule + ":", 0) != 0) continue;
        for (const auto& [key, value] : entry["inputs"].items()) example.in[key] = hex(value.get<std::string>());
        out.push_back(std::move(example));
    }
    return out;
}

/// A set in which one slot holds a key.
KeySet with_key(KeyId id, const base::Bytes& key) {
    KeySet out(KeySetName{KeyState::private_keys, 1}, kLowGradeKeys);
    out.put(id, base::Secret::copy_of(key));
    return out;
}

base::Bytes shown(const base::Secret& key) { return key.reveal([](base::ByteView bytes) { return base::to_bytes(bytes); }); }

TEST(suite, derives_each_factory_key_as_openssl_does) {
    int found = 0;
    for (const auto& e : examples("derive")) {
        if (e.name.rfind("derive: factory key ", 0) != 0) continue;
        EXPECT_EQ(shown(suite::factory_key(static_cast<KeyId>(e.name[20] - '0'))), e.out) << e.name;
        ++found;
    }
    EXPECT_EQ(found, 9);
}

TEST(suite, derives_every_example_block_as_openssl_does) {
    for (const auto& e : examples("derive")) {
        aes::Block block;
        ASSERT_EQ(e.in.at("block").size(), block.size());
        std::copy(e.in.at("block").begin(), e.in.at("block").end(), block.begin());
        EXPECT_EQ(shown(aes::derive(e.in.at("base_key"), block)), e.out) << e.name;
    }
}

TEST(suite, makes_every_mac_as_openssl_does_and_takes_no_other) {
    const auto all = examples("mac");
    ASSERT_GE(all.size(), 15u);
    for (const auto& e : all) {
        suite::Command command;
        std::copy(e.in.at("command").begin(), e.in.at("command").end(), command.begin());
        const suite::MacInput input{static_cast<suite::Direction>(e.in.at("direction")[0]), command, e.in.at("part")[0], e.in.at("freshness"),
                                    e.in.at("fields")};
        const KeySet keys = with_key(KeyId::credit_mac, e.in.at("key"));
        EXPECT_EQ(suite::make_mac(keys, KeyId::credit_mac, input, e.out.size()), e.out) << e.name;
        EXPECT_TRUE(suite::mac_holds(keys, KeyId::credit_mac, input, e.out));
        base::Bytes wrong = e.out;
        wrong.back() ^= 1;
        EXPECT_FALSE(suite::mac_holds(keys, KeyId::credit_mac, input, wrong));
        EXPECT_FALSE(suite::mac_holds(keys, KeyId::credit_mac, input, {}));
        EXPECT_FALSE(suite::mac_holds(keys, KeyId::identity_mac, input, e.out)) << "under another key";
    }
}

TEST(suite, opens_a_key_record_that_openssl_wrapped) {
    for (const auto& e : examples("wrap")) {
        const KeySet keys = with_key(KeyId::key_wrap, e.in.at("wrapping_key"));
        const auto number = dlt645::Address::from_bytes(e.in.at("meter")).value();
        const auto key = suite::open_key_record(keys, number, e.out);
        ASSERT_TRUE(key) << e.name;
        EXPECT_EQ(shown(*key), e.in.at("new_key"));

        const auto other = suite::open_key_record(keys, dlt645::Address::parse("123456789013").value(), e.out);
        ASSERT_FALSE(other);
        EXPECT_EQ(other.error().code, base::Code::refused);
        base::Bytes damaged = e.out;
        damaged[5] ^= 0x10;
        const auto bad = suite::open_key_record(keys, number, damaged);
        ASSERT_FALSE(bad);
        EXPECT_EQ(bad.error().code, base::Code::key_invalid);
    }
}

TEST(suite, opens_a_command_that_openssl_encrypted_and_refuses_another_r2) {
    for (const auto& e : examples("encrypt")) {
        const KeySet keys = with_key(KeyId::remote_encryption, e.in.at("key"));
        EXPECT_EQ(suite::open_command(keys, KeyId::remote_encryption, e.in.at("r2"), e.out).value(), e.in.at("data")) << e.name;
        EXPECT_FALSE(suite::open_command(keys, KeyId::remote_encryption, hex("a1b2c3d5"), e.out));
        EXPECT_FALSE(suite::open_command(keys, KeyId::remote_encryption, e.in.at("r2"), base::ByteView(e.out).first(15)));
    }
}

TEST(suite, refuses_a_command_with_padding_that_is_not_zero_or_a_false_length) {
    const base::Bytes key = hex("b52d7b1ee30cffd8ee12277e61ee785a");
    const base::Bytes r2 = hex("a1b2c3d4");
    const KeySet keys = with_key(KeyId::remote_encryption, key);
    const auto open = [&](std::string_view plain) { return suite::open_command(keys, KeyId::remote_encryption, r2, openssl_tool::cbc(key, hex(plain))); };
    EXPECT_TRUE(open("a1b2c3d40008" "0102030405060708" "0000"));
    EXPECT_FALSE(open("a1b2c3d40008" "0102030405060708" "0001"));
    EXPECT_FALSE(open("a1b2c3d4000b" "0102030405060708" "0000"));
    EXPECT_FALSE(open("a1b2c3d40008" "0102030405060708" "0000" "00000000000000000000000000000000")) << "a block too many";
}

TEST(suite, examples_on_the_line_are_frames_of_the_codec) {
    for (const auto& e : examples("frame")) {
        const auto frame = dlt645::decode(e.out);
        ASSERT_TRUE(frame) << e.name;
        EXPECT_EQ(base::to_bytes(frame->address.bytes()), e.in.at("address"));
        EXPECT_EQ(frame->control.code(), e.in.at("control")[0]);
        EXPECT_EQ(frame->data, e.in.at("data"));
        EXPECT_EQ(dlt645::encode(*frame, 0).value(), e.out);
    }
}

// Published vectors: RFC 4493 section 4 (AES-CMAC), RFC 3394 section 4.1 (AES key wrap).
TEST(aes, agrees_with_the_published_vectors) {
    const base::Bytes key = hex("2b7e151628aed2a6abf7158809cf4f3c");
    EXPECT_EQ(base::to_hex(aes::cmac(key, {})), "bb1d6929e95937287fa37d129b756746");
    EXPECT_EQ(base::to_hex(aes::cmac(key, hex("6bc1bee22e409f96e93d7e117393172a"))), "070a16b46b4d4144f79bdd9dd04a287c");
    const auto opened = aes::unwrap(hex("000102030405060708090a0b0c0d0e0f"), hex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"));
    ASSERT_TRUE(opened);
    EXPECT_EQ(base::to_hex(shown(*opened)), "00112233445566778899aabbccddeeff");
}

}  // namespace

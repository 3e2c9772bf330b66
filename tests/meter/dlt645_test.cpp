// The frame codec and the stream decoder. The vectors come from public captures; their file names each source.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "meter/dlt645/decoder.h"
#include "meter/dlt645/error_word.h"
#include "meter/dlt645/frame.h"
#include "meter/dlt645/payload.h"

namespace {

using namespace meter::dlt645;
using base::Bytes;

Bytes hex(std::string_view text) { return base::from_hex(text).value(); }

nlohmann::json vectors() {
    std::ifstream file(KMP_SOURCE_DIR "/tests/data/dlt645-frames.json");
    return nlohmann::json::parse(file);
}

/// What each vector's `meaning` says, worked out by hand with the standard's tables.
struct Expected {
    std::string address;
    std::uint8_t control;
    std::string data;
};
const std::vector<Expected> kMeanings{
    {"AAAAAAAAAAAA", 0x13, ""},                                  // read address, wildcard
    {"123456789012", 0x11, "00000100"},                          // read 00010000
    {"123456789012", 0x91, "0000010056341200"},                  // 001234.56
    {"123456789012", 0x12, "0100300301"},                        // 03300001, sequence 1
    {"123456789012", 0xD1, "02"},                                // error word 02
    {"111111111111", 0x1C, "00000000000000001a00244115120518"},  // trip until 2018-05-12 15:41:24
    {"000000000161", 0x11, "00000100"},
    {"000000000161", 0x91, "0000010026000000"},                  // 000000.26
    {"000072007201", 0x11, "00020102"},
    {"260305510012", 0x11, "ff040107"},
};

TEST(frame, of_each_public_vector_means_what_it_says) {
    const auto all = vectors();
    ASSERT_EQ(all.size(), kMeanings.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto frame = decode(hex(all[i]["frame"].get<std::string>()));
        ASSERT_TRUE(frame) << all[i]["meaning"] << ": " << frame.error().message;
        EXPECT_EQ(frame->address.text(), kMeanings[i].address);
        EXPECT_EQ(frame->control.code(), kMeanings[i].control);
        EXPECT_EQ(base::to_hex(frame->data), kMeanings[i].data);
    }
}

TEST(frame, of_each_public_vector_is_built_again_byte_for_byte) {
    for (const auto& vector : vectors()) {
        const Bytes sent = hex(vector["frame"].get<std::string>());
        std::size_t preamble = 0;
        while (sent[preamble] == kPreamble) ++preamble;
        EXPECT_EQ(encode(*decode(sent), preamble).value(), sent);
    }
}

TEST(frame, of_every_length_survives_a_round_trip) {
    std::mt19937 random(645);
    for (std::size_t size = 0; size <= kMaxData; ++size) {
        Frame frame{Address::parse("000000000000").value(), Control(static_cast<std::uint8_t>(random())), Bytes(size)};
        for (auto& byte : frame.data) byte = static_cast<std::uint8_t>(random());
        const Bytes sent = encode(frame, size % 5).value();
        EXPECT_EQ(sent.size(), size % 5 + kFrameOverhead + size);
        EXPECT_EQ(decode(sent).value(), frame);
    }
}

TEST(frame, with_more_than_255_bytes_of_data_is_not_built) {
    const auto sent = encode(Frame{Address::wildcard(), Control::request(Function::write), Bytes(256)});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, base::Code::invalid_argument);
}

TEST(frame, with_any_one_bit_flipped_is_refused) {
    for (const auto& vector : vectors()) {
        const Bytes sent = hex(vector["frame"].get<std::string>());
        for (std::size_t bit = 0; bit < sent.size() * 8; ++bit) {
            Bytes flipped = sent;
            flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1u << bit % 8);
            EXPECT_FALSE(decode(flipped)) << "bit " << bit << " of " << vector["frame"];
        }
    }
}

TEST(frame, cut_short_anywhere_is_refused) {
    for (const auto& vector : vectors()) {
        const Bytes sent = hex(vector["frame"].get<std::string>());
        for (std::size_t size = 0; size < sent.size(); ++size) EXPECT_FALSE(decode(base::ByteView(sent).first(size)));
    }
}

TEST(frame, with_bytes_behind_it_is_refused) {
    Bytes sent = hex("68129078563412681104333334336816");
    ASSERT_TRUE(decode(sent));
    sent.push_back(kPreamble);
    const auto frame = decode(sent);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, base::Code::malformed);
}

TEST(frame, with_a_wrong_checksum_is_refused_and_the_message_says_so) {
    const auto frame = decode(hex("68129078563412681104333334336916"));
    ASSERT_FALSE(frame);
    EXPECT_NE(frame.error().message.find("checksum"), std::string::npos) << frame.error().message;
}

TEST(frame, with_an_address_that_is_no_number_is_refused) {
    Bytes sent = hex("68129078563412681104333334336816");
    sent[1] = 0x1B;  // 12 -> 1B, and the checksum with it
    sent[14] = static_cast<std::uint8_t>(sent[14] + 9);
    const auto frame = decode(sent);
    ASSERT_FALSE(frame);
    EXPECT_NE(frame.error().message.find("address"), std::string::npos) << frame.error().message;
}

TEST(control, code_tells_reply_error_and_more) {
    const Control read = Control::request(Function::read);
    EXPECT_FALSE(read.is_reply());
    EXPECT_EQ(read.reply().code(), 0x91);
    EXPECT_EQ(read.reply(true).code(), 0xB1);
    EXPECT_TRUE(read.reply(true).more_follows());
    EXPECT_EQ(read.error_reply().code(), 0xD1);
    EXPECT_TRUE(Control(0xC3).is_error());
    EXPECT_EQ(Control(0xC3).function(), Function::security);
}

TEST(address, wildcards_match_byte_by_byte) {
    const Address number = Address::parse("123456789012").value();
    EXPECT_TRUE(Address::wildcard().matches(number));
    EXPECT_TRUE(Address::broadcast().matches(number));
    EXPECT_TRUE(Address::parse("AAAAAAAA9012").value().matches(number));
    EXPECT_FALSE(Address::parse("AAAAAAAA9013").value().matches(number));
    EXPECT_FALSE(Address::parse("123456789013").value().matches(number));
}

TEST(address, that_is_not_twelve_digits_is_refused) {
    for (const char* text : {"", "12345678901", "1234567890123", "12345678901B", "12345678901g", "1A3456789012"})
        EXPECT_FALSE(Address::parse(text)) << text;
    EXPECT_TRUE(Address::parse("aaaaaaaaaaaa"));
}

Bytes joined(const std::vector<Bytes>& parts) {
    Bytes out;
    for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

TEST(decoder, finds_frames_given_byte_by_byte_and_all_at_once) {
    Bytes stream;
    std::vector<Frame> wanted;
    for (const auto& vector : vectors()) {
        const Bytes sent = hex(vector["frame"].get<std::string>());
        stream = joined({stream, sent});
        wanted.push_back(*decode(sent));
    }
    Decoder whole;
    EXPECT_EQ(whole.push(stream), wanted);
    EXPECT_EQ(whole.skipped(), 0u);
    Decoder slow;
    std::vector<Frame> found;
    for (const std::uint8_t byte : stream)
        for (auto& frame : slow.push(base::ByteView(&byte, 1))) found.push_back(std::move(frame));
    EXPECT_EQ(found, wanted);
    EXPECT_EQ(slow.held(), 0u);
}

TEST(decoder, comes_back_after_a_wrong_checksum_and_half_a_frame) {
    const Bytes good = hex("68129078563412681104333334336816");
    Bytes wrong = good;
    wrong[14] ^= 1;
    const Bytes half(good.begin(), good.begin() + 9);
    Decoder decoder;
    EXPECT_EQ(decoder.push(joined({wrong, hex("00ff68"), good})).size(), 1u);
    EXPECT_EQ(decoder.damaged(), 1u);
    // Half a frame whose length byte is the next frame's 68H waits for more than there is, until the line is quiet.
    EXPECT_EQ(decoder.push(joined({half, good})).size() + decoder.quiet().size(), 1u);
    EXPECT_EQ(decoder.held(), 0u);
}

TEST(decoder, finds_a_whole_frame_inside_a_longer_false_one_when_the_line_is_quiet) {
    const Bytes good = hex("68129078563412681104333334336816");
    Decoder decoder;
    EXPECT_TRUE(decoder.push(joined({hex("680000000000006811ff"), good})).empty());
    const auto found = decoder.quiet();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0], *decode(good));
}

TEST(decoder, holds_no_more_than_one_frame_and_loses_no_good_one_in_noise) {
    std::mt19937 random(2007);
    const Bytes good = hex("FEFE68129078563412681104333334336816");
    Decoder decoder;
    int sent = 0;
    int found = 0;
    const auto count = [&](const std::vector<Frame>& frames) {
        for (const auto& frame : frames) found += frame == *decode(good) ? 1 : 0;
    };
    for (int round = 0; round < 2000; ++round) {
        Bytes noise(random() % 40);
        for (auto& byte : noise) byte = random() % 4 == 0 ? 0x68 : static_cast<std::uint8_t>(random());
        count(decoder.push(noise));
        count(decoder.push(good));
        ++sent;
        ASSERT_LT(decoder.held(), kMaxFrame);
        if (round % 10 == 9) count(decoder.quiet());
    }
    EXPECT_EQ(found, sent);
}

TEST(error_word, and_serr_are_named_by_their_bits) {
    EXPECT_EQ(describe_error_word(0x06), "no such data; wrong password or not authorised");
    EXPECT_EQ(describe_serr(0x0022), "repeated recharge; wrong purchase count");
    EXPECT_EQ(describe_serr(0), "no reason given");
    EXPECT_EQ(describe_serr(0x8000), "reserved bit 15");
}

TEST(payload, turns_each_field_round_and_back) {
    const Bytes data = PayloadWriter().identifier(di::kRecharge).u32(0x2710).field(hex("000000654321")).in_order(hex("98000000")).take();
    EXPECT_EQ(base::to_hex(data), "ff020107" "10270000" "214365000000" "98000000");
    PayloadReader in(data);
    EXPECT_EQ(in.identifier().value(), di::kRecharge);
    EXPECT_EQ(in.u32().value(), 0x2710u);
    EXPECT_EQ(base::to_hex(in.field(6).value()), "000000654321");
    EXPECT_FALSE(in.end());
    EXPECT_EQ(base::to_hex(in.in_order(4).value()), "98000000");
    EXPECT_TRUE(in.end());
    EXPECT_FALSE(in.u8());
}

TEST(data_identifier, is_written_as_people_write_it) { EXPECT_EQ(di::kStatusQuery.text(), "078102FF"); }

}  // namespace

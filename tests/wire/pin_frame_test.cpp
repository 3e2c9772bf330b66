#include "wire/pin_frame.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>

#include "wire/frame.h"
#include "wire/pb.h"

namespace pb = wire::pb;
using base::Bytes;

namespace {

base::Secret secret(std::string_view text) { return base::Secret::copy_of(base::as_bytes(text)); }
std::string text_of(const base::Secret& s) {
    return s.reveal([](base::ByteView v) { return base::to_string(v); });
}
template <class Request>
Bytes by_protobuf(std::string_view role, std::string_view pin, std::uint64_t id = 0) {
    Request request;
    request.set_id(id);
    request.mutable_pin()->set_role(std::string(role));
    request.mutable_pin()->set_pin(std::string(pin));
    Bytes out(request.ByteSizeLong());
    request.SerializeToArray(out.data(), static_cast<int>(out.size()));
    return out;
}
bool wiped(const Bytes& bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

}  // namespace

TEST(pin_frame, is_what_protobuf_writes_for_the_same_message) {
    for (const std::size_t size : {1u, 6u, 100u, 118u, 120u, 127u, 128u}) {
        const std::string pin(size, '7');
        Bytes ours;
        ASSERT_TRUE(wire::append_pin_frame(ours, "master", secret(pin)));
        for (const Bytes& theirs : {by_protobuf<pb::StationRequest>("master", pin), by_protobuf<pb::AdminRequest>("master", pin)}) {
            Bytes framed{0, 0, 0, static_cast<std::uint8_t>(theirs.size())};
            framed.insert(framed.end(), theirs.begin(), theirs.end());
            EXPECT_EQ(base::to_hex(ours), base::to_hex(framed));
        }
        pb::AdminRequest parsed;
        ASSERT_TRUE(parsed.ParseFromArray(ours.data() + 4, static_cast<int>(ours.size() - 4)));
        EXPECT_EQ(parsed.pin().role(), "master");
        EXPECT_EQ(parsed.pin().pin(), pin);
    }
}

TEST(pin_frame, a_pin_that_is_no_utf8_is_neither_sent_nor_taken) {
    for (const std::string_view pin : {"12345\xFF", "\xC0\xAF 12345", "\xED\xA0\x80 1234", "12345\xE4", "\x80", "\xF4\x90\x80\x80"}) {
        Bytes out;
        EXPECT_FALSE(wire::append_pin_frame(out, "ukey", secret(pin)));
        EXPECT_TRUE(out.empty());
        Bytes message = by_protobuf<pb::StationRequest>("ukey", pin);
        EXPECT_FALSE(wire::parse_pin_frame(message));
        EXPECT_TRUE(wiped(message));
    }
    for (const std::string_view pin : {"123456", "p\xC3\xA4ss", "\xE7\x94\xB5\xE8\xA1\xA8", "\xF0\x9F\x94\x91"}) {
        Bytes message = by_protobuf<pb::StationRequest>("ukey", pin);
        EXPECT_TRUE(wire::parse_pin_frame(message)) << pin;
    }
}

TEST(pin_frame, written_by_protobuf_is_read_with_or_without_an_id) {
    for (const std::uint64_t id : {0ull, 1ull, 300ull, 0xFFFFFFFFFFFFFFFFull}) {
        Bytes message = by_protobuf<pb::StationRequest>("ukey", "p\xC3\xA4ss\n", id);
        EXPECT_TRUE(wire::is_pin_frame(message));
        auto entry = wire::parse_pin_frame(message);
        ASSERT_TRUE(entry) << id;
        EXPECT_EQ(entry->role, "ukey");
        EXPECT_EQ(text_of(entry->pin), "p\xC3\xA4ss\n");
        EXPECT_TRUE(wiped(message));
    }
}

TEST(pin_frame, with_its_fields_the_other_way_round_is_read) {
    Bytes message = *base::from_hex("1a0a" "12023939" "0a04" "756b6579");
    auto entry = wire::parse_pin_frame(message);
    ASSERT_TRUE(entry);
    EXPECT_EQ(text_of(entry->pin), "99");
}

TEST(pin_frame, that_is_cut_anywhere_is_refused_and_wiped) {
    const Bytes whole = by_protobuf<pb::AdminRequest>("platform", "123456", 9);
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        Bytes message(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
        const auto entry = wire::parse_pin_frame(message);
        ASSERT_FALSE(entry) << cut;
        EXPECT_EQ(entry.error().code, base::Code::malformed);
        EXPECT_EQ(entry.error().message.find("123456"), std::string::npos);
        EXPECT_TRUE(wiped(message)) << cut;
    }
}

TEST(pin_frame, with_anything_else_in_it_is_refused) {
    const std::string role = "0a04756b6579";
    const std::string pin = "12023939";
    for (const std::string& hex : {
             std::string("1a06") + role,                              // no PIN
             std::string("1a04") + pin,                               // no role
             std::string("1a06") + "0a00" + pin,                      // an empty role
             std::string("1a08") + role + "1200",                     // an empty PIN
             std::string("1a0e") + role + pin + pin,                  // two PINs
             std::string("1a10") + role + role + pin,                 // two roles
             std::string("1a0c") + role + pin + "1801",               // a field that is not known
             std::string("1a0a") + role + pin + "2200",               // a second operation behind it
             std::string("22001a0a") + role + pin,                    // and before it
             std::string("1a0a") + role + pin + "00",                 // trailing bytes
             std::string("1a0a") + "0a04754b6579" + pin,              // a role with a capital letter
             std::string("08011a0a") + role + pin + "0801",           // the id twice
             std::string("1b0a") + role + pin,                        // another wire type
         }) {
        Bytes message = *base::from_hex(hex);
        EXPECT_FALSE(wire::parse_pin_frame(message)) << hex;
        EXPECT_TRUE(wiped(message)) << hex;
    }
    Bytes good = *base::from_hex("1a0a" + role + pin);
    EXPECT_TRUE(wire::parse_pin_frame(good));
}

TEST(pin_frame, with_a_pin_or_role_too_long_is_refused_on_both_sides) {
    Bytes message = by_protobuf<pb::StationRequest>("ukey", std::string(129, '1'));
    EXPECT_FALSE(wire::parse_pin_frame(message));
    message = by_protobuf<pb::StationRequest>(std::string(17, 'a'), "1");
    EXPECT_FALSE(wire::parse_pin_frame(message));
    Bytes out;
    EXPECT_EQ(wire::append_pin_frame(out, "ukey", secret(std::string(129, '1'))).error().code, base::Code::invalid_argument);
    EXPECT_EQ(wire::append_pin_frame(out, "ukey", base::Secret()).error().code, base::Code::invalid_argument);
    EXPECT_EQ(wire::append_pin_frame(out, "U", secret("1")).error().code, base::Code::invalid_argument);
    EXPECT_TRUE(out.empty());
}

TEST(pin_frame, is_told_from_every_other_request) {
    pb::StationRequest request;
    request.set_id(3);
    request.mutable_sign()->set_message("\x1a\x02\x0a\x00");  // looks like one, inside a field
    Bytes message(request.ByteSizeLong());
    request.SerializeToArray(message.data(), static_cast<int>(message.size()));
    EXPECT_FALSE(wire::is_pin_frame(message));
    EXPECT_FALSE(wire::is_pin_frame({}));
    EXPECT_FALSE(wire::is_pin_frame(*base::from_hex("0801")));
}

TEST(pin_frame, is_recognised_wherever_protobuf_would_find_a_pin) {
    // Random mutations of a real one: what protobuf reads as a PIN must never have passed as something else.
    const google::protobuf::LogSilencer no_complaints;
    std::mt19937 random(11);
    const Bytes whole = by_protobuf<pb::StationRequest>("ukey", "123456", 77);
    for (int round = 0; round < 20000; ++round) {
        Bytes message = whole;
        for (int i = 0; i < 3; ++i) message[random() % message.size()] = static_cast<std::uint8_t>(random());
        pb::StationRequest parsed;
        if (parsed.ParseFromArray(message.data(), static_cast<int>(message.size())) && parsed.has_pin()) {
            EXPECT_TRUE(wire::is_pin_frame(message)) << base::to_hex(message);
        }
    }
    // A tag written in five bytes with bits that protobuf drops.
    EXPECT_TRUE(wire::is_pin_frame(*base::from_hex("9a808080100a0a04756b657912023939")));
}

TEST(pin_frame, after_others_in_one_buffer_leaves_them_as_they_are) {
    Bytes out{9, 9};
    ASSERT_TRUE(wire::append_pin_frame(out, "master", secret("1234")));
    ASSERT_TRUE(wire::append_pin_frame(out, "platform", secret("5678")));
    EXPECT_EQ(out[0], 9);
    wire::FrameReader reader;
    const auto room = reader.room();
    std::copy(out.begin() + 2, out.end(), room.begin());
    reader.received(out.size() - 2);
    EXPECT_EQ(text_of(wire::parse_pin_frame(**reader.next())->pin), "1234");
    EXPECT_EQ(text_of(wire::parse_pin_frame(**reader.next())->pin), "5678");
}

#include "wire/frame.h"

#include <gtest/gtest.h>

#include <random>

#include "wire/pb.h"

namespace pb = wire::pb;
using base::Bytes;

namespace {

pb::StationRequest sign_request(std::size_t size) {
    pb::StationRequest request;
    request.mutable_sign()->set_message(std::string(size, 'm'));
    return request;
}

void feed(wire::FrameReader& reader, base::ByteView bytes) {
    while (!bytes.empty()) {
        const auto room = reader.room();
        const std::size_t n = std::min(room.size(), bytes.size());
        std::copy_n(bytes.begin(), n, room.begin());
        reader.received(n);
        bytes = bytes.subspan(n);
    }
}

}  // namespace

TEST(frame, is_a_big_endian_length_and_the_message) {
    pb::StationRequest request;
    request.set_id(300);
    request.mutable_random()->set_size(16);
    Bytes out;
    ASSERT_TRUE(wire::append_frame(out, request));
    // By hand from the protobuf encoding guide: field 1 varint 300 = 08 AC 02; field 21 = AA 01, length 2, field 1 varint 16.
    EXPECT_EQ(base::to_hex(out), "00000008" "08ac02" "aa01020810");
}

TEST(frame, that_is_empty_is_refused_and_leaves_the_buffer_alone) {
    Bytes out{1, 2, 3};
    const auto status = wire::append_frame(out, pb::StationRequest());
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, base::Code::refused);
    EXPECT_EQ(out, (Bytes{1, 2, 3}));
}

TEST(frame, of_the_greatest_size_passes_and_one_byte_more_is_refused) {
    const std::size_t overhead = sign_request(60000).ByteSizeLong() - 60000;
    Bytes out;
    ASSERT_TRUE(wire::append_frame(out, sign_request(wire::kMaxFrame - overhead)));
    EXPECT_EQ(out.size(), wire::kFrameHeader + wire::kMaxFrame);
    wire::FrameReader reader;
    feed(reader, out);
    auto next = reader.next();
    ASSERT_TRUE(next);
    ASSERT_TRUE(*next);
    EXPECT_EQ((*next)->size(), wire::kMaxFrame);

    const auto status = wire::append_frame(out, sign_request(wire::kMaxFrame - overhead + 1));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, base::Code::refused);
}

TEST(frame_reader, gives_nothing_for_any_truncation_and_the_message_for_the_whole) {
    Bytes out;
    ASSERT_TRUE(wire::append_frame(out, sign_request(300)));
    for (std::size_t cut = 0; cut < out.size(); ++cut) {
        wire::FrameReader reader;
        feed(reader, base::ByteView(out).first(cut));
        auto next = reader.next();
        ASSERT_TRUE(next);
        EXPECT_FALSE(*next) << "after " << cut << " bytes";
        feed(reader, base::ByteView(out).subspan(cut));
        next = reader.next();
        ASSERT_TRUE(next);
        ASSERT_TRUE(*next);
        EXPECT_TRUE(std::equal((*next)->begin(), (*next)->end(), out.begin() + 4, out.end()));
    }
}

TEST(frame_reader, cuts_a_stream_into_the_same_messages_however_it_arrives) {
    std::mt19937 random(7);
    Bytes stream;
    std::vector<std::size_t> sizes;
    for (int i = 0; i < 200; ++i) {
        const pb::StationRequest request = sign_request(std::uniform_int_distribution<std::size_t>(1, i % 20 == 0 ? 60000 : 500)(random));
        sizes.push_back(request.ByteSizeLong());
        ASSERT_TRUE(wire::append_frame(stream, request));
    }
    for (const std::size_t most : {1u, 7u, 1500u, 70000u}) {
        wire::FrameReader reader;
        std::vector<std::size_t> seen;
        base::ByteView left(stream);
        while (!left.empty()) {
            const auto room = reader.room();
            ASSERT_FALSE(room.empty());
            const std::size_t n = std::min({room.size(), left.size(), std::uniform_int_distribution<std::size_t>(1, most)(random)});
            std::copy_n(left.begin(), n, room.begin());
            reader.received(n);
            left = left.subspan(n);
            for (;;) {
                auto next = reader.next();
                ASSERT_TRUE(next);
                if (!*next) break;
                pb::StationRequest parsed;
                EXPECT_TRUE(parsed.ParseFromArray((*next)->data(), static_cast<int>((*next)->size())));
                seen.push_back((*next)->size());
            }
        }
        EXPECT_EQ(seen, sizes);
        EXPECT_EQ(reader.pending(), 0u);
    }
}

TEST(frame_reader, refuses_a_length_of_zero_or_beyond_the_limit_as_soon_as_it_is_known) {
    for (const char* header : {"00000000", "00010001", "ffffffff"}) {
        wire::FrameReader reader;
        feed(reader, *base::from_hex(header));
        const auto next = reader.next();
        ASSERT_FALSE(next) << header;
        EXPECT_EQ(next.error().code, base::Code::malformed);
        EXPECT_FALSE(reader.next()) << "a lost stream stays lost";
    }
}

TEST(frame_reader, keeps_nothing_of_what_it_moved_out_of_the_way) {
    // The second frame is cut in two, so that it moves to the front when more room is needed.
    Bytes stream;
    ASSERT_TRUE(wire::append_frame(stream, sign_request(14000)));
    ASSERT_TRUE(wire::append_frame(stream, sign_request(4000)));
    wire::FrameReader reader;
    feed(reader, base::ByteView(stream).first(16000));
    ASSERT_TRUE(*reader.next());
    ASSERT_FALSE(*reader.next());
    const std::size_t left = reader.pending();
    const auto room = reader.room();
    // Behind the half frame there is nothing but zeros as far as the old bytes reached.
    EXPECT_TRUE(std::all_of(room.begin(), room.end(), [](std::uint8_t b) { return b == 0; })) << left;
}

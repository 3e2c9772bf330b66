#include "tokens/host/frame.h"

#include <gtest/gtest.h>

namespace {

using namespace tokens::host;

void feed(FrameReader& reader, base::ByteView bytes) {
    const auto room = reader.room(bytes.size());
    std::copy(bytes.begin(), bytes.end(), room.begin());
    reader.received(bytes.size());
}

TEST(host_frame, a_message_and_its_secrets_arrive_together_byte_by_byte) {
    pb::HostRequest request;
    request.set_id(7);
    request.mutable_login();
    std::vector<RoleSecret> secrets;
    secrets.push_back({pb::USER_PIN, base::Secret::copy_of(base::as_bytes("1234"))});
    base::Bytes wire;
    ASSERT_TRUE(append_frames(wire, request, secrets));

    FrameReader reader;
    for (std::size_t i = 0; i < wire.size(); ++i) {
        auto early = reader.next();
        ASSERT_TRUE(early);
        EXPECT_FALSE(*early);
        feed(reader, base::ByteView(wire).subspan(i, 1));
    }
    auto message = reader.next();
    ASSERT_TRUE(message && *message);
    pb::HostRequest back;
    ASSERT_TRUE(back.ParseFromArray((*message)->payload.data(), static_cast<int>((*message)->payload.size())));
    EXPECT_EQ(back.id(), 7u);
    auto pin = take_secret((*message)->secrets, pb::USER_PIN);
    ASSERT_TRUE(pin);
    pin->reveal([](base::ByteView bytes) { EXPECT_EQ(base::as_text(bytes), "1234"); });
    EXPECT_FALSE(take_secret((*message)->secrets, pb::SO_PIN));
}

TEST(host_frame, broken_streams_are_refused) {
    const std::vector<base::Bytes> broken{
        {0, 0, 0, 0, 0},              // length 0
        {0, 4, 0, 1, 0},              // one byte over the limit
        {0xFF, 0xFF, 0xFF, 0xFF, 0},  // far over the limit
        {0, 0, 0, 2, 9, 0},           // an unknown kind
        {0, 0, 0, 2, 1, 1},           // a secret without a value
        {0, 0, 0, 3, 1, 200, 1},      // a secret of no known role
    };
    for (const base::Bytes& bytes : broken) {
        FrameReader reader;
        feed(reader, bytes);
        EXPECT_FALSE(reader.next()) << base::to_hex(bytes);
    }
}

TEST(host_frame, more_secrets_than_eight_are_refused) {
    FrameReader reader;
    for (int i = 0; i < 9; ++i) feed(reader, base::Bytes{0, 0, 0, 3, 1, 1, 'x'});
    EXPECT_FALSE(reader.next());
}

}  // namespace

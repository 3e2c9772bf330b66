#include "kmp/service/frame_server.h"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <thread>

#include "kmp/service/unix_listener.h"
#include "tests/wire/fake_service.h"
#include "wire/client.h"
#include "wire/pb.h"

using kmp::service::FrameConnection;
using kmp::service::FrameServer;

/// A reply that no frame holds: whoever waits gets a failure and keeps the connection.
TEST(frame_server, answers_a_failure_in_the_place_of_a_reply_larger_than_a_frame) {
    const tests::TemporaryFolder folder;
    asio::io_context io(1);
    kmp::service::FrameServerOptions options;
    kmp::service::FrameHandlers handlers;
    handlers.on_message = [](const std::shared_ptr<FrameConnection>& connection, base::ByteView message) {
        wire::pb::AdminRequest request;
        ASSERT_TRUE(request.ParseFromArray(message.data(), static_cast<int>(message.size())));
        wire::pb::AdminReply reply;
        reply.set_id(request.id());
        reply.mutable_crl()->set_pem(std::string(request.has_crl() ? 70000 : 10, 'x'));
        connection->send(reply);
    };
    handlers.on_broken = [](const std::shared_ptr<FrameConnection>&, const base::Error&) {};
    handlers.on_closed = [](const std::shared_ptr<FrameConnection>&) {};
    auto listener = kmp::service::listen_unix(io, folder.path() + "/sock", 0600);
    ASSERT_TRUE(listener) << listener.error().message;
    auto server = FrameServer::listen(io, std::move(*listener), options, std::move(handlers));
    ASSERT_TRUE(server) << server.error().message;
    std::thread loop([&] { io.run(); });
    {
        auto client = wire::AdminClient::open(folder.path() + "/sock");
        ASSERT_TRUE(client) << client.error().message;
        wire::pb::AdminRequest large;
        large.mutable_crl();
        const auto refused = client->call(large);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, base::Code::internal);
        EXPECT_NE(refused.error().message.find("does not fit a frame"), std::string::npos) << refused.error().message;
        wire::pb::AdminRequest small;
        small.mutable_status();
        const auto answered = client->call(small);
        ASSERT_TRUE(answered) << answered.error().message;
        EXPECT_EQ(answered->crl().pem(), "xxxxxxxxxx");
    }
    io.stop();
    loop.join();
}

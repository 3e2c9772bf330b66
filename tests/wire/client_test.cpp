#include "wire/client.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/wire/fake_service.h"
#include "wire/failure.h"
#include "wire/json.h"

namespace pb = wire::pb;
using tests::FakeAdminService;
using tests::FakeStationService;

namespace {

base::Secret secret(std::string_view text) { return base::Secret::copy_of(base::as_bytes(text)); }

pb::StationRequest random_request(std::uint32_t size) {
    pb::StationRequest request;
    request.mutable_random()->set_size(size);
    return request;
}
FakeStationService::Answer random_answer(const pb::StationRequest& request) {
    FakeStationService::Answer answer;
    answer.replies.emplace_back().mutable_random()->set_data(std::string(request.random().size(), 'r'));
    return answer;
}
FakeStationService::Answer failure(base::Error error, std::uint32_t retry_after = 0) {
    FakeStationService::Answer answer;
    wire::set_failure(*answer.replies.emplace_back().mutable_failure(), error, retry_after);
    return answer;
}

class client : public testing::Test {
protected:
    tests::TemporaryFolder folder_;
    std::string path_ = folder_.path() + "/kmp.sock";
};

}  // namespace

TEST_F(client, says_what_to_start_when_nobody_listens) {
    const auto opened = wire::StationClient::open(path_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, base::Code::not_found);
    EXPECT_NE(opened.error().message.find("kmpd is not running at " + path_), std::string::npos);
}

TEST_F(client, says_the_same_for_a_socket_left_by_a_service_that_died) {
    { FakeStationService service(path_, random_answer); }
    EXPECT_EQ(wire::StationClient::open(path_).error().code, base::Code::not_found);
}

TEST_F(client, refuses_a_path_longer_than_a_socket_address) {
    EXPECT_EQ(wire::StationClient::open("/" + std::string(200, 'x')).error().code, base::Code::invalid_argument);
}

TEST_F(client, gets_the_reply_to_its_request) {
    FakeStationService service(path_, random_answer);
    auto c = wire::StationClient::open(path_);
    ASSERT_TRUE(c);
    for (std::uint32_t i = 1; i <= 20; ++i) EXPECT_EQ(c->call(random_request(i))->random().data().size(), i);
}

TEST_F(client, turns_a_failure_into_an_error_with_its_code) {
    FakeStationService service(path_, [](const pb::StationRequest& r) {
        if (r.random().size() == 1) return failure({base::Code::refused, "per_day: 3.00 yuan remain"});
        if (r.random().size() == 2) return failure({base::Code::busy, "later"}, 250);
        FakeStationService::Answer answer;
        answer.replies.emplace_back().mutable_failure()->set_code("a_code_of_the_future");
        return answer;
    });
    auto c = wire::StationClient::open(path_);
    ASSERT_TRUE(c);
    auto reply = c->call(random_request(1));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, base::Code::refused);
    EXPECT_EQ(reply.error().message, "per_day: 3.00 yuan remain");
    reply = c->call(random_request(2));
    EXPECT_EQ(reply.error().code, base::Code::busy);
    EXPECT_EQ(reply.error().raw, 250);
    reply = c->call(random_request(3));
    EXPECT_EQ(reply.error().code, base::Code::internal);
    EXPECT_NE(reply.error().message.find("a_code_of_the_future"), std::string::npos);
}

TEST_F(client, keeps_replies_to_pipelined_requests_for_receive) {
    FakeStationService service(path_, random_answer);
    auto c = wire::StationClient::open(path_);
    ASSERT_TRUE(c);
    const auto first = c->send(random_request(5));
    const auto second = c->send(random_request(6));
    ASSERT_TRUE(first && second);
    EXPECT_EQ(c->call(random_request(7))->random().data().size(), 7u);
    EXPECT_EQ(c->in_flight(), 2u);
    const auto a = c->receive();
    const auto b = c->receive();
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->id(), *first);
    EXPECT_EQ(b->id(), *second);
    EXPECT_EQ(b->random().data().size(), 6u);
    EXPECT_EQ(c->in_flight(), 0u);
}

TEST_F(client, and_a_service_that_answers_at_once_never_wait_for_each_other) {
    FakeStationService service(path_, random_answer);
    auto c = wire::StationClient::open(path_);
    ASSERT_TRUE(c);
    constexpr int kRequests = 4000;  // far beyond what the socket buffers hold: 1 KiB a reply
    for (int i = 0; i < kRequests; ++i) ASSERT_TRUE(c->send(random_request(1024)));
    for (int i = 0; i < kRequests; ++i) ASSERT_TRUE(c->receive());
}

TEST_F(client, enters_pins_before_the_request_that_uses_them) {
    FakeStationService service(path_, [](const pb::StationRequest& r) {
        FakeStationService::Answer answer;
        answer.replies.emplace_back().mutable_open_session()->set_ukey(r.open_session().ukey());
        return answer;
    });
    auto c = wire::StationClient::open(path_);
    ASSERT_TRUE(c);
    const base::Secret pin = secret("246810");
    const auto session = wire::open_session(*c, "U-1", &pin);
    ASSERT_TRUE(session);
    EXPECT_EQ(session->ukey(), "U-1");
    EXPECT_EQ(service.pins(), std::vector<std::string>{"ukey:246810"});
    ASSERT_TRUE(wire::open_session(*c, "U-1", nullptr));
    EXPECT_EQ(service.pins().size(), 1u);
}

TEST_F(client, refuses_a_service_of_another_version) {
    std::uint32_t version = 1;
    FakeStationService service(path_, [&](const pb::StationRequest&) {
        FakeStationService::Answer answer;
        answer.replies.emplace_back().mutable_hello()->set_version(version);
        return answer;
    });
    auto c = wire::StationClient::open(path_);
    ASSERT_TRUE(c);
    EXPECT_TRUE(c->hello("a test"));
    version = 2;
    EXPECT_EQ(c->hello("a test").error().code, base::Code::unsupported);
}

TEST_F(client, reports_a_service_that_hangs_up) {
    FakeStationService service(path_, [](const pb::StationRequest&) { return FakeStationService::Answer{{}, {}, true}; });
    auto c = wire::StationClient::open(path_);
    ASSERT_TRUE(c);
    EXPECT_EQ(c->call(random_request(1)).error().code, base::Code::io_failed);
    EXPECT_EQ(c->call(random_request(1)).error().code, base::Code::io_failed);
}

TEST_F(client, reports_a_service_that_does_not_answer_and_takes_no_late_reply) {
    FakeStationService service(path_, [](const pb::StationRequest&) { return FakeStationService::Answer{}; });
    auto c = wire::StationClient::open(path_);
    ASSERT_TRUE(c);
    c->set_timeout(wire::Timeout(50));
    EXPECT_EQ(c->call(random_request(1)).error().code, base::Code::timeout);
    EXPECT_EQ(c->call(random_request(1)).error().code, base::Code::io_failed);
}

TEST_F(client, refuses_bytes_that_are_no_frame_or_no_reply) {
    for (const char* hex : {"00000000", "ffffffff", "00000001ff"}) {
        FakeStationService service(path_ + hex, [&](const pb::StationRequest&) { return FakeStationService::Answer{{}, *base::from_hex(hex), false}; });
        auto c = wire::StationClient::open(path_ + hex);
        ASSERT_TRUE(c);
        EXPECT_EQ(c->call(random_request(1)).error().code, base::Code::malformed) << hex;
    }
}

TEST_F(client, refuses_a_reply_to_what_was_never_asked) {
    std::uint64_t id = 77;
    FakeStationService service(path_, [&](const pb::StationRequest&) {
        FakeStationService::Answer answer;
        pb::StationReply reply;  // by hand: the fake would fill an id of 0 in
        reply.set_id(id);
        reply.mutable_random();
        if (!wire::append_frame(answer.raw, reply)) ADD_FAILURE();
        return answer;
    });
    for (const std::uint64_t wrong : {77, 0}) {
        id = wrong;
        auto c = wire::StationClient::open(path_);
        ASSERT_TRUE(c);
        EXPECT_EQ(c->call(random_request(1)).error().code, base::Code::malformed) << wrong;
        EXPECT_EQ(c->call(random_request(1)).error().code, base::Code::io_failed) << wrong;
    }
}

TEST_F(client, reads_the_reason_when_the_service_could_not_read_the_request) {
    FakeStationService service(path_, [](const pb::StationRequest&) {
        FakeStationService::Answer answer;
        pb::StationReply reply;  // id 0, so by hand: the fake would fill it in
        wire::set_failure(*reply.mutable_failure(), {base::Code::malformed, "no operation"});
        if (!wire::append_frame(answer.raw, reply)) ADD_FAILURE();
        answer.hang_up = true;
        return answer;
    });
    auto c = wire::StationClient::open(path_);
    ASSERT_TRUE(c);
    EXPECT_EQ(c->call(random_request(1)).error().message, "no operation");
}

TEST_F(client, hands_the_parts_of_a_long_answer_over_in_order) {
    FakeAdminService service(path_, [](const pb::AdminRequest&) {
        FakeAdminService::Answer answer;
        for (const char* piece : {"one ", "two ", "three"}) {
            auto& reply = answer.replies.emplace_back();
            reply.set_more(std::string_view(piece) != "three");
            reply.mutable_audit_export()->set_chunk(piece);
        }
        return answer;
    });
    auto c = wire::AdminClient::open(path_);
    ASSERT_TRUE(c);
    pb::AdminRequest request;
    request.mutable_audit_export();
    std::string all;
    const auto last = c->call(request, [&](const pb::AdminReply& part) -> base::Status {
        all += part.audit_export().chunk();
        return {};
    });
    ASSERT_TRUE(last);
    EXPECT_EQ(all + last->audit_export().chunk(), "one two three");
    const auto stopped = c->call(request, [](const pb::AdminReply&) -> base::Status { return {base::Code::storage_full, "no room"}; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, base::Code::storage_full);
}

TEST(failure, carries_every_code_both_ways) {
    for (unsigned c = 0; c <= static_cast<unsigned>(base::Code::internal); ++c) {
        pb::Failure failure;
        wire::set_failure(failure, {static_cast<base::Code>(c), "why"});
        EXPECT_EQ(wire::error_of(failure).code, static_cast<base::Code>(c));
        EXPECT_EQ(wire::error_of(failure).message, "why");
    }
}

TEST(failure, of_great_length_is_cut_between_characters) {
    pb::Failure failure;
    std::string text;
    while (text.size() < 3000) text += "\xE7\x94\xB5";  // one character of three bytes
    wire::set_failure(failure, {base::Code::internal, text});
    EXPECT_EQ(failure.message().size(), 999u);
}

TEST(json, names_every_field_as_the_schema_does) {
    pb::AuditListReply list;
    auto& event = *list.add_events();
    event.set_index(18446744073709551615ull);
    event.set_text("\xE7\x94\xB5");
    EXPECT_EQ(wire::to_json(list).dump(), "{\"events\":[{\"index\":18446744073709551615,\"time_ms\":0,\"type\":\"\",\"text\":\"\xE7\x94\xB5\",\"json\":\"\",\"leaf_hash\":\"\"}],\"size\":0,\"next\":0,\"end\":false,\"archived\":0}");
    pb::OrderReply order;
    order.set_mac1(std::string("\x00\xAB", 2));
    const auto json = wire::to_json(order);
    EXPECT_EQ(json["mac1"], "00ab");
    EXPECT_FALSE(json.contains("failure"));
    pb::Authenticate authenticate;
    authenticate.set_state(pb::PRODUCTION);
    EXPECT_EQ(wire::to_json(authenticate).dump(), "{\"meter\":0,\"state\":\"PRODUCTION\",\"key_version\":0}");
}

#include "tokens/host_channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <thread>

#include "tests/tokens/fixture.h"
#include "tokens/spawner.h"

namespace {

using namespace tokens_test;
using std::chrono::milliseconds;
using tokens::Effect;
using tokens::HostAnswer;
namespace pb = tokens::pb;
constexpr milliseconds kLong{30000};

pb::HostRequest random_request(std::uint32_t size = 4) {
    pb::HostRequest out;
    out.mutable_data_random()->set_size(size);
    return out;
}

/// A channel to a fake tokenhost.
struct host_channel : testing::Test {
    void start(const std::string& orders) {
        write_text(folder.path("fake.txt"), orders);
        auto made = tokens::Spawner::start({fake_host(), {}});
        ASSERT_TRUE(made) << made.error().message;
        spawner.emplace(std::move(*made));
        auto host = spawner->spawn({"--kind", "softhsm", "--path", folder.path()});
        ASSERT_TRUE(host);
        channel = std::make_shared<tokens::HostChannel>(io, std::move(host->channel), "U-1", [this](const base::Error& e) { down.push_back(e.message); });
    }
    base::Result<HostAnswer>& ask(pb::HostRequest request, milliseconds timeout = kLong, Effect effect = Effect::none) {
        answer.reset();
        channel->call(std::move(request), {}, timeout, [this](base::Result<HostAnswer> a) { answer.emplace(std::move(a)); }, effect);
        EXPECT_TRUE(run_until(io, [&] { return answer.has_value(); }));
        return *answer;
    }
    bool goes_down() { return run_until(io, [&] { return !down.empty(); }); }

    TemporaryFolder folder;
    asio::io_context io;
    std::optional<tokens::Spawner> spawner;
    std::vector<std::string> down;
    std::optional<base::Result<HostAnswer>> answer;
    std::shared_ptr<tokens::HostChannel> channel;
};

TEST_F(host_channel, answers_many_calls_in_their_order) {
    start("");
    std::vector<std::size_t> sizes;
    for (std::uint32_t i = 0; i < 20000; ++i)
        channel->call(random_request(i % 200), {}, kLong, [&](base::Result<HostAnswer> a) { sizes.push_back(a ? a->reply.data_random().data().size() : 9999); });
    EXPECT_EQ(channel->outstanding(), 20000u);
    ASSERT_TRUE(run_until(io, [&] { return sizes.size() == 20000; }));
    for (std::size_t i = 0; i < sizes.size(); ++i) ASSERT_EQ(sizes[i], i % 200) << i;
    EXPECT_EQ(channel->outstanding(), 0u);
}

TEST_F(host_channel, refuses_more_calls_than_it_may_hold) {
    start("random=hang\n");
    for (std::size_t i = 0; i < tokens::HostChannel::kMaxOutstanding; ++i) channel->call(random_request(), {}, kLong, [](const base::Result<HostAnswer>&) {});
    const auto& a = ask(random_request());
    ASSERT_FALSE(a);
    EXPECT_EQ(a.error().code, base::Code::busy);
    EXPECT_TRUE(channel->up());
}

TEST_F(host_channel, carries_secrets_both_ways) {
    start("");
    pb::HostRequest request;
    request.mutable_pepper()->set_ukey("U-2");
    const base::Secret sent = base::Secret::random(32);
    std::vector<tokens::RoleSecret> secrets;
    secrets.push_back({pb::STRETCHED, sent.duplicate()});
    channel->call(std::move(request), std::move(secrets), kLong, [this](base::Result<HostAnswer> a) { answer.emplace(std::move(a)); });
    ASSERT_TRUE(run_until(io, [&] { return answer.has_value(); }));
    ASSERT_TRUE(*answer);
    ASSERT_EQ((*answer)->secrets.size(), 1u);
    EXPECT_EQ((*answer)->secrets[0].role, pb::PEPPERED);
    EXPECT_TRUE((*answer)->secrets[0].value.equals(sent));
}

TEST_F(host_channel, turns_a_failure_of_the_host_into_an_error) {
    start("random=failure\n");
    const auto& a = ask(random_request());
    ASSERT_FALSE(a);
    EXPECT_EQ(a.error().code, base::Code::key_missing);
    EXPECT_EQ(a.error().message, "there is no such key");
    EXPECT_EQ(a.error().raw, 96);
    EXPECT_TRUE(channel->up());
}

TEST_F(host_channel, is_down_when_the_host_dies_and_fails_every_call) {
    start("random=die\n");
    int failed = 0;
    for (int i = 0; i < 3; ++i)
        channel->call(random_request(), {}, kLong, [&](const base::Result<HostAnswer>& a) { failed += !a && a.error().code == base::Code::token_failed; });
    ASSERT_TRUE(goes_down());
    EXPECT_TRUE(run_until(io, [&] { return failed == 3; }));
    EXPECT_FALSE(channel->up());
    EXPECT_EQ(ask(random_request()).error().code, base::Code::token_failed);
    EXPECT_EQ(down.size(), 1u);
}

TEST_F(host_channel, does_not_know_the_outcome_of_a_change_when_the_host_dies) {
    start("other=die\n");
    pb::HostRequest request;
    request.mutable_initialise()->set_ukey("U-1");
    EXPECT_EQ(ask(std::move(request), kLong, Effect::changes_token).error().code, base::Code::outcome_unknown);
}

TEST_F(host_channel, knows_that_a_change_which_never_left_was_not_made) {
    start("");
    channel->call(random_request(), {}, kLong, [this](base::Result<HostAnswer> a) { answer.emplace(std::move(a)); }, Effect::changes_token);
    channel->close({base::Code::token_removed, "pulled out"});  // in the same turn of the loop: nothing was written
    ASSERT_TRUE(run_until(io, [&] { return answer.has_value(); }));
    EXPECT_EQ(answer->error().code, base::Code::token_removed);
    EXPECT_TRUE(down.empty());
}

TEST_F(host_channel, gives_a_hanging_host_up) {
    start("random=hang\n");
    base::Code second = base::Code::internal;
    answer.reset();
    channel->call(random_request(), {}, milliseconds(200), [this](base::Result<HostAnswer> a) { answer.emplace(std::move(a)); });
    channel->call(random_request(), {}, kLong, [&](const base::Result<HostAnswer>& a) { second = a.error().code; });
    ASSERT_TRUE(goes_down());
    ASSERT_TRUE(run_until(io, [&] { return answer.has_value() && second != base::Code::internal; }));
    EXPECT_EQ(answer->error().code, base::Code::timeout);
    EXPECT_EQ(second, base::Code::token_failed);
}

TEST_F(host_channel, does_not_know_the_outcome_of_a_change_that_took_too_long) {
    start("random=hang\n");
    EXPECT_EQ(ask(random_request(), milliseconds(200), Effect::changes_token).error().code, base::Code::outcome_unknown);
}

TEST_F(host_channel, counts_a_timeout_from_when_a_call_is_the_oldest) {
    start("random=slow\n");  // 300 ms each
    int answered = 0;
    for (int i = 0; i < 5; ++i) channel->call(random_request(), {}, milliseconds(10000), [&](const base::Result<HostAnswer>& a) { answered += a.ok(); });
    EXPECT_TRUE(run_until(io, [&] { return answered == 5; }));
    EXPECT_TRUE(channel->up());
}

TEST_F(host_channel, is_down_after_rubbish) {
    start("random=rubbish\n");
    EXPECT_EQ(ask(random_request()).error().code, base::Code::token_failed);
    ASSERT_TRUE(goes_down());
    EXPECT_NE(down[0].find("broke the protocol"), std::string::npos) << down[0];
}

TEST_F(host_channel, is_down_after_an_answer_to_no_request) {
    start("random=wrong-id\n");
    EXPECT_EQ(ask(random_request()).error().code, base::Code::token_failed);
    ASSERT_TRUE(goes_down());
    EXPECT_NE(down[0].find("no request"), std::string::npos) << down[0];
}

TEST_F(host_channel, is_down_after_an_answer_without_a_result) {
    start("random=unanswerable\n");
    EXPECT_EQ(ask(random_request()).error().code, base::Code::token_failed);
    EXPECT_TRUE(goes_down());
}

TEST_F(host_channel, serves_worker_threads) {
    start("");
    std::vector<std::thread> workers;
    std::atomic<int> good = 0;
    for (int w = 0; w < 4; ++w)
        workers.emplace_back([&] {
            for (int i = 0; i < 50; ++i) good += channel->call_and_wait(random_request(), {}, kLong).ok();
        });
    EXPECT_TRUE(run_until(io, [&] { return good == 200; }));
    for (auto& w : workers) w.join();
}

TEST_F(host_channel, tells_a_worker_when_it_is_closed) {
    start("random=hang\n");
    std::optional<base::Code> code;
    std::atomic<bool> ended = false;
    std::thread worker([&] {
        code = channel->call_and_wait(random_request(), {}, kLong).error().code;
        ended = true;
    });
    EXPECT_TRUE(run_until(io, [&] { return channel->outstanding() == 1; }));
    channel->close({base::Code::token_removed, "pulled out"});
    EXPECT_TRUE(run_until(io, [&] { return ended.load(); }));
    worker.join();
    EXPECT_EQ(code, base::Code::token_removed);
}

}  // namespace

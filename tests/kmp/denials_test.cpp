#include "kmp/service/denials.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <set>

#include "audit/event.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using kmp::service::DenialLimits;
using kmp::service::Denials;
using kmp::service::Peer;

Peer local(uid_t uid, pid_t pid = 7) { return {uid, pid, {}, {}}; }
Peer remote(const std::string& address) { return {static_cast<uid_t>(-1), 0, {}, address}; }

class denials : public testing::Test {
protected:
    struct Written {
        base::Bytes bytes;
        Denials::Done done;
        audit::Record record() const { return audit::Record::decode(bytes).value(); }
    };
    asio::io_context io{1};
    kmp::service::Metrics metrics;
    std::vector<Written> log;
    bool at_once = true;  ///< durable as soon as it is handed over
    DenialLimits limits{.burst = 3, .per_second = 0, .most = 4, .window = std::chrono::milliseconds(20), .most_waiting = 6, .most_peers = 4};
    std::unique_ptr<Denials> d;
    std::size_t answered = 0;

    void SetUp() override {
        d = std::make_unique<Denials>(io, [this](Event event, Denials::Done done) {
            auto bytes = event.encode(log.size(), 1'000'000);
            ASSERT_TRUE(bytes) << bytes.error().message;
            log.push_back({std::move(*bytes), done});
            if (at_once) done(audit::Receipt{log.size() - 1, {}, 1'000'000});
        }, metrics, limits);
    }
    void deny(const Peer& peer, const std::string& rule = "per_day", std::uint64_t session = 0, const std::string& detail = "no") {
        Event event(EventType::order_refused);
        peer.describe(event);
        if (session != 0) event.number(Field::session, session);
        event.text(Field::ukey, "0123456789ABCDEF").text(Field::code, "refused").text(Field::rule, rule).text(Field::detail, detail);
        d->take(peer, std::move(event), 500'000, [this](const base::Result<audit::Receipt>& r) { answered += r ? 1 : 0; });
    }
    std::uint64_t counted() {
        std::uint64_t n = 0;
        for (const Written& w : log) n += w.record().type() == EventType::denials_coalesced ? w.record().number(Field::denials) : 1;
        return n;
    }
    std::size_t shared() {
        return static_cast<std::size_t>(std::count_if(log.begin(), log.end(), [](const Written& w) { return w.record().type() == EventType::denials_coalesced; }));
    }
};

TEST_F(denials, the_first_ones_have_an_event_each_and_a_flood_shares_events_that_count_it) {
    for (int i = 0; i < 103; ++i) deny(local(1000), "per_day", 0, "order " + std::to_string(i));
    EXPECT_EQ(log.size(), 3u + 25u);
    EXPECT_EQ(shared(), 25u);
    EXPECT_EQ(counted(), 103u);
    EXPECT_EQ(answered, 103u);
    const audit::Record last = log.back().record();
    EXPECT_EQ(last.number(Field::denials), 4u);
    EXPECT_EQ(last.number(Field::uid), 1000u);
    EXPECT_EQ(last.text(Field::rule), "per_day");
    EXPECT_EQ(last.text(Field::detail), "order 102") << "the last of them";
    EXPECT_EQ(last.number(Field::first_at), 500'000u);
    EXPECT_FALSE(last.has(Field::ukey)) << "without a session it was only asked for";
    EXPECT_FALSE(last.has(Field::pid));
    EXPECT_EQ(metrics.coalesced_denials.value(), 100u);
}

TEST_F(denials, nobody_is_answered_before_the_event_that_counts_it_is_durable) {
    at_once = false;
    for (int i = 0; i < 5; ++i) deny(local(1000));
    EXPECT_EQ(log.size(), 3u);
    EXPECT_EQ(answered, 0u);
    EXPECT_EQ(d->waiting(), 2u);
    io.run();
    ASSERT_EQ(log.size(), 4u) << "after the window what waits is written";
    EXPECT_EQ(answered, 0u) << "and not answered before that is durable";
    log.back().done(audit::Receipt{});
    EXPECT_EQ(answered, 2u);
    EXPECT_EQ(d->waiting(), 0u);
}

TEST_F(denials, a_log_that_cannot_be_written_answers_all_that_wait_and_counts_none) {
    at_once = false;
    for (int i = 0; i < 5; ++i) deny(local(1000));
    d->flush_all();
    log.back().done(base::Error{base::Code::storage_full, "full"});
    EXPECT_EQ(answered, 0u);
    EXPECT_EQ(d->waiting(), 0u);
}

TEST_F(denials, peers_sessions_and_rules_do_not_share_an_event) {
    for (const uid_t uid : {1u, 2u})
        for (int i = 0; i < 3; ++i) deny(local(uid));
    EXPECT_EQ(shared(), 0u) << "each has an allowance of its own";
    for (const uid_t uid : {1u, 2u})
        for (const char* rule : {"per_day", "hours"}) deny(local(uid), rule);
    d->flush_all();
    EXPECT_EQ(shared(), 4u);
    EXPECT_EQ(counted(), 10u);
}

TEST_F(denials, another_connection_or_another_address_of_one_subscriber_is_no_new_allowance) {
    for (int i = 0; i < 3; ++i) deny(local(1000, i));
    deny(local(1000, 99));
    EXPECT_EQ(log.size(), 3u);
    for (int port = 1; port <= 3; ++port) deny(remote("203.0.113.7:" + std::to_string(port)));
    deny(remote("203.0.113.7:999"));
    for (int host = 1; host <= 3; ++host) deny(remote("[2001:db8:1:2::" + std::to_string(host) + "]:50112"));
    deny(remote("[2001:db8:1:2:ffff::9]:50112"));
    EXPECT_EQ(log.size(), 9u);
    d->flush_all();
    EXPECT_EQ(log[9].record().text(Field::actor), "2001:db8:1:2::/64 over TLS");
    EXPECT_EQ(log[10].record().text(Field::actor), "203.0.113.7 over TLS");
    EXPECT_EQ(counted(), 12u);
}

TEST_F(denials, one_ipv4_address_takes_nothing_from_another_where_both_come_in_ipv6s_clothes) {
    for (int i = 0; i < 4; ++i) deny(remote("[::ffff:203.0.113.7]:50112"));
    EXPECT_EQ(log.size(), 3u);
    deny(remote("[::ffff:203.0.113.8]:50112"));
    EXPECT_EQ(log.size(), 4u);
    d->flush_all();
    EXPECT_EQ(log[4].record().text(Field::actor), "203.0.113.7 over TLS");
}

TEST_F(denials, a_session_that_ends_leaves_nothing_behind_and_names_its_ukey) {
    for (int i = 0; i < 5; ++i) deny(local(1000), "per_day", 42);
    for (int i = 0; i < 4; ++i) deny(local(1001));
    d->flush(42);
    EXPECT_EQ(shared(), 1u);
    EXPECT_EQ(log.back().record().number(Field::session), 42u);
    EXPECT_EQ(log.back().record().text(Field::ukey), "0123456789ABCDEF");
    EXPECT_EQ(d->waiting(), 1u);
}

TEST_F(denials, a_peer_of_whom_too_many_wait_is_not_heard_and_others_are) {
    at_once = false;
    EXPECT_FALSE(d->flooded(local(10), ""));
    for (int i = 0; i < 3 + 6; ++i) deny(local(10));
    EXPECT_TRUE(d->flooded(local(10), ""));
    EXPECT_FALSE(d->flooded(local(1), ""));
    EXPECT_FALSE(d->flooded(local(100), ""));
}

TEST_F(denials, what_a_ukey_is_refused_makes_nobody_else_at_its_place_unheard) {
    at_once = false;
    for (int i = 0; i < 3 + 6; ++i) deny(local(10), "per_day", 5);
    EXPECT_TRUE(d->flooded(local(10), "0123456789ABCDEF"));
    EXPECT_FALSE(d->flooded(local(10), "FEDCBA9876543210"));
    EXPECT_FALSE(d->flooded(local(10), "")) << "who asks for a session there is heard";
}

TEST_F(denials, groups_that_never_fill_do_not_add_up_to_a_peer_that_is_not_heard) {
    limits = {.burst = 0, .per_second = 0, .most = 64, .window = std::chrono::hours(1), .most_waiting = 64};
    SetUp();
    for (int i = 0; i < 1000; ++i) {
        ASSERT_FALSE(d->flooded(local(10), "")) << i;
        deny(local(10), "rule" + std::to_string(i % 4));
    }
    EXPECT_LT(log.size(), 150u) << "and they still share events";
    d->flush_all();
    EXPECT_EQ(counted(), 1000u);
    EXPECT_EQ(answered, 1000u);
}

TEST_F(denials, sessions_that_were_refused_share_an_event_only_with_the_same_account_ukey_and_key) {
    const auto refuse = [&](const std::string& account, const std::string& ukey, std::uint8_t key) {
        Event event(EventType::session_refused);
        remote("203.0.113.7:50112").describe(event);
        event.text(Field::account, account).text(Field::ukey, ukey).bytes(Field::proven_key, base::Digest{key}).text(Field::code, "denied").text(Field::detail, "no");
        d->take(remote("203.0.113.7:50112"), std::move(event), 500'000, [this](const base::Result<audit::Receipt>& r) { answered += r ? 1 : 0; });
    };
    for (int i = 0; i < 3 + 3; ++i) refuse("shop-1", "", 1);
    refuse("shop-1", "", 2);
    refuse("shop-2", "", 1);
    refuse("shop-1", "0123456789ABCDEF", 1);
    d->flush_all();
    ASSERT_EQ(log.size(), 3u + 4u);
    EXPECT_EQ(counted(), 3u + 6u);
    std::set<std::string> told;
    for (std::size_t i = 3; i < log.size(); ++i) {
        const audit::Record r = log[i].record();
        told.insert(std::string(r.text(Field::account)) + " " + (r.has(Field::ukey) ? std::string(r.text(Field::ukey)) : "") + " " + base::to_hex(r.bytes(Field::proven_key)).substr(0, 2) + " " + std::to_string(r.number(Field::denials)));
    }
    EXPECT_EQ(told, (std::set<std::string>{"shop-1  01 3", "shop-1  02 1", "shop-2  01 1", "shop-1 0123456789ABCDEF 01 1"}));
}

TEST_F(denials, who_tries_very_many_names_is_not_heard_until_they_are_written) {
    limits.most_kinds = 3;
    limits.most_waiting = 100;
    SetUp();
    for (int i = 0; i < 3 + 2; ++i) deny(local(10), "rule" + std::to_string(i));
    EXPECT_FALSE(d->flooded(local(10), ""));
    deny(local(10), "another");
    EXPECT_TRUE(d->flooded(local(10), ""));
    EXPECT_FALSE(d->flooded(local(10), "0123456789ABCDEF"));
    d->flush_all();
    EXPECT_FALSE(d->flooded(local(10), ""));
}

TEST_F(denials, peers_without_number_share_what_is_left) {
    for (uid_t uid = 1; uid <= 50; ++uid) deny(local(uid));
    d->flush_all();
    EXPECT_EQ(counted(), 50u);
    EXPECT_EQ(answered, 50u);
    EXPECT_EQ(log.size(), 4u + 3u + 11u) << "43 of them in pieces of 4";
    EXPECT_EQ(log.back().record().text(Field::actor), "one of very many");
    at_once = false;
    for (int i = 0; i < 7; ++i) deny(local(60));
    EXPECT_TRUE(d->flooded(local(61), "")) << "and are not heard together";
    EXPECT_FALSE(d->flooded(local(1), ""));
}

}  // namespace

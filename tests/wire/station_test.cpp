#include "wire/station.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <random>
#include <set>

#include "base/fd.h"
#include "base/ids.h"
#include "tests/wire/fake_service.h"
#include "wire/failure.h"

namespace pb = wire::pb;
using base::Code;
using tests::FakeStationService;
using Answer = FakeStationService::Answer;

namespace {

base::Secret secret(std::string_view text) { return base::Secret::copy_of(base::as_bytes(text)); }

pb::Random random_of(std::uint32_t size) {
    pb::Random out;
    out.set_size(size);
    return out;
}

Answer failure(base::Error error, std::uint32_t retry_after = 0) {
    Answer answer;
    wire::set_failure(*answer.replies.emplace_back().mutable_failure(), error, retry_after);
    return answer;
}
Answer hang_up() {
    Answer answer;
    answer.hang_up = true;
    return answer;
}
Answer raw(std::string_view hex) {
    Answer answer;
    answer.raw = *base::from_hex(hex);
    return answer;
}

/// What a good service answers.
pb::StationReply reply_to(const pb::StationRequest& r) {
    pb::StationReply reply;
    reply.set_id(r.id());
    if (r.has_hello()) reply.mutable_hello()->set_version(wire::kProtocolVersion);
    if (r.has_open_session()) reply.mutable_open_session()->set_ukey(r.open_session().ukey());
    if (r.has_random()) reply.mutable_random()->set_data(std::string(r.random().size(), 'r'));
    if (r.has_order()) reply.mutable_order()->set_order_id(r.order().order_id());
    for (const auto& o : r.order_batch().orders()) {
        auto& one = *reply.mutable_order_batch()->add_orders();
        one.set_order_id(o.order_id());
        one.set_purchase_count(static_cast<std::uint32_t>(o.amount_fen()));
    }
    return reply;
}
Answer good(const pb::StationRequest& r) {
    Answer answer;
    answer.replies.push_back(reply_to(r));
    return answer;
}
bool is_greeting(const pb::StationRequest& r) { return r.has_hello() || r.has_open_session(); }

/// A service that greets as it should, and does with all else as the test says.
FakeStationService::Handler with(FakeStationService::Handler handler) {
    return [handler = std::move(handler)](const pb::StationRequest& r) { return is_greeting(r) ? good(r) : handler(r); };
}

class station : public testing::Test {
protected:
    wire::Station open(wire::Habits habits = quick()) {
        auto made = wire::Station::open({.socket = path_}, {.ukey = "US-1", .pin = secret("246810")}, std::move(habits));
        if (!made) throw std::runtime_error(made.error().message);
        return std::move(*made);
    }
    static wire::Habits quick() {
        wire::Habits h;
        h.reconnect_pause = wire::Timeout(1);
        return h;
    }
    static wire::Habits without_reconnects() {
        wire::Habits h = quick();
        h.reconnects = 0;
        return h;
    }
    std::vector<pb::StationRequest> asked(const FakeStationService& service) {
        auto all = service.requests();
        std::erase_if(all, is_greeting);
        return all;
    }

    tests::TemporaryFolder folder_;
    std::string path_ = folder_.path() + "/kmp.sock";
};

}  // namespace

TEST_F(station, logs_in_and_asks_with_types) {
    FakeStationService service(path_, with(good));
    auto s = open();
    EXPECT_EQ(s.session().ukey(), "US-1");
    EXPECT_EQ(service.pins(), std::vector<std::string>{"ukey:246810"});
    const auto reply = s.ask(random_of(12));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->data().size(), 12u);
    const pb::Order order = wire::new_order(pb::RECHARGE, 202611220001, 42, 5000);
    EXPECT_EQ(s.ask(order)->order_id(), order.order_id());
    EXPECT_EQ(wire::order_text(order).size(), 36u);
}

TEST_F(station, logs_in_with_an_account_and_its_password) {
    FakeStationService service(path_, with(good));
    ASSERT_TRUE(wire::Station::open({.socket = path_}, {.account = "shop-7", .pin = secret("river-pw")}));
    EXPECT_EQ(service.pins(), std::vector<std::string>{"account:river-pw"});
    EXPECT_EQ(service.requests().back().open_session().account(), "shop-7");
    EXPECT_EQ(wire::Station::open({.socket = path_}, {.account = "shop-7"}).error().code, Code::invalid_argument);
}

TEST_F(station, refuses_an_address_that_names_no_place) {
    EXPECT_EQ(wire::Station::open({}, {}).error().code, Code::invalid_argument);
    EXPECT_EQ(wire::Station::open({.socket = path_}, {}).error().code, Code::not_found);
}

TEST_F(station, goes_to_no_machine_without_an_anchor_to_trust) {
    std::ofstream(folder_.path() + "/no.pem") << "nothing to trust\n";
    for (const std::string& trust : {std::string(), folder_.path() + "/missing.pem", folder_.path() + "/no.pem", folder_.path()}) {
        const auto made = wire::Station::open({.machine = "127.0.0.1:1", .trust = trust}, {.account = "shop-7", .pin = secret("river-pw")});
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, Code::invalid_argument) << trust << ": " << made.error().message;
    }
}

TEST_F(station, gives_each_reply_to_its_own_request_in_whatever_order_they_come) {
    std::vector<pb::StationRequest> held;
    FakeStationService service(path_, with([&](const pb::StationRequest& r) {
        held.push_back(r);
        Answer answer;
        if (held.size() == 3)
            for (auto it = held.rbegin(); it != held.rend(); ++it) answer.replies.push_back(reply_to(*it));
        return answer;
    }));
    auto s = open();
    auto first = s.start(random_of(1));
    auto second = s.start(random_of(2));
    auto third = s.start(random_of(3));
    EXPECT_EQ(s.in_flight(), 3u);
    EXPECT_FALSE(third.ready());
    EXPECT_EQ(first.get()->data().size(), 1u);
    EXPECT_TRUE(second.ready() && third.ready());
    EXPECT_EQ(third.get()->data().size(), 3u);
    EXPECT_EQ(second.get()->data().size(), 2u);
    EXPECT_EQ(second.get().error().code, Code::invalid_argument);
    EXPECT_EQ(s.in_flight(), 0u);
}

TEST_F(station, keeps_no_more_in_flight_than_a_connection_may_have) {
    FakeStationService service(path_, with(good));
    auto s = open();
    std::vector<wire::Pending<pb::RandomReply>> all;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        all.push_back(s.start(random_of(1 + i % 100)));
        ASSERT_LE(s.in_flight(), wire::kMaxInFlight);
    }
    for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(all[i].get()->data().size(), 1 + i % 100);
}

TEST_F(station, calls_back_and_lets_a_callback_start_more) {
    FakeStationService service(path_, with(good));
    auto s = open();
    std::vector<std::size_t> sizes;
    std::function<void(base::Result<pb::RandomReply>)> then = [&](base::Result<pb::RandomReply> reply) {
        sizes.push_back(reply->data().size());
        if (sizes.size() < 5) s.start(random_of(static_cast<std::uint32_t>(sizes.size() + 1)), then);
    };
    s.start(random_of(1), then);
    s.wait();
    EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 2, 3, 4, 5}));
}

TEST_F(station, passes_over_the_reply_that_nobody_waits_for_any_more) {
    FakeStationService service(path_, with(good));
    auto s = open();
    { const auto dropped = s.start(random_of(7)); }
    EXPECT_EQ(s.ask(random_of(8))->data().size(), 8u);
    EXPECT_EQ(s.in_flight(), 0u);
    EXPECT_EQ(asked(service).size(), 2u);
}

TEST_F(station, lets_a_reply_to_come_outlive_it) {
    FakeStationService service(path_, with(good));
    auto s = std::make_unique<wire::Station>(open());
    auto pending = s->start(random_of(7));
    s.reset();
    EXPECT_EQ(pending.get()->data().size(), 7u);
}

// ---- lost answers

TEST_F(station, asks_for_the_same_order_again_when_the_service_hangs_up_in_the_middle) {
    int orders = 0;
    FakeStationService service(path_, with([&](const pb::StationRequest& r) { return r.has_order() && ++orders == 1 ? hang_up() : good(r); }));
    auto s = open();
    const pb::Order order = wire::new_order(pb::RECHARGE, 202611220001, 42, 5000);
    ASSERT_TRUE(s.ask(order));
    const auto all = asked(service);
    ASSERT_EQ(all.size(), 2u);
    for (const auto& r : all) EXPECT_EQ(r.order().SerializeAsString(), order.SerializeAsString());
    EXPECT_EQ(service.pins(), (std::vector<std::string>{"ukey:246810", "ukey:246810"}));
}

TEST_F(station, asks_again_for_everything_that_was_in_flight) {
    int seen = 0;
    FakeStationService service(path_, with([&](const pb::StationRequest& r) { return ++seen == 5 ? hang_up() : seen < 5 ? Answer{} : good(r); }));
    auto s = open();
    std::vector<wire::Pending<pb::RandomReply>> all;
    for (std::uint32_t i = 1; i <= 5; ++i) all.push_back(s.start(random_of(i)));
    for (std::uint32_t i = 1; i <= 5; ++i) EXPECT_EQ(all[i - 1].get()->data().size(), i);
}

TEST_F(station, takes_a_silent_service_for_a_lost_one_and_asks_again) {
    int orders = 0;
    FakeStationService service(path_, with([&](const pb::StationRequest& r) { return ++orders == 1 ? Answer{} : good(r); }));
    wire::Habits habits = quick();
    habits.timeout = wire::Timeout(1000);
    auto s = open(habits);
    EXPECT_TRUE(s.ask(wire::new_order(pb::RECHARGE, 1, 2, 3)));
    EXPECT_EQ(asked(service).size(), 2u);
}

TEST_F(station, gives_up_after_the_reconnects_it_was_allowed_and_can_go_on_afterwards) {
    bool broken = true;
    FakeStationService service(path_, with([&](const pb::StationRequest& r) { return broken ? hang_up() : good(r); }));
    std::vector<std::string> told;
    wire::Habits habits = quick();
    habits.reconnects = 2;
    habits.tell = [&](const std::string& line) { told.push_back(line); };
    auto s = open(habits);
    const auto reply = s.ask(random_of(1));
    EXPECT_EQ(reply.error().code, Code::io_failed);
    EXPECT_TRUE(wire::worth_repeating(reply.error().code));
    EXPECT_EQ(asked(service).size(), 3u);
    EXPECT_EQ(told.size(), 2u);
    broken = false;
    EXPECT_TRUE(s.ask(random_of(1)));
}

TEST_F(station, that_may_not_reconnect_says_that_it_may_have_happened_and_connects_for_the_next) {
    int seen = 0;
    FakeStationService service(path_, with([&](const pb::StationRequest& r) { return ++seen == 1 ? hang_up() : good(r); }));
    auto s = open(without_reconnects());
    EXPECT_EQ(s.ask(random_of(1)).error().code, Code::io_failed);
    EXPECT_EQ(asked(service).size(), 1u);
    EXPECT_TRUE(s.ask(random_of(1)));
}

TEST_F(station, says_that_the_service_is_gone) {
    auto service = std::make_unique<FakeStationService>(path_, with(good));
    auto s = open();
    service.reset();
    EXPECT_EQ(s.ask(random_of(1)).error().code, Code::not_found);
    service.reset();
}

TEST_F(station, never_tries_a_refused_login_a_second_time) {
    int sessions = 0;
    bool refuse = true;
    FakeStationService service(path_, [&](const pb::StationRequest& r) {
        if (r.has_open_session() && ++sessions > 1 && refuse) return failure({Code::wrong_pin, "wrong PIN; 9 tries are left"});
        if (r.has_random() && sessions == 1) return hang_up();
        return good(r);
    });
    auto s = open();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(s.ask(random_of(1)).error().code, Code::wrong_pin);
    EXPECT_EQ(service.pins().size(), 2u);
    refuse = false;
    ASSERT_TRUE(s.log_in(wire::Login{.ukey = "US-1", .pin = secret("135791")}));
    EXPECT_TRUE(s.ask(random_of(1)));
    EXPECT_EQ(service.pins().back(), "ukey:135791");
}

// ---- busy

TEST_F(station, sends_what_the_service_was_too_busy_for_again_and_takes_other_replies_meanwhile) {
    int orders = 0;
    FakeStationService service(path_, with([&](const pb::StationRequest& r) { return r.has_order() && ++orders < 4 ? failure({Code::busy, "under way"}, 5) : good(r); }));
    auto s = open();
    auto order = s.start(wire::new_order(pb::RECHARGE, 1, 2, 3));
    EXPECT_TRUE(s.ask(random_of(1)));
    EXPECT_TRUE(order.get());
    EXPECT_EQ(orders, 4);
}

TEST_F(station, hands_busy_on_when_it_has_tried_often_enough) {
    FakeStationService service(path_, with([&](const pb::StationRequest&) { return failure({Code::busy, "under way"}, 1); }));
    wire::Habits habits = quick();
    habits.busy_tries = 3;
    auto s = open(habits);
    const auto reply = s.ask(random_of(1));
    EXPECT_EQ(reply.error().code, Code::busy);
    EXPECT_EQ(reply.error().raw, 1);
    EXPECT_EQ(asked(service).size(), 3u);
}

TEST_F(station, whose_login_kmpd_is_too_busy_for_tries_again_each_time_on_a_connection_of_its_own) {
    int sessions = 0;
    FakeStationService service(path_, [&](const pb::StationRequest& r) {
        if (r.has_open_session() && (++sessions < 3 || sessions == 4)) return failure({Code::busy, "another PIN is being checked"}, 1);
        if (r.has_random() && sessions == 3) return hang_up();
        return good(r);
    });
    auto s = open();
    EXPECT_EQ(sessions, 3);
    EXPECT_TRUE(s.ask(random_of(1))) << "it was lost, and what logs in again for it waits its turn as well";
    EXPECT_EQ(service.pins(), std::vector<std::string>(5, "ukey:246810"));
}

TEST_F(station, whose_login_was_too_often_busy_says_so_and_can_be_opened_later) {
    std::atomic<bool> busy{true};
    FakeStationService service(path_, [&](const pb::StationRequest& r) { return busy && r.has_open_session() ? failure({Code::busy, "another PIN is being checked"}) : good(r); });
    wire::Habits habits = quick();
    habits.busy_tries = 2;
    const auto made = wire::Station::open({.socket = path_}, {.ukey = "US-1", .pin = secret("246810")}, habits);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::busy);
    EXPECT_EQ(service.pins().size(), 2u);
    busy = false;
    EXPECT_TRUE(open().ask(random_of(1)));
}

// ---- broken services, and requests that cannot be

TEST_F(station, hands_a_refusal_on_and_does_not_repeat_it) {
    FakeStationService service(path_, with([](const pb::StationRequest&) { return failure({Code::refused, "per_order: 500.01 yuan asked"}); }));
    auto s = open();
    const auto reply = s.ask(wire::new_order(pb::RECHARGE, 1, 2, 50001));
    EXPECT_EQ(reply.error().code, Code::refused);
    EXPECT_EQ(reply.error().message, "per_order: 500.01 yuan asked");
    EXPECT_EQ(asked(service).size(), 1u);
}

TEST_F(station, refuses_a_request_larger_than_a_frame_and_goes_on) {
    FakeStationService service(path_, with(good));
    auto s = open();
    pb::Sign sign;
    sign.set_message(std::string(wire::kMaxFrame, 'm'));
    EXPECT_EQ(s.ask(sign).error().code, Code::refused);
    EXPECT_TRUE(s.ask(random_of(1)));
    EXPECT_EQ(asked(service).size(), 1u);
}

TEST_F(station, refuses_bytes_that_are_no_frame_or_no_reply_and_heals) {
    for (const char* hex : {"00000000", "00010001", "ffffffff", "00000001ff"}) {
        int seen = 0;
        path_ = folder_.path() + "/" + hex;
        FakeStationService service(path_, with([&](const pb::StationRequest& r) { return ++seen <= 1 ? raw(hex) : good(r); }));
        auto s = open(without_reconnects());
        EXPECT_EQ(s.ask(random_of(1)).error().code, Code::malformed) << hex;
        seen = 0;
        auto healing = wire::Station::open({.socket = path_}, {.ukey = "US-1"}, quick());
        s = std::move(*healing);
        EXPECT_TRUE(s.ask(random_of(1))) << hex;
    }
}

TEST_F(station, refuses_a_reply_to_what_nobody_asked_or_of_another_operation_or_order) {
    pb::StationReply other;
    FakeStationService service(path_, with([&](const pb::StationRequest&) {
        Answer answer;
        answer.replies.push_back(other);
        return answer;
    }));
    auto s = open(without_reconnects());
    other.set_id(4711);
    other.mutable_random();
    EXPECT_EQ(s.ask(random_of(1)).error().code, Code::malformed);
    other.Clear();
    other.mutable_sign();
    EXPECT_EQ(s.ask(random_of(1)).error().code, Code::malformed);
    other.Clear();
    other.mutable_order()->set_order_id(wire::new_order(pb::RECHARGE, 1, 2, 3).order_id());
    EXPECT_EQ(s.ask(wire::new_order(pb::RECHARGE, 1, 2, 3)).error().code, Code::malformed);
}

TEST_F(station, asks_for_operations_that_it_does_not_know_by_whole_messages) {
    FakeStationService service(path_, with(good));
    auto s = open();
    pb::StationRequest request;
    request.mutable_random()->set_size(3);
    EXPECT_EQ(s.ask(request)->random().data().size(), 3u);
}

// ---- many orders

TEST_F(station, cuts_many_orders_into_batches_and_gives_each_its_own_result) {
    FakeStationService service(path_, with([](const pb::StationRequest& r) {
        Answer answer = good(r);
        for (auto& o : *answer.replies[0].mutable_order_batch()->mutable_orders())
            if (o.purchase_count() == 300) wire::set_failure(*o.mutable_failure(), {Code::refused, "per_order: too much"});
        return answer;
    }));
    auto s = open();
    std::vector<pb::Order> orders;
    for (int i = 1; i <= 600; ++i) orders.push_back(wire::new_order(pb::RECHARGE, 1, 2, i));
    const auto results = s.orders(orders);
    ASSERT_EQ(results.size(), 600u);
    for (std::size_t i = 0; i < 600; ++i) {
        if (i == 299) EXPECT_EQ(results[i].error().code, Code::refused);
        else EXPECT_EQ(results[i]->purchase_count(), i + 1);
    }
    EXPECT_EQ(asked(service).size(), 3u);
    EXPECT_TRUE(s.orders({}).empty());
}

TEST_F(station, cuts_large_orders_into_batches_that_fit_a_frame) {
    FakeStationService service(path_, with(good));
    auto s = open();
    std::vector<pb::Order> orders;
    for (int i = 1; i <= 200; ++i) {
        auto& o = orders.emplace_back(wire::new_order(pb::RECHARGE, 1, 2, i));
        o.mutable_card()->set_tariffs_now(std::string(264, 't'));
        o.mutable_card()->set_tariffs_to_come(std::string(264, 't'));
    }
    for (const auto& r : s.orders(orders)) EXPECT_TRUE(r);
    EXPECT_EQ(asked(service).size(), 2u);
}

TEST_F(station, asks_again_for_the_orders_of_a_batch_that_were_busy) {
    int batches = 0;
    FakeStationService service(path_, with([&](const pb::StationRequest& r) {
        Answer answer = good(r);
        if (++batches == 1)
            for (int i : {1, 3}) wire::set_failure(*answer.replies[0].mutable_order_batch()->mutable_orders(i)->mutable_failure(), {Code::busy, "under way"}, 1);
        return answer;
    }));
    auto s = open();
    std::vector<pb::Order> orders;
    for (int i = 1; i <= 5; ++i) orders.push_back(wire::new_order(pb::RECHARGE, 1, 2, i));
    for (const auto& r : s.orders(orders)) EXPECT_TRUE(r);
    const auto all = asked(service);
    ASSERT_EQ(all.size(), 2u);
    ASSERT_EQ(all[1].order_batch().orders_size(), 2);
    EXPECT_EQ(all[1].order_batch().orders(0).order_id(), orders[1].order_id());
}

TEST_F(station, gives_every_order_the_error_of_a_batch_that_was_lost) {
    FakeStationService service(path_, with([](const pb::StationRequest&) { return hang_up(); }));
    auto s = open(without_reconnects());
    const std::vector<pb::Order> orders(3, wire::new_order(pb::RECHARGE, 1, 2, 3));
    for (const auto& r : s.orders(orders)) EXPECT_EQ(r.error().code, Code::io_failed);
}

/// A service that charges each order once, and breaks in every way while it does.
TEST_F(station, charges_each_order_once_whatever_breaks) {
    std::mt19937 chance(20261122);
    std::map<std::string, int> charged;
    FakeStationService service(path_, with([&](const pb::StationRequest& r) {
        const unsigned luck = chance() % 16;
        if (luck == 0) return hang_up();  // before it was charged
        if (luck == 1) return failure({Code::busy, "too many"}, 1);
        charged.try_emplace(r.order().SerializeAsString(), 0).first->second = 1;
        if (luck == 2) return hang_up();  // and after
        if (luck == 3) return raw("00000000");
        if (luck == 4) {
            Answer half;
            base::Bytes whole;
            if (!wire::append_frame(whole, reply_to(r))) ADD_FAILURE();
            half.raw.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2));
            half.hang_up = true;
            return half;
        }
        return good(r);
    }));
    wire::Habits habits = quick();
    habits.reconnects = 1000;
    habits.busy_tries = 1000;
    auto s = open(habits);
    std::vector<wire::Pending<pb::OrderReply>> all;
    for (int i = 1; i <= 300; ++i) all.push_back(s.start(wire::new_order(pb::RECHARGE, static_cast<std::uint64_t>(i), 2, i)));
    for (auto& p : all) ASSERT_TRUE(p.get());
    EXPECT_EQ(charged.size(), 300u);
    std::set<std::string> contents;
    for (const auto& r : asked(service)) contents.insert(r.order().SerializeAsString());
    EXPECT_EQ(contents.size(), 300u);
}

// ---- the tables

TEST(operations, have_a_line_for_each_operation_of_the_schema_with_the_reply_of_its_name) {
    std::set<std::string> lines;
#define KMP_CHECK_LINE(RequestType, ReplyType, field)                                                                                                       \
    lines.insert(#field);                                                                                                                                  \
    EXPECT_EQ(pb::StationRequest::descriptor()->FindFieldByName(#field)->message_type(), pb::RequestType::descriptor()) << #field;                          \
    EXPECT_EQ(pb::StationReply::descriptor()->FindFieldByName(#field)->message_type(), pb::ReplyType::descriptor()) << #field;
    KMP_STATION_OPERATIONS(KMP_CHECK_LINE)
#undef KMP_CHECK_LINE
    const std::set<std::string> own_calls{"pin", "hello", "open_session", "close_session"};
    const auto* operations = pb::StationRequest::descriptor()->FindOneofByName("operation");
    for (int i = 0; i < operations->field_count(); ++i) {
        const std::string name = operations->field(i)->name();
        EXPECT_TRUE(own_calls.contains(name) || lines.contains(name)) << "wire/operations.h wants a line for " << name;
    }
}

TEST(handbook, says_of_every_error_code_whether_the_same_may_be_asked_again) {
    const std::string text = base::to_string(*base::read_file(KMP_SOURCE_DIR "/docs/STATION.md", 1 << 20));
    for (unsigned c = 0; c <= static_cast<unsigned>(Code::internal); ++c) {
        const auto code = static_cast<Code>(c);
        const std::string row = "| `" + std::string(base::name(code)) + "` | " + (wire::worth_repeating(code) ? "yes" : "no") + " |";
        EXPECT_NE(text.find(row), std::string::npos) << row;
    }
}

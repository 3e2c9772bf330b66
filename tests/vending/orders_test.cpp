#include <sys/resource.h>

#include <csignal>

#include "tests/vending/suite_station.h"

using base::Code;
using tests::run;
using tests::spill;
using vending::JournalOrder;
using vending::OrderState;
namespace pb = wire::pb;

namespace {

using orders = tests::suite_station;
using tests::kClock;
const std::string& kMeter = tests::kExampleMeter;
const std::string& kOther = tests::kOtherMeter;

std::vector<OrderState> states(vending::Journal& journal, const JournalOrder& order) {
    std::vector<OrderState> out;
    const auto steps = journal.steps(order);
    for (const auto& s : *steps) out.push_back(s.state);
    return out;
}

}  // namespace

TEST_F(orders, of_every_kind_do_to_the_wallet_what_they_say) {
    wallet().customer = 0;
    ASSERT_TRUE(carry_out(plan(pb::OPEN_ACCOUNT, 10000)));
    ASSERT_TRUE(carry_out(plan(pb::RECHARGE, 5000)));
    EXPECT_EQ(wallet().balance, 15000);
    ASSERT_TRUE(carry_out(plan(pb::REFUND, 4000)));
    EXPECT_EQ(wallet().balance, 11000);
    const auto cleared = carry_out(plan(pb::CLEAR, std::nullopt));
    ASSERT_TRUE(cleared) << cleared.error().message;
    EXPECT_EQ(cleared->order.amount->value(), 11000) << "the balance, as the meter told it";
    EXPECT_EQ(wallet().balance, 0);
    EXPECT_EQ(wallet().customer, 0u);
    EXPECT_EQ(wallet().count, 4u);
}

TEST_F(orders, initialise_the_wallet_of_a_meter_in_factory_state_only) {
    wallet().factory = true;
    const auto order = plan(pb::INITIALISE_WALLET, 700);
    ASSERT_TRUE(carry_out(order));
    EXPECT_EQ(wallet().balance, 700);
    wallet().factory = false;
    const auto refused = carry_out(plan(pb::INITIALISE_WALLET, 800));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("it does not hold the factory keys"), std::string::npos) << refused.error().message;
    EXPECT_EQ(wallet().balance, 700);
}

TEST_F(orders, stand_in_the_journal_with_each_state_they_go_through) {
    const auto order = plan(pb::RECHARGE, 5000);
    ASSERT_TRUE(carry_out(order));
    EXPECT_EQ(states(*journal_, order), (std::vector{OrderState::planned, OrderState::asked, OrderState::answered, OrderState::sent, OrderState::confirmed}));
    EXPECT_EQ(journal_->reload(order)->count, 1u);
    const auto again = carry_out(order);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->before);
    EXPECT_EQ(wallet().balance, 5000);
    EXPECT_EQ(kmpd_.orders, 1u);
}

TEST_F(orders, that_kmpd_refuses_are_not_charged_and_can_be_tried_again) {
    kmpd_.refused_orders = 1;
    const auto order = plan(pb::RECHARGE, 5000);
    EXPECT_EQ(carry_out(order).error().code, Code::refused);
    EXPECT_EQ(state(order), OrderState::refused);
    ASSERT_TRUE(carry_out(order));
    EXPECT_EQ(wallet().balance, 5000);
}

TEST_F(orders, that_were_voided_are_never_made_again_under_a_new_id) {
    JournalOrder order;
    order.id = base::Uuid::make_v7(kClock.now() - 2 * base::kHour);  // old enough to be given another
    order.own_id = true;
    order.meter = *model::MeterNumber::parse(kMeter);
    order.amount = model::Fen(5000);
    order = *journal_->plan(order);
    ASSERT_TRUE(journal_->note(order, OrderState::voided, ""));
    const auto again = carry_out(order);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::refused);
    EXPECT_NE(again.error().message.find("was voided"), std::string::npos) << again.error().message;
    EXPECT_EQ(state(order), OrderState::voided);
    EXPECT_EQ(kmpd_.orders, 0u);
    EXPECT_EQ(wallet().balance, 0);
}

TEST_F(orders, that_the_meter_refuses_hold_its_count_until_it_takes_them) {
    wallet().hoarding_limit = 100;
    const auto order = plan(pb::RECHARGE, 5000);
    const auto refused = carry_out(order);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("hoarding"), std::string::npos);
    EXPECT_EQ(state(order), OrderState::held);
    const auto next = carry_out(plan(pb::RECHARGE, 50));
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().code, Code::conflict);
    EXPECT_NE(next.error().message.find("orders resume --line LINE " + order.id.text()), std::string::npos) << next.error().message;
    EXPECT_EQ(kmpd_.orders, 1u) << "kmpd was not asked for the second";
    wallet().hoarding_limit = 1000000;
    ASSERT_TRUE(carry_out(order));
    EXPECT_EQ(wallet().balance, 5000);
}

TEST_F(orders, that_a_meter_does_not_have_the_credit_for_are_refused) {
    wallet().balance = 100;
    const auto order = plan(pb::REFUND, 101);
    ASSERT_FALSE(carry_out(order));
    EXPECT_EQ(state(order), OrderState::held);
    EXPECT_EQ(wallet().balance, 100);
}

TEST_F(orders, whose_answer_is_lost_are_macd_again_and_taken_once_whatever_their_kind) {
    wallet().balance = 9000;
    for (const auto kind : {pb::RECHARGE, pb::REFUND, pb::CLEAR, pb::OPEN_ACCOUNT}) {
        bool lost = false;
        meters_.before = [&](const meter::dlt645::Frame& f) {
            const bool money = tests::identifier(f) == tests::suite::command_of(kind);
            meters_.set_noise(money && !lost ? tests::suite::Noise{0, 100, 0, 0, 0} : tests::suite::Noise{});
            lost = lost || money;
        };
        const auto done = carry_out(plan(kind, kind == pb::CLEAR ? std::nullopt : std::optional<std::int64_t>(1000)));
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_TRUE(done->purchased.told_late);
        meters_.before = {};
    }
    EXPECT_EQ(wallet().balance, 1000);
    EXPECT_EQ(wallet().count, 4u);
    EXPECT_EQ(kmpd_.orders, 4u);
}

TEST_F(orders, whose_answer_kmpd_never_gave_are_asked_for_again_under_the_same_id) {
    kmpd_.hang_ups_after_order = 1;
    const auto order = plan(pb::RECHARGE, 5000);
    ASSERT_FALSE(carry_out(order));
    EXPECT_EQ(state(order), OrderState::asked);
    EXPECT_EQ(wallet().balance, 0);
    open();
    ASSERT_TRUE(carry_out(order));
    EXPECT_EQ(wallet().balance, 5000);
    EXPECT_EQ(kmpd_.charged, 5000);
}

TEST_F(orders, keep_the_receipt_of_their_charge_and_not_of_an_answer_given_again) {
    kmpd_.hang_ups_after_order = 1;
    const auto lost = plan(pb::RECHARGE, 5000);
    ASSERT_FALSE(carry_out(lost));  // charged as the first of kmpd's events; the answer given again is the second
    open();
    ASSERT_TRUE(carry_out(lost));
    EXPECT_EQ(journal_->reload(lost)->receipt, 1u);
    EXPECT_EQ(journal_->reload(lost)->leaf, std::string(32, 1));
    vend("--die-at sent remote recharge --meter " + kMeter + " --amount 10" + at_line());
    ASSERT_EQ(vend("orders resume" + at_line()).code, 0);
    open();
    EXPECT_EQ(journal_->newest(1)->front().receipt, 3u);
    EXPECT_EQ(journal_->newest(1)->front().leaf, std::string(32, 3));
}

TEST_F(orders, are_believed_by_the_answer_where_the_grant_allows_no_status_query) {
    kmpd_.status_allowed = false;
    bool lost = false;
    meters_.before = [&](const meter::dlt645::Frame& f) {
        const bool money = tests::identifier(f) == 0x070102FF;
        meters_.set_noise(money && !lost ? tests::suite::Noise{0, 100, 0, 0, 0} : tests::suite::Noise{});
        lost = lost || money;
    };
    auto order = plan(pb::RECHARGE, 5000);
    order.customer = *model::CustomerNumber::from_number(42);
    // What the journal holds counts; so the customer goes in there.
    auto done = carry_out(order);
    EXPECT_EQ(done.error().code, Code::denied) << "without a status query the customer must be given";
    const auto written = journal_->prepare(order);
    ASSERT_TRUE(written);
    done = carry_out(order);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(done->purchased.told_late);
    EXPECT_EQ(wallet().balance, 5000);
}

TEST_F(orders, of_one_meter_are_not_worked_on_by_two_programs_at_once) {
    auto other = vending::Journal::open(file_, kClock);
    ASSERT_TRUE(other);
    const auto hold = other->hold(*model::MeterNumber::parse(kMeter));
    ASSERT_TRUE(hold);
    const auto refused = carry_out(plan(pb::RECHARGE, 5000));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::busy);
    EXPECT_EQ(kmpd_.orders, 0u);
    EXPECT_TRUE(carry_out(plan(pb::RECHARGE, 5000, kOther))) << "another meter is free";
}

TEST_F(orders, are_not_asked_for_without_a_journal_that_can_be_written) {
    const std::string words = " remote recharge --meter " + kMeter + " --amount 5" + at_line();
    platform_.reset();
    line_.reset();
    spill(folder_.path() + "/text", "this is no journal, and long enough to be looked at as one; so it is refused, whatever else it may be .........................");
    for (const std::string& file : {folder_.path(), std::string("/proc/nowhere/orders.db"), folder_.path() + "/text"}) {
        const auto ran = run(folder_.path(), "kmp-vend --socket " + path_ + " --journal " + file + words);
        EXPECT_EQ(ran.code, 1) << file;
        EXPECT_NE(ran.err.find("no order is asked for without it"), std::string::npos) << ran.err;
    }
    EXPECT_TRUE(kmpd_.service().requests().empty());
}

TEST_F(orders, are_not_asked_for_when_the_disk_of_the_journal_is_full) {
    const auto order = plan(pb::RECHARGE, 5000);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto old = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{0, before.rlim_max};  // no file may grow or be written to
    setrlimit(RLIMIT_FSIZE, &none);
    const auto refused = carry_out(order);
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().code == Code::storage_full || refused.error().code == Code::storage_failed) << refused.error().message;
    EXPECT_EQ(kmpd_.orders, 0u);
    ASSERT_TRUE(carry_out(order)) << "and it goes on once there is room";
}

TEST_F(orders, are_finished_and_not_repeated_after_kmp_vend_was_killed_in_each_state) {
    std::int64_t due = 0;
    for (const std::string at : {"planned", "asked", "answered", "sent", "confirmed"}) {
        vend("--die-at " + at + " remote recharge --meter " + kMeter + " --amount 10" + at_line());
        const auto listed = vend("orders list");
        const auto resumed = vend("orders resume" + at_line());
        EXPECT_EQ(resumed.code, 0) << at << ": " << resumed.err;
        // Killed before kmpd was asked nothing has happened, and nobody is told that it has.
        if (at != "planned") due += 1000;
        EXPECT_EQ(wallet().balance, due) << at;
        EXPECT_EQ(kmpd_.charged, due) << at;
        EXPECT_EQ(listed.out.find("Nothing is half done") == std::string::npos, at != "planned" && at != "confirmed") << at << ": " << listed.out;
        EXPECT_TRUE(vend("orders list").out.starts_with("Nothing is half done in the journal ")) << at;
    }
    EXPECT_NE(vend("orders list").out.find("1 order stood in a file or was begun and never asked for: nothing was charged"), std::string::npos) << "the one that was planned";
}

TEST_F(orders, that_were_refused_held_or_unknown_when_kmp_vend_was_killed_are_so_afterwards) {
    kmpd_.refused_orders = 1;
    vend("--die-at refused remote recharge --meter " + kMeter + " --amount 10" + at_line());
    EXPECT_TRUE(vend("orders list").out.starts_with("Nothing is half done in the journal "));
    wallet().hoarding_limit = 1;
    vend("--die-at held remote recharge --meter " + kMeter + " --amount 10" + at_line());
    EXPECT_NE(vend("orders list").out.find("it keeps its purchase count"), std::string::npos);
    const auto still = vend("orders resume" + at_line());
    EXPECT_EQ(still.code, 1);
    EXPECT_NE(still.err.find("hoarding"), std::string::npos) << still.err;
    EXPECT_EQ(wallet().balance, 0);
    wallet().hoarding_limit = 1000000;
    EXPECT_EQ(vend("orders resume" + at_line()).code, 0);
    EXPECT_EQ(wallet().balance, 1000);
}

TEST_F(orders, are_shown_one_by_one_and_by_id) {
    const auto order = plan(pb::RECHARGE, 5000);
    ASSERT_TRUE(carry_out(order));
    const auto shown = vend("orders show " + order.id.text());
    EXPECT_EQ(shown.code, 0) << shown.err;
    EXPECT_NE(shown.out.find("sent to the meter"), std::string::npos) << shown.out;
    EXPECT_NE(shown.out.find("confirmed by the meter"), std::string::npos);
    EXPECT_EQ(vend("orders show " + base::Uuid::make_v7(1).text()).code, 1);
    EXPECT_EQ(vend("orders show nonsense").code, 2);
    EXPECT_NE(vend("orders list --all").out.find(order.id.text()), std::string::npos);
}

TEST_F(orders, repeated_under_their_id_must_be_the_same) {
    const auto id = base::Uuid::make_v7(kClock.now()).text();
    const std::string words = "remote recharge --meter " + kMeter + at_line() + " --order-id " + id + " --amount ";
    EXPECT_EQ(vend(words + "5").code, 0);
    EXPECT_NE(vend(words + "5").out.find("nothing was asked now"), std::string::npos);
    const auto other = vend(words + "6");
    EXPECT_EQ(other.code, 1);
    EXPECT_NE(other.err.find("other content"), std::string::npos);
    EXPECT_EQ(wallet().balance, 500);
}

/// A line that loses, garbles and delays: whatever happens, and however often it is tried, the credit in the meters is what the journal calls confirmed.
class noisy_line : public orders, public testing::WithParamInterface<unsigned> {
protected:
    void SetUp() override {}
};

TEST_P(noisy_line, credits_exactly_the_confirmed_orders) {
    tests::suite::Meters meters(tests::FakeMeter::On::tcp, GetParam());
    meters.meter(kMeter).customer = 42;
    meters.meter(kOther).customer = 43;
    meters.set_noise({12, 12, 12, 12, 90});
    std::map<std::string, std::int64_t> wanted;
    auto journal = vending::Journal::open(file_, kClock);
    ASSERT_TRUE(journal);
    std::mt19937 random(GetParam());
    std::vector<JournalOrder> all;
    for (int i = 0; i < 8; ++i) {
        JournalOrder o;
        o.id = base::Uuid::make_v7(kClock.now());
        o.meter = *model::MeterNumber::parse(i % 2 == 0 ? kMeter : kOther);
        o.customer = *model::CustomerNumber::from_number(i % 2 == 0 ? 42 : 43);
        o.kind = i >= 6 ? pb::REFUND : pb::RECHARGE;
        o.amount = model::Fen(o.kind == pb::REFUND ? 50 : 100 + static_cast<std::int64_t>(random() % 1000));
        all.push_back(*journal->plan(o));
    }
    for (int round = 0; round < 30; ++round) {
        auto client = wire::StationClient::open(path_);
        auto line = vending::Line::open(meters.line(), {vending::Wait(60), vending::Wait(15), 3});
        ASSERT_TRUE(client && line);
        vending::Platform platform(std::move(*client));
        vending::OrderDesk desk(*journal, platform, *line);
        std::size_t left = 0;
        for (auto& order : all) {
            if (order.state == OrderState::confirmed) continue;
            if (random() % 8 == 0) kmpd_.hang_ups_after_order = 1;
            (void)desk.carry_out(order);
            order = *journal->reload(order);
            if (order.state != OrderState::confirmed) ++left;
            // At every moment no meter has less than what is confirmed, nor more than what may have been sent.
            std::int64_t sure = 0, most = 0, has = 0;
            for (const auto& o : all) {
                const std::int64_t fen = o.kind == pb::REFUND ? -o.amount->value() : o.amount->value();
                if (o.state == OrderState::confirmed) sure += fen;
                if (o.state == OrderState::sent || o.state == OrderState::unknown) most += fen;
            }
            for (const auto& number : {kMeter, kOther}) has += meters.meter(number).balance;
            EXPECT_GE(has, sure + std::min<std::int64_t>(most, -100)) << "seed " << GetParam();
            EXPECT_LE(has, sure + std::max<std::int64_t>(most, 0) + 100) << "seed " << GetParam();
        }
        if (left == 0) break;
    }
    std::map<std::string, std::int64_t> confirmed;
    for (const auto& o : all) {
        EXPECT_EQ(o.state, OrderState::confirmed) << "seed " << GetParam() << ": " << o.said;
        confirmed[o.meter.text()] += o.kind == pb::REFUND ? -o.amount->value() : o.amount->value();
    }
    for (const auto& number : {kMeter, kOther}) EXPECT_EQ(meters.meter(number).balance, confirmed[number]) << "seed " << GetParam();
    EXPECT_EQ(kmpd_.orders, all.size());
}
INSTANTIATE_TEST_SUITE_P(seeds, noisy_line, testing::Range(1u, 9u));

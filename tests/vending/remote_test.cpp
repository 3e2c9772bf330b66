#include "vending/remote.h"

#include "tests/vending/station_test.h"

using base::Code;
using tests::pattern;
using tests::PlayedMeter;
using tests::reversed;
namespace pb = wire::pb;

namespace {

constexpr std::uint32_t kRecharge = 0x070102FF;
const base::Bytes kRepeated{0x02, 0x00};
const base::Bytes kMacFailed{0x04, 0x00};
const base::Bytes kWrongCount{0x20, 0x00};
const base::Bytes kOverLimit{0x40, 0x00};

class remote : public tests::station {
protected:
    vending::Purchase wanted_{pb::RECHARGE, base::Uuid::make_v7(1795329720000), *model::CustomerNumber::parse(tests::kCustomer), model::Fen(5000)};
    base::Result<vending::Purchased> buy() { return vending::purchase(*platform_, *dialogue_, wanted_); }
};

}  // namespace

TEST_F(remote, recharge_credits_the_meter) {
    const auto bought = buy();
    ASSERT_TRUE(bought) << bought.error().message;
    EXPECT_EQ(bought->count, 1u);
    EXPECT_FALSE(bought->repeated);
    EXPECT_FALSE(bought->told_late);
    EXPECT_EQ(bought->receipt, 77u);
    const auto orders = kmpd_.asked(pb::StationRequest::kOrder);
    ASSERT_EQ(orders.size(), 1u);
    EXPECT_EQ(orders[0].order().r2(), pattern(0xC0, 4));
    EXPECT_EQ(orders[0].order().amount_fen(), 5000);
    EXPECT_EQ(orders[0].order().customer(), 4711u);
    // 070102FF: operator code, then amount, count, MAC1, customer, MAC2, each reversed. 5000 = 1388 hex.
    const auto frames = meter_.heard(kRecharge);
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(base::to_hex(frames[0].data), "ff020107" "00000000" "88130000" "01000000" "53525150" "114700000000" "63626160");
}

TEST_F(remote, opening_of_an_account_uses_its_own_command) {
    wanted_.kind = pb::OPEN_ACCOUNT;
    ASSERT_TRUE(buy());
    EXPECT_EQ(meter_.heard(0x070101FF).size(), 1u);
    EXPECT_TRUE(meter_.heard(kRecharge).empty());
}

TEST_F(remote, recharge_whose_answer_is_lost_is_repeated_with_the_same_order_under_a_new_authentication) {
    meter_.count = 1;
    meter_.plans[kRecharge] = {{{}, PlayedMeter::Lose::answer}, {kRepeated}};
    const auto bought = buy();
    ASSERT_TRUE(bought) << bought.error().message;
    EXPECT_TRUE(bought->told_late);
    EXPECT_FALSE(bought->repeated) << "kmpd charged it in this run";
    EXPECT_EQ(bought->count, 1u);
    const auto orders = kmpd_.asked(pb::StationRequest::kOrder);
    ASSERT_EQ(orders.size(), 2u);
    EXPECT_EQ(orders[0].order().order_id(), orders[1].order().order_id());
    EXPECT_EQ(orders[0].order().r2(), pattern(0xC0, 4));
    EXPECT_EQ(orders[1].order().r2(), pattern(0xC1, 4));
}

TEST_F(remote, recharge_that_the_meter_never_heard_is_credited_by_the_repetition) {
    meter_.count = 1;
    meter_.plans[kRecharge] = {{{}, PlayedMeter::Lose::request}};
    const auto bought = buy();
    ASSERT_TRUE(bought) << bought.error().message;
    EXPECT_FALSE(bought->told_late);
    EXPECT_EQ(meter_.heard(kRecharge).size(), 2u);
}

TEST_F(remote, recharge_that_stays_unanswered_is_of_unknown_outcome_and_names_its_order) {
    meter_.plans[kRecharge] = {{{}, PlayedMeter::Lose::answer}, {{}, PlayedMeter::Lose::answer}, {{}, PlayedMeter::Lose::answer}, {{}, PlayedMeter::Lose::answer}};
    const auto bought = buy();
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.error().code, Code::outcome_unknown);
    EXPECT_NE(bought.error().message.find("--order-id " + wanted_.order.text()), std::string::npos);
}

TEST_F(remote, recharge_run_again_after_a_crash_is_not_credited_twice) {
    ASSERT_TRUE(buy());
    meter_.plans[kRecharge] = {{kRepeated}};
    const auto again = buy();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(again->repeated);
    EXPECT_TRUE(again->told_late);
}

TEST_F(remote, fresh_recharge_that_the_meter_calls_repeated_is_a_conflict) {
    meter_.plans[kRecharge] = {{kRepeated}};
    const auto bought = buy();
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.error().code, Code::conflict);
}

TEST_F(remote, recharge_refused_by_the_meter_says_why_and_how_to_repeat_it) {
    meter_.plans[kRecharge] = {{kOverLimit}};
    const auto bought = buy();
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.error().code, Code::refused);
    EXPECT_NE(bought.error().message.find("over the hoarding limit"), std::string::npos);
    EXPECT_NE(bought.error().message.find("--order-id"), std::string::npos);
    EXPECT_EQ(meter_.heard(kRecharge).size(), 1u);
}

TEST_F(remote, wrong_count_after_a_lost_answer_is_not_called_uncredited) {
    meter_.plans[kRecharge] = {{{}, PlayedMeter::Lose::answer}, {kWrongCount}};
    EXPECT_EQ(buy().error().code, Code::outcome_unknown);
    meter_.plans[kRecharge] = {{kWrongCount}};
    wanted_.order = base::Uuid::make_v7(1795329720001);
    EXPECT_EQ(buy().error().code, Code::refused);
}

TEST_F(remote, authentication_that_no_longer_holds_is_renewed_once) {
    meter_.plans[kRecharge] = {{kMacFailed}};
    EXPECT_TRUE(buy());
    EXPECT_EQ(meter_.heard(0x070000FF).size(), 2u);
    meter_.plans[kRecharge] = {{kMacFailed}, {kMacFailed}};
    wanted_.order = base::Uuid::make_v7(1795329720001);
    EXPECT_EQ(buy().error().code, Code::refused);
}

TEST_F(remote, recharge_that_kmpd_refuses_never_reaches_the_meter) {
    kmpd_.fail_next(pb::StationRequest::kOrder, {Code::refused, "per_day: 50.00 yuan asked, 3.00 of 100.00 left"});
    const auto bought = buy();
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.error().message, "per_day: 50.00 yuan asked, 3.00 of 100.00 left");
    EXPECT_TRUE(meter_.heard(kRecharge).empty());
}

TEST_F(remote, recharge_of_a_meter_in_factory_state_says_what_to_do) {
    meter_.holds = 0x10;
    const auto bought = buy();
    ASSERT_FALSE(bought);
    EXPECT_NE(bought.error().message.find("kmp-vend keys download"), std::string::npos);
}

TEST_F(remote, status_is_given_only_when_its_macs_hold) {
    const auto status = vending::query_status(*platform_, *dialogue_);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(status->balance.yuan(), "-1.00");  // FFFFFF9C
    EXPECT_EQ(status->count, 3u);
    EXPECT_EQ(status->customer.text(), tests::kCustomer);
    EXPECT_EQ(status->key_state, model::KeyState::production);
    EXPECT_EQ(status->key_version, 1);
    const auto checks = kmpd_.asked(pb::StationRequest::kCheckStatus);
    ASSERT_EQ(checks.size(), 1u);
    EXPECT_EQ(checks[0].check_status().r1(), pattern(0x30, 8));
    EXPECT_EQ(checks[0].check_status().balance_mac(), pattern(0x01, 4));
    EXPECT_EQ(checks[0].check_status().count_mac(), pattern(0x05, 4));

    kmpd_.genuine = false;
    EXPECT_EQ(vending::query_status(*platform_, *dialogue_).error().code, Code::tampered);
}

TEST_F(remote, relay_command_is_valid_for_ten_minutes_on_the_meters_own_clock) {
    ASSERT_TRUE(vending::control_relay(*platform_, *dialogue_, vending::RelayCommand::trip));
    const auto asked = kmpd_.asked(pb::StationRequest::kRelay);
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked[0].relay().command(), 0x1Au);
    // The meter shows 2026-12-31 23:55:30; ss mm hh DD MM YY.
    EXPECT_EQ(base::to_hex(base::as_bytes(asked[0].relay().valid_until())), "300500010127");
    const auto frames = meter_.heard(PlayedMeter::kRelay);
    ASSERT_EQ(frames.size(), 1u);
    const std::string expected = std::string("\x98\x00\x00\x00", 4) + std::string(4, '\0') + reversed(pattern(0x70, 16)) + reversed(pattern(0x90, 4));
    EXPECT_EQ(base::to_hex(frames[0].data), base::to_hex(base::as_bytes(expected)));
}

TEST_F(remote, relay_command_that_is_not_answered_is_of_unknown_outcome_and_not_repeated) {
    meter_.plans[PlayedMeter::kRelay] = {{{}, PlayedMeter::Lose::answer}};
    EXPECT_EQ(vending::control_relay(*platform_, *dialogue_, vending::RelayCommand::close).error().code, Code::outcome_unknown);
    EXPECT_EQ(meter_.heard(PlayedMeter::kRelay).size(), 1u);
    meter_.plans[PlayedMeter::kRelay] = {{{0x04}}, {{0x04}}};
    EXPECT_EQ(vending::control_relay(*platform_, *dialogue_, vending::RelayCommand::close).error().message,
              "meter 202611220001 refused: wrong password or not authorised");
}

TEST_F(remote, relay_command_whose_authentication_has_expired_is_given_again_once) {
    meter_.plans[PlayedMeter::kRelay] = {{{0x04}}};
    EXPECT_TRUE(vending::control_relay(*platform_, *dialogue_, vending::RelayCommand::close));
    EXPECT_EQ(meter_.heard(0x070000FF).size(), 2u);
    EXPECT_EQ(meter_.heard(PlayedMeter::kRelay).size(), 2u);
}

TEST_F(remote, status_query_whose_authentication_has_expired_is_asked_again_once) {
    meter_.plans[0x078102FF] = {{{0x08, 0x00}}};
    EXPECT_TRUE(vending::query_status(*platform_, *dialogue_));
    EXPECT_EQ(meter_.heard(0x070000FF).size(), 2u);
    meter_.plans[0x078102FF] = {{{0x08, 0x00}}, {{0x08, 0x00}}};
    EXPECT_EQ(vending::query_status(*platform_, *dialogue_).error().code, Code::refused);
}

TEST_F(remote, lost_answer_is_not_believed_against_the_meters_own_count) {
    meter_.count = 0;  // a late answer to something else says yes; the meter's MAC says no
    meter_.plans[kRecharge] = {{{}, PlayedMeter::Lose::answer}};
    const auto bought = buy();
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.error().code, Code::outcome_unknown);
}

TEST_F(remote, order_that_an_earlier_run_sent_is_told_by_the_count_when_kmpd_gives_its_macs_no_more) {
    wanted_.doubtful = true;
    wanted_.known_count = 3;
    kmpd_.fail_next(pb::StationRequest::kOrder, {Code::refused, "order_id: it is older than 7 days"});
    const auto bought = buy();
    ASSERT_TRUE(bought) << bought.error().message;
    EXPECT_TRUE(bought->told_late);
    EXPECT_TRUE(meter_.heard(kRecharge).empty());
}

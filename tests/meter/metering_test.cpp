// Time, load and money: prices, ladder, settlement by examples computed by hand; alarms, trips, records; and a ledger.
#include <fstream>
#include <random>
#include <sstream>

#include "graded.h"
#include "meter/calendar.h"
#include "meter/card_files.h"
#include "openssl_tool.h"

namespace {

using namespace bench;
using namespace meter;
using openssl_tool::hex;

constexpr std::uint64_t kKwh = 100;  // registers count 0.01 kWh

/// 2026-MM-DD hh:mm on the meter's clock.
base::Millis at(int month, int day, int hour, int minute) {
    char text[32];
    std::snprintf(text, sizeof text, "2026-%02d-%02dT%02d:%02d:00Z", month, day, hour, minute);
    return base::from_rfc3339(text).value();
}

std::string shown(const std::optional<Bytes>& value) { return value ? base::to_hex(*value) : "refused"; }

/// A state that begins at `start`, an account with much money, and 1 kW.
struct Course {
    explicit Course(base::Millis start, std::uint32_t watts = 1000) : around{watts, 0} {
        account.wallet.open = true;
        account.wallet.balance = 1'000'000;
        state.source = start;
    }
    Passed until(base::Millis end) { return pass_time(state, end, around, account, parameters); }
    MeteringState state;
    Account account;
    MoneyParameters parameters;
    Surroundings around;
};

// --- energy and price ------------------------------------------------------------------------------------------

TEST(energy, of_a_kilowatt_for_an_hour_is_one_kilowatt_hour_at_the_price) {
    Course run(at(3, 2, 7, 0));
    EXPECT_EQ(run.until(at(3, 2, 8, 0)).pulses, kKwh);
    EXPECT_EQ(run.state.energy.total, kKwh);
    EXPECT_EQ(cost_in_fen(run.state), 50u);  // 0.5000 yuan
    EXPECT_EQ(available(run.state, run.account), 999'950);
}

TEST(energy, is_the_same_in_small_and_in_large_steps) {
    Course one(at(3, 2, 7, 0), 777), many(at(3, 2, 7, 0), 777);
    one.until(at(3, 3, 7, 0));
    for (base::Millis t = at(3, 2, 7, 0); t <= at(3, 3, 7, 0); t += 1234) many.until(t);
    many.until(at(3, 3, 7, 0));
    EXPECT_EQ(one.state.energy, many.state.energy);
    EXPECT_EQ(one.state.cost, many.state.cost);
    EXPECT_EQ(one.state.fraction, many.state.fraction);
    EXPECT_EQ(one.state.energy.total, 1864u);  // 777 W for 24 h: 18.648 kWh
}

TEST(energy, costs_nothing_without_an_account_and_is_not_drawn_through_an_open_relay) {
    Course run(at(3, 2, 7, 0));
    run.account.wallet.open = false;
    run.until(at(3, 2, 8, 0));
    EXPECT_EQ(run.state.energy.total, kKwh);
    EXPECT_EQ(run.state.cost, 0u);
    run.state.relay.position = RelayPosition::open;
    run.until(at(3, 2, 9, 0));
    EXPECT_EQ(run.state.energy.total, kKwh);
}

TEST(energy, of_three_phases_goes_on_with_one_lost_and_stops_with_all) {
    Course run(at(3, 2, 7, 0), 660);
    EXPECT_EQ(current(run.state, run.around, 0), 1000u);  // 220 W a phase at 220 V
    run.state.phase_failed[0] = true;
    EXPECT_EQ(current(run.state, run.around, 0), 0u);
    EXPECT_EQ(current(run.state, run.around, 1), 1500u);
    run.state.phase_failed = {true, true, true};
    run.until(at(3, 2, 8, 0));
    EXPECT_EQ(run.state.energy.total, 0u);
}

TEST(prices, follow_the_periods_of_the_day) {
    Course run(at(3, 2, 0, 0));
    run.parameters.current.tariffs = 3;
    run.parameters.current.price = {3000, 6000, 9000};
    // 0:00 valley, 7:00 flat, 18:30 peak, 22:00 valley
    ASSERT_FALSE(parse(run.state.days.table[0], hex("010000" "020007" "033018" "010022")));
    run.until(at(3, 3, 0, 0));
    // valley 7 + 2 h, flat 11.5 h, peak 3.5 h
    EXPECT_EQ(run.state.energy.tariff[0], 900u);
    EXPECT_EQ(run.state.energy.tariff[1], 1150u);
    EXPECT_EQ(run.state.energy.tariff[2], 350u);
    EXPECT_EQ(cost_in_fen(run.state), 900u * 30 / 100 + 1150u * 60 / 100 + 350u * 90 / 100);  // 2.70 + 6.90 + 3.15 yuan
}

TEST(prices, of_a_period_before_the_first_are_those_of_the_last) {
    DayTables days;
    ASSERT_FALSE(parse(days.table[0], hex("020006" "010022")));
    EXPECT_EQ(days.tariff_of(1, at(3, 2, 5, 59)), 1u);
    EXPECT_EQ(days.tariff_of(1, at(3, 2, 6, 0)), 2u);
    EXPECT_EQ(days.tariff_of(1, at(3, 2, 22, 0)), 1u);
}

TEST(prices, differ_between_the_wet_and_the_dry_season) {
    Course run(at(4, 30, 23, 0));
    run.parameters.current.tariffs = 2;
    run.parameters.current.price = {8000, 3000};  // dry, wet
    ASSERT_FALSE(parse(run.state.zones, hex("020105" "010111")));  // wet from 1 May, dry from 1 November
    run.state.days.count = 2;
    ASSERT_FALSE(parse(run.state.days.table[0], hex("010000")));
    ASSERT_FALSE(parse(run.state.days.table[1], hex("020000")));
    run.until(at(5, 1, 2, 0));
    EXPECT_EQ(run.state.energy.tariff[0], kKwh);      // the last hour of April: before the first zone, the last one of the year
    EXPECT_EQ(run.state.energy.tariff[1], 2 * kKwh);
    EXPECT_EQ(cost_in_fen(run.state), 80u + 60u);
}

TEST(ladder, makes_each_step_dearer_and_starts_anew_each_month) {
    Course run(at(3, 30, 0, 0));
    run.parameters.current.price = {5000};
    run.parameters.current.steps = 3;
    run.parameters.current.limit = {10 * kKwh, 20 * kKwh};
    run.parameters.current.step_price = {0, 1000, 3000};
    run.until(at(3, 31, 1, 0));  // 25 kWh: 10 at 0.50, 10 at 0.60, 5 at 0.80
    EXPECT_EQ(cost_in_fen(run.state), 500u + 600u + 400u);
    EXPECT_EQ(run.parameters.current.step(run.state.month), 3u);
    run.until(at(4, 1, 0, 0));   // 23 kWh more at 0.80
    EXPECT_EQ(cost_in_fen(run.state), 1500u + 1840u);
    EXPECT_EQ(run.state.settlements.at(1)->month, 48 * kKwh);
    EXPECT_EQ(run.state.month, 0u);
    run.until(at(4, 1, 1, 0));   // one at 0.50 again
    EXPECT_EQ(cost_in_fen(run.state), 3340u + 50u);
}

TEST(prices, switch_to_the_backup_at_their_minute) {
    Course run(at(6, 30, 23, 0));
    run.parameters.backup.price = {7000};
    run.parameters.backup.steps = 2;
    run.parameters.backup.limit = {100 * kKwh};
    run.parameters.backup.step_price = {500, 900};
    run.parameters.tariff_switch = at(7, 1, 0, 0);
    run.parameters.ladder_switch = at(7, 1, 1, 0);
    const Passed passed = run.until(at(7, 1, 2, 0));
    EXPECT_TRUE(passed.tariffs_switched);
    EXPECT_TRUE(passed.ladder_switched);
    EXPECT_EQ(cost_in_fen(run.state), 50u + 70u + 75u);  // the last hour with the ladder's first step on top
    EXPECT_EQ(run.parameters.tariff_switch, 0);
    EXPECT_EQ(run.state.sets, 4 | 8);
    EXPECT_FALSE(run.until(at(7, 2, 2, 0)).tariffs_switched);
}

TEST(tables, switch_to_the_backup_at_their_minute) {
    Course run(at(6, 30, 23, 0));
    run.parameters.current.tariffs = 2;
    run.parameters.current.price = {5000, 9000};
    ASSERT_FALSE(parse(run.state.backup_days.table[0], hex("020000")));
    run.state.days_switch = at(7, 1, 0, 0);
    run.until(at(7, 1, 1, 0));
    EXPECT_EQ(cost_in_fen(run.state), 50u + 90u);
    EXPECT_EQ(run.state.sets, 2);
}

TEST(settlement, keeps_twelve_months) {
    Course run(at(1, 1, 0, 1), 100);
    run.until(base::from_rfc3339("2027-03-01T00:01:00Z").value());
    EXPECT_EQ(run.state.settlements.total, 14u);
    ASSERT_EQ(run.state.settlements.last.size(), 12u);
    EXPECT_EQ(run.state.settlements.at(1)->at, base::from_rfc3339("2027-03-01T00:00:00Z").value());
    EXPECT_EQ(run.state.settlements.at(1)->month, 6720u);  // 28 days of 2.4 kWh
    EXPECT_EQ(run.state.settlements.at(12)->at, at(4, 1, 0, 0));
}

TEST(settlement, that_was_missed_without_power_or_jumped_over_is_made_up_for) {
    Course run(at(3, 31, 12, 0));
    note_power_loss(run.state, at(4, 2, 0, 0), run.around, run.account);
    EXPECT_EQ(run.state.settlements.total, 1u);
    EXPECT_EQ(run.state.power_losses.at(1)->from, at(3, 31, 12, 0));
    EXPECT_EQ(run.state.energy.total, 0u);
    set_clock(run.state, at(5, 2, 0, 0), run.state.source, run.around, run.account);
    EXPECT_EQ(run.state.settlements.total, 2u);
    set_clock(run.state, at(4, 20, 0, 0), run.state.source, run.around, run.account);
    EXPECT_EQ(run.state.settlements.total, 2u);
}

TEST(clock, of_a_meter_never_goes_behind_what_it_showed_before_a_power_loss) {
    Course run(at(3, 31, 12, 0));
    note_power_loss(run.state, at(3, 1, 0, 0), run.around, run.account);
    EXPECT_EQ(local_time(run.state, run.around, run.state.source), at(3, 31, 12, 0));
}

TEST(freezes, happen_each_midnight_and_at_the_time_that_was_set) {
    Course run(at(3, 2, 12, 0));
    run.state.freeze_at = {99, 99, 6, 30};
    run.until(at(3, 4, 12, 0));
    EXPECT_EQ(run.state.daily_freezes.total, 2u);
    EXPECT_EQ(run.state.daily_freezes.at(2)->at, at(3, 3, 0, 0));
    EXPECT_EQ(run.state.daily_freezes.at(2)->energy.total, 12 * kKwh);
    EXPECT_EQ(run.state.timed_freezes.total, 2u);
    EXPECT_EQ(run.state.timed_freezes.at(1)->at, at(3, 4, 6, 30));
}

TEST(metering_state, comes_back_from_its_record_and_not_from_a_shorter_one) {
    Course run(at(3, 2, 12, 0));
    run.state.freeze_at = {99, 99, 99, 0};
    run.until(at(4, 4, 12, 0));
    const Bytes record = encode(run.state);
    const auto back = decode_metering(record);
    ASSERT_TRUE(back);
    EXPECT_EQ(encode(*back), record);
    EXPECT_EQ(back->settlements, run.state.settlements);
    for (std::size_t size = 0; size < record.size(); size += 7) EXPECT_FALSE(decode_metering(base::ByteView(record).first(size)));
    EXPECT_LT(record.size(), kMaxStateRecord / 2);
}

// --- what the credit does to the relay -------------------------------------------------------------------------

struct Credit : OpenedMeter {
    void SetUp() override {
        OpenedMeter::SetUp();
        bench.program().set_load(10'000);  // 5.00 yuan an hour
    }
    RelayPosition relay() { return bench.metering().relay.position; }
    std::uint16_t status(std::uint32_t di) {
        const Bytes value = bench.read(di).value();
        return static_cast<std::uint16_t>(value[0] | value[1] << 8);
    }
    bool is(std::uint16_t bit) { return (status(0x04008001) & bit) != 0; }
    void recharge(std::uint32_t amount) {
        ASSERT_FALSE(bench.authenticate_private().error);
        ASSERT_FALSE(bench.purchase(kRecharge, keys, amount, wallet().count + 1).error);
    }
};

TEST_P(Credit, is_used_by_consumption_and_shown) {
    bench.pass(base::kHour);
    EXPECT_EQ(wallet().balance, 9500);
    EXPECT_EQ(shown(bench.read(0x00900200)), "00950000");
    EXPECT_EQ(shown(bench.read(0x00000000)), "00100000");
    EXPECT_EQ(shown(bench.read(0x00010000)), "00100000");
    EXPECT_EQ(shown(bench.read(0x00010100)), "00100000");
    EXPECT_EQ(shown(bench.read(0x0001FF00)), "0010000000100000");
    EXPECT_EQ(shown(bench.read(0x02030000)), "000010");  // 10.0000 kW
    EXPECT_EQ(shown(bench.read(0x02010100)), "0022");    // 220.0 V
    EXPECT_EQ(shown(bench.read(0x02020100)), "505101");  // 15.150 A: 3.333 kW a phase
}

TEST_P(Credit, alarms_at_both_amounts) {
    bench.pass(17 * base::kHour + 59 * base::kMinute);
    EXPECT_FALSE(is(CustomerState::kAlarm1));
    EXPECT_EQ(status(0x04000503) & dlt645::StatusWord3::kAlarm, 0);
    bench.pass(base::kMinute);  // 10.00 left
    EXPECT_TRUE(is(CustomerState::kAlarm1));
    EXPECT_FALSE(is(CustomerState::kAlarm2));
    EXPECT_NE(status(0x04000503) & dlt645::StatusWord3::kAlarm, 0);
    bench.pass(base::kHour);    // 5.00 left
    EXPECT_TRUE(is(CustomerState::kAlarm2));
    EXPECT_FALSE(is(CustomerState::kArrears));
    EXPECT_EQ(relay(), RelayPosition::closed);
}

TEST_P(Credit, trips_at_zero_and_a_recharge_allows_closing) {
    bench.pass(30 * base::kHour);
    EXPECT_EQ(relay(), RelayPosition::open);
    EXPECT_EQ(wallet().balance, 0);
    EXPECT_EQ(bench.metering().energy.total, 200 * kKwh);
    EXPECT_TRUE(is(CustomerState::kArrears));
    EXPECT_TRUE(is(CustomerState::kRelayOpen));
    EXPECT_EQ(shown(bench.read(0x1D000001)), "010000");
    EXPECT_FALSE(bench.program().press_button());
    EXPECT_EQ(bench.plain_relay("1c00000108221199"), 4u);

    recharge(5000);
    EXPECT_EQ(relay(), RelayPosition::open_closing_allowed);
    EXPECT_TRUE(is(CustomerState::kClosingAllowed));
    bench.pass(base::kHour);
    EXPECT_EQ(wallet().balance, 5000) << "nothing flows before it is closed";
    EXPECT_TRUE(bench.program().press_button());
    bench.pass(base::kHour);
    EXPECT_EQ(wallet().balance, 4500);
    EXPECT_EQ(bench.metering().recharges.at(1)->amount, 5000);
    EXPECT_EQ(bench.metering().recharges.at(1)->before, 0);
    EXPECT_EQ(shown(bench.read(0x03330301)), "00500000");
    EXPECT_EQ(shown(bench.read(0x03330201)), "0200");
}

TEST_P(Credit, trips_at_the_overdraft_limit_where_there_is_one) {
    ASSERT_EQ(bench.write(keys, 0x98, 0x04001003, "00200000"), 0u);  // 20.00
    bench.pass(22 * base::kHour);
    EXPECT_EQ(wallet().balance, -1000);
    EXPECT_EQ(relay(), RelayPosition::closed);
    EXPECT_EQ(shown(bench.read(0x00900200)), "00000000");
    EXPECT_EQ(shown(bench.read(0x00900201)), "00100000");
    EXPECT_TRUE(is(CustomerState::kOverdrawn));
    bench.pass(8 * base::kHour);
    EXPECT_EQ(wallet().balance, -2000);
    EXPECT_EQ(relay(), RelayPosition::open);
    recharge(2500);
    EXPECT_EQ(wallet().balance, 500);
    EXPECT_EQ(relay(), RelayPosition::open_closing_allowed);
}

TEST_P(Credit, does_not_trip_while_power_must_be_kept_and_trips_when_that_ends) {
    ASSERT_EQ(bench.relay(keys, "3a00000108221199"), 0u);
    bench.pass(30 * base::kHour);
    EXPECT_EQ(relay(), RelayPosition::closed);
    EXPECT_EQ(wallet().balance, -5000);
    ASSERT_FALSE(bench.authenticate_private().error);
    ASSERT_EQ(bench.relay(keys, "3b00000108221199"), 0u);
    EXPECT_EQ(relay(), RelayPosition::open);
}

TEST_P(Credit, and_orders_hold_the_relay_open_apart_from_each_other) {
    ASSERT_EQ(bench.relay(keys, "1a00000108221199"), 0u);
    bench.pass(30 * base::kHour);
    EXPECT_EQ(wallet().balance, 10000);
    recharge(100);
    EXPECT_EQ(relay(), RelayPosition::open) << "the order stands";
    ASSERT_EQ(bench.relay(keys, "1c00000108221199"), 0u);
    bench.pass(30 * base::kHour);
    EXPECT_EQ(relay(), RelayPosition::open);
    ASSERT_FALSE(bench.authenticate_private().error);
    EXPECT_EQ(bench.relay(keys, "1c00000108221199"), 1u) << "there is no credit";
    EXPECT_EQ(bench.relay(keys, "1b00000108221199"), 1u);
}

TEST_P(Credit, is_charged_once_whatever_is_lost_between_the_two_files) {
    bench.storage.broken = true;
    bench.pass(base::kHour);
    EXPECT_EQ(wallet().balance, 10000) << "what is not stored is not charged";
    bench.storage.broken = false;
    bench.pass(base::kHour);
    EXPECT_EQ(wallet().balance, 9000);
    bench.power_cycle();
    bench.power_cycle();
    EXPECT_EQ(wallet().balance, 9000);
    if (GetParam() == Grade::low) return;  // its money and its readings lie in one record
    bench.program().set_load(10'000);
    bench.element_storage.broken = true;
    bench.pass(base::kHour);
    bench.element_storage.broken = false;
    bench.power_cycle();
    EXPECT_EQ(wallet().balance, 8500) << "charged when the power is back";
}

TEST_P(Credit, shows_phases_that_are_lost) {
    bench.program().fail_phase(1, true);
    EXPECT_EQ(status(0x04000505), 0x0080);
    EXPECT_EQ(status(0x04000504), 0);
    EXPECT_EQ(status(0x04000507), 0x0004);
    EXPECT_TRUE(is(CustomerState::kPhaseLossA << 1));
    EXPECT_EQ(shown(bench.read(0x02010200)), "0000");
    bench.program().fail_phase(1, false);
    EXPECT_EQ(status(0x04000505), 0);
    EXPECT_EQ(shown(bench.read(0x040005FF)).size(), 28u);
}

TEST_P(Credit, broadcast_time_is_taken_within_five_minutes_and_once_a_day) {
    const auto tell = [&](std::string_view wire) { EXPECT_FALSE(bench.send(0x08, hex(wire), "999999999999")); };
    const auto now = [&] { return shown(bench.read(0x04000102)); };
    tell("000607221126");  // 07:06:00, six minutes away
    EXPECT_EQ(now(), "000007");
    tell("000407221126");
    EXPECT_EQ(now(), "000407");
    tell("000207221126");
    EXPECT_EQ(now(), "000407") << "once a day";
    bench.pass(base::kDay);
    tell("000607231126");
    EXPECT_EQ(now(), "000607");
    tell("0006072311");
    EXPECT_EQ(now(), "000607") << "half a time";
}

TEST_P(Credit, is_frozen_at_once_on_command_also_by_broadcast) {
    bench.pass(base::kHour);
    EXPECT_EQ(bench.send(0x16, hex("99999999"))->control.code(), 0x96);
    EXPECT_FALSE(bench.send(0x16, hex("99999999"), "999999999999"));
    EXPECT_EQ(shown(bench.read(0x05010001)), "0008221126");
    EXPECT_EQ(shown(bench.read(0x05010102)), "0010000000100000");
    EXPECT_EQ(bench.send(0x16, hex("9999"))->data, Bytes{0x01});
    EXPECT_EQ(bench.send(0x16, hex("00249999"))->data, Bytes{0x01}) << "there is no hour 24";
    EXPECT_EQ(bench.send(0x16, hex("30069999"))->control.code(), 0x96);
    bench.pass(base::kDay);
    EXPECT_EQ(shown(bench.read(0x05000001)), "3006231126");
}

TEST_P(Credit, leaves_the_last_ten_of_each_kind_of_record) {
    ASSERT_FALSE(bench.authenticate_private().error);
    for (int i = 0; i < 12; ++i) {
        ASSERT_EQ(bench.relay(keys, i % 2 == 0 ? "1a00000108221199" : "1c00000108221199"), 0u);
        bench.power_cycle();
        ASSERT_FALSE(bench.authenticate_private().error);
    }
    EXPECT_EQ(bench.metering().trips.total, 6u);
    EXPECT_EQ(bench.metering().closings.total, 6u);
    EXPECT_EQ(bench.metering().power_losses.last.size(), 10u);
    EXPECT_EQ(shown(bench.read(0x03110000)), shown(to_bcd(bench.metering().power_losses.total, 1)) + "0000");
    EXPECT_EQ(shown(bench.read(0x1D00010A)).size(), 28u);
    EXPECT_EQ(shown(bench.read(0x1D00010B)), "refused");
    EXPECT_EQ(shown(bench.read(0x1D000101)).substr(12, 8), "78563412") << "the operator code";
}

TEST_P(Credit, is_settled_and_can_be_read_by_month) {
    bench.pass(at(12, 1, 1, 0) - kStart);
    EXPECT_EQ(shown(bench.read(0x00010001)), "00000200");  // 200 kWh were all there was
    EXPECT_EQ(shown(bench.read(0x000B0001)), "00000200");
    EXPECT_EQ(shown(bench.read(0x000B0000)), "00000000");
    EXPECT_EQ(shown(bench.read(0x0001000C)), "00000000");
    EXPECT_EQ(shown(bench.read(0x0001000D)), "refused");
}

// --- a ledger --------------------------------------------------------------------------------------------------

struct Ledger : Graded {};

TEST_P(Ledger, of_random_purchases_refunds_consumption_and_power_losses_agrees_with_the_meter) {
    for (const unsigned seed : {1u, 2u, 3u}) {
        std::mt19937 chance(seed);
        const auto draw = [&](std::uint32_t below) { return std::uniform_int_distribution<std::uint32_t>(0, below - 1)(chance); };
        Bench b(GetParam());
        b.quick = true;
        b.install_private_keys();
        const Keys keys = private_keys();
        std::int64_t bought = 50'000;
        std::uint32_t count = 1;
        ASSERT_FALSE(b.authenticate_private().error);
        ASSERT_FALSE(b.purchase(kOpen, keys, 50'000, 1).error);
        for (int i = 0; i < 200; ++i) {
            ASSERT_FALSE(b.authenticate_private().error);
            const std::int64_t before = b.security().wallet.balance;
            switch (draw(6)) {
                case 0: {
                    const std::uint32_t amount = draw(20'000);
                    ASSERT_FALSE(b.purchase(kRecharge, keys, amount, ++count).error);
                    bought += amount;
                    break;
                }
                case 1: {
                    const std::uint32_t amount = draw(20'000);
                    const bool there = before >= std::int64_t{amount};
                    ASSERT_EQ(b.purchase(kRefund, keys, amount, count + 1).error, !there);
                    if (there) bought -= amount, ++count;
                    break;
                }
                case 2: ASSERT_EQ(b.purchase(kRecharge, keys, 100, count).serr(), kRepeated); break;
                case 3: b.program().set_load(draw(20'000)); break;
                case 4: b.power_cycle(); break;
                case 5: b.pass(draw(3 * base::kHour)); break;
            }
            (void)b.program().press_button();
            b.program().tick(true);
            const auto consumed = static_cast<std::int64_t>(cost_in_fen(b.metering()));
            ASSERT_EQ(b.security().wallet.balance, bought - consumed) << "seed " << seed << ", step " << i;
            ASSERT_EQ(b.security().wallet.count, count);
            ASSERT_EQ(b.metering().cost, b.metering().energy.total * 5000) << "every pulse was charged at 0.5000 yuan a kWh";
            ASSERT_TRUE(b.security().wallet.balance > 0 || b.metering().relay.position != RelayPosition::closed);
            ASSERT_GE(b.security().wallet.balance, 0);
        }
    }
}

// --- docs/METERS.md ---------------------------------------------------------------------------------------------

struct Page : Graded {};

TEST_P(Page, lists_identifiers_that_are_all_answered) {
    std::ifstream page(KMP_SOURCE_DIR "/docs/METERS.md");
    Bench b(GetParam());
    int found = 0;
    bool readings = false;
    for (std::string line; std::getline(page, line);) {
        if (line.rfind("## ", 0) == 0) readings = line.rfind("## 3.", 0) == 0;
        if (!readings || line.rfind("| ", 0) != 0) continue;
        std::istringstream cell(line.substr(2, line.find(" |", 2) - 2));
        for (std::string id; std::getline(cell, id, ',');) {
            std::erase(id, ' ');
            if (const auto nn = id.find("nn"); nn != std::string::npos) id.replace(nn, 2, "01");
            if (id.size() != 8 || id.find_first_not_of("0123456789ABCDEF") != std::string::npos) continue;
            EXPECT_TRUE(b.read(static_cast<std::uint32_t>(std::stoul(id, nullptr, 16)))) << id;
            ++found;
        }
    }
    EXPECT_GT(found, 100);
}

ON_BOTH_GRADES(Page);
ON_BOTH_GRADES(Credit);
ON_BOTH_GRADES(Ledger);

}  // namespace

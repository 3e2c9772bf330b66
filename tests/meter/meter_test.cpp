// What meters of both grades do at the line, by direct calls, on a clock of the test's own. Secured fields come from the openssl command.
#include "graded.h"
#include "openssl_tool.h"

namespace {

using namespace bench;
using openssl_tool::cat;
using openssl_tool::hex;

// N1 N2 ss mm hh DD MM YY; the bench's clock shows 2026-11-22 07:00:00.
constexpr std::string_view kTrip = "1a00000108221126", kClose = "1c00000108221126", kAllow = "1b00000108221126", kKeepOn = "3a00000108221126",
                           kKeepOff = "3b00000108221126", kLateTrip = "1a00595906221126";

struct reading : Graded {};
struct addressing : Graded {};
struct other_functions : Graded {};
struct authentication : Graded {};
struct account : Graded {};
struct wallet : Graded {};
struct relay : Graded {};
struct security_commands : Graded {};

struct Opened : OpenedMeter {};

// --- reading ---------------------------------------------------------------------------------------------------

std::string read(Bench& b, std::string_view wire_di) {
    const auto frame = b.send(0x11, hex(wire_di)).value();
    return (frame.control.is_error() ? "error " : "") + base::to_hex(frame.data);
}

TEST_P(reading, gives_number_date_time_and_states) {
    Bench b(GetParam());
    EXPECT_EQ(read(b, "02040004"), "02040004129078563412");  // 04000402
    EXPECT_EQ(read(b, "01010004"), "0101000400221126");      // a Sunday
    EXPECT_EQ(read(b, "02010004"), "02010004000007");        // 07:00:00
    EXPECT_EQ(read(b, "00000100"), "0000010000000000");
    EXPECT_EQ(read(b, "00029000"), "0002900000000000");
    EXPECT_EQ(read(b, "08050004"), "0805000400000000");
    EXPECT_EQ(read(b, "03050004"), "0305000400c2");          // money prepayment, no account
    EXPECT_EQ(read(b, "08020004"), GetParam() == Grade::low ? "0802000409" : "0802000420");
}

TEST_P(reading, of_what_is_not_there_or_of_no_identifier_is_refused) {
    Bench b(GetParam());
    EXPECT_EQ(read(b, "34120000"), "error 02");
    EXPECT_EQ(read(b, "3412"), "error 01");
    EXPECT_EQ(read(b, "0000010000"), "error 01");
}

TEST_P(Opened, balance_and_states_show_in_readings) {
    EXPECT_EQ(read(bench, "00029000"), "0002900000000100");  // 100.00
    EXPECT_EQ(read(bench, "08050004"), GetParam() == Grade::low ? "08050004ff010000" : "08050004ffff0f00");
    EXPECT_EQ(read(bench, "03050004"), "030500040062");      // account open, identity valid
}

TEST_P(addressing, serves_its_own_number_and_a_wildcard_for_readings_only) {
    Bench b(GetParam());
    EXPECT_EQ(b.send(0x13, {}, "AAAAAAAAAAAA")->data, hex("129078563412"));
    EXPECT_EQ(b.send(0x13, {}, "AAAAAAAAAAAA")->address.text(), kNumber);
    EXPECT_TRUE(b.send(0x11, hex("00000100"), "AAAAAAAA9012"));
    EXPECT_FALSE(b.send(0x1C, hex("00000000000000001a00000108221126"), "AAAAAAAAAAAA"));
    EXPECT_FALSE(b.send(0x11, hex("00000100"), "123456789013"));
    EXPECT_FALSE(b.send(0x11, hex("00000100"), "999999999999"));
    EXPECT_FALSE(b.send(0x08, hex("000000221126"), "999999999999"));
    EXPECT_FALSE(b.send(0x91, hex("0000010000000000"))) << "a reply of another meter's is no request";
}

TEST_P(other_functions, are_refused_with_an_error_word) {
    Bench b(GetParam());
    for (const std::uint8_t function : hex("151718191a1b")) {
        const auto frame = b.send(function, hex("0000000000000000")).value();
        EXPECT_EQ(frame.control.code(), function | 0xC0);
        EXPECT_EQ(frame.data, Bytes{0x04});
    }
    EXPECT_EQ(b.send(0x12, hex("0000010001"))->data, Bytes{0x02});
    EXPECT_EQ(b.send(0x1F, {})->data, Bytes{0x01});
}

// --- identity authentication -----------------------------------------------------------------------------------

TEST_P(authentication, under_the_factory_keys_answers_fresh_random_and_the_element_number) {
    Bench b(GetParam());
    const Reply first = b.authenticate_factory();
    ASSERT_FALSE(first.error);
    ASSERT_EQ(first.data.size(), 12u);
    EXPECT_EQ(base::to_hex(base::ByteView(first.data).subspan(4)), "1290785634120000");
    const Bytes r2 = b.r2;
    ASSERT_FALSE(b.authenticate_factory().error);
    EXPECT_NE(b.r2, r2) << "R2 repeats once in 2^32";
}

TEST_P(authentication, with_a_wrong_k1_factor_or_key_gets_no_r2) {
    Bench b(GetParam());
    b.spoil_mac = true;
    EXPECT_EQ(b.authenticate_factory().serr(), kAuthentication);
    b.spoil_mac = false;
    EXPECT_EQ(b.authenticate(factory_keys(), "0000123456789012").serr(), kAuthentication) << "the private factor in factory state";
    EXPECT_EQ(b.authenticate_private().serr(), kAuthentication);
    b.install_private_keys();
    EXPECT_EQ(b.authenticate_factory().serr(), kAuthentication);
    EXPECT_FALSE(b.authenticate_private().error);
}

TEST_P(Opened, authentication_expires_after_five_minutes) {
    bench.clock.advance(5 * base::kMinute - 1);
    EXPECT_FALSE(bench.purchase(kRecharge, keys, 100, 2).error);
    bench.clock.advance(1);
    EXPECT_EQ(bench.purchase(kRecharge, keys, 100, 3).serr(), kAuthentication);
    EXPECT_EQ(wallet().balance, 10100);
}

TEST_P(Opened, authentication_validity_can_be_set_and_zero_is_refused) {
    EXPECT_EQ(bench.set_validity(keys, "0000").serr(), kOther);
    EXPECT_EQ(bench.set_validity(keys, "00a0").serr(), kOther);
    ASSERT_FALSE(bench.set_validity(keys, "0010").error);
    bench.clock.advance(10 * base::kMinute - 1);
    EXPECT_FALSE(bench.purchase(kRecharge, keys, 100, 2).error);
    bench.clock.advance(1);
    EXPECT_EQ(bench.set_validity(keys, "0010").serr(), kAuthentication);
}

TEST_P(Opened, authentication_does_not_survive_a_clock_that_goes_back_nor_a_power_loss) {
    bench.clock.advance(-1);
    EXPECT_EQ(bench.purchase(kRecharge, keys, 100, 2).serr(), kAuthentication);
    ASSERT_FALSE(bench.authenticate_private().error);
    bench.power_cycle();
    EXPECT_EQ(bench.purchase(kRecharge, keys, 100, 2).serr(), kAuthentication);
}

TEST_P(Opened, ending_the_authentication_tells_the_wallet_and_closes_it) {
    const Reply reply = bench.command(0x070002FF, {});
    ASSERT_FALSE(reply.error);
    EXPECT_EQ(base::to_hex(reply.data), "214365000000" "10270000" "01000000" "01000101");
    EXPECT_EQ(bench.command(0x070002FF, {}).serr(), kAuthentication);
    EXPECT_EQ(bench.purchase(kRecharge, keys, 100, 2).serr(), kAuthentication);
}

// --- money -----------------------------------------------------------------------------------------------------

TEST_P(Opened, recharge_adds_once_and_a_repetition_says_so) {
    ASSERT_FALSE(bench.purchase(kRecharge, keys, 5000, 2).error);
    EXPECT_EQ(wallet().balance, 15000);
    EXPECT_EQ(bench.purchase(kRecharge, keys, 5000, 2).serr(), kRepeated);
    EXPECT_EQ(bench.purchase(kRecharge, keys, 5000, 4).serr(), kCountWrong);
    EXPECT_EQ(bench.purchase(kRecharge, keys, 5000, 1).serr(), kCountWrong);
    EXPECT_EQ(bench.purchase(kRecharge, keys, 5000, 3, "000000654322").serr(), kCustomerWrong);
    EXPECT_EQ(wallet().balance, 15000);
    EXPECT_EQ(wallet().count, 2u);
}

TEST_P(Opened, recharge_with_a_wrong_mac_changes_nothing) {
    bench.spoil_mac = true;
    EXPECT_EQ(bench.purchase(kRecharge, keys, 5000, 2).serr(), kMac);
    bench.spoil_mac = false;
    EXPECT_EQ(wallet().balance, 10000);
    // A MAC of the right key over another command: open account's in place of recharge's.
    const Bytes money = cat({big_endian(5000), big_endian(2)});
    const Bytes mac1 = openssl_tool::mac(keys[5], 0, "070101ff", 1, bench.r2, money);
    EXPECT_EQ(bench.command(kRecharge, cat({reversed(big_endian(5000)), reversed(big_endian(2)), reversed(mac1), reversed(hex(kCustomer)), mac1})).serr(),
              kMac);
    EXPECT_FALSE(bench.purchase(kRecharge, keys, 5000, 2).error);
}

TEST_P(Opened, recharge_needs_both_macs) {
    const Bytes money = cat({big_endian(5000), big_endian(2)});
    const Bytes mac1 = openssl_tool::mac(keys[5], 0, "070102ff", 1, bench.r2, money);
    const Bytes mac2 = openssl_tool::mac(keys[5], 0, "070102ff", 2, bench.r2, cat({hex(kCustomer), money}));
    const auto payload = [&](const Bytes& first, std::string_view customer, const Bytes& second) {
        return cat({reversed(big_endian(5000)), reversed(big_endian(2)), reversed(first), reversed(hex(customer)), reversed(second)});
    };
    EXPECT_EQ(bench.command(kRecharge, payload(mac1, kCustomer, mac1)).serr(), kMac);
    EXPECT_EQ(bench.command(kRecharge, payload(mac1, "000000654322", mac2)).serr(), kMac);
    EXPECT_FALSE(bench.command(kRecharge, payload(mac1, kCustomer, mac2)).error);
}

TEST_P(Opened, recharge_above_the_hoarding_limit_is_refused) {
    EXPECT_EQ(bench.purchase(kRecharge, keys, 99'990'000, 2).serr(), kOverLimit);
    EXPECT_EQ(bench.purchase(kRecharge, keys, 0xFFFFFFFF, 2).serr(), kOverLimit);
    EXPECT_FALSE(bench.purchase(kRecharge, keys, 99'989'999, 2).error);
    EXPECT_EQ(wallet().balance, 99'999'999);
}

TEST_P(Opened, opening_again_is_a_repetition_or_a_wrong_count) {
    EXPECT_EQ(bench.purchase(kOpen, keys, 10000, 1).serr(), kRepeated);
    EXPECT_EQ(bench.purchase(kOpen, keys, 10000, 2).serr(), kCountWrong);
    EXPECT_EQ(bench.purchase(kOpen, keys, 10000, 1, "000000654322").serr(), kCustomerWrong);
    EXPECT_EQ(wallet().balance, 10000);
}

TEST_P(account, opens_with_count_0_or_1_only_and_needs_private_keys) {
    Bench b(GetParam());
    ASSERT_FALSE(b.authenticate_factory().error);
    EXPECT_EQ(b.purchase(kOpen, factory_keys(), 10000, 1).serr(), kOther);
    b.install_private_keys();
    ASSERT_FALSE(b.authenticate_private().error);
    EXPECT_EQ(b.purchase(kRecharge, private_keys(), 10000, 1).serr(), kCustomerWrong) << "no account yet";
    EXPECT_EQ(b.purchase(kOpen, private_keys(), 10000, 2).serr(), kCountWrong);
    EXPECT_EQ(b.purchase(kOpen, private_keys(), 10000, 0, "00000065432a").serr(), kCustomerWrong);
    EXPECT_FALSE(b.purchase(kOpen, private_keys(), 10000, 0).error);
    EXPECT_FALSE(b.purchase(kRecharge, private_keys(), 1, 1).error);
    EXPECT_EQ(b.security().wallet.balance, 10001);
}

TEST_P(wallet, is_initialised_in_factory_state_only) {
    Bench b(GetParam());
    ASSERT_FALSE(b.authenticate_factory().error);
    EXPECT_EQ(b.initialise_wallet(factory_keys(), 500, 1).serr(), kCountWrong);
    EXPECT_FALSE(b.initialise_wallet(factory_keys(), 500, 0).error);
    EXPECT_EQ(b.security().wallet.balance, 500);
    b.install_private_keys();
    ASSERT_FALSE(b.authenticate_private().error);
    EXPECT_EQ(b.initialise_wallet(private_keys(), 700, 0).serr(), kOther);
    EXPECT_EQ(b.security().wallet.balance, 500);
}

TEST_P(Opened, status_query_is_macced_over_r1) {
    const Reply reply = bench.command(0x078102FF, {});
    ASSERT_FALSE(reply.error);
    const Bytes balance = big_endian(10000), count = big_endian(1), info = hex("01010001");
    const Bytes mac1 = openssl_tool::mac(keys[5], 0x80, "078102ff", 1, bench.r1, balance);
    const Bytes mac2 = openssl_tool::mac(keys[5], 0x80, "078102ff", 2, bench.r1, cat({count, hex(kCustomer), info, balance}));
    EXPECT_EQ(reply.data, cat({reversed(balance), reversed(mac1), reversed(count), reversed(mac2), reversed(hex(kCustomer)), reversed(info)}));
    bench.clock.advance(base::kHour);
    EXPECT_EQ(bench.command(0x078102FF, {}).serr(), kAuthentication);
}

TEST_P(Opened, read_back_gives_the_wallet_file_with_its_mac) {
    const Reply reply = bench.command(0x078001FF, reversed(hex("df01000200000008")));
    ASSERT_FALSE(reply.error);
    const Bytes data = cat({big_endian(10000), big_endian(1)});
    EXPECT_EQ(reply.data, cat({reversed(data), reversed(openssl_tool::mac(keys[5], 0x80, "078001ff", 0, bench.r1, data))}));
    EXPECT_EQ(bench.command(0x078001FF, reversed(hex("df01000200000009"))).serr(), kOther);
    EXPECT_EQ(bench.command(0x078001FF, reversed(hex("df01000900000001"))).serr(), kOther);
}

// --- wrong MACs ------------------------------------------------------------------------------------------------

TEST_P(Opened, authentication_is_dropped_after_three_wrong_macs) {
    bench.spoil_mac = true;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.purchase(kRecharge, keys, 100, 2).serr(), kMac);
    bench.spoil_mac = false;
    EXPECT_EQ(bench.purchase(kRecharge, keys, 100, 2).serr(), kAuthentication);
    ASSERT_FALSE(bench.authenticate_private().error);
    EXPECT_FALSE(bench.purchase(kRecharge, keys, 100, 2).error);
}

TEST_P(Opened, fifteen_wrong_macs_block_for_an_hour_also_across_a_power_loss) {
    for (int round = 0; round < 5; ++round) {
        bench.spoil_mac = false;
        ASSERT_FALSE(bench.authenticate_private().error) << round;
        bench.spoil_mac = true;
        for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.purchase(kRecharge, keys, 100, 2).serr(), kMac);
    }
    bench.spoil_mac = false;
    EXPECT_EQ(bench.authenticate_private().serr(), kAuthentication);
    bench.power_cycle();
    EXPECT_EQ(bench.authenticate_private().serr(), kAuthentication);
    bench.clock.advance(base::kHour - 1);
    EXPECT_EQ(bench.authenticate_private().serr(), kAuthentication);
    bench.clock.advance(1);
    ASSERT_FALSE(bench.authenticate_private().error);
    EXPECT_FALSE(bench.purchase(kRecharge, keys, 100, 2).error);
}

TEST_P(Opened, wrong_macs_of_different_hours_do_not_add_up) {
    for (int round = 0; round < 6; ++round) {
        bench.spoil_mac = false;
        ASSERT_FALSE(bench.authenticate_private().error) << round;
        bench.spoil_mac = true;
        for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.purchase(kRecharge, keys, 100, 2).serr(), kMac);
        bench.clock.advance(base::kHour / 4);
    }
}

// --- key update ------------------------------------------------------------------------------------------------

TEST(key_update, of_nine_keys_in_any_order_takes_effect_at_once_and_as_a_whole) {
    Bench b;
    const Keys old_keys = factory_keys(), fresh = private_keys();
    ASSERT_FALSE(b.authenticate_factory().error);
    for (const std::uint8_t id : hex("0800030501070206")) {
        ASSERT_FALSE(b.update_key(old_keys, id, fresh[id], 1, 1).error) << int(id);
        EXPECT_EQ(b.security().keys.name().text(), "factory");
    }
    ASSERT_FALSE(b.update_key(old_keys, 4, fresh[4], 1, 1).error);
    EXPECT_EQ(b.security().keys.name().text(), "private version 1");
    EXPECT_TRUE(b.security().staging.empty());
    for (std::size_t id = 0; id < 9; ++id)
        EXPECT_TRUE(b.security().keys.with(static_cast<meter::KeyId>(id), [&](base::ByteView key) { return std::ranges::equal(key, fresh[id]); }));
    EXPECT_EQ(b.command(0x070002FF, {}).serr(), kAuthentication) << "the old authentication ends";
    EXPECT_EQ(b.authenticate_factory().serr(), kAuthentication);
    EXPECT_FALSE(b.authenticate_private().error);
}

TEST(key_update, goes_on_after_a_power_loss_and_a_repeated_record_does_no_harm) {
    Bench b;
    const Keys old_keys = factory_keys(), fresh = private_keys();
    for (std::uint8_t id = 0; id < 9; ++id) {
        b.power_cycle();
        ASSERT_FALSE(b.authenticate_factory().error);
        const auto before = static_cast<std::uint8_t>(id == 0 ? 0 : id - 1);
        ASSERT_FALSE(b.update_key(old_keys, before, fresh[before], 1, 1).error);
        ASSERT_FALSE(b.update_key(old_keys, id, fresh[id], 1, 1).error);
    }
    EXPECT_FALSE(b.authenticate_private().error);
}

TEST(key_update, of_another_version_empties_the_staging_first) {
    Bench b;
    const Keys old_keys = factory_keys(), one = private_keys(), two = made_up_keys(0x20);
    ASSERT_FALSE(b.authenticate_factory().error);
    for (std::uint8_t id = 0; id < 8; ++id) ASSERT_FALSE(b.update_key(old_keys, id, one[id], 1, 1).error);
    ASSERT_FALSE(b.update_key(old_keys, 8, two[8], 1, 2).error);
    EXPECT_EQ(b.security().keys.name().text(), "factory");
    EXPECT_EQ(b.security().staging.count(), 1);
}

TEST(key_update, refuses_a_lower_or_equal_version_and_a_factory_set_in_factory_state) {
    Bench b;
    ASSERT_FALSE(b.authenticate_factory().error);
    EXPECT_EQ(b.update_key(factory_keys(), 0, factory_keys()[0], 0, 0).serr(), kOther);
    EXPECT_EQ(b.update_key(factory_keys(), 0, private_keys()[0], 1, 0).serr(), kOther);
    b.install_private_keys();
    ASSERT_FALSE(b.authenticate_private().error);
    EXPECT_EQ(b.update_key(private_keys(), 0, made_up_keys(1)[0], 1, 1).serr(), kOther);
    EXPECT_EQ(b.update_key(private_keys(), 0, made_up_keys(1)[0], 1, 0).serr(), kOther);
    EXPECT_FALSE(b.update_key(private_keys(), 0, made_up_keys(1)[0], 1, 2).error);
    EXPECT_EQ(b.update_key(private_keys(), 0, made_up_keys(1)[0], 0, 1).serr(), kOther) << "the factory set has version 0";
}

TEST(key_update, back_to_the_factory_set_recovers_the_meter) {
    Bench b;
    b.install_private_keys();
    ASSERT_FALSE(b.authenticate_private().error);
    for (std::uint8_t id = 0; id < 9; ++id) ASSERT_FALSE(b.update_key(private_keys(), id, factory_keys()[id], 0, 0).error);
    EXPECT_EQ(b.security().keys.name().text(), "factory");
    EXPECT_FALSE(b.authenticate_factory().error);
}

TEST(key_update, refuses_what_is_not_for_this_meter_or_not_wrapped_under_its_key) {
    Bench b;
    const Keys old_keys = factory_keys();
    const Bytes key = private_keys()[5];
    EXPECT_EQ(b.update_key(old_keys, 5, key, 1, 1).serr(), kAuthentication) << "not authenticated";
    ASSERT_FALSE(b.authenticate_factory().error);
    EXPECT_EQ(b.update_key(old_keys, 5, key, 1, 1, "123456789013").serr(), kOther) << "another meter's number";
    Keys wrong_wrap = old_keys;
    wrong_wrap[0][0] ^= 1;
    EXPECT_EQ(b.update_key(wrong_wrap, 5, key, 1, 1).serr(), kMac);
    b.spoil_mac = true;
    EXPECT_EQ(b.update_key(old_keys, 5, key, 1, 1).serr(), kMac);
    b.spoil_mac = false;
    EXPECT_EQ(b.update_key(old_keys, 5, key, 2, 1).serr(), kOther) << "no such state";
    EXPECT_TRUE(b.security().staging.empty());
}

TEST(key_update, under_the_identifier_of_another_key_is_refused) {
    Bench b;
    ASSERT_FALSE(b.authenticate_factory().error);
    const Bytes info = hex("01010501");
    const Bytes record = cat({openssl_tool::wrap(factory_keys()[0], private_keys()[5]), hex("0000123456789012")});
    const Bytes mac = openssl_tool::mac(factory_keys()[1], 0, "070201ff", 0, b.r2, cat({info, record}));
    EXPECT_EQ(b.command(0x070201FF, cat({reversed(mac), reversed(info), reversed(record)})).serr(), kOther);
}

// --- relay -----------------------------------------------------------------------------------------------------

TEST_P(Opened, relay_obeys_encrypted_commands) {
    using meter::RelayPosition;
    const auto position = [&] { return bench.metering().relay.position; };
    EXPECT_EQ(bench.relay(keys, kTrip), 0u);
    EXPECT_EQ(position(), RelayPosition::open);
    EXPECT_EQ(read(bench, "03050004"), "030500045062");  // relay open, command open
    EXPECT_EQ(bench.relay(keys, kAllow), 0u);
    EXPECT_EQ(position(), RelayPosition::open_closing_allowed);
    EXPECT_EQ(bench.relay(keys, kClose), 0u);
    EXPECT_EQ(position(), RelayPosition::closed);
}

TEST_P(Opened, relay_does_not_trip_while_power_must_be_kept) {
    EXPECT_EQ(bench.relay(keys, kKeepOn), 0u);
    EXPECT_EQ(bench.relay(keys, kTrip), 1u);
    EXPECT_EQ(bench.metering().relay.position, meter::RelayPosition::closed);
    EXPECT_EQ(bench.relay(keys, kKeepOff), 0u);
    EXPECT_EQ(bench.relay(keys, kTrip), 0u);
}

TEST_P(Opened, relay_refuses_late_unknown_unauthenticated_and_plain_commands) {
    EXPECT_EQ(bench.relay(keys, kLateTrip), 1u);
    EXPECT_EQ(bench.relay(keys, "1d00000108221126"), 1u);
    EXPECT_EQ(bench.relay(keys, "1a00000108311126"), 1u) << "the 31st of November";
    EXPECT_EQ(bench.plain_relay(kTrip), 4u);
    bench.spoil_mac = true;
    EXPECT_EQ(bench.relay(keys, kTrip), 4u);
    bench.spoil_mac = false;
    bench.command(0x070002FF, {});
    EXPECT_EQ(bench.relay(keys, kTrip), 4u);
    EXPECT_EQ(bench.metering().relay, meter::Relay{});
}

TEST_P(relay, takes_plain_commands_in_factory_state_with_the_password) {
    Bench b(GetParam());
    EXPECT_EQ(b.plain_relay(kTrip, "0212345600000000"), 4u);
    EXPECT_EQ(b.plain_relay(kLateTrip), 1u);
    EXPECT_EQ(b.plain_relay("1a"), 1u);
    EXPECT_EQ(b.plain_relay(kTrip), 0u);
    EXPECT_EQ(b.metering().relay.position, meter::RelayPosition::open);
}

// --- durability ------------------------------------------------------------------------------------------------

TEST_P(Opened, everything_acknowledged_is_there_after_a_power_loss) {
    ASSERT_FALSE(bench.purchase(kRecharge, keys, 5000, 2).error);
    ASSERT_EQ(bench.relay(keys, kTrip), 0u);
    const meter::Wallet before = wallet();
    bench.power_cycle();
    EXPECT_EQ(wallet(), before);
    EXPECT_EQ(bench.metering().relay.position, meter::RelayPosition::open);
}

TEST_P(Opened, nothing_changes_and_the_station_hears_of_it_when_the_state_cannot_be_stored) {
    bench.break_storage(true);
    EXPECT_EQ(bench.purchase(kRecharge, keys, 5000, 2).serr(), kOther);
    EXPECT_EQ(bench.relay(keys, kTrip), 1u);
    EXPECT_EQ(wallet().count, 1u);
    bench.break_storage(false);
    EXPECT_FALSE(bench.purchase(kRecharge, keys, 5000, 2).error);
    EXPECT_EQ(wallet().balance, 15000);
}

TEST(key_update, leaves_the_old_set_in_force_when_the_new_one_cannot_be_stored) {
    Bench b;
    ASSERT_FALSE(b.authenticate_factory().error);
    for (std::uint8_t id = 0; id < 8; ++id) ASSERT_FALSE(b.update_key(factory_keys(), id, private_keys()[id], 1, 1).error);
    b.break_storage(true);
    EXPECT_EQ(b.update_key(factory_keys(), 8, private_keys()[8], 1, 1).serr(), kOther);
    EXPECT_FALSE(b.authenticate_factory().error);
    b.break_storage(false);
    EXPECT_FALSE(b.update_key(factory_keys(), 8, private_keys()[8], 1, 1).error);
    EXPECT_FALSE(b.authenticate_private().error);
}

TEST(state_record, with_any_byte_changed_or_cut_off_is_refused) {
    const meter::MeterState state = meter::MeterState::fresh(meter::dlt645::Address::parse(kNumber).value());
    const Bytes record = meter::encode_low_grade(state.security, state.metering).reveal([](base::ByteView v) { return base::to_bytes(v); });
    ASSERT_TRUE(meter::decode_low_grade(record));
    for (std::size_t i = 0; i < record.size(); ++i) {
        Bytes damaged = record;
        damaged[i] ^= 0x01;
        EXPECT_FALSE(meter::decode_low_grade(damaged)) << i;
        EXPECT_FALSE(meter::decode_low_grade(base::ByteView(record).first(i))) << i;
    }
}

TEST_P(security_commands, of_a_wrong_length_or_unknown_identifier_are_refused) {
    Bench b(GetParam());
    ASSERT_FALSE(b.authenticate_factory().error);
    for (const std::uint32_t di : {0x070000FFu, 0x070001FFu, 0x070002FFu, 0x070101FFu, 0x070102FFu, 0x070103FFu, 0x070201FFu, 0x078001FFu, 0x078102FFu})
        EXPECT_EQ(b.command(di, Bytes(60)).serr(), kOther) << std::hex << di;
    EXPECT_EQ(b.command(0x070199FF, {}).serr(), kOther);
    EXPECT_EQ(b.send(0x03, {})->data, hex("0100"));
    EXPECT_EQ(b.send(0x03, hex("ff000007"))->data, hex("0100"));
}

ON_BOTH_GRADES(reading);
ON_BOTH_GRADES(addressing);
ON_BOTH_GRADES(other_functions);
ON_BOTH_GRADES(authentication);
ON_BOTH_GRADES(account);
ON_BOTH_GRADES(wallet);
ON_BOTH_GRADES(relay);
ON_BOTH_GRADES(security_commands);
ON_BOTH_GRADES(Opened);

}  // namespace

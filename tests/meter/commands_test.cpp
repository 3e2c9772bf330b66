// Refund, clear, parameters, the key update of 2013, and what is refused when a single bit of a secured frame is another.
#include "graded.h"
#include "openssl_tool.h"

namespace {

using namespace bench;
using openssl_tool::cat;
using openssl_tool::hex;

constexpr std::string_view kTrip = "1a00000108221126";
constexpr unsigned kNotAuthorised = 4, kNoSuchData = 2;

std::string shown(const std::optional<Bytes>& value) { return value ? base::to_hex(*value) : "refused"; }

// --- refund and clear ------------------------------------------------------------------------------------------

struct Money : OpenedMeter {};

TEST_P(Money, refund_takes_the_amount_out_once_and_the_next_count) {
    EXPECT_FALSE(bench.purchase(kRefund, keys, 2500, 2).error);
    EXPECT_EQ(wallet().balance, 7500);
    EXPECT_EQ(wallet().count, 2u);
    EXPECT_EQ(bench.purchase(kRefund, keys, 2500, 2).serr(), kRepeated);
    EXPECT_EQ(bench.purchase(kRefund, keys, 2500, 4).serr(), kCountWrong);
    EXPECT_EQ(bench.purchase(kRefund, keys, 2500, 3, "000000654322").serr(), kCustomerWrong);
    EXPECT_EQ(wallet().balance, 7500);
}

TEST_P(Money, refund_of_more_than_there_is_is_refused) {
    EXPECT_EQ(bench.purchase(kRefund, keys, 10001, 2).serr(), kOther);
    EXPECT_EQ(bench.purchase(kRefund, keys, 0xFFFFFFFF, 2).serr(), kOther);
    EXPECT_EQ(wallet().balance, 10000);
    EXPECT_EQ(wallet().count, 1u);
    EXPECT_FALSE(bench.purchase(kRefund, keys, 10000, 2).error);
    EXPECT_EQ(wallet().balance, 0);
}

TEST_P(Money, clear_takes_exactly_the_balance_closes_the_account_and_opens_the_relay) {
    EXPECT_EQ(bench.purchase(kClear, keys, 9999, 2).serr(), kOther);
    EXPECT_EQ(bench.purchase(kClear, keys, 10001, 2).serr(), kOther);
    EXPECT_FALSE(bench.purchase(kClear, keys, 10000, 2).error);
    EXPECT_FALSE(wallet().open);
    EXPECT_EQ(wallet().balance, 0);
    EXPECT_EQ(wallet().count, 2u);
    EXPECT_EQ(wallet().customer, meter::Customer{});
    EXPECT_EQ(bench.metering().relay.position, meter::RelayPosition::open);
    EXPECT_EQ(bench.purchase(kClear, keys, 10000, 2).serr(), kRepeated) << "its answer was lost";
    EXPECT_EQ(bench.purchase(kRecharge, keys, 100, 3).serr(), kCustomerWrong);
}

TEST_P(Money, the_account_after_a_clear_goes_on_with_the_next_count_so_that_no_old_purchase_revives) {
    ASSERT_FALSE(bench.purchase(kClear, keys, 10000, 2).error);
    EXPECT_EQ(bench.purchase(kOpen, keys, 500, 0).serr(), kCountWrong);
    EXPECT_EQ(bench.purchase(kOpen, keys, 500, 1).serr(), kCountWrong);
    EXPECT_EQ(bench.purchase(kOpen, keys, 500, 2).serr(), kCountWrong);
    EXPECT_FALSE(bench.purchase(kOpen, keys, 500, 3, "000000000042").error);
    EXPECT_EQ(wallet().balance, 500);
    EXPECT_EQ(bench.metering().relay.position, meter::RelayPosition::open_closing_allowed);
}

TEST_P(Money, an_overdrawn_account_is_not_cleared) {
    auto state = bench.stored();
    state.wallet.balance = -1;
    bench.store(state);
    bench.power_cycle();
    ASSERT_FALSE(bench.authenticate_private().error);
    EXPECT_EQ(bench.purchase(kClear, keys, 0, 2).serr(), kOther);
    EXPECT_EQ(bench.purchase(kClear, keys, 0xFFFFFFFF, 2).serr(), kOther);
    EXPECT_TRUE(wallet().open);
}

TEST_P(Money, refund_and_clear_need_private_keys_and_an_authentication) {
    Bench fresh(GetParam());
    EXPECT_EQ(fresh.purchase(kRefund, factory_keys(), 1, 1).serr(), kAuthentication);
    ASSERT_FALSE(fresh.authenticate_factory().error);
    EXPECT_EQ(fresh.purchase(kRefund, factory_keys(), 1, 1).serr(), kOther);
    EXPECT_EQ(fresh.purchase(kClear, factory_keys(), 0, 1).serr(), kOther);
}

// --- parameters ------------------------------------------------------------------------------------------------

struct Parameters : OpenedMeter {};

TEST_P(Parameters, of_class_1_are_written_in_clear_with_a_mac_and_read_back) {
    EXPECT_EQ(bench.write(keys, 0x99, 0x04001001, "00250000"), 0u);  // 25.00, least significant byte first
    EXPECT_EQ(shown(bench.read(0x04001001)), "00250000");
    EXPECT_EQ(bench.security().parameters.alarm1, 2500u);
    EXPECT_EQ(bench.write(keys, 0x99, 0x04001002, "50030000"), 0u);
    EXPECT_EQ(bench.security().parameters.alarm2, 350u);
    EXPECT_EQ(bench.write(keys, 0x99, 0x04000306, "400000"), 0u);
    EXPECT_EQ(bench.security().parameters.current_ratio, 40u);
    EXPECT_EQ(bench.write(keys, 0x99, 0x04000108, "0000010127"), 0u);  // mm hh DD MM YY
    EXPECT_EQ(shown(bench.read(0x04000108)), "0000010127");
    bench.power_cycle();
    EXPECT_EQ(bench.security().parameters.alarm1, 2500u);
}

TEST_P(Parameters, of_class_2_are_written_encrypted_and_refused_in_clear) {
    EXPECT_EQ(bench.write(keys, 0x99, 0x04001003, "00500000"), kNotAuthorised);
    EXPECT_EQ(bench.write(keys, 0x98, 0x04001003, "00500000"), 0u);
    EXPECT_EQ(bench.security().parameters.overdraft_limit, 5000u);
    EXPECT_EQ(bench.write(keys, 0x98, 0x04001004, "00000001"), 0u);
    EXPECT_EQ(bench.security().wallet.hoarding_limit, 1'000'000u);
    EXPECT_EQ(bench.purchase(kRecharge, keys, 990'001, 2).serr(), kOverLimit);
    EXPECT_EQ(bench.write(keys, 0x98, 0x04001001, "00300000"), 0u) << "class 2 may write what class 1 may";
}

TEST_P(Parameters, set_the_clock_the_tables_of_the_year_and_the_day_and_the_settlement) {
    EXPECT_EQ(bench.write(keys, 0x98, 0x0400010C, "00300805" "31" "1226"), 1u) << "the 31st of December 2026 is a Thursday, 04";
    EXPECT_EQ(bench.write(keys, 0x98, 0x0400010C, "00300804" "311226"), 0u);
    EXPECT_EQ(shown(bench.read(0x0400010C)), "00300804" "311226");
    EXPECT_EQ(bench.write(keys, 0x98, 0x04000102, "594508"), 0u);
    EXPECT_EQ(shown(bench.read(0x04000102)), "594508");
    EXPECT_EQ(bench.write(keys, 0x98, 0x04010000, "010105" "020111"), 0u);  // from 1 May table 1, from 1 November table 2
    EXPECT_EQ(shown(bench.read(0x04010000)), "010105" "020111");
    EXPECT_EQ(bench.write(keys, 0x98, 0x04010001, "010006" "020022"), 0u);
    EXPECT_EQ(shown(bench.read(0x04010001)), "010006" "020022");
    EXPECT_EQ(bench.write(keys, 0x98, 0x04000B01, "0015"), 0u);
    EXPECT_EQ(shown(bench.read(0x04000B01)), "0015");
    EXPECT_EQ(bench.metering().programming.total, 5u);
    EXPECT_EQ(shown(bench.read(0x03300000)), "050000");
}

TEST_P(Parameters, of_prices_and_ladder_are_written_whole_or_one_by_one) {
    EXPECT_EQ(bench.write(keys, 0x99, 0x040502FF, "00400000" "00800000"), 0u);
    EXPECT_EQ(bench.write(keys, 0x99, 0x04050202, "00850000"), 0u);
    EXPECT_EQ(shown(bench.read(0x040502FF)), "00400000" "00850000");
    EXPECT_EQ(bench.write(keys, 0x99, 0x040602FF, "00000100" "00000200"), 0u);
    EXPECT_EQ(bench.write(keys, 0x99, 0x040603FF, "00000000" "00100000" "00300000"), 0u);
    EXPECT_EQ(bench.security().parameters.backup.steps, 3);
    EXPECT_EQ(bench.security().parameters.backup.limit[1], 20000u);
    EXPECT_EQ(shown(bench.read(0x040603FF)), "000000000010000000300000");
}

TEST_P(Parameters, that_make_no_sense_are_refused_with_the_right_bit_and_change_nothing) {
    const auto before = bench.security().parameters;
    std::string fifteen_zones, fifteen_periods, thirteen_prices;
    for (int i = 0; i < 15; ++i) fifteen_zones += "010101", fifteen_periods += "010000";
    for (int i = 0; i < 13; ++i) thirteen_prices += "00500000";
    EXPECT_EQ(bench.write(keys, 0x98, 0x04010000, fifteen_zones), 0x10u);
    EXPECT_EQ(bench.write(keys, 0x98, 0x04010001, fifteen_periods), 0x20u);
    EXPECT_EQ(bench.write(keys, 0x98, 0x04010001, "130000"), 0x40u) << "there are twelve tariffs";
    EXPECT_EQ(bench.write(keys, 0x99, 0x040501FF, thirteen_prices), 0x40u);
    EXPECT_EQ(bench.write(keys, 0x98, 0x04010000, "010111" "010105"), 1u) << "zones that do not rise";
    EXPECT_EQ(bench.write(keys, 0x99, 0x04001001, "000a0000"), 1u) << "no BCD";
    EXPECT_EQ(bench.write(keys, 0x99, 0x04001001, "0000"), 1u) << "too short";
    EXPECT_EQ(bench.write(keys, 0x98, 0x04000B01, "0029"), 1u) << "a day that not every month has";
    EXPECT_EQ(bench.write(keys, 0x98, 0x04000106, "0000310226"), 1u) << "the 31st of February";
    EXPECT_EQ(bench.write(keys, 0x98, 0x04000402, "129078563412"), kNoSuchData) << "a number cannot be written";
    EXPECT_EQ(bench.security().parameters, before);
    EXPECT_EQ(bench.metering().programming.total, 0u);
}

TEST_P(Parameters, need_an_authentication_the_right_class_and_the_right_mac) {
    EXPECT_EQ(bench.write(keys, 0x02, 0x04001001, "00250000"), kNotAuthorised);
    bench.spoil_mac = true;
    EXPECT_EQ(bench.write(keys, 0x99, 0x04001001, "00250000"), kNotAuthorised);
    bench.spoil_mac = false;
    bench.command(0x070002FF, {});
    EXPECT_EQ(bench.write(keys, 0x99, 0x04001001, "00250000"), kNotAuthorised);
    EXPECT_EQ(bench.security().parameters.alarm1, meter::MoneyParameters{}.alarm1);
}

TEST_P(Parameters, that_cannot_be_stored_are_refused_and_stay_as_they_were) {
    bench.break_storage(true);
    EXPECT_EQ(bench.write(keys, 0x99, 0x04001001, "00250000"), 1u);
    EXPECT_EQ(bench.write(keys, 0x98, 0x04000B01, "0015"), 1u);
    EXPECT_EQ(bench.security().parameters.alarm1, meter::MoneyParameters{}.alarm1);
    EXPECT_EQ(bench.metering().settlement_day, 1);
}

// --- key update, 2013 profile ----------------------------------------------------------------------------------

struct KeyUpdate2013 : Graded {};

std::vector<std::vector<std::uint8_t>> frames_of_four(std::size_t count) {
    std::vector<std::vector<std::uint8_t>> out;
    for (std::size_t id = 0; id < count; ++id) {
        if (id % 4 == 0) out.emplace_back();
        out.back().push_back(static_cast<std::uint8_t>(id));
    }
    return out;
}

bool holds(const meter::SecurityState& state, const Keys& keys) {
    for (std::size_t id = 0; id < keys.size(); ++id)
        if (!state.keys.with(static_cast<meter::KeyId>(id), [&](base::ByteView key) { return std::ranges::equal(key, keys[id]); })) return false;
    return true;
}

TEST_P(KeyUpdate2013, takes_effect_with_the_last_frame_and_as_a_whole) {
    Bench b(GetParam());
    const Keys fresh = whole_set(GetParam());
    ASSERT_FALSE(b.authenticate_factory().error);
    const auto frames = frames_of_four(b.key_count());
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(b.security().keys.name().text(), "factory");
        EXPECT_EQ(shown(b.read(0x04000508)), "00000000");
        ASSERT_FALSE(b.update_keys_2013(factory_keys(), fresh, frames[i], 1, 1).error) << i;
    }
    EXPECT_EQ(b.security().keys.name().text(), "private version 1");
    EXPECT_TRUE(holds(b.security(), fresh));
    EXPECT_EQ(shown(b.read(0x04000508)), GetParam() == Grade::low ? "ff010000" : "ffff0f00");
    EXPECT_EQ(b.command(0x070002FF, {}).serr(), kAuthentication) << "the old authentication ends";
    EXPECT_FALSE(b.authenticate_private().error);
}

TEST_P(KeyUpdate2013, goes_on_after_a_power_loss_at_any_frame_and_is_never_half_in_force) {
    const Keys fresh = whole_set(GetParam());
    const auto frames = frames_of_four(fresh.size());
    for (std::size_t cut = 0; cut < frames.size(); ++cut) {
        for (const bool stored : {true, false}) {
            Bench b(GetParam());
            ASSERT_FALSE(b.authenticate_factory().error);
            for (std::size_t i = 0; i < cut; ++i) ASSERT_FALSE(b.update_keys_2013(factory_keys(), fresh, frames[i], 1, 1).error);
            b.break_storage(!stored);  // the power goes while this frame is carried out: before, or after it is durable
            (void)b.update_keys_2013(factory_keys(), fresh, frames[cut], 1, 1);
            b.break_storage(false);
            b.power_cycle();
            const bool done = stored && cut + 1 == frames.size();
            EXPECT_EQ(b.security().keys.name().version, done ? 1 : 0);
            EXPECT_TRUE(done ? holds(b.security(), fresh) : holds(b.security(), factory_keys()));
            if (done) continue;
            ASSERT_FALSE(b.authenticate_factory().error);
            for (std::size_t i = stored ? cut + 1 : cut; i < frames.size(); ++i)
                ASSERT_FALSE(b.update_keys_2013(factory_keys(), fresh, frames[i], 1, 1).error);
            EXPECT_TRUE(holds(b.security(), fresh));
        }
    }
}

TEST_P(KeyUpdate2013, refuses_a_frame_as_a_whole_when_one_record_of_it_is_wrong) {
    Bench b(GetParam());
    const Keys fresh = whole_set(GetParam());
    EXPECT_EQ(b.update_keys_2013(factory_keys(), fresh, {0, 1}, 1, 1).serr(), kAuthentication);
    ASSERT_FALSE(b.authenticate_factory().error);
    EXPECT_EQ(b.update_keys_2013(factory_keys(), fresh, {0, 1, 1}, 1, 1).serr(), kOther) << "the same key twice";
    EXPECT_EQ(b.update_keys_2013(factory_keys(), fresh, {0, 1, 2, 3, 4}, 1, 1).serr(), kOther) << "five records";
    EXPECT_EQ(b.update_keys_2013(factory_keys(), fresh, {}, 1, 1).serr(), kOther);
    EXPECT_EQ(b.update_keys_2013(factory_keys(), fresh, {0, 1}, 1, 1, "123456789013").serr(), kOther) << "another meter's";
    EXPECT_EQ(b.update_keys_2013(factory_keys(), fresh, {0, 1}, 2, 1).serr(), kOther) << "no such state";
    EXPECT_EQ(b.update_keys_2013(factory_keys(), fresh, {0, 1}, 1, 0).serr(), kOther) << "version 0";
    Keys wrong_wrap = factory_keys();
    wrong_wrap[0][0] ^= 1;
    EXPECT_EQ(b.update_keys_2013(wrong_wrap, fresh, {0, 1}, 1, 1).serr(), kMac);
    Bench other(GetParam() == Grade::low ? Grade::high : Grade::low);
    other.r2 = b.r2;
    const Bytes other_total = other.update_2013_payload(factory_keys(), whole_set(Grade::low), {0, 1}, 1, 1);
    EXPECT_EQ(b.command(0x070301FF, other_total).serr(), kOther) << "the total of another grade";
    EXPECT_TRUE(b.security().staging.empty());
}

TEST_P(KeyUpdate2013, of_another_version_empties_the_staging_first_and_a_recovery_brings_the_factory_set_back) {
    Bench b(GetParam());
    b.install_private_keys();
    const Keys now = whole_set(GetParam()), next = made_up_keys(0x20, b.key_count());
    ASSERT_FALSE(b.authenticate_private().error);
    ASSERT_FALSE(b.update_keys_2013(now, next, {0, 1, 2, 3}, 1, 2).error);
    EXPECT_EQ(b.security().staging.count(), 4);
    Keys factory = made_up_keys(0x40, b.key_count());
    std::copy_n(factory_keys().begin(), 9, factory.begin());
    for (const auto& frame : frames_of_four(b.key_count())) ASSERT_FALSE(b.update_keys_2013(now, factory, frame, 0, 0).error);
    EXPECT_EQ(b.security().keys.name().text(), "factory");
    EXPECT_FALSE(b.authenticate_factory().error);
}

TEST(key_update_2009, cannot_reach_the_keys_that_only_a_high_grade_meter_has) {
    Bench b(Grade::high);
    ASSERT_FALSE(b.authenticate_factory().error);
    const Bytes info = hex("01010901");
    for (const std::string_view di : {"070201ff", "070204ff"}) {
        const Bytes record = cat({openssl_tool::wrap(factory_keys()[0], private_keys()[5]), hex("0000123456789012")});
        const Bytes mac = openssl_tool::mac(factory_keys()[1], 0, di, 0, b.r2, cat({info, record}));
        const auto number = di == "070201ff" ? 0x070201FFu : 0x070204FFu;
        EXPECT_EQ(b.command(number, cat({reversed(mac), reversed(info), reversed(record)})).serr(), kOther);
    }
}

// --- every single bit ------------------------------------------------------------------------------------------

struct EveryBit : Graded {
    Bench bench{GetParam()};
    Keys keys = private_keys();
    void SetUp() override {
        bench.quick = true;
        bench.install_private_keys();
        login();
        ASSERT_FALSE(bench.purchase(kOpen, keys, 10000, 1).error);
    }
    void login() { ASSERT_FALSE((factory ? bench.authenticate_factory() : bench.authenticate_private()).error); }
    /// A wrong MAC ends the authentication at the third time and blocks at the fifteenth; an hour forgives them.
    void forgive() {
        bench.clock.advance(base::kHour + 1);
        login();
    }
    void expect_refused(std::uint8_t control, const Bytes& data, const Bytes& refusal, std::size_t bit) {
        const auto reply = bench.send(control, data).value();
        ASSERT_TRUE(reply.control.is_error()) << "bit " << bit;
        ASSERT_EQ(reply.data, refusal) << "bit " << bit;
    }
    /// Runs `tries` and expects that the meter is as it was.
    void changes_nothing(const std::function<void()>& tries) {
        const meter::Wallet wallet = bench.security().wallet;
        const meter::MoneyParameters parameters = bench.security().parameters;
        const meter::Relay relay = bench.metering().relay;
        const std::string key_set = bench.security().keys.name().text();
        tries();
        EXPECT_EQ(bench.security().wallet, wallet);
        EXPECT_EQ(bench.security().parameters, parameters);
        EXPECT_EQ(bench.security().keys.name().text(), key_set);
        EXPECT_TRUE(bench.security().staging.empty());
        EXPECT_EQ(bench.metering().relay, relay);
    }
    /// Sends `make()` with each bit from byte `first` on but for the last `tail` bytes changed, and expects this refusal.
    void each_bit(std::uint8_t control, const std::function<Bytes()>& make, std::size_t first, std::size_t tail, const Bytes& refusal) {
        changes_nothing([&] {
            const std::size_t size = make().size();
            for (std::size_t bit = 8 * first; bit < 8 * (size - tail) && !HasFatalFailure(); ++bit) {
                forgive();
                Bytes data = make();
                data[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
                expect_refused(control, data, refusal, bit);
            }
        });
    }
    /// One bit of the identifier makes it another command. Where that has as many bytes of fields the MAC tells; otherwise they do not fit.
    void each_bit_of_the_identifier(std::uint32_t di, const std::function<Bytes()>& payload) {
        changes_nothing([&] {
            for (std::size_t bit = 0; bit < 32 && !HasFatalFailure(); ++bit) {
                forgive();
                const Bytes fields = payload();
                const std::uint32_t other = di ^ 1u << bit;
                expect_refused(0x03, cat({reversed(big_endian(other)), hex("78563412"), fields}), fits(other, fields.size()) ? hex("0400") : hex("0100"), bit);
            }
        });
    }
    static bool fits(std::uint32_t di, std::size_t fields) {
        if (di == kOpen || di == kRecharge || di == kRefund || di == kClear) return fields == 22;
        const bool one_key = di == 0x070201FF || di == 0x070202FF || di == 0x070203FF || di == 0x070204FF;
        return (one_key || di == 0x070301FF) && fields == 4 + 36;
    }
    static constexpr std::size_t kHead = 8;  ///< identifier and operator code; no MAC covers the operator code
    /// A command 03H with any bit changed is refused; untouched it is taken.
    void each_bit_of(std::uint32_t di, const std::function<Bytes()>& payload) {
        each_bit_of_the_identifier(di, payload);
        each_bit(0x03, [&] { return cat({reversed(big_endian(di)), hex("78563412"), payload()}); }, kHead, 0, hex("0400"));
        forgive();
        EXPECT_FALSE(bench.command(di, payload()).error) << "untouched";
    }
    /// From here on: another meter of this grade, with its factory keys.
    void take_a_meter_from_the_factory() {
        bench.store(meter::SecurityState::fresh(meter::dlt645::Address::parse(kNumber).value(), bench.key_count()));
        bench.power_cycle();
        keys = factory_keys();
        factory = true;
    }
    bool factory = false;
};

TEST_P(EveryBit, of_a_purchase_a_refund_and_a_clear_is_guarded) {
    std::uint32_t count = 1;
    for (const std::uint32_t di : {kRecharge, kRefund, kClear}) {
        ++count;
        each_bit_of(di, [&] { return bench.purchase_payload(di, keys, di == kClear ? 10000 : 5000, count); });
    }
}

TEST_P(EveryBit, of_an_opening_is_guarded) {
    ASSERT_FALSE(bench.purchase(kClear, keys, 10000, 2).error);
    each_bit_of(kOpen, [&] { return bench.purchase_payload(kOpen, keys, 5000, 3); });
    EXPECT_EQ(bench.security().wallet.balance, 5000);
}

TEST_P(EveryBit, of_a_wallet_initialisation_is_guarded) {
    take_a_meter_from_the_factory();
    each_bit_of(0x070103FF, [&] { return bench.initialisation_payload(keys, 500, 0); });
    EXPECT_EQ(bench.security().wallet.balance, 500);
}

TEST_P(EveryBit, of_a_validity_is_guarded) {
    const auto nine_minutes = [&] { return bench.validity_payload(keys, "0009"); };
    each_bit_of(0x070001FF, nine_minutes);
    bench.clock.advance(8 * base::kMinute);
    EXPECT_FALSE(bench.set_validity(keys, "0001").error) << "the one that was taken holds";
    forgive();
    Bytes longer = nine_minutes();
    longer[0] ^= 0x10;  // 19
    EXPECT_EQ(bench.command(0x070001FF, longer).serr(), kMac);
    bench.clock.advance(5 * base::kMinute);
    EXPECT_EQ(bench.set_validity(keys, "0001").serr(), kAuthentication) << "the one that was refused does not";
}

TEST_P(EveryBit, of_a_relay_order_is_guarded) {
    each_bit(0x1C, [&] { return bench.relay_data(keys, kTrip); }, kHead, 0, hex("04"));
}

TEST_P(EveryBit, of_a_parameter_of_class_1_is_guarded_its_identifier_and_class_included) {
    const auto make = [&] { return bench.write_data(keys, 0x99, 0x04001001, "00250000"); };
    each_bit(0x14, make, 0, 4 + 4 + 4 + 3 + 4, hex("04"));  // the identifier
    each_bit(0x14, make, 4, 4 + 4 + 4 + 3, hex("04"));      // PA
    each_bit(0x14, make, 12, 0, hex("04"));
}

TEST_P(EveryBit, of_a_parameter_of_class_2_is_guarded_its_class_included) {
    each_bit(0x14, [&] { return bench.write_data(keys, 0x98, 0x04001003, "00500000"); }, 4, 16 + 4 + 4 + 3, hex("04"));  // PA
    each_bit(0x14, [&] { return bench.write_data(keys, 0x98, 0x04001003, "00500000"); }, 12, 0, hex("04"));
}

TEST_P(EveryBit, of_a_frame_of_the_2009_key_update_is_guarded_for_each_of_its_identifiers) {
    take_a_meter_from_the_factory();
    const Keys fresh = made_up_keys(0x20);
    for (const std::uint8_t id : Bytes{0, 2, 4, 8}) {  // 070201FF to 070204FF
        each_bit_of(update_identifier(id), [&] { return bench.update_payload(keys, id, fresh[id], 1, 1); });
        EXPECT_EQ(bench.security().staging.count(), 1);
        take_a_meter_from_the_factory();
    }
}

TEST_P(EveryBit, of_a_frame_of_the_2013_key_update_is_guarded) {
    const Keys fresh = made_up_keys(0x20);
    each_bit_of_the_identifier(0x070301FF, [&] { return bench.update_2013_payload(keys, fresh, {3}, 1, 2); });  // as long as a key of 2009
    each_bit_of(0x070301FF, [&] { return bench.update_2013_payload(keys, fresh, {3, 4}, 1, 2); });
    EXPECT_EQ(bench.security().staging.count(), 2);
}

TEST_P(EveryBit, of_an_identity_authentication_is_guarded) {
    const Bytes k1 = openssl_tool::mac(keys[4], 0, "070000ff", 0, bench.r1, hex("0000123456789012"), 8);
    const Bytes whole = cat({reversed(hex("070000ff")), hex("78563412"), reversed(k1), reversed(bench.r1), reversed(hex("0000123456789012"))});
    each_bit(0x03, [&] { return whole; }, kHead, 0, hex("0800"));
}

TEST_P(EveryBit, fifteen_wrong_macs_of_different_commands_block_everything_for_an_hour) {
    bench.clock.advance(base::kHour + 1);
    for (int round = 0; round < 5; ++round) {
        bench.spoil_mac = false;
        login();
        bench.spoil_mac = true;
        EXPECT_EQ(bench.purchase(kRefund, keys, 1, 2).serr(), kMac);
        EXPECT_EQ(bench.write(keys, 0x99, 0x04001001, "00250000"), kNotAuthorised);
        EXPECT_EQ(bench.update_keys_2013(keys, made_up_keys(0x20), {0}, 1, 2).serr(), kMac);
    }
    bench.spoil_mac = false;
    EXPECT_EQ(bench.authenticate_private().serr(), kAuthentication);
    bench.power_cycle();
    EXPECT_EQ(bench.authenticate_private().serr(), kAuthentication);
    bench.clock.advance(base::kHour);
    EXPECT_FALSE(bench.authenticate_private().error);
}

ON_BOTH_GRADES(Money);
ON_BOTH_GRADES(Parameters);
ON_BOTH_GRADES(KeyUpdate2013);
ON_BOTH_GRADES(EveryBit);

}  // namespace

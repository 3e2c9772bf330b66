// The secure element at its APDU interface, and a meter whose element fails.
#include <random>

#include "graded.h"
#include "meter/esam/esam_element.h"
#include "openssl_tool.h"

namespace {

using namespace bench;
using meter::esam::Ins;
using openssl_tool::hex;

struct Element : testing::Test {
    base::ManualClock clock{kStart};
    MemoryStorage storage;
    meter::esam::Esam esam{meter::SecurityState::fresh(meter::dlt645::Address::parse(kNumber).value(), 20), storage, clock, 5 * base::kMinute};
    std::string say(std::string_view apdu) { return base::to_hex(esam.transmit(hex(apdu))); }
};

TEST_F(Element, answers_what_is_no_command_of_its_with_a_status_word) {
    EXPECT_EQ(say(""), "6700");
    EXPECT_EQ(say("80ca00"), "6700");
    EXPECT_EQ(say("80ca000000"), "6700") << "no Le, and no Lc of zero";
    EXPECT_EQ(say("80e0000002aa"), "6700");
    EXPECT_EQ(say("00ca0000"), "6e00");
    EXPECT_EQ(say("80b00000"), "6d00");
    EXPECT_EQ(say("80e0000001aa"), "6700");
    EXPECT_EQ(say("80e20400"), "6a86");
    EXPECT_EQ(say("80400900"), "6a86");
}

TEST_F(Element, refuses_with_the_reason_in_the_status_word) {
    EXPECT_EQ(say("80030002"), "9e08") << "ending an authentication that there is not: SERR bit 3";
    EXPECT_EQ(say("80037777"), "9e01");
    EXPECT_EQ(say("801c980014" + std::string(40, '0')), "9f04");
    EXPECT_EQ(say("8014990009" "04001001" "0000000000"), "9f04");
    EXPECT_EQ(say("8040010008" "1122334455667788"), "9d0c") << "no card in factory state";
    EXPECT_EQ(say("80400400"), "9d01") << "a step out of order";
}

TEST_F(Element, debits_a_rising_total_once) {
    EXPECT_EQ(say("80e0000008" "0000000000000064"), "9000");
    EXPECT_EQ(say("80e0000008" "0000000000000064"), "9000");
    EXPECT_EQ(say("80e0000008" "0000000000000032"), "9000");
    EXPECT_EQ(esam.state().wallet.balance, -100);
    EXPECT_EQ(esam.state().debited, 100u);
    storage.broken = true;
    EXPECT_EQ(say("80e0000008" "0000000000000065"), "6581");
    EXPECT_EQ(esam.state().debited, 100u);
}

TEST_F(Element, never_gives_a_key_out) {
    std::mt19937 chance(7);
    std::vector<Bytes> keys;
    for (std::size_t id = 0; id < 20; ++id)
        keys.push_back(esam.state().keys.with(static_cast<meter::KeyId>(id), [](base::ByteView key) { return base::to_bytes(key); }));
    const auto leaks = [&](const Bytes& answer) {
        return std::any_of(keys.begin(), keys.end(), [&](const Bytes& key) { return std::search(answer.begin(), answer.end(), key.begin(), key.end()) != answer.end(); });
    };
    for (int ins = 0; ins < 256; ++ins)
        for (int p1 = 0; p1 < 256; ++p1) {
            const Bytes head{0x80, static_cast<std::uint8_t>(ins), static_cast<std::uint8_t>(p1), static_cast<std::uint8_t>(chance())};
            EXPECT_FALSE(leaks(esam.transmit(head)));
        }
}

/// Says the same to everything.
class Broken final : public meter::esam::Device {
public:
    explicit Broken(Bytes answer) : answer_(std::move(answer)) {}
    Bytes transmit(base::ByteView) override { return answer_; }

private:
    Bytes answer_;
};

TEST(high_grade_meter, refuses_everything_secured_when_its_element_is_dead_or_raves) {
    for (const std::string_view answer : {"", "90", "6f00", "0102039000", "9f00", "9e00"}) {
        Broken element{answer.empty() ? Bytes() : hex(answer)};
        MemoryStorage storage;
        const base::ManualClock clock(kStart);
        meter::HighGradeMeter meter(meter::dlt645::Address::parse(kNumber).value(), {}, element, storage, clock);
        const auto ask = [&](std::uint8_t control, std::string_view data) {
            return meter.answer({meter.number(), meter::dlt645::Control(control), hex(data)}).value();
        };
        EXPECT_TRUE(ask(0x03, "ff000007" "78563412" + std::string(48, '0')).control.is_error()) << answer;
        EXPECT_TRUE(ask(0x03, "ff028107" "78563412").control.is_error()) << answer;
        EXPECT_TRUE(ask(0x14, "01100004" "99000000" "78563412" "00250000" "00000000").control.is_error() || answer == "0102039000") << answer;
        EXPECT_TRUE(ask(0x1C, "98000000" "78563412" + std::string(40, '0')).control.is_error()) << answer;
        EXPECT_EQ(meter.metering().relay, meter::Relay{});
        EXPECT_FALSE(ask(0x11, "02010004").control.is_error()) << "the clock can still be read";
    }
}

TEST(high_grade_meter, keeps_money_and_keys_in_the_element_and_none_of_them_in_its_own_file) {
    Bench b(Grade::high);
    b.install_private_keys();
    ASSERT_FALSE(b.authenticate_private().error);
    ASSERT_FALSE(b.purchase(kOpen, private_keys(), 10000, 1).error);
    const meter::SecurityState state = b.stored();
    EXPECT_EQ(state.wallet.balance, 10000);
    // The readings' record has a fixed layout without a key; its decoder would refuse a byte more.
    const auto [number, metering] = b.storage.last(meter::decode_high_grade);
    EXPECT_EQ(number.text(), kNumber);
    EXPECT_EQ(metering.recharges.total, 1u);
}

}  // namespace

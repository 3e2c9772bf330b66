// A charging card in the slot, by docs/SUITE.md 5.5, on both grades. The card here is a small fake that answers what it was given.
#include "graded.h"
#include "meter/aes.h"
#include "meter/card_files.h"
#include "openssl_tool.h"

namespace {

using namespace bench;
using openssl_tool::cat;
using openssl_tool::hex;
using meter::CardRefusal;

constexpr std::string_view kSerial = "1122334455667788";

/// A card of this meter's: its keys derived from the node as SUITE.md 5.2 says, its files as the test puts them.
class FakeCard final : public meter::CardSlot {
public:
    explicit FakeCard(const Bytes& node, std::string_view serial = kSerial) : serial_(hex(serial)) {
        for (const std::uint8_t usage : hex("020506")) {
            meter::aes::Block block{0x4B, 0x01, 0x03, 0x06, usage, 0x01, 0x01, 0x00};
            std::copy(serial_.begin(), serial_.end(), block.begin() + 8);
            keys_[usage] = meter::aes::derive(node, block).reveal([](base::ByteView key) { return base::to_bytes(key); });
        }
        files[5] = Bytes(49);
    }

    const Bytes& serial() const { return serial_; }
    bool present() const override { return commands < pull_at; }
    base::Result<Bytes> transmit(base::ByteView apdu) override {
        ++commands;
        Bytes out = obey(base::to_bytes(apdu));
        if (commands == spoil_at && out.size() > 2) out[0] ^= 1;
        if (commands == lose_answer_at) return {base::Code::not_found, "pulled"};
        return out;
    }

    std::map<std::uint8_t, Bytes> files;
    int commands = 0;
    int pull_at = 1000;         ///< the card is gone before this command (from 0)
    int lose_answer_at = 1000;  ///< pulled after this command (from 1) was carried out, before its answer
    int spoil_at = 1000;        ///< the data of this answer has another bit
    bool knows_no_meter = false;

private:
    static Bytes ok(Bytes data = {}) { return cat({data, hex("9000")}); }
    Bytes mac(std::uint8_t usage, std::uint8_t direction, const Bytes& command, const Bytes& fields, std::size_t size) {
        const Bytes message = cat({Bytes{0x01, direction}, command, Bytes{0x00, static_cast<std::uint8_t>(fields.size())}, fields});
        return base::to_bytes(base::ByteView(meter::aes::cmac(keys_.at(usage), message)).first(size));
    }

    Bytes obey(const Bytes& a) {
        const Bytes head(a.begin(), a.begin() + 4);
        const std::string what = base::to_hex(head);
        const Bytes data = a.size() > 5 ? Bytes(a.begin() + 5, a.begin() + 5 + a[4]) : Bytes();
        if (what == "00a40000") return ok();
        if (what == "00b09901") return ok(serial_);
        if (what == "00840000") return ok(challenge_ = Bytes(a[4], static_cast<std::uint8_t>(0x30 + commands)));
        if (what == "00880001") return ok(mac(5, 0x80, head, data, 8));
        if (what == "00820002") {
            proven_ = !knows_no_meter && data == mac(6, 0x00, head, challenge_, 8);
            return proven_ ? ok() : hex("63ce");
        }
        if (!proven_) return hex("6982");
        const auto id = static_cast<std::uint8_t>(a[2] & 0x1F);
        if (a[1] == 0xB0) {
            const Bytes& file = files[id];
            const std::size_t size = a.back();
            if (a[3] + size > file.size()) return hex("6b00");
            const Bytes piece(file.begin() + a[3], file.begin() + a[3] + static_cast<std::ptrdiff_t>(size));
            return ok(cat({piece, mac(2, 0x80, head, cat({data, piece}), 4)}));
        }
        if (a[1] != 0xD6) return hex("6d00");
        const Bytes content(data.begin(), data.end() - 4);
        if (Bytes(data.end() - 4, data.end()) != mac(2, 0x00, head, cat({challenge_, content}), 4)) return hex("6988");
        files[id] = content;
        return ok();
    }

    Bytes serial_;
    std::map<std::uint8_t, Bytes> keys_;
    Bytes challenge_;
    bool proven_ = false;
};

Bytes wrapped(std::uint8_t id, const Bytes& data) {
    Bytes out = cat({Bytes{0x68, id, static_cast<std::uint8_t>(data.size() >> 8), static_cast<std::uint8_t>(data.size())}, data});
    unsigned sum = 0;
    for (const std::uint8_t byte : out) sum += byte;
    return cat({out, Bytes{static_cast<std::uint8_t>(sum), 0x16}});
}

/// SHA-256 by the openssl command.
Bytes digest_of(const Bytes& file) { return file.empty() ? Bytes() : openssl_tool::sha256(file); }

/// Puts in what the platform would: the MAC of the purchase, over what the card holds now.
void seal(FakeCard& card, const Bytes& credit_key = private_keys()[5]) {
    Bytes& file = card.files[1];
    Bytes data(file.begin() + 4, file.begin() + 43);
    std::fill_n(data.begin() + 2, 4, std::uint8_t{0});
    const std::uint8_t flags = data[1];
    const Bytes covered = cat({data, card.files[2], (flags & 0x05) ? digest_of(card.files[3]) : Bytes(), (flags & 0x0a) ? digest_of(card.files[4]) : Bytes()});
    const Bytes mac = openssl_tool::mac(credit_key, 0, "04d68100", 1, card.serial(), covered, 4);
    std::copy(mac.begin(), mac.end(), data.begin() + 2);
    file = wrapped(1, data);
}

struct Sold {
    std::string type = "02";
    std::uint32_t amount = 5000;
    std::uint32_t count = 1;
    std::string meter{kNumber};
    std::string customer{kCustomer};
    std::string flags = "00";
    std::string switch_time = "0000000000";
};

void write(FakeCard& card, const Sold& sold) {
    card.files[1] = wrapped(1, hex("00" + sold.flags + "00000000" + sold.switch_time + "00" + "00002000" + "00000300" + "000040" + "000001" +
                                   sold.meter + sold.customer + sold.type));
    card.files[2] = cat({big_endian(sold.amount), big_endian(sold.count)});
    card.files[5] = Bytes(49);
    if (sold.flags == "00" || sold.flags == "80") seal(card);  // otherwise its tariffs come first
}

Bytes tariff_file(std::uint8_t id, const std::string& first_price, const std::string& second_price) {
    std::string text = first_price + second_price + std::string(8 * 30, '0');
    text += "00010000" + std::string(8 * 5, '0');              // up to 100.00 kWh
    text += "00000000" "00001000" + std::string(8 * 5, '0');   // then 0.1000 yuan on top
    text += std::string(8 * 18, '0') + "02" "02" "00000000";
    return wrapped(id, hex(text));
}

struct Card : Graded {
    Bench bench{GetParam()};
    FakeCard card{private_keys()[8]};
    void SetUp() override { bench.install_private_keys(); }
    meter::Insertion insert(FakeCard& one) {
        one.commands = 0;
        return bench.program().insert(one);
    }
    meter::Insertion insert() { return insert(card); }
    void open_by_card() {
        write(card, {.type = "01"});
        ASSERT_TRUE(insert().ok());
    }
    const meter::Wallet& wallet() { return bench.security().wallet; }
    std::uint32_t illegal() { return bench.security().illegal_insertions; }
    void refused(const Sold& sold, CardRefusal why) {
        const meter::Wallet before = wallet();
        const std::uint32_t counted = illegal();
        write(card, sold);
        const meter::Insertion done = insert();
        EXPECT_EQ(done.refusal, why) << done.text();
        EXPECT_EQ(wallet(), before);
        EXPECT_EQ(illegal(), counted + 1);
        EXPECT_EQ(card.files[5], Bytes(49)) << "nothing was written back";
    }
};

TEST_P(Card, opens_the_account_and_gets_its_write_back) {
    write(card, {.type = "01"});
    const meter::Insertion done = insert();
    ASSERT_TRUE(done.ok()) << done.text();
    EXPECT_EQ(wallet().balance, 5000);
    EXPECT_EQ(wallet().count, 1u);
    EXPECT_TRUE(wallet().by_card);
    EXPECT_EQ(base::to_hex(wallet().customer), kCustomer);
    EXPECT_EQ(base::to_hex(bench.security().card_serial), kSerial);
    // user type, CT, PT, meter, customer, balance, count, overdraft, key info, illegal insertions, time
    EXPECT_EQ(card.files[5], wrapped(5, hex("01" "000001" "000001" "123456789012" "000000654321" "00001388" "00000001" "00000000" "01010001" "000000"
                                            "2611220700")));
    EXPECT_EQ(bench.read(0x04000503).value()[1] & 0xC0, 0x80) << "opened locally, not over the line";
    EXPECT_EQ(bench.metering().insertions.at(1)->outcome, 0);
    EXPECT_TRUE(bench.metering().recharges.at(1)->by_card);
}

TEST_P(Card, buys_takes_parameters_and_prices_over_and_is_not_credited_twice) {
    open_by_card();
    write(card, {.amount = 700, .count = 2, .flags = "8f", .switch_time = "2701010000"});
    card.files[3] = tariff_file(3, "00006000", "00009000");
    card.files[4] = tariff_file(4, "00006500", "00009500");
    seal(card);
    ASSERT_TRUE(insert().ok());
    EXPECT_EQ(wallet().balance, 5700);
    const auto& parameters = bench.security().parameters;
    EXPECT_EQ(parameters.alarm1, 2000u);
    EXPECT_EQ(parameters.alarm2, 300u);
    EXPECT_EQ(parameters.current_ratio, 40u);
    EXPECT_EQ(parameters.current.price[1], 9000u);
    EXPECT_EQ(parameters.current.steps, 2);
    EXPECT_EQ(parameters.backup.price[0], 6500u);
    EXPECT_EQ(parameters.tariff_switch, base::from_rfc3339("2027-01-01").value());

    const meter::Insertion again = insert();
    EXPECT_TRUE(again.known);
    EXPECT_TRUE(again.ok());
    EXPECT_EQ(wallet().balance, 5700);
    EXPECT_EQ(illegal(), 0u);
}

TEST_P(Card, is_refused_and_counted_for_each_reason_apart) {
    refused({.type = "02"}, CardRefusal::account);  // none is open
    for (const std::uint32_t count : {0u, 2u}) refused({.type = "03", .count = count}, CardRefusal::count);
    refused({.type = "01", .count = 0}, CardRefusal::count);
    refused({.type = "01", .count = 2}, CardRefusal::count);
    refused({.type = "01", .amount = 100'000'000}, CardRefusal::over_limit);
    open_by_card();
    refused({.type = "01", .count = 2}, CardRefusal::account);
    refused({.count = 2, .meter = "123456789013"}, CardRefusal::meter);
    refused({.count = 2, .customer = "000000654322"}, CardRefusal::customer);
    refused({.count = 3}, CardRefusal::count);
    refused({.amount = 99'999'999, .count = 2}, CardRefusal::over_limit);
    refused({.type = "04", .count = 2}, CardRefusal::wrapper);
    refused({.count = 2, .flags = "10"}, CardRefusal::wrapper);
    EXPECT_EQ(bench.read(0x03301300).value(), hex("130000"));
    EXPECT_EQ(bench.metering().insertions.total, 14u);
    EXPECT_EQ(bench.metering().insertions.last.size(), 10u);
}

TEST_P(Card, that_the_platform_did_not_sell_is_refused_whoever_has_its_keys) {
    open_by_card();
    const Sold sold{.count = 2, .flags = "83"};
    const auto forged = [&](const char* what, auto&& forge) {
        write(card, sold);
        card.files[3] = tariff_file(3, "00006000", "00009000");
        card.files[4] = tariff_file(4, "00006500", "00009500");
        seal(card);
        forge();
        const meter::Insertion done = insert();
        EXPECT_EQ(done.refusal, CardRefusal::purchase) << what << ": " << done.text();
        EXPECT_EQ(wallet().balance, 5000) << what;
    };
    const auto parameter = [&](std::size_t at, std::uint8_t value) {
        Bytes data(card.files[1].begin() + 4, card.files[1].begin() + 43);
        data.at(at) = value;
        card.files[1] = wrapped(1, data);
    };
    forged("an amount", [&] { card.files[2] = cat({big_endian(5001), big_endian(2)}); });
    forged("a count", [&] { card.files[2] = cat({big_endian(5000), big_endian(3)}); });
    forged("an alarm", [&] { parameter(15, 0x01); });
    forged("a ratio", [&] { parameter(22, 0x01); });
    forged("a type", [&] { parameter(38, 0x03); });
    forged("a customer", [&] { parameter(37, 0x22); });
    forged("no MAC", [&] { parameter(2, 0), parameter(3, 0), parameter(4, 0), parameter(5, 0); });
    forged("a price of now", [&] { card.files[3] = tariff_file(3, "00000001", "00009000"); });
    forged("a price to come", [&] { card.files[4] = tariff_file(4, "00000001", "00009500"); });
    forged("no tariffs any more", [&] { parameter(1, 0x80); });
    forged("by the key of messages with the line", [&] { seal(card, private_keys()[6]); });
    forged("by the factory's credit key", [&] { seal(card, factory_keys()[5]); });
    FakeCard copy(private_keys()[8], "8877665544332211");
    write(card, {.type = "03", .count = 1});
    copy.files = card.files;
    EXPECT_EQ(insert(copy).refusal, CardRefusal::purchase) << "sold on another card";
    EXPECT_EQ(insert(card).refusal, std::nullopt);
}

TEST_P(Card, with_any_bit_of_any_file_changed_is_refused_and_credits_nothing) {
    open_by_card();
    write(card, {.count = 2, .flags = "81"});
    card.files[3] = tariff_file(3, "00006000", "00009000");
    seal(card);
    const auto whole = card.files;
    const auto flip = [&](std::uint8_t file, std::size_t bit, bool sum_too) {
        card.files = whole;
        card.files[file].at(bit / 8) ^= static_cast<std::uint8_t>(1 << bit % 8);
        // Whoever changes a file mends its sum.
        if (sum_too) card.files[file] = wrapped(file, Bytes(card.files[file].begin() + 4, card.files[file].end() - 2));
        const meter::Insertion done = insert();
        EXPECT_TRUE(done.refusal) << int{file} << " bit " << bit << ": " << done.text();
        EXPECT_EQ(wallet().balance, 5000) << int{file} << " bit " << bit;
    };
    for (std::size_t bit = 0; bit < 45 * 8; ++bit) flip(1, bit, false);
    for (std::size_t bit = 4 * 8; bit < 43 * 8; ++bit) flip(1, bit, true);
    for (std::size_t bit = 0; bit < 8 * 8; ++bit) flip(2, bit, false);
    for (std::size_t bit = 0; bit < 264 * 8; ++bit) flip(3, bit, bit >= 4 * 8 && bit < 262 * 8);
    card.files = whole;
    EXPECT_TRUE(insert().ok());
    EXPECT_EQ(wallet().balance, 10000);
}

TEST_P(Card, with_a_write_back_that_is_not_its_own_of_this_count_is_refused) {
    open_by_card();
    const Bytes old = card.files[5];
    write(card, {.count = 2});
    card.files[5] = old;
    EXPECT_EQ(insert().refusal, CardRefusal::write_back);
    write(card, {.count = 2});
    card.files[5][20] = 1;
    EXPECT_EQ(insert().refusal, CardRefusal::wrapper);
    EXPECT_EQ(wallet().balance, 5000);
    EXPECT_EQ(illegal(), 2u);
}

TEST_P(Card, of_another_serial_needs_to_be_an_opening_or_a_replacement) {
    open_by_card();
    FakeCard other(private_keys()[8], "8877665544332211");
    write(other, {.count = 2});
    EXPECT_EQ(insert(other).refusal, CardRefusal::serial);
    write(other, {.type = "03", .count = 1});
    const meter::Insertion replaced = insert(other);
    EXPECT_TRUE(replaced.ok()) << replaced.text();
    EXPECT_EQ(wallet().balance, 5000) << "a replacement of an equal count credits nothing";
    EXPECT_EQ(base::to_hex(bench.security().card_serial), "8877665544332211");
    write(card, {.count = 2});
    EXPECT_EQ(insert().refusal, CardRefusal::serial) << "the lost card is worth nothing any more";
    write(other, {.type = "03", .amount = 300, .count = 2});
    EXPECT_TRUE(insert(other).ok());
    EXPECT_EQ(wallet().balance, 5300);
}

TEST_P(Card, that_was_replaced_and_turns_up_does_not_take_the_meter_back) {
    open_by_card();
    FakeCard second(private_keys()[8], "8877665544332211"), third(private_keys()[8], "1212121212121212");
    write(second, {.type = "03", .count = 1});
    write(third, {.type = "03", .count = 1});
    const Bytes untouched = second.files[5];
    ASSERT_TRUE(insert(second).ok());
    ASSERT_TRUE(insert(third).ok());
    second.files[5] = untouched;
    EXPECT_EQ(insert(second).refusal, CardRefusal::serial) << "found again, as it left the station";
    bench.power_cycle();
    EXPECT_EQ(insert(second).refusal, CardRefusal::serial) << "after a power loss too";
    EXPECT_EQ(base::to_hex(bench.security().card_serial), "1212121212121212");
    write(second, {.type = "03", .amount = 300, .count = 2});
    EXPECT_TRUE(insert(second).ok()) << "sold anew it is a card like any other";
    EXPECT_EQ(wallet().balance, 5300);
}

TEST_P(Card, that_is_the_eighth_replacement_without_a_purchase_is_refused) {
    open_by_card();
    for (int i = 0; i < 8; ++i) {
        FakeCard next(private_keys()[8], "99000000000000" + base::to_hex(Bytes{static_cast<std::uint8_t>(i)}));
        write(next, {.type = "03", .count = 1});
        EXPECT_EQ(insert(next).ok(), i < 7) << i;
    }
}

TEST_P(Card, that_replaces_one_which_was_lost_before_it_opened_the_account_opens_it) {
    FakeCard lost(private_keys()[8], "8877665544332211");
    write(lost, {.type = "01"});
    write(card, {.type = "03"});
    ASSERT_TRUE(insert().ok());
    EXPECT_EQ(wallet().balance, 5000);
    EXPECT_EQ(wallet().count, 1u);
    EXPECT_TRUE(wallet().by_card);
    EXPECT_EQ(base::to_hex(wallet().customer), kCustomer);
    EXPECT_EQ(base::to_hex(bench.security().card_serial), kSerial);
    EXPECT_EQ(insert(lost).refusal, CardRefusal::account) << "found again";
    EXPECT_EQ(wallet().balance, 5000);
}

TEST_P(Card, that_replaces_one_after_the_account_was_closed_opens_nothing_with_a_count_of_before) {
    open_by_card();
    ASSERT_FALSE(bench.authenticate_private().error);
    ASSERT_FALSE(bench.purchase(kClear, private_keys(), 5000, 2).error);
    for (const std::uint32_t count : {1u, 2u}) refused({.type = "03", .count = count}, CardRefusal::count);
}

TEST_P(Card, is_the_first_of_an_account_that_was_opened_over_the_line) {
    ASSERT_FALSE(bench.authenticate_private().error);
    ASSERT_FALSE(bench.purchase(kOpen, private_keys(), 10000, 1).error);
    write(card, {.count = 2});
    EXPECT_TRUE(insert().ok());
    EXPECT_EQ(wallet().balance, 15000);
    EXPECT_EQ(base::to_hex(bench.security().card_serial), kSerial);
    EXPECT_FALSE(wallet().by_card);
}

TEST_P(Card, that_the_meter_does_not_know_or_that_does_not_know_it_is_refused) {
    FakeCard foreign(Bytes(16, 0x77));
    write(foreign, {.type = "01"});
    EXPECT_EQ(insert(foreign).refusal, CardRefusal::authentication);
    card.knows_no_meter = true;
    write(card, {.type = "01"});
    EXPECT_EQ(insert().refusal, CardRefusal::authentication);
    EXPECT_EQ(illegal(), 2u);
    Bench factory(GetParam());
    FakeCard blank(factory_keys()[8]);
    write(blank, {.type = "01"});
    EXPECT_EQ(factory.program().insert(blank).refusal, CardRefusal::factory_keys);
}

TEST_P(Card, with_any_answer_changed_under_way_is_refused_and_credits_nothing) {
    write(card, {.type = "01"});
    // 1 SELECT MF, 2 serial, 3 SELECT DF, 4 internal authentication, 5 challenge, 6 external, 7 to 9 files
    for (const int spoilt : {2, 4, 5, 7, 8, 9}) {
        card.spoil_at = spoilt;
        const meter::Insertion done = insert();
        EXPECT_TRUE(done.refusal) << spoilt;
        EXPECT_FALSE(done.credit) << spoilt;
        EXPECT_FALSE(wallet().open) << spoilt;
    }
}

TEST_P(Card, pulled_at_any_command_leaves_old_or_new_and_goes_on_when_it_is_inserted_again) {
    for (const bool before : {true, false}) {
        for (int at = before ? 0 : 1; at <= 11; ++at) {
            Bench fresh(GetParam());
            fresh.install_private_keys();
            FakeCard one(private_keys()[8]);
            write(one, {.type = "01", .flags = "80"});
            (before ? one.pull_at : one.lose_answer_at) = at;
            const meter::Insertion first = fresh.program().insert(one);
            if (before && at == 11) {
                EXPECT_TRUE(first.ok());
                continue;
            }
            EXPECT_TRUE(first.pulled) << at;
            fresh.power_cycle();
            const bool credited = fresh.security().wallet.open;
            EXPECT_EQ(credited, first.credit.has_value());
            EXPECT_EQ(fresh.security().wallet.balance, credited ? 5000 : 0) << at;
            EXPECT_EQ(fresh.security().parameters.alarm1, credited ? 2000u : 1000u) << "parameters come with the credit";
            EXPECT_EQ(fresh.security().illegal_insertions, 0u);
            one.pull_at = one.lose_answer_at = 1000;
            one.commands = 0;
            const meter::Insertion second = fresh.program().insert(one);
            EXPECT_TRUE(second.ok()) << at << ": " << second.text();
            EXPECT_EQ(second.known, credited);
            EXPECT_EQ(fresh.security().wallet.balance, 5000);
            EXPECT_NE(one.files[5], Bytes(49));
        }
    }
}

TEST_P(Card, whose_credit_cannot_be_stored_is_as_good_as_before) {
    write(card, {.type = "01"});
    bench.break_storage(true);
    EXPECT_EQ(insert().refusal, CardRefusal::not_stored);
    bench.break_storage(false);
    EXPECT_FALSE(wallet().open);
    EXPECT_EQ(illegal(), 0u);
    EXPECT_EQ(card.files[5], Bytes(49));
    EXPECT_TRUE(insert().ok());
    EXPECT_EQ(wallet().balance, 5000);
}

TEST_P(Card, inserted_while_there_is_no_credit_is_remembered_until_there_is) {
    open_by_card();
    bench.program().set_load(10'000);
    bench.pass(20 * base::kHour);
    ASSERT_EQ(bench.metering().relay.position, meter::RelayPosition::open);
    EXPECT_TRUE(insert().known);
    EXPECT_TRUE(bench.metering().inserted_at_zero);
    EXPECT_NE(bench.read(0x04008001).value()[0] & 0x80, 0);
    write(card, {.amount = 1000, .count = 2});
    ASSERT_TRUE(insert().ok());
    EXPECT_FALSE(bench.metering().inserted_at_zero);
    EXPECT_EQ(bench.metering().relay.position, meter::RelayPosition::open_closing_allowed);
}

ON_BOTH_GRADES(Card);

}  // namespace

#include "vending/card_sale.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/vending/card_platform.h"

namespace {

using base::Code;
using tests::CardMeter;
using tests::CutReader;
using tests::HeldCard;
using vending::CardSale;
namespace card = meter::card;
namespace pb = wire::pb;

const model::MeterNumber kMeter = *model::MeterNumber::parse(tests::kCardMeter);
const model::CustomerNumber kCustomer = *model::CustomerNumber::parse("000000004711");

CardSale sale(pb::OrderKind kind, std::int64_t fen) {
    CardSale out;
    out.kind = kind;
    out.order = base::Uuid::make_v7(1795329720000);
    out.meter = kMeter;
    out.customer = kCustomer;
    out.amount = model::Fen(kind == pb::REPLACE_CARD ? 0 : fen);
    return out;
}
CardSale again(CardSale s) {
    s.repeated = true;
    return s;
}

class card_sale : public testing::Test {
protected:
    card_sale() : kmpd_(folder_.path() + "/kmp.sock") {
        auto client = wire::StationClient::open(folder_.path() + "/kmp.sock");
        platform_.emplace(std::move(*client));
    }
    base::Result<vending::CardSold> sell(const CardSale& s) { return sell(s, card_); }
    base::Result<vending::CardSold> sell(const CardSale& s, HeldCard& held) {
        CutReader reader(held);
        auto sold = vending::sell_card(*platform_, reader, s);
        commands_ = reader.commands();
        return sold;
    }
    base::Result<vending::CardSold> sell_cut(const CardSale& s, unsigned at, bool carried_out) {
        CutReader reader(card_, at, carried_out);
        return vending::sell_card(*platform_, reader, s);
    }
    base::Result<vending::CardSeen> read() { return read(card_); }
    base::Result<vending::CardSeen> read(HeldCard& held) {
        CutReader reader(held);
        return vending::read_card(*platform_, reader, kMeter);
    }
    base::Result<vending::CardSeen> erase(bool lose_purchase = false, unsigned at = 0, bool carried_out = false) {
        CutReader reader(card_, at, carried_out);
        auto erased = vending::erase_card(*platform_, reader, kMeter, lose_purchase);
        commands_ = reader.commands();
        return erased;
    }
    card::CardState state() const { return card_.state.duplicate(); }

    tests::TemporaryFolder folder_;
    HeldCard card_{0x11};
    tests::CardPlatform kmpd_;
    std::optional<vending::Platform> platform_;
    CardMeter meter_;
    unsigned commands_ = 0;
};

}  // namespace

TEST_F(card_sale, opens_an_account_with_a_blank_card) {
    const auto sold = sell(sale(pb::OPEN_ACCOUNT, 5000));
    ASSERT_TRUE(sold) << sold.error().message;
    EXPECT_TRUE(sold->personalised);
    EXPECT_EQ(sold->count, 1u);
    EXPECT_EQ(sold->serial, "1102030405060708");
    EXPECT_TRUE(meter_.take(card_));
    EXPECT_EQ(meter_.balance, 5000);
}

TEST_F(card_sale, sells_on_the_customers_card_once_its_meter_has_taken_the_last_purchase) {
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    ASSERT_TRUE(meter_.take(card_));
    CardSale second = sale(pb::RECHARGE, 700);
    second.customer.reset();  // the one on the card
    const auto sold = sell(second);
    ASSERT_TRUE(sold) << sold.error().message;
    EXPECT_EQ(sold->customer, kCustomer);
    EXPECT_EQ(sold->count, 2u);
    EXPECT_EQ(kmpd_.credited, 1u);  // the write-back was reported before the order was made
    EXPECT_TRUE(meter_.take(card_));
    EXPECT_EQ(meter_.balance, 5700);
}

TEST_F(card_sale, refuses_while_the_card_holds_a_purchase_that_no_meter_has_taken) {
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    const auto refused = sell(sale(pb::RECHARGE, 700));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::refused);
    EXPECT_NE(refused.error().message.find("purchase count 1 with 50.00 yuan, which no meter has taken"), std::string::npos) << refused.error().message;
    EXPECT_EQ(kmpd_.orders.size(), 1u);
    // Also when it is called a repetition: the order is charged and waits, and the card keeps what it holds.
    const CardSale other = sale(pb::RECHARGE, 700);
    const auto waits = sell(again(other));
    ASSERT_FALSE(waits);
    EXPECT_NE(waits.error().message.find("--order-id " + other.order.text()), std::string::npos) << waits.error().message;
    ASSERT_TRUE(meter_.take(card_));
    ASSERT_TRUE(sell(again(other)));
    ASSERT_TRUE(meter_.take(card_));
    EXPECT_EQ(meter_.balance, 5700);
}

TEST_F(card_sale, refuses_a_purchase_on_a_blank_card_before_anything_is_charged) {
    const auto refused = sell(sale(pb::RECHARGE, 700));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("is blank"), std::string::npos);
    EXPECT_TRUE(kmpd_.orders.empty());
    EXPECT_EQ(state().keys.state(), meter::KeyState::factory);
}

TEST_F(card_sale, refuses_another_meters_card) {
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    // A copy of the card under another serial: its keys are the first one's.
    card::CardState copy = state();
    copy.serial[0] ^= 0xFF;
    card_.state = copy.duplicate();
    const auto refused = sell(sale(pb::RECHARGE, 700));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("neither blank nor a card of meter"), std::string::npos) << refused.error().message;
    EXPECT_EQ(kmpd_.orders.size(), 1u);
    EXPECT_EQ(state().tries, card::kTries);  // it was refused without being tried out
}

TEST_F(card_sale, refuses_a_write_back_that_contradicts_the_log) {
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    ASSERT_TRUE(meter_.take(card_));
    kmpd_.contradiction = "purchase count 9 was never given out";
    const auto refused = sell(sale(pb::RECHARGE, 700));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("count 9 was never given out"), std::string::npos);
    EXPECT_EQ(kmpd_.orders.size(), 1u);
    EXPECT_EQ(read()->contradiction, kmpd_.contradiction);
}

TEST_F(card_sale, refuses_a_count_that_the_meter_has_already) {
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    ASSERT_TRUE(meter_.take(card_));
    kmpd_.count = 0;  // a platform that forgot
    const auto refused = sell(sale(pb::RECHARGE, 700));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::conflict);
}

TEST_F(card_sale, a_broken_write_back_is_called_so) {
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    ASSERT_TRUE(meter_.take(card_));
    card::CardState broken = state();
    broken.file(card::FileId::write_back)[20] ^= 1;
    card_.state = broken.duplicate();
    EXPECT_EQ(sell(sale(pb::RECHARGE, 700)).error().code, Code::tampered);
    EXPECT_EQ(read().error().code, Code::tampered);
}

TEST_F(card_sale, a_wrong_mac_of_kmpd_leaves_the_card_as_it_was) {
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    ASSERT_TRUE(meter_.take(card_));
    const card::CardState before = state();
    kmpd_.wrong_mac = true;
    const auto refused = sell(sale(pb::RECHARGE, 700));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("the MAC is wrong"), std::string::npos) << refused.error().message;
    EXPECT_EQ(state().content, before.content);
}

TEST_F(card_sale, the_same_order_changes_nothing_once_its_purchase_was_taken) {
    const CardSale first = sale(pb::OPEN_ACCOUNT, 5000);
    ASSERT_TRUE(sell(first));
    ASSERT_TRUE(sell(again(first)));  // not taken yet: the same bytes again
    ASSERT_TRUE(meter_.take(card_));
    const card::CardState before = state();
    const auto sold = sell(again(first));
    ASSERT_TRUE(sold) << sold.error().message;
    EXPECT_TRUE(sold->taken);
    EXPECT_TRUE(sold->repeated);
    EXPECT_EQ(sold->receipt, 1u) << "of the charge, however often it was answered";
    EXPECT_EQ(state().content, before.content);
    EXPECT_EQ(kmpd_.orders.size(), 1u);
}

TEST_F(card_sale, a_replacement_carries_on_what_no_meter_has_taken) {
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    ASSERT_TRUE(meter_.take(card_));
    ASSERT_TRUE(sell(sale(pb::RECHARGE, 700)));  // and the card is lost
    HeldCard other(0x22);
    const auto replaced = sell(sale(pb::REPLACE_CARD, 0), other);
    ASSERT_TRUE(replaced) << replaced.error().message;
    EXPECT_EQ(replaced->count, 2u);
    EXPECT_EQ(replaced->amount.value(), 700);
    EXPECT_TRUE(meter_.take(other));
    EXPECT_FALSE(meter_.take(card_));  // found again: its count is spent
    EXPECT_EQ(meter_.balance, 5700);
}

TEST_F(card_sale, a_replacement_with_nothing_to_carry_credits_nothing) {
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    ASSERT_TRUE(meter_.take(card_));
    ASSERT_TRUE(read());  // which reports the write-back
    HeldCard other(0x22);
    ASSERT_TRUE(sell(sale(pb::REPLACE_CARD, 0), other));
    EXPECT_FALSE(meter_.take(other));
    EXPECT_EQ(meter_.balance, 5000);
    const auto seen = read(other);
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_EQ(seen->write_back->count, 1u);
    EXPECT_FALSE(seen->untaken);
}

TEST_F(card_sale, tells_what_a_card_holds) {
    EXPECT_TRUE(read()->blank);
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    auto seen = read();
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_TRUE(seen->untaken);
    EXPECT_EQ(seen->wallet.amount.value(), 5000);
    EXPECT_EQ(seen->parameters->customer, kCustomer);
    EXPECT_EQ(seen->parameters->type, vending::CardType::open_account);
    EXPECT_FALSE(seen->write_back);
    ASSERT_TRUE(meter_.take(card_));
    seen = read();
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_FALSE(seen->untaken);
    EXPECT_EQ(seen->write_back->balance.value(), 5000);
    EXPECT_EQ(seen->write_back->illegal_insertions, 2u);
    EXPECT_EQ(seen->write_back->time, "2026-11-22 06:42");
    EXPECT_EQ(seen->known_count, 1u);
}

TEST_F(card_sale, erases_a_card_and_keeps_one_that_holds_a_purchase) {
    EXPECT_TRUE(erase()->blank);
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    const auto refused = erase();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("--lose-purchase"), std::string::npos);
    ASSERT_TRUE(meter_.take(card_));
    ASSERT_TRUE(erase());
    EXPECT_EQ(state().content, card::CardState::blank({}).content);
    EXPECT_EQ(state().keys.state(), meter::KeyState::factory);
    EXPECT_EQ(kmpd_.credited, 1u);
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 100)));  // and it serves again
    ASSERT_TRUE(erase(true));
}

TEST_F(card_sale, erasing_goes_on_wherever_it_was_cut) {
    ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
    ASSERT_TRUE(meter_.take(card_));
    const card::CardState full = state();
    ASSERT_TRUE(erase());
    const unsigned whole = commands_;
    for (unsigned at = 1; at <= whole; ++at)
        for (const bool carried_out : {false, true}) {
            card_.state = full.duplicate();
            ASSERT_FALSE(erase(false, at, carried_out)) << at;
            const auto done = erase();
            ASSERT_TRUE(done) << at << " " << done.error().message;
            ASSERT_EQ(state().keys.state(), meter::KeyState::factory) << at;
            ASSERT_EQ(state().content, card::CardState::blank({}).content) << at;
        }
}

TEST_F(card_sale, writes_tariffs_in_pieces) {
    vending::Tariff tariff;
    tariff.prices = {4883, 12345678};
    tariff.ladder_limits = {18000, 35000};
    tariff.ladder_prices = {5283, 5783, 8283};
    CardSale with = sale(pb::OPEN_ACCOUNT, 5000);
    with.tariffs = *vending::encode_tariff(vending::CardFile::tariffs, tariff);
    with.next_tariffs = *vending::encode_tariff(vending::CardFile::next_tariffs, tariff);
    with.parameters.set_update_flag(0x0F);
    ASSERT_TRUE(sell(with));
    const card::CardState written = state();
    EXPECT_EQ(tests::text_of(written.file(card::FileId::tariffs)), with.tariffs);
    EXPECT_EQ(tests::text_of(written.file(card::FileId::next_tariffs)), with.next_tariffs);
    const auto file = written.file(card::FileId::tariffs);
    EXPECT_EQ(base::to_hex(file.first(12)), "680301020000488312345678");
    EXPECT_EQ(base::to_hex(file.subspan(4 + 32 * 4, 8)), "0001800000035000");
    EXPECT_EQ(base::to_hex(file.subspan(4 + 38 * 4, 12)), "000052830000578300008283");
    EXPECT_EQ(base::to_hex(file.subspan(4 + 252, 6)), "020200000000");
}

TEST_F(card_sale, a_sale_cut_at_any_command_is_finished_by_the_same_order_and_credited_once) {
    for (const pb::OrderKind kind : {pb::OPEN_ACCOUNT, pb::RECHARGE, pb::REPLACE_CARD}) {
        // Before the cut: a card that has been in its meter, or (otherwise) a blank one.
        const auto prepare = [&] {
            kmpd_.orders.clear();
            kmpd_.count = kmpd_.credited = 0;
            meter_ = {};
            card_ = HeldCard(0x11);
            if (kind == pb::OPEN_ACCOUNT) return;
            ASSERT_TRUE(sell(sale(pb::OPEN_ACCOUNT, 5000)));
            ASSERT_TRUE(meter_.take(card_));
            if (kind == pb::RECHARGE) return;
            ASSERT_TRUE(sell(sale(pb::RECHARGE, 300)));  // the card is lost with it
            card_ = HeldCard(0x33);
        };
        prepare();
        ASSERT_TRUE(sell(sale(kind, 700)));
        const unsigned whole = commands_;
        const auto complete = state();
        ASSERT_TRUE(meter_.take(card_));
        const std::int64_t expected = meter_.balance;
        for (unsigned at = 1; at <= whole; ++at)
            for (const bool carried_out : {false, true})
                for (const bool meter_between : {false, true}) {
                    prepare();
                    const std::size_t before = kmpd_.orders.size();
                    const CardSale s = sale(kind, 700);
                    const auto cut = sell_cut(s, at, carried_out);
                    ASSERT_FALSE(cut) << at;
                    ASSERT_EQ(cut.error().code, Code::token_removed) << cut.error().message;
                    if (meter_between) meter_.take(card_);
                    const auto sold = sell(again(s));
                    ASSERT_TRUE(sold) << "cut at command " << at << ": " << sold.error().message;
                    ASSERT_EQ(kmpd_.orders.size(), before + 1) << at;
                    if (!meter_between) {
                        ASSERT_EQ(state().content, complete.content) << at;
                    }
                    meter_.take(card_);
                    ASSERT_EQ(meter_.balance, expected) << "kind " << kind << ", cut at command " << at << ", carried out " << carried_out;
                    ASSERT_FALSE(meter_.take(card_));
                }
    }
}

TEST_F(card_sale, whatever_is_cut_and_inserted_in_whatever_order_each_sale_is_credited_once) {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        std::mt19937 chance(seed);
        kmpd_.orders.clear();
        kmpd_.count = kmpd_.credited = 0;
        meter_ = {};
        card_ = HeldCard(0x11);
        std::int64_t paid = 0;
        for (int purchase = 0; purchase < 5; ++purchase) {
            const CardSale s = sale(purchase == 0 ? pb::OPEN_ACCOUNT : pb::RECHARGE, 100 + purchase);
            for (int tries = 0; tries < 6; ++tries) {
                static_cast<void>(sell_cut(again(s), static_cast<unsigned>(1 + chance() % 45), chance() % 2 == 0));
                if (chance() % 3 == 0) meter_.take(card_);
            }
            const auto sold = sell(again(s));
            ASSERT_TRUE(sold) << "seed " << seed << ": " << sold.error().message;
            paid += s.amount.value();
            meter_.take(card_);
            ASSERT_EQ(meter_.balance, paid) << "seed " << seed;
        }
        ASSERT_EQ(kmpd_.orders.size(), 5u);
    }
}

TEST(tariff, reads_what_a_person_writes) {
    const auto tariff = vending::parse_tariff("prices = ['0.4883', '1']\n[ladder]\nlimits = ['180', '350.5']\nprices = ['0.5', '0.6', '0.7']\n");
    ASSERT_TRUE(tariff) << tariff.error().message;
    EXPECT_EQ(tariff->prices, (std::vector<std::uint32_t>{4883, 10000}));
    EXPECT_EQ(tariff->ladder_limits, (std::vector<std::uint32_t>{18000, 35050}));
    EXPECT_EQ(tariff->ladder_prices, (std::vector<std::uint32_t>{5000, 6000, 7000}));
}

TEST(tariff, refuses_what_a_meter_could_not_hold) {
    for (const char* text : {"", "prices", "[]", "7", "price = ['1']", "prices = '1'", "prices = [1]", "prices = ['1.23456']", "prices = ['-1']", "prices = ['1.']", "prices = ['12345']", "prices = ['.5']",
                             "ladder = 7", "[ladder]\nlimits = ['1.234']", "[ladder]\nsteps = ['1']", "days = [['00:00 1']]"})
        EXPECT_FALSE(vending::parse_tariff(text)) << text;
    for (const vending::Tariff& tariff : {vending::Tariff{}, vending::Tariff{std::vector<std::uint32_t>(33), {}, {}}, vending::Tariff{{}, {2, 1}, {1, 2, 3}}, vending::Tariff{{}, {1, 1}, {1, 2, 3}},
                                          vending::Tariff{{}, {1}, {1}}, vending::Tariff{{1}, {}, {1}}, vending::Tariff{{}, {1, 2, 3, 4, 5, 6, 7}, {1, 2, 3, 4, 5, 6, 7, 8}}, vending::Tariff{{100'000'000}, {}, {}}})
        EXPECT_FALSE(vending::encode_tariff(vending::CardFile::tariffs, tariff));
}

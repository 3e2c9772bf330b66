// What a permit covers, and what it does not.
#include "tokens/custodian.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <asio/io_context.hpp>

#include "kmp/suite/card_requests.h"

namespace {

namespace suite = kmp::suite;
using base::Code;
using model::Ask;
using model::Fen;
using model::Operation;
using model::OrderKind;

const auto kMeter = model::MeterNumber::from_number(4711).value();
const auto kOther = model::MeterNumber::from_number(4712).value();
const auto kUkey = base::UkeySerial::parse("U-1").value();
const base::Bytes kFour(4, 1);
const base::Bytes kEight(8, 1);

suite::MeterKeys keys(model::MeterNumber meter = kMeter) {
    suite::MeterKeys out{model::KeyState::production, 1, {}, meter};
    for (const model::KeyClass c : model::kAllClasses) out.masters.set(c, 1);
    return out;
}
suite::CardKeys card(model::MeterNumber meter = kMeter) { return {keys(meter), {1, 2, 3, 4, 5, 6, 7, 8}}; }

class custodian : public testing::Test {
protected:
    custodian() : custodian_(std::chrono::seconds(5)) {
        int pair[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        far_ = base::Fd(pair[1]);
        custodian_.open(kUkey, std::make_shared<tokens::HostChannel>(io_, base::Fd(pair[0]), "U-1", [](const base::Error&) {}), 1);
    }
    /// Whether the request goes through to the token under a permit for `ask`.
    bool passes(Ask ask, suite::pb::HostRequest request) {
        model::Grant g;
        g.ukey = kUkey;
        g.number = 1;
        g.operations = (model::OperationSet{1} << model::kOperationCount) - 1;
        g.classes = suite::kEveryClass;
        g.meters = {{kMeter, kOther}};
        g.per_order = g.per_day = g.per_month = Fen(100'000);
        g.orders_per_minute = 100;
        g.not_after = 10;
        auto permit = model::permit(g, ask, {}, 5, 0);
        EXPECT_TRUE(permit) << permit.error().message;
        bool refused = false;
        custodian_.perform(std::move(*permit), std::move(request), [&](base::Result<tokens::HostAnswer> a) { refused = !a && a.error().code == Code::internal; });
        return !refused;
    }
    asio::io_context io_;
    base::Fd far_;
    tokens::Custodian custodian_;
};

Ask order_ask(OrderKind kind, std::int64_t amount, bool by_card = false) {
    Ask ask;
    ask.operation = model::operation_of(kind);
    ask.meter = kMeter;
    ask.order = true;
    ask.carries = Fen(amount);
    if (by_card) ask.also = model::bit(Operation::card);
    return ask;
}
suite::pb::HostRequest order(OrderKind kind, std::int64_t amount, suite::MeterKeys under = keys()) { return suite::order(under, {kind, Fen(amount), 1, {}, {}}); }
suite::pb::HostRequest purchase(std::int64_t amount, suite::CardKeys under = card()) { return suite::purchase(under, {base::Bytes(45, 1), Fen(amount), 1, {}, {}}, kFour); }
suite::pb::HostRequest wallet(std::int64_t amount, suite::CardKeys under = card()) { return suite::update_card(under, 2, 0, suite::wallet_file(Fen(amount), 1), kFour); }

TEST_F(custodian, what_proves_a_station_is_about_no_meter_and_passes_for_nothing_else) {
    Ask station;
    station.operation = Operation::authenticate;
    Ask meter = station;
    meter.meter = kMeter;
    suite::pb::HostRequest proof, tls, statement;
    proof.mutable_sign_station()->set_content("c");
    tls.mutable_sign_tls()->set_content("c");
    statement.mutable_sign_statement()->set_purpose("session");
    EXPECT_TRUE(passes(station, proof));
    EXPECT_FALSE(passes(meter, proof));
    EXPECT_FALSE(passes(station, suite::authenticate(keys())));
    EXPECT_FALSE(passes(station, tls));
    EXPECT_FALSE(passes(station, statement));
    Ask sign;
    sign.operation = Operation::sign;
    EXPECT_FALSE(passes(sign, proof));
}

TEST_F(custodian, an_order_carries_its_own_amount_kind_and_meter_also_when_it_is_answered_again) {
    // orders is 0 in all of these: answered again, nothing is charged, and still nothing else may be signed.
    EXPECT_TRUE(passes(order_ask(OrderKind::recharge, 500), order(OrderKind::recharge, 500)));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500), order(OrderKind::recharge, 501)));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500), order(OrderKind::open_account, 500)));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500), order(OrderKind::recharge, 500, keys(kOther))));
    EXPECT_TRUE(passes(order_ask(OrderKind::refund, 500), order(OrderKind::refund, 500)));
    EXPECT_TRUE(passes(order_ask(OrderKind::clear, 500), order(OrderKind::clear, 500)));
    EXPECT_FALSE(passes(order_ask(OrderKind::refund, 500), order(OrderKind::recharge, 500))) << "a permit to take money out puts none in";
    EXPECT_TRUE(passes(order_ask(OrderKind::initialise_wallet, 500), order(OrderKind::initialise_wallet, 500, suite::factory_keys(kMeter))));
    EXPECT_FALSE(passes(order_ask(OrderKind::initialise_wallet, 500), order(OrderKind::initialise_wallet, 500))) << "under private keys";
}

TEST_F(custodian, a_wallet_goes_with_an_order_by_card_only_and_with_its_amount) {
    EXPECT_TRUE(passes(order_ask(OrderKind::recharge, 500, true), wallet(500)));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500, true), wallet(501)));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500, true), wallet(500, card(kOther))));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500), wallet(500))) << "a remote order";
    EXPECT_FALSE(passes(order_ask(OrderKind::refund, 500), wallet(500)));
    EXPECT_TRUE(passes(order_ask(OrderKind::replace_card, 300), wallet(300)));
    EXPECT_FALSE(passes(order_ask(OrderKind::replace_card, 0), wallet(300)));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500, true), suite::update_card(card(), 1, 0, base::Bytes(45, 1), kFour))) << "parameters without the MAC of a purchase";
    EXPECT_TRUE(passes(order_ask(OrderKind::recharge, 500, true), purchase(500)));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500, true), purchase(501)));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500, true), purchase(500, card(kOther))));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500), purchase(500))) << "a remote order";
    EXPECT_TRUE(passes(order_ask(OrderKind::replace_card, 300), purchase(300)));
    EXPECT_FALSE(passes(order_ask(OrderKind::recharge, 500, true), suite::update_card(card(), 3, 0, base::Bytes(240, 1), kFour)));
}

TEST_F(custodian, who_writes_cards_puts_no_credit_on_them) {
    Ask ask;
    ask.operation = Operation::card;
    ask.meter = kMeter;
    EXPECT_TRUE(passes(ask, suite::authenticate_card(card(), kEight, kEight, kEight)));
    EXPECT_TRUE(passes(ask, suite::write_card_key({suite::factory_keys(kMeter), {}}, card(), 5, kFour)));
    EXPECT_TRUE(passes(ask, suite::read_card(card(), 5, 0, kEight, kEight, kFour)));
    EXPECT_TRUE(passes(ask, suite::update_card(card(), 3, 0, base::Bytes(240, 1), kFour)));
    EXPECT_TRUE(passes(ask, suite::update_card(card(), 2, 0, base::Bytes(8), kFour)));
    EXPECT_FALSE(passes(ask, wallet(500)));
    EXPECT_FALSE(passes(ask, purchase(500)));
    EXPECT_FALSE(passes(ask, purchase(0)));
    EXPECT_FALSE(passes(ask, suite::update_card(card(), 1, 0, base::Bytes(45, 1), kFour)));
    EXPECT_FALSE(passes(ask, suite::authenticate_card(card(kOther), kEight, kEight, kEight)));
    EXPECT_FALSE(passes(ask, suite::write_card_key(card(kOther), {suite::factory_keys(kMeter), {}}, 5, kFour)));
    EXPECT_FALSE(passes(ask, suite::read_card(card(kOther), 5, 0, kEight, kEight, kFour)));
    EXPECT_FALSE(passes(ask, order(OrderKind::recharge, 0)));
}

TEST_F(custodian, the_rest_goes_with_its_own_operation_and_meter) {
    struct Line {
        Operation operation;
        suite::pb::HostRequest good;
        suite::pb::HostRequest other_meter;
    };
    const std::vector<Line> lines{
        {Operation::authenticate, suite::validity(keys(), kFour, 30), suite::validity(keys(kOther), kFour, 30)},
        {Operation::write_parameter, suite::parameter(keys(), kFour, 0x04001001, kFour, false), suite::parameter(keys(kOther), kFour, 0x04001001, kFour, false)},
        {Operation::check_status, suite::read_back(keys(), kEight, kFour, kFour), suite::read_back(keys(kOther), kEight, kFour, kFour)},
    };
    for (const Line& asked : lines)
        for (const Line& sent : lines) {
            Ask ask;
            ask.operation = asked.operation;
            ask.meter = kMeter;
            EXPECT_EQ(passes(ask, sent.good), asked.operation == sent.operation);
            EXPECT_FALSE(passes(ask, sent.other_meter));
        }
}

}  // namespace

// What a meter's orders may come to: accounts, refunds, new wallets, cards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "audit/meter_counts.h"
#include "audit/replay.h"
#include "model/operation.h"
#include "tests/audit/sample_log.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using model::Operation;
using model::OrderKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kMeter = 100'000'000'001;
const std::string kCard = "\x11\x22\x33\x44\x55\x66\x77\x88";

/// The log up to here: U1 may do everything with orders and cards, the key UKEY K1 may initialise wallets. Records 0 to 6.
struct Log : SampleLog {
    Log() {
        add(genesis());
        begin_ukey("U1", model::UkeyKind::user);
        begin_ukey("K1", model::UkeyKind::key);
    }
    void begin_ukey(const char* serial, model::UkeyKind kind) {
        add(Event(EventType::ukey_initialised).text(Field::ukey, serial).value(Field::ukey_kind, kind));
        add(Event(EventType::ukey_issued).text(Field::ukey, serial).value(Field::ukey_kind, kind).text(Field::holder, "Li Wei"));
        model::Grant g = grant();
        g.ukey = *base::UkeySerial::parse(serial);
        g.kind = kind;
        if (kind == model::UkeyKind::key) g.station.clear();
        g.operations |= model::bit(Operation::refund) | model::bit(Operation::card) | model::bit(Operation::initialise_wallet);
        add(grant_set(g));
    }
    /// An order; `change` adds to it.
    void order(OrderKind kind, std::uint64_t count, std::uint64_t amount, const std::function<void(Event&)>& change = {}) {
        base::Bytes id = *base::from_hex("019aa9d0c1007c4d8e5f607182930000");
        id[15] = ++made_;
        Event e(EventType::order);
        const bool wallet = kind == OrderKind::initialise_wallet;
        e.text(Field::ukey, wallet ? ukey_for_wallets_ : "U1").text(Field::station, wallet ? ukey_for_wallets_ : "s-1").number(Field::meter, kMeter).bytes(Field::order_id, id);
        e.value(Field::operation, model::operation_of(kind)).number(Field::amount, amount).number(Field::count, count).number(Field::customer, wallet ? 0 : customer_);
        e.bytes(Field::content_hash, base::sha256(id)).number(Field::grant_number, 1).number(Field::key_version, wallet ? 0 : version_);
        if (kind == OrderKind::clear || kind == OrderKind::replace_card) e.value(Field::order_kind, kind);
        if (change) change(e);
        if (kind != OrderKind::replace_card) by_count_[count] = records.size();
        add(e);
    }
    void by_card(OrderKind kind, std::uint64_t count, std::uint64_t amount, std::uint64_t file = 1) {
        order(kind, count, amount, [file](Event& e) { e.value(Field::channel, audit::Channel::card).bytes(Field::card, base::as_bytes(kCard)).number(Field::file, file); });
    }
    void status(std::uint64_t count) { add(Event(EventType::status_checked).number(Field::meter, kMeter).flag(Field::genuine, true).number(Field::count, count)); }
    /// File 2: the wallet with this count; file 5: the write-back, empty without one.
    void card_read(std::uint64_t file, std::optional<std::uint8_t> count) {
        Event e(EventType::card_reported);
        e.number(Field::meter, kMeter).bytes(Field::card, base::as_bytes(kCard)).number(Field::file, file).flag(Field::genuine, true);
        if (file == 2) e.bytes(Field::data, base::Bytes{0, 0, 0, 0, 0, 0, 0, count.value_or(0)});
        else if (count) e.number(Field::count, *count);
        add(e);
    }
    /// `record`: of the order; 0: that which has this count.
    void voided(OrderKind kind, std::uint64_t count, std::uint64_t amount, std::uint64_t record = 0) {
        Event e(EventType::order_voided);
        e.text(Field::ukey, "U1").text(Field::station, "s-1").number(Field::meter, kMeter).bytes(Field::order_id, *base::from_hex("019aa9d0c1007c4d8e5f607182930000"));
        e.value(Field::operation, model::operation_of(kind)).number(Field::amount, amount).number(Field::count, count).number(Field::customer, customer_);
        e.time(Field::made_at, kDayOne).number(Field::order_index, record != 0 ? record : by_count_[count]);
        add(e);
    }
    void repeated(std::uint64_t count) {
        Event e(EventType::order_repeated);
        base::Bytes id = *base::from_hex("019aa9d0c1007c4d8e5f607182930000");
        id[15] = made_;
        e.text(Field::ukey, "U1").text(Field::station, "s-1").number(Field::meter, kMeter).bytes(Field::order_id, id).number(Field::count, count).bytes(Field::content_hash, base::sha256(id));
        add(e);
    }
    void loaded(std::uint64_t version) {
        add(Event(EventType::keys_loaded).number(Field::meter, kMeter).value(Field::outcome, audit::Outcome::done).number(Field::key_version, version));
    }
    void rotated(std::uint64_t version) { add(Event(EventType::keys_rotated).number(Field::classes, 0x3F).number(Field::key_version, version)); }

    std::uint64_t customer_ = 42;
    std::uint64_t version_ = 1;
    std::string ukey_for_wallets_ = "K1";
    std::uint8_t made_ = 0;
    std::map<std::uint64_t, std::uint64_t> by_count_;  ///< records of orders
};

auto found(const std::function<void(Log&)>& history) {
    Log log;
    history(log);
    return rules_of(log.verify());
}

TEST(meter_counts, a_line_stays_where_it_is_while_the_same_meter_is_looked_for_again) {
    audit::MeterCounts counts;
    for (std::uint64_t meter = 1; meter <= 5000; ++meter) {
        bool known = true;
        audit::MeterLine& line = counts.at(meter, known);
        EXPECT_FALSE(known);
        line.count = meter;
        ASSERT_EQ(&counts.at(meter, known), &line) << meter;
        EXPECT_TRUE(known);
    }
    for (std::uint64_t meter = 1; meter <= 5000; ++meter) {
        bool known = false;
        EXPECT_EQ(counts.at(meter, known).count, meter);
    }
}

TEST(meter_rules, an_account_is_opened_recharged_refunded_cleared_and_opened_again) {
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.order(OrderKind::refund, 3, 2000);
                    log.order(OrderKind::clear, 4, 4000);
                    log.customer_ = 43;
                    log.order(OrderKind::open_account, 5, 0);
                    log.order(OrderKind::recharge, 6, 1000);
                }),
                IsEmpty());
}

TEST(meter_rules, an_order_without_an_account_or_of_another_customer_is_found) {
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::clear, 2, 5000);
                    log.order(OrderKind::recharge, 3, 1000);
                }),
                ElementsAre("account@9"));
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::open_account, 2, 5000);
                }),
                ElementsAre("account@8"));
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.customer_ = 43;
                    log.order(OrderKind::recharge, 2, 1000);
                }),
                ElementsAre("account@8"));
}

TEST(meter_rules, more_given_back_than_was_sold_is_found) {
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::refund, 2, 5001);
                }),
                ElementsAre("refund@8"));
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::refund, 2, 3000);
                    log.order(OrderKind::clear, 3, 3000);
                }),
                ElementsAre("refund@9"));
}

TEST(meter_rules, a_refund_or_clear_that_takes_no_count_is_found) {
    for (const OrderKind kind : {OrderKind::refund, OrderKind::clear})
        EXPECT_THAT(found([&](Log& log) {
                        log.order(OrderKind::open_account, 1, 5000);
                        log.order(kind, 1, 1000);
                    }),
                    ElementsAre("count@8"));
}

TEST(meter_rules, a_refund_never_gives_caps_back) {
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 10'000);
                    log.order(OrderKind::refund, 2, 10'000);
                    log.order(OrderKind::recharge, 3, 10'000);
                    log.order(OrderKind::recharge, 4, 1);
                }),
                ElementsAre("grant@10"))
        << "300.00 yuan a day";
}

TEST(meter_rules, a_new_wallet_begins_a_new_epoch_under_newer_keys) {
    EXPECT_THAT(found([](Log& log) {
                    log.loaded(1);
                    log.order(OrderKind::open_account, 1, 5000);
                    log.rotated(2);
                    log.order(OrderKind::initialise_wallet, 0, 300);
                    log.loaded(2);
                    log.version_ = 2;
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::refund, 2, 5300);
                }),
                IsEmpty());
}

TEST(meter_rules, a_new_wallet_without_newer_keys_or_with_a_count_is_found) {
    EXPECT_THAT(found([](Log& log) {
                    log.loaded(1);
                    log.order(OrderKind::initialise_wallet, 0, 0);
                }),
                ElementsAre("keys@8"));
    EXPECT_THAT(found([](Log& log) { log.order(OrderKind::initialise_wallet, 1, 0); }), ElementsAre("count@7"));
    EXPECT_THAT(found([](Log& log) { log.order(OrderKind::initialise_wallet, 0, 0); }), IsEmpty()) << "a meter that never had private keys";
    EXPECT_THAT(found([](Log& log) {
                    log.ukey_for_wallets_ = "U1";
                    log.order(OrderKind::initialise_wallet, 0, 0, [](Event&) {});
                }),
                ::testing::Contains("grant@7"))
        << "no key UKEY";
}

TEST(meter_rules, old_keys_after_a_new_wallet_are_found) {
    const auto renewed = [](Log& log) {
        log.loaded(1);
        log.order(OrderKind::open_account, 1, 5000);
        log.rotated(2);
        log.order(OrderKind::initialise_wallet, 0, 0);
    };
    EXPECT_THAT(found([&](Log& log) {
                    renewed(log);
                    log.loaded(1);
                }),
                ElementsAre("keys@11"));
    EXPECT_THAT(found([&](Log& log) {
                    renewed(log);
                    log.order(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("keys@11"));
    EXPECT_THAT(found([&](Log& log) {
                    renewed(log);
                    log.add(Event(EventType::keys_sent).text(Field::ukey, "K1").number(Field::meter, kMeter).flag(Field::recover, false).number(Field::key_version, 1));
                }),
                ElementsAre("keys@11"));
}

TEST(meter_rules, an_order_from_before_a_new_wallet_that_is_answered_again_is_found) {
    const auto again = [](Log& log) {
        base::Bytes id = *base::from_hex("019aa9d0c1007c4d8e5f607182930000");
        id[15] = 1;
        log.add(Event(EventType::order_repeated).text(Field::station, "s-1").bytes(Field::order_id, id).number(Field::meter, kMeter).number(Field::count, 1).bytes(Field::content_hash, base::sha256(id)));
    };
    EXPECT_THAT(found([&](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    again(log);
                }),
                IsEmpty());
    EXPECT_THAT(found([&](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.rotated(2);
                    log.order(OrderKind::initialise_wallet, 0, 0);
                    again(log);
                }),
                ElementsAre("count@10"));
}

TEST(meter_rules, a_sale_by_card_and_its_replacement_are_fine) {
    EXPECT_THAT(found([](Log& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.by_card(OrderKind::recharge, 2, 1000);
                    log.by_card(OrderKind::replace_card, 2, 0);
                    log.order(OrderKind::recharge, 3, 1000);
                }),
                IsEmpty());
}

TEST(meter_rules, card_orders_that_cannot_be_are_found) {
    EXPECT_THAT(found([](Log& log) { log.by_card(OrderKind::open_account, 1, 5000, 2); }), ElementsAre("card@7")) << "its wallet before its parameters";
    EXPECT_THAT(found([](Log& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.by_card(OrderKind::replace_card, 2, 0);
                }),
                ElementsAre("count@8"))
        << "a replacement takes no count";
    EXPECT_THAT(found([](Log& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.by_card(OrderKind::replace_card, 1, 100);
                }),
                ElementsAre("card@8"))
        << "and sells nothing";
    EXPECT_THAT(found([](Log& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.by_card(OrderKind::refund, 2, 100);
                }),
                ElementsAre("card@8"));
    EXPECT_THAT(found([](Log& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::replace_card, 1, 0);
                }),
                ::testing::Contains("card@8"));
}

TEST(meter_rules, an_order_that_was_shown_not_to_be_credited_may_be_voided) {
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.status(1);
                    log.voided(OrderKind::recharge, 2, 1000);
                    log.order(OrderKind::recharge, 2, 700);
                    log.order(OrderKind::refund, 3, 5700);
                }),
                IsEmpty());
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.status(0);
                    log.voided(OrderKind::open_account, 1, 5000);
                    log.customer_ = 43;
                    log.order(OrderKind::open_account, 1, 100);
                }),
                IsEmpty());
    EXPECT_THAT(found([](Log& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.card_read(2, 0);
                    log.card_read(5, std::nullopt);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                IsEmpty());
}

TEST(meter_rules, a_void_without_proof_since_the_last_answer_is_found) {
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@8"));
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.status(1);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@9"))
        << "credited";
    EXPECT_THAT(found([](Log& log) {
                    log.status(0);
                    log.order(OrderKind::open_account, 1, 5000);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@9"))
        << "shown before it was made";
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.status(0);
                    log.repeated(1);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@10"))
        << "answered again since";
    EXPECT_THAT(found([](Log& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.status(0);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@9"))
        << "the card is still somewhere";
    EXPECT_THAT(found([](Log& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.card_read(5, std::nullopt);
                    log.card_read(2, 0);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@10"))
        << "its write-back was read before its wallet";
    EXPECT_THAT(found([](Log& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.card_read(2, 1);
                    log.card_read(5, std::nullopt);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@10"))
        << "the wallet still holds it";
}

TEST(meter_rules, a_count_that_was_never_given_out_and_shows_is_found) {
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.status(1);
                    log.voided(OrderKind::recharge, 2, 1000);
                    log.status(1);
                    log.status(2);
                    log.order(OrderKind::recharge, 2, 700);
                    log.status(2);
                }),
                ElementsAre("count@12"))
        << "what was voided was credited after all";
    EXPECT_THAT(found([](Log& log) {
                    log.status(7);
                    log.order(OrderKind::open_account, 1, 5000);
                }),
                IsEmpty())
        << "it was somebody else's before";
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.add(Event(EventType::restored).number(Field::size, 8).bytes(Field::data_hash, base::sha256({})));
                    log.status(2);
                    log.order(OrderKind::recharge, 2, 1000);
                }),
                IsEmpty())
        << "the order with count 2 is not in what was restored";
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 5000);
                    log.rotated(2);
                    log.order(OrderKind::initialise_wallet, 0, 0);
                    log.status(2);
                    log.version_ = 2;
                    log.order(OrderKind::open_account, 1, 5000);
                }),
                IsEmpty())
        << "its wallet may not have begun anew yet";
}

TEST(meter_rules, a_void_of_what_was_answered_too_often_is_found) {
    const auto answered = [](int times) {
        return [times](Log& log) {
            log.order(OrderKind::open_account, 1, 5000);
            for (int i = 1; i < times; ++i) log.repeated(1);
            log.status(0);
            log.voided(OrderKind::open_account, 1, 5000);
        };
    };
    EXPECT_THAT(found(answered(16)), IsEmpty());
    EXPECT_THAT(found(answered(17)), ElementsAre("void@25"));
}

TEST(meter_rules, a_void_of_what_is_not_the_newest_order_is_found) {
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.status(0);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@10"));
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.status(0);
                    log.voided(OrderKind::replace_card, 1, 5000);
                }),
                ElementsAre("void@9"))
        << "the operation of what was voided is no order's";
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.status(0);
                    log.voided(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 1, 1000);
                }),
                ElementsAre("account@10"))
        << "the account went with it";
}

TEST(meter_rules, what_shows_that_the_newest_order_was_not_credited_says_that_of_an_earlier_one_only_by_its_count) {
    const auto both = [](Log& log) {
        log.voided(OrderKind::recharge, 2, 1000);
        log.voided(OrderKind::open_account, 1, 5000);
    };
    EXPECT_THAT(found([&](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.status(0);
                    both(log);
                }),
                IsEmpty());
    EXPECT_THAT(found([&](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.status(1);
                    both(log);
                }),
                ElementsAre("void@11"))
        << "the meter had the first";
    EXPECT_THAT(found([&](Log& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.by_card(OrderKind::recharge, 2, 1000);
                    log.card_read(2, 0);
                    log.card_read(5, std::nullopt);
                    both(log);
                }),
                ElementsAre("void@12"))
        << "the card was read for the second";
}

TEST(meter_rules, a_void_of_more_than_was_sold_or_of_another_order_is_found) {
    const auto shown = [](Log& log) {
        log.order(OrderKind::open_account, 1, 5000);
        log.order(OrderKind::recharge, 2, 1000);
        log.status(1);
    };
    EXPECT_THAT(found([&](Log& log) {
                    shown(log);
                    log.voided(OrderKind::recharge, 2, 1001);
                }),
                ElementsAre("void@10"));
    EXPECT_THAT(found([&](Log& log) {
                    shown(log);
                    log.voided(OrderKind::refund, 2, 1000);
                }),
                ElementsAre("void@10"));
    EXPECT_THAT(found([&](Log& log) {
                    shown(log);
                    log.voided(OrderKind::recharge, 2, 1000, 7);
                }),
                ElementsAre("void@10"));
}

TEST(meter_rules, a_voided_order_gives_its_cap_back_and_no_more) {
    const auto fill = [](Log& log, std::uint64_t again) {
        const std::uint64_t most = static_cast<std::uint64_t>(SampleLog::grant().per_order.value());
        const std::uint64_t day = static_cast<std::uint64_t>(SampleLog::grant().per_day.value());
        std::uint64_t count = 0;
        log.order(OrderKind::open_account, ++count, most);
        for (std::uint64_t sold = most; sold + most <= day; sold += most) log.order(OrderKind::recharge, ++count, most);
        log.status(count - 1);
        log.voided(count == 1 ? OrderKind::open_account : OrderKind::recharge, count, most);
        for (std::uint64_t i = 0; i < again; ++i) log.order(count == 1 ? OrderKind::open_account : OrderKind::recharge, count + i, most);
    };
    EXPECT_THAT(found([&](Log& log) { fill(log, 1); }), IsEmpty());
    EXPECT_THAT(found([&](Log& log) { fill(log, 2); }), ::testing::SizeIs(1)) << "the second is over the cap again";
}

TEST(meter_rules, a_station_that_sells_while_it_is_held_or_is_released_by_nobody_is_found) {
    const auto hold = [](Log& log) { log.add(Event(EventType::station_held).text(Field::station, "s-1").number(Field::count, 6).number(Field::amount, 600).number(Field::minutes, 10)); };
    EXPECT_THAT(found([&](Log& log) {
                    hold(log);
                    log.order(OrderKind::open_account, 1, 100, [](Event& e) { e.time(Field::happened_at, kDayOne); });
                    log.order(OrderKind::recharge, 2, 100, [](Event& e) { e.time(Field::happened_at, kDayOne + base::kHour); });
                }),
                ElementsAre("velocity@9"))
        << "the first was permitted before";
    EXPECT_THAT(found([&](Log& log) { log.add(Event(EventType::station_released).text(Field::station, "s-1").text(Field::reason, "x").bytes(Field::signature, base::Bytes(64))); }),
                ElementsAre("velocity@7", "velocity@7"))
        << "it was not held, and the signature is nobody's";
}

TEST(meter_rules, the_release_of_one_hold_does_not_lift_the_next) {
    const auto hold = [](Log& log) { log.add(Event(EventType::station_held).text(Field::station, "s-1").number(Field::count, 6).number(Field::amount, 600).number(Field::minutes, 10)); };
    const auto release = [](Log& log, base::Millis since) {
        const base::Bytes signature = log.pki.issuing.sign_statement("revocation", audit::release_statement("s-1", since));
        log.add(Event(EventType::station_released).text(Field::station, "s-1").text(Field::reason, "x").time(Field::happened_at, since).bytes(Field::signature, signature));
    };
    const auto twice = [&](Log& log, bool its_own) {
        const base::Millis first = log.now;
        hold(log);
        log.now += base::kMinute;
        release(log, first);
        log.now += base::kMinute;
        hold(log);
        release(log, its_own ? log.now : first);
    };
    EXPECT_THAT(found([&](Log& log) { twice(log, true); }), IsEmpty());
    EXPECT_THAT(found([&](Log& log) { twice(log, false); }), ElementsAre("velocity@10"));
}

TEST(meter_rules, a_sale_by_card_takes_card_in_the_grant) {
    EXPECT_THAT(found([](Log& log) {
                    model::Grant g = SampleLog::grant();
                    g.number = 2;
                    log.add(log.grant_set(g));
                    log.order(OrderKind::open_account, 1, 5000, [](Event&) {});
                }),
                ElementsAre("grant@8"))
        << "the number of the grant";
    EXPECT_THAT(found([](Log& log) {
                    log.begin_ukey("U2", model::UkeyKind::user);
                    model::Grant g = SampleLog::grant();
                    g.ukey = *base::UkeySerial::parse("U2");
                    g.number = 2;
                    log.add(log.grant_set(g));
                    base::Bytes id = *base::from_hex("019aa9d0c1007c4d8e5f6071829300ff");
                    Event e(EventType::order);
                    e.text(Field::ukey, "U2").text(Field::station, "s-1").number(Field::meter, kMeter).bytes(Field::order_id, id).value(Field::operation, Operation::open_account);
                    e.number(Field::amount, 5000).number(Field::count, 1).bytes(Field::content_hash, base::sha256(id)).number(Field::grant_number, 2);
                    e.value(Field::channel, audit::Channel::card).bytes(Field::card, base::as_bytes(kCard)).number(Field::file, 1);
                    log.add(e);
                }),
                ElementsAre("grant@11"));
}

TEST(meter_rules, an_order_whose_kind_and_operation_do_not_go_together_is_found) {
    EXPECT_THAT(found([](Log& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000, [](Event& e) { e.value(Field::order_kind, OrderKind::clear); });
                }),
                ::testing::Contains("grant@8"));
}

TEST(meter_rules, work_on_cards_and_parameters_with_a_suspended_ukey_is_found) {
    const auto suspended = [](Log& log) {
        log.add(Event(EventType::ukey_state_changed)
                    .text(Field::ukey, "U1")
                    .value(Field::action, model::UkeyAction::suspend)
                    .value(Field::state_from, model::UkeyState::issued)
                    .value(Field::state_to, model::UkeyState::suspended));
    };
    const auto card = base::as_bytes(kCard);
    for (const Event& e : {Event(EventType::card_authenticated).text(Field::ukey, "U1").number(Field::meter, kMeter).bytes(Field::card, card).flag(Field::genuine, true),
                           Event(EventType::card_key_written).text(Field::ukey, "U1").number(Field::meter, kMeter).bytes(Field::card, card).number(Field::usage, 5).flag(Field::erase, false),
                           Event(EventType::card_written).text(Field::ukey, "U1").number(Field::meter, kMeter).bytes(Field::card, card).number(Field::file, 3),
                           Event(EventType::card_reported).text(Field::ukey, "U1").number(Field::meter, kMeter).bytes(Field::card, card).number(Field::file, 5).flag(Field::genuine, true),
                           Event(EventType::parameter_written).text(Field::ukey, "U1").number(Field::meter, kMeter).number(Field::identifier, 0x04001001).bytes(Field::data, card),
                           Event(EventType::validity_set).text(Field::ukey, "U1").number(Field::meter, kMeter).number(Field::minutes, 5),
                           Event(EventType::read_back_checked).text(Field::ukey, "U1").number(Field::meter, kMeter).flag(Field::genuine, true)}) {
        EXPECT_THAT(found([&](Log& log) { log.add(e); }), IsEmpty());
        EXPECT_THAT(found([&](Log& log) {
                        suspended(log);
                        log.add(e);
                    }),
                    ElementsAre("state@8"));
    }
}

}  // namespace

// Fields for meters, compared with OpenSSL under the published factory set and, across UKEYs, under private keys.
#include <set>

#include "tests/tokens/host/injected.h"
#include "tokens/host/suite_aes128.h"

namespace {

using namespace host_test;
using base::Bytes;
using tokens::host::Usage;

const std::string kMeterFactor = base::to_string(*base::from_hex("0000123456789012"));
const std::string kFactoryFactor = base::to_string(*base::from_hex("0000000000000001"));
const std::string kR2 = base::to_string(*base::from_hex("a1b2c3d4"));

void set_key(pb::MeterKey& key, bool factory) {
    key.set_state(factory ? 0 : 1);
    key.set_version(factory ? 0 : 1);
    key.set_factor(factory ? kFactoryFactor : kMeterFactor);
}

/// A factory key by OpenSSL: SHA-256 of the published text, then AES-ECB of a block written out here from SUITE.md 1.1.
Bytes factory_key(int key_class, int usage) {
    const std::string master = sha256("KMP aes128 factory set 1, class " + std::to_string(key_class)).substr(0, 16);
    const Bytes block = *base::from_hex("4b0102" "0" + std::to_string(key_class) + "0" + std::to_string(usage) + "000000" "0000000000000001");
    return aes_ecb(base::as_bytes(master), block);
}
std::string mac(const Bytes& key, const std::string& message_hex, std::size_t size = 4) {
    return base::to_hex(base::ByteView(aes_cmac(key, *base::from_hex(message_hex))).first(size));
}
std::string hex(const std::string& field) { return base::to_hex(base::as_bytes(field)); }

pb::HostRequest order(bool factory, std::uint32_t di = 0x070101FF) {
    return request([&](auto& r) {
        auto& o = *r.mutable_order_mac();
        set_key(*o.mutable_key(), factory);
        o.set_di(di);
        o.set_r2(kR2);
        o.set_amount(10000);
        o.set_count(1);
        o.set_customer(base::to_string(*base::from_hex("000000654321")));
    });
}
pb::HostRequest relay(const std::string& data_hex) {
    return request([&](auto& r) {
        set_key(*r.mutable_relay_command()->mutable_key(), true);
        r.mutable_relay_command()->set_r2(kR2);
        r.mutable_relay_command()->set_data(base::to_string(*base::from_hex(data_hex)));
    });
}
pb::HostRequest update(bool from_factory, std::uint32_t to_state, std::uint32_t to_version) {
    return request([&](auto& r) {
        auto& u = *r.mutable_key_update();
        set_key(*u.mutable_current(), from_factory);
        u.mutable_next()->set_state(to_state);
        u.mutable_next()->set_version(to_version);
        u.mutable_next()->set_factor(to_state == 0 ? kFactoryFactor : kMeterFactor);
        u.set_meter_factor(kMeterFactor);
        u.set_r2(kR2);
    });
}

/// One vault, a key and a user UKEY with its masters, for all tests here: making them takes seconds.
class meters : public testing::Test {
protected:
    static void SetUpTestSuite() {
        vault_ = new Vault("M-1");
        key_ = injected(*vault_, 3, "K-1").release();
        user_ = injected(*vault_, 4, "U-1").release();
    }
    static void TearDownTestSuite() {
        delete user_;
        delete key_;
        delete vault_;
    }
    static Vault* vault_;
    static Ukey* key_;
    static Ukey* user_;
};
Vault* meters::vault_ = nullptr;
Ukey* meters::key_ = nullptr;
Ukey* meters::user_ = nullptr;

TEST_F(meters, order_macs_under_the_factory_set_are_those_of_openssl) {
    const Bytes credit = factory_key(5, 2);
    for (Ukey* ukey : {key_}) {
        const Answer answer = ukey->host->call(order(true));
        ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
        // SUITE.md 2: layout, direction, DI, part, length, R2, then amount, count; and customer, amount, count.
        EXPECT_EQ(hex(answer.reply.order_mac().mac1()), mac(credit, "01" "00" "070101ff" "01" "0c" "a1b2c3d4" "00002710" "00000001"));
        EXPECT_EQ(hex(answer.reply.order_mac().mac2()), mac(credit, "01" "00" "070101ff" "02" "12" "a1b2c3d4" "000000654321" "00002710" "00000001"));
    }
}

TEST_F(meters, order_macs_under_private_keys_agree_between_ukeys_and_differ_from_the_factory_set) {
    const Answer by_key = key_->host->call(order(false, 0x070102FF));
    const Answer by_user = user_->host->call(order(false, 0x070102FF));
    ASSERT_TRUE(by_key.ok() && by_user.ok());
    EXPECT_EQ(by_key.reply.order_mac().SerializeAsString(), by_user.reply.order_mac().SerializeAsString());
    EXPECT_NE(by_key.reply.order_mac().mac1(), key_->host->call(order(true, 0x070102FF)).reply.order_mac().mac1());
    Vault other("M-2");
    auto elsewhere = injected(other, 4, "U-9");
    EXPECT_NE(elsewhere->host->call(order(false, 0x070102FF)).reply.order_mac().mac1(), by_key.reply.order_mac().mac1()) << "another utility's masters";
}

TEST_F(meters, orders_out_of_range_are_refused) {
    const auto with = [&](auto&& change) {
        pb::HostRequest r = order(true);
        change(*r.mutable_order_mac());
        return key_->host->call(r).code();
    };
    EXPECT_EQ(with([](auto&) {}), "ok");
    EXPECT_EQ(with([](auto& o) { o.set_di(0x070106FF); }), "refused");
    EXPECT_EQ(with([](auto& o) { o.set_di(0); }), "refused");
    EXPECT_EQ(with([](auto& o) { o.set_r2("abc"); }), "invalid_argument");
    EXPECT_EQ(with([](auto& o) { o.set_customer("short"); }), "invalid_argument");
    EXPECT_EQ(with([](auto& o) { o.set_customer(std::string(6, '\x0F')); }), "invalid_argument");
    EXPECT_EQ(with([](auto& o) { o.clear_key(); }), "invalid_argument");
    EXPECT_EQ(with([](auto& o) { o.mutable_key()->set_version(1); }), "invalid_argument") << "factory keys have no version";
    EXPECT_EQ(with([](auto& o) { o.mutable_key()->set_factor(kMeterFactor); }), "invalid_argument") << "factory keys have one factor";
    EXPECT_EQ(with([](auto& o) { o.mutable_key()->set_state(2); }), "malformed");
    EXPECT_EQ(with([](auto& o) {
                  set_key(*o.mutable_key(), false);
                  o.mutable_key()->set_version(9);
              }),
              "key_missing");
    EXPECT_EQ(with([](auto& o) {
                  set_key(*o.mutable_key(), false);
                  o.mutable_key()->set_factor(std::string("\0\1\x12\x34\x56\x78\x90\x12", 8));
              }),
              "invalid_argument");
}

TEST_F(meters, identity_authentication_draws_r1_and_proves_the_key) {
    const auto authenticate = [&] {
        return key_->host->call(request([](auto& r) { set_key(*r.mutable_meter_authenticate()->mutable_key(), true); }));
    };
    const Answer one = authenticate();
    const Answer two = authenticate();
    ASSERT_TRUE(one.ok() && two.ok()) << one.reply.failure().message();
    const std::string r1 = one.reply.meter_authenticate().r1();
    EXPECT_EQ(r1.size(), 8u);
    EXPECT_NE(r1, two.reply.meter_authenticate().r1());
    EXPECT_EQ(hex(one.reply.meter_authenticate().k1()), mac(factory_key(2, 2), "01" "00" "070000ff" "00" "10" + hex(r1) + "0000000000000001", 8));
}

TEST_F(meters, a_status_is_genuine_only_as_the_meter_sent_it) {
    const Bytes credit = factory_key(5, 2);
    const std::string r1 = "0102030405060708";
    const auto raw = [](const std::string& text) { return base::to_string(*base::from_hex(text)); };
    pb::HostRequest good = request([&](auto& r) {
        auto& s = *r.mutable_status_mac();
        set_key(*s.mutable_key(), true);
        s.set_r1(raw(r1));
        s.set_balance(raw("00002710"));
        s.set_count(raw("00000001"));
        s.set_customer(raw("000000654321"));
        s.set_key_info(raw("00010000"));
        s.set_balance_mac(raw(mac(credit, "01" "80" "078102ff" "01" "0c" + r1 + "00002710")));
        s.set_count_mac(raw(mac(credit, "01" "80" "078102ff" "02" "1a" + r1 + "00000001" "000000654321" "00010000" "00002710")));
    });
    const auto genuine = [&](auto&& change) {
        pb::HostRequest changed = good;
        change(*changed.mutable_status_mac());
        const Answer answer = key_->host->call(changed);
        return answer.ok() ? (answer.reply.status_mac().genuine() ? "genuine" : "not") : answer.code();
    };
    EXPECT_EQ(genuine([](auto&) {}), "genuine");
    EXPECT_EQ(genuine([](auto& s) { (*s.mutable_balance())[0] ^= 1; }), "not");
    EXPECT_EQ(genuine([](auto& s) { (*s.mutable_count())[3] ^= 1; }), "not");
    EXPECT_EQ(genuine([](auto& s) { (*s.mutable_customer())[3] ^= 1; }), "not");
    EXPECT_EQ(genuine([](auto& s) { (*s.mutable_key_info())[3] ^= 1; }), "not");
    EXPECT_EQ(genuine([](auto& s) { (*s.mutable_r1())[0] ^= 1; }), "not");
    EXPECT_EQ(genuine([](auto& s) { (*s.mutable_balance_mac())[0] ^= 1; }), "not");
    EXPECT_EQ(genuine([](auto& s) { (*s.mutable_count_mac())[0] ^= 1; }), "not");
    EXPECT_EQ(genuine([](auto& s) { s.set_balance_mac(""); }), "invalid_argument");
    EXPECT_EQ(genuine([](auto& s) { s.set_key_info("12345"); }), "invalid_argument");
}

TEST_F(meters, a_relay_command_is_encrypted_and_maced_as_the_suite_says) {
    const Answer answer = key_->host->call(relay("1a00595923311226"));
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    // One block under a zero IV is ECB of the plaintext: R2, 0008, the command, 0000.
    const Bytes cipher = aes_ecb(factory_key(3, 3), *base::from_hex("a1b2c3d4" "0008" "1a00595923311226" "0000"));
    EXPECT_EQ(hex(answer.reply.relay_command().ciphertext()), base::to_hex(cipher));
    EXPECT_EQ(hex(answer.reply.relay_command().mac()), mac(factory_key(3, 2), "01" "00" "1c000098" "00" "14" "a1b2c3d4" + base::to_hex(cipher)));
}

TEST_F(meters, relay_commands_that_no_meter_knows_are_refused) {
    EXPECT_EQ(user_->host->call(relay("1d00595923311226")).code(), "refused");
    EXPECT_EQ(user_->host->call(relay("1a005959233112")).code(), "invalid_argument");
}

TEST_F(meters, a_key_update_carries_nine_wrapped_keys) {
    const Answer answer = key_->host->call(update(true, 1, 1));
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    const auto& records = answer.reply.key_update().records();
    ASSERT_EQ(records.size(), 9);
    const char* dis[] = {"070201ff", "070201ff", "070202ff", "070202ff", "070203ff", "070204ff", "070204ff", "070204ff", "070204ff"};
    const Bytes control_mac = factory_key(1, 2);
    std::set<std::string> keys;
    for (int id = 0; id < 9; ++id) {
        const auto& record = records[id];
        EXPECT_EQ(hex(record.key_info()), "01010" + std::to_string(id) + "01");
        EXPECT_EQ(record.encrypted_key().size(), 32u);
        EXPECT_EQ(hex(record.encrypted_key().substr(24)), "0000123456789012");
        EXPECT_EQ(hex(record.mac()), mac(control_mac, std::string("01" "00") + dis[id] + "00" "28" "a1b2c3d4" + hex(record.key_info()) + hex(record.encrypted_key())));
        keys.insert(record.encrypted_key().substr(0, 24));
    }
    EXPECT_EQ(keys.size(), 9u);

    // Taken out of its wrapping as the meter does, the new credit key makes the MACs that a UKEY makes under it.
    const Bytes credit = aes_unwrap(factory_key(1, 4), base::as_bytes(records[5].encrypted_key().substr(0, 24)));
    ASSERT_EQ(credit.size(), 16u);
    EXPECT_EQ(hex(user_->host->call(order(false)).reply.order_mac().mac1()),
              mac(credit, "01" "00" "070101ff" "01" "0c" "a1b2c3d4" "00002710" "00000001"));
}

TEST_F(meters, a_recovery_brings_the_factory_set_back) {
    const Answer answer = key_->host->call(update(false, 0, 0));
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    EXPECT_EQ(hex(answer.reply.key_update().records(5).key_info()), "00010500");
    EXPECT_EQ(answer.reply.key_update().records_size(), 9);
}

TEST_F(meters, key_updates_that_do_not_rise_or_are_for_another_meter_are_refused) {
    EXPECT_EQ(key_->host->call(update(true, 0, 0)).code(), "refused") << "factory to factory";
    EXPECT_EQ(key_->host->call(update(false, 1, 1)).code(), "refused") << "the same version";
    EXPECT_EQ(key_->host->call(update(false, 1, 2)).code(), "key_missing");
    pb::HostRequest other = update(true, 1, 1);
    other.mutable_key_update()->set_meter_factor(base::to_string(*base::from_hex("0000999999999999")));
    EXPECT_EQ(key_->host->call(other).code(), "invalid_argument");
    other = update(true, 1, 1);
    other.mutable_key_update()->set_r2("");
    EXPECT_EQ(key_->host->call(other).code(), "invalid_argument");
}

TEST_F(meters, a_set_may_go_on_with_older_masters_and_key_info_names_the_set) {
    const std::string ones(6, '\x01');
    pb::HostRequest next = update(false, 1, 2);
    next.mutable_key_update()->mutable_next()->set_masters(ones);
    const Answer answer = key_->host->call(next);
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    for (int id = 0; id < 9; ++id) EXPECT_EQ(hex(answer.reply.key_update().records(id).key_info()), "01010" + std::to_string(id) + "02");
    pb::HostRequest sale = order(false);
    sale.mutable_order_mac()->mutable_key()->set_version(2);
    sale.mutable_order_mac()->mutable_key()->set_masters(ones);
    EXPECT_EQ(user_->host->call(sale).reply.order_mac().SerializeAsString(), user_->host->call(order(false)).reply.order_mac().SerializeAsString());
}

TEST_F(meters, the_master_that_is_named_is_the_one_that_is_used) {
    pb::HostRequest sale = order(false);
    auto& key = *sale.mutable_order_mac()->mutable_key();
    key.set_version(2);
    key.set_masters(std::string{1, 1, 1, 1, 2, 1});
    EXPECT_EQ(user_->host->call(sale).code(), "key_missing") << "credit 2 is not on this UKEY, whatever else is";
    key.set_masters(std::string{2, 2, 2, 2, 1, 2});
    EXPECT_TRUE(user_->host->call(sale).ok());
    pb::HostRequest next = update(false, 1, 2);
    next.mutable_key_update()->mutable_next()->set_masters(std::string{1, 1, 1, 1, 2, 1});
    EXPECT_EQ(key_->host->call(next).code(), "key_missing");
}

TEST_F(meters, masters_that_cannot_be_in_a_set_are_refused) {
    for (const std::string& masters : {std::string(6, '\x02'), std::string(6, '\0'), std::string(5, '\x01'), std::string(7, '\x01')}) {
        pb::HostRequest sale = order(false);
        sale.mutable_order_mac()->mutable_key()->set_masters(masters);
        EXPECT_EQ(user_->host->call(sale).code(), "invalid_argument") << hex(masters);
    }
    pb::HostRequest factory = order(true);
    factory.mutable_order_mac()->mutable_key()->set_masters(std::string(6, '\x01'));
    EXPECT_EQ(key_->host->call(factory).code(), "invalid_argument");
}

TEST_F(meters, refunds_and_clears_are_maced_as_a_recharge_is) {
    const Bytes credit = factory_key(5, 2);
    for (const auto& [di, text] : {std::pair(0x070104FFu, "070104ff"), std::pair(0x070105FFu, "070105ff")}) {
        const Answer answer = key_->host->call(order(true, di));
        ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
        EXPECT_EQ(hex(answer.reply.order_mac().mac1()), mac(credit, std::string("0100") + text + "01" "0c" "a1b2c3d4" "00002710" "00000001"));
        EXPECT_EQ(hex(answer.reply.order_mac().mac2()), mac(credit, std::string("0100") + text + "02" "12" "a1b2c3d4" "000000654321" "00002710" "00000001"));
        EXPECT_TRUE(user_->host->call(order(false, di)).ok());
    }
}

TEST_F(meters, a_wallet_is_initialised_by_an_engineer_under_the_factory_keys_only) {
    const auto with = [&](Ukey* ukey, auto&& change) {
        pb::HostRequest r = order(true, 0x070103FF);
        r.mutable_order_mac()->set_count(0);
        r.mutable_order_mac()->clear_customer();
        change(*r.mutable_order_mac());
        return ukey->host->call(r);
    };
    const Answer answer = with(key_, [](auto&) {});
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    const Bytes credit = factory_key(5, 2);
    EXPECT_EQ(hex(answer.reply.order_mac().mac1()), mac(credit, "0100" "070103ff" "01" "08" "a1b2c3d4" "00002710"));
    EXPECT_EQ(hex(answer.reply.order_mac().mac2()), mac(credit, "0100" "070103ff" "02" "0c" "a1b2c3d4" "00000000" "00002710"));
    EXPECT_EQ(with(user_, [](auto&) {}).code(), "refused");
    EXPECT_EQ(with(key_, [](auto& o) { o.set_count(1); }).code(), "invalid_argument");
    EXPECT_EQ(with(key_, [](auto& o) { o.set_customer(std::string(6, '\0')); }).code(), "invalid_argument");
    EXPECT_EQ(with(key_, [](auto& o) { set_key(*o.mutable_key(), false); }).code(), "invalid_argument") << "private keys";
    EXPECT_EQ(with(key_, [](auto& o) { o.set_r2("abc"); }).code(), "invalid_argument");
}

TEST_F(meters, a_validity_is_one_to_9999_minutes_in_bcd) {
    const auto ask = [&](std::uint32_t minutes, const std::string& r2 = kR2) {
        return key_->host->call(request([&](auto& r) {
            set_key(*r.mutable_validity_mac()->mutable_key(), true);
            r.mutable_validity_mac()->set_r2(r2);
            r.mutable_validity_mac()->set_minutes(minutes);
        }));
    };
    for (const auto& [minutes, bcd] : {std::pair(30u, "0030"), std::pair(1u, "0001"), std::pair(9999u, "9999"), std::pair(1234u, "1234")})
        EXPECT_EQ(hex(ask(minutes).reply.card_update().mac()), mac(factory_key(2, 2), std::string("0100" "070001ff" "00" "06" "a1b2c3d4") + bcd)) << minutes;
    EXPECT_EQ(ask(0).code(), "invalid_argument");
    EXPECT_EQ(ask(10000).code(), "invalid_argument");
    EXPECT_EQ(ask(30, "abc").code(), "invalid_argument");
}

TEST_F(meters, a_parameter_goes_in_clear_or_encrypted_and_never_is_the_meters_number) {
    const auto ask = [&](std::uint32_t di, const std::string& data, bool encrypt) {
        return key_->host->call(request([&](auto& r) {
            auto& p = *r.mutable_parameter_mac();
            set_key(*p.mutable_key(), true);
            p.set_r2(kR2);
            p.set_di(di);
            p.set_data(data);
            p.set_encrypt(encrypt);
        }));
    };
    const std::string amount = base::to_string(*base::from_hex("00005000"));
    const Answer plain = ask(0x04001001, amount, false);
    ASSERT_TRUE(plain.ok()) << plain.reply.failure().message();
    EXPECT_EQ(plain.reply.parameter_mac().ciphertext(), "");
    EXPECT_EQ(hex(plain.reply.parameter_mac().mac()), mac(factory_key(4, 2), "0100" "04001001" "99" "08" "a1b2c3d4" "00005000"));
    const Answer secret = ask(0x04001003, amount, true);
    const Bytes cipher = aes_ecb(factory_key(4, 3), *base::from_hex("a1b2c3d4" "0004" "00005000" "000000000000"));
    EXPECT_EQ(hex(secret.reply.parameter_mac().ciphertext()), base::to_hex(cipher));
    EXPECT_EQ(hex(secret.reply.parameter_mac().mac()), mac(factory_key(4, 2), "0100" "04001003" "98" "14" "a1b2c3d4" + base::to_hex(cipher)));
    EXPECT_EQ(ask(0x04000401, std::string(6, '\1'), true).code(), "refused") << "its address";
    EXPECT_EQ(ask(0x04000402, std::string(6, '\1'), true).code(), "refused") << "its number";
    EXPECT_EQ(ask(0x070102FF, amount, false).code(), "refused") << "an order is no parameter";
    EXPECT_EQ(ask(0x1C000098, amount, false).code(), "refused") << "nor is a relay command";
    EXPECT_EQ(ask(0x04001001, "", false).code(), "invalid_argument");
    EXPECT_EQ(ask(0x04001001, std::string(245, '\1'), false).code(), "invalid_argument");
    EXPECT_EQ(ask(0x04001001, std::string(225, '\1'), true).code(), "invalid_argument");
}

TEST_F(meters, a_read_back_is_genuine_only_as_the_meter_sent_it) {
    const auto ask = [&](const std::string& data, const std::string& mac_hex) {
        const Answer answer = key_->host->call(request([&](auto& r) {
            auto& q = *r.mutable_read_back_mac();
            set_key(*q.mutable_key(), true);
            q.set_r1(base::to_string(*base::from_hex("0102030405060708")));
            q.set_data(data);
            q.set_mac(base::to_string(*base::from_hex(mac_hex)));
        }));
        return answer.ok() ? (answer.reply.genuine().genuine() ? "genuine" : "not") : answer.code();
    };
    const std::string right = mac(factory_key(5, 2), "0180" "078001ff" "00" "0c" "0102030405060708" "41424344");
    EXPECT_EQ(ask("ABCD", right), "genuine");
    EXPECT_EQ(ask("ABCE", right), "not");
    EXPECT_EQ(ask("ABCD", "00000000"), "not");
    EXPECT_EQ(ask("ABCD", "0000"), "invalid_argument");
    EXPECT_EQ(ask(std::string(241, 'x'), right), "invalid_argument");
}

TEST_F(meters, a_high_grade_meter_gets_twenty_keys_in_frames_of_four) {
    pb::HostRequest all = update(true, 1, 1);
    all.mutable_key_update()->set_total(20);
    const Answer answer = key_->host->call(all);
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    EXPECT_EQ(answer.reply.key_update().records_size(), 0);
    const auto& frames = answer.reply.key_update().frames();
    ASSERT_EQ(frames.size(), 5);
    const Answer nine = key_->host->call(update(true, 1, 1));
    std::set<std::string> keys;
    int id = 0;
    for (const auto& frame : frames) {
        ASSERT_EQ(frame.records().size(), 4u * 36);
        EXPECT_EQ(hex(frame.mac()), mac(factory_key(1, 2), "0100" "070301ff" "00" "94" "a1b2c3d4" + hex(frame.records())));
        for (int i = 0; i < 4; ++i, ++id) {
            const std::string record = frame.records().substr(static_cast<std::size_t>(i) * 36, 36);
            EXPECT_EQ(hex(record.substr(0, 4)), "1401" + base::to_hex(Bytes{static_cast<std::uint8_t>(id)}) + "01");
            EXPECT_EQ(hex(record.substr(28)), "0000123456789012");
            if (id < 9) {
                EXPECT_EQ(record.substr(4, 32), nine.reply.key_update().records(id).encrypted_key()) << id;
            }
            keys.insert(record.substr(4, 24));
        }
    }
    EXPECT_EQ(keys.size(), 20u);
}

TEST_F(meters, meters_with_fewer_than_nine_or_more_than_twenty_keys_are_refused_and_a_last_frame_may_be_short) {
    const auto ask = [&](std::uint32_t total) {
        pb::HostRequest r = update(true, 1, 1);
        r.mutable_key_update()->set_total(total);
        return key_->host->call(r);
    };
    EXPECT_EQ(ask(8).code(), "invalid_argument");
    EXPECT_EQ(ask(21).code(), "invalid_argument");
    const Answer seventeen = ask(17);
    ASSERT_EQ(seventeen.reply.key_update().frames_size(), 5);
    EXPECT_EQ(seventeen.reply.key_update().frames(4).records().size(), 36u);
}

TEST_F(meters, a_user_ukey_never_rekeys_a_meter) { EXPECT_EQ(user_->host->call(update(true, 1, 1)).code(), "refused"); }

TEST_F(meters, the_vault_does_no_meter_work) { EXPECT_EQ(vault_->ukey->host->call(order(true)).code(), "refused"); }

TEST_F(meters, many_requests_in_flight_are_answered_in_order) {
    std::vector<pb::HostRequest> requests;
    for (std::uint32_t i = 0; i < 2000; ++i) {
        pb::HostRequest r = order(false);
        r.mutable_order_mac()->set_count(i);
        if (i % 100 == 99) r.mutable_order_mac()->set_r2("");
        // More meters than the cache holds.
        r.mutable_order_mac()->mutable_key()->set_factor(base::to_string(*base::from_hex("00000000000" + std::to_string(10000 + i % 700))));
        requests.push_back(std::move(r));
    }
    const auto replies = user_->host->pipeline(requests);
    ASSERT_EQ(replies.size(), requests.size());
    for (std::size_t i = 0; i < replies.size(); ++i) {
        EXPECT_EQ(replies[i].id(), replies[0].id() + i);
        EXPECT_EQ(replies[i].has_failure(), i % 100 == 99) << i;
    }
    // A key that was pushed out and derived again gives the same MAC.
    const Answer again = user_->host->call(requests[0]);
    EXPECT_EQ(again.reply.order_mac().mac1(), replies[0].order_mac().mac1());
}

TEST_F(meters, after_logout_and_login_the_same_macs_come) {
    const std::string before = user_->host->call(order(false)).reply.order_mac().SerializeAsString();
    ASSERT_TRUE(user_->host->call(request([](auto& r) { r.mutable_logout(); })).ok());
    EXPECT_EQ(user_->host->call(order(false)).code(), "denied");
    ASSERT_TRUE(user_->login().ok());
    EXPECT_EQ(user_->host->call(order(false)).reply.order_mac().SerializeAsString(), before);
}

}  // namespace

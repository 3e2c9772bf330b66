// Charging cards. A blank card's keys come from the published factory set, so OpenSSL knows them; a meter's card keys are taken out of what is written to a
// blank card, and compared with what the meter itself would derive from its node (docs/SUITE.md 5.2).
#include <numeric>

#include "tests/tokens/host/injected.h"

namespace {

using namespace host_test;
using base::Bytes;

std::string raw(const std::string& hex) { return base::to_string(*base::from_hex(hex)); }
std::string hex(const std::string& field) { return base::to_hex(base::as_bytes(field)); }
const std::string kSerial = raw("1122334455667788");
const std::string kMeterFactor = raw("0000123456789012");
const std::string kFactoryFactor = raw("0000000000000001");
const std::string kChallenge = raw("a1b2c3d4");
const std::string kRandom = raw("0102030405060708");

void set_card(pb::CardKey& card, bool blank) {
    card.set_serial(kSerial);
    card.mutable_meter()->set_state(blank ? 0 : 1);
    card.mutable_meter()->set_version(blank ? 0 : 1);
    card.mutable_meter()->set_factor(blank ? kFactoryFactor : kMeterFactor);
}

/// By OpenSSL, from the published text.
Bytes blank_key(int usage) {
    const std::string master = sha256("KMP aes128 factory set 1, class 6").substr(0, 16);
    return aes_ecb(base::as_bytes(master), *base::from_hex("4b0103060" + std::to_string(usage) + "0000001122334455667788"));
}
std::string mac(const Bytes& key, const std::string& message_hex, std::size_t size = 4) { return base::to_hex(base::ByteView(aes_cmac(key, *base::from_hex(message_hex))).first(size)); }

std::string wrapped_file(std::uint8_t id, const std::string& data) {
    std::string out{'\x68', static_cast<char>(id), static_cast<char>(data.size() >> 8), static_cast<char>(data.size())};
    out += data;
    const unsigned sum = std::accumulate(out.begin(), out.end(), 0u, [](unsigned s, char c) { return s + static_cast<std::uint8_t>(c); });
    return out + static_cast<char>(sum) + '\x16';
}
std::string parameters_data() { return raw("00" "80" "00000000" "2701010000" "00" "00005000" "00001000" "000001" "000010" "123456789012" "000000654321" "02"); }

pb::HostRequest update(std::uint32_t file, const std::string& data, std::uint32_t offset = 0) {
    return request([&](auto& r) {
        auto& u = *r.mutable_card_update();
        set_card(*u.mutable_card(), false);
        u.set_file(file);
        u.set_offset(offset);
        u.set_data(data);
        u.set_challenge(kChallenge);
    });
}
pb::HostRequest purchase(const std::string& parameters, const std::string& now = {}, const std::string& to_come = {}) {
    return request([&](auto& r) {
        auto& p = *r.mutable_card_purchase();
        set_card(*p.mutable_card(), false);
        p.set_parameters(parameters);
        p.set_amount(10000);
        p.set_count(1);
        p.set_tariffs_now(now);
        p.set_tariffs_to_come(to_come);
        p.set_challenge(kChallenge);
    });
}
pb::HostRequest key_write(std::uint32_t usage, bool erase) {
    return request([&](auto& r) {
        auto& w = *r.mutable_card_key_write();
        set_card(*w.mutable_current(), !erase);
        set_card(*w.mutable_next(), erase);
        w.set_usage(usage);
        w.set_challenge(kChallenge);
    });
}

class cards : public testing::Test {
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
    static Answer ask(const pb::HostRequest& r) { return user_->host->call(r); }
    /// One of the meter's keys, as a key update brings it.
    static Bytes private_meter_key(int id) {
        const Answer sent = key_->host->call(request([&](auto& r) {
            auto& u = *r.mutable_key_update();
            u.mutable_current()->set_factor(kFactoryFactor);
            u.mutable_next()->set_state(1);
            u.mutable_next()->set_version(1);
            u.mutable_next()->set_factor(kMeterFactor);
            u.set_meter_factor(kMeterFactor);
            u.set_r2(kChallenge);
        }));
        EXPECT_TRUE(sent.ok()) << sent.reply.failure().message();
        const std::string control = sha256("KMP aes128 factory set 1, class 1").substr(0, 16);
        const Bytes wrap_key = aes_ecb(base::as_bytes(control), *base::from_hex("4b010201040000000000000000000001"));
        return aes_unwrap(wrap_key, base::as_bytes(sent.reply.key_update().records(id).encrypted_key().substr(0, 24)));
    }
    /// A card key of the meter, as a blank card gets it.
    static Bytes card_key(std::uint32_t usage) {
        const Answer answer = ask(key_write(usage, false));
        EXPECT_TRUE(answer.ok()) << answer.reply.failure().message();
        return aes_unwrap(blank_key(4), base::as_bytes(answer.reply.card_key_write().wrapped()));
    }
    static Vault* vault_;
    static Ukey* key_;
    static Ukey* user_;
};
Vault* cards::vault_ = nullptr;
Ukey* cards::key_ = nullptr;
Ukey* cards::user_ = nullptr;

TEST_F(cards, a_blank_card_is_proved_and_answered_under_the_published_keys) {
    pb::HostRequest r = request([&](auto& q) {
        auto& a = *q.mutable_card_authenticate();
        set_card(*a.mutable_card(), true);
        a.set_random(kRandom);
        a.set_answer(raw(mac(blank_key(5), "0180" "00880001" "00" "08" "0102030405060708", 8)));
        a.set_challenge(raw("f1f2f3f4f5f6f7f8"));
    });
    for (Ukey* ukey : {key_, user_}) {
        const Answer answer = ukey->host->call(r);
        ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
        EXPECT_TRUE(answer.reply.card_authenticate().genuine());
        EXPECT_EQ(hex(answer.reply.card_authenticate().response()), mac(blank_key(6), "0100" "00820002" "00" "08" "f1f2f3f4f5f6f7f8", 8));
    }
    (*r.mutable_card_authenticate()->mutable_answer())[7] ^= 1;
    const Answer wrong = ask(r);
    ASSERT_TRUE(wrong.ok());
    EXPECT_FALSE(wrong.reply.card_authenticate().genuine());
    EXPECT_EQ(wrong.reply.card_authenticate().response(), "") << "no answer for a card that has not proved itself";
    r.mutable_card_authenticate()->set_challenge("1234");
    EXPECT_EQ(ask(r).code(), "invalid_argument");
}

TEST_F(cards, a_blank_card_becomes_a_meters_with_the_keys_that_its_meter_derives) {
    const Bytes node = private_meter_key(8);
    for (const int usage : {5, 6, 2, 4}) {
        const Answer answer = ask(key_write(static_cast<std::uint32_t>(usage), false));
        ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
        const std::string wrapped = answer.reply.card_key_write().wrapped();
        const std::string u = std::to_string(usage);
        EXPECT_EQ(hex(answer.reply.card_key_write().mac()), mac(blank_key(2), "0100" "84d4010" + u + "00" "1c" "a1b2c3d4" + hex(wrapped))) << usage;
        EXPECT_EQ(base::to_hex(aes_unwrap(blank_key(4), base::as_bytes(wrapped))), base::to_hex(aes_ecb(node, *base::from_hex("4b0103060" + u + "0101001122334455667788")))) << usage;
    }
}

TEST_F(cards, a_meters_card_becomes_blank_under_its_own_keys) {
    const Answer answer = ask(key_write(5, true));
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    const std::string wrapped = answer.reply.card_key_write().wrapped();
    EXPECT_EQ(base::to_hex(aes_unwrap(card_key(4), base::as_bytes(wrapped))), base::to_hex(blank_key(5)));
    EXPECT_EQ(hex(answer.reply.card_key_write().mac()), mac(card_key(2), "0100" "84d40005" "00" "1c" "a1b2c3d4" + hex(wrapped)));
}

TEST_F(cards, keys_that_do_not_make_a_card_a_meters_or_blank_are_refused) {
    const auto with = [](auto&& change) {
        pb::HostRequest r = key_write(5, false);
        change(*r.mutable_card_key_write());
        return ask(r).code();
    };
    EXPECT_EQ(with([](auto&) {}), "ok");
    EXPECT_EQ(with([](auto& w) { w.set_usage(1); }), "invalid_argument") << "a node";
    EXPECT_EQ(with([](auto& w) { w.set_usage(3); }), "invalid_argument");
    EXPECT_EQ(with([](auto& w) { w.set_challenge("12345678"); }), "invalid_argument");
    EXPECT_EQ(with([](auto& w) { w.mutable_next()->set_serial("87654321"); }), "invalid_argument");
    EXPECT_EQ(with([](auto& w) { set_card(*w.mutable_next(), true); }), "refused") << "blank to blank";
    EXPECT_EQ(with([](auto& w) { set_card(*w.mutable_current(), false); }), "refused") << "from one meter to another";
    EXPECT_EQ(with([](auto& w) { w.mutable_next()->mutable_meter()->set_version(2); }), "key_missing");
    EXPECT_EQ(with([](auto& w) { w.mutable_current()->mutable_meter()->set_version(1); }), "invalid_argument") << "factory keys have no version";
    EXPECT_EQ(with([](auto& w) { w.mutable_current()->set_serial("short"); }), "invalid_argument");
}

TEST_F(cards, a_wallet_tariffs_and_zeros_get_the_mac_of_secure_messaging) {
    const Bytes secure = card_key(2);
    const std::string tariffs = wrapped_file(4, std::string(258, '\x01'));
    std::string last = wrapped_file(3, std::string(258, '\0')).substr(240);
    struct Written {
        std::uint32_t file;
        std::uint32_t offset;
        std::string data;
        std::string command;
    };
    for (const Written& w : {Written{2, 0, raw("0000271000000001"), "04d68200"}, Written{4, 0, tariffs.substr(0, 240), "04d68400"},
                             Written{3, 240, last, "04d683f0"}, Written{5, 0, std::string(49, '\0'), "04d68500"}, Written{1, 0, std::string(45, '\0'), "04d68100"}}) {
        const Answer answer = ask(update(w.file, w.data, w.offset));
        ASSERT_TRUE(answer.ok()) << w.file << " " << answer.reply.failure().message();
        const std::string length = base::to_hex(Bytes{static_cast<std::uint8_t>(4 + w.data.size())});
        EXPECT_EQ(hex(answer.reply.card_update().mac()), mac(secure, "0100" + w.command + "00" + length + "a1b2c3d4" + hex(w.data))) << w.file;
    }
}

TEST_F(cards, a_purchase_is_proved_to_the_meter_by_its_credit_key_and_to_the_card_by_its_own) {
    const Bytes secure = card_key(2);
    const Bytes credit = private_meter_key(5);
    const std::string now = wrapped_file(3, std::string(258, '\0')), to_come = wrapped_file(4, raw("00005283") + std::string(254, '\0'));
    struct Case {
        char flag;
        std::string now, to_come;
    };
    for (const Case& c : {Case{'\x80', "", ""}, Case{'\x01', now, ""}, Case{'\x08', "", to_come}, Case{'\x0f', now, to_come}}) {
        std::string data = parameters_data();
        data[1] = c.flag;
        const Answer answer = ask(purchase(wrapped_file(1, data), c.now, c.to_come));
        ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
        std::string covered = hex(kSerial) + hex(data) + "00002710" "00000001";
        for (const std::string& file : {c.now, c.to_come})
            if (!file.empty()) covered += hex(sha256(file));
        const std::string length = base::to_hex(Bytes{static_cast<std::uint8_t>(covered.size() / 2)});
        const std::string sold = mac(credit, "0100" "04d68100" "01" + length + covered);
        const std::string file = wrapped_file(1, data.substr(0, 2) + raw(sold) + data.substr(6));
        EXPECT_EQ(hex(answer.reply.card_purchase().parameters()), hex(file));
        EXPECT_EQ(hex(answer.reply.card_purchase().mac()), mac(secure, "0100" "04d68100" "00" "31" "a1b2c3d4" + hex(file)));
    }
}

TEST_F(cards, what_is_no_purchase_of_this_meter_is_refused) {
    const auto parameters = [](std::size_t at, char byte) {
        std::string data = parameters_data();
        data[at] = byte;
        return ask(purchase(wrapped_file(1, data))).code();
    };
    EXPECT_EQ(parameters(1, '\x10'), "invalid_argument") << "an update flag that there is not";
    EXPECT_EQ(parameters(0, '\x01'), "invalid_argument") << "reserved";
    EXPECT_EQ(parameters(2, '\x01'), "invalid_argument") << "a MAC from elsewhere";
    EXPECT_EQ(parameters(12, '\x0a'), "invalid_argument") << "no BCD";
    EXPECT_EQ(parameters(38, '\x04'), "invalid_argument") << "no type of card";
    EXPECT_EQ(parameters(31, '\x13'), "invalid_argument") << "another meter";
    EXPECT_EQ(parameters(1, '\x01'), "invalid_argument") << "tariffs that are not there";
    EXPECT_EQ(parameters(31, '\x12'), "ok");
    std::string file = wrapped_file(1, parameters_data());
    file[43] = static_cast<char>(file[43] + 1);
    EXPECT_EQ(ask(purchase(file)).code(), "invalid_argument") << "its sum";
    EXPECT_EQ(ask(purchase(wrapped_file(1, parameters_data()).substr(0, 44))).code(), "invalid_argument");
    EXPECT_EQ(ask(purchase(std::string(45, '\0'))).code(), "invalid_argument") << "nothing";
    const auto with = [](auto&& change) {
        std::string data = parameters_data();
        data[1] = '\x01';
        pb::HostRequest r = purchase(wrapped_file(1, data), wrapped_file(3, std::string(258, '\0')));
        change(*r.mutable_card_purchase());
        return ask(r).code();
    };
    EXPECT_EQ(with([](auto&) {}), "ok");
    EXPECT_EQ(with([](auto& p) { p.set_amount(0x80000000); }), "invalid_argument");
    EXPECT_EQ(with([](auto& p) { p.set_challenge("12345678"); }), "invalid_argument");
    EXPECT_EQ(with([](auto& p) { p.set_tariffs_to_come(wrapped_file(4, std::string(258, '\0'))); }), "invalid_argument") << "the flag names one file only";
    EXPECT_EQ(with([](auto& p) { p.set_tariffs_now(wrapped_file(4, std::string(258, '\0'))); }), "invalid_argument") << "the other file";
    EXPECT_EQ(with([](auto& p) { p.mutable_tariffs_now()->at(262) ^= 1; }), "invalid_argument") << "its sum";
    EXPECT_EQ(with([](auto& p) { p.mutable_tariffs_now()->pop_back(); }), "invalid_argument");
    EXPECT_EQ(with([](auto& p) { p.mutable_card()->mutable_meter()->set_factor(raw("0000123456789013")); }), "invalid_argument") << "the keys of another";
    EXPECT_EQ(with([](auto& p) { set_card(*p.mutable_card(), true); }), "refused") << "a blank card holds no credit";
}

TEST_F(cards, what_is_no_file_of_a_card_is_refused) {
    EXPECT_EQ(ask(update(1, wrapped_file(1, parameters_data()))).code(), "invalid_argument") << "parameters without a purchase";
    EXPECT_EQ(ask(update(2, raw("00002710000000"))).code(), "invalid_argument") << "half a wallet";
    EXPECT_EQ(ask(update(2, raw("8000000000000001"))).code(), "invalid_argument") << "more than an order carries";
    EXPECT_EQ(ask(update(2, raw("00000001"), 4)).code(), "invalid_argument") << "the count alone";
    EXPECT_EQ(ask(update(5, wrapped_file(5, std::string(43, '\x01')))).code(), "invalid_argument") << "a write-back is the meter's word";
    EXPECT_EQ(ask(update(3, wrapped_file(4, std::string(258, '\x01')).substr(0, 240))).code(), "invalid_argument") << "the other tariff file";
    EXPECT_EQ(ask(update(3, std::string(240, '\x0a'))).code(), "invalid_argument");
    EXPECT_EQ(ask(update(3, std::string(24, '\x01'), 240)).code(), "invalid_argument") << "no end of a file";
    EXPECT_EQ(ask(update(3, std::string(10, '\0'), 5)).code(), "invalid_argument") << "zeros somewhere";
    for (const std::uint32_t no : {0u, 6u, 25u}) EXPECT_EQ(ask(update(no, raw("0000271000000001"))).code(), "invalid_argument") << no;
    EXPECT_EQ(ask(update(4, std::string(241, '\0'))).code(), "invalid_argument");
    pb::HostRequest blank = update(2, raw("0000271000000001"));
    set_card(*blank.mutable_card_update()->mutable_card(), true);
    EXPECT_EQ(ask(blank).code(), "refused") << "a blank card holds no credit";
}

TEST_F(cards, what_a_card_says_is_genuine_only_as_it_was_read) {
    const Bytes secure = card_key(2);
    const std::string data = wrapped_file(5, std::string(43, '\x01'));
    pb::HostRequest good = request([&](auto& r) {
        auto& q = *r.mutable_card_read_mac();
        set_card(*q.mutable_card(), false);
        q.set_file(5);
        q.set_random(kRandom);
        q.set_data(data);
        q.set_mac(raw(mac(secure, "0180" "04b08500" "00" "39" "0102030405060708" + hex(data))));
    });
    const auto genuine = [&](auto&& change) {
        pb::HostRequest changed = good;
        change(*changed.mutable_card_read_mac());
        const Answer answer = ask(changed);
        return answer.ok() ? (answer.reply.genuine().genuine() ? "genuine" : "not") : answer.code();
    };
    EXPECT_EQ(genuine([](auto&) {}), "genuine");
    EXPECT_EQ(genuine([](auto& q) { (*q.mutable_data())[9] ^= 1; }), "not");
    EXPECT_EQ(genuine([](auto& q) { q.set_file(4); }), "not");
    EXPECT_EQ(genuine([](auto& q) { q.set_offset(1); }), "not");
    EXPECT_EQ(genuine([](auto& q) { (*q.mutable_random())[0] ^= 1; }), "not");
    EXPECT_EQ(genuine([](auto& q) { (*q.mutable_mac())[0] ^= 1; }), "not");
    EXPECT_EQ(genuine([](auto& q) { q.mutable_card()->set_serial("87654321"); }), "not");
    EXPECT_EQ(genuine([](auto& q) { q.mutable_card()->mutable_meter()->set_factor(raw("0000123456789013")); }), "not");
    EXPECT_EQ(genuine([](auto& q) { q.set_file(6); }), "invalid_argument");
    EXPECT_EQ(genuine([](auto& q) { q.set_random("1234"); }), "invalid_argument");
    EXPECT_EQ(genuine([](auto& q) { q.set_data(std::string(241, 'x')); }), "invalid_argument");
}

TEST_F(cards, many_cards_and_meters_do_not_push_each_other_out_of_order) {
    const auto ask_for = [](std::uint32_t i) {
        pb::HostRequest r = update(2, raw("0000271000000001"));
        auto& card = *r.mutable_card_update()->mutable_card();
        card.set_serial(raw("11223344556" + std::to_string(10000 + i)));
        card.mutable_meter()->set_factor(raw("00000000000" + std::to_string(10000 + i % 300)));
        return r;
    };
    std::vector<pb::HostRequest> requests;
    for (std::uint32_t i = 0; i < 1200; ++i) requests.push_back(ask_for(i));
    const auto replies = user_->host->pipeline(requests);
    ASSERT_EQ(replies.size(), requests.size());
    for (const std::uint32_t i : {0u, 299u, 300u, 700u, 1199u}) EXPECT_EQ(ask(ask_for(i)).reply.card_update().mac(), replies[i].card_update().mac()) << i;
    EXPECT_NE(replies[0].card_update().mac(), replies[1].card_update().mac());
}

TEST_F(cards, the_vault_and_the_platform_do_no_card_work) {
    EXPECT_EQ(vault_->ukey->host->call(update(2, raw("0000271000000001"))).code(), "refused");
    EXPECT_EQ(vault_->ukey->host->call(key_write(5, false)).code(), "refused");
}

TEST_F(cards, a_user_ukey_gets_no_factory_master_but_the_cards) {
    auto fresh = provisioned("user", "U-2");
    ASSERT_TRUE(anchor(*fresh, vault_->certificate).ok());
    const std::string certificate = vault_->certify(*fresh, 4);
    for (std::uint32_t key_class = 2; key_class <= 5; ++key_class) EXPECT_EQ(wrap(*vault_->ukey, certificate, {master_name(key_class, 0, 0)}).code(), "refused") << key_class;
    const Answer wrapped = wrap(*vault_->ukey, certificate, {master_name(6, 0, 0)});
    ASSERT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
    EXPECT_TRUE(unwrap(*fresh, wrapped.reply.wrapped_masters()).ok());
}

}  // namespace

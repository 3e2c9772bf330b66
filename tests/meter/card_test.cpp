// The charging card (docs/SUITE.md, section 5): its keys, its commands, and what it refuses.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "card_desk.h"

namespace {

using namespace card_desk;

struct Example {
    std::map<std::string, base::Bytes> in;
    base::Bytes out;
};
std::map<std::string, Example> examples() {
    std::ifstream file(KMP_SOURCE_DIR "/tests/data/suite-aes128.json");
    std::map<std::string, Example> out;
    for (const auto& entry : nlohmann::json::parse(file)) {
        Example example{{}, hex(entry["output"].get<std::string>())};
        for (const auto& [key, value] : entry["inputs"].items()) example.in[key] = hex(value.get<std::string>());
        out[entry["name"]] = std::move(example);
    }
    return out;
}
std::string title(Usage usage) {
    switch (usage) {
        case Usage::mac: return "secure messaging";
        case Usage::key_wrap: return "key wrap";
        case Usage::internal_authentication: return "internal authentication";
        case Usage::external_authentication: return "external authentication";
    }
    return "";
}

}  // namespace

TEST(card, derives_every_key_as_openssl_does) {
    const auto all = examples();
    const CardKeys factory = CardKeys::factory(kSerial);
    const CardKeys own = CardKeys::of_node(kNode, kSet, kSerial);
    for (const Usage usage : kUsages) {
        EXPECT_EQ(key_of(own, usage), all.at("derive: card, " + title(usage)).out);
        EXPECT_EQ(key_of(factory, usage), all.at("derive: blank card, " + title(usage)).out);
    }
}

TEST(card, takes_the_wrapped_keys_that_openssl_made_and_becomes_a_meters_card_and_blank_again) {
    const auto all = examples();
    Desk desk;
    for (const auto& [state, name] : {std::pair{1, "personalised"}, std::pair{0, "erased"}}) {
        ASSERT_EQ(desk.authenticate(), 0x9000u);
        const CardKeys next = state == 1 ? CardKeys::of_node(kNode, kSet, kSerial) : CardKeys::factory(kSerial);
        for (const Usage usage : kUsages) {
            const std::string number = std::to_string(static_cast<unsigned>(usage));
            const Example& wrapped = all.at(std::string("card wrap: ") + name + ", usage " + number);
            ASSERT_EQ(wrapped.in.at("new_key"), key_of(next, usage));
            ASSERT_EQ(wrapped.in.at("wrapping_key"), key_of(desk.keys, Usage::key_wrap));
            const Example& mac = all.at(std::string("mac: card ") + name + ", write key of usage " + number);
            EXPECT_EQ(make_mac(desk.keys, Usage::mac, Direction::to_meter, {0x84, 0xD4, static_cast<std::uint8_t>(state), static_cast<std::uint8_t>(usage)}, mac.in.at("freshness"), wrapped.out, 4), mac.out);
            ASSERT_EQ(desk.write_key(static_cast<std::uint8_t>(state), usage, next), 0x9000u) << name << number;
        }
        EXPECT_EQ(desk.card.state().keys.state(), static_cast<KeyState>(state));
        EXPECT_EQ(shown(desk.card.state().keys), shown(next));
        EXPECT_EQ(shown(desk.storage.saved->keys), shown(next));
        EXPECT_EQ(desk.status("04B0820008010203040506070808"), 0x6982u);  // the authentication ended
        desk.keys = next.duplicate();
    }
}

TEST(card, proves_itself_as_openssl_computes) {
    const auto all = examples();
    Desk own(meters_card());
    EXPECT_EQ(own.send(hex("00880001080102030405060708")), all.at("mac: card, internal authentication").out);
    EXPECT_EQ(own.send(hex("0088000108010203040506070800")), all.at("mac: card, internal authentication").out);
    Desk blank;
    EXPECT_EQ(blank.send(hex("00880001080102030405060708")), all.at("mac: blank card, internal authentication").out);
    EXPECT_EQ(blank.status("0088000108010203040506070807"), 0x6700u);
    EXPECT_EQ(blank.status("008800010701020304050607"), 0x6700u);
    EXPECT_EQ(blank.status("00880000080102030405060708"), 0x6A86u);
}

TEST(card, selects_its_two_folders_and_nothing_else) {
    Desk desk;
    EXPECT_EQ(desk.status("00A40000023F00"), 0x9000u);
    EXPECT_EQ(desk.status("00A4000002DF01"), 0x9000u);
    EXPECT_EQ(desk.status("00A4000002DF0100"), 0x9000u);
    EXPECT_EQ(desk.status("00A4000002DF02"), 0x6A82u);
    EXPECT_EQ(desk.status("00A4000001DF"), 0x6700u);
    EXPECT_EQ(desk.status("00A40000"), 0x6700u);
    EXPECT_EQ(desk.status("00A4040002DF01"), 0x6A86u);
}

TEST(card, shows_its_serial_always) {
    Desk desk;
    EXPECT_EQ(desk.send(hex("00B0990108")), base::Bytes(kSerial.begin(), kSerial.end()));
    EXPECT_EQ(desk.send(hex("00B0990000")), cat({hex("00"), kSerial}));
    desk.status("00A4000002DF01");
    EXPECT_EQ(desk.send(hex("00B0990108")), base::Bytes(kSerial.begin(), kSerial.end()));
    EXPECT_EQ(desk.status("00B0990109"), 0x6700u);
    EXPECT_EQ(desk.status("00B0990908"), 0x6B00u);
    EXPECT_EQ(desk.status("04D699000501AABBCCDD"), 0x6982u);
}

TEST(card, keeps_its_files_until_the_station_has_proved_itself) {
    Desk desk;
    EXPECT_EQ(desk.status("00B0820008"), 0x6A82u);  // in the MF there is no such file
    desk.status("00A4000002DF01");
    for (const char* apdu : {"00B0810000", "00B0820008", "00B0830000", "00B0840000", "00B0850031", "04B0820008010203040506070808", "04D682000C0000000000000000AABBCCDD",
                             "84D401051C00000000000000000000000000000000000000000000000000000000"})
        EXPECT_EQ(desk.status(apdu), 0x6982u) << apdu;
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    EXPECT_EQ(desk.send(hex("00B0820008")), base::Bytes(8));
    EXPECT_EQ(desk.send(hex("00B0810000")).size(), 45u);
    EXPECT_EQ(desk.send(hex("00B0830000")).size(), 240u);
    EXPECT_EQ(desk.send(hex("00B083F000")).size(), 24u);
    EXPECT_EQ(desk.send(hex("00B0850000")).size(), 49u);
    EXPECT_EQ(desk.status("00B0820009"), 0x6700u);
    EXPECT_EQ(desk.status("00B08300F1"), 0x6700u);
    EXPECT_EQ(desk.status("00B0820808"), 0x6B00u);
    EXPECT_EQ(desk.status("00B0860008"), 0x6A82u);
    EXPECT_EQ(desk.status("00B0020008"), 0x6A86u);
    EXPECT_EQ(desk.status("00B0A20008"), 0x6A86u);
    EXPECT_EQ(desk.status("00B08200"), 0x6700u);
    desk.status("00A4000002DF01");
    EXPECT_EQ(desk.status("00B0820008"), 0x6982u);
}

TEST(card, draws_challenges_of_8_and_4_that_hold_for_the_next_command_only) {
    Desk desk;
    EXPECT_EQ(desk.challenge(8).size(), 8u);
    EXPECT_EQ(desk.challenge(4).size(), 4u);
    EXPECT_NE(desk.challenge(8), desk.challenge(8));
    EXPECT_EQ(desk.status("0084000007"), 0x6700u);
    EXPECT_EQ(desk.status("00840000"), 0x6700u);
    EXPECT_EQ(desk.status("0084010008"), 0x6A86u);

    const base::Bytes late = desk.proof(desk.challenge(8));
    desk.status("00B0990108");
    desk.send(cat({hex("0082000208"), late}));
    EXPECT_EQ(desk.word, 0x6984u);
    const base::Bytes short_one = desk.challenge(4);
    desk.send(cat({hex("0082000208"), desk.proof(short_one)}));
    EXPECT_EQ(desk.word, 0x6984u);
    EXPECT_EQ(desk.card.state().tries, kTries);

    ASSERT_EQ(desk.authenticate(), 0x9000u);
    const base::Bytes apdu = desk.update_apdu("8200", hex("0000271000000001"));
    desk.status("00B0990108");
    desk.send(apdu);
    EXPECT_EQ(desk.word, 0x6984u);
    EXPECT_EQ(desk.update("8200", hex("0000271000000001")), 0x9000u);
    desk.send(apdu);  // replayed
    EXPECT_EQ(desk.word, 0x6984u);
    desk.challenge(8);
    desk.send(apdu);
    EXPECT_EQ(desk.word, 0x6984u);
}

TEST(card, counts_wrong_external_authentications_down_until_it_is_blocked) {
    Desk desk;
    const auto wrong = [&] {
        base::Bytes proof = desk.proof(desk.challenge(8));
        proof[0] ^= 1;
        desk.send(cat({hex("0082000208"), proof}));
        return desk.word;
    };
    EXPECT_EQ(wrong(), 0x63CEu);
    EXPECT_EQ(wrong(), 0x63CDu);
    EXPECT_EQ(desk.storage.saved->tries, 13);
    EXPECT_EQ(desk.authenticate(), 0x9000u);  // a right one sets it back
    EXPECT_EQ(desk.storage.saved->tries, 15);
    for (unsigned left = 14;; --left) {
        ASSERT_EQ(wrong(), 0x63C0u + left);
        EXPECT_EQ(desk.status("00B0820008"), 0x6982u);
        if (left == 0) break;
    }
    EXPECT_EQ(wrong(), 0x6983u);
    EXPECT_EQ(desk.authenticate(), 0x6983u);
    Desk later(desk.storage.saved->duplicate());  // pulled out and put in again
    EXPECT_EQ(later.authenticate(), 0x6983u);
}

TEST(card, spends_a_try_before_it_judges_so_that_pulling_the_card_gains_none) {
    Desk desk;
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    EXPECT_EQ(desk.storage.saves, 2u);  // 14 left, then 15
    desk.storage.full = true;
    EXPECT_EQ(desk.authenticate(), 0x6581u);
    EXPECT_EQ(desk.status("00B0820008"), 0x6982u);
    EXPECT_EQ(desk.card.state().tries, kTries);
}

TEST(card, writes_and_reads_secured) {
    Desk desk(meters_card());
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    const base::Bytes wallet = hex("0000271000000001");
    EXPECT_EQ(desk.update("8200", wallet), 0x9000u);
    EXPECT_EQ(desk.storage.saved->file(FileId::wallet)[2], 0x27);
    const auto all = examples();
    const base::Bytes read = desk.send(hex("04B0820008010203040506070808"));
    EXPECT_EQ(base::Bytes(read.begin(), read.begin() + 8), wallet);
    EXPECT_EQ(base::Bytes(read.begin() + 8, read.end()), all.at("mac: card, secured reading of the wallet").out);
    EXPECT_EQ(desk.send(hex("00B0820008")), wallet);

    base::Bytes tariffs(264);
    for (std::size_t i = 0; i < tariffs.size(); ++i) tariffs[i] = static_cast<std::uint8_t>(i * 7);
    EXPECT_EQ(desk.update("8300", base::ByteView(tariffs).first(240)), 0x9000u);
    EXPECT_EQ(desk.update("83F0", base::ByteView(tariffs).subspan(240)), 0x9000u);
    EXPECT_EQ(base::to_bytes(desk.card.state().file(FileId::tariffs)), tariffs);
    EXPECT_EQ(desk.send(hex("04B08300080102030405060708F0")).size(), 244u);
    EXPECT_EQ(desk.send(hex("04B083F008010203040506070800")).size(), 28u);
    EXPECT_EQ(desk.status("04B083000701020304050607F0"), 0x6700u);
    EXPECT_EQ(desk.status("04B08300080102030405060708"), 0x6700u);
    EXPECT_EQ(desk.status("04B08308080102030405060708F1"), 0x6700u);
}

TEST(card, refuses_writes_that_do_not_fit_their_file) {
    Desk desk(meters_card());
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    EXPECT_EQ(desk.update("8200", base::Bytes(9)), 0x6700u);
    EXPECT_EQ(desk.update("8201", base::Bytes(8)), 0x6700u);
    EXPECT_EQ(desk.update("8208", base::Bytes(1)), 0x6B00u);
    EXPECT_EQ(desk.update("8300", base::Bytes(241)), 0x6700u);
    EXPECT_EQ(desk.update("8600", base::Bytes(8)), 0x6A82u);
    EXPECT_EQ(desk.update("0200", base::Bytes(8)), 0x6A86u);
    desk.challenge(4);
    EXPECT_EQ(desk.status("04D6820004AABBCCDD"), 0x6700u);
    EXPECT_EQ(desk.card.state().content, CardState::blank(kSerial).content);
    EXPECT_EQ(desk.update("8207", hex("05")), 0x9000u);  // the authentication still holds
}

TEST(card, a_wrong_mac_ends_the_authentication) {
    Desk desk;
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    base::Bytes apdu = desk.update_apdu("8200", base::Bytes(8, 1));
    apdu.back() ^= 1;
    desk.send(apdu);
    EXPECT_EQ(desk.word, 0x6988u);
    EXPECT_EQ(desk.update("8200", base::Bytes(8, 1)), 0x6982u);
    EXPECT_EQ(desk.card.state().content, CardState::blank(kSerial).content);
}

TEST(card, takes_keys_only_as_a_set_of_one_state_within_one_authentication) {
    const CardKeys next = CardKeys::of_node(kNode, kSet, kSerial);
    Desk desk;
    const std::string before = shown(desk.keys);
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(desk.write_key(1, kUsages[static_cast<std::size_t>(i)], next), 0x9000u);
    ASSERT_EQ(desk.write_key(1, kUsages[0], next), 0x9000u);  // the same again is no fourth
    EXPECT_EQ(shown(desk.card.state().keys), before);
    ASSERT_EQ(desk.write_key(0, kUsages[3], next), 0x9000u);  // nor is one of another state
    EXPECT_EQ(shown(desk.card.state().keys), before);
    EXPECT_EQ(desk.storage.saves, 2u);                        // of the authentication
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    ASSERT_EQ(desk.write_key(1, kUsages[3], next), 0x9000u);  // what came before is forgotten
    EXPECT_EQ(shown(desk.card.state().keys), before);
    EXPECT_EQ(desk.write_key(2, kUsages[0], next), 0x6A86u);
    desk.challenge(4);
    EXPECT_EQ(desk.status("84D401031C00000000000000000000000000000000000000000000000000000000"), 0x6A86u);
    desk.challenge(4);
    EXPECT_EQ(desk.status("84D401051B000000000000000000000000000000000000000000000000000000"), 0x6700u);

    // A key wrapped under another one, with a MAC that holds.
    const base::Bytes foreign = openssl_tool::wrap(base::Bytes(16, 7), base::Bytes(16, 9));
    desk.send(cat({hex("84D401051C"), foreign, desk.mac(Usage::mac, 0, "84D40105", desk.challenge(4), foreign)}));
    EXPECT_EQ(desk.word, 0x6A80u);
}

TEST(card, says_what_it_does_not_know) {
    Desk desk;
    EXPECT_EQ(desk.status("80A40000023F00"), 0x6E00u);
    EXPECT_EQ(desk.status("00D6820008"), 0x6E00u);
    EXPECT_EQ(desk.status("00C0000008"), 0x6D00u);
    EXPECT_EQ(desk.status("04A40000023F00"), 0x6E00u);
    for (const char* apdu : {"", "00", "00A400", "00A400000000023F00", "00A40000033F00", "00A40000023F000000", "0084000000000008"}) EXPECT_EQ(desk.status(apdu), 0x6700u) << apdu;
}

TEST(card, refuses_every_single_changed_bit_of_a_secured_command) {
    const CardKeys next = CardKeys::of_node(kNode, kSet, kSerial);
    const auto each = [&](const std::function<base::Bytes(Desk&)>& make, std::size_t bits) {
        for (std::size_t bit = 0; bit < bits; ++bit) {
            Desk desk(CardState::blank(kSerial), By::own);
            ASSERT_EQ(desk.authenticate(), 0x9000u);
            base::Bytes apdu = make(desk);
            ASSERT_EQ(apdu.size() * 8, bits);
            apdu[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
            const base::Bytes data = desk.send(apdu);
            EXPECT_NE(desk.word, 0x9000u) << "bit " << bit;
            EXPECT_TRUE(data.empty());
            EXPECT_EQ(desk.card.state().content, CardState::blank(kSerial).content) << bit;
            EXPECT_EQ(desk.card.state().keys.state(), KeyState::factory);
        }
    };
    each([](Desk& d) { return d.update_apdu("8200", hex("0000271000000001")); }, 17 * 8);
    const base::Bytes wrapped = openssl_tool::wrap(key_of(CardKeys::factory(kSerial), Usage::key_wrap), key_of(next, Usage::mac));
    each([&](Desk& d) { return cat({hex("84D401021C"), wrapped, d.mac(Usage::mac, 0, "84D40102", d.challenge(4), wrapped)}); }, 33 * 8);
    for (std::size_t bit = 0; bit < 13 * 8; ++bit) {
        Desk desk(CardState::blank(kSerial), By::own);
        desk.status("00A4000002DF01");
        base::Bytes apdu = cat({hex("0082000208"), desk.proof(desk.challenge(8))});
        apdu[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        desk.send(apdu);
        EXPECT_EQ(desk.status("00B0820008"), 0x6982u) << bit;
    }
}

TEST(card, a_secured_reading_answers_for_its_command_only) {
    Desk desk;
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    const base::Bytes said = desk.send(hex("04B0820008010203040506070808"));
    const auto holds = [&](std::string_view command, std::string_view fresh, std::size_t flip) {
        base::Bytes data(said.begin(), said.begin() + 8);
        if (flip < 64) data[flip / 8] ^= static_cast<std::uint8_t>(1u << flip % 8);
        return desk.mac(Usage::mac, 0x80, command, hex(fresh), data) == base::Bytes(said.begin() + 8, said.end());
    };
    EXPECT_TRUE(holds("04B08200", "0102030405060708", 64));
    EXPECT_FALSE(holds("04B08100", "0102030405060708", 64));
    EXPECT_FALSE(holds("04B08200", "0102030405060709", 64));
    EXPECT_FALSE(holds("04B08200", "0102030405060708", 63));
}

TEST(card, a_copy_under_another_serial_proves_nothing) {
    Desk original(meters_card());
    CardState copy = meters_card();
    copy.serial[7] ^= 1;
    Desk clone(copy.duplicate());
    clone.keys = CardKeys::of_node(kNode, kSet, copy.serial);  // what its meter derives for this serial
    const base::Bytes random = hex("0102030405060708");
    EXPECT_NE(clone.send(cat({hex("0088000108"), random})), clone.mac(Usage::internal_authentication, 0x80, "00880001", random, {}, 8));
    EXPECT_EQ(clone.authenticate(), 0x63CEu);
    // And what was sent to one card is nothing to another.
    ASSERT_EQ(original.authenticate(), 0x9000u);
    CardState second = CardState::blank(copy.serial);
    second.keys = CardKeys::of_node(kNode, kSet, copy.serial);
    Desk other(second.duplicate());
    ASSERT_EQ(other.authenticate(), 0x9000u);
    const base::Bytes drawn = other.challenge(4);
    const base::Bytes wallet = hex("0000271000000001");
    other.send(cat({hex("04D682000C"), wallet, original.mac(Usage::mac, 0, "04D68200", drawn, wallet)}));
    EXPECT_EQ(other.word, 0x6988u);
}

TEST(card, a_reset_forgets_folder_authentication_challenge_and_half_a_key_set) {
    const CardKeys next = CardKeys::of_node(kNode, kSet, kSerial);
    Desk desk;
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(desk.write_key(1, kUsages[static_cast<std::size_t>(i)], next), 0x9000u);
    const base::Bytes drawn = desk.challenge(8);
    desk.card.reset();
    EXPECT_EQ(desk.status("00B0820008"), 0x6A82u);
    desk.status("00A4000002DF01");
    EXPECT_EQ(desk.status("00B0820008"), 0x6982u);
    desk.send(cat({hex("0082000208"), desk.proof(drawn)}));
    EXPECT_EQ(desk.word, 0x6984u);
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    ASSERT_EQ(desk.write_key(1, kUsages[3], next), 0x9000u);
    EXPECT_EQ(desk.card.state().keys.state(), KeyState::factory);
}

TEST(card, changes_nothing_that_it_could_not_store) {
    Desk desk;
    ASSERT_EQ(desk.authenticate(), 0x9000u);
    desk.storage.full = true;
    EXPECT_EQ(desk.update("8200", base::Bytes(8, 1)), 0x6581u);
    EXPECT_EQ(desk.card.state().content, CardState::blank(kSerial).content);
    const CardKeys next = CardKeys::of_node(kNode, kSet, kSerial);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(desk.write_key(1, kUsages[static_cast<std::size_t>(i)], next), 0x9000u);
    EXPECT_EQ(desk.write_key(1, kUsages[3], next), 0x6581u);
    EXPECT_EQ(desk.card.state().keys.state(), KeyState::factory);
}

TEST(card, random_commands_never_change_a_card_without_its_keys) {
    std::mt19937 chance(7816);
    const auto roll = [&](unsigned below) { return static_cast<unsigned>(chance() % below); };
    const CardState blank = CardState::blank(kSerial);
    for (int life = 0; life < 60; ++life) {
        Desk desk(blank.duplicate(), By::own);
        const bool authenticated = life % 2 == 1;
        if (authenticated) {
            ASSERT_EQ(desk.authenticate(), 0x9000u);
        }
        for (int i = 0; i < 300; ++i) {
            static constexpr std::uint8_t kClasses[] = {0x00, 0x04, 0x84, 0x80};
            static constexpr std::uint8_t kInstructions[] = {0xA4, 0xB0, 0x84, 0x88, 0x82, 0xD6, 0xD4, 0xC0};
            base::Bytes apdu{kClasses[roll(4)], kInstructions[roll(8)], static_cast<std::uint8_t>(roll(2) ? 0x80 + roll(32) : roll(4)), static_cast<std::uint8_t>(roll(3) ? roll(6) : roll(256))};
            const std::size_t body = roll(4) == 0 ? 0 : roll(40);
            if (body != 0) apdu.push_back(static_cast<std::uint8_t>(roll(5) ? body : roll(256)));
            for (std::size_t b = 0; b < body; ++b) apdu.push_back(static_cast<std::uint8_t>(chance()));
            if (roll(2)) apdu.push_back(static_cast<std::uint8_t>(roll(3) ? 8 : roll(256)));
            apdu.resize(roll(20) ? apdu.size() : roll(static_cast<unsigned>(apdu.size()) + 1));
            const base::Bytes out = desk.card.answer(apdu);
            ASSERT_GE(out.size(), 2u);
            ASSERT_LE(out.size(), 246u);
            if (roll(50) == 0) desk.card.reset();
        }
        ASSERT_EQ(desk.card.state().content, blank.content);
        ASSERT_EQ(shown(desk.card.state().keys), shown(blank.keys));
    }
}

// ---------------------------------------------------------------- in a file

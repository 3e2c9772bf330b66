// Where a charging card lives: its file, torn and damaged, the virtual reader it is in, and `kmp-meter card`.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "card_desk.h"
#include "meter/card/describe_card.h"
#include "meter/card/slot.h"
#include "meter/card/vpcd.h"
#include "tests/store/temporary_folder.h"
#include "tests/wire/run_program.h"

namespace {

using namespace card_desk;

/// Runs `work` in a process of its own; gives the signal that killed it, or 0. It makes its secrets itself: a fork inherits none.
template <class Work>
int killed_by(Work work) {
    const pid_t child = fork();
    if (child == 0) {
        const rlimit no_core{};
        setrlimit(RLIMIT_CORE, &no_core);
        work();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace

TEST(card_file, is_made_once_and_is_in_one_reader_at_a_time) {
    const TemporaryFolder folder;
    const std::string path = folder.file("card");
    ASSERT_TRUE(make_card(path, kSerial));
    EXPECT_EQ(make_card(path, kSerial).error().code, base::Code::already_exists);
    const auto slot = DirectSlot::insert(path);
    ASSERT_TRUE(slot);
    EXPECT_EQ(DirectSlot::insert(path).error().code, base::Code::busy);
    EXPECT_EQ(*(*slot)->transmit(hex("00B0990108")), cat({kSerial, hex("9000")}));
    EXPECT_EQ(open_slot(path).error().code, base::Code::busy);
    EXPECT_EQ(open_slot(folder.file("none")).error().code, base::Code::not_found);
}

TEST(card_file, tells_damage_at_every_byte) {
    const CardState state = meters_card();
    encode(state).reveal([&](base::ByteView record) {
        const auto back = decode_card(record);
        ASSERT_TRUE(back);
        EXPECT_EQ(back->serial, kSerial);
        EXPECT_EQ(shown(back->keys), shown(state.keys));
        for (std::size_t i = 0; i < record.size(); ++i) {
            base::Bytes damaged = base::to_bytes(record);
            damaged[i] ^= 0x10;
            EXPECT_FALSE(decode_card(damaged)) << i;
            EXPECT_FALSE(decode_card(record.first(i))) << i;
        }
    });
}

TEST(card_file, torn_at_any_byte_of_a_write_the_old_card_is_there) {
    const TemporaryFolder folder;
    const std::string path = folder.file("card");
    ASSERT_TRUE(make_card(path, kSerial));
    const std::size_t size = encode(CardState::blank(kSerial)).size();
    const auto write_until = [&](std::size_t bytes) {
        return killed_by([&] {
            auto file = CardFile::claim(path);
            TornStorage torn(*file, 1, bytes);
            CardState after = meters_card();
            after.file(FileId::wallet)[7] = 1;
            static_cast<void>(torn.save(after));
        });
    };
    for (std::size_t bytes = 0; bytes < size; ++bytes) {
        ASSERT_EQ(write_until(bytes), SIGXFSZ);
        const auto there = load_card(path);
        ASSERT_TRUE(there) << bytes << ": " << there.error().message;
        ASSERT_EQ(there->content, CardState::blank(kSerial).content) << bytes;
        ASSERT_EQ(there->keys.state(), KeyState::factory) << bytes;
    }
    ASSERT_EQ(write_until(size), SIGKILL);  // the record was whole, and the card was pulled before it answered
    EXPECT_EQ(load_card(path)->file(FileId::wallet)[7], 1);
    EXPECT_EQ(load_card(path)->keys.state(), KeyState::private_keys);
}

TEST(card_file, torn_in_the_middle_of_any_command_it_is_the_card_before_or_after) {
    const TemporaryFolder folder;
    const std::string path = folder.file("card");
    // Saves of this life: two of the authentication, one of the wallet, two of another authentication, one of the fourth key.
    constexpr unsigned kSaves = 6;
    for (unsigned save = 1; save <= kSaves; ++save)
        for (const std::size_t bytes : {std::size_t{0}, std::size_t{300}, std::size_t{100000}}) {
            ASSERT_TRUE(CardFile::claim(path)->save(CardState::blank(kSerial)));
            const int killed = killed_by([&] {
                const CardState blank = CardState::blank(kSerial);
                const CardKeys next = CardKeys::of_node(kNode, kSet, kSerial);
                auto file = CardFile::claim(path);
                TornStorage torn(*file, save, bytes);
                Desk desk(blank.duplicate(), By::own);  // only makes what is sent
                Card card(blank.duplicate(), torn);
                const auto ask = [&](base::ByteView apdu) { return card.answer(apdu); };
                const auto draw = [&](std::string_view apdu) {
                    base::Bytes out = card.answer(hex(apdu));
                    out.resize(out.size() - 2);
                    return out;
                };
                const auto authenticate = [&] {
                    ask(hex("00A4000002DF01"));
                    ask(cat({hex("0082000208"), desk.proof(draw("0084000008"))}));
                };
                authenticate();
                const base::Bytes wallet(8, 5);
                ask(cat({hex("04D682000C"), wallet, desk.mac(Usage::mac, 0, "04D68200", draw("0084000004"), wallet)}));
                authenticate();
                for (const Usage usage : kUsages) {
                    const std::string p1p2 = base::to_hex(base::Bytes{1, static_cast<std::uint8_t>(usage)});
                    const base::Bytes wrapped = openssl_tool::wrap(key_of(desk.keys, Usage::key_wrap), key_of(next, usage));
                    ask(cat({hex("84D4" + p1p2 + "1C"), wrapped, desk.mac(Usage::mac, 0, "84D4" + p1p2, draw("0084000004"), wrapped)}));
                }
            });
            ASSERT_EQ(killed, bytes == 100000 ? SIGKILL : SIGXFSZ) << save;
            const auto there = load_card(path);
            ASSERT_TRUE(there) << there.error().message;
            const unsigned done = bytes == 100000 ? save : save - 1;
            EXPECT_EQ(there->tries, done == 1 || done == 4 ? kTries - 1 : kTries) << save;
            EXPECT_EQ(there->file(FileId::wallet)[0], done >= 3 ? 5 : 0) << save;
            EXPECT_EQ(shown(there->keys), shown(done >= 6 ? CardKeys::of_node(kNode, kSet, kSerial) : CardKeys::factory(kSerial))) << save;
        }
}

TEST(card_file, says_what_lies_on_the_card_and_no_key) {
    CardState state = meters_card();
    const base::Bytes wallet = hex("0000271000000001");
    std::copy(wallet.begin(), wallet.end(), state.file(FileId::wallet).begin());
    state.file(FileId::parameters)[0] = 0x68;
    const std::string said = describe(state);
    EXPECT_NE(said.find("100.00 yuan, purchase count 1"), std::string::npos) << said;
    EXPECT_NE(said.find("Parameters: broken"), std::string::npos) << said;
    const std::string json = describe_json(state);
    EXPECT_EQ(nlohmann::json::parse(json)["wallet"]["amount_fen"], 10000);
    for (const Usage usage : kUsages) {
        EXPECT_EQ(said.find(base::to_hex(key_of(state.keys, usage))), std::string::npos);
        EXPECT_EQ(json.find(base::to_hex(key_of(state.keys, usage))), std::string::npos);
    }
}

TEST(card_reader, is_named_by_host_and_port) {
    EXPECT_EQ(parse_virtual_reader("35963")->host, "127.0.0.1");
    EXPECT_EQ(parse_virtual_reader("reader:1")->port, "1");
    for (const char* text : {"", ":", "x", ":1", "h:", "h:0", "h:65536", "h:1x"}) EXPECT_FALSE(parse_virtual_reader(text)) << text;
}

TEST(kmp_meter_card, makes_and_shows_a_card) {
    const TemporaryFolder folder;
    const auto meter = [&](const std::string& arguments) { return tests::run(folder.file(""), "kmp-meter card " + arguments); };
    EXPECT_EQ(meter("make mine --serial 1122334455667788").out, "1122334455667788\n");
    EXPECT_EQ(nlohmann::json::parse(meter("show mine --json").out)["serial"], "1122334455667788");
    EXPECT_NE(meter("show mine").out.find("factory keys, 15 tries"), std::string::npos);
    EXPECT_EQ(meter("make other").out.size(), 17u);
    EXPECT_NE(meter("show other").out, meter("show mine").out);
    EXPECT_EQ(meter("make mine").code, 1);
    EXPECT_EQ(meter("show none").code, 1);
    tests::spill(folder.file("broken"), "KMP-CARD");
    EXPECT_EQ(meter("show broken").code, 1);
    EXPECT_EQ(meter("run mine --vpcd 127.0.0.1:1").code, 1);  // nobody listens there
    for (const char* wrong : {"", "make", "make x --serial 11", "make x --serial ''", "run mine", "run mine --vpcd x", "run mine --vpcd 1 --tear 1", "run mine --vpcd 1 --tear 0:1", "run mine --vpcd 1 --tear 1:", "eat mine"}) {
        const auto ran = meter(wrong);
        EXPECT_EQ(ran.code, 2) << wrong;
        EXPECT_EQ(tests::lines_in(ran.err), 1) << ran.err;
    }
}

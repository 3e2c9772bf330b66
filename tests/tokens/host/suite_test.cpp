// Expected values: tests/data/suite-aes128.json, made from docs/SUITE.md by other code than this.
#include "tokens/host/suite_aes128.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace {

using namespace tokens::host;
using base::Bytes;

nlohmann::json examples() {
    std::ifstream file(KMP_SOURCE_DIR "/tests/data/suite-aes128.json");
    return nlohmann::json::parse(file);
}
Bytes hex(const nlohmann::json& field) { return *base::from_hex(field.get<std::string>()); }
std::uint8_t byte(const nlohmann::json& field) { return hex(field).at(0); }

TEST(suite_aes128, derivation_blocks_are_those_of_the_worked_examples) {
    int seen = 0;
    for (const auto& example : examples()) {
        if (!example["name"].get<std::string>().starts_with("derive:")) continue;
        const auto& in = example["inputs"];
        KeyName key{static_cast<Level>(byte(in["level"])), static_cast<model::KeyClass>(byte(in["class"])), static_cast<Usage>(byte(in["usage"])),
                    static_cast<model::KeyState>(byte(in["state"])), byte(in["version"]), {}};
        const Bytes factor = hex(in["factor"]);
        std::copy(factor.begin(), factor.end(), key.factor.begin());
        EXPECT_EQ(base::to_hex(derivation_block(key)), in["block"].get<std::string>()) << example["name"];
        ++seen;
    }
    EXPECT_GE(seen, 20);
}

TEST(suite_aes128, the_meter_key_table_is_that_of_the_worked_examples) {
    for (const auto& example : examples()) {
        const std::string name = example["name"];
        constexpr std::string_view kPrefix = "derive: private key ";
        if (!name.starts_with(kPrefix)) continue;
        const MeterKeyLine& line = kMeterKeys.at(static_cast<std::size_t>(name[kPrefix.size()] - '0'));
        EXPECT_EQ(static_cast<std::uint8_t>(line.key_class), byte(example["inputs"]["class"])) << name;
        EXPECT_EQ(static_cast<std::uint8_t>(line.usage), byte(example["inputs"]["usage"])) << name;
    }
}

TEST(suite_aes128, mac_inputs_are_those_of_the_worked_examples) {
    int seen = 0;
    for (const auto& example : examples()) {
        if (!example["name"].get<std::string>().starts_with("mac:")) continue;
        const auto& in = example["inputs"];
        const Bytes command = hex(in["command"]);
        const std::uint32_t number = static_cast<std::uint32_t>(command[0]) << 24 | static_cast<std::uint32_t>(command[1]) << 16 |
                                     static_cast<std::uint32_t>(command[2]) << 8 | command[3];
        const auto input = mac_input(static_cast<Direction>(byte(in["direction"])), number, byte(in["part"]), hex(in["freshness"]), {hex(in["fields"])});
        ASSERT_TRUE(input);
        EXPECT_EQ(base::to_hex(input->view()), in["message"].get<std::string>()) << example["name"];
        ++seen;
    }
    EXPECT_GE(seen, 15);
}

TEST(suite_aes128, factory_masters_are_those_of_the_worked_examples) {
    int seen = 0;
    for (const auto& example : examples()) {
        if (!example["name"].get<std::string>().starts_with("factory master:")) continue;
        EXPECT_EQ(base::to_hex(factory_master(static_cast<model::KeyClass>(byte(example["inputs"]["class"])))), example["output"].get<std::string>());
        ++seen;
    }
    EXPECT_EQ(seen, 6);
}

TEST(suite_aes128, a_mac_over_more_than_248_bytes_is_refused_and_never_cut) {
    const Bytes fits(244);
    const Bytes longer(245);
    const Bytes r2(4);
    EXPECT_TRUE(mac_input(Direction::to_meter, 0x070301FF, 0, r2, {fits}));
    EXPECT_EQ(mac_input(Direction::to_meter, 0x070301FF, 0, r2, {longer}).error().code, base::Code::invalid_argument);
}

TEST(suite_aes128, no_derivation_block_is_zero) {
    for (const auto key_class : model::kAllClasses) {
        const Block block = derivation_block({Level::meter, key_class, Usage::mac, model::KeyState::factory, 0, {}});
        EXPECT_NE(block, Block{});
        EXPECT_EQ(block[0], 0x4B);
    }
}

TEST(suite_aes128, a_command_is_padded_with_zeros_after_its_length) {
    const Bytes r2 = *base::from_hex("a1b2c3d4");
    // SUITE.md 4, by hand: R2, length 0008, the eight bytes, two zeros.
    EXPECT_EQ(base::to_hex(*command_plaintext(r2, *base::from_hex("1a00595923311226"))), "a1b2c3d400081a005959233112260000");
    EXPECT_EQ(command_plaintext(r2, Bytes(12))->size(), 32u);
    EXPECT_FALSE(command_plaintext(Bytes(3), Bytes(8)));
    EXPECT_FALSE(command_plaintext(r2, Bytes(225)));
}

TEST(suite_aes128, a_meter_factor_is_zeros_and_a_bcd_number) {
    EXPECT_TRUE(check_meter_factor(*base::from_hex("0000123456789012")));
    for (const char* bad : {"0001123456789012", "00001234567890", "00001234567890ab", "000012345678901200"})
        EXPECT_FALSE(check_meter_factor(*base::from_hex(bad))) << bad;
}

}  // namespace

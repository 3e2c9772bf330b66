#include <gtest/gtest.h>

#include "kmp/suite/card_requests.h"
#include "kmp/suite/parameters.h"

namespace {

using base::Bytes;
using base::Code;
using kmp::suite::CardParameters;
using kmp::suite::check_parameter;
using model::Fen;

Bytes hex(const char* text) { return *base::from_hex(text); }

/// "" where it may be written, else the rule or field that says no.
std::string verdict(std::uint32_t identifier, const char* data, bool encrypt) {
    const auto may = check_parameter(identifier, hex(data), encrypt);
    if (may) return "";
    EXPECT_EQ(may.error().code, may.error().message.starts_with("data") ? Code::invalid_argument : Code::refused) << may.error().message;
    return may.error().message.substr(0, may.error().message.find(':'));
}

TEST(parameters, of_class_1_are_written_in_clear_and_encrypted) {
    struct Line {
        std::uint32_t identifier;
        const char* data;
    };
    for (const Line& l : {Line{0x04001001, "00005000"}, Line{0x04001002, "00001000"}, Line{0x04000306, "000001"}, Line{0x04000307, "000010"}, Line{0x04000108, "2701010000"}, Line{0x04000109, "0000000000"},
                          Line{0x04050201, "00005000"}, Line{0x0405023F, "00005000"}, Line{0x040502FF, "0000500000006000"}, Line{0x04060206, "00020000"}, Line{0x040603FF, "00005000"}}) {
        EXPECT_EQ(verdict(l.identifier, l.data, false), "") << std::hex << l.identifier;
        EXPECT_EQ(verdict(l.identifier, l.data, true), "") << std::hex << l.identifier;
    }
}

TEST(parameters, of_class_2_are_written_encrypted_only) {
    struct Line {
        std::uint32_t identifier;
        const char* data;
    };
    for (const Line& l : {Line{0x04000101, "26112200"}, Line{0x04000102, "235959"}, Line{0x04000106, "2701010000"}, Line{0x04000107, "2701010000"}, Line{0x04001003, "00001000"}, Line{0x04001004, "09999900"},
                          Line{0x04020000, "010101070102"}, Line{0x04020008, "000001"}}) {
        EXPECT_EQ(verdict(l.identifier, l.data, true), "") << std::hex << l.identifier;
        EXPECT_EQ(verdict(l.identifier, l.data, false), "class") << std::hex << l.identifier;
    }
}

TEST(parameters, that_no_station_has_business_with_are_refused) {
    for (const std::uint32_t identifier : {0x04000401u, 0x04000402u, 0x04000103u, 0x04000110u, 0x04001005u, 0x04020009u, 0x04050101u, 0x04050200u, 0x04050240u, 0x04060207u, 0x04060308u, 0x070102FFu, 0u})
        EXPECT_EQ(verdict(identifier, "00005000", true), "identifier") << std::hex << identifier;
}

TEST(parameters, of_another_size_or_form_are_refused) {
    EXPECT_EQ(verdict(0x04001001, "005000", false), "data");
    EXPECT_EQ(verdict(0x04001001, "0000005000", false), "data");
    EXPECT_EQ(verdict(0x04001001, "", false), "data");
    EXPECT_EQ(verdict(0x04001001, "0000500a", false), "data") << "no BCD";
    EXPECT_EQ(verdict(0x04050201, "0000500000006000", false), "data") << "two values for one identifier";
    EXPECT_EQ(verdict(0x040602FF, "00000001000000020000000300000004000000050000000600000007", false), "data") << "there are six limits";
    EXPECT_EQ(verdict(0x04000306, "000000", false), "data") << "a ratio of nothing";
    EXPECT_EQ(verdict(0x04000101, "26113100", true), "data") << "31 November";
    EXPECT_EQ(verdict(0x04000101, "26112207", true), "data") << "weekday 7";
    EXPECT_EQ(verdict(0x04000102, "240000", true), "data");
    EXPECT_EQ(verdict(0x04000108, "2702300000", false), "data") << "30 February";
    EXPECT_EQ(verdict(0x04020000, "0101", true), "data");
    EXPECT_FALSE(check_parameter(0x040502FF, Bytes(204), false)) << "more than a frame carries";
    EXPECT_TRUE(check_parameter(0x040502FF, Bytes(200), false));
}

CardParameters good() {
    CardParameters p;
    p.update_flag = 0x81;
    p.tariff_switch = std::array<std::uint8_t, 5>{0x27, 0x01, 0x01, 0x00, 0x00};
    p.alarm1 = Fen(5000);
    p.alarm2 = Fen(1000);
    p.voltage_ratio = 10;
    p.meter = model::MeterNumber::parse("123456789012").value();
    p.customer = model::CustomerNumber::parse("000000654321").value();
    p.kind = model::OrderKind::recharge;
    return p;
}

TEST(card_files, parameters_are_as_the_worked_example_writes_them) {
    // tests/data/suite-aes128.json, "mac: card, parameters update": its fields.
    EXPECT_EQ(base::to_hex(kmp::suite::parameters_file(good())),
              "680100270081000000002701010000000000500000001000000001000010123456789012000000654321022c16");
    EXPECT_EQ(base::to_hex(kmp::suite::wallet_file(Fen(10000), 1)), "0000271000000001");
}

TEST(card_files, parameters_out_of_range_are_refused) {
    EXPECT_TRUE(kmp::suite::check(good()));
    const auto bad = [](auto change) {
        CardParameters p = good();
        change(p);
        return !kmp::suite::check(p);
    };
    EXPECT_TRUE(bad([](CardParameters& p) { p.update_flag = 0x10; }));
    EXPECT_TRUE(bad([](CardParameters& p) { p.alarm1 = Fen(-1); }));
    EXPECT_TRUE(bad([](CardParameters& p) { p.alarm2 = Fen(100'000'000); }));
    EXPECT_TRUE(bad([](CardParameters& p) { p.current_ratio = 0; }));
    EXPECT_TRUE(bad([](CardParameters& p) { p.voltage_ratio = 1'000'000; }));
    EXPECT_TRUE(bad([](CardParameters& p) { (*p.tariff_switch)[1] = 0x13; }));
    EXPECT_TRUE(bad([](CardParameters& p) { (*p.tariff_switch)[4] = 0x0A; }));
}

TEST(card_files, a_write_back_is_read_or_refused_whole) {
    const Bytes good_one = [] {
        Bytes file = hex("6805002b" "01" "000001" "000010" "123456789012" "000000654321" "00002710" "00000001" "00000000" "01010001" "000000" "2611221230");
        std::uint8_t sum = 0;
        for (const std::uint8_t b : file) sum = static_cast<std::uint8_t>(sum + b);
        file.push_back(sum);
        file.push_back(0x16);
        return file;
    }();
    const auto read = kmp::suite::parse_write_back(good_one);
    ASSERT_TRUE(read && *read) << read.error().message;
    EXPECT_EQ((*read)->meter.text(), "123456789012");
    EXPECT_EQ((*read)->customer.text(), "000000654321");
    EXPECT_EQ((*read)->balance, 10000u);
    EXPECT_EQ((*read)->count, 1u);
    const auto empty = kmp::suite::parse_write_back(Bytes(49));
    ASSERT_TRUE(empty);
    EXPECT_FALSE(*empty);
    for (std::size_t at : {0u, 1u, 3u, 4u, 20u, 47u, 48u}) {
        Bytes bent = good_one;
        bent[at] ^= 0x01;
        EXPECT_EQ(kmp::suite::parse_write_back(bent).error().code, Code::malformed) << at;
    }
    EXPECT_FALSE(kmp::suite::parse_write_back(base::ByteView(good_one).first(48)));
}

}  // namespace

#include "tests/vending/suite_station.h"
#include "vending/bcd.h"
#include "vending/setting.h"

using base::Code;
using tests::kExampleMeter;
using tests::spill;

namespace {

const base::Millis kNow = *base::from_rfc3339("2026-11-22T08:00:00Z");

constexpr const char* kTariff = R"(
prices = ["0.5283", "0.3"]
days = [["00:00 2", "08:00 1", "22:00 2"], ["00:00 2"]]
seasons = ["01-01 1", "06-01 2"]
[ladder]
limits = ["200", "400.50"]
prices = ["0", "0.05", "0.3"]
[switch]
prices = "2027-01-01 00:00"
days = "2027-01-01 00:00"
seasons = "2027-01-01 00:00"
ladder = "2027-02-01 12:30"
)";

class settings : public tests::suite_station {
protected:
    std::uint8_t shown_ = 0x03;  ///< seconds after midnight
    std::string on_meter() const { return " --meter " + kExampleMeter + at_line(); }
};

base::Result<std::vector<vending::Setting>> tariff(const std::string& text) { return vending::read_tariff("tariff.toml", base::as_bytes(text), kNow); }
std::string field(const std::vector<vending::Setting>& all, std::uint32_t where, std::size_t which = 0) {
    for (const auto& s : all)
        if (s.where.value() == where && which-- == 0) return base::to_hex(s.field);
    return "none";
}

}  // namespace

TEST_F(settings, are_written_plain_or_encrypted_and_read_again) {
    const auto ran = vend("--json parameters set alarm1 50 hoarding 5000.5 current-ratio 20" + on_meter());
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(base::to_hex(wallet().registers[0x04001001]), "00005000");
    EXPECT_EQ(base::to_hex(wallet().registers[0x04001004]), "00500050");
    EXPECT_EQ(base::to_hex(wallet().registers[0x04000306]), "000020");
    const auto json = nlohmann::json::parse(ran.out);
    EXPECT_EQ(json["set"][0]["class"], 1);
    EXPECT_EQ(json["set"][1]["class"], 2);
    ASSERT_EQ(vend("parameters set alarm2 7 --class 2" + on_meter()).code, 0);
    EXPECT_EQ(base::to_hex(wallet().registers[0x04001002]), "00000700");
    const auto read = vend("remote read alarm1 alarm2 current-ratio" + on_meter());
    EXPECT_EQ(read.out, "Meter 123456789012 says: alarm amount 1 50.00 yuan, alarm amount 2 7.00 yuan, current transformer ratio 20.\n") << read.err;
}

TEST_F(settings, renew_an_authentication_that_has_expired_once) {
    wallet().expires = 1;
    EXPECT_EQ(vend("parameters set alarm1 50" + on_meter()).code, 0);
    EXPECT_EQ(meters_.heard(0x070000FF), 2u);
    wallet().expires = 2;
    const auto refused = vend("parameters set alarm1 60" + on_meter());
    EXPECT_EQ(refused.code, 1);
    EXPECT_NE(refused.err.find("alarm amount 1 60.00 yuan: meter 123456789012 refused: wrong password or not authorised; 0 of 1 were set"), std::string::npos) << refused.err;
}

TEST_F(settings, that_the_meter_shows_otherwise_are_a_conflict) {
    meters_.before = [&](const meter::dlt645::Frame& f) {
        if (f.control.function() == meter::dlt645::Function::read && tests::identifier(f) == 0x04001001) wallet().registers[0x04001001] = base::Bytes{0, 0, 0, 1};
    };
    const auto ran = vend("parameters set alarm1 50" + on_meter());
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find("took it, but shows 00000001 where 00005000 was written"), std::string::npos) << ran.err;
}

TEST_F(settings, of_the_clock_hold_although_it_goes_on) {
    meters_.before = [&](const meter::dlt645::Frame& f) {
        if (f.control.function() == meter::dlt645::Function::read && tests::identifier(f) == 0x04000102) wallet().registers[0x04000102] = base::Bytes{0x00, 0x00, shown_};
    };
    const std::string words = "parameters set clock '2026-11-22 23:59:58'" + on_meter();
    const auto ran = vend(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(base::to_hex(wallet().registers[0x04000101]), "26112200") << "a Sunday";
    shown_ = 0x59;
    const auto late = vend(words);
    EXPECT_EQ(late.code, 1);
    EXPECT_NE(late.err.find("time 23:59:58: meter 123456789012 took it, but shows 000059"), std::string::npos) << late.err;
}

TEST_F(settings, that_there_are_not_are_told_before_anything_is_asked) {
    for (const char* words : {"alarm1", "alarm3 5", "alarm1 5 alarm1 6", "alarm1 -5", "hoarding 1000000", "current-ratio 0", "current-ratio 1000000", "clock noon", "clock '2026-02-30 00:00:00'"}) {
        const auto ran = vend(std::string("parameters set ") + words + on_meter());
        EXPECT_NE(ran.code, 0) << words;
        EXPECT_EQ(tests::lines_in(ran.err), 1) << words;
    }
    EXPECT_EQ(vend("remote read colour" + on_meter()).code, 1);
    EXPECT_TRUE(kmpd_.service().requests().empty());
    EXPECT_TRUE(meters_.heard().empty());
}

TEST_F(settings, of_a_tariff_are_written_frame_by_frame) {
    spill(folder_.path() + "/tariff.toml", kTariff);
    const auto ran = vend("tariff set " + folder_.path() + "/tariff.toml" + on_meter());
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(base::to_hex(wallet().registers[0x040502FF]), "00003000" "00005283");
    EXPECT_EQ(base::to_hex(wallet().registers[0x04000108]), "2701010000");
    EXPECT_EQ(base::to_hex(wallet().registers[0x04020001]), "220002" "080001" "000002");
}

TEST(tariff_file, becomes_tables_of_the_second_set_between_no_switch_and_the_switch) {
    const auto all = tariff(kTariff);
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_EQ(field(*all, 0x040502FF), "0000300000005283");
    EXPECT_EQ(field(*all, 0x040603FF), "00003000" "00000500" "00000000");
    EXPECT_EQ(field(*all, 0x040602FF), "00040050" "00020000");
    EXPECT_EQ(field(*all, 0x04020000), "060102" "010101");
    EXPECT_EQ(field(*all, 0x04020001), "220002" "080001" "000002");
    EXPECT_EQ(field(*all, 0x04020002), "000002");
    EXPECT_EQ(field(*all, 0x04000109), "0000000000") << "first no switch";
    EXPECT_EQ(field(*all, 0x04000109, 1), "2702011230");
    EXPECT_LT(all->front().where.value(), 0x0400010Au);
    EXPECT_GT(all->back().field.front(), 0) << "and the times last";
}

TEST(tariff_file, is_refused_with_all_that_is_wrong_in_it) {
    struct Case {
        const char* text;
        const char* what;
    };
    for (const Case& c : {Case{"prices = [", "line 1"}, Case{"", "it sets nothing"}, Case{"colour = 1", "colour: there is no such entry"},
                          Case{"prices = [0.5]\n[switch]\nprices = \"2027-01-01 00:00\"", "it takes strings"},
                          Case{"prices = [\"0.52831\"]\n[switch]\nprices = \"2027-01-01 00:00\"", "prices '0.52831'"},
                          Case{"prices = [\"12345.0\"]\n[switch]\nprices = \"2027-01-01 00:00\"", "prices '12345.0'"}, Case{"prices = [\"0.5\"]", "switch.prices: it is missing"},
                          Case{"prices = [\"0.5\"]\n[switch]\nprices = \"2020-01-01 00:00\"", "it is past"},
                          Case{"prices = [\"0.5\"]\n[switch]\nprices = \"tomorrow\"", "it takes a time"},
                          Case{"prices = [\"0.5\"]\ndays = [[\"00:00 2\"]]\n[switch]\nprices = \"2027-01-01 00:00\"\ndays = \"2027-01-01 00:00\"", "there is no tariff 2, only 1 to 1"},
                          Case{"days = [[\"08:00 1\", \"07:00 2\"]]\n[switch]\ndays = \"2027-01-01 00:00\"", "each must be later"},
                          Case{"days = [[\"24:00 1\"]]\n[switch]\ndays = \"2027-01-01 00:00\"", "days, table 1 '24:00 1'"},
                          Case{"seasons = [\"13-01 1\"]\n[switch]\nseasons = \"2027-01-01 00:00\"", "seasons '13-01 1'"},
                          Case{"[ladder]\nlimits = [\"5\", \"4\"]\nprices = [\"1\", \"2\", \"3\"]\n[switch]\nladder = \"2027-01-01 00:00\"", "each must be above"},
                          Case{"[ladder]\nlimits = [\"5\"]\nprices = [\"1\", \"2\", \"3\"]\n[switch]\nladder = \"2027-01-01 00:00\"", "3 prices take 2 limits"},
                          Case{"prices = [\"0.5\"]\n[switch]\nprices = \"2027-01-01 00:00\"\nladder = \"2027-01-01 00:00\"", "the file has no ladder"}}) {
        const auto all = tariff(c.text);
        ASSERT_FALSE(all) << c.text;
        EXPECT_NE(all.error().message.find(c.what), std::string::npos) << c.text << ": " << all.error().message;
    }
    const auto both = tariff("prices = [\"x\"]\nseasons = [\"y\"]");
    EXPECT_NE(both.error().message.find("prices 'x'"), std::string::npos) << both.error().message;
    EXPECT_NE(both.error().message.find("seasons 'y'"), std::string::npos) << both.error().message;
}

TEST_F(settings, of_an_authentication_and_what_a_meter_says_of_itself) {
    wallet().balance = 1234;
    wallet().count = 5;
    EXPECT_EQ(vend("remote validity 30" + on_meter()).code, 0);
    EXPECT_EQ(wallet().validity, 30u);
    EXPECT_EQ(vend("remote validity 0" + on_meter()).code, 2);
    EXPECT_EQ(vend("remote validity 10000" + on_meter()).code, 2);
    const auto back = vend("remote read-back" + on_meter());
    EXPECT_NE(back.out.find("balance 12.34 yuan, purchase count 5; genuine"), std::string::npos) << back.out << back.err;
    const auto ended = vend("remote end" + on_meter());
    EXPECT_NE(ended.out.find("unverified: customer 000000000042, balance 12.34 yuan"), std::string::npos) << ended.out << ended.err;
    EXPECT_FALSE(wallet().session);
    wallet().expires = 1;
    EXPECT_EQ(vend("remote read-back" + on_meter()).code, 0) << "renewed once";
}

#include "tests/vending/suite_station.h"
#include "vending/key_download.h"
#include "vending/meter_list.h"

using base::Code;
using tests::kExampleMeter;
using tests::slurp;
using tests::spill;

namespace {

class key_run : public tests::suite_station {
protected:
    void SetUp() override {
        suite_station::SetUp();
        wallet().factory = true;
    }
    base::Result<vending::KeysMoved> move(vending::Move way = vending::Move::download) {
        vending::Dialogue meter(*line_, *model::MeterNumber::parse(kExampleMeter));
        return vending::move_keys(*platform_, meter, way);
    }
    static std::string number(int i) { return std::to_string(300000000000 + i); }
    tests::Ran download(const std::string& meters, const std::string& more = "") {
        return vend("keys download --meters " + meters + " --result " + folder_.path() + "/report.csv" + at_line() + more);
    }
};

}  // namespace

TEST_F(key_run, sends_twenty_keys_in_five_frames_to_a_meter_that_says_it_has_twenty) {
    wallet().keys = 20;
    const auto moved = move();
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_EQ(moved->records, 5u);
    EXPECT_FALSE(wallet().factory);
    EXPECT_EQ(meters_.heard(0x070301FF), 5u);
    const auto requests = kmpd_.service().requests();
    const auto asked = std::find_if(requests.begin(), requests.end(), [](const auto& r) { return r.has_download_keys(); });
    EXPECT_EQ(asked->download_keys().keys(), 20u);
    ASSERT_TRUE(move(vending::Move::recover));
    EXPECT_TRUE(wallet().factory);
}

TEST_F(key_run, sends_nine_keys_one_by_one_to_any_other) {
    ASSERT_TRUE(move());
    EXPECT_FALSE(wallet().factory);
    EXPECT_EQ(meters_.heard(0x070301FF), 0u);
    EXPECT_EQ(meters_.heard(0x070204FF), 4u);
}

TEST_F(key_run, is_finished_by_another_run_after_the_power_failed_at_any_frame) {
    for (const unsigned keys : {20u, 9u}) {
        for (int frame = 1; frame <= (keys == 20 ? 5 : 9); ++frame) {
            auto& m = wallet();
            m = {};
            m.factory = true;
            m.keys = keys;
            m.dies_at_frame = frame;
            open({vending::Wait(60), vending::Wait(15), 2});
            auto moved = move();
            if (!moved) moved = move();
            ASSERT_TRUE(moved) << keys << " keys, frame " << frame << ": " << moved.error().message;
            EXPECT_FALSE(m.factory) << keys << " keys, frame " << frame;
        }
    }
}

TEST_F(key_run, brings_keys_to_hundreds_of_meters_and_reports_each) {
    constexpr int kMeters = 300;
    for (int i = 0; i < kMeters; ++i) {
        auto& m = wallet(number(i));
        m.factory = i != 7;  // one holds them already
        m.keys = i % 2 == 0 ? 20 : 9;
    }
    const auto ran = download(number(0) + "-" + number(kMeters - 1), " --json");
    ASSERT_EQ(ran.code, 0) << ran.err;
    const auto json = nlohmann::json::parse(ran.out);
    EXPECT_EQ(json["done"], kMeters - 1);
    EXPECT_EQ(json["already"], 1);
    EXPECT_EQ(kmpd_.keys_reported, static_cast<unsigned>(kMeters));
    for (int i = 0; i < kMeters; ++i) EXPECT_FALSE(wallet(number(i)).factory) << number(i);
    const std::string report = slurp(folder_.path() + "/report.csv");
    EXPECT_NE(report.find(number(0) + ",done,1,5,"), std::string::npos) << report;
    EXPECT_NE(report.find(number(7) + ",held already,1,0,"), std::string::npos);
    // Again: nothing is asked of anybody, unless it is wished.
    const auto again = download(number(0) + "-" + number(kMeters - 1));
    EXPECT_NE(again.out.find("300 done by an earlier run"), std::string::npos) << again.out;
    EXPECT_NE(download(number(0) + "-" + number(kMeters - 1), " --again").out.find("300 held them already"), std::string::npos);
}

TEST_F(key_run, goes_on_past_a_meter_that_fails_and_tries_it_again_next_time) {
    for (int i = 0; i < 3; ++i) wallet(number(i)).factory = true;
    spill(folder_.path() + "/list", "meter\n" + number(0) + "\n" + number(5) + "\n\n" + number(2) + "\n");
    const auto ran = download(folder_.path() + "/list");
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find("1 meters failed; the same command tries them again"), std::string::npos) << ran.err;
    EXPECT_NE(ran.out.find(number(5) + ": meter " + number(5) + " does not answer"), std::string::npos) << ran.out;
    EXPECT_FALSE(wallet(number(2)).factory);
    wallet(number(5)).factory = true;
    const auto again = download(folder_.path() + "/list");
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_NE(again.out.find("1 done now, 0 held them already, 2 done by an earlier run"), std::string::npos) << again.out;
}

TEST_F(key_run, gets_through_a_line_that_loses_and_garbles) {
    for (int i = 0; i < 6; ++i) {
        wallet(number(i)).factory = true;
        wallet(number(i)).keys = i % 2 == 0 ? 20 : 9;
    }
    meters_.set_noise({5, 5, 5, 0, 0});
    open({vending::Wait(60), vending::Wait(15), 3});
    for (int i = 0; i < 6; ++i) {
        vending::Dialogue meter(*line_, *model::MeterNumber::parse(number(i)));
        bool done = false;
        for (int round = 0; round < 10 && !done; ++round) done = vending::move_keys(*platform_, meter, vending::Move::download).ok();
        EXPECT_TRUE(done) << number(i);
        EXPECT_FALSE(wallet(number(i)).factory);
    }
}

TEST(meter_list, is_a_range_or_a_file_and_tells_all_that_is_wrong) {
    const auto range = vending::read_meter_list("300000000001-300000000003");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->size(), 3u);
    EXPECT_EQ(vending::read_meter_list("300000000003-300000000001").error().code, Code::invalid_argument);
    EXPECT_EQ(vending::read_meter_list("300000000000-300000099999").error().code, Code::invalid_argument);
    EXPECT_EQ(vending::read_meter_list("/nowhere/at/all").error().code, Code::invalid_argument);
    const tests::TemporaryFolder folder;
    spill(folder.path() + "/list", "300000000001\nabc\n300000000001\n000000000000\n");
    const auto wrong = vending::read_meter_list(folder.path() + "/list");
    ASSERT_FALSE(wrong);
    for (const char* what : {"line 2: 'abc'", "line 3: 300000000001 stands in an earlier line too", "line 4: '000000000000'"}) EXPECT_NE(wrong.error().message.find(what), std::string::npos) << wrong.error().message;
}

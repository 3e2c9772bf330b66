#include <nlohmann/json.hpp>

#include "tests/vending/station_test.h"
#include "tests/wire/run_program.h"

using tests::lines_in;
using tests::PlayedMeter;
using tests::run;

namespace {

class kmp_vend : public tests::station {
protected:
    const std::string journal_ = folder_.path() + "/orders.db";
    void SetUp() override { tests::spill(folder_.path() + "/pin", "246810\n"); }
    tests::Ran vend(const std::string& arguments) {
        return run(folder_.path(), "kmp-vend --socket " + path_ + " --pin-fd ukey=3 --journal " + journal_ + " " + arguments + " --line " + meter_.line() + " 3<pin");
    }
};

}  // namespace

TEST_F(kmp_vend, recharges_and_tells_the_outcome_as_json) {
    const auto ran = vend("--json remote recharge --meter auto --amount 12.34 --customer 000000004711");
    ASSERT_EQ(ran.code, 0) << ran.err;
    const auto json = nlohmann::json::parse(ran.out);
    EXPECT_EQ(json["meter"], tests::kMeter);
    EXPECT_EQ(json["amount_fen"], 1234);
    EXPECT_EQ(json["purchase_count"], 1);
    EXPECT_TRUE(base::Uuid::parse(json["order_id"].get<std::string>()));
    EXPECT_EQ(kmpd_.service().pins(), std::vector<std::string>{"ukey:246810"});
}

TEST_F(kmp_vend, asks_the_meter_for_its_customer_when_none_is_given) {
    const auto ran = vend("--json remote recharge --meter " + tests::kMeter + " --amount 5");
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(nlohmann::json::parse(ran.out)["customer"], tests::kCustomer);
}

TEST_F(kmp_vend, repeats_an_order_under_the_id_it_is_given) {
    const std::string id = base::Uuid::make_v7(1795329720000).text();
    const auto ran = vend("--json remote recharge --meter auto --customer " + tests::kCustomer + " --amount 5 --order-id " + id);
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(nlohmann::json::parse(ran.out)["order_id"], id);
}

TEST_F(kmp_vend, downloads_keys_and_says_each_step) {
    meter_.holds = 0x10;
    const auto ran = vend("--verbose keys download --meter auto");
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_NE(ran.out.find("the meter took key 9 of 9"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("holds its private keys, version 1"), std::string::npos) << ran.out;
}

TEST_F(kmp_vend, opens_a_session_as_a_network_account) {
    const auto ran = run(folder_.path(), "kmp-vend --socket " + path_ + " --account shop-7 --pin-fd account=3 remote status --meter auto --line " + meter_.line() + " 3<pin");
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(kmpd_.service().pins(), std::vector<std::string>{"account:246810"});
    const auto asked = kmpd_.asked(tests::pb::StationRequest::kOpenSession);
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked[0].open_session().account(), "shop-7");
    EXPECT_EQ(asked[0].open_session().ukey(), "");
    const auto no_password = run(folder_.path(), "kmp-vend --socket " + path_ + " --account shop-7 remote status --meter auto --line " + meter_.line());
    EXPECT_EQ(no_password.code, 1);
    EXPECT_NE(no_password.err.find("--pin-fd account=N"), std::string::npos) << no_password.err;
}

TEST_F(kmp_vend, switches_the_relay) {
    EXPECT_EQ(vend("remote trip --meter auto").code, 0);
    EXPECT_EQ(vend("remote allow-close --meter auto").code, 0);
    EXPECT_EQ(vend("remote keep-power off --meter auto").code, 0);
    std::vector<std::uint32_t> commands;
    for (const auto& r : kmpd_.asked(tests::pb::StationRequest::kRelay)) commands.push_back(r.relay().command());
    EXPECT_EQ(commands, (std::vector<std::uint32_t>{0x1A, 0x1B, 0x3B}));
}

TEST_F(kmp_vend, refusal_is_one_line_and_exit_code_1) {
    kmpd_.fail_next(tests::pb::StationRequest::kOrder, {base::Code::refused, "per_order: 5.00 yuan asked, 1.00 of 1.00 left"});
    const auto ran = vend("remote recharge --meter auto --amount 5 --customer 000000004711");
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.err, "kmp-vend: per_order: 5.00 yuan asked, 1.00 of 1.00 left\n");
    EXPECT_EQ(ran.out, "");
}

TEST_F(kmp_vend, opens_a_session_without_a_pin_where_kmpd_admits_the_user) {
    const auto ran = run(folder_.path(), "kmp-vend --socket " + path_ + " remote status --meter auto --line " + meter_.line());
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_TRUE(kmpd_.service().pins().empty());
    EXPECT_NE(ran.out.find("balance -1.00 yuan"), std::string::npos) << ran.out;
}

TEST_F(kmp_vend, says_how_to_give_a_pin_and_which_ukey_where_it_cannot_ask) {
    const std::string command = "kmp-vend --socket " + path_ + " remote status --meter auto --line " + meter_.line();
    kmpd_.fail_next(tests::pb::StationRequest::kOpenSession, {base::Code::denied, "pin: UKEY U-1 needs its PIN; enter it before OpenSession"});
    EXPECT_NE(run(folder_.path(), command).err.find("give --pin-fd ukey=N"), std::string::npos);
    kmpd_.fail_next(tests::pb::StationRequest::kOpenSession, {base::Code::denied, "state: UKEY U-1 is suspended; ask the officer"});
    EXPECT_EQ(run(folder_.path(), command).err, "kmp-vend: state: UKEY U-1 is suspended; ask the officer\n");
    kmpd_.fail_next(tests::pb::StationRequest::kOpenSession, {base::Code::invalid_argument, "ukey: several UKEYs are plugged in; name one by its serial"});
    EXPECT_NE(run(folder_.path(), command).err.find("name one by its serial: give --ukey SERIAL"), std::string::npos);
}

TEST_F(kmp_vend, tells_numbers_that_are_nobodys_and_amounts_that_are_too_large) {
    EXPECT_EQ(vend("remote trip --meter 000000000000").code, 2);
    EXPECT_EQ(vend("remote open --meter auto --customer 000000000000 --amount 5").code, 2);
    const auto large = vend("remote open --meter auto --customer 000000004711 --amount 21474836.48");
    EXPECT_EQ(large.code, 2);
    EXPECT_NE(large.err.find("more than an order can carry, 21474836.47 yuan"), std::string::npos) << large.err;
    EXPECT_TRUE(kmpd_.service().requests().empty());
}

TEST_F(kmp_vend, charges_no_meter_that_only_happens_to_be_on_the_line) {
    for (const std::string order : {"recharge --amount 5", "refund --amount 5", "clear"}) {
        const auto ran = vend("remote " + order + " --meter auto");
        EXPECT_NE(ran.code, 0);
        EXPECT_NE(ran.err.find("--meter auto needs --customer"), std::string::npos) << ran.err;
    }
    EXPECT_TRUE(kmpd_.service().requests().empty());
}

TEST_F(kmp_vend, warns_that_a_recovery_takes_an_officer_to_go_back) {
    const auto help = run(folder_.path(), "kmp-vend keys --help");
    EXPECT_NE(help.out.find("no private keys again unless an officer allows it"), std::string::npos) << help.out;
    meter_.holds_after_keys = 0x10;
    const auto ran = vend("keys recover --meter auto");
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_NE(ran.out.find("sends it no private keys again"), std::string::npos) << ran.out;
}

TEST_F(kmp_vend, wrong_usage_is_exit_code_2) {
    for (const char* arguments : {"", "remote", "remote recharge --meter auto", "remote recharge --meter 12 --amount 5", "remote recharge --meter auto --amount 1.234",
                                  "remote recharge --meter auto --amount 5 --order-id x", "remote open --meter auto --amount 5", "remote trip --meter auto --pin-fd master=3",
                                  "remote trip --meter auto --pin 1234", "remote recharge --meter auto --amount 5 --order-id ''", "remote recharge --meter auto --amount 5 --customer ''",
                                  "remote open --meter auto --customer 000000004711 --amount ''", "remote trip --meter ''", "--ukey '' remote trip --meter auto", "--account '' remote trip --meter auto",
                                  "--account shop-7 --ukey U-1 remote trip --meter auto"}) {
        const auto ran = vend(arguments);
        EXPECT_EQ(ran.code, 2) << arguments;
        EXPECT_EQ(lines_in(ran.err), 1) << ran.err;
        EXPECT_TRUE(ran.err.starts_with("kmp-vend: ")) << ran.err;
    }
    EXPECT_EQ(run(folder_.path(), "kmp-vend remote trip --meter auto --line usb:1").code, 2);
    EXPECT_TRUE(kmpd_.service().requests().empty());
}

TEST_F(kmp_vend, without_kmpd_says_what_to_start) {
    const auto ran = run(folder_.path(), "kmp-vend --home " + folder_.path() + "/none remote trip --meter auto --line " + meter_.line());
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(lines_in(ran.err), 1);
    EXPECT_NE(ran.err.find("kmpd is not running at " + folder_.path() + "/none/run/kmp.sock"), std::string::npos) << ran.err;
}

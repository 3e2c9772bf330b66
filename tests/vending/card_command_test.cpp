#include <gtest/gtest.h>

#include "tests/wire/fake_service.h"
#include "tests/wire/run_program.h"

namespace {

class card_command : public testing::Test {
protected:
    tests::Ran vend(const std::string& arguments) { return tests::run(folder_.path(), "kmp-vend --socket " + folder_.path() + "/none card " + arguments); }
    void spill(const std::string& name, const std::string& text) { tests::spill(folder_.path() + "/" + name, text); }

    tests::TemporaryFolder folder_;
    const std::string sale_ = "sell --reader R --meter 202611220001 --amount 5 ";
};

}  // namespace

TEST_F(card_command, wrong_usage_is_exit_code_2_and_one_line_before_anything_is_asked) {
    spill("bad.toml", R"(prices = ["1.23456"])");
    spill("good.toml", R"(prices = ["1.2345"])");
    const std::vector<std::string> wrong{"", "sell", "read --reader R", "read --meter 202611220001", "read --reader R --meter auto", "read --reader '' --meter 202611220001", "read --reader R --meter 000000000000",
                                         "sell --reader R --meter 202611220001", sale_ + "--open", sale_ + "--customer 7", sale_ + "--customer 000000000000", sale_ + "--order-id x", sale_ + "--order-id ''",
                                         sale_ + "--alarm1 5", sale_ + "--alarm1 1000000 --alarm2 1 --current-ratio 1 --voltage-ratio 1", sale_ + "--current-ratio 0", sale_ + "--current-ratio 1000000",
                                         sale_ + "--tariffs bad.toml", sale_ + "--next-tariffs good.toml", sale_ + "--tariff-switch '2026-12-01 00:00'",
                                         sale_ + "--next-tariffs good.toml --tariff-switch 2026-12-01", sale_ + "--next-tariffs good.toml --tariff-switch '2026-13-01 00:00'",
                                         "sell --reader R --meter 202611220001 --amount 1.234", "replace --reader R --meter 202611220001", "replace --reader R --meter 202611220001 --customer 000000004711 --amount 5",
                                         "read --reader R --meter 202611220001 --pin-fd master=3", "readers --pin 1"};
    for (const std::string& arguments : wrong) {
        const auto ran = vend(arguments);
        EXPECT_EQ(ran.code, 2) << arguments << "\n" << ran.err;
        EXPECT_EQ(tests::lines_in(ran.err), 1) << ran.err;
        EXPECT_TRUE(ran.err.starts_with("kmp-vend: ")) << ran.err;
    }
    const auto missing = vend(sale_ + "--tariffs none.toml");
    EXPECT_EQ(missing.code, 1);
    EXPECT_NE(missing.err.find("none.toml"), std::string::npos) << missing.err;
}

TEST_F(card_command, without_pcscd_says_what_to_start) {
    setenv("PCSCLITE_CSOCK_NAME", (folder_.path() + "/none").c_str(), 1);
    for (const char* arguments : {"readers", "read --reader auto --meter 202611220001"}) {
        const auto ran = vend(arguments);
        EXPECT_EQ(ran.code, 1);
        EXPECT_EQ(ran.err, "kmp-vend: smart card readers: pcscd is not running: start it (systemctl start pcscd)\n");
    }
    unsetenv("PCSCLITE_CSOCK_NAME");
}

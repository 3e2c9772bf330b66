#include <fcntl.h>
#include <sys/wait.h>

#include "sheet/csv.h"
#include "tests/vending/suite_station.h"
#include "vending/order_file.h"

using base::Code;
using tests::slurp;
using tests::spill;
namespace pb = wire::pb;

namespace {

constexpr const char* kHead = "meter,customer,operation,amount\n";

class batch : public tests::suite_station {
protected:
    void SetUp() override {
        suite_station::SetUp();
        for (int i = 0; i < 5; ++i) meters_.meter(number(i)).customer = static_cast<std::uint64_t>(100 + i);
    }
    static std::string number(int i) { return "20000000000" + std::to_string(i); }
    static std::string row(int i, const std::string& operation = "recharge", const std::string& amount = "10") {
        return number(i) + ",000000000" + std::to_string(100 + i) + "," + operation + "," + amount + "\n";
    }
    tests::Ran batch_of(const std::string& options = "") { return vend(options + " remote batch " + csv_ + " --result " + result_ + at_line()); }
    std::int64_t credit() {
        std::int64_t out = 0;
        for (int i = 0; i < 5; ++i) out += wallet(number(i)).balance;
        return out;
    }
    std::string csv_ = folder_.path() + "/orders.csv";
    std::string result_ = folder_.path() + "/result.csv";
};

base::Result<std::vector<vending::JournalOrder>> parse(const std::string& text) { return vending::parse_orders("orders.csv", base::as_bytes(text)); }

}  // namespace

TEST_F(batch, carries_out_every_line_and_writes_what_each_meter_answered) {
    wallet(number(1)).hoarding_limit = 500;
    spill(csv_, kHead + row(0) + row(1) + row(2, "refund", "5"));
    wallet(number(2)).balance = 700;
    const auto ran = batch_of("--json");
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find("1 orders were not confirmed"), std::string::npos) << ran.err;
    const auto json = nlohmann::json::parse(ran.out);
    EXPECT_EQ(json["confirmed"], 2);
    EXPECT_EQ(json["failed"], 1);
    const std::string result = slurp(result_);
    EXPECT_NE(result.find("2,200000000000,000000000100,recharge,10.00,"), std::string::npos) << result;
    EXPECT_NE(result.find(",confirmed,1,confirmed by the meter"), std::string::npos) << result;
    EXPECT_NE(result.find("held,1,refused by the meter; it keeps its purchase count: meter 200000000001 refused: over the hoarding limit"), std::string::npos) << result;
    EXPECT_EQ(wallet(number(2)).balance, 200);
}

TEST_F(batch, run_again_credits_nothing_twice_also_under_another_name) {
    spill(csv_, kHead + row(0) + row(1));
    ASSERT_EQ(batch_of().code, 0);
    const auto again = batch_of();
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_NE(again.out.find("0 of 2 orders confirmed by their meters now, 2 by an earlier run"), std::string::npos) << again.out;
    csv_ = folder_.path() + "/copy.csv";
    spill(csv_, kHead + row(0) + row(1));
    EXPECT_EQ(batch_of().code, 0);
    EXPECT_EQ(credit(), 2000);
    EXPECT_EQ(kmpd_.orders, 2u);
}

TEST_F(batch, takes_lines_that_were_added_and_refuses_lines_that_were_changed) {
    spill(csv_, kHead + row(0) + row(1));
    ASSERT_EQ(batch_of().code, 0);
    spill(csv_, kHead + row(0) + row(1) + row(2));
    ASSERT_EQ(batch_of().code, 0);
    EXPECT_EQ(credit(), 3000);
    spill(csv_, kHead + row(3) + row(1) + row(2, "recharge", "11"));
    const auto changed = batch_of();
    EXPECT_EQ(changed.code, 1);
    EXPECT_NE(changed.err.find("line 2: on "), std::string::npos) << changed.err;
    EXPECT_NE(changed.err.find("line 4: on "), std::string::npos) << changed.err;
    EXPECT_EQ(credit(), 3000);
}

TEST_F(batch, tells_all_bad_lines_before_the_first_order) {
    spill(csv_, kHead + row(0) + "12,,recharge,5\n" + row(1, "gift") + row(2, "recharge", "0") + row(3, "recharge", "1.234") + number(4) + ",,open,5\n");
    const auto ran = batch_of();
    EXPECT_EQ(ran.code, 1);
    for (const char* what : {"line 3: meter '12'", "line 4: operation 'gift'", "line 5: amount: a recharge of nothing", "line 6: amount", "line 7: customer: an opening needs one"})
        EXPECT_NE(ran.err.find(what), std::string::npos) << what << " in " << ran.err;
    EXPECT_TRUE(kmpd_.service().requests().empty());
}

TEST_F(batch, takes_order_ids_of_its_own_and_no_id_twice) {
    const std::string id = base::Uuid::make_v7(tests::kClock.now()).text();
    const std::string with_id = "meter,customer,operation,amount,order_id\n" + number(0) + ",,recharge,10," + id + "\n";
    spill(csv_, with_id);
    ASSERT_EQ(batch_of().code, 0);
    EXPECT_NE(vend("orders list --all").out.find(id), std::string::npos);
    spill(csv_, with_id + number(1) + ",,recharge,10," + id + "\n");
    EXPECT_NE(batch_of().err.find("stands in an earlier line too"), std::string::npos);
    EXPECT_EQ(credit(), 1000);
}

TEST_F(batch, goes_on_after_it_was_killed_anywhere) {
    spill(csv_, kHead + row(0) + row(1) + row(2));
    for (const char* at : {"planned", "asked", "answered", "sent", "confirmed"}) EXPECT_NE(batch_of(std::string("--die-at ") + at).code, 0) << at;
    const auto last = batch_of();
    EXPECT_EQ(last.code, 0) << last.err;
    EXPECT_EQ(credit(), 3000);
    EXPECT_EQ(kmpd_.orders, 3u);
}

TEST_F(batch, finishes_the_order_under_way_when_it_is_interrupted_and_says_how_to_go_on) {
    spill(csv_, kHead + row(0) + row(1) + row(2));
    std::atomic<int> sent{0};
    std::atomic<pid_t> program{0};
    meters_.before = [&](const meter::dlt645::Frame& f) {
        if (tests::identifier(f) == 0x070102FF && ++sent == 1) kill(program, SIGINT);
    };
    platform_.reset();
    line_.reset();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const int err = ::open((folder_.path() + "/err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(err, STDERR_FILENO);
        dup2(err, STDOUT_FILENO);
        const std::string vend_path = std::string(KMP_BIN_DIR) + "/kmp-vend", at = meters_.line();
        execl(vend_path.c_str(), "kmp-vend", "--socket", path_.c_str(), "--journal", file_.c_str(), "remote", "batch", csv_.c_str(), "--result", result_.c_str(), "--line", at.c_str(), nullptr);
        _exit(99);
    }
    program = child;
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 1);
    const std::string said = slurp(folder_.path() + "/err");
    EXPECT_NE(said.find("stopped after 1 of 3 orders: it was interrupted; the same command goes on with the rest"), std::string::npos) << said;
    EXPECT_EQ(credit(), 1000) << "the order under way was finished";
    EXPECT_NE(slurp(result_).find("planned,,not asked for yet"), std::string::npos);
    meters_.before = {};
    EXPECT_EQ(batch_of().code, 0);
    EXPECT_EQ(credit(), 3000);
}

TEST_F(batch, asks_for_nothing_when_its_result_cannot_be_written) {
    spill(csv_, kHead + row(0));
    result_ = folder_.path() + "/none/result.csv";
    EXPECT_EQ(batch_of().code, 1);
    EXPECT_TRUE(kmpd_.service().requests().empty());
}

TEST(order_file, is_read_as_spreadsheets_write_it) {
    const auto orders = parse("\xEF\xBB\xBFmeter,operation,amount,customer\r\n\"123456789012\",recharge,\"1.50\",\r\n\r\n123456789013,clear,,\r\n");
    ASSERT_TRUE(orders) << orders.error().message;
    ASSERT_EQ(orders->size(), 2u);
    EXPECT_EQ((*orders)[0].amount->value(), 150);
    EXPECT_FALSE((*orders)[0].customer);
    EXPECT_FALSE((*orders)[1].amount);
    EXPECT_EQ((*orders)[1].line, 4u);
}

TEST(order_file, that_is_none_is_refused) {
    for (const char* text : {"", "meter,customer,operation,amount\n", "meter,operation\n123456789012,recharge\n", "meter,operation,amount,colour\n", "meter,meter,operation,amount\n",
                             "meter,operation,amount\n123456789012,recharge\n", "meter,operation,amount\n\"123456789012,recharge,5\n"}) {
        const auto orders = parse(text);
        ASSERT_FALSE(orders) << text;
        EXPECT_EQ(orders.error().code, Code::malformed) << text;
    }
}

TEST(csv_line, quotes_what_needs_it) { EXPECT_EQ(sheet::csv_line({"a", "b,c", "d\"e", ""}), "a,\"b,c\",\"d\"\"e\",\r\n"); }

// kmpctl from the outside: what is wrong with a command line or a PIN, and how it ends.
#include "tests/wire/kmpctl_under_test.h"

using tests::lines_in;

namespace {

using kmpctl = tests::KmpctlTest;

TEST_F(kmpctl, without_kmpd_says_what_to_start_and_ends_with_1) {
    service_.reset();
    for (const char* command : {"status", "ukey list", "audit list", "crl", "seal"}) {
        const auto ran = ctl(command);
        EXPECT_EQ(ran.code, 1) << command;
        EXPECT_EQ(lines_in(ran.err), 1) << ran.err;
        EXPECT_NE(ran.err.find("kmpd is not running at " + folder_.path() + "/run/admin.sock: start it with kmpd"), std::string::npos) << ran.err;
        EXPECT_EQ(ran.out, "");
    }
}

TEST_F(kmpctl, wrong_usage_ends_with_2_before_kmpd_is_asked) {
    const std::string issue = "ukey issue --kind user --reader r --holder h ";
    const std::vector<std::string> wrong{
        "",
        "--nonsense",
        "ukey",
        "ukey show",
        "ukey suspend",
        "ukey suspend U-0001",
        "ukey report-lost U-0001",
        "ukey revoke U-0001",
        "ukey revoke U-0001 --reason ''",
        "init --utility X --platform-reader a --master-reader b --officer c=A --officer d=B",
        "init --utility X --platform-reader a --master-reader b --minutes ''",
        "frobnicate",
        "pki",
        "pki install issuing.pem",
        "crl frobnicate",
        "init --utility X",
        "init --utility X --platform-reader a --master-reader b --day-offset 8",
        "init --utility X --platform-reader a --master-reader b --day-offset +15:00",
        "ukey issue --kind officer --reader r --holder h",
        issue + "--meters 12",
        issue + "--meters 000000000002-000000000001",
        issue + "--operations fly",
        issue + "--classes control",
        issue + "--per-order 1.234",
        issue + "--per-day=-1",
        issue + "--hours 8-24",
        issue + "--weekdays fri-mon",
        issue + "--valid-until tomorrow",
        issue + "--uid root",
        issue + "--valid-from 2027-01-02 --valid-until 2027-01-01",
        "ukey issue --kind user --reader r --holder 'a b'",
        "ukey issue --kind key --reader r --holder h --station s",
        "audit list --limit 0",
        "audit list --first -1",
        "audit list --first ''",
        "audit list --first 1 --before 2",
        "audit list --from yesterday",
        "audit list --from 2026-11-23 --until 2026-11-22",
        "audit list --meter 12",
        "audit list --order 7",
        "audit list --outcome perhaps",
        "audit list --amount-from 1.234",
        "audit list --amount-from 2 --amount-to 1",
        "audit show",
        "audit search save nothing",
        "audit search save 'a b' --type denied",
        "audit checkpoint ''",
        "--json audit export -",
        "--home '' status",
        "ukey show ''",
        issue + "--per-order ''",
        issue + "--per-order=",
        issue + "--valid-until ''",
        issue + "--meters ,",
        issue + "--station ''",
        "audit export",
        "account",
        "account add",
        "account add shop-7 --ukey U-1",
        "account add shop-7 --holder h",
        "account add shop-7 --ukey U-1 --holder h --until tomorrow",
        "account show",
        "account disable shop-7",
        "account disable shop-7 --reason ''",
        "account enable shop-7 --until 2027-13-01",
        "ukey attend",
        "status --pin-fd nobody=3",
        "status --pin-fd master",
        "status --pin-fd master=3 --pin-fd master=3",
        "unseal --pin 1234",
        "--log-key nonsense status",
        "--log-key north+00000000+AAAA status",
        "--log-key pins status",
    };
    for (const std::string& command : wrong) {
        const auto ran = ctl(command);
        EXPECT_EQ(ran.code, 2) << command;
        EXPECT_EQ(lines_in(ran.err), 1) << command << ": " << ran.err;
        EXPECT_TRUE(ran.err.starts_with("kmpctl: ")) << ran.err;
    }
    EXPECT_TRUE(service_->requests().empty());
}

TEST_F(kmpctl, help_ends_with_0) {
    EXPECT_EQ(ctl("--help").code, 0);
    EXPECT_EQ(ctl("ukey issue --help").code, 0);
}

TEST_F(kmpctl, failure_of_kmpd_is_one_line_and_ends_with_1) {
    const auto ran = ctl("unseal --pin-fd platform=3");
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.err, "kmpctl: wrong PIN: 4 tries left\n");
}

TEST_F(kmpctl, takes_pins_from_systemd_credentials) {
    std::filesystem::create_directory(folder_.path() + "/creds");
    tests::spill(folder_.path() + "/creds/kmp.pin.platform", "from-a-credential");
    setenv("CREDENTIALS_DIRECTORY", (folder_.path() + "/creds").c_str(), 1);
    ctl("unseal");
    unsetenv("CREDENTIALS_DIRECTORY");
    EXPECT_EQ(service_->pins(), std::vector<std::string>{"platform:from-a-credential"});
}

TEST_F(kmpctl, says_how_to_give_a_pin_where_there_is_no_terminal) {
    const auto ran = tests::run(folder_.path(), "kmpctl --home " + folder_.path() + " unseal");
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find("--pin-fd platform=N"), std::string::npos) << ran.err;
}

TEST_F(kmpctl, refuses_an_empty_pin) {
    tests::spill(folder_.path() + "/pins", "\n");
    const auto ran = ctl("unseal --pin-fd platform=3");
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find("empty"), std::string::npos);
    EXPECT_TRUE(service_->pins().empty());
}

TEST_F(kmpctl, says_what_is_wrong_with_a_command_line) {
    EXPECT_EQ(ctl("bogus").err, "kmpctl: there is no command or argument 'bogus' here; see kmpctl --help\n");
    EXPECT_EQ(ctl("ukey issue --kind user --holder h").err, "kmpctl: --reader is required; see kmpctl ukey issue --help\n");
    EXPECT_EQ(ctl("ukey issue --kind user --reader r --holder h --uid root").err, "kmpctl: --uid 'root': it takes a whole number; see kmpctl ukey issue --help\n");
    EXPECT_EQ(ctl("ukey").err, "kmpctl: a command is missing; see kmpctl ukey --help\n");
    EXPECT_EQ(ctl("--version").out, "kmp 0.1.0\n");
}

TEST_F(kmpctl, says_why_a_term_is_refused) {
    const auto why = [&](const std::string& terms) { return ctl("ukey issue --reader r --kind " + terms).err; };
    EXPECT_NE(why("user --holder h --meters all,000000000001").find("nothing can stand beside it"), std::string::npos);
    EXPECT_NE(why("user --holder h --meters 000000000002-000000000001").find("the last number is below the first"), std::string::npos);
    EXPECT_NE(why("user --holder h --hours 17-8").find("give two ranges, as 17-23,0-8"), std::string::npos);
    EXPECT_NE(why("user --holder h --weekdays fri-mon").find("give two ranges, as fri-sun,mon-mon"), std::string::npos);
    EXPECT_NE(why("user --holder 'Wang Wei'").find("--station: give one; the holder 'Wang Wei' cannot stand for it"), std::string::npos);
    EXPECT_NE(why("user --holder h --station 'a b'").find("--station 'a b': it takes 1 to 64 letters"), std::string::npos);
    for (const char* cap : {"--per-order 5", "--per-day 5", "--per-month 5", "--orders-per-minute 5"})
        EXPECT_NE(why("key --holder h " + std::string(cap)).find("a UKEY that may not sell takes no caps"), std::string::npos) << cap;
}

TEST_F(kmpctl, says_which_pin_is_wrong) {
    tests::spill(folder_.path() + "/pins", std::string(200, '7') + "\n");
    const auto long_one = ctl("unseal --pin-fd platform=3");
    EXPECT_EQ(long_one.code, 1);
    EXPECT_EQ(long_one.err, "kmpctl: PIN of the platform UKEY: it has more than 128 bytes\n");
    tests::spill(folder_.path() + "/pins", "\xff\xfe 12345\n");
    EXPECT_EQ(ctl("unseal --pin-fd platform=3").err, "kmpctl: PIN of the platform UKEY: it is not UTF-8\n");
    EXPECT_TRUE(ctl("unseal --pin-fd platform=77").err.starts_with("kmpctl: PIN of the platform UKEY: ")) << "a descriptor that is not open";
}

TEST_F(kmpctl, says_of_each_command_which_pins_it_takes) {
    EXPECT_NE(ctl("ukey issue --help").out.find("--pin-fd ROLE=FD (here: master, ukey (the new one)"), std::string::npos);
    EXPECT_NE(ctl("account passwd --help").out.find("(here: account (the present password), fresh"), std::string::npos);
    EXPECT_NE(ctl("request approve --help").out.find("(here: officer)"), std::string::npos);
    for (const char* reading : {"list", "show", "search run", "minutes", "export", "verify", "checkpoint", "reconcile", "report", "prove"})
        EXPECT_NE(ctl("audit " + std::string(reading) + " --help").out.find("(here: auditor, with --as-auditor"), std::string::npos) << reading;
    EXPECT_NE(ctl("audit retention --help").out.find("(here: master"), std::string::npos);
    EXPECT_EQ(ctl("ukey list --help").out.find("--pin-fd"), std::string::npos) << "it takes none";
}

TEST_F(kmpctl, help_of_grant_set_promises_no_defaults) {
    const std::string set = ctl("grant set --help").out;
    EXPECT_EQ(set.find("[user: 2000.00]"), std::string::npos) << set;
    EXPECT_NE(set.find("[as it is]"), std::string::npos) << set;
    EXPECT_NE(ctl("ukey issue --help").out.find("2000.00"), std::string::npos);
}

TEST_F(kmpctl, names_the_option_that_was_typed) {
    EXPECT_EQ(ctl("--pin-fd master=3 account enable shop-7 --until 2099-01-01").err, "kmpctl: --until: UKEY U-1 ends before that\n");
    EXPECT_TRUE(ctl("account enable shop-7 --until tomorrow").err.starts_with("kmpctl: --until 'tomorrow': it takes a date"));
    EXPECT_TRUE(ctl("ukey renew U-1 --valid-until tomorrow").err.starts_with("kmpctl: --valid-until 'tomorrow': it takes a date"));
}

}  // namespace

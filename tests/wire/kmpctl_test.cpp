// kmpctl from the outside: what it asks of kmpd, and what it prints.
#include <nlohmann/json.hpp>

#include "tests/wire/kmpctl_under_test.h"

using nlohmann::json;
using tests::lines_in;

namespace {

using kmpctl = tests::KmpctlTest;

const std::string kPins = "--pin-fd master=3 --pin-fd ukey=3 ";

TEST_F(kmpctl, status_is_shown_to_people_and_to_programs) {
    const auto text = ctl("status");
    ASSERT_EQ(text.code, 0) << text.err;
    EXPECT_NE(text.out.find("utility:          North Power\n"), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("warning: memory cannot be locked\n"), std::string::npos);
    const auto document = json::parse(ctl("status --json").out);
    EXPECT_EQ(document["log_size"], 12);
    EXPECT_EQ(document["readers"][0]["ukey"], "U-0001");
}

TEST_F(kmpctl, ceremony_enters_two_pins_and_tells_its_progress) {
    const auto ran = ctl("init --utility 'North Power' --platform-reader a --master-reader b --pin-fd platform=3 --pin-fd master=3");
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(service_->pins(), (std::vector<std::string>{"platform:246810", "master:135790"}));
    EXPECT_EQ(last().init().day_offset_minutes(), 480);
    EXPECT_EQ(ran.err, "") << "progress is for a terminal";
    const std::string command = KMP_BIN_DIR "/kmpctl --home " + folder_.path() + " init --utility X --platform-reader a --master-reader b --pin-fd platform=3 --pin-fd master=3 3<" + folder_.path() + "/pins";
    ASSERT_EQ(std::system(("script -qec '" + command + "' " + folder_.path() + "/terminal </dev/null >/dev/null").c_str()), 0);
    EXPECT_NE(tests::slurp(folder_.path() + "/terminal").find("making the platform UKEY"), std::string::npos);
    EXPECT_EQ(json::parse(ctl("--json init --utility X --platform-reader a --master-reader b --day-offset -03:30 --pin-fd platform=3 --pin-fd master=3").out)["master"], "M-0001");
    EXPECT_EQ(last().init().day_offset_minutes(), -210);
}

TEST_F(kmpctl, user_ukey_gets_what_vending_needs) {
    const auto ran = ctl(kPins + "--json ukey issue --kind user --reader usb-2 --holder shop-7");
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(json::parse(ran.out)["ukey"]["serial"], "U-0002");
    EXPECT_EQ(service_->pins(), (std::vector<std::string>{"master:246810", "ukey:135790"}));
    const auto terms = last().ukey_issue().terms();
    EXPECT_EQ(terms.station(), "shop-7");
    EXPECT_EQ(std::vector<std::string>(terms.operations().begin(), terms.operations().end()),
              (std::vector<std::string>{"authenticate", "open_account", "recharge", "relay", "check_status", "card", "sign", "random"}));
    EXPECT_EQ(std::vector<std::string>(terms.classes().begin(), terms.classes().end()), (std::vector<std::string>{"identity", "remote", "parameter", "credit", "card"}));
    ASSERT_EQ(terms.meters_size(), 1);
    EXPECT_EQ(terms.meters(0).last(), 999999999999u);
    EXPECT_GT(terms.per_order_fen(), 0);
    EXPECT_EQ(terms.hours(), 0u);
}

TEST_F(kmpctl, key_ukey_gets_all_classes_and_no_money) {
    ASSERT_EQ(ctl(kPins + "ukey issue --kind key --reader usb-3 --holder engineer").code, 0);
    const auto terms = last().ukey_issue().terms();
    EXPECT_EQ(terms.station(), "");
    EXPECT_EQ(terms.classes_size(), 6);
    EXPECT_EQ(terms.per_order_fen(), 0);
    EXPECT_EQ(terms.orders_per_minute(), 0u);
    EXPECT_EQ(std::vector<std::string>(terms.operations().begin(), terms.operations().end()),
              (std::vector<std::string>{"authenticate", "check_status", "download_keys", "recover_keys"}));
}

TEST_F(kmpctl, terms_are_taken_as_they_are_written) {
    const auto ran = ctl(kPins +
                         "ukey issue --kind user --reader r --holder h --station S-1 --operations recharge,check-status --classes credit,identity "
                         "--meters 000000000001-000000000009,000000000042 --per-order 10.5 --per-day 100 --per-month 30000000.01 --orders-per-minute 3 "
                         "--hours 8-17,22 --weekdays mon-fri,sun --valid-from 2027-01-01T00:00:00Z --valid-until 2027-12-31 --uid 1000 --uid 1001");
    ASSERT_EQ(ran.code, 0) << ran.err;
    const auto t = last().ukey_issue().terms();
    EXPECT_EQ(t.station(), "S-1");
    EXPECT_EQ(t.operations(1), "check_status");
    ASSERT_EQ(t.meters_size(), 2);
    EXPECT_EQ(t.meters(0).last(), 9u);
    EXPECT_EQ(t.meters(1).first(), 42u);
    EXPECT_EQ(t.per_order_fen(), 1050);
    EXPECT_EQ(t.per_day_fen(), 10000);
    EXPECT_EQ(t.per_month_fen(), 3000000001);
    EXPECT_EQ(t.orders_per_minute(), 3u);
    EXPECT_EQ(t.hours(), 0x43FF00u);
    EXPECT_EQ(t.weekdays(), 0x5Fu);
    // date -u -d '2027-01-01' +%s and date -u -d '2028-01-01' +%s
    EXPECT_EQ(t.not_before_ms(), 1798761600000);
    EXPECT_EQ(t.not_after_ms(), 1830297600000 - 1);
    EXPECT_EQ(t.uids_size(), 2);
}

TEST_F(kmpctl, changes_a_ukey_with_the_masters_pin) {
    for (const char* action : {"suspend", "resume", "report-lost", "revoke", "destroy"}) {
        ASSERT_EQ(ctl("--pin-fd master=3 ukey " + std::string(action) + " U-0001 --reason 'lost at sea'").code, 0) << action;
        EXPECT_EQ(last().ukey_change().action(), action);
        EXPECT_EQ(last().ukey_change().serial(), "U-0001");
        EXPECT_EQ(last().ukey_change().reason(), "lost at sea");
    }
    EXPECT_EQ(service_->pins().size(), 5u);
}

TEST_F(kmpctl, shows_grants_and_events) {
    EXPECT_NE(ctl("grant show U-0001").out.find("1234.56 yuan"), std::string::npos);
    EXPECT_EQ(json::parse(ctl("--json grant show U-0001").out)["terms"]["per_day_fen"], 123456);
    EXPECT_NE(ctl("audit list --limit 2").out.find("recharge of 50.00 yuan"), std::string::npos);
    EXPECT_TRUE(last().audit_list().newest());
    EXPECT_EQ(json::parse(ctl("--json audit list --first 3 --limit 1").out)["events"][0]["json"]["amount"], 5000);
    EXPECT_FALSE(last().audit_list().newest());
    EXPECT_EQ(last().audit_list().first(), 3u);
    EXPECT_EQ(ctl("crl").out, "-----BEGIN X509 CRL-----\nthe rest\n");
    EXPECT_EQ(json::parse(ctl("--json crl").out)["pem"], "-----BEGIN X509 CRL-----\nthe rest\n");
}

TEST_F(kmpctl, asks_for_lists_and_certificates_with_the_masters_pin) {
    EXPECT_NE(ctl("--pin-fd master=3 crl refresh").out.find("Revocation list 7 of master-control UKEY"), std::string::npos);
    EXPECT_NE(ctl("--pin-fd master=3 pki request").out.find("the request\nthe anchor\n"), std::string::npos);
    EXPECT_EQ(service_->pins(), (std::vector<std::string>{"master:246810", "master:246810"}));
    EXPECT_EQ(ctl("crl refresh").code, 1);
    EXPECT_EQ(ctl("pki request").code, 1);
}

TEST_F(kmpctl, takes_a_roots_certificate_from_files_and_saves_what_others_verify_with) {
    tests::spill(folder_.path() + "/root.pem", "the root\n");
    tests::spill(folder_.path() + "/issuing.pem", "the certificate\n");
    ASSERT_EQ(ctl("pki install --root root.pem issuing.pem").code, 0);
    EXPECT_EQ(last().pki_install().root_pem(), "the root\n");
    EXPECT_EQ(last().pki_install().certificate_pem(), "the certificate\n");
    EXPECT_EQ(ctl("pki install --root none.pem issuing.pem").code, 1);
    std::filesystem::create_directory(folder_.path() + "/public");
    EXPECT_NE(ctl("pki show --save public").out.find("none has vouched"), std::string::npos);
    EXPECT_EQ(tests::slurp(folder_.path() + "/public/anchor.pem"), "the anchor\n");
    EXPECT_EQ(tests::slurp(folder_.path() + "/public/crl.pem"), "-----BEGIN X509 CRL-----\nthe rest\n");
    EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/public/root.pem"));
    EXPECT_EQ(ctl("pki show --save no/such/folder").code, 1);
}

TEST_F(kmpctl, joins_the_pages_of_a_long_list_of_ukeys) {
    EXPECT_EQ(json::parse(ctl("--json ukey list").out)["ukeys"].size(), 2u);
    EXPECT_NE(ctl("ukey list").out.find("U-0002"), std::string::npos);
}

TEST_F(kmpctl, wants_to_know_how_many_officers_must_agree) {
    const auto ran = ctl("init --utility X --platform-reader a --master-reader b --officer c=A --officer d=B --officer e=C");
    EXPECT_EQ(ran.err, "kmpctl: --quorum: say how many of the 3 officers must agree, as --quorum 2\n");
}

TEST_F(kmpctl, cautions_on_a_terminal_where_every_officer_will_be_needed) {
    const auto ceremony = [&](const std::string& quorum) {
        const std::string command = KMP_BIN_DIR "/kmpctl --home " + folder_.path() + " init --utility X --platform-reader a --master-reader b --officer c=A --officer d=B --officer e=C --quorum " + quorum +
                                    " --pin-fd platform=3 --pin-fd officer1=3 --pin-fd officer2=3 --pin-fd officer3=3 3<" + folder_.path() + "/pins";
        tests::spill(folder_.path() + "/pins", "246810\n135790\n135791\n135792\n");
        EXPECT_EQ(std::system(("script -qec '" + command + "' " + folder_.path() + "/terminal </dev/null >/dev/null").c_str()), 0);
        return tests::slurp(folder_.path() + "/terminal");
    };
    EXPECT_NE(ceremony("3").find("caution: every one of 3 officers is needed then"), std::string::npos);
    EXPECT_EQ(ceremony("2").find("caution"), std::string::npos);
}

TEST_F(kmpctl, shows_requests_in_words_and_to_programs_by_their_names) {
    const std::string shown = ctl("request show 2").out;
    EXPECT_NE(shown.find("give new masters to a UKEY\n"), std::string::npos) << shown;
    EXPECT_NE(shown.find("approved, 3 (2 needed) agree\n"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("officers_gone"), std::string::npos) << "an empty term says nothing";
    EXPECT_NE(ctl("request show 1").out.find("waiting, 1 of 2 agree\n"), std::string::npos);
    EXPECT_NE(ctl("request list").out.find("give new masters to a UKEY"), std::string::npos);
    EXPECT_EQ(json::parse(ctl("--json request show 2").out)["deed"], "reinject");
}

TEST_F(kmpctl, runs_a_request_with_pins_only_when_it_can_be_run_and_says_what_was_done) {
    const auto run = [&](const char* number) { return ctl("--pin-fd ukey=3 request run " + std::string(number)); };
    EXPECT_EQ(run("1").err, "kmpctl: request 1 waits: 1 of 2 officers agree; others of them: kmpctl request approve 1\n");
    EXPECT_NE(run("3").err.find("1 of 2 officers have given their share"), std::string::npos);
    EXPECT_EQ(run("4").err, "kmpctl: request 4 is done; make a new one\n");
    EXPECT_TRUE(service_->pins().empty());
    EXPECT_TRUE(last().has_request_show());
    const auto done = run("2");
    EXPECT_TRUE(done.out.starts_with("Request 2 is done: give new masters to a UKEY.\nUKEY U-0001 holds every master that its grant allows.\n")) << done.out << done.err;
    EXPECT_EQ(service_->pins(), std::vector<std::string>{"ukey:246810"});
}

TEST_F(kmpctl, says_that_a_request_for_the_same_is_open) { EXPECT_TRUE(ctl("--pin-fd master=3 backup /b").out.starts_with("Request 5 asks for this already; ")); }

TEST_F(kmpctl, writes_minutes_into_a_new_file_for_its_owner_alone) {
    const std::string init = "init --utility X --platform-reader a --master-reader b --pin-fd platform=3 --pin-fd master=3 --minutes ";
    ASSERT_EQ(ctl(init + "minutes").code, 0);
    EXPECT_EQ(tests::slurp(folder_.path() + "/minutes"), "Key ceremony\n");
    EXPECT_EQ(std::filesystem::status(folder_.path() + "/minutes").permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const std::size_t asked = service_->requests().size();
    std::filesystem::create_symlink("nothing", folder_.path() + "/link");
    for (const char* file : {"minutes", "link", ".", "no/such/folder/minutes"}) {
        for (const std::string& command : {init, std::string("platform replace --platform-reader b --reason x --pin-fd platform=3 --pin-fd master=3 --minutes ")}) {
            const auto refused = ctl(command + file);
            EXPECT_EQ(refused.code, 1) << command << file;
            EXPECT_EQ(lines_in(refused.err), 1) << refused.err;
            EXPECT_NE(refused.err.find("--minutes " + std::string(file)), std::string::npos) << refused.err;
        }
    }
    for (std::size_t i = asked; i < service_->requests().size(); ++i) EXPECT_TRUE(service_->requests()[i].has_hello()) << "nothing was asked for";
    EXPECT_EQ(service_->pins().size(), 2u);
    EXPECT_EQ(tests::slurp(folder_.path() + "/minutes"), "Key ceremony\n");
    ASSERT_EQ(ctl("restore /b --platform-reader b --reason x --pin-fd platform=3 --pin-fd master=3 --minutes second").code, 0);
    EXPECT_EQ(tests::slurp(folder_.path() + "/second"), "A restore\n");
    // One that broke off leaves nothing behind that would stop the next.
    EXPECT_EQ(ctl("init --utility X --platform-reader a --master-reader b --minutes third --pin-fd platform=77").code, 1);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/third"));
}

}  // namespace

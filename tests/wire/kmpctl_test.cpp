// kmpctl from the outside: what it asks of kmpd, what it prints, and how it ends.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>

#include <nlohmann/json.hpp>

#include "tests/wire/fake_service.h"
#include "tests/wire/run_program.h"
#include "wire/failure.h"

namespace pb = wire::pb;
using nlohmann::json;
using tests::lines_in;

namespace {

/// Requests by their number: 1 waits, 2 is approved by more than it takes, 3 lacks shares, 4 is over.
void describe_request(std::uint64_t number, pb::Request& r) {
    r.set_number(number);
    r.set_deed("reinject");
    r.set_needed(2);
    r.set_agreeing(number == 1 ? 1 : 3);
    r.set_shares(number == 3 ? 1 : 3);
    r.set_state(number == 1 ? "waiting" : number == 4 ? "done" : "approved");
    (*r.mutable_terms())["ukey"] = "U-0001";
    (*r.mutable_terms())["officers_gone"] = "";
    auto& pin = *r.add_pins();
    pin.set_role("ukey");
    pin.set_prompt("PIN of UKEY U-0001");
}

tests::FakeAdminService::Answer answer(const pb::AdminRequest& r) {
    tests::FakeAdminService::Answer out;
    auto& reply = out.replies.emplace_back();
    if (r.has_hello()) reply.mutable_hello()->set_version(1);
    if (r.has_status()) {
        auto& s = *reply.mutable_status();
        s.set_state("open");
        s.set_utility("North Power");
        s.set_log_size(12);
        auto& reader = *s.add_readers();
        reader.set_name("usb-1");
        reader.set_kind("softhsm");
        reader.set_content("ukey");
        reader.set_ukey("U-0001");
        s.add_warnings("memory cannot be locked");
    }
    if (r.has_init()) {
        reply.set_more(true);
        reply.mutable_progress()->set_step("making the platform UKEY");
        auto& done = out.replies.emplace_back();
        done.mutable_init()->set_platform("P-0001");
        done.mutable_init()->set_master("M-0001");
        done.mutable_init()->set_minutes("Key ceremony\n");
    }
    if (r.has_unseal()) wire::set_failure(*reply.mutable_failure(), {base::Code::wrong_pin, "wrong PIN: 4 tries left"});
    if (r.has_seal()) reply.mutable_seal();
    if (r.has_ukey_list()) {
        // In two pages, as the service gives a long list.
        reply.set_more(true);
        for (const char* serial : {"U-0001", "U-0002"}) {
            auto& page = serial == std::string("U-0001") ? reply : out.replies.emplace_back();
            auto& u = *page.mutable_ukey_list()->add_ukeys();
            u.set_serial(serial);
            u.set_kind("user");
            u.set_state("issued");
        }
    }
    if (r.has_ukey_show()) {
        reply.mutable_ukey_show()->mutable_ukey()->set_serial(r.ukey_show().serial());
        reply.mutable_ukey_show()->mutable_ukey()->set_kind("user");
        reply.mutable_ukey_show()->mutable_terms()->set_per_day_fen(123456);
    }
    if (r.has_ukey_issue()) reply.mutable_ukey_issue()->mutable_ukey()->set_serial("U-0002");
    if (r.has_ukey_change()) reply.mutable_ukey_change()->mutable_ukey()->set_serial(r.ukey_change().serial());
    if (r.has_restore()) reply.mutable_restore()->set_minutes("A restore\n");
    if (r.has_request_show()) describe_request(r.request_show().number(), *reply.mutable_request_show()->mutable_request());
    if (r.has_request_list()) describe_request(2, *reply.mutable_request_list()->add_requests());
    if (r.has_request_run()) reply.mutable_ukey_change()->mutable_ukey()->set_serial("U-0001");
    if (r.has_backup()) {
        reply.mutable_request_made()->set_number(5);
        reply.mutable_request_made()->set_asked_before(true);
    }
    if (r.has_account_enable()) wire::set_failure(*reply.mutable_failure(), {base::Code::refused, "validity: UKEY U-1 ends before that"});
    if (r.has_audit_list() && r.audit_list().filter().types_size() > 0) {
        // One event a page, and after the first of them a page without any.
        const std::uint64_t first = r.audit_list().first();
        if (first != 1 && first < 3) {
            auto& e = *reply.mutable_audit_list()->add_events();
            e.set_index(first);
            e.set_type(r.audit_list().filter().types(0));
            e.set_json("{\"note\":\"Minutes " + std::to_string(first) + "\\n\"}");
        }
        reply.mutable_audit_list()->set_next(first + 1);
        reply.mutable_audit_list()->set_end(first >= 3);
        reply.mutable_audit_list()->set_size(7);
    } else if (r.has_audit_list()) {
        // Two events a page, of a log of seven.
        const auto& list = r.audit_list();
        const std::uint64_t most = std::min<std::uint64_t>(list.limit(), 2);
        const std::uint64_t before = list.newest() && list.before() != 0 ? std::min<std::uint64_t>(list.before(), 7) : 7;
        const std::uint64_t first = list.newest() ? before - std::min(before, most) : std::min<std::uint64_t>(list.first(), 7);
        const std::uint64_t end = std::min(first + most, before);
        reply.mutable_audit_list()->set_next(list.newest() ? first : end);
        reply.mutable_audit_list()->set_end(list.newest() ? first == 0 : end == 7);
        for (std::uint64_t i = first; i < end; ++i) {
            auto& e = *reply.mutable_audit_list()->add_events();
            e.set_index(i);
            e.set_type("order");
            e.set_text("recharge of 50.00 yuan");
            e.set_json(R"({"amount":5000})");
        }
        reply.mutable_audit_list()->set_size(7);
    }
    if (r.has_audit_export()) {
        reply.set_more(true);
        reply.mutable_audit_export()->set_chunk("first ");
        out.replies.emplace_back().mutable_audit_export()->set_chunk("second");
    }
    if (r.has_audit_checkpoint()) reply.mutable_audit_checkpoint()->set_note("kmp/log\n4\nroot\n");
    if (r.has_crl()) {
        reply.set_more(true);
        reply.mutable_crl()->set_pem("-----BEGIN X509 CRL-----\n");
        out.replies.emplace_back().mutable_crl()->set_pem("the rest\n");
    }
    if (r.has_crl_refresh()) reply.mutable_crl_refresh()->add_lists()->set_number(7);
    if (r.has_pki_request()) {
        reply.mutable_pki_request()->set_request_pem("the request\n");
        reply.mutable_pki_request()->set_anchor_pem("the anchor\n");
    }
    if (r.has_pki_install()) reply.mutable_pki_install()->set_root_fingerprint("abcd");
    if (r.has_pki_show()) {
        auto& p = *reply.mutable_pki_show();
        p.set_anchor_pem("the anchor\n");
        p.set_crl_number(7);
    }
    return out;
}

class kmpctl : public testing::Test {
protected:
    kmpctl() {
        std::filesystem::create_directory(folder_.path() + "/run");
        service_.emplace(folder_.path() + "/run/admin.sock", answer);
        tests::spill(folder_.path() + "/pins", "246810\n135790\n");
    }
    tests::Ran ctl(const std::string& arguments) { return tests::run(folder_.path(), "kmpctl --home " + folder_.path() + " " + arguments + " 3<pins"); }
    pb::AdminRequest last() const { return service_->requests().back(); }

    tests::TemporaryFolder folder_;
    std::optional<tests::FakeAdminService> service_;
};

const std::string kPins = "--pin-fd master=3 --pin-fd ukey=3 ";

TEST_F(kmpctl, asks_for_the_events_that_its_filters_name) {
    const auto list = ctl("audit list --type denied --type order_refused --ukey U-0001 --station s-1 --meter 012345678901 --account north --actor 'uid 1000' "
                          "--order 0192f0c1-a2b3-7c4d-8e5f-60718293a4b5 --outcome refused --from 2026-11-22 --until 2026-11-22 --amount-from 12.34 --amount-to 50 --text 'no such' --before 5 --limit 2");
    ASSERT_EQ(list.code, 0) << list.err;
    const pb::AuditFilter f = last().audit_list().filter();
    EXPECT_EQ(f.types_size(), 2);
    EXPECT_EQ(f.ukeys(0), "U-0001");
    EXPECT_EQ(f.stations(0), "s-1");
    EXPECT_EQ(f.meters(0), 12345678901u);
    EXPECT_EQ(f.accounts(0), "north");
    EXPECT_EQ(f.actors(0), "uid 1000");
    EXPECT_EQ(f.orders(0), std::string("\x01\x92\xf0\xc1\xa2\xb3\x7c\x4d\x8e\x5f\x60\x71\x82\x93\xa4\xb5", 16));
    EXPECT_EQ(f.outcomes(0), "refused");
    // 2026-11-22 is 20779 days after 1970-01-01, and its end is the next midnight.
    EXPECT_EQ(f.from_ms(), 20779LL * 86400000);
    EXPECT_EQ(f.until_ms(), 20780LL * 86400000);
    EXPECT_EQ(f.amount_from_fen(), 1234u);
    EXPECT_EQ(f.amount_to_fen(), 5000u);
    EXPECT_EQ(f.text(), "no such");
}

TEST_F(kmpctl, reads_times_with_an_offset_and_spans_before_now) {
    ASSERT_EQ(ctl("audit list --type order --from 2026-11-22T08:00:00+08:00 --until 2026-11-22T00:00:01Z").code, 0);
    EXPECT_EQ(last().audit_list().filter().from_ms(), 20779LL * 86400000);
    EXPECT_EQ(last().audit_list().filter().until_ms(), 20779LL * 86400000 + 1000);
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    ASSERT_EQ(ctl("audit list --type order --from 7d").code, 0);
    EXPECT_GE(last().audit_list().filter().from_ms(), now - 7 * 86400000LL);
    EXPECT_LT(last().audit_list().filter().from_ms(), now - 6 * 86400000LL);
}

TEST_F(kmpctl, tells_how_to_go_on_with_a_list) {
    EXPECT_NE(ctl("audit list --limit 3").out.find("3 of 7 events; older ones: kmpctl audit list --before 4\n"), std::string::npos);
    EXPECT_NE(ctl("audit list --first 1 --limit 3").out.find("3 of 7 events; later ones: kmpctl audit list --first 4\n"), std::string::npos);
    EXPECT_NE(ctl("audit list --limit 3 --station 'a b'").out.find("3 found among 7 events; older ones: kmpctl audit list --station 'a b' --before 4\n"), std::string::npos);
    EXPECT_NE(ctl("audit list --before 2").out.find("2 of 7 events\n"), std::string::npos);
    EXPECT_EQ(json::parse(ctl("--json audit list --limit 3").out)["next"], 4);
}

TEST_F(kmpctl, shows_one_event_or_says_that_there_is_none) {
    const auto shown = ctl("audit show 3");
    ASSERT_EQ(shown.code, 0) << shown.err;
    EXPECT_NE(shown.out.find("50.00 yuan"), std::string::npos);
    EXPECT_EQ(json::parse(ctl("--json audit show 3").out)["json"]["amount"], 5000);
    EXPECT_EQ(ctl("audit show 7").err, "kmpctl: there is no event 7; the log has 7 events\n");
}

TEST_F(kmpctl, keeps_searches_in_a_file_of_the_user_alone) {
    setenv("XDG_CONFIG_HOME", (folder_.path() + "/config").c_str(), 1);
    const std::string file = folder_.path() + "/config/kmp/searches.toml";
    EXPECT_EQ(ctl("audit search list").out, "No search is saved.\n");
    EXPECT_EQ(ctl("audit search save refusals --outcome refused --station s-1 --station 'a \"b' --from 7d").code, 0);
    EXPECT_EQ(ctl("audit search save other --text 老王").code, 0);
    struct stat about {};
    ASSERT_EQ(stat(file.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
    EXPECT_NE(ctl("audit search list").out.find("--station s-1 --station 'a \"b' --outcome refused --from 7d"), std::string::npos);
    ASSERT_EQ(ctl("audit search run refusals --limit 3").code, 0);
    EXPECT_EQ(last().audit_list().filter().stations(1), "a \"b");
    EXPECT_EQ(last().audit_list().filter().outcomes(0), "refused");
    ASSERT_EQ(ctl("audit search run other").code, 0);
    EXPECT_EQ(last().audit_list().filter().text(), "老王");
    // What is there is not lost by accident, nor what somebody else wrote into the file.
    EXPECT_EQ(ctl("audit search save other --type denied").code, 1);
    EXPECT_EQ(ctl("audit search save other --type denied --replace").code, 0);
    EXPECT_EQ(ctl("audit search remove refusals").code, 0);
    EXPECT_NE(ctl("audit search run refusals").err.find("no search is saved as 'refusals'"), std::string::npos);
    EXPECT_EQ(ctl("audit search remove refusals").code, 1);
    tests::spill(file, "[search.other]\ntype = [\"denied\"]\ncolour = \"red\"\n");
    EXPECT_NE(ctl("audit search list").err.find("search.other.colour is no filter that this program knows"), std::string::npos);
    EXPECT_EQ(ctl("audit search save third --type denied").code, 1);
    unsetenv("XDG_CONFIG_HOME");
}

}  // namespace

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
              (std::vector<std::string>{"authenticate", "download_keys", "recover_keys", "check_status"}));
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

TEST_F(kmpctl, exports_the_log_whole_or_not_at_all) {
    ASSERT_EQ(ctl("audit export log.kmp").code, 0);
    EXPECT_EQ(tests::slurp(folder_.path() + "/log.kmp"), "first second");
    EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/log.kmp.part"));
    EXPECT_EQ(ctl("audit export -").out, "first second");
    EXPECT_EQ(ctl("audit export no/such/folder/log").code, 1);
    service_.reset();
    service_.emplace(folder_.path() + "/run/admin2.sock", answer);
    EXPECT_EQ(ctl("audit export second.kmp").code, 1);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/second.kmp"));
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

TEST_F(kmpctl, asks_on_until_it_has_all_the_events_that_were_wanted) {
    const auto indices = [&](const std::string& arguments) {
        std::vector<int> out;
        const auto document = json::parse(ctl("--json audit list " + arguments).out);
        for (const auto& e : document["events"]) out.push_back(e["index"]);
        return out;
    };
    EXPECT_EQ(indices(""), (std::vector<int>{0, 1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(indices("--limit 4"), (std::vector<int>{3, 4, 5, 6}));
    EXPECT_EQ(indices("--first 1 --limit 5"), (std::vector<int>{1, 2, 3, 4, 5}));
    EXPECT_EQ(indices("--first 5 --limit 1000"), (std::vector<int>{5, 6}));
    EXPECT_TRUE(indices("--first 9").empty());
}

TEST_F(kmpctl, joins_the_pages_of_a_long_list_of_ukeys) {
    EXPECT_EQ(json::parse(ctl("--json ukey list").out)["ukeys"].size(), 2u);
    EXPECT_NE(ctl("ukey list").out.find("U-0002"), std::string::npos);
}

TEST_F(kmpctl, writes_through_a_link_and_into_what_is_no_file) {
    const std::string at = folder_.path() + "/";
    for (const char* command : {"audit export ", "audit checkpoint "}) {
        const std::string expected = command == std::string("audit export ") ? "first second" : "kmp/log\n4\nroot\n";
        tests::spill(at + "kept", "old");
        std::filesystem::create_symlink("kept", at + "link");
        ASSERT_EQ(ctl(command + std::string("link")).code, 0);
        EXPECT_TRUE(std::filesystem::is_symlink(at + "link"));
        EXPECT_EQ(tests::slurp(at + "kept"), expected);
        std::filesystem::remove(at + "link");

        std::filesystem::create_symlink("nothing", at + "link");
        const auto dangling = ctl(command + std::string("link"));
        EXPECT_EQ(dangling.code, 1);
        EXPECT_EQ(lines_in(dangling.err), 1) << dangling.err;
        EXPECT_TRUE(std::filesystem::is_symlink(at + "link"));
        std::filesystem::remove(at + "link");

        std::filesystem::create_symlink("/dev/full", at + "link");
        EXPECT_EQ(ctl(command + std::string("link")).code, 1) << "a device is written to, and this one is full";
        EXPECT_TRUE(std::filesystem::is_character_file(at + "link"));
        std::filesystem::remove(at + "link");

        ASSERT_EQ(std::system(("mkfifo " + at + "pipe").c_str()), 0);
        EXPECT_EQ(std::system(("cat " + at + "pipe >" + at + "read &").c_str()), 0);
        ASSERT_EQ(ctl(command + std::string("pipe")).code, 0);
        EXPECT_TRUE(std::filesystem::is_fifo(at + "pipe"));
        std::filesystem::remove(at + "pipe");
        EXPECT_EQ(ctl(command + std::string(".")).code, 1);
    }
}

TEST_F(kmpctl, says_of_each_command_which_pins_it_takes) {
    EXPECT_NE(ctl("ukey issue --help").out.find("--pin-fd ROLE=FD (here: master, ukey (the new one)"), std::string::npos);
    EXPECT_NE(ctl("account passwd --help").out.find("(here: account (the present password), fresh"), std::string::npos);
    EXPECT_NE(ctl("request approve --help").out.find("(here: officer)"), std::string::npos);
    EXPECT_EQ(ctl("ukey list --help").out.find("--pin-fd"), std::string::npos) << "it takes none";
}

TEST_F(kmpctl, help_of_grant_set_promises_no_defaults) {
    const std::string set = ctl("grant set --help").out;
    EXPECT_EQ(set.find("[user: 2000.00]"), std::string::npos) << set;
    EXPECT_NE(set.find("[as it is]"), std::string::npos) << set;
    EXPECT_NE(ctl("ukey issue --help").out.find("2000.00"), std::string::npos);
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

TEST_F(kmpctl, names_the_option_that_was_typed) {
    EXPECT_EQ(ctl("--pin-fd master=3 account enable shop-7 --until 2099-01-01").err, "kmpctl: --until: UKEY U-1 ends before that\n");
    EXPECT_TRUE(ctl("account enable shop-7 --until tomorrow").err.starts_with("kmpctl: --until 'tomorrow': it takes a date"));
    EXPECT_TRUE(ctl("ukey renew U-1 --valid-until tomorrow").err.starts_with("kmpctl: --valid-until 'tomorrow': it takes a date"));
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

TEST_F(kmpctl, prints_the_minutes_of_the_log) {
    EXPECT_EQ(ctl("audit minutes").out, "Minutes 0\n\nMinutes 2\n");
    EXPECT_EQ(json::parse(ctl("--json audit minutes").out)[1]["minutes"], "Minutes 2\n");
}

TEST_F(kmpctl, keeps_a_checkpoint_outside) {
    EXPECT_EQ(ctl("audit checkpoint -").out, "kmp/log\n4\nroot\n");

    EXPECT_EQ(ctl("audit checkpoint point").out, "kmp/log\n4\nroot\n");
    EXPECT_EQ(tests::slurp(folder_.path() + "/point"), "kmp/log\n4\nroot\n");
    EXPECT_EQ(json::parse(ctl("--json audit checkpoint").out)["note"], "kmp/log\n4\nroot\n");
}

// kmpctl from the outside: what it asks of the log, prints of it and writes into files.
#include <sys/stat.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/wire/kmpctl_under_test.h"

namespace pb = wire::pb;
using nlohmann::json;
using tests::lines_in;

namespace {

using kmpctl = tests::KmpctlTest;

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
    ASSERT_EQ(ctl("audit export - --from 2026-11-22T08:00:00+08:00 --until 2026-11-22").code, 0);
    EXPECT_EQ(last().audit_export().from_ms(), 20779LL * 86400000);
    EXPECT_EQ(last().audit_export().until_ms(), 20780LL * 86400000);
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    ASSERT_EQ(ctl("audit list --type order --from 7d").code, 0);
    EXPECT_GE(last().audit_list().filter().from_ms(), now - 7 * 86400000LL);
    EXPECT_LT(last().audit_list().filter().from_ms(), now - 6 * 86400000LL);
    ASSERT_EQ(ctl("audit export - --from 7d --until 12h").code, 0);
    EXPECT_GE(last().audit_export().from_ms(), now - 7 * 86400000LL);
    EXPECT_LT(last().audit_export().until_ms(), now - 11 * 3600000LL);
    for (const char* command : {"audit list --help", "audit export --help"}) {
        const std::string help = ctl(command).out;
        for (const char* form : {"2026-11-23T08:00:00Z", "+08:00", "7d", "12h"}) EXPECT_NE(help.find(form), std::string::npos) << command;
    }
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

TEST_F(kmpctl, exports_the_log_whole_or_not_at_all) {
    ASSERT_EQ(ctl("audit export log.kmp").code, 0);
    EXPECT_EQ(tests::slurp(folder_.path() + "/log.kmp"), "first second");
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) EXPECT_NE(entry.path().extension(), ".part");
    EXPECT_EQ(ctl("audit export -").out, "first second");
    EXPECT_EQ(ctl("audit export no/such/folder/log").code, 1);
    service_.reset();
    service_.emplace(folder_.path() + "/run/admin2.sock", tests::answer_kmpctl);
    EXPECT_EQ(ctl("audit export second.kmp").code, 1);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/second.kmp"));
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

}  // namespace

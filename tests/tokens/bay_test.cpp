#include "tokens/bay.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <optional>

#include "tests/tokens/fixture.h"

namespace {

using namespace tokens_test;
namespace fs = std::filesystem;
namespace pb = tokens::pb;
using std::chrono::milliseconds;
using tokens::Content;
using Kind = tokens::BayEvent::Kind;

struct bay : testing::Test {
    bay() {
        fs::create_directory(folder.path("readers"));
        timing.poll = milliseconds(20);
        timing.liveness = milliseconds(100);
        timing.absent = milliseconds(50);
        timing.probe_timeout = milliseconds(10000);
    }
    void start() {
        auto made = tokens::Spawner::start({fake_host(), {}});
        ASSERT_TRUE(made) << made.error().message;
        spawner.emplace(std::move(*made));
        the_bay.emplace(io, *spawner, folder.path("readers"), [this](const tokens::BayEvent& e) { events.push_back(e); }, timing);
        the_bay->start();
    }
    std::string at(const std::string& reader) const { return folder.path("readers/" + reader); }
    /// A soft UKEY under `path`; without a serial a blank one.
    void make_ukey(const std::string& path, const std::string& serial, const std::string& orders = "") const {
        fs::create_directories(path + ".making");
        if (!serial.empty()) {
            tokens::UkeyFile file;
            file.serial = *base::UkeySerial::parse(serial);
            file.kind = model::UkeyKind::user;
            ASSERT_TRUE(tokens::write_ukey_file(path + ".making", file));
        }
        write_text(path + ".making/fake.txt", (serial.empty() ? "" : "ukey=" + serial + "\n") + orders);
        fs::rename(path + ".making", path);
    }
    void plug_in(const std::string& reader, const std::string& serial, const std::string& orders = "") {
        make_ukey(folder.path("making-" + reader), serial, orders);
        fs::rename(folder.path("making-" + reader), at(reader));
    }
    bool until(const std::function<bool()>& done) { return run_until(io, done); }
    Content content(const std::string& reader) {
        const auto slot = the_bay->by_reader(reader);
        return slot ? slot->content : Content::empty;
    }
    bool becomes(const std::string& reader, Content wanted) {
        return until([&] { return the_bay->by_reader(reader).ok() && content(reader) == wanted; });
    }
    long count(Kind kind) const { return std::ranges::count(events, kind, &tokens::BayEvent::kind); }
    static base::UkeySerial serial(const std::string& text) { return *base::UkeySerial::parse(text); }

    TemporaryFolder folder;
    asio::io_context io;
    tokens::BayTiming timing;
    std::optional<tokens::Spawner> spawner;
    std::vector<tokens::BayEvent> events;
    std::optional<tokens::Bay> the_bay;
};

pb::HostRequest random_request() {
    pb::HostRequest out;
    out.mutable_data_random()->set_size(4);
    return out;
}

TEST_F(bay, finds_what_is_plugged_in) {
    plug_in("A", "U-1");
    plug_in("B", "");
    plug_in("C", "", "foreign=yes\n");
    start();
    ASSERT_TRUE(until([&] { return count(Kind::ready) == 3; }));
    EXPECT_EQ(content("A"), Content::ours);
    EXPECT_EQ(content("B"), Content::blank);
    EXPECT_EQ(content("C"), Content::foreign);
    EXPECT_EQ(count(Kind::inserted), 3);
    const auto slot = the_bay->by_serial(serial("U-1"));
    ASSERT_TRUE(slot);
    EXPECT_EQ(slot->reader.name, "A");
    EXPECT_EQ(slot->file->kind, model::UkeyKind::user);
    EXPECT_TRUE(slot->channel);
    EXPECT_EQ(the_bay->by_serial(serial("U-9")).error().code, base::Code::token_removed);
    EXPECT_EQ(the_bay->by_reader("Z").error().code, base::Code::not_found);
}

TEST_F(bay, kills_the_host_of_a_pulled_ukey_and_fails_its_calls) {
    start();
    plug_in("A", "U-1", "random=hang\n");
    ASSERT_TRUE(becomes("A", Content::ours));
    ASSERT_TRUE(until([&] { return the_bay->by_reader("A")->host != 0; }));
    const auto slot = *the_bay->by_reader("A");
    std::optional<base::Code> code;
    slot.channel->call(random_request(), {}, milliseconds(60000), [&](const base::Result<tokens::HostAnswer>& a) { code = a.error().code; });
    fs::rename(at("A"), folder.path("pulled"));
    ASSERT_TRUE(until([&] { return code.has_value() && count(Kind::removed) == 1; }));
    EXPECT_EQ(code, base::Code::token_removed);
    EXPECT_TRUE(until([&] { return kill(slot.host, 0) != 0; }));
    EXPECT_TRUE(until([&] { return the_bay->slots().empty(); }));
    EXPECT_EQ(the_bay->by_serial(serial("U-1")).error().code, base::Code::token_removed);

    write_text(folder.path("pulled/fake.txt"), "ukey=U-1\n");
    fs::rename(folder.path("pulled"), at("A"));
    ASSERT_TRUE(until([&] { return count(Kind::ready) == 2; }));
    EXPECT_NE(the_bay->by_reader("A")->incarnation, slot.incarnation);
    EXPECT_FALSE(slot.channel->up());
    EXPECT_TRUE(the_bay->by_reader("A")->channel->up());
}

TEST_F(bay, starts_a_dead_host_again) {
    plug_in("A", "U-1", "random=die\n");
    plug_in("B", "U-2");
    start();
    ASSERT_TRUE(until([&] { return count(Kind::ready) == 2; }));
    const auto other = the_bay->by_reader("B")->incarnation;
    the_bay->by_reader("A")->channel->call(random_request(), {}, milliseconds(30000), [](const base::Result<tokens::HostAnswer>&) {});
    ASSERT_TRUE(until([&] { return count(Kind::ready) == 3; }));
    EXPECT_EQ(count(Kind::failed), 1);
    EXPECT_TRUE(the_bay->by_serial(serial("U-1")));
    EXPECT_EQ(the_bay->by_reader("B")->incarnation, other) << "another UKEY was touched";
}

TEST_F(bay, says_that_a_ukey_is_there_while_its_host_is_down) {
    plug_in("A", "U-1");
    start();
    ASSERT_TRUE(becomes("A", Content::ours));
    write_text(at("A/fake.txt"), "start=die\n");
    ASSERT_TRUE(until([&] { return the_bay->by_reader("A")->host != 0; }));
    kill(the_bay->by_reader("A")->host, SIGKILL);
    ASSERT_TRUE(becomes("A", Content::failed));
    EXPECT_EQ(the_bay->by_serial(serial("U-1")).error().code, base::Code::token_failed);
}

TEST_F(bay, gives_a_host_up_that_keeps_dying_until_it_is_inserted_again) {
    plug_in("A", "U-1", "start=die\n");
    start();
    ASSERT_TRUE(until([&] { return count(Kind::failed) == 5; }));
    EXPECT_NE(the_bay->by_reader("A")->problem.find("started 5 times"), std::string::npos) << the_bay->by_reader("A")->problem;
    EXPECT_TRUE(until([&] { return the_bay->by_reader("A")->problem.find("exit 7") != std::string::npos; })) << the_bay->by_reader("A")->problem;
    const auto incarnation = the_bay->by_reader("A")->incarnation;
    const auto later = std::chrono::steady_clock::now() + milliseconds(500);
    (void)until([&] { return std::chrono::steady_clock::now() > later; });
    EXPECT_EQ(the_bay->by_reader("A")->incarnation, incarnation);

    fs::rename(at("A"), folder.path("pulled"));
    ASSERT_TRUE(until([&] { return the_bay->slots().empty(); }));
    write_text(folder.path("pulled/fake.txt"), "ukey=U-1\n");
    fs::rename(folder.path("pulled"), at("A"));
    EXPECT_TRUE(becomes("A", Content::ours));
}

TEST_F(bay, tries_a_failed_host_again_after_the_window) {
    timing.window = milliseconds(3000);
    timing.starts = 2;
    plug_in("A", "U-1", "start=die\n");
    start();
    ASSERT_TRUE(until([&] { return count(Kind::failed) == 2; }));
    write_text(at("A/fake.txt"), "ukey=U-1\n");
    EXPECT_TRUE(becomes("A", Content::ours));
}

TEST_F(bay, restarts_a_failed_ukey_when_told) {
    plug_in("A", "U-1", "start=die\n");
    start();
    ASSERT_TRUE(until([&] { return count(Kind::failed) == 5; }));
    write_text(at("A/fake.txt"), "ukey=U-1\n");
    ASSERT_TRUE(the_bay->restart("A"));
    EXPECT_TRUE(becomes("A", Content::ours));
    EXPECT_EQ(the_bay->restart("Z").error().code, base::Code::not_found);
}

TEST_F(bay, kills_a_host_that_hangs_and_starts_it_again) {
    timing.probe_timeout = milliseconds(300);
    plug_in("A", "U-1");
    start();
    ASSERT_TRUE(becomes("A", Content::ours));
    ASSERT_TRUE(until([&] { return the_bay->by_reader("A")->host != 0; }));
    const pid_t host = the_bay->by_reader("A")->host;
    write_text(at("A/fake.txt"), "probe=hang\n");
    ASSERT_TRUE(becomes("A", Content::failed));
    EXPECT_TRUE(until([&] { return kill(host, 0) != 0; }));
    write_text(at("A/fake.txt"), "ukey=U-1\n");
    EXPECT_TRUE(becomes("A", Content::ours));
}

TEST_F(bay, does_not_kill_a_host_that_is_busy) {
    timing.probe_timeout = milliseconds(100);
    plug_in("A", "U-1", "random=slow\n");
    start();
    ASSERT_TRUE(becomes("A", Content::ours));
    int good = 0;
    for (int i = 0; i < 4; ++i)
        the_bay->by_reader("A")->channel->call(random_request(), {}, milliseconds(30000), [&](const base::Result<tokens::HostAnswer>& a) { good += a.ok(); });
    ASSERT_TRUE(until([&] { return good == 4; }));
    EXPECT_EQ(count(Kind::failed), 0);
}

TEST_F(bay, does_not_believe_a_host_that_lies) {
    for (const char* lie : {"rubbish", "wrong-id", "unanswerable"}) {
        plug_in(lie, "U-1", "probe=" + std::string(lie) + "\n");
    }
    start();
    for (const char* lie : {"rubbish", "wrong-id", "unanswerable"}) {
        ASSERT_TRUE(becomes(lie, Content::failed)) << lie;
        EXPECT_NE(the_bay->by_reader(lie)->problem.find("broke the protocol"), std::string::npos) << the_bay->by_reader(lie)->problem;
    }
}

TEST_F(bay, refuses_a_ukey_that_appears_twice) {
    plug_in("A", "U-1");
    start();
    ASSERT_TRUE(becomes("A", Content::ours));
    const auto channel = the_bay->by_reader("A")->channel;
    plug_in("B", "U-1");
    ASSERT_TRUE(becomes("B", Content::failed));
    EXPECT_EQ(content("A"), Content::failed);
    EXPECT_FALSE(channel->up());
    EXPECT_NE(the_bay->by_reader("A")->problem.find("copy"), std::string::npos);
    const auto found = the_bay->by_serial(serial("U-1"));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, base::Code::token_failed);
    EXPECT_NE(found.error().message.find("'A', 'B'"), std::string::npos) << found.error().message;

    fs::rename(at("B"), folder.path("pulled"));
    EXPECT_TRUE(becomes("A", Content::ours));
}

TEST_F(bay, sees_a_blank_ukey_become_ours) {
    plug_in("A", "");
    start();
    ASSERT_TRUE(becomes("A", Content::blank));
    tokens::UkeyFile file;
    file.serial = serial("U-7");
    file.kind = model::UkeyKind::key;
    ASSERT_TRUE(tokens::write_ukey_file(at("A"), file));
    write_text(at("A/fake.txt"), "ukey=U-7\n");
    std::optional<base::Result<tokens::Slot>> refreshed;
    the_bay->refresh("A", [&](base::Result<tokens::Slot> s) { refreshed.emplace(std::move(s)); });
    ASSERT_TRUE(until([&] { return refreshed.has_value(); }));
    ASSERT_TRUE(*refreshed);
    EXPECT_EQ((*refreshed)->content, Content::ours);
    EXPECT_EQ((*refreshed)->file, file);
    EXPECT_EQ(count(Kind::removed), 0);
    EXPECT_GE(count(Kind::ready), 2);
}

TEST_F(bay, refuses_a_ukey_whose_file_is_another_ones) {
    plug_in("A", "U-1", "ukey=U-2\n");  // the later line holds
    start();
    ASSERT_TRUE(becomes("A", Content::failed));
    EXPECT_NE(the_bay->by_reader("A")->problem.find("mixed up"), std::string::npos) << the_bay->by_reader("A")->problem;
    EXPECT_FALSE(the_bay->by_reader("A")->channel);
}

TEST_F(bay, refuses_a_ukey_that_lost_its_file) {
    plug_in("A", "", "ukey=U-2\n");
    start();
    ASSERT_TRUE(becomes("A", Content::failed));
    EXPECT_NE(the_bay->by_reader("A")->problem.find("lost its ukey.toml"), std::string::npos) << the_bay->by_reader("A")->problem;
}

TEST_F(bay, looks_again_at_a_ukey_that_was_still_being_copied) {
    plug_in("A", "", "ukey=U-2\n");
    start();
    ASSERT_TRUE(becomes("A", Content::failed));
    tokens::UkeyFile file;
    file.serial = serial("U-2");
    file.kind = model::UkeyKind::user;
    ASSERT_TRUE(tokens::write_ukey_file(at("A"), file));
    EXPECT_TRUE(becomes("A", Content::ours));
}

TEST_F(bay, leaves_a_broken_ukey_alone_that_nobody_touched) {
    plug_in("A", "", "ukey=U-2\n");
    start();
    ASSERT_TRUE(becomes("A", Content::failed));
    const auto first = the_bay->by_reader("A")->incarnation;
    const auto stop = std::chrono::steady_clock::now() + 10 * timing.liveness;
    until([&] { return std::chrono::steady_clock::now() > stop; });
    EXPECT_EQ(the_bay->by_reader("A")->incarnation, first);
}

TEST_F(bay, watches_a_module_for_its_token) {
    write_text(folder.path("module"), "absent=yes\n");
    write_text(at("hw.toml"), "kind = \"pkcs11\"\nmodule = \"" + folder.path("module") + "\"\n");
    start();
    ASSERT_TRUE(becomes("hw", Content::empty));
    EXPECT_EQ(count(Kind::inserted), 0);
    // Rewritten in place: another file would be another module.
    std::ofstream(folder.path("module")) << "ukey=U-5\ntoken_serial=1\n";
    ASSERT_TRUE(becomes("hw", Content::ours));
    ASSERT_TRUE(until([&] { return count(Kind::ready) >= 1; }));
    EXPECT_EQ(count(Kind::inserted), 1);
    const auto channel = the_bay->by_reader("hw")->channel;
    std::ofstream(folder.path("module")) << "absent=yes\n";
    ASSERT_TRUE(until([&] { return count(Kind::removed) == 1; }));
    EXPECT_FALSE(channel->up());
    ASSERT_TRUE(becomes("hw", Content::empty));
}

TEST_F(bay, tells_about_a_reader_that_is_not_usable) {
    write_text(at("hw.toml"), "kind = \"pkcs11\"\nmodule = \"/nonexistent.so\"\n");
    start();
    ASSERT_TRUE(becomes("hw", Content::failed));
    EXPECT_NE(the_bay->by_reader("hw")->problem.find("/nonexistent.so"), std::string::npos);
}

TEST_F(bay, says_when_nothing_can_be_started_any_more) {
    plug_in("A", "U-1");
    start();
    ASSERT_TRUE(becomes("A", Content::ours));
    kill(spawner->pid(), SIGKILL);
    ASSERT_TRUE(until([&] { return the_bay->by_reader("A")->problem.find("restart the service") != std::string::npos; })) << the_bay->by_reader("A")->problem;
    EXPECT_EQ(content("A"), Content::failed);
}

TEST_F(bay, ends_its_hosts_when_it_stops) {
    plug_in("A", "U-1");
    start();
    ASSERT_TRUE(becomes("A", Content::ours));
    ASSERT_TRUE(until([&] { return the_bay->by_reader("A")->host != 0; }));
    const auto slot = *the_bay->by_reader("A");
    the_bay.reset();
    EXPECT_TRUE(until([&] { return kill(slot.host, 0) != 0; }));
    EXPECT_FALSE(slot.channel->up());
}

}  // namespace

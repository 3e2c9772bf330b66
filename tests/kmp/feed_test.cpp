#include "kmp/service/feed_watch.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <thread>

#include "base/fd.h"
#include "standby/series.h"
#include "store/transaction.h"
#include "tests/base/comes_true.h"
#include "tests/store/temporary_folder.h"

namespace {

using base::Code;
using kmp::service::Feed;
using kmp::service::FeedState;
using store::Database;
using store::Mode;
namespace fs = std::filesystem;

base::Secret key() {
    const base::Bytes bytes(32, 7);
    return base::Secret::copy_of(bytes);
}

/// A database that is fed to a folder, and what a standby makes of it.
class AFeed : public ::testing::Test {
protected:
    void SetUp() override {
        fs::create_directory(folder);
        std::ofstream(place.file("recovery.toml")) << "recovery of the first day";
        std::ofstream(place.file("checkpoint")) << "a checkpoint";
        auto made = Database::open(path, key(), Mode::create);
        ASSERT_TRUE(made) << made.error().message;
        db.emplace(std::move(*made));
        script("CREATE TABLE t(id INTEGER PRIMARY KEY, text BLOB); CREATE TABLE log(n INTEGER PRIMARY KEY)");
    }
    void script(const std::string& sql) {
        auto tx = db->begin();
        ASSERT_TRUE(tx) << tx.error().message;
        const auto done = tx->script(sql);
        ASSERT_TRUE(done) << done.error().message;
        ASSERT_TRUE(tx->commit());
    }
    /// One more event with `rows` rows of a kilobyte, here and there.
    void write(int rows) {
        auto tx = db->begin();
        ASSERT_TRUE(tx);
        const std::uint64_t n = events->load() + 1;
        ASSERT_TRUE(tx->run("INSERT INTO log(n) VALUES (?)", static_cast<std::int64_t>(n)));
        for (int i = 0; i < rows; ++i) ASSERT_TRUE(tx->run("INSERT OR REPLACE INTO t(id, text) VALUES (?, randomblob(1000))", static_cast<std::int64_t>(random() % 20000)));
        ASSERT_TRUE(tx->commit());
        events->store(n);
    }
    Feed::Settings settings() {
        Feed::Settings s;
        s.folder = folder;
        s.interval = std::chrono::milliseconds(20);
        s.max_segments = max_segments;
        s.recovery_file = place.file("recovery.toml");
        s.checkpoint_file = place.file("checkpoint");
        s.database = path;
        s.platform = platform;
        s.silence = std::chrono::milliseconds(200);
        return s;
    }
    void start() {
        feed = std::make_unique<Feed>(settings(), *db);
        auto reads = Database::open(path, key(), Mode::read_only);
        ASSERT_TRUE(reads);
        feed->start(std::move(*reads), events);
    }
    void stop() {
        db.reset();
        feed.reset();
    }
    void reopen() {
        auto opened = Database::open(path, key(), Mode::read_write);
        ASSERT_TRUE(opened) << opened.error().message;
        db.emplace(std::move(*opened));
    }
    bool caught_up() {
        return comes_true([&] { return feed->state().whole && feed->state().problem.empty() && feed->state().events == events->load(); });
    }
    /// Opened again and written to, it is fed on where it was.
    void goes_on_in_its_first_series() {
        reopen();
        start();
        for (int i = 0; i < 20; ++i) write(10);
        ASSERT_TRUE(caught_up());
        EXPECT_TRUE(fs::exists(series(1)));
        EXPECT_FALSE(fs::exists(series(2)));
        EXPECT_EQ(taken_over(folder), static_cast<std::int64_t>(events->load()));
    }
    /// What a standby makes of the folder holds together; the events in it.
    std::int64_t taken_over(const std::string& from) {
        const std::string copy = place.file("copy-" + std::to_string(++copies));
        const auto report = standby::apply(from, copy);
        EXPECT_TRUE(report) << report.error().message;
        if (!report) return -1;
        auto opened = Database::open(copy, key(), Mode::read_write);
        EXPECT_TRUE(opened) << opened.error().message;
        if (!opened) return -1;
        const auto sound = opened->check_integrity();
        EXPECT_TRUE(sound) << sound.error().message;
        const std::int64_t rows = number(*opened, "SELECT count(*) FROM log");
        EXPECT_EQ(rows, number(*opened, "SELECT max(n) FROM log"));
        EXPECT_GE(rows, static_cast<std::int64_t>(report->last.events));
        return rows;
    }
    static std::int64_t number(Database& d, const std::string& sql) {
        auto q = d.query(sql);
        EXPECT_TRUE(q);
        EXPECT_TRUE(*q->step());
        return q->integer(0);
    }
    std::string series(std::uint64_t n) const { return folder + "/" + standby::series_name(n); }
    std::string segment(std::uint64_t n) { return folder + "/" + feed->state().series + "/" + standby::segment_name(n); }
    std::uint64_t random() { return numbers(); }
    /// Whoever waits to write into the pipe can, and finds a file there the next time.
    base::Fd unblock(const std::string& pipe) {
        const std::string moved = place.file("pipe");
        fs::rename(pipe, moved);
        return base::Fd(::open(moved.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    }
    static void drain(const base::Fd& reader) {
        char bytes[65536];
        while (::read(reader.get(), bytes, sizeof bytes) > 0) {}
    }

    TemporaryFolder place;
    std::string path = place.file("kmp.db");
    std::string folder = place.file("feed");
    std::string platform = "p-0001";
    unsigned max_segments = 100000;
    std::optional<Database> db;
    std::shared_ptr<std::atomic<std::uint64_t>> events = std::make_shared<std::atomic<std::uint64_t>>(0);
    std::unique_ptr<Feed> feed;
    int copies = 0;
    std::mt19937_64 numbers{1};
};

TEST_F(AFeed, gives_the_database_as_it_was_while_it_was_written_to_without_a_pause) {
    for (int i = 0; i < 50; ++i) write(100);
    start();
    for (int i = 0; i < 400; ++i) write(static_cast<int>(random() % 150));
    ASSERT_TRUE(caught_up());
    EXPECT_EQ(taken_over(folder), static_cast<std::int64_t>(events->load()));
}

TEST_F(AFeed, can_be_taken_over_from_at_any_moment_of_a_busy_day) {
    max_segments = 20;  // so that one base follows another
    start();
    write(10);
    ASSERT_TRUE(caught_up());
    std::atomic<bool> over{false};
    std::thread seller([&] {
        while (!over) write(static_cast<int>(numbers() % 100));
    });
    int taken = 0;
    for (int i = 0; i < 200 && (taken < 8 || fs::exists(series(1))); ++i) {
        // As a machine that is struck down leaves it: every file as it stands at that moment. Segments that come while it is copied are cut off by a copy in their order.
        const std::string copy = place.file("carried-" + std::to_string(i));
        const std::uint64_t before = feed->state().events;
        std::error_code error;
        fs::copy(folder, copy, fs::copy_options::recursive, error);
        if (error) continue;  // a base was given up for a newer one while it was copied
        const auto report = standby::check(copy);
        if (!report) continue;
        EXPECT_GE(taken_over(copy), static_cast<std::int64_t>(std::min(before, report->last.events)));
        ++taken;
        fs::remove_all(copy);
    }
    EXPECT_GE(taken, 8);
    over = true;
    seller.join();
    ASSERT_TRUE(caught_up());
    EXPECT_EQ(taken_over(folder), static_cast<std::int64_t>(events->load()));
    EXPECT_FALSE(fs::exists(series(1))) << "a new base has taken the first one's place";
}

TEST_F(AFeed, goes_on_with_its_series_after_the_database_was_closed_and_opened) {
    start();
    write(50);
    ASSERT_TRUE(caught_up());
    // As the service does it: others still read when the writer goes.
    auto reader = Database::open(path, key(), Mode::read_only);
    ASSERT_TRUE(reader);
    ASSERT_GT(number(*reader, "SELECT count(*) FROM t"), 0);
    write(50);
    feed.reset();
    db.reset();
    EXPECT_EQ(taken_over(folder), static_cast<std::int64_t>(events->load())) << "the last word was said";
    reader = base::Error{Code::cancelled, "closed"};
    goes_on_in_its_first_series();
}

TEST_F(AFeed, goes_on_with_its_series_when_the_writer_was_the_last_to_close) {
    start();
    write(50);
    ASSERT_TRUE(caught_up());
    feed.reset();
    db.reset();
    EXPECT_GT(fs::file_size(path + "-wal"), 0u) << "what the series ends with is looked for there";
    fs::copy_file(path, place.file("alone.db"));
    {
        auto alone = Database::open(place.file("alone.db"), key(), Mode::read_write);
        ASSERT_TRUE(alone) << alone.error().message;
        EXPECT_EQ(number(*alone, "SELECT count(*) FROM log"), static_cast<std::int64_t>(events->load())) << "all is in the file as well";
    }
    goes_on_in_its_first_series();
}

TEST_F(AFeed, begins_anew_when_the_database_was_written_to_without_it) {
    start();
    write(50);
    ASSERT_TRUE(caught_up());
    stop();
    reopen();
    for (int i = 0; i < 100; ++i) write(100);
    db.reset();
    reopen();
    start();
    write(1);
    ASSERT_TRUE(caught_up());
    EXPECT_FALSE(fs::exists(series(1)));
    EXPECT_EQ(taken_over(folder), static_cast<std::int64_t>(events->load()));
}

TEST_F(AFeed, stops_and_goes_on_by_itself_when_its_folder_is_away_and_back) {
    start();
    write(50);
    ASSERT_TRUE(caught_up());
    fs::rename(folder, folder + ".away");
    write(50);
    ASSERT_TRUE(comes_true([&] { return !feed->state().problem.empty(); }));
    EXPECT_NE(feed->state().problem.find("is away"), std::string::npos) << feed->state().problem;
    for (int i = 0; i < 50; ++i) write(10);
    EXPECT_FALSE(fs::exists(folder)) << "nothing is made where the folder should be mounted";
    fs::rename(folder + ".away", folder);
    ASSERT_TRUE(caught_up());
    EXPECT_TRUE(fs::exists(series(1)));
    EXPECT_EQ(taken_over(folder), static_cast<std::int64_t>(events->load()));
}

TEST_F(AFeed, that_was_away_for_too_much_begins_a_new_base) {
    start();
    write(50);
    ASSERT_TRUE(caught_up());
    fs::rename(folder, folder + ".away");
    for (int i = 0; i < 60; ++i) {
        script("DELETE FROM t");
        for (int j = 0; j < 10; ++j) script("INSERT INTO t(text) VALUES (randomblob(400000))");
        script("INSERT INTO t(text) SELECT randomblob(1000000) FROM log LIMIT 2");
    }
    script("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 90) INSERT INTO t(text) SELECT randomblob(1000000) FROM c");
    write(1);
    EXPECT_LT(fs::file_size(path + "-wal"), 128u << 20) << "the log of the database does not grow for a folder that is away";
    fs::rename(folder + ".away", folder);
    ASSERT_TRUE(caught_up());
    EXPECT_FALSE(fs::exists(series(1)));
    EXPECT_EQ(taken_over(folder), static_cast<std::int64_t>(events->load()));
}

TEST_F(AFeed, leaves_a_folder_alone_that_another_service_feeds) {
    start();
    write(5);
    ASSERT_TRUE(caught_up());
    stop();
    reopen();
    platform = "p-0002";
    start();
    write(5);
    ASSERT_TRUE(comes_true([&] { return feed->state().problem.find("holds the feed of platform UKEY p-0001") != std::string::npos; }));
    EXPECT_TRUE(fs::exists(series(1)));
}

TEST_F(AFeed, does_not_use_a_folder_that_others_can_write_to) {
    fs::permissions(folder, fs::perms::group_write, fs::perm_options::add);
    start();
    write(5);
    ASSERT_TRUE(comes_true([&] { return feed->state().problem.find("written to by others") != std::string::npos; }));
    EXPECT_TRUE(fs::is_empty(folder));
    fs::permissions(folder, fs::perms::owner_all);
    ASSERT_TRUE(caught_up());
}

TEST_F(AFeed, lets_nobody_else_read_what_it_writes_and_writes_nothing_that_could_be_read) {
    script("CREATE TABLE secrets(what TEXT); INSERT INTO secrets VALUES ('what-nobody-may-read')");
    start();
    script("INSERT INTO secrets VALUES ('what-nobody-may-read-either')");
    write(5);
    ASSERT_TRUE(caught_up());
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        EXPECT_EQ(entry.status().permissions(), entry.is_directory() ? fs::perms::owner_all : fs::perms::owner_read | fs::perms::owner_write) << entry.path();
        if (entry.is_directory()) continue;
        const auto content = base::read_file(entry.path().string(), 100u << 20);
        ASSERT_TRUE(content);
        for (const char* readable : {"what-nobody", "CREATE TABLE", "SQLite format"}) EXPECT_EQ(base::as_text(*content).find(readable), std::string_view::npos) << readable << " in " << entry.path();
    }
}

TEST_F(AFeed, leaves_alone_what_is_newer_than_a_database_that_was_set_back) {
    start();
    write(50);
    ASSERT_TRUE(caught_up());
    stop();
    for (const char* suffix : {"", "-wal"}) fs::copy_file(path + suffix, place.file(std::string("old") + suffix));
    reopen();
    start();
    for (int i = 0; i < 5; ++i) write(50);
    ASSERT_TRUE(caught_up());
    const auto newest = static_cast<std::int64_t>(events->load());
    stop();
    for (const char* suffix : {"", "-wal"}) fs::rename(place.file(std::string("old") + suffix), path + suffix);
    fs::remove(path + "-shm");
    events->store(1);
    reopen();
    start();
    write(5);
    ASSERT_TRUE(comes_true([&] { return feed->state().problem.find("was set back") != std::string::npos; })) << feed->state().problem;
    EXPECT_EQ(taken_over(folder), newest);
}

TEST_F(AFeed, says_that_its_folder_does_not_answer_and_holds_nobody_up) {
    start();
    write(5);
    ASSERT_TRUE(caught_up());
    // A pipe that nobody reads, where the next segment is written: whoever opens it waits.
    const std::string pipe = segment(feed->state().segments + 1) + ".new";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    write(5);
    ASSERT_TRUE(comes_true([&] { return feed->state().problem.find("does not answer") != std::string::npos; }));
    for (int i = 0; i < 200; ++i) write(20);
    EXPECT_LT(feed->state().events, events->load());
    const base::Fd reader = unblock(pipe);
    ASSERT_TRUE(comes_true([&] { return drain(reader), feed->state().problem.empty(); }));
    ASSERT_TRUE(caught_up());
    EXPECT_EQ(taken_over(folder), static_cast<std::int64_t>(events->load()));
}

TEST_F(AFeed, ends_although_its_folder_does_not_answer) {
    start();
    write(5);
    ASSERT_TRUE(caught_up());
    const std::string pipe = segment(feed->state().segments + 1) + ".new";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    write(5);
    ASSERT_TRUE(comes_true([&] { return feed->state().problem.find("does not answer") != std::string::npos; }));
    const std::string awaited = segment(feed->state().segments + 1);
    stop();
    EXPECT_FALSE(fs::exists(awaited));
    const base::Fd reader = unblock(pipe);
    EXPECT_TRUE(comes_true([&] { return drain(reader), fs::exists(awaited); })) << "its last word, once it can be said";
}

TEST_F(AFeed, reads_who_has_taken_over_and_says_when_it_cannot) {
    const standby::Successor successor{"PL-2", base::Bytes(91, 1), 17, base::sha256(base::as_bytes("x")), base::Bytes(64, 2)};
    const std::string file = folder + "/" + standby::kSuccessorFile;
    std::ofstream(file) << successor.text();
    start();
    ASSERT_TRUE(feed->state().successor) << "it was looked for before anything else";
    EXPECT_EQ(feed->state().successor->text(), successor.text());
    write(5);
    ASSERT_TRUE(caught_up());
    for (const std::string& spoilt : {std::string("platform = \n"), std::string("platform = \"PL-2\"\n"), std::string(70000, '#')}) {
        std::ofstream(file, std::ios::trunc) << spoilt;
        EXPECT_TRUE(comes_true([&] { return feed->state().problem.find(standby::kSuccessorFile) != std::string::npos; }));
        EXPECT_FALSE(feed->state().successor);
        fs::remove(file);
        EXPECT_TRUE(caught_up());
    }
}

TEST(feed_watch, says_once_that_the_feed_stopped_and_once_that_it_goes_on) {
    kmp::service::FeedWatch watch;
    FeedState state;
    EXPECT_TRUE(watch.look(state).empty());
    const auto types = [&] {
        std::vector<audit::EventType> out;
        for (const audit::Event& e : watch.look(state)) out.push_back(e.type());
        return out;
    };
    using Types = std::vector<audit::EventType>;
    state.whole = true;
    state.series = "series-000001";
    EXPECT_EQ(types(), Types{audit::EventType::standby_began});
    EXPECT_EQ(types(), Types{});
    state.problem = "the disk is full";
    EXPECT_EQ(types(), Types{audit::EventType::standby_stopped});
    state.problem = "the disk is still full";
    EXPECT_EQ(types(), Types{});
    state.problem.clear();
    state.series = "series-000002";
    EXPECT_EQ(types(), (Types{audit::EventType::standby_resumed, audit::EventType::standby_began}));
}

TEST(feed_watch, warns_of_what_stands_still_and_of_what_is_late) {
    const auto warned = [](const FeedState& s, base::Millis late) { return kmp::service::feed_warnings(s, {1, late}, "/feed"); };
    FeedState state;
    ASSERT_EQ(warned(state, 0).size(), 1u);
    EXPECT_NE(warned(state, 0)[0].line.find("no standby can take over yet"), std::string::npos);
    state.whole = true;
    EXPECT_TRUE(warned(state, 30 * base::kSecond).empty());
    ASSERT_EQ(warned(state, 31 * base::kSecond).size(), 1u);
    EXPECT_NE(warned(state, 31 * base::kSecond)[0].line.find("31 seconds behind"), std::string::npos);
    state.problem = "the folder is away";
    ASSERT_EQ(warned(state, 31 * base::kSecond).size(), 1u);
    EXPECT_NE(warned(state, 0)[0].line.find("the folder is away"), std::string::npos);
}

TEST(feed_lag, counts_from_when_the_feed_had_everything) {
    FeedState state;
    state.events = 10;
    state.last = 1000;   // an hour ago nothing more was sold
    state.as_of = 5000;
    EXPECT_EQ(kmp::service::lag_of(state, 10, 9000).time, 0);
    EXPECT_EQ(kmp::service::lag_of(state, 12, 5400).events, 2u);
    EXPECT_EQ(kmp::service::lag_of(state, 12, 5400).time, 400);
}

TEST_F(AFeed, that_was_changed_cut_or_mixed_is_refused_and_said_where) {
    start();
    for (int i = 0; i < 6; ++i) {
        write(20);
        ASSERT_TRUE(caught_up());
    }
    const std::uint64_t last = feed->state().segments;
    ASSERT_GE(last, 6u);
    const std::string in = folder + "/" + feed->state().series + "/";
    stop();
    const auto refused = [&](Code code, const std::string& why) {
        const auto report = standby::check(folder);
        ASSERT_FALSE(report) << why;
        EXPECT_EQ(report.error().code, code) << report.error().message;
        EXPECT_NE(report.error().message.find(why), std::string::npos) << report.error().message;
    };
    const auto with = [&](const std::string& file, auto change, auto look) {
        auto good = base::read_file(file, 100u << 20);
        ASSERT_TRUE(good);
        base::Bytes bytes = *good;
        change(bytes);
        std::ofstream(file, std::ios::binary | std::ios::trunc).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        look();
        std::ofstream(file, std::ios::binary | std::ios::trunc).write(reinterpret_cast<const char*>(good->data()), static_cast<std::streamsize>(good->size()));
    };
    // One bit, anywhere in any file of it.
    for (const std::string& name : {std::string("base.db"), standby::segment_name(1), standby::segment_name(3), standby::segment_name(last)}) {
        const std::size_t size = fs::file_size(in + name);
        for (const std::size_t at : {std::size_t{9}, size / 2, size - 1})
            with(in + name, [&](base::Bytes& b) { b[at] ^= 1; }, [&] {
                const auto report = standby::check(folder);
                EXPECT_FALSE(report) << name << " at " << at;
            });
    }
    // A missing one.
    fs::rename(in + standby::segment_name(3), place.file("three"));
    refused(Code::not_found, standby::segment_name(3) + " is missing");
    // Another's in its place.
    fs::copy(in + standby::segment_name(2), in + standby::segment_name(3));
    refused(Code::tampered, "does not follow");
    fs::remove(in + standby::segment_name(3));
    fs::rename(place.file("three"), in + standby::segment_name(3));
    // The last one, cut: left out, and said.
    for (const std::size_t keep : {std::size_t{0}, std::size_t{40}, std::size_t{200}, fs::file_size(in + standby::segment_name(last)) - 1})
        with(in + standby::segment_name(last), [&](base::Bytes& b) { b.resize(keep); }, [&] {
            const auto report = standby::check(folder);
            ASSERT_TRUE(report) << report.error().message;
            EXPECT_EQ(report->segments, last - 1);
            ASSERT_EQ(report->notes.size(), 1u);
            EXPECT_NE(report->notes[0].find("cut short"), std::string::npos);
        });
    // Cut in the middle: refused.
    with(in + standby::segment_name(3), [&](base::Bytes& b) { b.resize(b.size() - 1); }, [&] { refused(Code::tampered, "ends before its end"); });
    ASSERT_TRUE(standby::check(folder));
}

TEST_F(AFeed, refuses_segments_of_another_database_or_another_base) {
    start();
    write(20);
    ASSERT_TRUE(caught_up());
    stop();
    const std::string other = place.file("other");
    fs::copy(folder, other, fs::copy_options::recursive);
    reopen();
    for (int i = 0; i < 60; ++i) write(100);  // unseen: a new base
    db.reset();
    reopen();
    start();
    write(20);
    ASSERT_TRUE(caught_up());
    const std::uint64_t number = 2;
    stop();
    // Newer segments beside the base of before.
    const std::string old = other + "/" + standby::series_name(1);
    fs::copy_file(series(number) + "/" + standby::segment_name(1), old + "/" + standby::segment_name(1), fs::copy_options::overwrite_existing);
    const auto report = standby::check(other);
    ASSERT_FALSE(report);
    EXPECT_NE(report.error().message.find("another series"), std::string::npos) << report.error().message;
}

}  // namespace

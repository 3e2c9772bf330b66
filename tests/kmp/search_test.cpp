#include "kmp/service/search.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/audit/log_database.h"
#include "tests/store/temporary_folder.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using audit::Filter;
using audit::kSegmentEvents;
using kmp::service::Search;
using store::Database;

constexpr std::uint64_t kSize = 3 * kSegmentEvents + 100;
constexpr std::uint64_t kIndexed = 3 * kSegmentEvents;

base::Secret key() { return base::Secret(32); }

/// A log in which event i is of station s-(i % 7), with a meter of its own.
class Keeping : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        folder_of_log = new TemporaryFolder;
        grow(log(), 0);
    }
    static void TearDownTestSuite() { delete folder_of_log; }
    static std::string log() { return folder_of_log->file("kmp.db"); }
    static void grow(const std::string& path, std::uint64_t shift) {
        Database db = log_database(path, key());
        auto journal = std::move(*audit::Journal::open(db));
        auto tx = db.begin();
        for (std::uint64_t i = 0; i < kSize; ++i) {
            Event e(EventType::order_refused);
            e.text(Field::station, "s-" + std::to_string((i + shift) % 7)).number(Field::meter, 1000 + i);
            ASSERT_TRUE(journal.append(*tx, e, 1'763'791'200'000));
        }
        ASSERT_TRUE(tx->commit());
        journal.committed();
    }
    std::unique_ptr<Search> start(const std::string& of) const {
        return std::make_unique<Search>(Search::Settings{index, kmp::service::search_key(key()), std::move(*Database::open(of, key(), store::Mode::read_only)),
                                                         std::move(*Database::open(of, key(), store::Mode::read_only)), std::make_shared<const std::atomic<std::uint64_t>>(kSize), false});
    }
    std::unique_ptr<Search> start() const { return start(log()); }
    static void wait_until_indexed(const Search& search) {
        for (int i = 0; i < 30000 && search.searchable() < kIndexed; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        ASSERT_EQ(search.searchable(), kIndexed) << search.problem();
    }
    /// How many events of station s-3 it finds, page by page, and whether in their order.
    static std::uint64_t find_all(Search& search) {
        Filter f;
        f.stations = {"s-3"};
        std::uint64_t found = 0;
        audit::Look look{true, 0, 0, 1000};
        std::uint64_t last = kSize;
        for (;;) {
            const auto seen = search.find(f, look, [&](const audit::Record& r, base::ByteView) {
                EXPECT_LT(r.index(), last);
                last = r.index();
                ++found;
                return true;
            });
            EXPECT_TRUE(seen) << seen.error().message;
            if (!seen || seen->end) return found;
            look.before = seen->next;
        }
    }
    static std::uint64_t expected(std::uint64_t shift = 0) {
        std::uint64_t out = 0;
        for (std::uint64_t i = 0; i < kSize; ++i) out += (i + shift) % 7 == 3 ? 1 : 0;
        return out;
    }
    static inline TemporaryFolder* folder_of_log = nullptr;
    TemporaryFolder folder;
    std::string index = folder.file("search.db");
};

TEST_F(Keeping, makes_an_index_and_finds_the_same_before_and_after) {
    const auto search = start();
    EXPECT_EQ(find_all(*search), expected());
    wait_until_indexed(*search);
    EXPECT_EQ(find_all(*search), expected());
    EXPECT_EQ(search->problem(), "");
    struct stat about {};
    ASSERT_EQ(stat(index.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(Keeping, goes_on_with_the_index_that_is_there) {
    { wait_until_indexed(*start()); }
    const auto made = std::filesystem::file_size(index);
    const auto search = start();
    wait_until_indexed(*search);
    EXPECT_EQ(std::filesystem::file_size(index), made);
    EXPECT_EQ(find_all(*search), expected());
}

TEST_F(Keeping, makes_an_index_of_another_log_anew) {
    const std::string other = folder.file("other.db");
    grow(other, 1);
    { wait_until_indexed(*start(other)); }
    const auto search = start();
    EXPECT_EQ(find_all(*search), expected());
    wait_until_indexed(*search);
    EXPECT_EQ(find_all(*search), expected());
}

TEST_F(Keeping, makes_what_is_no_index_anew) {
    std::ofstream(index) << "this is no database, and nobody's index, though it is longer than a page of one may be";
    const auto search = start();
    wait_until_indexed(*search);
    EXPECT_EQ(find_all(*search), expected());
}

TEST_F(Keeping, mends_an_index_that_is_damaged_while_it_is_in_use) {
    const auto search = start();
    wait_until_indexed(*search);
    {
        std::fstream file(index, std::ios::in | std::ios::out | std::ios::binary);
        for (std::uintmax_t page = 2; page < std::filesystem::file_size(index) / 4096; ++page) {
            file.seekp(static_cast<std::streamoff>(page * 4096 + 100));
            file.put('\x55');
            file.put('\xaa');
        }
    }
    std::filesystem::resize_file(index + "-wal", 0);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(find_all(*search), expected());
    wait_until_indexed(*search);
    EXPECT_EQ(find_all(*search), expected());
}

TEST_F(Keeping, survives_to_be_killed_while_it_indexes) {
    std::mt19937 random(7);
    for (int round = 0; round < 5; ++round) {
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            const auto search = start();
            for (;;) pause();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 200));
        kill(child, SIGKILL);
        ASSERT_EQ(waitpid(child, nullptr, 0), child);
        const auto search = start();
        EXPECT_EQ(find_all(*search), expected());
        if (round == 4) wait_until_indexed(*search);
    }
}

TEST_F(Keeping, finds_all_the_same_where_no_index_can_be_kept) {
    index = folder.file("no such folder/search.db");
    const auto search = start();
    EXPECT_EQ(find_all(*search), expected());
    for (int i = 0; i < 1000 && search->problem().empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_NE(search->problem(), "");
    EXPECT_EQ(search->searchable(), 0u);
}

TEST_F(Keeping, finds_when_it_makes_no_index_any_more) {
    const auto search = start();
    search->stop();
    EXPECT_EQ(find_all(*search), expected());
}

}  // namespace

#include "store/page_check.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "store/database.h"
#include "store/transaction.h"
#include "tests/store/temporary_folder.h"

namespace {

using store::Database;
using store::Mode;
using store::PageCheck;
constexpr std::size_t kPage = PageCheck::kPageBytes;

base::Secret key_of(std::uint8_t fill) { return base::Secret::copy_of(base::Bytes(32, fill)); }

base::Bytes read_all(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A database with every kind of page: tables, an index, rows that overflow, pages that are in use no more.
base::Bytes sample(const std::string& path) {
    {
        auto db = *Database::open(path, key_of(7), Mode::create);
        auto tx = *db.begin();
        EXPECT_TRUE(tx.script("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB); CREATE TABLE gone(a BLOB); CREATE INDEX i ON t(b)"));
        for (int i = 0; i < 12; ++i) EXPECT_TRUE(tx.run("INSERT INTO t VALUES(?, randomblob(600))", i));
        EXPECT_TRUE(tx.run("INSERT INTO t VALUES(100, randomblob(9000))"));
        EXPECT_TRUE(tx.run("INSERT INTO gone VALUES(randomblob(9000))"));
        EXPECT_TRUE(tx.script("DROP TABLE gone"));
        EXPECT_TRUE(tx.commit());
    }  // closing moves all of it into the file
    return read_all(path);
}

store::PageReport report_of(const base::Bytes& file, const base::Secret& key) {
    return *store::check_pages(
        key, file.size(),
        [&](std::span<std::uint8_t> out, std::uint64_t offset) -> base::Status {
            std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
            return {};
        },
        [](std::uint64_t, std::uint64_t) { return true; });
}

}  // namespace

TEST(page_check, every_page_of_a_good_database_holds) {
    TemporaryFolder folder;
    const base::Bytes file = sample(folder.file("kmp.db"));
    const auto report = report_of(file, key_of(7));
    EXPECT_GE(report.pages, 12u);
    EXPECT_EQ(report.pages * kPage, file.size());
    EXPECT_EQ(report.damaged_count, 0u);
    EXPECT_EQ(report.left_over, 0u);
}

TEST(page_check, every_flipped_bit_that_anything_reads_is_found_in_its_page) {
    TemporaryFolder folder;
    base::Bytes file = sample(folder.file("kmp.db"));
    const base::Secret key = key_of(7);
    const PageCheck check(key, base::ByteView(file).first(PageCheck::kSaltBytes));
    for (std::size_t at = 0; at < file.size(); ++at) {
        const std::size_t page = at / kPage;
        if (at < PageCheck::kSaltBytes) continue;  // below
        // What nothing reads holds no information: it is random, and is drawn anew each time the page is written.
        const bool filling = at % kPage >= kPage - PageCheck::kFilling;
        for (unsigned bit = 0; bit < 8; ++bit) {
            file[at] = static_cast<std::uint8_t>(file[at] ^ 1u << bit);
            ASSERT_EQ(check.holds(static_cast<std::uint32_t>(page + 1), base::ByteView(file).subspan(page * kPage, kPage)), filling) << "byte " << at << " bit " << bit;
            file[at] = static_cast<std::uint8_t>(file[at] ^ 1u << bit);
        }
    }
}

TEST(page_check, a_changed_salt_shows_in_every_page) {
    TemporaryFolder folder;
    base::Bytes file = sample(folder.file("kmp.db"));
    file[3] ^= 1;
    // Its own page too, and so many that it can be nothing else.
    EXPECT_EQ(report_of(file, key_of(7)).damaged_count, file.size() / kPage);
}

TEST(page_check, what_sqlite_still_opens_has_the_same_rows_whatever_the_filling_holds) {
    TemporaryFolder folder;
    const std::string path = folder.file("kmp.db");
    base::Bytes file = sample(path);
    for (std::size_t page = 1; page * kPage <= file.size(); ++page) file[page * kPage - 1] ^= 1;
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
    auto db = Database::open(path, key_of(7), Mode::read_only);
    ASSERT_TRUE(db);
    EXPECT_TRUE(db->check_integrity());
}

TEST(page_check, pages_that_change_places_and_a_wrong_key_are_found) {
    TemporaryFolder folder;
    base::Bytes file = sample(folder.file("kmp.db"));
    EXPECT_EQ(report_of(file, key_of(8)).damaged_count, file.size() / kPage);
    const auto page = [&](std::ptrdiff_t n) { return file.begin() + n * static_cast<std::ptrdiff_t>(kPage); };
    std::swap_ranges(page(3), page(4), page(5));
    EXPECT_EQ(report_of(file, key_of(7)).damaged, (std::vector<std::uint32_t>{4, 6}));
    file.resize(file.size() - 100);
    EXPECT_EQ(report_of(file, key_of(7)).left_over, kPage - 100);
}

TEST(page_check, stops_when_told_and_hands_on_that_it_cannot_read) {
    const auto nothing = [](std::span<std::uint8_t>, std::uint64_t) -> base::Status { return {}; };
    EXPECT_EQ(store::check_pages(key_of(7), kPage, nothing, [](std::uint64_t, std::uint64_t) { return false; }).error().code, base::Code::cancelled);
    const auto broken = [](std::span<std::uint8_t>, std::uint64_t) -> base::Status { return {base::Code::storage_failed, "gone"}; };
    EXPECT_EQ(store::check_pages(key_of(7), kPage, broken, [](std::uint64_t, std::uint64_t) { return true; }).error().code, base::Code::storage_failed);
}

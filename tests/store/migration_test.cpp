#include "store/migration.h"

#include <gtest/gtest.h>

#include <array>

#include "store/transaction.h"
#include "tests/store/temporary_folder.h"

namespace {

using base::Code;
using store::Migration;
using store::Schema;

class Migrations : public ::testing::Test {
protected:
    Migrations() : db(*store::Database::open(folder.file("kmp.db"), base::Secret(32), store::Mode::create)) {}
    base::Status migrate(std::span<const Migration> steps) {
        const Schema schema{"room", steps};
        return store::migrate(db, std::span(&schema, 1));
    }
    bool table(const char* name) {
        auto row = db.query("SELECT 1 FROM sqlite_master WHERE name=?");
        row->bind_all(name);
        return *row->step();
    }
    int version() {
        auto row = db.query("SELECT coalesce(max(version), 0) FROM schema_version WHERE room='room'");
        EXPECT_TRUE(*row->step());
        return static_cast<int>(row->integer(0));
    }
    TemporaryFolder folder;
    store::Database db;
};

constexpr std::array kTwo{Migration{1, "one", "CREATE TABLE one(a)"}, Migration{2, "two", "CREATE TABLE two(a); INSERT INTO one VALUES(1)"}};

}  // namespace

TEST_F(Migrations, run_once_and_in_order) {
    ASSERT_TRUE(migrate(std::span(kTwo).first(1)));
    EXPECT_EQ(version(), 1);
    ASSERT_TRUE(migrate(kTwo));
    EXPECT_EQ(version(), 2);
    ASSERT_TRUE(migrate(kTwo));
    auto rows = db.query("SELECT count(*) FROM one");
    ASSERT_TRUE(*rows->step());
    EXPECT_EQ(rows->integer(0), 1) << "the second step ran once";
}

TEST_F(Migrations, that_fail_half_way_leave_the_step_before) {
    constexpr std::array steps{Migration{1, "one", "CREATE TABLE one(a)"}, Migration{2, "bad", "CREATE TABLE two(a); INSERT INTO nowhere VALUES(1)"}};
    const auto done = migrate(steps);
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message.find("migration 2 of room (bad)"), std::string::npos) << done.error().message;
    EXPECT_TRUE(table("one"));
    EXPECT_FALSE(table("two"));
    EXPECT_EQ(version(), 1);
    EXPECT_TRUE(migrate(kTwo)) << "and a corrected step can follow";
}

TEST_F(Migrations, that_commit_themselves_are_refused) {
    constexpr std::array steps{Migration{1, "sly", "CREATE TABLE one(a); COMMIT"}};
    EXPECT_FALSE(migrate(steps));
    EXPECT_EQ(version(), 0);
}

TEST_F(Migrations, of_a_newer_program_are_refused) {
    ASSERT_TRUE(migrate(kTwo));
    const auto older = migrate(std::span(kTwo).first(1));
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().code, Code::unsupported);
}

TEST_F(Migrations, that_were_renamed_are_refused) {
    ASSERT_TRUE(migrate(kTwo));
    constexpr std::array renamed{Migration{1, "uno", "CREATE TABLE one(a)"}, Migration{2, "two", ""}};
    const auto done = migrate(renamed);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::conflict);
}

TEST_F(Migrations, with_a_gap_are_refused_before_anything_runs) {
    constexpr std::array gap{Migration{1, "one", "CREATE TABLE one(a)"}, Migration{3, "three", "CREATE TABLE three(a)"}};
    const auto done = migrate(gap);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::invalid_argument);
    EXPECT_FALSE(table("one"));
}

TEST_F(Migrations, of_several_rooms_have_versions_of_their_own) {
    constexpr std::array other{Migration{1, "other", "CREATE TABLE other(a)"}};
    const std::array<Schema, 2> both{Schema{"room", kTwo}, Schema{"other", other}};
    ASSERT_TRUE(store::migrate(db, both));
    ASSERT_TRUE(store::migrate(db, both));
    EXPECT_TRUE(table("two"));
    EXPECT_TRUE(table("other"));
}

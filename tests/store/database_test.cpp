#include "store/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/fd.h"
#include "store/transaction.h"
#include "tests/store/temporary_folder.h"

namespace {

using base::Code;
using base::Secret;
using store::Database;
using store::Mode;

Secret key_of(std::uint8_t fill) {
    const base::Bytes bytes(32, fill);
    return Secret::copy_of(bytes);
}

class OpenDatabase : public ::testing::Test {
protected:
    void SetUp() override {
        auto made = Database::open(path, key_of(7), Mode::create);
        ASSERT_TRUE(made) << made.error().message;
        db.emplace(std::move(*made));
    }
    void script(const std::string& sql) {
        auto tx = db->begin();
        ASSERT_TRUE(tx) << tx.error().message;
        const auto done = tx->script(sql);
        ASSERT_TRUE(done) << done.error().message;
        ASSERT_TRUE(tx->commit());
    }
    std::int64_t number(const std::string& sql) {
        auto row = db->query(sql);
        EXPECT_TRUE(row) << row.error().message;
        const auto there = row->step();
        EXPECT_TRUE(there && *there);
        return row->integer(0);
    }
    TemporaryFolder folder;
    std::string path = folder.file("kmp.db");
    std::optional<Database> db;
};

void flip(const std::string& path, std::streamoff at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    char c = 0;
    file.seekg(at);
    file.get(c);
    file.seekp(at);
    file.put(static_cast<char>(c ^ 1));
}

}  // namespace

TEST_F(OpenDatabase, file_is_for_its_owner_only) {
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(OpenDatabase, committed_rows_are_there_after_reopening) {
    script("CREATE TABLE t(a INTEGER, b TEXT); INSERT INTO t VALUES(42, 'forty-two')");
    db.reset();
    auto again = Database::open(path, key_of(7), Mode::read_write);
    ASSERT_TRUE(again) << again.error().message;
    auto row = again->query("SELECT a, b FROM t");
    ASSERT_TRUE(row);
    ASSERT_TRUE(*row->step());
    EXPECT_EQ(row->integer(0), 42);
    EXPECT_EQ(row->text(1), "forty-two");
}

TEST_F(OpenDatabase, that_is_closed_last_by_whoever_writes_is_one_file) {
    script("CREATE TABLE t(a INTEGER); INSERT INTO t VALUES(42)");
    {
        const auto reader = Database::open(path, key_of(7), Mode::read_only);
        ASSERT_TRUE(reader) << reader.error().message;
        EXPECT_EQ(access((path + "-wal").c_str(), F_OK), 0);
    }
    db.reset();
    EXPECT_NE(access((path + "-wal").c_str(), F_OK), 0);
    auto again = Database::open(path, key_of(7), Mode::read_only);
    ASSERT_TRUE(again) << again.error().message;
    auto row = again->query("SELECT a FROM t");
    ASSERT_TRUE(row);
    ASSERT_TRUE(*row->step());
    EXPECT_EQ(row->integer(0), 42);
}

TEST_F(OpenDatabase, nothing_lies_in_clear_in_the_file_or_its_log) {
    script("CREATE TABLE t(a TEXT); INSERT INTO t VALUES('a very recognisable sentence')");
    for (const std::string& name : {path, path + "-wal"}) {
        const auto bytes = base::read_file(name, 10'000'000);
        ASSERT_TRUE(bytes) << name;
        const auto text = base::to_string(*bytes);
        EXPECT_EQ(text.find("recognisable"), std::string::npos) << name;
        EXPECT_EQ(text.find("SQLite format"), std::string::npos) << name;
    }
}

TEST_F(OpenDatabase, wrong_key_is_refused_and_says_so) {
    script("CREATE TABLE t(a)");
    db.reset();
    const auto wrong = Database::open(path, key_of(8), Mode::read_write);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Code::key_invalid);
    EXPECT_EQ(wrong.error().raw, 26);  // SQLITE_NOTADB
    EXPECT_NE(wrong.error().message.find("opened with the wrong key"), std::string::npos);
    EXPECT_TRUE(Database::open(path, key_of(7), Mode::read_write)) << "the right key must still work";
}

TEST_F(OpenDatabase, key_of_another_length_is_refused) {
    for (std::size_t size : {0u, 16u, 31u, 33u}) {
        const auto opened = Database::open(path, Secret(size), Mode::read_write);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, Code::invalid_argument);
    }
}

TEST_F(OpenDatabase, existing_file_is_never_created_over) {
    const auto again = Database::open(path, key_of(7), Mode::create);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::already_exists);
}

TEST(database, that_is_not_there_is_not_found) {
    TemporaryFolder folder;
    for (Mode mode : {Mode::read_write, Mode::read_only}) {
        const auto opened = Database::open(folder.file("none.db"), key_of(1), mode);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, Code::not_found);
    }
}

TEST(database, file_of_something_else_is_refused) {
    TemporaryFolder folder;
    const std::string path = folder.file("text");
    std::ofstream(path) << std::string(8192, 'x');
    const auto opened = Database::open(path, key_of(1), Mode::read_write);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::key_invalid);
}

TEST_F(OpenDatabase, flipped_byte_in_any_page_is_noticed) {
    script("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)");
    {
        auto tx = db->begin();
        for (int i = 0; i < 40; ++i) ASSERT_TRUE(tx->run("INSERT INTO t VALUES(?, zeroblob(1000))", i));
        ASSERT_TRUE(tx->commit());
    }
    db.reset();  // closing moves everything from the log into the file
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
    ASSERT_GE(size, 8 * 4096);
    for (std::streamoff page = 0; page < size; page += 4096) {
        const std::streamoff at = page + 100;
        flip(path, at);
        auto opened = Database::open(path, key_of(7), Mode::read_write);
        if (page == 0) {
            ASSERT_FALSE(opened);
            EXPECT_EQ(opened.error().code, Code::key_invalid);
        } else {
            base::Status read = opened ? opened->check_integrity() : base::Status(opened.error());
            ASSERT_FALSE(read) << "page " << page / 4096;
            EXPECT_EQ(read.error().code, Code::tampered) << read.error().message;
        }
        flip(path, at);
    }
    auto opened = Database::open(path, key_of(7), Mode::read_write);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->check_integrity());
}

TEST_F(OpenDatabase, flipped_byte_is_tampering_when_a_row_is_read) {
    script("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)");
    {
        auto tx = db->begin();
        for (int i = 0; i < 40; ++i) ASSERT_TRUE(tx->run("INSERT INTO t VALUES(?, zeroblob(1000))", i));
        ASSERT_TRUE(tx->commit());
    }
    db.reset();
    flip(path, 4096 * 6 + 17);
    auto opened = Database::open(path, key_of(7), Mode::read_write);
    ASSERT_TRUE(opened);
    auto rows = opened->query("SELECT sum(length(b)) FROM t");
    ASSERT_TRUE(rows);
    const auto read = rows->run();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::tampered);
    EXPECT_NE(read.error().raw, 0);
}

TEST_F(OpenDatabase, query_refuses_whatever_could_write) {
    script("CREATE TABLE t(a)");
    for (const char* sql : {"INSERT INTO t VALUES(1)", "UPDATE t SET a=1", "DELETE FROM t", "DROP TABLE t", "COMMIT", "BEGIN", "PRAGMA journal_mode=DELETE", "PRAGMA page_size=1024",
                            "ATTACH 'x' AS y", "VACUUM", "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", "REPLACE INTO t VALUES(1)", "CREATE TABLE u(a)"}) {
        const auto statement = db->query(sql);
        ASSERT_FALSE(statement) << sql;
        EXPECT_EQ(statement.error().code, Code::refused) << sql;
    }
}

TEST_F(OpenDatabase, query_refuses_a_writing_statement_that_is_cached_already) {
    script("CREATE TABLE t(a)");
    {
        auto tx = db->begin();
        ASSERT_TRUE(tx->run("INSERT INTO t VALUES(?)", 1));
        ASSERT_TRUE(tx->commit());
    }
    const auto statement = db->query("INSERT INTO t VALUES(?)");
    ASSERT_FALSE(statement);
    EXPECT_EQ(statement.error().code, Code::refused);
}

TEST_F(OpenDatabase, only_one_statement_at_a_time_is_prepared) {
    EXPECT_FALSE(db->query("SELECT 1; SELECT 2"));
    EXPECT_FALSE(db->query(""));
    auto tx = db->begin();
    EXPECT_FALSE(tx->statement("SELECT 1; DROP TABLE t"));
}

TEST_F(OpenDatabase, transaction_does_not_run_what_would_end_it) {
    auto tx = db->begin();
    for (const char* sql : {"COMMIT", "end", "ROLLBACK", "BEGIN", "ATTACH 'x' AS y", "pragma synchronous=off"}) {
        const auto statement = tx->statement(sql);
        ASSERT_FALSE(statement) << sql;
        EXPECT_EQ(statement.error().code, Code::refused) << sql;
    }
    const auto script = tx->script("CREATE TABLE t(a); COMMIT");
    ASSERT_FALSE(script);
    EXPECT_EQ(script.error().code, Code::refused);
    EXPECT_FALSE(tx->run("CREATE TABLE u(a)")) << "it is over";
}

TEST_F(OpenDatabase, transaction_that_goes_without_commit_leaves_nothing) {
    script("CREATE TABLE t(a)");
    {
        auto tx = db->begin();
        ASSERT_TRUE(tx->run("INSERT INTO t VALUES(?)", 1));
        EXPECT_EQ(number("SELECT count(*) FROM t"), 1) << "seen inside";
    }
    EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
}

TEST_F(OpenDatabase, second_transaction_is_refused_while_one_is_open) {
    auto first = db->begin();
    ASSERT_TRUE(first);
    const auto second = db->begin();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::refused);
    first->roll_back();
    EXPECT_TRUE(db->begin());
}

TEST_F(OpenDatabase, moved_transaction_commits_once) {
    script("CREATE TABLE t(a)");
    auto begun = db->begin();
    store::Transaction tx = std::move(*begun);
    ASSERT_TRUE(tx.run("INSERT INTO t VALUES(?)", 1));
    ASSERT_TRUE(tx.commit());
    EXPECT_FALSE(tx.open());
    const auto again = tx.commit();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::internal);
    EXPECT_EQ(number("SELECT count(*) FROM t"), 1);
}

TEST_F(OpenDatabase, moved_database_keeps_its_statements) {
    std::optional<Database> moved;
    auto row = db->query("SELECT 5");
    moved.emplace(std::move(*db));
    ASSERT_TRUE(*row->step());
    EXPECT_EQ(row->integer(0), 5);
}

TEST_F(OpenDatabase, every_kind_of_value_comes_back) {
    script("CREATE TABLE t(i INTEGER, s TEXT, b BLOB, n TEXT)");
    const base::Bytes blob{0, 1, 255};
    {
        auto tx = db->begin();
        const auto rows = tx->run("INSERT INTO t VALUES(?,?,?,?)", std::int64_t{-5}, std::string("\xE7\x94\xB5"), blob, nullptr);
        ASSERT_TRUE(rows);
        EXPECT_EQ(*rows, 1);
        ASSERT_TRUE(tx->run("INSERT INTO t VALUES(?,?,?,?)", std::uint64_t{1} << 62, "", base::Bytes{}, nullptr));
        ASSERT_TRUE(tx->commit());
    }
    auto rows = db->query("SELECT i, s, b, n, typeof(s), typeof(b) FROM t ORDER BY i");
    ASSERT_TRUE(*rows->step());
    EXPECT_EQ(rows->integer(0), -5);
    EXPECT_EQ(rows->text(1), "\xE7\x94\xB5");
    EXPECT_EQ(base::to_bytes(rows->blob(2)), blob);
    EXPECT_TRUE(rows->is_null(3));
    ASSERT_TRUE(*rows->step());
    EXPECT_EQ(rows->integer(0), std::int64_t{1} << 62);
    EXPECT_EQ(rows->text(4), "text") << "empty text is not NULL";
    EXPECT_EQ(rows->text(5), "blob") << "an empty blob is not NULL";
    EXPECT_FALSE(*rows->step());
    EXPECT_TRUE(*rows->step()) << "a further step starts over";
}

TEST_F(OpenDatabase, statement_is_used_twice_at_the_same_time) {
    script("CREATE TABLE t(a); INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)");
    auto one = db->query("SELECT a FROM t ORDER BY a");
    ASSERT_TRUE(*one->step());
    auto two = db->query("SELECT a FROM t ORDER BY a");
    ASSERT_TRUE(*two->step());
    ASSERT_TRUE(*one->step());
    EXPECT_EQ(one->integer(0), 2);
    EXPECT_EQ(two->integer(0), 1);
}

TEST_F(OpenDatabase, parameter_that_is_not_there_is_reported) {
    auto row = db->query("SELECT ?");
    row->bind(2, std::int64_t{1});
    const auto step = row->step();
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().code, Code::internal);
}

TEST_F(OpenDatabase, broken_rules_have_codes_of_their_own) {
    script("CREATE TABLE p(a INTEGER PRIMARY KEY, b TEXT UNIQUE NOT NULL); CREATE TABLE c(p REFERENCES p(a) DEFERRABLE INITIALLY DEFERRED);"
           "CREATE TRIGGER no BEFORE DELETE ON p BEGIN SELECT RAISE(ABORT, 'kept'); END; INSERT INTO p VALUES(1, 'x')");
    auto tx = db->begin();
    EXPECT_EQ(tx->run("INSERT INTO p VALUES(1, 'y')").error().code, Code::already_exists);
    EXPECT_EQ(tx->run("INSERT INTO p VALUES(2, 'x')").error().code, Code::already_exists);
    EXPECT_EQ(tx->run("INSERT INTO p VALUES(2, NULL)").error().code, Code::conflict);
    EXPECT_EQ(tx->run("DELETE FROM p").error().code, Code::refused);
    EXPECT_EQ(tx->run("INSERT OR REPLACE INTO p VALUES(1, 'z')").error().code, Code::refused) << "REPLACE must not slip past the trigger";
    ASSERT_TRUE(tx->run("INSERT INTO c VALUES(99)"));
    const auto commit = tx->commit();
    ASSERT_FALSE(commit);
    EXPECT_EQ(commit.error().code, Code::conflict) << "foreign keys are on";
    EXPECT_EQ(number("SELECT count(*) FROM c"), 0);
}

TEST_F(OpenDatabase, full_disk_is_told_apart_and_leaves_what_was_there) {
    script("CREATE TABLE t(a BLOB); INSERT INTO t VALUES(x'01'); PRAGMA max_page_count=20");
    auto tx = db->begin();
    base::Result<std::int64_t> row = std::int64_t{0};
    for (int i = 0; i < 100 && row; ++i) row = tx->run("INSERT INTO t VALUES(zeroblob(4000))");
    ASSERT_FALSE(row);
    EXPECT_EQ(row.error().code, Code::storage_full);
    EXPECT_EQ(row.error().raw, 13);  // SQLITE_FULL
    tx->roll_back();
    EXPECT_EQ(number("SELECT count(*) FROM t"), 1);
}

TEST_F(OpenDatabase, reader_beside_the_writer_sees_commits_and_cannot_write) {
    script("CREATE TABLE t(a)");
    auto reader = Database::open(path, key_of(7), Mode::read_only);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(reader->begin().error().code, Code::refused);
    const auto count = [&] {
        auto row = reader->query("SELECT count(*) FROM t");
        EXPECT_TRUE(*row->step());
        return row->integer(0);
    };
    auto tx = db->begin();
    ASSERT_TRUE(tx->run("INSERT INTO t VALUES(1)"));
    EXPECT_EQ(count(), 0);
    ASSERT_TRUE(tx->commit());
    EXPECT_EQ(count(), 1);
}

TEST_F(OpenDatabase, open_query_of_a_reader_keeps_its_snapshot) {
    script("CREATE TABLE t(a); INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)");
    auto reader = Database::open(path, key_of(7), Mode::read_only);
    auto rows = reader->query("SELECT a FROM t");
    ASSERT_TRUE(*rows->step());
    script("INSERT INTO t VALUES(3)");
    ASSERT_TRUE(*rows->step());
    EXPECT_FALSE(*rows->step());
}

TEST_F(OpenDatabase, copy_is_of_one_moment_while_the_writer_goes_on) {
    script("CREATE TABLE a (n INTEGER, filler BLOB); CREATE TABLE b (n INTEGER)");
    for (int i = 0; i < 80; ++i) script("INSERT INTO a SELECT 1, randomblob(100000)");
    auto reader = Database::open(path, key_of(7), Mode::read_only);
    ASSERT_TRUE(reader);
    const std::string copy = folder.file("copy.db");
    unsigned told = 0;
    const auto copied = reader->copy_to(copy, key_of(7), [&](unsigned done, unsigned of) {
        EXPECT_LE(done, of);
        ++told;
        script("INSERT INTO a VALUES (1, x''); INSERT INTO b VALUES (1)");
        return true;
    });
    ASSERT_TRUE(copied) << copied.error().message;
    EXPECT_GT(told, 0u) << "it is written to while the copy is made";
    EXPECT_EQ(number("SELECT count(*) FROM b"), told);
    auto other = Database::open(copy, key_of(7), Mode::read_only);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_TRUE(other->check_integrity());
    auto rows = other->query("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)");
    ASSERT_TRUE(rows && rows->step());
    EXPECT_EQ(rows->integer(0), 80);
    EXPECT_EQ(rows->integer(1), 0) << "what came later is not in it";
    EXPECT_NE(access((copy + "-wal").c_str(), F_OK), 0) << "one file, to be carried away";
    EXPECT_FALSE(Database::open(copy, key_of(8), Mode::read_only));
}

TEST_F(OpenDatabase, copy_that_is_stopped_or_has_no_place_leaves_no_file) {
    script("CREATE TABLE a (filler BLOB)");
    for (int i = 0; i < 60; ++i) script("INSERT INTO a SELECT randomblob(100000)");
    const std::string copy = folder.file("copy.db");
    const auto stopped = db->copy_to(copy, key_of(7), [](unsigned, unsigned) { return false; });
    EXPECT_EQ(stopped.error().code, Code::cancelled);
    EXPECT_NE(access(copy.c_str(), F_OK), 0);
    EXPECT_EQ(db->copy_to(path, key_of(7), [](unsigned, unsigned) { return true; }).error().code, Code::already_exists);
    EXPECT_EQ(number("SELECT count(*) FROM a"), 60) << "and the database goes on";
}

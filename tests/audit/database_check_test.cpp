#include "audit/database_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <random>

#include "audit/archive.h"
#include "base/fd.h"
#include "store/page_check.h"
#include "tests/audit/logged.h"

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kPage = store::PageCheck::kPageBytes;

class CheckedDatabase : public ::testing::Test {
protected:
    void SetUp() override { logged.take(log, 1000); }
    audit::Verdict verify(store::Database& db) {
        audit::VerifyOptions options;
        options.trust_anchor = log.pki.anchor.der();
        auto out = audit::verify_database(db, logged.key, log.head(), log.note(), options, [](std::string_view, std::uint64_t, std::uint64_t) { return true; });
        if (!out) throw std::runtime_error(out.error().message);
        return *out;
    }
    static std::string told(const audit::Verdict& v) {
        std::string out;
        for (const auto& f : v.findings) out += f.rule + (f.index ? "@" + std::to_string(*f.index) : "") + ": " + f.message + "\n";
        return out;
    }
    /// All that was committed lies in the file then.
    std::string closed() {
        const std::string copy = logged.folder.file("copy.db");
        if (!logged.db.copy_to(copy, logged.key, [](unsigned, unsigned) { return true; })) throw std::runtime_error("cannot copy");
        return copy;
    }
    audit::Verdict verify_file(const std::string& path) {
        auto db = store::Database::open(path, logged.key, store::Mode::read_only);
        if (!db) throw std::runtime_error(db.error().message);
        return verify(*db);
    }
    /// What somebody who has the key of the database does to it.
    static void tamper(const std::string& path, const base::Secret& key, const std::string& sql) {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
        const std::string literal = key.reveal([](base::ByteView raw) { return "x'" + base::to_hex(raw) + "'"; });
        ASSERT_EQ(sqlite3_key(handle, literal.data(), static_cast<int>(literal.size())), SQLITE_OK);
        const std::string all = "PRAGMA cipher_page_size=4096; DROP TRIGGER event_is_not_changed; DROP TRIGGER event_is_not_deleted; DROP TRIGGER tile_is_not_changed; DROP TRIGGER tile_is_not_deleted; " + sql;
        char* error = nullptr;
        ASSERT_EQ(sqlite3_exec(handle, all.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
        sqlite3_close(handle);
    }
    SampleLog log;
    Logged logged;
};

}  // namespace

TEST_F(CheckedDatabase, a_good_one_is_sound_while_it_is_open) {
    const auto verdict = verify(logged.db);
    EXPECT_TRUE(verdict.sound) << told(verdict);
    EXPECT_TRUE(verdict.rules_replayed);
    EXPECT_EQ(verdict.size, 1000u);
    EXPECT_EQ(verdict.root, log.checkpoint().root);
    EXPECT_TRUE(verify_file(closed()).sound);
}

TEST_F(CheckedDatabase, a_bit_flipped_in_any_page_is_found_and_the_page_named) {
    const std::string path = closed();
    base::Bytes file = *base::read_file(path, 64 << 20);
    std::mt19937 random(20251122);
    std::size_t with_records = 0;
    for (std::size_t page = 1; page < file.size() / kPage; ++page) {
        const std::size_t at = page * kPage + random() % (kPage - store::PageCheck::kFilling);
        file[at] ^= 4;
        std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
        file[at] ^= 4;
        auto db = store::Database::open(path, logged.key, store::Mode::read_only);
        if (!db) {
            EXPECT_EQ(db.error().code, base::Code::tampered) << page;
            continue;
        }
        const auto verdict = verify(*db);
        ASSERT_FALSE(verdict.sound) << "page " << page + 1;
        ASSERT_EQ(verdict.findings.front().rule, "page");
        ASSERT_THAT(verdict.findings.front().message, HasSubstr("page " + std::to_string(page + 1) + " of the file is not what was written")) << told(verdict);
        with_records += told(verdict).find("cannot be read: what they lie on was changed") != std::string::npos ? 1 : 0;
    }
    EXPECT_GT(with_records, 10u) << "the pages of records say which";
}

TEST_F(CheckedDatabase, a_record_changed_by_somebody_who_has_the_key_is_named) {
    const std::string path = closed();
    base::Bytes other = log.records[300];
    other.back() ^= 1;
    tamper(path, logged.key, "UPDATE event SET body = x'" + base::to_hex(other) + "' WHERE idx = 300");
    const auto verdict = verify_file(path);
    EXPECT_THAT(rules_of(verdict), Contains("changed@300")) << told(verdict);
    EXPECT_THAT(rules_of(verdict), Contains("root"));
}

TEST_F(CheckedDatabase, a_record_that_was_taken_out_is_named) {
    const std::string path = closed();
    tamper(path, logged.key, "DELETE FROM event WHERE idx = 300");
    EXPECT_THAT(told(verify_file(path)), HasSubstr("record 300"));
}

TEST_F(CheckedDatabase, a_changed_tile_is_named) {
    const std::string path = closed();
    tamper(path, logged.key, "UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0 AND idx = 1");
    const auto verdict = verify_file(path);
    EXPECT_THAT(told(verdict), HasSubstr("the tile 1 of level 0, over records 256 to 511, has another root than its hashes give"));
    EXPECT_THAT(rules_of(verdict), Contains("tile"));
}

TEST_F(CheckedDatabase, a_root_of_a_tile_that_was_changed_is_named) {
    const std::string path = closed();
    tamper(path, logged.key, "UPDATE tile SET root = zeroblob(32) WHERE level = 0 AND idx = 2");
    EXPECT_THAT(told(verify_file(path)), HasSubstr("the tile 2 of level 0"));
}

TEST_F(CheckedDatabase, one_that_was_rolled_back_does_not_fit_the_checkpoint_kept_outside) {
    const std::string path = closed();
    logged.take(log, 1100);
    auto db = *store::Database::open(path, logged.key, store::Mode::read_only);
    audit::VerifyOptions options;
    options.known_checkpoint = log.note();
    log.records.resize(1000);
    const auto verdict = *audit::verify_database(db, logged.key, log.head(), log.note(), options, [](std::string_view, std::uint64_t, std::uint64_t) { return true; });
    EXPECT_THAT(told(verdict), HasSubstr("it was rolled back"));
}

TEST_F(CheckedDatabase, stops_at_every_step_when_told) {
    for (const std::string_view step : {"pages", "tree", "events"}) {
        const auto out = audit::verify_database(logged.db, logged.key, log.head(), log.note(), {}, [&](std::string_view now, std::uint64_t, std::uint64_t) { return now != step; });
        ASSERT_FALSE(out) << step;
        EXPECT_EQ(out.error().code, base::Code::cancelled);
    }
}

TEST_F(CheckedDatabase, records_that_the_log_does_not_say_were_archived_are_missed) {
    const std::string path = closed();
    tamper(path, logged.key, "DROP TRIGGER archive_goes_on; INSERT INTO archive(end, first, event, at, newest, keep_days, file, hash, bytes, recipients) "
                             "VALUES(512, 0, 900, 1, 1, 1, 'x', zeroblob(32), 1, ''); DELETE FROM event WHERE idx > 0 AND idx < 512");
    auto db = store::Database::open(path, logged.key, store::Mode::read_only);
    ASSERT_TRUE(db);
    EXPECT_EQ(audit::check_segments(*db).error().code, base::Code::tampered);
    audit::ExportHead head = log.head();
    head.first = 512;
    const auto verdict = audit::verify_database(*db, logged.key, head, log.note(), {}, [](std::string_view, std::uint64_t, std::uint64_t) { return true; });
    ASSERT_TRUE(verdict);
    EXPECT_THAT(rules_of(*verdict), testing::ElementsAre("archive")) << told(*verdict);
}

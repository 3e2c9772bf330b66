#include "audit/journal.h"

#include <gtest/gtest.h>

#include "tests/audit/log_database.h"
#include "tests/store/temporary_folder.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using audit::Frontier;
using audit::Journal;
using base::Code;
using store::Database;

constexpr base::Millis kNow = 1'763'791'200'000;

class OpenJournal : public ::testing::Test {
protected:
    OpenJournal() : db(log_database(path, key())) { reopen(); }
    static base::Secret key() { return base::Secret(32); }
    void reopen() {
        auto opened = Journal::open(db);
        ASSERT_TRUE(opened) << opened.error().message;
        journal.emplace(std::move(*opened));
    }
    static Event event(std::uint64_t n) { return std::move(Event(EventType::random_drawn).number(Field::data_size, n)); }
    /// Appends and commits `count` events.
    void append(std::uint64_t count, base::Millis now = kNow) {
        auto tx = db.begin();
        ASSERT_TRUE(tx);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto receipt = journal->append(*tx, event(journal->next_index()), now);
            ASSERT_TRUE(receipt) << receipt.error().message;
            expected.append(receipt->leaf);
        }
        ASSERT_TRUE(tx->commit());
        journal->committed();
    }
    base::Error refusal(const std::string& sql) {
        auto tx = db.begin();
        const auto done = tx->script(sql);
        EXPECT_FALSE(done) << sql;
        return done ? base::Error{} : done.error();
    }
    TemporaryFolder folder;
    std::string path = folder.file("kmp.db");
    Database db;
    std::optional<Journal> journal;
    Frontier expected;  ///< the tree of what was committed
};

}  // namespace

TEST_F(OpenJournal, starts_empty) {
    EXPECT_EQ(journal->size(), 0u);
    EXPECT_EQ(journal->root(), audit::empty_root());
    EXPECT_EQ(*journal->reader().size(), 0u);
}

TEST_F(OpenJournal, gives_receipts_that_name_index_leaf_and_time) {
    auto tx = db.begin();
    const auto receipt = journal->append(*tx, event(9), kNow);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->index, 0u);
    EXPECT_EQ(receipt->time, kNow);
    EXPECT_EQ(receipt->leaf, audit::leaf_hash(*event(9).encode(0, kNow)));
    EXPECT_EQ(journal->size(), 0u) << "staged is not committed";
    EXPECT_EQ(journal->next_index(), 1u);
    ASSERT_TRUE(tx->commit());
    journal->committed();
    EXPECT_EQ(journal->size(), 1u);
    EXPECT_EQ(*journal->reader().record(0), *event(9).encode(0, kNow));
}

TEST_F(OpenJournal, has_the_same_root_after_reopening_at_any_size) {
    for (std::uint64_t step : {1u, 2u, 252u, 1u, 1u, 254u, 1u, 300u}) {
        append(step);
        const auto root = journal->root();
        EXPECT_EQ(root, expected.root());
        reopen();
        EXPECT_EQ(journal->size(), expected.size());
        EXPECT_EQ(journal->root(), root);
        EXPECT_EQ(journal->last_time(), kNow);
    }
}

TEST_F(OpenJournal, proves_from_tiles_what_the_whole_log_would_prove) {
    append(66'000);  // one full tile of level 1, and more
    reopen();
    audit::LogReader log = journal->reader();
    EXPECT_EQ(*audit::root_at(log, 66'000), expected.root());
    for (std::uint64_t index : {0u, 255u, 256u, 65'535u, 65'536u, 65'999u}) {
        const auto proof = audit::inclusion_proof(log, index, 66'000);
        ASSERT_TRUE(proof) << proof.error().message;
        EXPECT_TRUE(audit::verify_inclusion(audit::leaf_hash(*log.record(index)), index, 66'000, *proof, expected.root())) << index;
    }
    for (std::uint64_t old : {1u, 255u, 256u, 257u, 40'000u, 65'536u, 65'999u}) {
        const auto proof = audit::consistency_proof(log, old, 66'000);
        ASSERT_TRUE(proof) << proof.error().message;
        EXPECT_TRUE(audit::verify_consistency(old, *audit::root_at(log, old), 66'000, expected.root(), *proof)) << old;
    }
}

TEST_F(OpenJournal, reads_a_range_in_order_and_stops_when_told) {
    append(20);
    std::vector<std::uint64_t> seen;
    ASSERT_TRUE(journal->reader().read(5, 20, [&](std::uint64_t index, base::ByteView bytes) {
        EXPECT_EQ(base::to_bytes(bytes), *event(index).encode(index, kNow));
        seen.push_back(index);
        return index < 7;
    }));
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{5, 6, 7}));
    EXPECT_FALSE(journal->reader().read(0, 21, [](std::uint64_t, base::ByteView) { return true; })) << "record 20 is not there";
    EXPECT_EQ(journal->reader().record(20).error().code, Code::not_found);
}

TEST_F(OpenJournal, never_lets_time_fall) {
    append(1, kNow);
    auto tx = db.begin();
    const auto receipt = journal->append(*tx, event(1), kNow - base::kDay);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->time, kNow);
    const auto later = journal->append(*tx, event(2), kNow + 1);
    EXPECT_EQ(later->time, kNow + 1);
    tx->roll_back();
    journal->rolled_back();
    EXPECT_EQ(journal->last_time(), kNow) << "a rolled back time is forgotten";
}

TEST_F(OpenJournal, forgets_what_was_rolled_back) {
    append(250);
    {
        auto tx = db.begin();
        for (int i = 0; i < 20; ++i) ASSERT_TRUE(journal->append(*tx, event(1), kNow + 5));  // fills a tile on the way
    }
    journal->rolled_back();
    EXPECT_EQ(journal->next_index(), 250u);
    EXPECT_EQ(journal->root(), expected.root());
    append(20);
    EXPECT_EQ(journal->root(), expected.root());
    reopen();
    EXPECT_EQ(journal->root(), expected.root());
}

TEST_F(OpenJournal, refuses_an_event_that_breaks_its_table_and_goes_on) {
    auto tx = db.begin();
    ASSERT_TRUE(journal->append(*tx, event(0), kNow));
    const auto bad = journal->append(*tx, Event(EventType::order), kNow);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, Code::internal);
    ASSERT_TRUE(journal->append(*tx, event(1), kNow));
    ASSERT_TRUE(tx->commit());
    journal->committed();
    EXPECT_EQ(journal->size(), 2u);
    reopen();
}

TEST_F(OpenJournal, is_consistent_after_a_full_disk) {
    append(300);
    {
        auto tx = db.begin();
        ASSERT_TRUE(tx->script("PRAGMA max_page_count=" + std::to_string(std::filesystem::file_size(path) / 4096 + 40)));
        base::Status done;
        for (int i = 0; i < 20'000 && done; ++i)
            if (auto r = journal->append(*tx, event(1), kNow); !r) done = r.error();
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, Code::storage_full);
        tx->roll_back();
        journal->rolled_back();
    }
    {
        auto tx = db.begin();
        ASSERT_TRUE(tx->script("PRAGMA max_page_count=1073741823"));
    }
    append(300);
    EXPECT_EQ(journal->root(), expected.root());
    reopen();
    EXPECT_EQ(journal->root(), expected.root());
}

TEST_F(OpenJournal, cannot_be_changed_with_sql) {
    append(300);
    for (const char* sql : {"UPDATE event SET at=0 WHERE idx=3", "UPDATE event SET body=x'00'", "DELETE FROM event WHERE idx=299", "DELETE FROM event", "REPLACE INTO event VALUES(3,0,1,x'00')",
                            "INSERT OR REPLACE INTO event VALUES(299,0,1,x'00')", "INSERT INTO event VALUES(301,0,1,x'00')", "INSERT INTO event VALUES(-1,0,1,x'00')",
                            "UPDATE tile SET root=x'00'", "DELETE FROM tile", "REPLACE INTO tile VALUES(0,0,x'00',x'00')"})
        EXPECT_EQ(refusal(sql).code, Code::refused) << sql;
    reopen();
    EXPECT_EQ(journal->root(), expected.root());
}

TEST_F(OpenJournal, opening_notices_what_was_done_behind_its_back) {
    append(600);
    const auto after = [&](const std::string& sql) {
        // With the triggers gone, as somebody who holds the database key could do it.
        auto tx = db.begin();
        for (const char* trigger : {"event_keeps_order", "event_is_not_changed", "event_is_not_deleted", "tile_is_not_changed", "tile_is_not_deleted"})
            EXPECT_TRUE(tx->script(std::string("DROP TRIGGER ") + trigger));
        EXPECT_TRUE(tx->script(sql)) << sql;
        const auto opened = Journal::open(db);
        EXPECT_FALSE(opened) << sql;
        return opened ? Code::internal : opened.error().code;
    };
    EXPECT_EQ(after("DELETE FROM event WHERE idx < 10"), Code::tampered);
    EXPECT_EQ(after("DELETE FROM event WHERE idx = 550"), Code::tampered);
    EXPECT_EQ(after("DELETE FROM event WHERE idx >= 500"), Code::tampered);
    EXPECT_EQ(after("UPDATE event SET body = x'00' WHERE idx = 599"), Code::tampered);
    EXPECT_EQ(after("UPDATE event SET body = (SELECT body FROM event WHERE idx = 598) WHERE idx = 599"), Code::tampered);
    EXPECT_EQ(after("DELETE FROM tile WHERE idx = 1"), Code::tampered);
}

TEST_F(OpenJournal, damaged_tile_is_tampering_when_a_proof_needs_it) {
    append(600);
    auto tx = db.begin();
    ASSERT_TRUE(tx->script("DROP TRIGGER tile_is_not_changed; UPDATE tile SET hashes = x'00' WHERE idx = 1"));
    audit::LogReader log = journal->reader();
    EXPECT_EQ(audit::inclusion_proof(log, 300, 600).error().code, Code::tampered);
}

TEST_F(OpenJournal, readers_beside_it_see_what_is_committed) {
    append(5);
    auto other = Database::open(path, key(), store::Mode::read_only);
    ASSERT_TRUE(other);
    audit::LogReader log(*other);
    EXPECT_EQ(*log.size(), 5u);
    auto tx = db.begin();
    ASSERT_TRUE(journal->append(*tx, event(5), kNow));
    EXPECT_EQ(*log.size(), 5u);
    ASSERT_TRUE(tx->commit());
    journal->committed();
    EXPECT_EQ(*log.size(), 6u);
    EXPECT_EQ(*audit::root_at(log, 6), journal->root());
}

TEST_F(OpenJournal, caller_that_forgot_to_say_what_became_of_it_cannot_make_a_gap) {
    {
        auto tx = db.begin();
        ASSERT_TRUE(journal->append(*tx, event(0), kNow));
    }
    auto tx = db.begin();
    const auto receipt = journal->append(*tx, event(1), kNow);
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().code, Code::refused);
}

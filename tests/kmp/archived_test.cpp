// What a database says is archived, when the books are opened.
#include "kmp/service/archived.h"

#include <gmock/gmock.h>

#include "audit/archive.h"
#include "tests/audit/logged.h"
#include "tests/kmp/doubted_database.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using ::testing::EndsWith;
using ::testing::HasSubstr;

/// A log of 700 records, of which the first 512 are archived.
class archived : public DoubtedDatabase {
protected:
    archived() {
        logged.take(log, 700);
        auto tx = *logged.db.begin();
        audit::Segment segment;
        segment.end = 512;
        segment.file = "first.kmpaudit";
        segment.event = logged.journal.append(tx, Event(EventType::archived).number(Field::first, 0).number(Field::size, 512).bytes(Field::data_hash, segment.hash), 1).value().index;
        EXPECT_TRUE(audit::add_segment(tx, segment));
        EXPECT_TRUE(tx.commit());
        logged.journal.committed();
    }
    void opened() {
        books.reads = std::make_unique<store::Database>(*store::Database::open(logged.folder.file("kmp.db"), logged.key, store::Mode::read_only));
        EXPECT_TRUE(kmp::service::load_archive(books));
    }
    /// As whoever holds the database key could do it.
    void changed(const std::string& sql) {
        auto tx = *logged.db.begin();
        EXPECT_TRUE(tx.script(sql)) << sql;
        EXPECT_TRUE(tx.commit());
    }
    void doubted(const std::string& why) {
        opened();
        ASSERT_FALSE(books.archive_held);
        const base::Error& held = books.archive_held.error();
        EXPECT_EQ(held.code, base::Code::tampered);
        EXPECT_THAT(held.message, HasSubstr("archive: the row of the archived records 0 up to "));
        EXPECT_THAT(held.message, HasSubstr(why));
        EXPECT_THAT(held.message, EndsWith("keep HOME and all segments as they are and tell the auditor; 'kmpctl audit verify' says more"));
        EXPECT_EQ(held.message.find('\n'), std::string::npos);
        EXPECT_FALSE(books.shedding);
    }
    SampleLog log;
    Logged logged;
};

}  // namespace

TEST_F(archived, records_that_are_still_here_go_on_leaving) {
    opened();
    EXPECT_TRUE(books.archive_held);
    EXPECT_EQ(books.archived, 512u);
    EXPECT_TRUE(books.shedding);
}

TEST_F(archived, a_row_that_says_more_than_was_archived_is_told_and_nothing_leaves) {
    changed("DROP TRIGGER archive_is_not_changed; UPDATE archive SET end = 640");
    doubted("is not what the log says was archived, in record 700");
}

TEST_F(archived, a_row_of_another_file_is_told_and_nothing_leaves) {
    changed("DROP TRIGGER archive_is_not_changed; UPDATE archive SET hash = x'" + std::string(64, '1') + "'");
    doubted("is not what the log says was archived, in record 700");
}

TEST_F(archived, a_row_that_names_an_event_of_before_is_told_and_nothing_leaves) {
    changed("DROP TRIGGER archive_is_not_changed; UPDATE archive SET event = 511");
    doubted("does not go on from the one before it");
}

TEST_F(archived, a_row_whose_event_is_gone_is_told_and_nothing_leaves) {
    changed("DROP TRIGGER event_is_not_deleted; DELETE FROM event WHERE idx = 700");
    doubted("in record 700");
}

// Archived records: their bodies leave the database, their proofs stay, and nothing else can leave it.
#include "audit/archive.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "audit/segment.h"
#include "base/fd.h"
#include "model/retention.h"
#include "tests/audit/log_database.h"
#include "tests/audit/sealed_file.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using audit::Journal;
using audit::Segment;
using base::Code;
using store::Database;

class archive : public ::testing::Test {
protected:
    archive() : db(log_database(path)) {
        reopen();
        append({log.genesis()});
    }
    void reopen() {
        auto opened = Journal::open(db);
        ASSERT_TRUE(opened) << opened.error().message;
        journal.emplace(std::move(*opened));
    }
    audit::Receipt append(const std::vector<Event>& events) {
        auto tx = db.begin();
        audit::Receipt last;
        for (const Event& e : events) {
            last = journal->append(*tx, e, now).value();
            leaves.push_back(last.leaf);
        }
        EXPECT_TRUE(tx->commit());
        journal->committed();
        return last;
    }
    static Event event(std::uint64_t n) { return std::move(Event(EventType::random_drawn).number(Field::data_size, n).text(Field::detail, std::string(200, 'x'))); }
    void fill(std::uint64_t count) {
        std::vector<Event> events;
        for (std::uint64_t i = 0; i < count; ++i) events.push_back(event(i));
        append(events);
    }
    static Segment segment(std::uint64_t first, std::uint64_t end) {
        Segment out;
        out.first = first;
        out.end = end;
        out.file = audit::segment_name(first, end, false);
        return out;
    }
    /// The row, with its event; what the database says of it.
    base::Status enter(Segment s, EventType type = EventType::archived) {
        auto tx = db.begin();
        Event e(type);
        if (type == EventType::archived) e.number(Field::first, s.first).number(Field::size, s.end).bytes(Field::data_hash, s.hash);
        if (type == EventType::random_drawn) e.number(Field::data_size, 1);
        const audit::Receipt receipt = journal->append(*tx, e, now).value();
        s.event = receipt.index;
        base::Status done = audit::add_segment(*tx, s);
        if (done) done = tx->commit();
        if (!done) {
            journal->rolled_back();
            return done;
        }
        journal->committed();
        leaves.push_back(receipt.leaf);
        return done;
    }
    std::uint64_t shed(std::uint64_t most) {
        auto tx = db.begin();
        const auto gone = audit::shed(*tx, most);
        EXPECT_TRUE(gone) << gone.error().message;
        EXPECT_TRUE(tx->commit());
        return gone.value();
    }
    void shed_all() {
        while (shed(100) > 0) {}
    }
    Code refusal(const std::string& sql) {
        auto tx = db.begin();
        const auto done = tx->script(sql);
        return done ? Code::internal : done.error().code;
    }
    audit::SegmentOrder order(std::uint64_t first, std::uint64_t end) {
        audit::LogReader reader(db);
        audit::SegmentOrder out;
        out.folder = folder.file("");
        out.head = log.head();
        out.head.first = first;
        out.head.end = end;
        out.checkpoint = audit::sign_checkpoint({SampleLog::kOrigin, end, audit::root_at(reader, end).value()}, log.pki.checkpoint).value();
        return out;
    }
    base::Result<audit::SegmentFile> write(const audit::SegmentOrder& what) {
        audit::LogReader reader(db);
        return audit::write_segment(reader, what);
    }
    audit::Verdict verify(const base::Bytes& bytes) {
        audit::VerifyOptions options;
        options.trust_anchor = log.pki.anchor.der();
        return audit::verify_export(source_of(bytes), options).value();
    }
    base::Bytes content(const std::string& name) { return base::read_file(folder.file(name), 1 << 24).value(); }
    std::vector<std::string> files() {
        std::vector<std::string> out;
        for (const auto& e : std::filesystem::directory_iterator(folder.file("")))
            if (!e.path().filename().string().starts_with("kmp.db")) out.push_back(e.path().filename());
        return out;
    }

    base::Millis now = kDayOne;
    SampleLog log;
    TemporaryFolder folder;
    std::string path = folder.file("kmp.db");
    Database db;
    std::optional<Journal> journal;
    std::vector<audit::Digest> leaves;
};

TEST_F(archive, a_record_that_left_is_still_proved_by_the_live_database) {
    fill(999);
    ASSERT_TRUE(enter(segment(0, 512)));
    const auto root = journal->root();
    shed_all();
    reopen();
    EXPECT_EQ(journal->root(), root);
    audit::LogReader reader(db);
    const std::uint64_t size = reader.size().value();
    ASSERT_EQ(size, 1001u);
    for (const std::uint64_t index : {0u, 1u, 255u, 256u, 511u, 512u, 1000u}) {
        const auto proof = audit::inclusion_proof(reader, index, size);
        ASSERT_TRUE(proof) << proof.error().message;
        EXPECT_TRUE(audit::verify_inclusion(leaves[index], index, size, *proof, root)) << index;
        EXPECT_EQ(reader.node(0, index).value(), leaves[index]);
    }
    for (const std::uint64_t old : {1u, 300u, 512u, 900u}) {
        const auto proof = audit::consistency_proof(reader, old, size);
        ASSERT_TRUE(proof) << proof.error().message;
        audit::Frontier before;
        for (std::uint64_t i = 0; i < old; ++i) before.append(leaves[i]);
        EXPECT_TRUE(audit::verify_consistency(old, before.root(), size, root, *proof)) << old;
    }
    fill(300);
    reopen();
    EXPECT_EQ(journal->size(), 1301u);
}

TEST_F(archive, whoever_asks_for_an_archived_record_is_told_which_file_has_it) {
    fill(999);
    ASSERT_TRUE(enter(segment(0, 256)));
    ASSERT_TRUE(enter(segment(256, 768)));
    EXPECT_TRUE(audit::check_segments(db));
    shed_all();
    audit::LogReader reader(db);
    EXPECT_TRUE(reader.record(0)) << "the first stays";
    EXPECT_TRUE(reader.record(768));
    EXPECT_EQ(reader.record(5000).error().message, "there is no audit record 5000");
    for (const auto& [index, file] : {std::pair{255u, "audit-000000000000-000000000256.kmpaudit"}, std::pair{256u, "audit-000000000256-000000000768.kmpaudit"}}) {
        const base::Error error = reader.record(index).error();
        EXPECT_EQ(error.code, Code::not_found);
        EXPECT_NE(error.message.find(file), std::string::npos) << error.message;
        EXPECT_EQ(reader.read(index, 900, [](auto, auto) { return true; }).error().message, error.message);
    }
    EXPECT_EQ(reader.read(0, 900, [](auto, auto) { return true; }).error().code, Code::not_found) << "not tampered";
    EXPECT_TRUE(reader.read(768, 900, [](auto, auto) { return true; }));
}

TEST_F(archive, nothing_leaves_that_no_segment_holds) {
    fill(999);
    EXPECT_EQ(refusal("DELETE FROM event WHERE idx = 1"), Code::refused);
    ASSERT_TRUE(enter(segment(0, 512)));
    for (const char* sql : {"DELETE FROM event WHERE idx = 0", "DELETE FROM event WHERE idx = 512", "DELETE FROM event WHERE idx >= 511", "UPDATE event SET body = x'00' WHERE idx = 3", "DELETE FROM tile",
                            "UPDATE archive SET end = 768", "DELETE FROM archive"})
        EXPECT_EQ(refusal(sql), Code::refused) << sql;
    shed_all();
    EXPECT_EQ(audit::oldest_live(db).value(), std::optional<std::uint64_t>(512));
    EXPECT_TRUE(audit::LogReader(db).record(0));
}

TEST_F(archive, segments_follow_on_each_other_and_are_named_by_an_event) {
    fill(999);
    for (const auto& [first, end] : {std::pair{256u, 512u}, std::pair{0u, 300u}, std::pair{0u, 0u}, std::pair{0u, 1024u}})
        EXPECT_EQ(enter(segment(first, end)).error().code, Code::refused) << first << ".." << end;
    EXPECT_EQ(enter(segment(0, 256), EventType::random_drawn).error().code, Code::refused) << "an event of another type";
    ASSERT_TRUE(enter(segment(0, 256)));
    EXPECT_EQ(enter(segment(0, 512)).error().code, Code::refused) << "archived twice";
    EXPECT_EQ(enter(segment(512, 768)).error().code, Code::refused) << "a gap";
    ASSERT_TRUE(enter(segment(256, 768)));
    EXPECT_EQ(audit::archived_to(db).value(), 768u);
}

TEST_F(archive, shedding_goes_in_pieces_and_is_taken_up_after_an_end_in_the_middle) {
    fill(999);
    ASSERT_TRUE(enter(segment(0, 512)));
    EXPECT_EQ(shed(100), 100u);
    EXPECT_EQ(audit::oldest_live(db).value(), std::optional<std::uint64_t>(101));
    reopen();
    EXPECT_TRUE(audit::LogReader(db).record(101)) << "what has not gone is there";
    EXPECT_EQ(shed(400), 400u);
    EXPECT_EQ(shed(100), 11u) << "up to the end of the segment, and no further";
    EXPECT_EQ(shed(100), 0u);
}

TEST_F(archive, records_that_are_missing_and_were_not_archived_are_noticed_when_the_log_is_opened) {
    fill(999);
    ASSERT_TRUE(enter(segment(0, 256)));
    shed_all();
    auto tx = db.begin();
    ASSERT_TRUE(tx->script("DROP TRIGGER event_is_not_deleted; DELETE FROM event WHERE idx > 0 AND idx < 300"));
    ASSERT_TRUE(tx->commit());
    const auto opened = Journal::open(db);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::tampered);
    EXPECT_NE(opened.error().message.find("records before 300 are missing and were not archived"), std::string::npos) << opened.error().message;
}

TEST_F(archive, the_database_does_not_grow_when_as_many_events_come_as_went) {
    fill(4095);
    const audit::Room full = audit::room_of(db).value();
    EXPECT_LT(full.free, full.bytes / 50);
    for (std::uint64_t end = 4096; end <= 4096 * 4; end += 4096) {
        ASSERT_TRUE(enter(segment(end - 4096, end)));
        shed_all();
        const audit::Room emptied = audit::room_of(db).value();
        EXPECT_GT(emptied.free, full.bytes * 8 / 10);
        fill(4095);
        // Their hashes stay: 32 bytes an event, and not a fifth more for what stands around them.
        EXPECT_LT(audit::room_of(db).value().bytes, full.bytes + end * 32 * 12 / 10 + 65536) << end;
    }
}

TEST_F(archive, a_segment_is_an_export_that_anybody_verifies) {
    fill(999);
    for (const auto& [first, end] : {std::pair{0u, 256u}, std::pair{256u, 768u}}) {
        const auto file = write(order(first, end));
        ASSERT_TRUE(file) << file.error().message;
        const base::Bytes bytes = content(file->name);
        EXPECT_EQ(file->bytes, bytes.size());
        EXPECT_EQ(file->hash, base::sha256(bytes));
        const audit::Verdict verdict = verify(bytes);
        EXPECT_TRUE(verdict.sound);
        EXPECT_EQ(verdict.first, first);
        EXPECT_EQ(verdict.size, end);
        base::Bytes bent = bytes;
        bent[bent.size() / 2] ^= 1;
        EXPECT_FALSE(verify(bent).sound);
    }
    EXPECT_EQ(files().size(), 2u) << "and nothing beside them";
}

TEST_F(archive, segments_and_what_is_live_verify_as_one_log_with_its_rules) {
    const model::Retention policy{base::UkeySerial::parse("P1").value(), 1, 30, 3650};
    append({std::move(Event(EventType::retention_set).number(Field::days, 30).number(Field::keep_days, 3650).bytes(Field::statement, policy.encode()).bytes(Field::signature, log.pki.issuing.sign_statement("retention", policy.encode())))});
    std::vector<std::string> names;
    for (const std::uint64_t end : {512u, 1280u}) {
        fill(800);
        now += 31 * base::kDay;
        audit::SegmentOrder next = order(audit::archived_to(db).value(), end);
        const auto file = write(next);
        ASSERT_TRUE(file) << file.error().message;
        names.push_back(file->name);
        const audit::Checkpoint point = audit::read_checkpoint(next.checkpoint).value();
        append({std::move(Event(EventType::checkpoint_signed).number(Field::size, point.size).bytes(Field::root, point.root).text(Field::note, next.checkpoint))});
        ASSERT_TRUE(enter(segment(next.head.first, end)));
        shed_all();
    }
    names.push_back(write(order(1280, journal->size()))->name);
    std::vector<base::Bytes> contents;
    for (const std::string& name : names) contents.push_back(content(name));
    const auto together = [&](std::vector<std::size_t> which) {
        std::vector<audit::Part> parts;
        for (const std::size_t i : which) parts.push_back({names[i], source_of(contents[i])});
        audit::VerifyOptions options;
        options.trust_anchor = log.pki.anchor.der();
        return audit::verify_exports(parts, options).value();
    };
    const audit::Verdict whole = together({2, 0, 1});
    EXPECT_TRUE(whole.sound) << (whole.findings.empty() ? "" : whole.findings.front().message);
    EXPECT_TRUE(whole.rules_replayed);
    EXPECT_EQ(whole.size, journal->size());
    EXPECT_EQ(whole.root, journal->root());
    EXPECT_FALSE(together({0, 2}).sound) << "a segment is missing";
    contents[1][contents[1].size() / 2] ^= 1;
    EXPECT_FALSE(together({0, 1, 2}).sound) << "a segment was changed";
}

TEST_F(archive, a_sealed_segment_is_verified_as_it_is_written_and_opened_by_its_auditor_alone) {
    fill(599);
    const TestAuditor anna(log.pki, "A1"), bela(log.pki, "A2");
    audit::SegmentOrder sealed = order(0, 512);
    sealed.recipients = {anna.certificate};
    const auto file = write(sealed);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->name, "audit-000000000000-000000000512.kmpaudit.sealed");
    const base::Bytes bytes = content(file->name);
    EXPECT_EQ(file->hash, base::sha256(bytes));
    const auto plain = read_all(audit::opened(source_of(bytes), anna.opener()));
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_TRUE(verify(*plain).sound);
    EXPECT_FALSE(read_all(audit::opened(source_of(bytes), bela.opener())));
}

TEST_F(archive, a_segment_under_a_checkpoint_that_does_not_fit_is_not_kept) {
    fill(599);
    audit::SegmentOrder wrong = order(0, 512);
    wrong.checkpoint = audit::sign_checkpoint({SampleLog::kOrigin, 512, audit::Digest{}}, log.pki.checkpoint).value();
    EXPECT_EQ(write(wrong).error().code, Code::tampered);
    TestKey stranger(TestKey::Type::ed25519);
    wrong = order(256, 512);
    wrong.checkpoint = audit::sign_checkpoint(audit::read_checkpoint(wrong.checkpoint).value(), stranger).value();
    EXPECT_EQ(write(wrong).error().code, Code::tampered);
    EXPECT_TRUE(files().empty());
}

TEST_F(archive, a_file_that_is_there_already_is_not_touched_and_what_a_killed_run_left_is_replaced) {
    fill(599);
    const std::string name = audit::segment_name(0, 512, false);
    std::ofstream(folder.file(name)) << "somebody's";
    const auto refused = write(order(0, 512));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::already_exists);
    EXPECT_EQ(base::as_text(content(name)), "somebody's");
    std::filesystem::remove(folder.file(name));
    std::ofstream(folder.file(name + ".partial")) << "half of one";
    EXPECT_TRUE(write(order(0, 512)));
    EXPECT_EQ(files(), std::vector<std::string>{name});
}

TEST_F(archive, a_folder_that_is_not_there_and_a_disk_that_is_full_leave_nothing) {
    fill(599);
    audit::SegmentOrder nowhere = order(0, 512);
    nowhere.folder = folder.file("gone");
    EXPECT_EQ(write(nowhere).error().code, Code::not_found);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{65536, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    const auto full = write(order(0, 512));
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_FALSE(full);
    EXPECT_TRUE(files().empty());
    EXPECT_TRUE(write(order(0, 512))) << "and it goes when there is room again";
}

}  // namespace

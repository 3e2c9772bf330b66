#include "audit/search.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/audit/log_database.h"
#include "tests/audit/sample_log.h"
#include "tests/store/temporary_folder.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using audit::Filter;
using audit::kSegmentEvents;
using audit::Look;
using audit::SearchIndex;
using audit::Seen;
using base::Code;
using store::Database;

constexpr base::Millis kStart = 1'763'791'200'000;

using Random = std::mt19937_64;

std::uint64_t below(Random& random, std::uint64_t n) { return random() % n; }

std::array<std::uint8_t, 16> order_id(std::uint64_t n) {
    std::array<std::uint8_t, 16> out{0x01, 0x92, 0xf0, 0xc1, 0, 0, 0x70, 0, 0x80};
    for (std::size_t i = 0; i < 6; ++i) out[10 + i] = static_cast<std::uint8_t>(n >> (40 - 8 * i));
    return out;
}

const char* const kDetails[] = {"the cap is used up", "unknown meter", "老王 said no", "revoked yesterday", "revocation pending", ""};

Event some_event(Random& random, std::uint64_t n) {
    const std::uint64_t kind = below(random, 20);
    if (kind == 0) return std::move(Event(EventType::random_drawn).number(Field::data_size, n));
    if (kind == 1) return std::move(Event(EventType::intent_concluded).value(Field::outcome, static_cast<audit::Outcome>(1 + below(random, 3))).number(Field::intent, n));
    Event e(kind == 2 ? EventType::denied : EventType::order_refused);
    e.text(Field::actor, "uid " + std::to_string(below(random, 3))).text(Field::station, "s-" + std::to_string(below(random, 5))).text(Field::ukey, "U-" + std::to_string(below(random, 40)));
    e.number(Field::meter, 100000 + below(random, 3000)).number(Field::amount, below(random, 4) == 0 ? below(random, 1'000'000) : below(random, 100)).bytes(Field::order_id, order_id(n));
    e.text(Field::detail, kDetails[below(random, std::size(kDetails))]);
    if (below(random, 3) == 0) e.text(Field::account, "a-" + std::to_string(below(random, 4)));
    return e;
}

/// A log of a bit more than two segments, made once for all tests of this file.
class Grown {
public:
    static Grown& log() {
        static Grown grown;
        return grown;
    }
    static base::Secret key() { return base::Secret(32); }
    Database open() const { return std::move(*Database::open(path, key(), store::Mode::read_only)); }
    std::uint64_t size = 0;
    std::vector<base::Bytes> records;
    TemporaryFolder folder;
    std::string path = folder.file("kmp.db");

private:
    Grown() {
        Database db = log_database(path, key());
        auto journal = std::move(*audit::Journal::open(db));
        Random random(8);
        base::Millis now = kStart;
        auto tx = db.begin();
        for (size = 0; size < 2 * kSegmentEvents + 900; ++size) {
            const Event event = some_event(random, size);
            EXPECT_TRUE(journal.append(*tx, event, now));
            records.push_back(*event.encode(size, now));
            now += static_cast<base::Millis>(below(random, 3));
        }
        EXPECT_TRUE(tx->commit());
        journal.committed();
    }
};

audit::Record at(std::uint64_t index) { return *audit::Record::decode(Grown::log().records[index]); }

void add_segment(SearchIndex& index, audit::LogReader& log, std::uint64_t number) {
    audit::SegmentBuilder builder;
    for (std::uint64_t i = 0; i < kSegmentEvents; ++i) builder.add(static_cast<std::uint32_t>(i), at(number * kSegmentEvents + i));
    const auto root = log.node(audit::kSegmentHeight, number);
    ASSERT_TRUE(root);
    const auto added = index.append(number, *root, std::move(builder).finish());
    ASSERT_TRUE(added) << added.error().message;
}

/// An index of the first two segments, made once; tests work on copies.
const std::string& whole_index() {
    static TemporaryFolder folder;
    static const std::string path = [] {
        const std::string file = folder.file("whole.db");
        Database db = Grown::log().open();
        audit::LogReader log(db);
        SearchIndex index = std::move(*SearchIndex::create(file, Grown::key()));
        add_segment(index, log, 0);
        add_segment(index, log, 1);
        return file;
    }();
    return path;
}

Filter some_filter(Random& random) {
    Filter f;
    if (below(random, 4) == 0) f.from = kStart + static_cast<base::Millis>(below(random, 40000));
    if (below(random, 4) == 0) f.until = f.from + 1 + static_cast<base::Millis>(below(random, 40000)) + (f.from == 0 ? kStart : 0);
    switch (below(random, 9)) {
        case 0: f.meters = {100000 + below(random, 3300), 100000 + below(random, 3300)}; break;
        case 1: f.orders = {order_id(below(random, 40000))}; break;
        case 2: EXPECT_TRUE(f.set_text("revo* s-" + std::to_string(below(random, 6)))); break;
        case 3: EXPECT_TRUE(f.set_text(below(random, 2) == 0 ? "老王" : "unknown METER")); break;
        case 4: f.amount_from = below(random, 120), f.amount_to = *f.amount_from + below(random, 500'000); break;
        case 5: f.types = {EventType::denied, EventType::random_drawn}; break;
        case 6: f.endings = {static_cast<audit::Ending>(1 + below(random, 4))}; break;
        case 7: f.accounts = {"a-" + std::to_string(below(random, 5))}, f.stations = {"s-1", "s-4"}; break;
        case 8: EXPECT_TRUE(f.set_text("0192f0c1-0000-7000-8000-0000000" + std::to_string(below(random, 10)) + "*")); break;
    }
    if (below(random, 3) == 0) f.ukeys = {"U-" + std::to_string(below(random, 42)), "U-1", "U-2"};
    if (below(random, 3) == 0) f.actors = {"uid " + std::to_string(below(random, 4))};
    return f;
}

std::vector<std::uint64_t> by_hand(const Filter& f) {
    std::vector<std::uint64_t> out;
    for (std::uint64_t i = 0; i < Grown::log().size; ++i)
        if (f.matches(at(i))) out.push_back(i);
    return out;
}

class Searching : public ::testing::Test {
protected:
    /// All pages until the end, by rising index. Each does as little as it may.
    std::vector<std::uint64_t> all(const Filter& f, SearchIndex* index, bool newest, std::size_t limit, bool hasty) {
        std::vector<std::uint64_t> out;
        Look look{newest, 0, 0, limit};
        for (int pages = 0; pages < 40000; ++pages) {
            std::size_t on_page = 0;
            const auto take = [&](const audit::Record& r, base::ByteView) {
                if (hasty && on_page == 3) return false;
                ++on_page;
                out.push_back(r.index());
                return true;
            };
            const auto seen = audit::search(db, index, f, look, take, [hasty] { return hasty; });
            EXPECT_TRUE(seen) << seen.error().message;
            if (!seen) return out;
            last = *seen;
            EXPECT_LE(on_page, limit);
            if (seen->end) {
                if (newest) std::ranges::reverse(out);
                return out;
            }
            look.before = look.first = seen->next;
        }
        ADD_FAILURE() << "it does not end";
        return out;
    }
    SearchIndex copy_of_index() {
        std::filesystem::copy_file(whole_index(), path);
        return std::move(*SearchIndex::open(path, Grown::key(), store::Mode::read_write));
    }
    TemporaryFolder folder;
    std::string path = folder.file("search.db");
    Database db = Grown::log().open();
    audit::LogReader log{db};
    Seen last;
};

TEST_F(Searching, finds_with_the_index_what_a_reading_of_the_whole_log_finds) {
    SearchIndex index = copy_of_index();
    Random random(42);
    std::size_t found = 0;
    for (int round = 0; round < 60; ++round) {
        const Filter f = some_filter(random);
        const auto expected = by_hand(f);
        found += expected.size();
        const bool newest = round % 2 == 0;
        EXPECT_EQ(all(f, &index, newest, 1000, false), expected) << round;
        EXPECT_FALSE(last.index_error);
        EXPECT_EQ(last.size, Grown::log().size);
    }
    EXPECT_GT(found, 10000u) << "filters that find nothing show little";
}

TEST_F(Searching, gives_each_event_once_page_by_page_however_short_its_turns_are) {
    SearchIndex index = copy_of_index();
    Random random(43);
    for (int round = 0; round < 8; ++round) {
        Filter f = some_filter(random);
        f.until = 0;
        f.from = kStart + 16000;  // half of it, so that the pages are not too many
        const auto expected = by_hand(f);
        EXPECT_EQ(all(f, &index, round % 2 == 0, 7, true), expected) << round;
        EXPECT_EQ(all(f, nullptr, round % 2 == 0, 1000, true), expected) << round;
    }
}

TEST_F(Searching, lists_without_a_filter_from_either_end) {
    std::vector<std::uint64_t> newest;
    const auto take = [&](const audit::Record& r, base::ByteView bytes) {
        EXPECT_TRUE(std::ranges::equal(bytes, Grown::log().records[r.index()]));
        newest.push_back(r.index());
        return true;
    };
    const std::uint64_t size = Grown::log().size;
    auto seen = audit::search(db, nullptr, Filter(), Look{true, 0, 0, 3}, take, [] { return false; });
    EXPECT_EQ(newest, (std::vector<std::uint64_t>{size - 1, size - 2, size - 3}));
    EXPECT_EQ(seen->next, size - 3);
    EXPECT_FALSE(seen->end);
    newest.clear();
    seen = audit::search(db, nullptr, Filter(), Look{true, 0, 2, 3}, take, [] { return false; });
    EXPECT_EQ(newest, (std::vector<std::uint64_t>{1, 0}));
    EXPECT_TRUE(seen->end);
    newest.clear();
    seen = audit::search(db, nullptr, Filter(), Look{false, size - 2, 0, 3}, take, [] { return false; });
    EXPECT_EQ(newest, (std::vector<std::uint64_t>{size - 2, size - 1}));
    EXPECT_TRUE(seen->end);
    EXPECT_EQ(seen->next, size);
}

TEST_F(Searching, never_loses_an_event_to_a_damaged_index) {
    (void)whole_index();
    const auto bytes = std::filesystem::file_size(whole_index());
    Random random(44);
    Filter f;
    f.stations = {"s-1"};
    f.ukeys = {"U-7"};
    const auto expected = by_hand(f);
    int noticed = 0;
    for (int round = 0; round < 40; ++round) {
        const std::string damaged = folder.file("damaged" + std::to_string(round));
        std::filesystem::copy_file(whole_index(), damaged);
        if (round % 4 == 0) {
            std::filesystem::resize_file(damaged, below(random, bytes));
        } else {
            std::fstream file(damaged, std::ios::in | std::ios::out | std::ios::binary);
            const auto place = static_cast<std::streamoff>(below(random, bytes));
            file.seekg(place);
            const int old = file.get();
            file.seekp(place);
            file.put(static_cast<char>(old ^ (1 << below(random, 8))));
        }
        auto opened = SearchIndex::open(damaged, Grown::key(), store::Mode::read_write);
        noticed += opened ? 0 : 1;
        EXPECT_EQ(all(f, opened ? &*opened : nullptr, true, 1000, false), expected) << round;
        noticed += last.index_error ? 1 : 0;
        if (last.index_error) {
            EXPECT_EQ(last.index_error->code, Code::tampered) << last.index_error->message;
        }
    }
    EXPECT_GT(noticed, 10) << "the index was damaged where it is read";
}

TEST_F(Searching, says_so_when_a_block_is_gone_and_reads_the_log) {
    { SearchIndex index = copy_of_index(); }
    {
        auto raw = std::move(*Database::open(path, Grown::key(), store::Mode::read_write));
        auto tx = raw.begin();
        ASSERT_TRUE(tx->run("DELETE FROM block WHERE id % 2 = 0"));
        ASSERT_TRUE(tx->commit());
    }
    auto index = SearchIndex::open(path, Grown::key(), store::Mode::read_write);
    ASSERT_TRUE(index);
    Filter f;
    ASSERT_TRUE(f.set_text("u*"));
    EXPECT_EQ(all(f, &*index, true, 1000, false), by_hand(f));
    ASSERT_TRUE(last.index_error);
    EXPECT_EQ(last.index_error->code, Code::tampered);
    Random random(1);
    for (int i = 0; i < 5; ++i) {
        const Filter any = some_filter(random);
        EXPECT_EQ(all(any, &*index, false, 1000, false), by_hand(any));
    }
}

TEST_F(Searching, cuts_off_what_is_of_another_log) {
    SearchIndex index = copy_of_index();
    EXPECT_TRUE(*index.check(log));
    // The same key, and a log that is another from its second segment on.
    Grown& grown = Grown::log();
    Database other = log_database(folder.file("other.db"), Grown::key());
    auto journal = std::move(*audit::Journal::open(other));
    {
        auto tx = other.begin();
        for (std::uint64_t i = 0; i < 2 * kSegmentEvents; ++i) {
            const audit::Record r = at(i);
            Event e = event_of(r);
            if (i == kSegmentEvents + 1000) e = Event(EventType::random_drawn), e.number(Field::data_size, 1);
            ASSERT_TRUE(journal.append(*tx, e, r.time()));
        }
        ASSERT_TRUE(tx->commit());
        journal.committed();
    }
    audit::LogReader reader(other);
    ASSERT_FALSE(*index.check(reader));
    EXPECT_EQ(index.extent()->end, 1u);
    // And grows on from there.
    EXPECT_TRUE(*index.check(log));
    add_segment(index, log, 1);
    Filter f;
    f.meters = {at(kSegmentEvents + 1000).number(Field::meter), 100001};
    EXPECT_EQ(all(f, &index, true, 1000, false), by_hand(f));
    EXPECT_EQ(grown.size, log.size().value());
}

TEST_F(Searching, an_index_takes_segments_in_their_order_only) {
    SearchIndex index = copy_of_index();
    EXPECT_EQ(index.append(1, audit::Digest{}, {}).error().code, Code::internal);
    EXPECT_EQ(index.append(3, audit::Digest{}, {}).error().code, Code::internal);
}

TEST_F(Searching, an_index_is_its_owners_and_not_for_another_key) {
    { const SearchIndex index = std::move(*SearchIndex::create(path, Grown::key())); }
    struct stat about {};
    ASSERT_EQ(stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
    std::array<std::uint8_t, 32> other{1};
    EXPECT_EQ(SearchIndex::open(path, base::Secret::copy_of(other), store::Mode::read_only).error().code, Code::key_invalid);
}

TEST_F(Searching, an_index_whose_words_another_program_made_does_not_open) {
    { SearchIndex index = copy_of_index(); }
    {
        auto raw = std::move(*Database::open(path, Grown::key(), store::Mode::read_write));
        auto tx = raw.begin();
        ASSERT_TRUE(tx->run("UPDATE maker SET vocabulary = ?", base::ByteView(audit::Digest{})));
        ASSERT_TRUE(tx->commit());
    }
    EXPECT_EQ(SearchIndex::open(path, Grown::key(), store::Mode::read_write).error().code, Code::conflict);
}

TEST_F(Searching, goes_by_what_is_left_when_events_were_archived) {
    // The bodies of [1, 20000) leave the database, as archiving leaves it: the genesis stays.
    constexpr std::uint64_t kKept = 20000;
    const std::string live = folder.file("live.db");
    std::filesystem::copy_file(Grown::log().path, live);
    {
        auto raw = std::move(*Database::open(live, Grown::key(), store::Mode::read_write));
        auto tx = raw.begin();
        ASSERT_TRUE(tx->script("DROP TRIGGER event_is_not_deleted"));
        ASSERT_TRUE(tx->run("DELETE FROM event WHERE idx > 0 AND idx < ?", kKept));
        ASSERT_TRUE(tx->commit());
    }
    db = std::move(*Database::open(live, Grown::key(), store::Mode::read_only));
    SearchIndex index = copy_of_index();
    ASSERT_TRUE(index.drop_below(kKept / kSegmentEvents));
    EXPECT_EQ(index.extent()->first, 1u);
    Random random(45);
    for (int round = 0; round < 12; ++round) {
        Filter f = round == 0 ? Filter() : some_filter(random);
        auto expected = by_hand(f);
        std::erase_if(expected, [](std::uint64_t i) { return i > 0 && i < kKept; });
        EXPECT_EQ(all(f, round % 3 == 0 ? nullptr : &index, round % 2 == 0, 1000, round % 4 == 1), expected) << round;
        EXPECT_EQ(last.archived, kKept);
    }
}

TEST(segment, reads_back_what_was_written_and_refuses_what_was_not) {
    audit::SegmentBuilder builder;
    for (std::uint32_t i = 0; i < 3000; ++i) builder.add(i, at(i));
    const audit::IndexedSegment segment = std::move(builder).finish();
    const auto directory = audit::read_directory(segment.directory);
    ASSERT_TRUE(directory);
    ASSERT_EQ(directory->size(), segment.blocks.size());
    for (const base::Bytes& block : segment.blocks) {
        EXPECT_LE(block.size(), audit::kBlockBytes);
        audit::SegmentSet set;
        EXPECT_TRUE(audit::read_block(block, {"", "\xff"}, set));
        base::Bytes cut = block;
        cut.pop_back();
        EXPECT_EQ(audit::read_block(cut, {"", "\xff"}, set).error().code, Code::malformed);
    }
    base::Bytes cut = segment.directory;
    cut.pop_back();
    EXPECT_EQ(audit::read_directory(cut).error().code, Code::malformed);
}

TEST(amount_class, rises_with_the_amount) {
    std::uint64_t before = 0;
    for (int power = 0; power < 64; ++power)
        for (std::uint64_t step : {0ULL, 1ULL, 2ULL, 3ULL}) {
            const std::uint64_t amount = (std::uint64_t{1} << power) + step * ((std::uint64_t{1} << power) / 4);
            EXPECT_GE(audit::amount_class(amount), before);
            before = audit::amount_class(amount);
        }
    EXPECT_LT(audit::amount_class(99), audit::amount_class(10000));
    EXPECT_LT(audit::amount_class(UINT64_MAX), 255);
}

}  // namespace

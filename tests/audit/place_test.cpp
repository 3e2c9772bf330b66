// Where damage is: every flipped bit of an export has its place named, and so has what was removed, moved, put in or spliced.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/audit/sample_log.h"

namespace {

using audit::Event, audit::EventType, audit::Field;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// What stands where in an export.
struct Area {
    std::size_t end;     ///< behind its last byte
    std::string name;    ///< "head", "certificate 1", "record 7", "block 255", "end", "checkpoint"
};

/// The areas of a whole export, found by reading docs/AUDIT_FORMAT.md section 7.
std::vector<Area> areas_of(const base::Bytes& bytes) {
    std::vector<Area> out;
    std::size_t at = 9;
    const auto number = [&](std::size_t width) {
        std::size_t n = 0;
        while (width-- > 0) n = n << 8 | bytes[at++];
        return n;
    };
    at += number(2);
    at += 16;
    const std::size_t certificates = number(1);
    out.push_back({at, "head"});
    for (std::size_t i = 1; i <= certificates; ++i) {
        at += number(2);
        out.push_back({at, "certificate " + std::to_string(i)});
    }
    at += 8;
    out.push_back({at, "head"});
    for (std::size_t record = 0;;) {
        const std::size_t size = number(2);
        if (size == 0) break;
        if (size == 0xFFFF) {
            at += 8;
            const std::size_t count = number(2);
            at += 8 + 8 * count + 8;
            out.push_back({at, "block " + std::to_string(record - 1)});
        } else {
            at += size;
            out.push_back({at, "record " + std::to_string(record++)});
        }
    }
    out.push_back({at, "end"});
    out.push_back({bytes.size(), "checkpoint"});
    return out;
}

/// Whether a finding names this area.
bool names(const audit::Finding& f, const Area& area) {
    const auto says = [&](std::string_view what) { return f.message.find(what) != std::string::npos; };
    if (area.name.starts_with("record ")) return f.index && "record " + std::to_string(*f.index) == area.name && (f.rule == "changed" || f.rule == "format" || f.rule == "frame" || f.rule == "order");
    if (area.name.starts_with("block ")) return f.rule == "block" && f.index && "block " + std::to_string(*f.index) == area.name;
    if (area.name == "end") return f.rule == "frame" && says("the mark that ends the records");
    if (area.name == "checkpoint") return f.rule == "checkpoint" || says("checkpoint");
    if (area.name == "head") return f.rule == "head" || says("head of the export") || says("not an audit export") || says("version");
    return says(area.name);
}

std::string told(const audit::Verdict& v) {
    std::string out;
    for (const auto& f : v.findings) out += (f.index ? std::to_string(*f.index) : "-") + " " + f.rule + ": " + f.message + "\n";
    return out;
}

void expect_named(const SampleLog& log, base::Bytes& bytes, std::size_t at, unsigned bit, const Area& area) {
    bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 1u << bit);
    const auto verdict = log.verify(bytes);
    ASSERT_FALSE(verdict.sound) << "byte " << at << " bit " << bit << " in " << area.name;
    // That of many, for one is enough to send a person to the right place.
    ASSERT_TRUE(std::ranges::any_of(verdict.findings, [&](const auto& f) { return names(f, area); })) << "byte " << at << " bit " << bit << " in " << area.name << ":\n" << told(verdict);
    // And no other record is named as changed.
    for (const auto& f : verdict.findings) {
        if (f.rule == "changed" || f.rule == "frame") {
            ASSERT_TRUE(names(f, area)) << "byte " << at << " bit " << bit << " in " << area.name << ":\n" << told(verdict);
        }
    }
    bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 1u << bit);
}

std::vector<std::string> messages_of(const audit::Verdict& v) {
    std::vector<std::string> out;
    for (const auto& f : v.findings) out.push_back(f.message);
    return out;
}

/// A log of so many records that keeps the rules.
void fill(SampleLog& log, std::size_t records, const std::string& what = "x") {
    log.begin();
    while (log.records.size() < records) log.add(Event(EventType::configuration).text(Field::note, what + std::to_string(log.records.size())));
}

/// The log exported with a block behind each group of records as they stood before `bend` changed the list of them.
base::Bytes bent(SampleLog& log, const std::function<void(std::vector<base::Bytes>& frames)>& bend) {
    const base::Bytes good = log.exported();
    const auto areas = areas_of(good);
    std::vector<base::Bytes> frames;
    base::Bytes out;
    std::size_t from = 0;
    for (const Area& area : areas) {
        base::Bytes piece(good.begin() + static_cast<std::ptrdiff_t>(from), good.begin() + static_cast<std::ptrdiff_t>(area.end));
        from = area.end;
        if (area.name.starts_with("record") || area.name.starts_with("block")) {
            frames.push_back(std::move(piece));
            continue;
        }
        if (area.name == "end") {
            bend(frames);
            for (const auto& f : frames) out.insert(out.end(), f.begin(), f.end());
        }
        out.insert(out.end(), piece.begin(), piece.end());
    }
    return out;
}

}  // namespace

class EveryBit : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(bit, EveryBit, ::testing::Range(0u, 8u));

TEST_P(EveryBit, flipped_in_a_small_export_is_found_and_its_place_named) {
    SampleLog log;
    log.begin_with_orders(5);
    base::Bytes bytes = log.exported();
    ASSERT_TRUE(log.verify(bytes).sound);
    std::size_t at = 0;
    for (const Area& area : areas_of(bytes))
        for (; at < area.end; ++at) ASSERT_NO_FATAL_FAILURE(expect_named(log, bytes, at, GetParam(), area));
    EXPECT_EQ(at, bytes.size());
}

TEST(place, a_bit_flipped_anywhere_in_a_large_export_is_found_and_its_place_named) {
    SampleLog log;
    fill(log, 3000);
    base::Bytes bytes = log.exported();
    const auto areas = areas_of(bytes);
    std::mt19937 random(20251122);
    for (int i = 0; i < 300; ++i) {
        const std::size_t at = random() % bytes.size();
        const auto area = std::ranges::find_if(areas, [&](const Area& a) { return at < a.end; });
        ASSERT_NO_FATAL_FAILURE(expect_named(log, bytes, at, random() % 8, *area));
    }
    // And in all that stands around the border of two blocks.
    for (std::size_t i = 1; i < areas.size(); ++i) {
        if (areas[i].name != "block 255" && areas[i].name != "record 255" && areas[i].name != "record 256") continue;
        for (std::size_t at = areas[i - 1].end; at < std::min(areas[i].end, areas[i - 1].end + 24); ++at)
            for (unsigned bit = 0; bit < 8; ++bit) ASSERT_NO_FATAL_FAILURE(expect_named(log, bytes, at, bit, areas[i]));
    }
}

TEST(place, missing_records_are_named) {
    SampleLog log;
    fill(log, 700);
    // Frames: 256 records, a block, 256 records, a block, ...
    const auto bytes = bent(log, [](auto& frames) { frames.erase(frames.begin() + 301, frames.begin() + 514); });
    EXPECT_THAT(messages_of(log.verify(bytes)), Contains("records 300 to 511 are missing"));
    EXPECT_FALSE(log.verify(bytes).rules_replayed) << "over the first 300 alone";
    EXPECT_THAT(messages_of(log.verify(bent(log, [](auto& f) { f.erase(f.begin() + 20); }))), Contains("record 20 is missing"));
}

TEST(place, repeated_and_moved_records_are_named) {
    SampleLog log;
    fill(log, 40);
    EXPECT_THAT(messages_of(log.verify(bent(log, [](auto& f) { f.insert(f.begin() + 13, f[12]); }))), ElementsAre("record 12 stands twice, the second time behind record 12"));
    const auto twice = log.verify(bent(log, [](auto& f) {
        const std::vector<base::Bytes> some(f.begin() + 10, f.begin() + 21);
        f.insert(f.begin() + 30, some.begin(), some.end());
    }));
    EXPECT_THAT(messages_of(twice), ElementsAre("records 10 to 20 stand twice, the second time behind record 29"));
    EXPECT_THAT(messages_of(log.verify(bent(log, [](auto& f) { std::swap(f[12], f[13]); }))), Contains("record 12 stands behind record 13: moved there"));
    EXPECT_THAT(messages_of(log.verify(bent(log, [](auto& f) { f[20] = f[12]; }))), Contains("in its place stands a copy of record 12"));
    SampleLog other;
    fill(other, 40, "y");
    EXPECT_THAT(messages_of(log.verify(bent(log, [&](auto& f) {
        base::ByteWriter frame;
        frame.sized16(other.records[12]);
        f.insert(f.begin() + 20, frame.view());
    }))), Contains("another record 12 stands behind record 19: put in"));
}

TEST(place, a_changed_record_is_told_from_a_changed_block) {
    SampleLog log;
    fill(log, 600);
    const auto changed = log.verify(bent(log, [](auto& f) { f[303].back() ^= 1; }));
    EXPECT_THAT(rules_of(changed), ElementsAre("changed@302", "root"));
    const auto block = log.verify(bent(log, [](auto& f) { f[256][100] ^= 1; }));
    EXPECT_THAT(rules_of(block), ElementsAre("block@255"));
    const auto gone = log.verify(bent(log, [](auto& f) { f.erase(f.begin() + 256); }));
    EXPECT_THAT(rules_of(gone), Contains("block@255"));
    EXPECT_THAT(rules_of(gone), Not(Contains("root")));
}

TEST(place, a_block_written_anew_over_good_records_convicts_nobody_of_changing_them) {
    SampleLog log;
    fill(log, 300);
    SampleLog other;
    other.records = log.records;
    other.records[7] = *Event(EventType::configuration).text(Field::note, "else").encode(7, kDayOne);
    const auto verdict = log.verify(bent(log, [&](auto& f) { f[256] = other.block(0, 256); }));
    EXPECT_THAT(rules_of(verdict), ElementsAre("block@7"));
}

TEST(place, another_log_is_told_from_the_record_on_where_it_begins) {
    SampleLog one;
    fill(one, 700);
    SampleLog two;
    fill(two, 700, "y");
    const auto spliced = [&](std::size_t from) {
        return one.verify(bent(one, [&](auto& frames) {
            std::vector<base::Bytes> others;
            bent(two, [&](auto& f) { others = f; });
            const std::size_t frame = from + from / 256;
            std::copy(others.begin() + static_cast<std::ptrdiff_t>(frame), others.end(), frames.begin() + static_cast<std::ptrdiff_t>(frame));
        }));
    };
    EXPECT_THAT(rules_of(spliced(256)), Contains("order@256"));
    EXPECT_THAT(messages_of(spliced(256)), Contains(HasSubstr("from record 256 on this is another log")));
    EXPECT_THAT(messages_of(spliced(300)), Contains(HasSubstr("from record 300 on this is another log")));
}

TEST(place, a_cut_export_says_after_which_record) {
    SampleLog log;
    fill(log, 40);
    const base::Bytes good = log.exported();
    const auto areas = areas_of(good);
    const auto record = std::ranges::find(areas, "record 17", &Area::name);
    const auto verdict = log.verify(base::Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(record->end)));
    EXPECT_THAT(messages_of(verdict), ElementsAre("the export was cut off (after record 18)"));
}

TEST(place, bytes_put_between_records_are_stepped_over_and_told) {
    SampleLog log;
    fill(log, 40);
    const auto verdict = log.verify(bent(log, [](auto& f) { f.insert(f.begin() + 20, base::Bytes(5000, 0x77)); }));
    EXPECT_THAT(messages_of(verdict), ElementsAre("what stands behind record 19 is no record: 5000 bytes were changed, put in or are left of others"));
    const auto lost = log.verify(bent(log, [](auto& f) { f[20] = base::Bytes(500, 0x77); }));
    EXPECT_THAT(messages_of(lost), Contains("record 20 is missing"));
}

TEST(place, what_was_written_anew_is_caught_between_two_checkpoints) {
    SampleLog log;
    const auto sign = [&] {
        const auto over = log.checkpoint();
        log.add(Event(EventType::checkpoint_signed).number(Field::size, over.size).bytes(Field::root, over.root).text(Field::note, log.note()));
    };
    log.begin();
    for (int i = 0; i < 6; ++i) {
        while (log.records.size() < static_cast<std::size_t>(100 * (i + 1))) log.add(Event(EventType::configuration).text(Field::note, std::to_string(log.records.size())));
        sign();
    }
    const auto good = log.verify();
    EXPECT_THAT(rules_of(good), IsEmpty());
    EXPECT_EQ(good.checkpoints, 6u);
    // Somebody who has the checkpoint key writes record 250 anew, every block, and a last checkpoint.
    const base::Bytes before = log.records[250];
    log.records[250] = *Event(EventType::configuration).text(Field::note, "nothing happened").encode(250, kDayOne);
    const auto verdict = log.verify();
    EXPECT_THAT(rules_of(verdict), ElementsAre("checkpoint@300"));
    EXPECT_THAT(messages_of(verdict), ElementsAre(HasSubstr("between record 200 and record 299")));
    // A checkpoint inside that another key signed.
    log.records[250] = before;
    log.records.resize(400);
    const auto over = log.checkpoint();
    TestKey stranger(TestKey::Type::ed25519);
    log.add(Event(EventType::checkpoint_signed).number(Field::size, over.size).bytes(Field::root, over.root).text(Field::note, *audit::sign_checkpoint(over, stranger)));
    EXPECT_THAT(rules_of(log.verify()), ElementsAre("checkpoint@400"));
    log.records.resize(400);
    log.add(Event(EventType::checkpoint_signed).number(Field::size, 401).bytes(Field::root, over.root));
    EXPECT_THAT(rules_of(log.verify()), ElementsAre("checkpoint@400"));
}

TEST(place, an_export_of_version_1_is_refused_in_plain_words) {
    SampleLog log;
    log.begin();
    base::Bytes bytes = log.exported();
    bytes[8] = 1;
    const auto verdict = log.verify(bytes);
    EXPECT_FALSE(verdict.has_head);
    EXPECT_THAT(messages_of(verdict), ElementsAre("an audit export of version 1, and this program reads version 2: export the log again"));
}

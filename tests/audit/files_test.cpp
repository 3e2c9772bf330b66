// Several exports that together are one log: archived segments, and what is still in the database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/export.h"
#include "tests/audit/logged.h"
#include "tests/audit/sample_log.h"

namespace {

using audit::Event, audit::EventType, audit::Field;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A log in a database, exported in pieces as they are archived.
class Files : public ::testing::Test {
protected:
    void SetUp() override { logged.take(log, 700); }
    /// The records [first, end), with a checkpoint over the first `end`.
    base::Bytes piece(std::uint64_t first, std::uint64_t end) { return logged.exported(log, first, end); }
    audit::Verdict verify(const std::vector<base::Bytes>& files) {
        std::vector<audit::Part> parts;
        for (std::size_t i = 0; i < files.size(); ++i) parts.push_back({std::string(1, static_cast<char>('a' + i)), source_of(files[i])});
        audit::VerifyOptions options;
        options.trust_anchor = log.pki.anchor.der();
        return *audit::verify_exports(parts, options);
    }
    static std::vector<std::string> messages(const audit::Verdict& v) {
        std::vector<std::string> out;
        for (const auto& f : v.findings) out.push_back(f.message);
        return out;
    }
    SampleLog log;
    Logged logged;
};

}  // namespace

TEST_F(Files, segments_and_the_rest_are_one_log_in_any_order) {
    for (const auto& order : {std::vector<int>{0, 1, 2}, {2, 0, 1}, {1, 2, 0}}) {
        const std::vector<base::Bytes> all{piece(0, 256), piece(256, 300), piece(300, 700)};
        std::vector<base::Bytes> files;
        for (const int i : order) files.push_back(all[static_cast<std::size_t>(i)]);
        const auto verdict = verify(files);
        EXPECT_THAT(messages(verdict), IsEmpty());
        EXPECT_TRUE(verdict.sound);
        EXPECT_TRUE(verdict.rules_replayed);
        EXPECT_EQ(verdict.first, 0u);
        EXPECT_EQ(verdict.size, 700u);
        EXPECT_EQ(verdict.root, log.checkpoint().root);
    }
}

TEST_F(Files, a_part_from_later_on_is_verified_without_the_rules) {
    const auto verdict = verify({piece(256, 300), piece(300, 700)});
    EXPECT_TRUE(verdict.sound);
    EXPECT_FALSE(verdict.rules_replayed);
    EXPECT_EQ(verdict.first, 256u);
}

TEST_F(Files, rules_are_replayed_across_the_border_of_two_files) {
    // The second of two orders that are one, in the second file.
    SampleLog bad;
    bad.begin_with_orders(2);
    bad.add(SampleLog::order(2));
    Logged other;
    other.take(bad, bad.records.size());
    std::vector<audit::Part> parts;
    const base::Bytes one = other.exported(bad, 0, 6);
    const base::Bytes two = other.exported(bad, 6, 7);
    parts.push_back({"one", source_of(one)});
    parts.push_back({"two", source_of(two)});
    EXPECT_THAT(rules_of(*audit::verify_exports(parts, {})), Contains("duplicate@6"));
}

TEST_F(Files, a_missing_file_is_told_with_the_records_it_held) {
    const auto verdict = verify({piece(0, 256), piece(300, 700)});
    EXPECT_THAT(messages(verdict), ElementsAre("b: no file holds the records 256 to 299, which stand before it: one is missing"));
    EXPECT_FALSE(verdict.rules_replayed) << "over the first file alone";
}

TEST_F(Files, files_that_overlap_are_told) {
    EXPECT_THAT(messages(verify({piece(0, 300), piece(256, 700)})), Contains(HasSubstr("b: it begins at record 256, and the files before it hold all up to record 299: they overlap")));
}

TEST_F(Files, a_file_of_another_log_is_told) {
    SampleLog foreign;
    foreign.begin();
    while (foreign.records.size() < 700) foreign.add(Event(EventType::configuration).text(Field::note, "else"));
    Logged other;
    other.take(foreign, 700);
    EXPECT_THAT(messages(verify({piece(0, 256), other.exported(foreign, 256, 700)})), Contains(HasSubstr("b: from record 256 on it is another log")));
}

TEST_F(Files, a_file_that_is_no_export_is_named_and_the_others_are_still_verified) {
    const auto verdict = verify({piece(0, 256), base::Bytes(100, 'x'), piece(256, 700)});
    EXPECT_THAT(messages(verdict), ElementsAre("b: not an audit export"));
    EXPECT_EQ(verdict.size, 700u);
}

TEST_F(Files, a_change_in_a_file_in_the_middle_is_told_with_its_name) {
    const base::Bytes first = piece(0, 256);
    base::Bytes middle = piece(256, 300);
    middle[middle.size() / 2] ^= 1;
    const auto verdict = verify({first, middle, piece(300, 700)});
    EXPECT_THAT(messages(verdict), Contains(HasSubstr("b: ")));
    EXPECT_FALSE(verdict.sound);
}

TEST_F(Files, each_file_has_to_fit_its_own_checkpoint) {
    const std::vector<base::Bytes> all = log.records;
    log.records.resize(300);
    std::swap(log.records[10], log.records[11]);
    const std::string other = log.note();
    log.records = all;
    const auto verdict = verify({piece(0, 256), logged.exported(log, 256, 300, other), piece(300, 700)});
    EXPECT_THAT(messages(verdict), ElementsAre(HasSubstr("b: the records do not give the root of the checkpoint")));
}

TEST_F(Files, nothing_to_verify_is_no_verdict) { EXPECT_EQ(audit::verify_exports({}, {}).error().code, base::Code::invalid_argument); }

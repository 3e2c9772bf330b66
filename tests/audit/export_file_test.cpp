// What is made of an export that is read twice, and of several that together are one log.
#include "audit/export_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/audit/logged.h"

namespace {

using ::testing::HasSubstr;

class OfPieces : public ::testing::Test {
protected:
    void SetUp() override { logged.take(log, 700); }
    std::string file(std::uint64_t first, std::uint64_t end) {
        const std::string path = logged.folder.file(std::to_string(first) + ".kmpaudit");
        const base::Bytes bytes = logged.exported(log, first, end);
        std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return path;
    }
    audit::ExportFile opened(const std::vector<std::string>& paths) {
        audit::ExportFile out = *audit::ExportFile::open(paths.front());
        for (auto path = paths.begin() + 1; path != paths.end(); ++path)
            if (!out.add(*path)) throw std::runtime_error("cannot open " + *path);
        return out;
    }
    static std::vector<std::uint64_t> indices(audit::ExportFile& file) {
        std::vector<std::uint64_t> out;
        const auto done = file.each([&](const audit::Record& r) { out.push_back(r.index()); });
        EXPECT_TRUE(done) << done.error().message;
        return out;
    }
    static std::vector<std::uint64_t> up_to(std::uint64_t end) {
        std::vector<std::uint64_t> out;
        while (out.size() < end) out.push_back(out.size());
        return out;
    }
    SampleLog log;
    Logged logged;
};

}  // namespace

TEST_F(OfPieces, every_record_comes_once_and_in_order_whatever_order_the_files_are_in) {
    const std::string a = file(0, 256), b = file(256, 300), c = file(300, 700);
    for (const auto& paths : {std::vector{a, b, c}, {c, a, b}, {b, c, a}}) {
        audit::ExportFile all = opened(paths);
        EXPECT_EQ(all.log()->first, 0u);
        const auto verdict = *all.verify({});
        EXPECT_TRUE(verdict.sound);
        EXPECT_TRUE(verdict.rules_replayed);
        EXPECT_EQ(indices(all), up_to(700));
        EXPECT_EQ(all.checkpoint(), log.note()) << "of the newest";
    }
}

TEST_F(OfPieces, what_two_files_hold_is_a_finding_and_comes_once) {
    audit::ExportFile all = opened({file(0, 300), file(256, 700)});
    EXPECT_EQ(all.log()->first, 0u);
    EXPECT_FALSE(all.verify({})->sound);
    EXPECT_EQ(indices(all), up_to(700));
}

TEST_F(OfPieces, the_genesis_of_a_range_comes_first_and_once) {
    audit::ExportFile all = opened({file(300, 700), file(256, 300)});
    EXPECT_EQ(all.log()->first, 256u);
    EXPECT_TRUE(all.verify({})->sound);
    const auto seen = indices(all);
    ASSERT_EQ(seen.size(), 1u + 700 - 256);
    EXPECT_EQ(seen.front(), 0u);
    EXPECT_EQ(seen[1], 256u);
    EXPECT_EQ(seen.back(), 699u);
}

TEST_F(OfPieces, one_that_changes_between_the_two_readings_is_named) {
    const std::string a = file(0, 256), b = file(256, 700);
    audit::ExportFile all = opened({a, b});
    ASSERT_TRUE(all.log());
    ASSERT_TRUE(all.verify({})->sound);
    std::fstream change(b, std::ios::in | std::ios::out | std::ios::binary);
    change.seekp(2000);
    change.put('\x55');
    change.close();
    const auto done = all.each([](const audit::Record&) {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, base::Code::tampered);
    EXPECT_THAT(done.error().message, HasSubstr(b + " was changed while it was read"));
}

TEST_F(OfPieces, one_that_is_no_export_is_named) {
    const std::string other = logged.folder.file("other");
    std::ofstream(other) << "rubbish";
    EXPECT_THAT(opened({file(0, 700), other}).log().error().message, HasSubstr(other));
    audit::ExportFile all = opened({file(0, 700)});
    EXPECT_EQ(all.add(logged.folder.file("gone")).error().code, base::Code::not_found);
}

#include "kmp/service/sealed_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/store/temporary_folder.h"

namespace {

using kmp::service::SealedLog;

class sealed_log : public testing::Test {
protected:
    TemporaryFolder folder;
    std::string path = folder.file("sealed.log");
    SealedLog open() {
        auto log = SealedLog::open(path);
        EXPECT_TRUE(log) << log.error().message;
        return std::move(*log);
    }
    std::string content() const {
        std::stringstream out;
        out << std::ifstream(path).rdbuf();
        return out.str();
    }
    void set_content(const std::string& text) const { std::ofstream(path, std::ios::trunc) << text; }
};

TEST_F(sealed_log, an_event_is_kept_whole_and_says_when_it_happened) {
    using audit::Event, audit::EventType, audit::Field;
    {
        SealedLog log = open();
        ASSERT_TRUE(log.append(1'763'791'200'123, Event(EventType::denied).text(Field::request, "unseal").number(Field::uid, 1000).text(Field::detail, "no\nnot now")));
    }
    const SealedLog log = open();
    ASSERT_EQ(log.entries().size(), 1u);
    EXPECT_TRUE(log.entries()[0].detail.starts_with("denied ")) << log.entries()[0].detail;
    const auto event = SealedLog::event_of(log.entries()[0]);
    ASSERT_TRUE(event) << event.error().message;
    const base::Bytes bytes = *event->encode(7, 1'763'791'300'000);
    const auto record = audit::Record::decode(bytes);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->type(), EventType::denied);
    EXPECT_EQ(record->text(Field::request), "unseal");
    EXPECT_EQ(record->number(Field::uid), 1000u);
    EXPECT_EQ(record->text(Field::detail), "no\nnot now");
    EXPECT_EQ(record->number(Field::happened_at), 1'763'791'200'123u);
    for (const char* bad : {"", "denied", "denied zz", "denied 00"}) EXPECT_FALSE(SealedLog::event_of({1, "event", bad})) << bad;
}

TEST_F(sealed_log, what_was_appended_is_there_after_a_restart) {
    {
        SealedLog log = open();
        ASSERT_TRUE(log.append(1, "started", "kmp"));
        ASSERT_TRUE(log.append(2, "pin_failed", "by uid 0"));
    }
    const SealedLog log = open();
    ASSERT_EQ(log.entries().size(), 2u);
    EXPECT_EQ(log.entries()[1].time, 2);
    EXPECT_EQ(log.entries()[1].what, "pin_failed");
    EXPECT_EQ(log.entries()[1].detail, "by uid 0");
    EXPECT_EQ(log.wrong_pins(), 1u);
}

TEST_F(sealed_log, wrong_pins_are_counted_since_the_last_right_one) {
    SealedLog log = open();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(log.append(i, "pin_failed", "x"));
    EXPECT_EQ(log.wrong_pins(), 3u);
    ASSERT_TRUE(log.append(4, "pin_accepted", "x"));
    EXPECT_EQ(log.wrong_pins(), 0u);
}

TEST_F(sealed_log, a_line_cut_by_a_crash_is_dropped_and_the_next_one_fits) {
    {
        SealedLog log = open();
        ASSERT_TRUE(log.append(1, "started", "a"));
        ASSERT_TRUE(log.append(2, "started", "b"));
    }
    const std::string whole = content();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        set_content(whole.substr(0, size));
        std::size_t kept = 0;
        {
            SealedLog log = open();
            kept = log.entries().size();
            ASSERT_TRUE(log.append(3, "started", "c"));
        }
        EXPECT_EQ(open().entries().size(), kept + 1) << size;
    }
}

TEST_F(sealed_log, a_changed_removed_or_swapped_line_is_noticed) {
    {
        SealedLog log = open();
        for (int i = 0; i < 3; ++i) ASSERT_TRUE(log.append(i, "pin_failed", "n" + std::to_string(i)));
    }
    const std::string whole = content();
    const std::size_t first = whole.find('\n') + 1;
    const std::size_t second = whole.find('\n', first) + 1;
    std::string changed = whole;
    changed[first + 3] ^= 1;
    for (const std::string& text : {changed, whole.substr(first), whole.substr(0, first) + whole.substr(second),
                                    whole.substr(first, second - first) + whole.substr(0, first) + whole.substr(second)}) {
        set_content(text);
        const auto log = SealedLog::open(path);
        ASSERT_FALSE(log);
        EXPECT_EQ(log.error().code, base::Code::tampered);
    }
}

TEST_F(sealed_log, line_breaks_in_a_detail_do_not_make_entries) {
    {
        SealedLog log = open();
        ASSERT_TRUE(log.append(1, "refused", "a\n2 pin_accepted b"));
    }
    EXPECT_EQ(open().entries().size(), 1u);
}

TEST_F(sealed_log, a_second_service_in_one_home_is_refused) {
    const SealedLog log = open();
    const auto second = SealedLog::open(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, base::Code::conflict);
}

TEST_F(sealed_log, a_link_in_its_place_is_not_followed) {
    std::filesystem::create_symlink(folder.file("elsewhere"), folder.file("link"));
    EXPECT_FALSE(SealedLog::open(folder.file("link")));
    EXPECT_FALSE(std::filesystem::exists(folder.file("elsewhere")));
}

}  // namespace

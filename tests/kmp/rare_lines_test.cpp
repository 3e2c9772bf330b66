#include "kmp/service/rare_lines.h"

#include <gtest/gtest.h>

#include <vector>

using kmp::service::RareLines;

TEST(rare_lines, of_a_flood_one_line_is_written_at_once_and_one_a_minute_with_the_exact_rest) {
    std::vector<std::string> lines;
    RareLines rare([&](const std::string& line) { lines.push_back(line); });
    const auto begin = RareLines::Clock::now();
    for (int i = 0; i < 100'000; ++i) rare.say("clients turned away", "client " + std::to_string(i), begin);
    EXPECT_EQ(lines, (std::vector<std::string>{"client 0"}));
    rare.tick(begin + std::chrono::seconds(59));
    EXPECT_EQ(lines.size(), 1u);
    rare.tick(begin + std::chrono::seconds(60));
    EXPECT_EQ(lines.back(), "clients turned away: and 99999 more");
    rare.say("clients turned away", "client x", begin + std::chrono::seconds(61));
    EXPECT_EQ(lines.size(), 2u) << "the flood goes on: it waits for the next minute";
    rare.tick(begin + std::chrono::seconds(120));
    EXPECT_EQ(lines.back(), "clients turned away: and 1 more");
    rare.tick(begin + std::chrono::seconds(180));
    EXPECT_EQ(lines.size(), 3u);
    rare.say("clients turned away", "client y", begin + std::chrono::seconds(181));
    EXPECT_EQ(lines.back(), "client y") << "after a quiet minute the next one is news again";
}

TEST(rare_lines, kinds_do_not_hold_each_other_back_and_the_end_tells_all) {
    std::vector<std::string> lines;
    RareLines rare([&](const std::string& line) { lines.push_back(line); });
    rare.say("a", "a1");
    rare.say("b", "b1");
    rare.say("b", "b2");
    rare.flush();
    EXPECT_EQ(lines, (std::vector<std::string>{"a1", "b1", "b: and 1 more"}));
}

TEST(rare_lines, each_line_is_noted_with_its_exact_number_and_the_newest_of_them) {
    struct Noted {
        std::string kind, newest;
        std::size_t count;
        RareLines::Clock::time_point first, last;
    };
    std::vector<Noted> notes;
    RareLines rare([](const std::string&) {}, [&](const RareLines::Told& t) { notes.push_back({std::string(t.kind), t.newest, t.count, t.first, t.last}); });
    const auto begin = RareLines::Clock::now();
    const auto second = std::chrono::seconds(1);
    for (int i = 0; i < 1000; ++i) rare.say("clients turned away", "client " + std::to_string(i), begin + i * second / 100);
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_EQ(std::pair(notes[0].count, notes[0].newest), std::pair(std::size_t{1}, std::string("client 0")));
    rare.tick(begin + 60 * second);
    ASSERT_EQ(notes.size(), 2u);
    EXPECT_EQ(std::pair(notes[1].count, notes[1].newest), std::pair(std::size_t{999}, std::string("client 999")));
    EXPECT_EQ(notes[1].first, begin + second / 100);
    EXPECT_EQ(notes[1].last, begin + 999 * second / 100);
    rare.flush();
    EXPECT_EQ(notes.size(), 2u) << "nothing was held back";
}

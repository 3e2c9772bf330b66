// docs/images/transitions.svg shows the table of model/ukey.cpp: every line of it once, between the right boxes, under the right name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "model/ukey.h"

namespace {

struct Box {
    int x, y, width, height;
    /// On its border.
    bool touches(int px, int py) const {
        const bool inside = px >= x && px <= x + width && py >= y && py <= y + height;
        return inside && (px == x || px == x + width || py == y || py == y + height);
    }
};

struct Edge {
    std::string from, action, to, path, label;
};

std::string picture() {
    std::stringstream out;
    out << std::ifstream(KMP_SOURCE_DIR "/docs/images/transitions.svg").rdbuf();
    return out.str();
}

/// Calls `f` with the groups of each match.
template <class F>
void each_match(const std::string& text, const std::string& pattern, F f) {
    const std::regex expression(pattern);
    for (std::sregex_iterator it(text.begin(), text.end(), expression); it != std::sregex_iterator(); ++it) f(*it);
}

std::map<std::string, Box> boxes() {
    std::map<std::string, Box> out;
    each_match(picture(), R"re(<g class="state" data-state="([^"]+)"><rect [^>]*x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"[^>]*/><text [^>]*>([^<]+)</text></g>)re", [&](const std::smatch& m) {
        EXPECT_EQ(m[1], m[6]) << "a box says something else than it is";
        out[m[1]] = {std::stoi(m[2]), std::stoi(m[3]), std::stoi(m[4]), std::stoi(m[5])};
    });
    return out;
}

std::vector<Edge> edges() {
    std::vector<Edge> out;
    each_match(picture(), R"re(<g class="edge" data-from="([^"]+)" data-action="([^"]+)" data-to="([^"]+)">(?:<path class="gap"[^>]*/>)?<path [^>]*d="([^"]+)" marker-end="url\(#tip\)"/><text [^>]*>([^<]+)</text></g>)re",
               [&](const std::smatch& m) { out.push_back({m[1], m[2], m[3], m[4], m[5]}); });
    return out;
}

/// First and last point of a path of absolute M, H and V.
std::pair<std::pair<int, int>, std::pair<int, int>> ends(const std::string& path) {
    std::pair<int, int> first, at;
    each_match(path, R"(([MHV])(\d+)(?: (\d+))?)", [&](const std::smatch& m) {
        if (m[1] == "M") first = at = {std::stoi(m[2]), std::stoi(m[3])};
        if (m[1] == "H") at.first = std::stoi(m[2]);
        if (m[1] == "V") at.second = std::stoi(m[2]);
    });
    return {first, at};
}

using Line = std::tuple<std::string, std::string, std::string>;

TEST(transition_picture, shows_every_line_of_the_table_once_and_nothing_else) {
    std::multiset<Line> drawn, table;
    for (const Edge& e : edges()) drawn.emplace(e.from, e.action, e.to);
    for (const model::Transition& t : model::transitions()) table.emplace(model::name(t.from), model::name(t.action), model::name(t.to));
    EXPECT_THAT(drawn, testing::ContainerEq(table));
    const std::string text = picture();
    const auto count = [&](const std::string& what) {
        std::size_t n = 0;
        for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
        return n;
    };
    EXPECT_EQ(count("marker-end="), model::transitions().size()) << "an arrow that belongs to no line of the table";
}

TEST(transition_picture, draws_each_arrow_between_its_boxes_under_its_name) {
    const auto box = boxes();
    EXPECT_EQ(box.size(), 9u);
    for (const Edge& e : edges()) {
        EXPECT_EQ(e.label, e.action);
        ASSERT_TRUE(box.contains(e.from) && box.contains(e.to)) << e.from << " " << e.to;
        const auto [begin, end] = ends(e.path);
        EXPECT_TRUE(box.at(e.from).touches(begin.first, begin.second)) << e.action << " does not begin at " << e.from;
        EXPECT_TRUE(box.at(e.to).touches(end.first, end.second)) << e.action << " does not end at " << e.to;
    }
}

TEST(transition_picture, dashes_what_kmpd_does_by_itself) {
    std::set<std::string> dashed;
    each_match(picture(), R"re(data-action="([^"]+)" data-to="[^"]+"><path class="self")re", [&](const std::smatch& m) { dashed.insert(m[1]); });
    EXPECT_EQ(dashed, (std::set<std::string>{"block", "expire"}));
}

}  // namespace

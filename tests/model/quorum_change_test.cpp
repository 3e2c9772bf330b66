#include <gtest/gtest.h>

#include "model/quorum_change.h"

namespace {

using model::NewOfficer;
using model::QuorumChange;

base::UkeySerial serial(const std::string& text) { return base::UkeySerial::parse(text).value(); }

model::Quorum today() {
    model::Quorum q;
    q.home = serial("PF-1");
    q.generation = 4;
    q.needed = 2;
    q.officers = {{serial("OF-A"), "Wang Fang", {1}}, {serial("OF-B"), "Zhao Liu", {2}}, {serial("OF-C"), "Sun Qi", {3}}};
    return q;
}

QuorumChange change() { return {2, {serial("OF-A"), serial("OF-B")}, {{serial("OF-D"), "desk 2", "Chen; Yi"}}}; }

TEST(quorum_change, terms_say_who_stays_who_goes_and_who_comes_and_are_read_back) {
    const auto terms = change().terms(today());
    EXPECT_EQ(terms.at("officers_kept"), "OF-A\tWang Fang\nOF-B\tZhao Liu");
    EXPECT_EQ(terms.at("officers_gone"), "OF-C\tSun Qi");
    EXPECT_EQ(terms.at("officers_new"), "OF-D\tdesk 2\tChen; Yi");
    const auto read = QuorumChange::from_terms(terms);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->needed, 2u);
    EXPECT_EQ(read->keep, change().keep);
    EXPECT_EQ(read->add, change().add);
}

TEST(quorum_change, caution_stands_in_the_terms_where_all_will_be_needed) {
    QuorumChange all = change();
    all.needed = 3;
    EXPECT_TRUE(all.terms(today()).at("caution").starts_with("every one of 3 officers is needed then"));
    EXPECT_FALSE(change().terms(today()).contains("caution"));
    const auto read = QuorumChange::from_terms(all.terms(today()));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->needed, 3u);
    EXPECT_EQ(model::caution(2, 3), "");
    EXPECT_EQ(model::caution(0, 0), "") << "one person";
}

TEST(quorum_change, terms_of_another_shape_are_refused) {
    for (const auto& [name, value] : std::map<std::string, std::string>{{"needed", "two"}, {"needed ", ""}, {"officers_kept", "OF-A"}, {"officers_new", "OF-D\tdesk"}, {"officers_kept ", ""}}) {
        auto terms = change().terms(today());
        if (name.ends_with(' ')) terms[name.substr(0, name.size() - 1)] = name == "needed " ? "" : "not a serial\tX";
        else terms[name] = value;
        EXPECT_FALSE(QuorumChange::from_terms(terms)) << name << " = " << value;
    }
    EXPECT_FALSE(QuorumChange::from_terms({}));
}

TEST(quorum_change, what_cannot_be_is_refused) {
    EXPECT_TRUE(change().validate(today()));
    const auto refused = [](auto twist) {
        QuorumChange c = change();
        twist(c);
        return !c.validate(today());
    };
    EXPECT_TRUE(refused([](QuorumChange& c) { c.needed = 1; }));
    EXPECT_TRUE(refused([](QuorumChange& c) { c.needed = 4; }));
    EXPECT_TRUE(refused([](QuorumChange& c) { c.keep.push_back(serial("OF-X")); })) << "no officer today";
    EXPECT_TRUE(refused([](QuorumChange& c) { c.add[0].holder = "Wang Fang"; })) << "one person twice";
    EXPECT_TRUE(refused([](QuorumChange& c) { c.add.push_back({serial("OF-E"), "desk 2", "Li"}); })) << "one reader twice";
    EXPECT_TRUE(refused([](QuorumChange& c) { c = {2, {serial("OF-A"), serial("OF-B"), serial("OF-C")}, {}}; })) << "nothing changes";
    EXPECT_TRUE(refused([](QuorumChange& c) { c = {2, {serial("OF-A")}, {}}; })) << "too few are left";
    EXPECT_TRUE(refused([](QuorumChange& c) {
        for (int i = 0; i < 15; ++i) c.add.push_back({serial("OF-N" + std::to_string(i)), "r" + std::to_string(i), "h" + std::to_string(i)});
    })) << "more than 16";
}

TEST(quorum_change, an_officer_with_another_key_is_not_who_stayed) {
    model::Quorum after = today();
    after.generation = 5;
    after.officers[2] = {serial("OF-D"), "Chen; Yi", {9}};
    EXPECT_TRUE(change().leads(today(), after));
    after.officers[0].identity = {7};
    EXPECT_FALSE(change().leads(today(), after));
}

}  // namespace

#include "model/approval.h"

#include <gtest/gtest.h>

#include <set>

namespace {

using base::Code;
using model::ApprovalRequest;
using model::Deed;
using model::Officer;
using model::Quorum;
using model::Standing;
using model::Vote;

base::UkeySerial serial(const std::string& text) { return base::UkeySerial::parse(text).value(); }

Officer officer(const std::string& ukey, const std::string& holder) { return {serial(ukey), holder, {1, 2, 3}}; }

Quorum two_of_three() {
    Quorum q;
    q.home = serial("PF-1");
    q.generation = 1;
    q.needed = 2;
    q.officers = {officer("OF-A", "Wang"), officer("OF-B", "Zhao"), officer("OF-C", "Liu")};
    return q;
}

ApprovalRequest request() {
    ApprovalRequest r;
    r.number = 7;
    r.home = serial("PF-1");
    r.generation = 1;
    r.deed = Deed::issue;
    r.by = "uid 0";
    r.made = 1000;
    r.expires = 2000;
    r.terms = {{"holder", "Han Meimei"}, {"kind", "user"}};
    return r;
}

Vote yes(const std::string& ukey) { return {serial(ukey), true, {}}; }
Vote no(const std::string& ukey) { return {serial(ukey), false, {}}; }

TEST(deed, has_a_name_for_programs_and_a_phrase_for_people) {
    std::set<std::string_view> phrases;
    for (std::uint64_t number = 1; number < 32; ++number) {
        const auto deed = model::deed_from(number);
        if (!deed) continue;
        EXPECT_EQ(*model::parse_deed(model::name(*deed)), *deed);
        EXPECT_NE(model::phrase(*deed).find(' '), std::string_view::npos) << model::name(*deed);
        EXPECT_TRUE(phrases.insert(model::phrase(*deed)).second) << model::name(*deed);
    }
    EXPECT_EQ(phrases.size(), 23u);
    EXPECT_EQ(model::phrase(Deed::reinject), "give new masters to a UKEY");
    EXPECT_EQ(model::parse_deed("reinjection").error().code, Code::invalid_argument);
    EXPECT_FALSE(model::parse_deed(""));
}

TEST(quorum, is_read_back_as_it_was_written) {
    const Quorum q = two_of_three();
    EXPECT_EQ(*Quorum::decode(q.encode()), q);
}

TEST(quorum, needs_at_least_two_and_no_more_than_there_are) {
    for (const unsigned needed : {0u, 1u, 4u}) {
        Quorum q = two_of_three();
        q.needed = needed;
        EXPECT_EQ(q.validate().error().code, Code::invalid_argument) << needed;
    }
}

TEST(quorum, takes_each_person_once) {
    Quorum q = two_of_three();
    q.officers[2].holder = "Wang";
    EXPECT_NE(q.validate().error().message.find("twice"), std::string::npos);
}

TEST(quorum, takes_each_ukey_once_and_in_order) {
    Quorum q = two_of_three();
    q.officers[1].ukey = q.officers[0].ukey;
    EXPECT_FALSE(q.validate());
    q = two_of_three();
    std::swap(q.officers[0], q.officers[1]);
    EXPECT_FALSE(q.validate());
}

TEST(quorum, with_any_byte_cut_or_added_is_malformed) {
    const base::Bytes whole = two_of_three().encode();
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(Quorum::decode(base::ByteView(whole).first(size))) << size;
    base::Bytes more = whole;
    more.push_back(0);
    EXPECT_FALSE(Quorum::decode(more));
}

TEST(approval_request, is_read_back_as_it_was_written) { EXPECT_EQ(*ApprovalRequest::decode(request().encode()), request()); }

TEST(approval_request, every_field_changes_its_bytes) {
    const base::Bytes before = request().encode();
    std::vector<ApprovalRequest> others(8, request());
    others[0].number = 8;
    others[1].home = serial("PF-2");
    others[2].deed = Deed::renew;
    others[3].by = "uid 1";
    others[4].made = 1001;
    others[5].expires = 2001;
    others[6].terms["kind"] = "key";
    others[7].generation = 2;
    for (const ApprovalRequest& other : others) EXPECT_NE(other.encode(), before);
}

TEST(approval_request, with_any_byte_cut_or_added_is_malformed) {
    const base::Bytes whole = request().encode();
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(ApprovalRequest::decode(base::ByteView(whole).first(size))) << size;
    base::Bytes more = whole;
    more.push_back(0);
    EXPECT_FALSE(ApprovalRequest::decode(more));
}

TEST(approval_request, that_is_signed_and_not_voted_on_is_never_approved) {
    ApprovalRequest r = request();
    r.generation = 0;
    ASSERT_EQ(ApprovalRequest::decode(r.encode()).value(), r);
    std::vector<Vote> votes;
    for (const Officer& o : two_of_three().officers) votes.push_back({o.ukey, true, {}});
    EXPECT_EQ(standing(r, votes, two_of_three(), r.made), Standing::voided);
}

TEST(approval_request, with_terms_out_of_order_or_twice_is_malformed) {
    ApprovalRequest r = request();
    r.terms = {{"a", "1"}, {"b", "2"}};
    base::Bytes bytes = r.encode();
    // The two names are the only places with these letters after the fixed part.
    std::swap(*std::find(bytes.rbegin(), bytes.rend(), 'a'), *std::find(bytes.rbegin(), bytes.rend(), 'b'));
    EXPECT_NE(ApprovalRequest::decode(bytes).error().message.find("order"), std::string::npos);
    bytes = r.encode();
    *std::find(bytes.rbegin(), bytes.rend(), 'b') = 'a';
    EXPECT_FALSE(ApprovalRequest::decode(bytes));
}

TEST(approval_request, refuses_what_cannot_be) {
    for (auto&& break_it : std::initializer_list<void (*)(ApprovalRequest&)>{
             [](ApprovalRequest& r) { r.number = 0; }, [](ApprovalRequest& r) { r.by.clear(); }, [](ApprovalRequest& r) { r.expires = r.made; },
             [](ApprovalRequest& r) { r.terms["Upper"] = "x"; }, [](ApprovalRequest& r) { r.terms["long"] = std::string(ApprovalRequest::kLongestTerm + 1, 'x'); }}) {
        ApprovalRequest r = request();
        break_it(r);
        EXPECT_EQ(r.validate().error().code, Code::invalid_argument);
    }
}

TEST(standing, waits_until_enough_agree) {
    EXPECT_EQ(model::standing(request(), {}, two_of_three(), 1500), Standing::waiting);
    EXPECT_EQ(model::standing(request(), {yes("OF-A")}, two_of_three(), 1500), Standing::waiting);
    EXPECT_EQ(model::standing(request(), {yes("OF-A"), yes("OF-C")}, two_of_three(), 1500), Standing::approved);
}

TEST(standing, counts_one_officer_once) { EXPECT_EQ(model::standing(request(), {yes("OF-A"), yes("OF-A")}, two_of_three(), 1500), Standing::waiting); }

TEST(standing, does_not_count_who_is_no_officer) { EXPECT_EQ(model::standing(request(), {yes("OF-A"), yes("OF-X")}, two_of_three(), 1500), Standing::waiting); }

TEST(standing, one_rejection_ends_it_whoever_agrees) {
    EXPECT_EQ(model::standing(request(), {yes("OF-A"), yes("OF-B"), no("OF-C")}, two_of_three(), 1500), Standing::rejected);
    EXPECT_EQ(model::standing(request(), {yes("OF-A"), yes("OF-B"), no("OF-X")}, two_of_three(), 1500), Standing::approved);
}

TEST(standing, nothing_is_approved_from_its_end_on) {
    EXPECT_EQ(model::standing(request(), {yes("OF-A"), yes("OF-B")}, two_of_three(), 1999), Standing::approved);
    EXPECT_EQ(model::standing(request(), {yes("OF-A"), yes("OF-B")}, two_of_three(), 2000), Standing::expired);
}

TEST(standing, is_void_once_the_quorum_has_changed) {
    Quorum changed = two_of_three();
    changed.generation = 2;
    EXPECT_EQ(model::standing(request(), {yes("OF-A"), yes("OF-B")}, changed, 1500), Standing::voided);
    changed = two_of_three();
    changed.home = serial("PF-2");
    EXPECT_EQ(model::standing(request(), {yes("OF-A"), yes("OF-B")}, changed, 1500), Standing::voided);
}

TEST(vote, for_and_against_are_different_statements) { EXPECT_NE(model::vote_statement(request().encode(), true), model::vote_statement(request().encode(), false)); }

TEST(deed, every_number_reads_back_and_no_other_does) {
    for (std::uint64_t n = 0; n < 300; ++n) {
        const auto deed = model::deed_from(n);
        EXPECT_EQ(static_cast<bool>(deed), (n >= 1 && n <= 22 && n != 18) || n == 25 || n == 26) << n;
        EXPECT_EQ(deed ? model::name(*deed) == "?" : false, false) << n;
    }
}

}  // namespace

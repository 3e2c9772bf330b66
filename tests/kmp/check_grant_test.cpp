// kmpd does not believe its database: a grant counts with the master's signature, K officers' votes for just this grant, or an officer's that only narrows.
#include <gtest/gtest.h>

#include "kmp/service/login.h"
#include "tests/kmp/doubted_database.h"

namespace {

using base::Code;

class check_grant : public DoubtedDatabase {
protected:
    tokens::UkeyRecord record;

    void SetUp() override {
        record.serial = serial("U1");
        record.kind = model::UkeyKind::user;
    }
    model::Grant grant(std::uint32_t number = 1, model::Fen per_order = model::Fen(10'000)) {
        model::Grant g = SampleLog::grant();
        g.number = number;
        g.per_order = per_order;
        return g;
    }
    tokens::SignedGrant signed_by(const TestKey& key, const model::Grant& g, std::string_view purpose = "grant") {
        tokens::SignedGrant out;
        out.grant = g;
        out.statement = g.encode();
        out.signature = key.sign_statement(purpose, purpose == "act" ? model::act_statement("narrow-grant", out.statement) : out.statement);
        return out;
    }
    static void approve(tokens::SignedGrant& g, const model::Grant& asked, const Votes& votes, const std::string& home = "P1", std::uint32_t generation = 1) {
        DoubtedDatabase::approve(g, model::Deed::issue, "grant", asked.encode(), votes, home, generation);
    }
    Code verdict() { return code_of(kmp::service::check_grant(record, books)); }
};

TEST_F(check_grant, takes_the_masters_signature_where_one_person_holds_it) {
    record.grant = signed_by(pki.issuing, grant());
    EXPECT_EQ(verdict(), kGood);
}

TEST_F(check_grant, refuses_another_signature_another_ukey_and_another_home) {
    record.grant = signed_by(stranger, grant());
    EXPECT_EQ(verdict(), Code::tampered);
    model::Grant other = grant();
    other.ukey = serial("U2");
    record.grant = signed_by(pki.issuing, other);
    EXPECT_EQ(verdict(), Code::tampered);
    other = grant();
    other.home = serial("P2");
    record.grant = signed_by(pki.issuing, other);
    EXPECT_EQ(verdict(), Code::denied);
    record.grant.reset();
    EXPECT_EQ(verdict(), Code::denied);
}

TEST_F(check_grant, wants_enough_votes_where_there_are_officers) {
    with_officers();
    record.grant = signed_by(pki.issuing, grant());
    EXPECT_EQ(verdict(), Code::tampered) << "the master's signature alone";
    approve(*record.grant, grant(), {{"OF-A", &a}});
    EXPECT_EQ(verdict(), Code::tampered) << "one of two";
    record.grant->votes.clear();
    approve(*record.grant, grant(), {{"OF-A", &a}, {"OF-A", &a}});
    EXPECT_EQ(verdict(), Code::tampered) << "one officer twice";
    record.grant->votes.clear();
    approve(*record.grant, grant(), {{"OF-A", &a}, {"OF-B", &stranger}});
    EXPECT_EQ(verdict(), Code::tampered) << "a forged vote";
    record.grant->votes.clear();
    approve(*record.grant, grant(), {{"OF-A", &a}, {"OF-B", &b}});
    EXPECT_EQ(verdict(), kGood);
}

TEST_F(check_grant, wants_votes_for_just_this_grant_on_this_platform_by_officers_of_their_time) {
    with_officers();
    record.grant = signed_by(pki.issuing, grant());
    approve(*record.grant, grant(1, model::Fen(1)), {{"OF-A", &a}, {"OF-B", &b}});
    EXPECT_EQ(verdict(), Code::tampered) << "votes for another grant";
    record.grant->votes.clear();
    approve(*record.grant, grant(), {{"OF-A", &a}, {"OF-B", &b}}, "P2");
    EXPECT_EQ(verdict(), Code::tampered) << "a request of another platform";
    record.grant->votes.clear();
    approve(*record.grant, grant(), {{"OF-A", &a}, {"OF-B", &b}}, "P1", 2);
    EXPECT_EQ(verdict(), Code::tampered) << "officers of a generation that there was not";
}

TEST_F(check_grant, takes_a_grant_that_an_officer_narrowed_and_none_that_one_widened) {
    with_officers();
    tokens::SignedGrant whole = signed_by(pki.issuing, grant());
    approve(whole, grant(), {{"OF-A", &a}, {"OF-B", &b}});
    const auto narrow = [&](const TestKey& key, model::Fen per_order) {
        record.whole = whole;
        record.grant = signed_by(key, grant(2, per_order), "act");
        record.grant->officer = serial("OF-A");
    };
    narrow(a, model::Fen(5));
    EXPECT_EQ(verdict(), kGood);
    narrow(a, model::Fen(10'001));
    EXPECT_EQ(verdict(), Code::refused);
    narrow(stranger, model::Fen(5));
    EXPECT_EQ(verdict(), Code::tampered);
    narrow(b, model::Fen(5));
    EXPECT_EQ(verdict(), Code::tampered) << "in another officer's name";
    narrow(a, model::Fen(5));
    record.whole.reset();
    EXPECT_EQ(verdict(), Code::tampered) << "without the grant that it narrows";
}

}  // namespace

// What an auditor finds of dual control: every grant has K genuine votes for just this grant, and one officer only narrows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/approval.h"
#include "tests/audit/sample_log.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using testing::ElementsAre;
using testing::IsEmpty;

base::UkeySerial serial(const std::string& text) { return base::UkeySerial::parse(text).value(); }

/// The log of a utility where two of three officers must agree.
struct DualLog {
    SampleLog log;
    TestKey a{TestKey::Type::p256}, b{TestKey::Type::p256}, c{TestKey::Type::p256}, stranger{TestKey::Type::p256};

    model::Quorum quorum() const {
        model::Quorum q;
        q.home = serial("P1");
        q.generation = 1;
        q.needed = 2;
        q.officers = {{serial("OF-A"), "Wang", a.spki()}, {serial("OF-B"), "Zhao", b.spki()}, {serial("OF-C"), "Liu", c.spki()}};
        return q;
    }
    /// genesis with its officers; U1 initialised and issued.
    void begin(const TestKey& signer) {
        const base::Bytes statement = quorum().encode();
        log.add(log.genesis().bytes(Field::quorum, statement).bytes(Field::signature, signer.sign_statement("quorum", statement)));
        log.add(Event(EventType::ukey_initialised).text(Field::ukey, "U1").value(Field::ukey_kind, model::UkeyKind::user));
        log.add(Event(EventType::ukey_issued).text(Field::ukey, "U1").value(Field::ukey_kind, model::UkeyKind::user));
    }
    void begin() { begin(log.pki.issuing); }

    static model::ApprovalRequest request(const model::Grant& grant) {
        model::ApprovalRequest r;
        r.number = 1;
        r.home = serial("P1");
        r.generation = 1;
        r.deed = model::Deed::issue;
        r.by = "uid 0";
        r.made = kDayOne;
        r.expires = kDayOne + base::kDay;
        r.terms = {{"grant", base::to_string(grant.encode())}};
        return r;
    }
    void ask(const model::ApprovalRequest& r) { log.add(Event(EventType::request_made).number(Field::request_number, r.number).bytes(Field::statement, r.encode())); }
    void vote(const model::ApprovalRequest& r, const std::string& officer, const TestKey& key, bool agrees = true) {
        log.add(Event(EventType::request_voted).number(Field::request_number, r.number).text(Field::ukey, officer).number(Field::agrees, agrees ? 1 : 0)
                    .bytes(Field::signature, key.sign_statement("approval", model::vote_statement(r.encode(), agrees))));
    }
    void grant(const model::Grant& g, std::uint64_t number = 1) { log.add(log.grant_set(g).number(Field::request_number, number)); }
    void narrow(const model::Grant& g, const std::string& officer, const TestKey& key) {
        const base::Bytes statement = g.encode();
        log.add(Event(EventType::grant_set).text(Field::ukey, g.ukey.text()).number(Field::grant_number, g.number).bytes(Field::grant, statement).text(Field::officer, officer)
                    .bytes(Field::signature, key.sign_statement("act", model::act_statement("narrow-grant", statement))));
    }
    /// An honest grant 1: asked for, agreed to by A and B, set. Records 3 to 6.
    void granted() {
        const auto r = request(SampleLog::grant());
        ask(r);
        vote(r, "OF-A", a);
        vote(r, "OF-B", b);
        grant(SampleLog::grant());
    }
    std::vector<std::string> findings() { return rules_of(log.verify()); }
};

model::Grant second(model::Fen per_order) {
    model::Grant g = SampleLog::grant();
    g.number = 2;
    g.per_order = per_order;
    return g;
}

TEST(quorum_rules, an_approved_grant_is_sound) {
    DualLog d;
    d.begin();
    d.granted();
    EXPECT_THAT(d.findings(), IsEmpty());
}

TEST(quorum_rules, a_grant_with_too_few_votes_is_found) {
    DualLog d;
    d.begin();
    const auto r = DualLog::request(SampleLog::grant());
    d.ask(r);
    d.vote(r, "OF-A", d.a);
    d.vote(r, "OF-A", d.a);
    d.vote(r, "OF-C", d.c, false);
    d.grant(SampleLog::grant());
    EXPECT_THAT(d.findings(), ElementsAre("quorum@7"));
}

TEST(quorum_rules, a_grant_that_nobody_was_asked_for_is_found) {
    DualLog d;
    d.begin();
    d.log.add(d.log.grant_set(SampleLog::grant()));
    EXPECT_THAT(d.findings(), ElementsAre("quorum@3"));
}

TEST(quorum_rules, votes_for_another_grant_do_not_count) {
    DualLog d;
    d.begin();
    const auto r = DualLog::request(second(model::Fen(1)));
    d.ask(r);
    d.vote(r, "OF-A", d.a);
    d.vote(r, "OF-B", d.b);
    d.grant(SampleLog::grant());
    EXPECT_THAT(d.findings(), ElementsAre("quorum@6"));
}

TEST(quorum_rules, a_forged_vote_is_found_and_does_not_count) {
    DualLog d;
    d.begin();
    const auto r = DualLog::request(SampleLog::grant());
    d.ask(r);
    d.vote(r, "OF-A", d.a);
    d.vote(r, "OF-B", d.stranger);
    d.grant(SampleLog::grant());
    EXPECT_THAT(d.findings(), ElementsAre("quorum@5", "quorum@6"));
}

TEST(quorum_rules, who_is_no_officer_does_not_vote) {
    DualLog d;
    d.begin();
    const auto r = DualLog::request(SampleLog::grant());
    d.ask(r);
    d.vote(r, "OF-X", d.stranger);
    EXPECT_THAT(d.findings(), ElementsAre("quorum@4"));
}

TEST(quorum_rules, officers_that_the_anchor_did_not_sign_are_found) {
    DualLog d;
    d.begin(d.stranger);
    EXPECT_THAT(d.findings(), ElementsAre("quorum@0"));
}

TEST(quorum_rules, one_officer_may_narrow_a_grant) {
    DualLog d;
    d.begin();
    d.granted();
    d.narrow(second(model::Fen(5)), "OF-C", d.c);
    EXPECT_THAT(d.findings(), IsEmpty());
}

TEST(quorum_rules, one_officer_who_widens_a_grant_is_found) {
    DualLog d;
    d.begin();
    d.granted();
    model::Grant wider = second(model::Fen(10'001));
    d.narrow(wider, "OF-C", d.c);
    EXPECT_THAT(d.findings(), ElementsAre("quorum@7"));
}

TEST(quorum_rules, a_narrowed_grant_that_no_officer_signed_is_found) {
    DualLog d;
    d.begin();
    d.granted();
    d.narrow(second(model::Fen(5)), "OF-C", d.stranger);
    EXPECT_THAT(d.findings(), ElementsAre("quorum@7"));
    DualLog e;
    e.begin();
    e.granted();
    e.narrow(second(model::Fen(5)), "OF-X", e.stranger);
    EXPECT_THAT(e.findings(), ElementsAre("quorum@7"));
}

TEST(quorum_rules, where_one_person_holds_the_master_nobody_votes) {
    SampleLog log;
    log.begin();
    EXPECT_THAT(rules_of(log.verify()), IsEmpty());
}

}  // namespace

// What an auditor finds of dual control: every grant has K genuine votes for just this grant, and one officer only narrows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/replay.h"
#include "model/quorum_change.h"
#include "tests/audit/officers.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using testing::ElementsAre;
using testing::IsEmpty;

using officers::serial;

/// The log of a utility where two of three officers must agree.
struct DualLog {
    SampleLog log;
    TestKey a{TestKey::Type::p256}, b{TestKey::Type::p256}, c{TestKey::Type::p256}, stranger{TestKey::Type::p256};

    model::Quorum quorum() const { return officers::two_of({{serial("OF-A"), "Wang", a.spki()}, {serial("OF-B"), "Zhao", b.spki()}, {serial("OF-C"), "Liu", c.spki()}}); }
    /// genesis with its officers; U1 initialised and issued.
    void begin(const TestKey& signer) {
        log.add(officers::genesis(log, quorum(), signer));
        log.add(Event(EventType::ukey_initialised).text(Field::ukey, "U1").value(Field::ukey_kind, model::UkeyKind::user));
        log.add(Event(EventType::ukey_issued).text(Field::ukey, "U1").value(Field::ukey_kind, model::UkeyKind::user));
    }
    void begin() { begin(log.pki.issuing); }

    static model::ApprovalRequest request(const model::Grant& grant) { return officers::request(1, model::Deed::issue, {{"grant", base::to_string(grant.encode())}}); }
    void ask(const model::ApprovalRequest& r) { log.add(officers::made(r)); }
    void vote(const model::ApprovalRequest& r, const std::string& officer, const TestKey& key, bool agrees = true) { log.add(officers::vote(r, officer, key, agrees)); }
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

/// Officer C goes, D comes, and all three must agree from then on.
struct Changed : DualLog {
    TestKey d{TestKey::Type::p256};

    model::QuorumChange change() const { return {3, {serial("OF-A"), serial("OF-B")}, {{serial("OF-D"), "desk", "Chen"}}}; }
    model::ApprovalRequest request() const {
        model::ApprovalRequest r = DualLog::request(SampleLog::grant());
        r.deed = model::Deed::change_quorum;
        r.terms = change().terms(quorum());
        return r;
    }
    model::Quorum after() const {
        model::Quorum q = quorum();
        q.generation = 2;
        q.needed = 3;
        q.officers[2] = {serial("OF-D"), "Chen", d.spki()};
        return q;
    }
    void set(const model::Quorum& q, const TestKey& signer) {
        log.add(Event(EventType::quorum_set).bytes(Field::quorum, q.encode()).bytes(Field::signature, signer.sign_statement("quorum", q.encode())).number(Field::request_number, 1));
    }
    void agreed() {
        begin();
        ask(request());
        vote(request(), "OF-A", a);
        vote(request(), "OF-B", b);
    }
    /// What was agreed is done, and request 2 is for grant 1, with the votes of A, of this one and of D.
    void granted_after(const std::string& officer, const TestKey& key) {
        agreed();
        set(after(), log.pki.issuing);
        model::ApprovalRequest r = DualLog::request(SampleLog::grant());
        r.number = 2;
        r.generation = 2;
        ask(r);
        vote(r, "OF-A", a);
        vote(r, officer, key);
        vote(r, "OF-D", d);
        grant(SampleLog::grant(), 2);
    }
};

TEST(quorum_rules, officers_change_as_those_before_them_agreed) {
    Changed c;
    c.agreed();
    c.set(c.after(), c.log.pki.issuing);
    EXPECT_THAT(c.findings(), IsEmpty());
}

TEST(quorum_rules, votes_count_by_the_officers_of_their_time) {
    Changed c;
    c.granted_after("OF-C", c.c);
    EXPECT_THAT(c.findings(), ElementsAre("quorum@9", "quorum@11"));
}

TEST(quorum_rules, who_was_an_officer_narrows_no_grant_and_releases_no_station) {
    Changed c;
    c.granted_after("OF-B", c.b);
    c.log.add(Event(EventType::station_held).text(Field::station, "s-1").number(Field::count, 6).number(Field::amount, 600).number(Field::minutes, 10));
    EXPECT_THAT(c.findings(), IsEmpty());
    c.narrow(second(model::Fen(5)), "OF-C", c.c);
    c.log.add(Event(EventType::station_released).text(Field::station, "s-1").text(Field::reason, "x").time(Field::happened_at, kDayOne).text(Field::officer, "OF-C")
                  .bytes(Field::signature, c.c.sign_statement("act", audit::release_statement("s-1", kDayOne))));
    EXPECT_THAT(c.findings(), ElementsAre("quorum@13", "quorum@14"));
}

TEST(quorum_rules, a_change_of_officers_with_too_few_votes_is_found) {
    Changed c;
    c.begin();
    c.ask(c.request());
    c.vote(c.request(), "OF-A", c.a);
    c.set(c.after(), c.log.pki.issuing);
    EXPECT_THAT(c.findings(), ElementsAre("quorum@5"));
}

TEST(quorum_rules, other_officers_than_were_agreed_are_found) {
    for (const auto& twist : std::vector<std::function<void(model::Quorum&, const TestKey&)>>{
             [](model::Quorum& q, const TestKey&) { q.needed = 2; },
             [](model::Quorum& q, const TestKey& stranger) { q.officers[0].identity = stranger.spki(); },
             [](model::Quorum& q, const TestKey&) { q.officers[2].holder = "Sun"; },
             [](model::Quorum& q, const TestKey&) { q.officers.push_back({serial("OF-E"), "Sun", q.officers[0].identity}); },
             [](model::Quorum& q, const TestKey&) { q.home = serial("P2"); },
         }) {
        Changed c;
        c.agreed();
        model::Quorum q = c.after();
        twist(q, c.stranger);
        c.set(q, c.log.pki.issuing);
        EXPECT_THAT(c.findings(), ElementsAre("quorum@6"));
    }
}

TEST(quorum_rules, a_change_of_officers_under_a_request_for_something_else_is_found) {
    Changed c;
    c.begin();
    c.granted();
    c.set(c.after(), c.log.pki.issuing);
    EXPECT_THAT(c.findings(), ElementsAre("quorum@7"));
}

TEST(quorum_rules, other_officers_that_the_master_did_not_sign_are_found) {
    Changed c;
    c.agreed();
    c.set(c.after(), c.stranger);
    EXPECT_THAT(c.findings(), ElementsAre("quorum@6"));
}

TEST(quorum_rules, officers_in_a_log_that_began_with_one_person_are_found) {
    Changed c;
    c.log.begin();
    c.set(c.after(), c.log.pki.issuing);
    EXPECT_THAT(c.findings(), testing::Contains(testing::StartsWith("quorum@")));
}

/// A request for one more download of meter 123456, and what it allows.
model::ApprovalRequest download_request() {
    model::ApprovalRequest r = DualLog::request(SampleLog::grant());
    r.number = 2;
    r.deed = model::Deed::recover_meter;
    r.terms = {{"meter", "000000123456"}, {"reason", "new board"}, {"days", "7"}};
    return r;
}
Event download_allowed(std::uint64_t meter = 123456) {
    return std::move(Event(EventType::download_allowed).number(Field::meter, meter).text(Field::reason, "new board").time(Field::not_after, kDayOne + base::kDay).number(Field::request_number, 2));
}

TEST(quorum_rules, a_download_that_officers_agreed_to_is_sound_once) {
    DualLog d;
    d.begin();
    const auto r = download_request();
    d.ask(r);
    d.vote(r, "OF-A", d.a);
    d.vote(r, "OF-B", d.b);
    d.log.add(download_allowed());
    EXPECT_THAT(d.findings(), IsEmpty());
    d.log.add(download_allowed());
    EXPECT_THAT(d.findings(), ElementsAre("quorum@7"));
}

TEST(quorum_rules, a_download_that_too_few_agreed_to_or_for_another_meter_is_found) {
    DualLog d;
    d.begin();
    const auto r = download_request();
    d.ask(r);
    d.vote(r, "OF-A", d.a);
    d.log.add(download_allowed());
    EXPECT_THAT(d.findings(), ElementsAre("quorum@5"));
    DualLog e;
    e.begin();
    e.ask(r);
    e.vote(r, "OF-A", e.a);
    e.vote(r, "OF-B", e.b);
    e.log.add(download_allowed(999));
    EXPECT_THAT(e.findings(), ElementsAre("quorum@6"));
}

TEST(quorum_rules, where_one_person_holds_the_master_nobody_votes) {
    SampleLog log;
    log.begin();
    EXPECT_THAT(rules_of(log.verify()), IsEmpty());
}

}  // namespace

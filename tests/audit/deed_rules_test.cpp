// What an auditor finds of deeds: what was done by an officer's hand, or the master-control UKEY's, carries that hand's signature over just that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/replay.h"
#include "base/digest.h"
#include "model/retention.h"
#include "tests/audit/officers.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using model::Deed;
using model::UkeyAction;
using model::UkeyKind;
using model::UkeyState;
using testing::ElementsAre;
using testing::Contains;
using testing::IsEmpty;
using testing::StartsWith;

using Terms = std::map<std::string, std::string>;

constexpr base::Millis kEnd = kDayOne + 30 * base::kDay;

using officers::serial;

/// A log of one person with the master-control UKEY M1, which owes signed deeds from its genesis on.
struct DeedLog {
    SampleLog log;
    TestKey stranger{TestKey::Type::p256};

    model::ApprovalRequest deed(Deed what, Terms terms) const {
        model::ApprovalRequest r;
        r.number = log.records.size();
        r.home = serial("P1");
        r.deed = what;
        r.by = "uid 0";
        r.made = log.now;
        r.expires = log.now + model::ApprovalRequest::kLife;
        r.terms = std::move(terms);
        return r;
    }
    std::uint64_t sign(const model::ApprovalRequest& r, const TestKey& key, const std::string& master = "M1") {
        log.add(Event(EventType::deed_signed).text(Field::ukey, master).bytes(Field::statement, r.encode()).bytes(Field::signature, key.sign_statement("deed", r.encode())));
        return log.records.size() - 1;
    }
    std::uint64_t sign(Deed what, Terms terms) { return sign(deed(what, std::move(terms)), log.pki.issuing); }

    Terms ceremony_terms() const {
        return {{"origin", SampleLog::kOrigin}, {"checkpoint_key", base::to_hex(base::sha256(log.pki.checkpoint.spki()))}, {"day_offset_minutes", "480"},
                {"ukeys", "P1\tplatform\tkmpd\nM1\tmaster-control\tLi Wei\n"}, {"minutes", "held"}};
    }
    /// Records 0 to 6: genesis, what was signed of it, two UKEYs, the minutes.
    void begin(const TestKey& signer, Terms terms) {
        log.add(log.genesis().text(Field::ukey, "P1").number(Field::rules, audit::kDeedsSigned));
        const std::uint64_t word = sign(deed(Deed::hold_ceremony, std::move(terms)), signer);
        for (const auto& [ukey, kind, holder] : {std::tuple{"P1", UkeyKind::platform, "kmpd"}, std::tuple{"M1", UkeyKind::master_control, "Li Wei"}}) {
            log.add(Event(EventType::ukey_initialised).text(Field::ukey, ukey).value(Field::ukey_kind, kind));
            log.add(Event(EventType::ukey_issued).text(Field::ukey, ukey).value(Field::ukey_kind, kind).text(Field::holder, holder).number(Field::deed, word));
        }
        log.add(Event(EventType::ceremony_minutes).text(Field::note, "held").number(Field::deed, word));
    }
    void begin() { begin(log.pki.issuing, ceremony_terms()); }
    /// Records 7 to 10: U1 of the user kind, issued with its grant.
    void issue() {
        const model::Grant grant = SampleLog::grant();
        const std::uint64_t word = sign(Deed::issue, {{"ukey", "U1"}, {"kind", "user"}, {"holder", "Han"}, {"valid_until", base::to_rfc3339(kEnd)}, {"grant", base::to_string(grant.encode())}});
        log.add(Event(EventType::ukey_initialised).text(Field::ukey, "U1").value(Field::ukey_kind, UkeyKind::user));
        log.add(Event(EventType::ukey_issued).text(Field::ukey, "U1").value(Field::ukey_kind, UkeyKind::user).text(Field::holder, "Han").time(Field::not_after, kEnd).number(Field::deed, word));
        log.add(log.grant_set(grant).number(Field::deed, word));
    }
    std::vector<std::string> findings() { return rules_of(log.verify()); }
};

model::Account account() { return {"shop-7", serial("U1"), "Han", serial("P1"), kDayOne + base::kDay, 1}; }

model::Retention policy() { return {serial("P1"), 1, 400, 4000}; }

Event state(UkeyAction action, UkeyState from, UkeyState to, const std::string& ukey = "U1") {
    return Event(EventType::ukey_state_changed).text(Field::ukey, ukey).value(Field::ukey_kind, UkeyKind::user).value(Field::action, action).value(Field::state_from, from).value(Field::state_to, to);
}

/// What can come of a deed, the deed that it comes of, and the same with one thing in it that was not signed.
struct Outcome {
    const char* name;
    Deed deed;
    Terms terms;
    std::function<Event(const DeedLog&)> event;
    std::string bent_term;
    std::string bent_to;
};

std::vector<Outcome> outcomes() {
    const std::string grant2 = [] {
        model::Grant g = SampleLog::grant();
        g.number = 2;
        return base::to_string(g.encode());
    }();
    return {
        {"ukey_renewed", Deed::renew, {{"ukey", "U1"}, {"valid_until", base::to_rfc3339(kEnd)}}, [](const DeedLog&) { return Event(EventType::ukey_renewed).text(Field::ukey, "U1").time(Field::not_after, kEnd); },
         "valid_until", base::to_rfc3339(kEnd + 1)},
        {"masters_injected", Deed::reinject, {{"ukey", "U1"}, {"up_to_version", "2"}},
         [](const DeedLog&) { return Event(EventType::masters_injected).text(Field::ukey, "U1").number(Field::classes, 16).number(Field::key_version, 2); }, "ukey", "U2"},
        {"suspend", Deed::revoke, {{"ukey", "U1"}, {"action", "suspend"}, {"reason", "lent"}}, [](const DeedLog&) { return state(UkeyAction::suspend, UkeyState::issued, UkeyState::suspended).text(Field::reason, "lent"); },
         "action", "revoke"},
        {"revoke", Deed::revoke, {{"ukey", "U1"}, {"action", "revoke"}, {"reason", "left"}}, [](const DeedLog&) { return state(UkeyAction::revoke, UkeyState::issued, UkeyState::revoked).text(Field::reason, "left"); },
         "ukey", "U2"},
        {"report-lost", Deed::revoke, {{"ukey", "U1"}, {"action", "report-lost"}, {"reason", "lost"}}, [](const DeedLog&) { return state(UkeyAction::report_lost, UkeyState::issued, UkeyState::lost).text(Field::reason, "lost"); },
         "reason", "stolen"},
        {"grant_set", Deed::set_grant, {{"ukey", "U1"}, {"grant", grant2}},
         [](const DeedLog& l) {
             model::Grant g = SampleLog::grant();
             g.number = 2;
             return l.log.grant_set(g);
         },
         "grant", "another"},
        {"keys_rotated", Deed::rotate, {{"version", "2"}, {"classes", "remote, credit"}, {"reason", "yearly"}},
         [](const DeedLog&) { return Event(EventType::keys_rotated).number(Field::classes, 4 | 16).number(Field::key_version, 2).text(Field::reason, "yearly"); }, "classes", "credit"},
        {"keys_destroyed", Deed::destroy_version, {{"version", "1"}, {"masters", "credit 1"}, {"reason", "old"}, {"meters_lost", "7"}},
         [](const DeedLog&) { return Event(EventType::keys_destroyed).number(Field::classes, 16).number(Field::key_version, 1).number(Field::count, 7).text(Field::reason, "old").text(Field::detail, "credit 1"); },
         "meters_lost", "6"},
        {"account_set", Deed::issue_account, {{"account", base::to_string(account().encode())}},
         [](const DeedLog& l) {
             const base::Bytes s = account().encode();
             return Event(EventType::account_set).text(Field::account, "shop-7").text(Field::ukey, "U1").bytes(Field::account_statement, s).bytes(Field::signature, l.log.pki.issuing.sign_statement("account", s));
         },
         "account", "another"},
        {"backup_made", Deed::backup, {{"folder", "/b"}}, [](const DeedLog&) { return Event(EventType::backup_made).number(Field::size, 5).bytes(Field::data_hash, base::sha256({})).text(Field::detail, "in /b"); },
         "folder", "/c"},
        {"download_allowed", Deed::recover_meter, {{"meter", "100000000001"}, {"reason", "burnt"}, {"days", "3"}},
         [](const DeedLog&) { return Event(EventType::download_allowed).number(Field::meter, 100'000'000'001).text(Field::reason, "burnt").time(Field::not_after, kDayOne + 3 * base::kDay); }, "days", "2"},
        {"retention_set", Deed::retention, {{"retention", base::to_string(policy().encode())}},
         [](const DeedLog& l) {
             const base::Bytes s = policy().encode();
             return Event(EventType::retention_set).number(Field::days, 400).number(Field::keep_days, 4000).bytes(Field::statement, s).bytes(Field::signature, l.log.pki.issuing.sign_statement("retention", s));
         },
         "retention", "another"},
    };
}

TEST(deed_rules, a_ceremony_and_an_issue_that_the_master_control_ukey_signed_are_sound) {
    DeedLog l;
    l.begin();
    l.issue();
    EXPECT_THAT(l.findings(), IsEmpty());
}

TEST(deed_rules, what_was_signed_is_sound_and_comes_to_pass_once) {
    for (const Outcome& o : outcomes()) {
        DeedLog l;
        l.begin();
        l.issue();
        const std::uint64_t word = l.sign(o.deed, o.terms);
        l.log.add(o.event(l).number(Field::deed, word));
        EXPECT_THAT(l.findings(), IsEmpty()) << o.name;
        const std::string again = std::to_string(l.log.records.size());
        l.log.add(o.event(l).number(Field::deed, word));
        EXPECT_THAT(l.findings(), Contains("deed@" + again)) << o.name;
    }
}

TEST(deed_rules, what_nobody_signed_is_found) {
    for (const Outcome& o : outcomes()) {
        DeedLog l;
        l.begin();
        l.issue();
        l.log.add(o.event(l));
        EXPECT_THAT(l.findings(), ElementsAre("deed@11")) << o.name;
    }
}

TEST(deed_rules, what_was_signed_otherwise_is_found) {
    for (const Outcome& o : outcomes()) {
        DeedLog l;
        l.begin();
        l.issue();
        Terms bent = o.terms;
        bent[o.bent_term] = o.bent_to;
        l.log.add(o.event(l).number(Field::deed, l.sign(o.deed, bent)));
        EXPECT_THAT(l.findings(), ElementsAre("deed@12")) << o.name;
    }
}

TEST(deed_rules, what_a_stranger_signed_is_found_with_all_that_comes_of_it) {
    for (const Outcome& o : outcomes()) {
        DeedLog l;
        l.begin();
        l.issue();
        const std::uint64_t word = l.sign(l.deed(o.deed, o.terms), l.stranger);
        l.log.add(o.event(l).number(Field::deed, word));
        EXPECT_THAT(l.findings(), ElementsAre("deed@11", "deed@12")) << o.name;
    }
}

TEST(deed_rules, what_a_deed_of_another_kind_is_named_for_is_found) {
    for (const Outcome& o : outcomes()) {
        DeedLog l;
        l.begin();
        l.issue();
        const std::uint64_t word = l.sign(Deed::publish_crl, o.terms);
        l.log.add(o.event(l).number(Field::deed, word));
        EXPECT_THAT(l.findings(), ElementsAre("deed@12")) << o.name;
    }
}

TEST(deed_rules, a_deed_that_is_used_after_a_day_is_found) {
    for (const Outcome& o : outcomes()) {
        DeedLog l;
        l.begin();
        l.issue();
        const std::uint64_t word = l.sign(o.deed, o.terms);
        l.log.now += model::ApprovalRequest::kLife;
        l.log.add(o.event(l).number(Field::deed, word));
        EXPECT_THAT(l.findings(), ElementsAre("deed@12")) << o.name;
    }
}

TEST(deed_rules, a_deed_that_was_signed_before_does_not_come_twice) {
    DeedLog l;
    l.begin();
    const auto earlier = l.deed(Deed::publish_crl, {});
    l.sign(earlier, l.log.pki.issuing);
    l.sign(earlier, l.log.pki.issuing);
    EXPECT_THAT(l.findings(), ElementsAre("deed@8"));
}

TEST(deed_rules, a_deed_that_is_dated_otherwise_or_ahead_of_the_log_is_found) {
    DeedLog l;
    l.begin();
    auto early = l.deed(Deed::publish_crl, {});
    early.made += base::kMinute + 1;
    l.sign(early, l.log.pki.issuing);
    auto ahead = l.deed(Deed::publish_crl, {});
    ahead.number += 1;
    l.sign(ahead, l.log.pki.issuing);
    EXPECT_THAT(l.findings(), ElementsAre("deed@7", "deed@8"));
}

TEST(deed_rules, a_log_that_the_trust_anchor_did_not_begin_is_found) {
    DeedLog forged;
    forged.begin(forged.stranger, forged.ceremony_terms());
    EXPECT_THAT(forged.findings(), ElementsAre("deed@1", "deed@3", "deed@5", "deed@6"));
    for (const char* term : {"origin", "checkpoint_key", "day_offset_minutes"}) {
        DeedLog other;
        Terms terms = other.ceremony_terms();
        terms[term] = "other";
        other.begin(other.log.pki.issuing, terms);
        EXPECT_THAT(other.findings(), ElementsAre("deed@1")) << term;
    }
}

TEST(deed_rules, a_log_whose_second_record_is_not_the_ceremony_s_deed_is_found) {
    DeedLog none;
    none.log.add(none.log.genesis().text(Field::ukey, "P1").number(Field::rules, audit::kDeedsSigned));
    none.log.add(Event(EventType::service_started).text(Field::version, "1"));
    EXPECT_THAT(none.findings(), ElementsAre("deed@1"));
    DeedLog other;
    other.log.add(other.log.genesis().text(Field::ukey, "P1").number(Field::rules, audit::kDeedsSigned));
    other.sign(Deed::publish_crl, {});
    EXPECT_THAT(other.findings(), ElementsAre("deed@1"));
}

TEST(deed_rules, the_verdict_says_from_which_record_on_deeds_are_owed) {
    DeedLog l;
    l.begin();
    EXPECT_EQ(l.log.verify().deeds_from, 0u);
    SampleLog old;
    old.begin();
    EXPECT_EQ(old.verify().deeds_from, std::nullopt) << "that it leaves them out is no finding, and is told";
    old.add(Event(EventType::service_started).text(Field::version, "2").number(Field::rules, audit::kDeedsSigned));
    EXPECT_EQ(old.verify().deeds_from, old.records.size() - 1);
}

TEST(deed_rules, rules_that_this_program_does_not_know_are_told) {
    SampleLog log;
    log.begin();
    log.add(Event(EventType::service_started).text(Field::version, "9").number(Field::rules, audit::kDeedsSigned + 1));
    EXPECT_THAT(rules_of(log.verify()), ElementsAre("format@4"));
}

TEST(deed_rules, a_ukey_that_was_not_at_the_ceremony_is_found) {
    DeedLog l;
    Terms terms = l.ceremony_terms();
    terms["ukeys"] = "P1\tplatform\tkmpd\n";
    l.begin(l.log.pki.issuing, terms);
    EXPECT_THAT(l.findings(), ElementsAre("deed@5"));
}

TEST(deed_rules, a_ukey_that_is_issued_by_the_ceremony_s_word_after_it_is_found) {
    DeedLog l;
    Terms terms = l.ceremony_terms();
    terms["ukeys"] += "M2\tmaster-control\tLi Wei\n";
    l.begin(l.log.pki.issuing, terms);
    l.log.add(Event(EventType::ukey_initialised).text(Field::ukey, "M2").value(Field::ukey_kind, UkeyKind::master_control));
    l.log.add(Event(EventType::ukey_issued).text(Field::ukey, "M2").value(Field::ukey_kind, UkeyKind::master_control).text(Field::holder, "Li Wei").number(Field::deed, 1));
    EXPECT_THAT(l.findings(), ElementsAre("deed@8"));
}

TEST(deed_rules, an_issued_ukey_with_another_kind_holder_or_end_is_found) {
    const Terms terms{{"ukey", "U1"}, {"kind", "user"}, {"holder", "Han"}, {"valid_until", base::to_rfc3339(kEnd)}};
    for (const char* term : {"ukey", "kind", "holder", "valid_until"}) {
        DeedLog l;
        l.begin();
        Terms bent = terms;
        bent[term] = "other";
        const std::uint64_t word = l.sign(Deed::issue, bent);
        l.log.add(Event(EventType::ukey_initialised).text(Field::ukey, "U1").value(Field::ukey_kind, UkeyKind::user));
        l.log.add(Event(EventType::ukey_issued).text(Field::ukey, "U1").value(Field::ukey_kind, UkeyKind::user).text(Field::holder, "Han").time(Field::not_after, kEnd).number(Field::deed, word));
        EXPECT_THAT(l.findings(), ElementsAre("deed@9")) << term;
    }
}

TEST(deed_rules, a_new_pin_after_an_unblocking_takes_a_word_and_the_holder_s_own_takes_none) {
    DeedLog l;
    l.begin();
    l.issue();
    l.log.add(Event(EventType::pin_changed).text(Field::ukey, "U1"));
    l.log.add(Event(EventType::intent_opened).text(Field::ukey, "U1").value(Field::action, UkeyAction::unblock));
    l.log.add(Event(EventType::pin_changed).text(Field::ukey, "U1").number(Field::intent, 12));
    EXPECT_THAT(l.findings(), ElementsAre("deed@13"));
}

TEST(deed_rules, an_account_is_disabled_by_a_hand_that_signs_its_statement) {
    const auto disable = [](DeedLog& l, const TestKey& key, const base::Bytes& about) {
        l.log.add(Event(EventType::account_state_changed).text(Field::account, "shop-7").value(Field::account_change, model::AccountChange::disable)
                      .bytes(Field::signature, key.sign_statement("revocation", model::act_statement("disable-account", about))));
    };
    for (const bool genuine : {true, false}) {
        DeedLog l;
        l.begin();
        l.issue();
        const base::Bytes s = account().encode();
        const std::uint64_t word = l.sign(Deed::issue_account, {{"account", base::to_string(s)}});
        l.log.add(Event(EventType::account_set).text(Field::account, "shop-7").text(Field::ukey, "U1").bytes(Field::account_statement, s)
                      .bytes(Field::signature, l.log.pki.issuing.sign_statement("account", s)).number(Field::deed, word));
        disable(l, genuine ? l.log.pki.issuing : l.stranger, s);
        EXPECT_EQ(l.findings(), genuine ? std::vector<std::string>() : std::vector<std::string>{"deed@13"});
    }
}

TEST(deed_rules, what_the_service_does_by_itself_takes_nobody_s_word) {
    DeedLog l;
    l.begin();
    l.issue();
    l.log.add(Event(EventType::copy_suspected).text(Field::ukey, "U1"));
    l.log.add(state(UkeyAction::suspend, UkeyState::issued, UkeyState::suspended));
    EXPECT_THAT(l.findings(), IsEmpty());
    l.log.add(state(UkeyAction::resume, UkeyState::suspended, UkeyState::issued));
    EXPECT_THAT(l.findings(), ElementsAre("deed@13"));
}

TEST(deed_rules, a_log_that_was_begun_before_they_held_owes_them_from_the_start_of_a_newer_service_on) {
    SampleLog log;
    log.begin();
    log.add(Event(EventType::keys_rotated).number(Field::classes, 16).number(Field::key_version, 2));
    EXPECT_THAT(rules_of(log.verify()), IsEmpty());
    log.add(Event(EventType::service_started).text(Field::version, "2").number(Field::rules, audit::kDeedsSigned));
    log.add(Event(EventType::keys_rotated).number(Field::classes, 16).number(Field::key_version, 3));
    EXPECT_THAT(rules_of(log.verify()), ElementsAre("deed@6"));
    log.add(Event(EventType::service_started).text(Field::version, "1"));
    log.add(Event(EventType::keys_rotated).number(Field::classes, 16).number(Field::key_version, 4));
    EXPECT_THAT(rules_of(log.verify()), ElementsAre("deed@6", "deed@8"));
}

// ---- officers -------------------------------------------------------------------------------------------------------

/// The same utility with two of three officers.
struct OfficerLog : DeedLog {
    TestKey a{TestKey::Type::p256}, b{TestKey::Type::p256};

    void begin_with_officers() {
        log.add(officers::genesis(log, officers::two(a, b), log.pki.issuing).text(Field::ukey, "P1").number(Field::rules, audit::kDeedsSigned));
        Terms terms = ceremony_terms();
        terms["ukeys"] = "OF-A\tofficer\tWang\nOF-B\tofficer\tZhao\nU1\tuser\tHan\n";
        const std::uint64_t word = sign(Deed::hold_ceremony, terms);
        for (const auto& [ukey, kind, holder] : {std::tuple{"OF-A", UkeyKind::officer, "Wang"}, std::tuple{"OF-B", UkeyKind::officer, "Zhao"}, std::tuple{"U1", UkeyKind::user, "Han"}}) {
            log.add(Event(EventType::ukey_initialised).text(Field::ukey, ukey).value(Field::ukey_kind, kind));
            log.add(Event(EventType::ukey_issued).text(Field::ukey, ukey).value(Field::ukey_kind, kind).text(Field::holder, holder).number(Field::deed, word));
        }
        log.add(Event(EventType::ceremony_minutes).text(Field::note, "held").number(Field::deed, word));  // 8
    }
    std::uint64_t agree(Deed what, Terms terms, bool both = true) {
        model::ApprovalRequest r = deed(what, std::move(terms));
        r.generation = 1;
        log.add(officers::made(r));
        log.add(officers::vote(r, "OF-A", a));
        if (both) log.add(officers::vote(r, "OF-B", b));
        return r.number;
    }
    /// What officer `who` does alone to `ukey`, a user UKEY as he says, signed with `key`.
    void alone(const char* who, const TestKey& key, UkeyAction action, UkeyState from, UkeyState to, UkeyState signed_to, const std::string& ukey = "U1") {
        base::ByteWriter w;
        w.sized16(ukey);
        for (const auto v : {static_cast<unsigned>(action), static_cast<unsigned>(from), static_cast<unsigned>(signed_to)}) w.u8(static_cast<std::uint8_t>(v));
        w.u64(static_cast<std::uint64_t>(log.now));
        log.add(state(action, from, to, ukey).text(Field::officer, who).time(Field::happened_at, log.now).bytes(Field::signature, key.sign_statement("act", model::act_statement(model::name(action), w.view()))));
    }
};

TEST(deed_rules, what_enough_officers_agreed_to_is_sound_and_what_too_few_did_is_found) {
    for (const Outcome& o : outcomes()) {
        if (o.deed == Deed::set_grant || o.deed == Deed::issue_account || o.deed == Deed::recover_meter) continue;  // rules of their own, tried by their own tests
        OfficerLog l;
        l.begin_with_officers();
        l.log.add(o.event(l).number(Field::request_number, l.agree(o.deed, o.terms)));
        EXPECT_THAT(l.findings(), IsEmpty()) << o.name;
        OfficerLog few;
        few.begin_with_officers();
        few.log.add(o.event(few).number(Field::request_number, few.agree(o.deed, o.terms, false)));
        EXPECT_THAT(few.findings(), ElementsAre("quorum@11")) << o.name;
        OfficerLog other;
        other.begin_with_officers();
        Terms bent = o.terms;
        bent[o.bent_term] = o.bent_to;
        other.log.add(o.event(other).number(Field::request_number, other.agree(o.deed, bent)));
        EXPECT_THAT(other.findings(), ElementsAre("deed@12")) << o.name;
    }
}

TEST(deed_rules, where_there_are_officers_the_master_control_ukey_s_word_alone_is_none) {
    OfficerLog l;
    l.begin_with_officers();
    const std::uint64_t word = l.sign(Deed::backup, {{"folder", "/b"}});
    l.log.add(Event(EventType::backup_made).number(Field::size, 5).bytes(Field::data_hash, base::sha256({})).text(Field::detail, "in /b").number(Field::deed, word));
    EXPECT_THAT(l.findings(), ElementsAre("deed@9", "deed@10"));
}

TEST(deed_rules, an_officer_suspends_alone_with_a_signature_over_just_that) {
    using S = UkeyState;
    OfficerLog sound;
    sound.begin_with_officers();
    sound.alone("OF-A", sound.a, UkeyAction::suspend, S::issued, S::suspended, S::suspended);
    EXPECT_THAT(sound.findings(), IsEmpty());
    OfficerLog forged;
    forged.begin_with_officers();
    forged.alone("OF-A", forged.b, UkeyAction::suspend, S::issued, S::suspended, S::suspended);
    EXPECT_THAT(forged.findings(), ElementsAre("quorum@9"));
    OfficerLog other;
    other.begin_with_officers();
    other.alone("OF-A", other.a, UkeyAction::suspend, S::issued, S::suspended, S::revoked);
    EXPECT_THAT(other.findings(), ElementsAre("quorum@9"));
    OfficerLog nobody;
    nobody.begin_with_officers();
    nobody.alone("OF-X", nobody.a, UkeyAction::suspend, S::issued, S::suspended, S::suspended);
    EXPECT_THAT(nobody.findings(), ElementsAre("quorum@9"));
}

TEST(deed_rules, an_officer_who_is_named_and_signed_nothing_is_found) {
    OfficerLog l;
    l.begin_with_officers();
    l.log.add(state(UkeyAction::revoke, UkeyState::issued, UkeyState::revoked).text(Field::officer, "OF-A"));
    EXPECT_THAT(l.findings(), ElementsAre("quorum@9"));
}

TEST(deed_rules, what_takes_several_officers_is_found_where_the_record_says_that_it_was_another_kind_of_ukey) {
    OfficerLog l;
    l.begin_with_officers();
    l.alone("OF-A", l.a, UkeyAction::revoke, UkeyState::issued, UkeyState::revoked, UkeyState::revoked, "OF-B");
    EXPECT_THAT(l.findings(), ElementsAre("quorum@9"));
}

TEST(deed_rules, what_takes_several_officers_is_found_where_one_did_it) {
    OfficerLog l;
    l.begin_with_officers();
    l.alone("OF-A", l.a, UkeyAction::block, UkeyState::issued, UkeyState::blocked, UkeyState::blocked);  // by the service
    l.alone("OF-A", l.a, UkeyAction::unblock, UkeyState::blocked, UkeyState::issued, UkeyState::issued);
    EXPECT_THAT(l.findings(), ElementsAre("quorum@10"));
}

TEST(deed_rules, an_officer_s_signature_is_good_for_one_change) {
    using S = UkeyState;
    OfficerLog l;
    l.begin_with_officers();
    const auto at = [&l](base::Millis time) { l.log.now = kDayOne + time; };
    l.alone("OF-A", l.a, UkeyAction::suspend, S::issued, S::suspended, S::suspended);
    at(base::kHour);
    l.alone("OF-A", l.a, UkeyAction::resume, S::suspended, S::issued, S::issued);
    const Event resumed = event_of(audit::Record::decode(l.log.records.back()).value());
    at(2 * base::kHour);
    l.alone("OF-B", l.b, UkeyAction::suspend, S::issued, S::suspended, S::suspended);
    EXPECT_THAT(l.findings(), IsEmpty());
    at(3 * base::kHour);
    l.log.add(resumed);
    EXPECT_THAT(l.findings(), ElementsAre("quorum@12"));
}

TEST(deed_rules, what_an_officer_signed_before_the_newest_change_and_nobody_wrote_then_is_found) {
    using S = UkeyState;
    OfficerLog l;
    l.begin_with_officers();
    l.alone("OF-A", l.a, UkeyAction::suspend, S::issued, S::suspended, S::suspended);
    l.alone("OF-A", l.a, UkeyAction::resume, S::suspended, S::issued, S::issued);
    const Event kept = event_of(audit::Record::decode(l.log.records.back()).value());
    l.log.records.pop_back();
    l.log.now += base::kSecond;
    l.alone("OF-B", l.b, UkeyAction::resume, S::suspended, S::issued, S::issued);
    l.log.now += base::kHour;
    l.alone("OF-B", l.b, UkeyAction::suspend, S::issued, S::suspended, S::suspended);
    EXPECT_THAT(l.findings(), IsEmpty());
    l.log.add(kept);
    EXPECT_THAT(l.findings(), ElementsAre("quorum@12"));
}

TEST(deed_rules, an_officer_whose_ukey_is_not_in_use_agrees_to_nothing) {
    OfficerLog l;
    l.begin_with_officers();
    l.alone("OF-A", l.a, UkeyAction::suspend, UkeyState::issued, UkeyState::suspended, UkeyState::suspended, "OF-B");
    const std::uint64_t agreed = l.agree(Deed::backup, {{"folder", "/b"}});
    l.log.add(Event(EventType::backup_made).number(Field::size, 5).bytes(Field::data_hash, base::sha256({})).text(Field::detail, "in /b").number(Field::request_number, agreed));
    EXPECT_THAT(l.findings(), ElementsAre("quorum@12", "quorum@13"));
}

TEST(deed_rules, what_was_signed_for_another_log_is_found) {
    DeedLog l;
    l.begin();
    l.issue();
    auto backup = l.deed(Deed::backup, {{"folder", "/b"}});
    backup.home = serial("P9");
    l.sign(backup, l.log.pki.issuing);
    model::Grant grant = SampleLog::grant();
    grant.number = 2;
    grant.home = serial("P9");
    const std::uint64_t word = l.sign(Deed::set_grant, {{"ukey", "U1"}, {"grant", base::to_string(grant.encode())}});
    l.log.add(l.log.grant_set(grant).number(Field::deed, word));
    EXPECT_THAT(l.findings(), ElementsAre("deed@11", "deed@13"));
    OfficerLog o;
    o.begin_with_officers();
    auto request = o.deed(Deed::backup, {{"folder", "/b"}});
    request.generation = 1;
    request.home = serial("P9");
    o.log.add(officers::made(request));
    o.log.add(officers::vote(request, "OF-A", o.a));
    o.log.add(officers::vote(request, "OF-B", o.b));
    o.log.add(Event(EventType::backup_made).number(Field::size, 5).bytes(Field::data_hash, base::sha256({})).text(Field::detail, "in /b").number(Field::request_number, request.number));
    EXPECT_THAT(o.findings(), ElementsAre("deed@12"));
}

TEST(deed_rules, a_master_control_ukey_that_officers_agreed_to_is_added_once) {
    OfficerLog l;
    l.begin_with_officers();
    const TestKey second(TestKey::Type::p256);
    const pki::Certificate certificate = l.log.pki.certify(second.spki(), pki::Profile::issuing, UkeyKind::master_control, "M2");
    const std::uint64_t agreed = l.agree(Deed::add_master, {{"ukey", "M2"}});
    const auto add = [&] { l.log.add(Event(EventType::master_added).text(Field::ukey, "M2").bytes(Field::certificate, certificate.der()).number(Field::request_number, agreed)); };
    add();
    EXPECT_THAT(l.findings(), IsEmpty());
    add();
    EXPECT_THAT(l.findings(), ElementsAre("deed@13"));
}

}  // namespace

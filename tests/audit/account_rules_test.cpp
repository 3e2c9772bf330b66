// What an auditor finds of network accounts: each is signed and agreed to, and none is used that is unknown, disabled, or another's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/account.h"
#include "tests/audit/officers.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using model::AccountChange;
using testing::ElementsAre;
using testing::IsEmpty;

using officers::serial;

model::Account account(std::uint32_t number = 1, const std::string& ukey = "U1") { return {"shop-7", serial(ukey), "Han Meimei", serial("P1"), kDayOne + base::kDay, number}; }

/// A log whose records 0 to 3 are SampleLog::begin's.
struct AccountLog {
    SampleLog log;
    AccountLog() { log.begin(); }

    void set(const model::Account& a, const TestKey& key) { log.add(set_event(a, key)); }
    void set(const model::Account& a = account()) { set(a, log.pki.issuing); }
    static Event set_event(const model::Account& a, const TestKey& key) {
        Event e(EventType::account_set);
        e.text(Field::account, a.name).text(Field::ukey, a.ukey.text()).bytes(Field::account_statement, a.encode()).bytes(Field::signature, key.sign_statement("account", a.encode()));
        return e;
    }
    void change(AccountChange c) { log.add(Event(EventType::account_state_changed).text(Field::account, "shop-7").value(Field::account_change, c)); }
    void session(const std::string& name = "shop-7") { log.add(Event(EventType::session_opened).number(Field::session, 1).text(Field::ukey, "U1").text(Field::account, name)); }
    void order(std::uint8_t n) { log.add(SampleLog::order(n).text(Field::account, "shop-7")); }
    std::vector<std::string> findings() { return rules_of(log.verify()); }
};

TEST(account_rules, an_account_that_was_set_is_used_soundly) {
    AccountLog l;
    l.set();
    l.session();
    l.order(1);
    EXPECT_THAT(l.findings(), IsEmpty());
}

TEST(account_rules, one_that_was_never_set_is_found_when_it_is_used_or_changed) {
    AccountLog l;
    l.session();
    l.change(AccountChange::disable);
    l.order(1);
    EXPECT_THAT(l.findings(), ElementsAre("account@4", "account@5", "account@6"));
}

TEST(account_rules, one_that_is_disabled_is_found_until_a_new_statement_enables_it) {
    AccountLog l;
    l.set();
    l.change(AccountChange::disable);
    l.session();
    l.set(account(2));
    l.change(AccountChange::enable);
    l.session();
    EXPECT_THAT(l.findings(), ElementsAre("account@6"));
}

TEST(account_rules, one_that_is_enabled_without_a_new_statement_is_found) {
    AccountLog l;
    l.set();
    l.change(AccountChange::disable);
    l.change(AccountChange::enable);
    EXPECT_THAT(l.findings(), ElementsAre("account@6"));
}

TEST(account_rules, a_statement_that_the_anchor_did_not_sign_is_found) {
    AccountLog l;
    const TestKey stranger(TestKey::Type::p256);
    l.set(account(), stranger);
    EXPECT_THAT(l.findings(), ElementsAre("account@4"));
}

TEST(account_rules, a_statement_whose_number_does_not_rise_is_found) {
    AccountLog l;
    l.set();
    l.set();
    EXPECT_THAT(l.findings(), ElementsAre("account@5"));
}

TEST(account_rules, a_statement_of_another_account_or_none_is_found) {
    AccountLog l;
    l.log.add(AccountLog::set_event(account(1, "U2"), l.log.pki.issuing));
    l.session();
    l.log.add(Event(EventType::account_set).text(Field::account, "shop-8").text(Field::ukey, "U1").bytes(Field::account_statement, base::as_bytes("x")).bytes(Field::signature, base::as_bytes("y")));
    EXPECT_THAT(l.findings(), ElementsAre("account@5", "account@6"));
}

model::Account bound(std::uint32_t number, std::uint8_t key, bool password = false) {
    model::Account a = account(number);
    a.key = base::Bytes(32, key);
    a.password = password;
    return a;
}
Event opened_by(std::uint8_t key) { return Event(EventType::session_opened).number(Field::session, 1).text(Field::ukey, "U1").text(Field::account, "shop-7").bytes(Field::proven_key, base::Bytes(32, key)); }

TEST(account_rules, one_that_is_bound_to_a_key_is_opened_by_that_key) {
    AccountLog l;
    l.set(bound(1, 5));
    l.log.add(opened_by(5));
    l.set(bound(2, 6, true));  // record 6: another certificate, and a password beside it
    l.log.add(opened_by(6));
    l.session();
    l.change(AccountChange::reset);
    EXPECT_THAT(l.findings(), IsEmpty());
}

TEST(account_rules, another_key_a_former_one_or_a_password_that_it_has_not_is_found) {
    AccountLog l;
    l.set(bound(1, 5));
    l.log.add(opened_by(6));  // record 5
    l.session();              // by a password
    l.set(bound(2, 6));
    l.log.add(opened_by(5));
    l.change(AccountChange::reset);
    l.set(account(3));  // record 10: by a password again
    l.log.add(opened_by(6));
    l.session();
    EXPECT_THAT(l.findings(), ElementsAre("account@5", "account@6", "account@8", "account@9", "account@11"));
}

TEST(account_rules, a_proof_of_a_station_by_a_ukey_that_is_not_in_service_is_found) {
    AccountLog l;
    const auto proved = [&](const char* ukey) { l.log.add(Event(EventType::station_proved).text(Field::ukey, ukey).bytes(Field::data_hash, base::Bytes(32, 1))); };
    proved("U1");
    proved("U9");
    EXPECT_THAT(l.findings(), ElementsAre("state@5"));
}

TEST(account_rules, an_order_after_its_end_is_found) {
    AccountLog l;
    model::Account ends = account();
    ends.not_after = kDayOne;
    l.set(ends);
    l.order(1);
    l.log.now = kDayOne + 1;
    l.order(2);
    EXPECT_THAT(l.findings(), ElementsAre("account@6"));
}

/// Where two officers must agree.
struct DualAccountLog {
    SampleLog log;
    TestKey a{TestKey::Type::p256}, b{TestKey::Type::p256};
    std::uint64_t requests = 0;

    DualAccountLog() { log.add(officers::genesis(log, officers::two(a, b), log.pki.issuing)); }
    /// Asked for, and agreed to by so many.
    std::uint64_t agreed(model::Deed deed, std::map<std::string, std::string> terms, int votes) {
        const model::ApprovalRequest r = officers::request(++requests, deed, std::move(terms));
        log.add(officers::made(r));
        if (votes > 0) log.add(officers::vote(r, "OF-A", a));
        if (votes > 1) log.add(officers::vote(r, "OF-B", b));
        return r.number;
    }
    void set(std::uint64_t request) { log.add(AccountLog::set_event(account(), log.pki.issuing).number(Field::request_number, request)); }
    void reset(std::uint64_t request) {
        log.add(Event(EventType::account_state_changed).text(Field::account, "shop-7").value(Field::account_change, AccountChange::reset).number(Field::request_number, request));
    }
    std::map<std::string, std::string> terms() const { return {{"account", base::to_string(account().encode())}, {"name", "shop-7"}}; }
    std::vector<std::string> findings() { return rules_of(log.verify()); }
};

TEST(account_rules, officers_who_agreed_to_an_account_and_its_reset_make_them_sound) {
    DualAccountLog d;
    d.set(d.agreed(model::Deed::issue_account, d.terms(), 2));
    d.reset(d.agreed(model::Deed::reset_account, {{"new_password_for", "shop-7"}}, 2));
    EXPECT_THAT(d.findings(), IsEmpty());
}

TEST(account_rules, an_account_that_too_few_officers_agreed_to_is_found) {
    DualAccountLog d;
    d.set(d.agreed(model::Deed::issue_account, d.terms(), 1));  // record 3
    EXPECT_THAT(d.findings(), ElementsAre("quorum@3"));
    DualAccountLog nobody;
    nobody.set(1);
    EXPECT_THAT(nobody.findings(), ElementsAre("quorum@1"));
}

TEST(account_rules, a_reset_that_officers_did_not_agree_to_is_found) {
    DualAccountLog d;
    const std::uint64_t issued = d.agreed(model::Deed::issue_account, d.terms(), 2);
    d.set(issued);
    d.reset(issued);  // agreed to, but for something else
    EXPECT_THAT(d.findings(), ElementsAre("quorum@5"));
}

}  // namespace

// kmpd does not believe its database: an account counts with the master's signature, and K officers' votes for just this statement. And what it
// says of passwords.
#include <gtest/gtest.h>

#include "kmp/service/password.h"
#include "kmp/service/session.h"
#include "tests/kmp/doubted_database.h"
#include "tokens/pin.h"

namespace {

using base::Code;
using kmp::service::AccountRecord;

class check_account : public DoubtedDatabase {
protected:

    static model::Account account(const std::string& name = "shop-7") { return {name, serial("U1"), "Han Meimei", serial("P1"), kDayOne, 1}; }
    AccountRecord signed_by(const TestKey& key, const model::Account& of, std::string_view purpose = "account") {
        AccountRecord out;
        out.account = of;
        out.statement = of.encode();
        out.signature = key.sign_statement(purpose, out.statement);
        return out;
    }
    static void approve(AccountRecord& record, const model::Account& asked, const Votes& votes, const std::string& term = "account") {
        DoubtedDatabase::approve(record, model::Deed::issue_account, term, asked.encode(), votes);
    }
    Code verdict(const AccountRecord& record) { return code_of(kmp::service::check_account(record, books)); }
};

TEST_F(check_account, takes_the_masters_signature_where_one_person_holds_it) { EXPECT_EQ(verdict(signed_by(pki.issuing, account())), kGood); }

TEST_F(check_account, refuses_a_row_that_was_written_or_changed_in_the_database) {
    EXPECT_EQ(verdict(signed_by(stranger, account())), Code::tampered);
    EXPECT_EQ(verdict(signed_by(pki.issuing, account(), "grant")), Code::tampered) << "a signature for another purpose";
    AccountRecord record = signed_by(pki.issuing, account());
    record.account.ukey = serial("U2");
    EXPECT_EQ(verdict(record), Code::tampered) << "bound to another UKEY in memory";
    record.statement = record.account.encode();
    EXPECT_EQ(verdict(record), Code::tampered) << "and in its statement";
    record = signed_by(pki.issuing, account());
    record.statement[record.statement.size() - 5] ^= 1;
    EXPECT_EQ(verdict(record), Code::tampered) << "a later end";
    record = signed_by(pki.issuing, account());
    record.signature.clear();
    EXPECT_EQ(verdict(record), Code::tampered);
}

TEST_F(check_account, refuses_one_of_another_platform) {
    model::Account other = account();
    other.home = serial("P2");
    EXPECT_EQ(verdict(signed_by(pki.issuing, other)), Code::denied);
}

TEST_F(check_account, wants_enough_votes_for_just_this_statement_where_there_are_officers) {
    with_officers();
    AccountRecord record = signed_by(pki.issuing, account());
    EXPECT_EQ(verdict(record), Code::tampered) << "the master's signature alone";
    approve(record, account(), {{"OF-A", &a}});
    EXPECT_EQ(verdict(record), Code::tampered) << "one of two";
    approve(record, account(), {{"OF-A", &a}, {"OF-B", &stranger}});
    EXPECT_EQ(verdict(record), Code::tampered) << "a forged vote";
    approve(record, account("shop-8"), {{"OF-A", &a}, {"OF-B", &b}});
    EXPECT_EQ(verdict(record), Code::tampered) << "votes for another account";
    approve(record, account(), {{"OF-A", &a}, {"OF-B", &b}}, "grant");
    EXPECT_EQ(verdict(record), Code::tampered) << "votes for something else with these bytes";
    approve(record, account(), {{"OF-A", &a}, {"OF-B", &b}});
    EXPECT_EQ(verdict(record), kGood);
}

TEST_F(check_account, in_force_is_what_is_neither_disabled_nor_past_its_end) {
    AccountRecord record = signed_by(pki.issuing, account());
    EXPECT_TRUE(kmp::service::in_force(record, kDayOne));
    EXPECT_EQ(kmp::service::in_force(record, kDayOne + 1).error().code, Code::expired);
    record.disabled = true;
    EXPECT_EQ(kmp::service::in_force(record, kDayOne).error().code, Code::denied);
}

TEST_F(check_account, refuses_a_key_that_was_put_into_the_database) {
    model::Account bound = account();
    bound.key = base::Bytes(32, 5);
    bound.password = false;
    AccountRecord record = signed_by(pki.issuing, bound);
    EXPECT_EQ(verdict(record), kGood);
    record.account.key = base::Bytes(32, 6);
    EXPECT_EQ(verdict(record), Code::tampered);
    record.statement = record.account.encode();
    EXPECT_EQ(verdict(record), Code::tampered);
    record = signed_by(pki.issuing, account());
    record.account.key = base::Bytes(32, 6);
    EXPECT_EQ(verdict(record), Code::tampered);
}

TEST_F(check_account, a_session_holds_as_long_as_its_account_may_be_used_in_its_way) {
    using kmp::service::Proof;
    const auto says = [](const AccountRecord& r, Proof proof, const kmp::service::Peer& peer) { return code_of(kmp::service::still_proves(r, proof, peer)); };
    kmp::service::Peer none, mine, other;
    mine.key.emplace().fill(5);
    other.key.emplace().fill(6);
    AccountRecord record;
    record.account = account();
    EXPECT_EQ(says(record, Proof::password, none), kGood);
    EXPECT_EQ(says(record, Proof::password, other), kGood) << "a password opens whatever certificate is shown";
    EXPECT_EQ(says(record, Proof::key, mine), Code::denied) << "it is bound to no key";
    record.account.key = base::Bytes(32, 5);
    EXPECT_EQ(says(record, Proof::key, mine), kGood);
    EXPECT_EQ(says(record, Proof::password, none), kGood);
    EXPECT_EQ(says(record, Proof::key, other), Code::denied);
    EXPECT_EQ(says(record, Proof::key, none), Code::denied);
    record.wrong = tokens::kMaxWrongPins;
    EXPECT_EQ(says(record, Proof::key, mine), kGood) << "the lock is the password's: nobody shuts a station out from afar";
    record.account.password = false;
    EXPECT_EQ(says(record, Proof::password, none), Code::denied);
    record.changing = true;
    EXPECT_EQ(says(record, Proof::key, mine), Code::busy);
}

class judge_password : public check_account {
protected:
    base::Secret right = base::Secret::random(32);
    base::Secret wrong = base::Secret::random(32);

    void SetUp() override {
        AccountRecord record = signed_by(pki.issuing, account());
        record.salt = base::Bytes(16, 7);
        record.verifier = right.reveal([](base::ByteView v) { return base::to_bytes(v); });
        books.accounts["shop-7"] = std::move(record);
    }
    kmp::service::JudgedPassword judge(const std::string& name, const base::Secret& password) { return kmp::service::judge_password(books, name, password, {}); }
};

TEST_F(judge_password, lets_the_right_one_pass_and_has_nothing_to_write) {
    const auto judged = judge("shop-7", right);
    EXPECT_TRUE(judged.answer);
    EXPECT_FALSE(judged.entry);
}

TEST_F(judge_password, counts_wrong_ones_and_the_tenth_locks_for_the_right_one_too) {
    for (unsigned n = 1; n <= tokens::kMaxWrongPins; ++n) {
        const auto judged = judge("shop-7", wrong);
        EXPECT_EQ(judged.answer.error().code, Code::wrong_pin);
        ASSERT_TRUE(judged.entry);
        EXPECT_EQ(judged.entry->events.size(), n == tokens::kMaxWrongPins ? 2u : 1u);
        EXPECT_EQ(books.accounts["shop-7"].wrong, n);
    }
    EXPECT_EQ(judge("shop-7", right).answer.error().code, Code::wrong_pin);
    EXPECT_EQ(books.accounts["shop-7"].wrong, tokens::kMaxWrongPins) << "it does not run on";
}

TEST_F(judge_password, starts_its_count_anew_after_a_right_one) {
    judge("shop-7", wrong);
    const auto judged = judge("shop-7", right);
    EXPECT_TRUE(judged.answer);
    EXPECT_TRUE(judged.entry) << "that is written";
    EXPECT_EQ(books.accounts["shop-7"].wrong, 0u);
}

TEST_F(judge_password, says_the_same_of_a_name_that_is_not_there) {
    const auto unknown = judge("shop-8", right);
    EXPECT_EQ(unknown.answer.error().message, judge("shop-7", wrong).answer.error().message);
    EXPECT_TRUE(unknown.entry) << "as much is written";
    EXPECT_EQ(judge("shop-8", base::Secret(32)).answer.error().code, Code::wrong_pin) << "nobody's verifier opens nothing";
    EXPECT_EQ(kmp::service::password_salt(books, "shop-8").size(), kmp::service::password_salt(books, "shop-7").size());
}


TEST_F(judge_password, says_the_same_of_an_account_without_one_and_never_locks_it) {
    const std::string wrong_one = judge("shop-7", wrong).answer.error().message;
    AccountRecord& record = books.accounts["shop-7"];
    record.account.key = base::Bytes(32, 5);
    record.account.password = false;
    record.wrong = 0;
    record.verifier.clear();
    record.salt.clear();
    EXPECT_EQ(kmp::service::password_salt(books, "shop-7").size(), 16u);
    for (unsigned n = 0; n <= tokens::kMaxWrongPins; ++n) {
        const auto judged = judge("shop-7", n == 0 ? base::Secret(32) : base::Secret::random(32));
        EXPECT_EQ(judged.answer.error().message, wrong_one);
        ASSERT_TRUE(judged.entry);
        EXPECT_EQ(judged.entry->events.size(), 1u);
    }
    EXPECT_EQ(record.wrong, 0u);
}

}  // namespace

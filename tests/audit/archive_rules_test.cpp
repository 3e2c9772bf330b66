// What an auditor finds of archiving: a policy that the master signed, ranges without a gap, nothing too young, nothing beyond a checkpoint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/retention.h"
#include "tests/audit/officers.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using testing::ElementsAre;
using testing::IsEmpty;

model::Retention policy(std::uint32_t number = 1, std::uint32_t live = 30) { return {officers::serial("P1"), number, live, 3650}; }

class archive_rules : public testing::Test {
protected:
    archive_rules() { log.begin(); }
    Event set(const model::Retention& p, const TestKey& key) {
        Event e(EventType::retention_set);
        return std::move(e.number(Field::days, p.live_days).number(Field::keep_days, p.keep_days).bytes(Field::statement, p.encode()).bytes(Field::signature, key.sign_statement("retention", p.encode())));
    }
    void set(const model::Retention& p) { log.add(set(p, log.pki.issuing)); }
    void fill(std::uint64_t up_to) {
        while (log.records.size() < up_to) log.add(Event(EventType::random_drawn).number(Field::data_size, 1));
    }
    void checkpoint() {
        const audit::Checkpoint c = log.checkpoint();
        log.add(Event(EventType::checkpoint_signed).number(Field::size, c.size).bytes(Field::root, c.root));
    }
    void archive(std::uint64_t first, std::uint64_t end) { log.add(Event(EventType::archived).number(Field::first, first).number(Field::size, end).bytes(Field::data_hash, base::sha256({}))); }
    std::vector<std::string> findings() { return rules_of(log.verify()); }
    SampleLog log;
};

TEST_F(archive_rules, archiving_by_the_policy_is_sound) {
    set(policy());
    fill(600);
    checkpoint();
    log.now += 30 * base::kDay + 1;
    archive(0, 256);
    archive(256, 512);
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(archive_rules, nothing_is_archived_without_a_policy_or_under_one_that_lets_nothing_go) {
    fill(600);
    checkpoint();
    log.now += 100 * base::kDay;
    archive(0, 256);
    set(policy(1, 0));
    archive(256, 512);
    EXPECT_THAT(findings(), ElementsAre("archive@601", "archive@603"));
}

TEST_F(archive_rules, a_record_that_is_too_young_stays) {
    set(policy());
    fill(256);
    log.now += base::kDay;
    fill(600);
    checkpoint();
    log.now += 30 * base::kDay - 1;
    archive(0, 256);
    archive(256, 512);
    EXPECT_THAT(findings(), ElementsAre("archive@602"));
}

TEST_F(archive_rules, the_newest_policy_counts) {
    set(policy());
    fill(600);
    checkpoint();
    log.now += 40 * base::kDay;
    archive(0, 256);
    set(policy(2, 60));
    archive(256, 512);
    EXPECT_THAT(findings(), ElementsAre("archive@603"));
}

TEST_F(archive_rules, ranges_go_on_without_a_gap_or_a_repetition) {
    set(policy());
    fill(1100);
    checkpoint();
    log.now += 40 * base::kDay;
    archive(256, 512);  // 1101: not from the beginning
    archive(256, 512);  // 1102: twice
    archive(768, 1024); // 1103: a gap
    EXPECT_THAT(findings(), ElementsAre("archive@1101", "archive@1102", "archive@1103"));
}

TEST_F(archive_rules, ranges_are_whole_tiles_below_a_checkpoint) {
    set(policy());
    fill(600);
    log.now += 40 * base::kDay;
    archive(0, 256);       // 600: no checkpoint yet
    checkpoint();          // 601, over 601
    archive(256, 500);     // 602: half a tile
    archive(256, 256);     // 603: nothing
    archive(256, 100'096); // 604: more than there is
    archive(256, 512);     // 605
    EXPECT_THAT(findings(), ElementsAre("archive@600", "archive@602", "archive@603", "archive@604"));
}

TEST_F(archive_rules, a_policy_is_signed_by_the_master_and_says_what_its_record_says) {
    TestKey stranger(TestKey::Type::p256);
    log.add(set(policy(1), stranger));                     // 4
    Event other = set(policy(2), log.pki.issuing);
    Event bent(EventType::retention_set);
    bent.number(Field::days, 31).number(Field::keep_days, 3650).bytes(Field::statement, other.value_of(Field::statement)).bytes(Field::signature, other.value_of(Field::signature));
    log.add(bent);                                         // 5: other days than were signed
    log.add(set(policy(2), log.pki.issuing));              // 6: the number does not rise
    log.add(Event(EventType::retention_set).number(Field::days, 30).number(Field::keep_days, 3650));  // 7: no statement
    log.add(set(policy(3), log.pki.issuing));
    EXPECT_THAT(findings(), ElementsAre("retention@4", "retention@5", "retention@6", "retention@7"));
}

TEST_F(archive_rules, where_there_are_officers_enough_of_them_had_agreed_to_just_this_policy) {
    TestKey a{TestKey::Type::p256}, b{TestKey::Type::p256};
    log.records.clear();
    log.add(officers::genesis(log, officers::two(a, b), log.pki.issuing));
    set(policy(1));  // 1: nobody was asked
    const model::ApprovalRequest r = officers::request(1, model::Deed::retention, {{"retention", base::to_string(policy(2).encode())}});
    log.add(officers::made(r));
    log.add(officers::vote(r, "OF-A", a));
    const auto by_request = [&](const model::Retention& p) { log.add(set(p, log.pki.issuing).number(Field::request_number, 1)); };
    by_request(policy(2));  // 4: one of two
    log.add(officers::vote(r, "OF-B", b));
    by_request(policy(3));         // 6: another policy
    by_request(policy(4, 365));    // 7: another policy
    EXPECT_THAT(findings(), ElementsAre("quorum@1", "quorum@4", "quorum@6", "quorum@7"));
}

}  // namespace

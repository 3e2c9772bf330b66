#include "kmp/service/jobs/revocation.h"

#include <gtest/gtest.h>

#include "model/ukey.h"
#include "tests/pki/fixture.h"

namespace {

using kmp::service::crl_warnings;
using kmp::service::next_entries;
using kmp::service::PublishedCrl;
using kmp::service::Standing;
using model::UkeyState;
using pki::Reason;
using pki::Revoked;

constexpr base::Millis kThen = 1790000000000;
constexpr base::Millis kNow = kThen + base::kDay;
const base::Bytes kA{0x41, 1};
const base::Bytes kB{0x42, 2};

/// The reason in the next list of a certificate that had `before` in the last one; unspecified where it is not listed.
Reason next(UkeyState state, std::optional<Reason> before) {
    std::vector<Revoked> list;
    if (before) list.push_back({kA, kThen, *before});
    const auto entries = next_entries({{kA, state}}, list, kNow);
    if (entries.empty()) return Reason::unspecified;
    EXPECT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].when, before ? kThen : kNow);
    return entries[0].reason;
}

TEST(next_revocation_list, has_a_reason_for_each_state_that_is_refused_for_good_or_for_now) {
    const std::map<UkeyState, Reason> reasons{{UkeyState::suspended, Reason::hold}, {UkeyState::lost, Reason::key_compromise}, {UkeyState::revoked, Reason::cessation}, {UkeyState::destroyed, Reason::cessation}};
    for (int i = 1; i <= 9; ++i) {
        const auto state = static_cast<UkeyState>(i);
        const auto at = reasons.find(state);
        EXPECT_EQ(next(state, std::nullopt), at == reasons.end() ? Reason::unspecified : at->second) << model::name(state);
    }
}

TEST(next_revocation_list, lifts_a_hold_and_sharpens_it_but_keeps_its_date) {
    EXPECT_EQ(next(UkeyState::issued, Reason::hold), Reason::unspecified);
    EXPECT_EQ(next(UkeyState::suspended, Reason::hold), Reason::hold);
    EXPECT_EQ(next(UkeyState::lost, Reason::hold), Reason::key_compromise);
    EXPECT_EQ(next(UkeyState::revoked, Reason::hold), Reason::cessation);
}

TEST(next_revocation_list, never_lifts_or_softens_anything_else) {
    for (const Reason before : {Reason::key_compromise, Reason::cessation, Reason::superseded, Reason::unspecified})
        for (int i = 1; i <= 9; ++i) EXPECT_EQ(next(static_cast<UkeyState>(i), before), before) << i;
}

TEST(next_revocation_list, keeps_what_the_registry_does_not_know_any_more) {
    const Revoked old{kB, kThen, Reason::hold};
    EXPECT_EQ(next_entries({{kA, UkeyState::issued}}, {old}, kNow), std::vector<Revoked>{old});
    EXPECT_EQ(next_entries({}, {old}, kNow), std::vector<Revoked>{old});
    EXPECT_EQ(next_entries({{kA, UkeyState::revoked}}, {old}, kNow).size(), 2u);
}

std::string warning(const std::vector<PublishedCrl>& crls, base::Millis now) {
    std::string out;
    for (const kmp::service::Warning& w : crl_warnings(crls, now)) out += w.line;
    return out;
}

TEST(revocation_list_alarm, rings_from_seven_days_before_the_end_on) {
    PublishedCrl crl{base::UkeySerial::parse("M-1").value(), 5, kThen, kThen + kmp::service::kCrlLife, 0, false, {}, {}};
    const auto says = [&](base::Millis now) { return warning({crl}, now); };
    EXPECT_EQ(says(kThen), "");
    EXPECT_EQ(says(kThen + 23 * base::kDay), "");
    EXPECT_NE(says(kThen + 23 * base::kDay + 1).find("in less than 7 days"), std::string::npos) << says(kThen + 23 * base::kDay + 1);
    EXPECT_NE(says(kThen + 30 * base::kDay - 1).find("in less than a day"), std::string::npos);
    EXPECT_NE(says(kThen + 30 * base::kDay).find("ran out at"), std::string::npos);
    EXPECT_NE(says(kThen + 30 * base::kDay).find("kmpctl crl refresh"), std::string::npos);
}

TEST(revocation_list_alarm, rings_when_there_is_no_list_or_its_file_was_not_written) {
    EXPECT_NE(warning({}, kNow).find("there is no revocation list"), std::string::npos);
    const PublishedCrl crl{base::UkeySerial::parse("M-1").value(), 5, kThen, kThen + kmp::service::kCrlLife, 0, false, "no space", {}};
    EXPECT_NE(warning({crl}, kThen).find("is not published: no space"), std::string::npos);
}

TEST(revocation_list_alarm, rings_when_a_change_of_state_is_not_in_the_list) {
    EXPECT_NE(warning({PublishedCrl{base::UkeySerial::parse("M-1").value(), 5, kThen, kThen + kmp::service::kCrlLife, 0, true, {}, {}}}, kThen).find("does not say what has happened"), std::string::npos);
}

struct list_and_registry : pki_test::Pki {
    list_and_registry() {
        tokens::UkeyRecord record;
        record.serial = certificate.subject().ukey;
        record.state = UkeyState::issued;
        record.certificates["identity"] = certificate.der();
        registry.put(record);
    }
    bool behind(UkeyState state, const std::vector<Revoked>& entries) {
        registry.find(certificate.subject().ukey)->state = state;
        return kmp::service::is_behind(entries, registry, anchor).value();
    }
    pki::Certificate certificate = make_identity();
    tokens::Registry registry;
};

TEST_F(list_and_registry, agree_or_the_list_is_behind) {
    const std::vector<Revoked> hold{{certificate.serial(), kThen, Reason::hold}};
    EXPECT_FALSE(behind(UkeyState::issued, {}));
    EXPECT_TRUE(behind(UkeyState::suspended, {}));
    EXPECT_FALSE(behind(UkeyState::suspended, hold));
    EXPECT_TRUE(behind(UkeyState::issued, hold));
    EXPECT_TRUE(behind(UkeyState::lost, hold));
    registry.find(certificate.subject().ukey)->certificates["identity"].pop_back();
    EXPECT_EQ(kmp::service::is_behind({}, registry, anchor).error().code, base::Code::tampered);
}

}  // namespace

// What `status` warns of, for people and for programs.
#include "kmp/service/warning.h"

#include <gtest/gtest.h>

using kmp::service::Warning;

namespace {

constexpr base::Millis kNow = 1'800'000'000'000;

tokens::UkeyRecord ending(const char* serial, base::Millis at, model::UkeyKind kind = model::UkeyKind::user) {
    tokens::UkeyRecord out;
    out.serial = base::UkeySerial::parse(serial).value();
    out.kind = kind;
    out.state = model::UkeyState::issued;
    out.not_after = at;
    return out;
}

}  // namespace

TEST(warnings, stand_side_by_side_with_what_they_are_of) {
    wire::pb::StatusReply status;
    kmp::service::warn(status, Warning{"nobody has a name for this", Warning::Of::OTHER, {}, 0, 0});
    kmp::service::warn(status, Warning{"station s-1 is held", Warning::Of::STATION_HELD, "s-1", 0, 0});
    ASSERT_EQ(status.warnings_size(), 2);
    ASSERT_EQ(status.warned_of_size(), 2);
    EXPECT_EQ(status.warned_of(0).code(), Warning::Of::OTHER);
    EXPECT_EQ(status.warned_of(1).subject(), "s-1");
}

TEST(warnings, of_backups_come_where_there_is_none_and_after_a_week) {
    const auto code = [](base::Millis last) {
        const auto out = kmp::service::backup_warnings(last, kNow);
        return out.empty() ? std::optional<Warning::Of::Code>() : out.front().code;
    };
    EXPECT_EQ(code(0), Warning::Of::BACKUP_MISSING);
    EXPECT_EQ(code(kNow - 7 * base::kDay), std::nullopt);
    EXPECT_EQ(code(kNow - 7 * base::kDay - 1), Warning::Of::BACKUP_OLD);
}

TEST(warnings, of_ukeys_that_end_count_them_and_name_the_first) {
    tokens::Registry registry;
    registry.assign({ending("US-LATER", kNow + 31 * base::kDay), ending("MC-A", kNow, model::UkeyKind::master_control), ending("PL-A", kNow, model::UkeyKind::platform)});
    EXPECT_TRUE(kmp::service::ending_warnings(registry, kNow).empty());
    auto revoked = ending("US-GONE", kNow);
    revoked.state = model::UkeyState::revoked;
    registry.assign({ending("US-B", kNow + 20 * base::kDay), ending("KE-A", kNow + 3 * base::kDay, model::UkeyKind::key), revoked});
    const auto warned = kmp::service::ending_warnings(registry, kNow);
    ASSERT_EQ(warned.size(), 1u);
    EXPECT_EQ(warned[0].count, 2u);
    EXPECT_EQ(warned[0].subject, "KE-A");
    EXPECT_EQ(warned[0].at, kNow + 3 * base::kDay);
}

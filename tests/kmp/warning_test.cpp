// What `status` warns of, for people and for programs.
#include "kmp/service/warning.h"

#include <gtest/gtest.h>

using kmp::service::Warning;

TEST(warnings, stand_side_by_side_with_what_they_are_of) {
    wire::pb::StatusReply status;
    kmp::service::warn(status, Warning{"nobody has a name for this", Warning::Of::OTHER, {}, 0, 0});
    kmp::service::warn(status, Warning{"station s-1 is held", Warning::Of::STATION_HELD, "s-1", 0, 0});
    ASSERT_EQ(status.warnings_size(), 2);
    ASSERT_EQ(status.warned_of_size(), 2);
    EXPECT_EQ(status.warned_of(0).code(), Warning::Of::OTHER);
    EXPECT_EQ(status.warned_of(1).subject(), "s-1");
}


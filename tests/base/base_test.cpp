#include <gtest/gtest.h>
#include "base/bytes.h"
TEST(hex, round_trip) { EXPECT_EQ(base::to_hex(*base::from_hex("00ffA0")), "00ffa0"); }

#pragma once
#include <gtest/gtest.h>

#include "bench.h"

/// Tests that both grades of meter must pass: TEST_P of a fixture that derives from Graded, and ON_BOTH_GRADES(fixture) behind them.
struct Graded : testing::TestWithParam<bench::Grade> {};

inline std::string grade_name(const testing::TestParamInfo<bench::Grade>& of) { return of.param == bench::Grade::low ? "low" : "high"; }

#define ON_BOTH_GRADES(suite) INSTANTIATE_TEST_SUITE_P(, suite, testing::Values(bench::Grade::low, bench::Grade::high), grade_name)

/// SERR's bits.
inline constexpr unsigned kOther = 1, kRepeated = 2, kMac = 4, kAuthentication = 8, kCustomerWrong = 16, kCountWrong = 32, kOverLimit = 64;
inline constexpr std::uint32_t kOpen = 0x070101FF, kRecharge = 0x070102FF, kRefund = 0x070104FF, kClear = 0x070105FF;

/// A meter with private keys and an open account of 100.00 yuan, authenticated.
struct OpenedMeter : Graded {
    bench::Bench bench{GetParam()};
    bench::Keys keys = bench::private_keys();
    void SetUp() override {
        bench.install_private_keys();
        ASSERT_FALSE(bench.authenticate_private().error);
        ASSERT_FALSE(bench.purchase(kOpen, keys, 10000, 1).error);
    }
    const meter::Wallet& wallet() { return bench.security().wallet; }
};

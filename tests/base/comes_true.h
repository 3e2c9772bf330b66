#pragma once
#include <chrono>
#include <thread>

/// Waits, for half a minute at most, until `condition` holds.
template <class Condition>
bool comes_true(Condition condition) {
    for (int i = 0; i < 3000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

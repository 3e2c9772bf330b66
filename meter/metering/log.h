#pragma once
#include <cstdint>
#include <vector>

namespace meter {

/// The last `N` of something, newest first, and how many there ever were.
template <class T, std::size_t N>
struct Log {
    std::uint32_t total = 0;
    std::vector<T> last;

    void add(T entry) {
        last.insert(last.begin(), std::move(entry));
        if (last.size() > N) last.pop_back();
        ++total;
    }
    /// The one before `back` others, from 1; nullptr when there is none.
    const T* at(std::size_t back) const noexcept { return back >= 1 && back <= last.size() ? &last[back - 1] : nullptr; }
    bool operator==(const Log&) const = default;
};

template <class A, class T, std::size_t N>
void fields(A& a, Log<T, N>& v) {
    a(v.total, v.last);
}

}  // namespace meter

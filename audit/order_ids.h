#pragma once
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace audit {

/// Finds orders that were made twice, and repetitions of orders that were never made, in memory that does not grow with the log:
/// what does not fit is sorted into runs in a temporary file without a name and merged at the end.
class OrderIds {
public:
    /// `in_memory`: how many orders are kept before a run is written.
    explicit OrderIds(std::size_t in_memory = 256 * 1024) : limit_(in_memory) {}

    /// in: id 16 bytes; index rises from call to call; content: a hash of what the order says and the count it got
    void made(std::string_view station, base::ByteView id, std::uint64_t index, std::uint64_t content = 0) { add(station, id, index << 1, content); }
    void repeated(std::string_view station, base::ByteView id, std::uint64_t index, std::uint64_t content = 0) { add(station, id, index << 1 | 1, content); }

    /// on_twice(first index, index): the same order was made again. on_unknown(index): a repetition without its order.
    /// on_other(first index, index): a repetition with another content. io_failed: the temporary file could not be read back;
    /// nothing is known then.
    base::Status finish(const std::function<void(std::uint64_t, std::uint64_t)>& on_twice, const std::function<void(std::uint64_t)>& on_unknown,
                        const std::function<void(std::uint64_t, std::uint64_t)>& on_other = {});

private:
    struct Entry {
        std::array<std::uint64_t, 2> key;  ///< order id and station
        std::uint64_t what;                ///< index * 2, + 1 for a repetition
        std::uint64_t content;
        auto operator<=>(const Entry&) const = default;
    };
    struct Close {
        void operator()(std::FILE* f) const { std::fclose(f); }
    };
    class Run;
    void add(std::string_view station, base::ByteView id, std::uint64_t what, std::uint64_t content);
    void spill();

    std::size_t limit_;
    std::vector<Entry> entries_;
    std::unique_ptr<std::FILE, Close> file_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> runs_;  ///< first entry and count, in the file
    std::uint64_t written_ = 0;
    bool spilling_ = true;  ///< false once the file could not be written: then memory grows instead
};

}  // namespace audit

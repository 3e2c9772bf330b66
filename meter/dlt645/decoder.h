#pragma once
#include <cstdint>
#include <vector>

#include "meter/dlt645/frame.h"

namespace meter::dlt645 {

/// Finds the frames in a stream of bytes, whatever stands between them: garbage, halves of frames, wrong checksums.
/// After a false start it looks again from the next byte on, so a good frame is never swallowed by a bad one before it.
/// It holds at most kMaxFrame bytes. Thread: one at a time.
class Decoder {
public:
    /// The frames that `bytes` completed, in their order. Nothing is an error; what was thrown away is counted.
    std::vector<Frame> push(base::ByteView bytes);
    /// To be called when the line has been silent for kQuiet: a frame that is still incomplete then will never be
    /// completed, but a whole one may lie inside it.
    std::vector<Frame> quiet();
    /// Forgets what it holds; the counters stay.
    void reset() noexcept { held_.clear(); }

    /// Bytes of an unfinished frame.
    std::size_t held() const noexcept { return held_.size(); }
    /// Bytes that were part of no frame, preambles aside.
    std::uint64_t skipped() const noexcept { return skipped_; }
    /// Frames whose length and end fitted but whose checksum or address did not.
    std::uint64_t damaged() const noexcept { return damaged_; }

private:
    void take_frames(std::vector<Frame>& out);
    void drop(std::size_t count);

    base::Bytes held_;
    std::uint64_t skipped_ = 0;
    std::uint64_t damaged_ = 0;
};

/// The longest pause between two bytes of one frame, in milliseconds. source: DL/T 645-2007, 6.3
inline constexpr int kQuiet = 500;

}  // namespace meter::dlt645

#include "meter/dlt645/decoder.h"

#include <algorithm>

#include "meter/dlt645/layout.h"

namespace meter::dlt645 {

std::vector<Frame> Decoder::push(base::ByteView bytes) {
    std::vector<Frame> out;
    while (!bytes.empty()) {
        // take_frames leaves less than one longest frame, so there is always room.
        const std::size_t count = std::min(bytes.size(), kMaxFrame - held_.size());
        held_.insert(held_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
        bytes = bytes.subspan(count);
        take_frames(out);
    }
    return out;
}

std::vector<Frame> Decoder::quiet() {
    std::vector<Frame> out;
    while (!held_.empty()) {
        drop(1);
        take_frames(out);
    }
    return out;
}

void Decoder::take_frames(std::vector<Frame>& out) {
    std::size_t at = 0;
    const auto left = [&] { return base::ByteView(held_).subspan(at); };
    for (;;) {
        const base::ByteView view = left();
        if (view.empty()) break;
        if (view[0] != layout::kStart) {
            if (view[0] != kPreamble) ++skipped_;
            ++at;
            continue;
        }
        if (view.size() > layout::kSecondStartAt && view[layout::kSecondStartAt] != layout::kStart) {
            ++skipped_;
            ++at;
            continue;
        }
        if (view.size() <= layout::kLengthAt) break;
        const std::size_t size = kFrameOverhead + view[layout::kLengthAt];
        if (view.size() < size) break;
        if (view[size - 1] == layout::kEnd) {
            if (layout::checksum(view.first(size - 2)) == view[size - 2]) {
                if (auto frame = layout::open(view.first(size))) {
                    out.push_back(std::move(*frame));
                    at += size;
                    continue;
                }
            }
            ++damaged_;
        }
        ++skipped_;
        ++at;
    }
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Decoder::drop(std::size_t count) {
    skipped_ += count;
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace meter::dlt645

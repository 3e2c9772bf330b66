#include "wire/frame.h"

#include <google/protobuf/message_lite.h>

#include <algorithm>

#include "base/secret.h"

namespace wire {
namespace {

constexpr std::size_t kReadAhead = 16384;

std::size_t length_at(const std::uint8_t* at) noexcept {
    return static_cast<std::size_t>(at[0]) << 24 | static_cast<std::size_t>(at[1]) << 16 | static_cast<std::size_t>(at[2]) << 8 | at[3];
}

}  // namespace

base::Status append_frame(base::Bytes& out, const google::protobuf::MessageLite& message) {
    const std::size_t size = message.ByteSizeLong();
    if (size == 0) return {base::Code::refused, "an empty message cannot be sent"};
    if (size > kMaxFrame)
        return {base::Code::refused, "a message of " + std::to_string(size) + " bytes is larger than a frame, which holds " + std::to_string(kMaxFrame)};
    const std::size_t at = out.size();
    out.resize(at + kFrameHeader + size);
    for (std::size_t i = 0; i < kFrameHeader; ++i) out[at + i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
    message.SerializeWithCachedSizesToArray(out.data() + at + kFrameHeader);
    return {};
}

FrameReader& FrameReader::operator=(FrameReader&& other) noexcept {
    if (this != &other) {
        base::wipe(buffer_);
        buffer_ = std::exchange(other.buffer_, {});
        begin_ = std::exchange(other.begin_, 0);
        end_ = std::exchange(other.end_, 0);
    }
    return *this;
}

FrameReader::~FrameReader() { base::wipe(buffer_); }

std::span<std::uint8_t> FrameReader::room() {
    const std::size_t have = pending();
    std::size_t wanted = kReadAhead;
    if (have >= kFrameHeader) {
        const std::size_t whole = kFrameHeader + std::min(length_at(buffer_.data() + begin_), kMaxFrame);
        if (whole > have) wanted = std::max(wanted, whole - have);
    }
    const auto at = [&](std::size_t i) { return buffer_.begin() + static_cast<std::ptrdiff_t>(i); };
    if (buffer_.size() < have + wanted) {
        // Through a fresh vector, so that growing leaves no unwiped copy behind.
        base::Bytes bigger(std::max(have + wanted, buffer_.size() * 2));
        std::copy(at(begin_), at(end_), bigger.begin());
        base::wipe(buffer_);
        buffer_.swap(bigger);
    } else if (begin_ > 0) {
        std::copy(at(begin_), at(end_), buffer_.begin());
        base::wipe(std::span(buffer_).subspan(have, end_ - have));
    }
    begin_ = 0;
    end_ = have;
    return std::span(buffer_).subspan(end_);
}

void FrameReader::received(std::size_t count) { end_ += std::min(count, buffer_.size() - end_); }

base::Result<std::optional<std::span<std::uint8_t>>> FrameReader::next() {
    using Next = std::optional<std::span<std::uint8_t>>;
    if (pending() < kFrameHeader) return Next();
    const std::size_t length = length_at(buffer_.data() + begin_);
    if (length == 0 || length > kMaxFrame)
        return {base::Code::malformed, "a frame of length " + std::to_string(length) + "; frames hold 1 to " + std::to_string(kMaxFrame) + " bytes"};
    if (pending() < kFrameHeader + length) return Next();
    const std::span<std::uint8_t> message = std::span(buffer_).subspan(begin_ + kFrameHeader, length);
    begin_ += kFrameHeader + length;
    return Next(message);
}

}  // namespace wire

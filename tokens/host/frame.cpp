#include "tokens/host/frame.h"

namespace tokens::host {
namespace {

constexpr std::uint8_t kMessage = 0;
constexpr std::uint8_t kSecret = 1;
constexpr std::size_t kMaxSecrets = 8;

void put_length(base::Bytes& out, std::size_t length) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(length >> shift));
}

}  // namespace

base::Result<base::Secret> take_secret(std::vector<RoleSecret>& secrets, pb::SecretRole role) {
    for (RoleSecret& s : secrets)
        if (s.role == role && !s.value.empty()) return std::move(s.value);
    return {base::Code::invalid_argument, "the request came without its secret " + pb::SecretRole_Name(role)};
}

base::Status append_frames(base::Bytes& out, const google::protobuf::MessageLite& message, std::span<const RoleSecret> secrets) {
    const std::size_t size = message.ByteSizeLong();
    if (size + 1 > kMaxFrame) return {base::Code::internal, "a message to the tokenhost of " + std::to_string(size) + " bytes"};
    for (const RoleSecret& s : secrets) {
        put_length(out, s.value.size() + 2);
        out.push_back(kSecret);
        out.push_back(static_cast<std::uint8_t>(s.role));
        s.value.reveal([&](base::ByteView v) { out.insert(out.end(), v.begin(), v.end()); });
    }
    put_length(out, size + 1);
    out.push_back(kMessage);
    const std::size_t at = out.size();
    out.resize(at + size);
    message.SerializeWithCachedSizesToArray(out.data() + at);
    return {};
}

std::span<std::uint8_t> FrameReader::room(std::size_t wanted) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (buffer_.size() - end_ < wanted) {
        // Moves what is left to the front; grows through a fresh vector so that no unwiped copy stays behind.
        base::Bytes bigger(end_ - begin_ + wanted);
        std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.begin() + static_cast<std::ptrdiff_t>(end_), bigger.begin());
        base::wipe(buffer_);
        buffer_ = std::move(bigger);
        end_ -= begin_;
        begin_ = 0;
    }
    return {buffer_.data() + end_, buffer_.size() - end_};
}

void FrameReader::received(std::size_t count) { end_ += count; }

base::Result<std::optional<FrameReader::Message>> FrameReader::next() {
    for (;;) {
        const std::size_t have = end_ - begin_;
        if (have < 5) return std::optional<Message>();
        std::uint8_t* at = buffer_.data() + begin_;
        const std::size_t length = static_cast<std::size_t>(at[0]) << 24 | static_cast<std::size_t>(at[1]) << 16 | static_cast<std::size_t>(at[2]) << 8 | at[3];
        if (length < 1 || length > kMaxFrame) return {base::Code::malformed, "a tokenhost frame of length " + std::to_string(length)};
        if (have < length + 4) return std::optional<Message>();
        const std::uint8_t kind = at[4];
        const std::span<std::uint8_t> payload(at + 5, length - 1);
        begin_ += length + 4;
        if (kind == kSecret) {
            if (payload.size() < 2 || !pb::SecretRole_IsValid(payload[0]) || secrets_.size() == kMaxSecrets)
                return {base::Code::malformed, "a broken secret frame"};
            const auto role = static_cast<pb::SecretRole>(payload[0]);
            secrets_.push_back({role, base::Secret::consume(payload.subspan(1))});
            continue;
        }
        if (kind != kMessage) return {base::Code::malformed, "a tokenhost frame of unknown kind " + std::to_string(kind)};
        return std::optional<Message>(Message{payload, std::exchange(secrets_, {})});
    }
}

}  // namespace tokens::host

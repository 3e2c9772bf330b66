#pragma once
#include <optional>
#include <span>
#include <vector>

#include "base/secret.h"
#include "tokens/host/host.pb.h"

namespace tokens::host {

inline constexpr std::size_t kMaxFrame = 262144;

/// A secret beside a message, with what it is.
struct RoleSecret {
    pb::SecretRole role = pb::NONE;
    base::Secret value;
};

/// Finds the secret of a role. key_missing: it is not there.
base::Result<base::Secret> take_secret(std::vector<RoleSecret>& secrets, pb::SecretRole role);

/// Appends the frames of a message and its secrets to `out`. Secrets pass through `out`: the sender wipes what it has sent.
/// internal: the message is larger than a frame.
base::Status append_frames(base::Bytes& out, const google::protobuf::MessageLite& message, std::span<const RoleSecret> secrets);

/// Cuts a byte stream into messages. Its buffer is wiped behind every secret. One thread at a time.
class FrameReader {
public:
    /// Where to put incoming bytes; at least `wanted` of room. Call `received` with how many arrived.
    std::span<std::uint8_t> room(std::size_t wanted = 65536);
    void received(std::size_t count);

    struct Message {
        base::ByteView payload;  ///< valid until the next call of room()
        std::vector<RoleSecret> secrets;
    };
    /// The next whole message, or nothing yet. malformed: the stream is broken and must be closed.
    base::Result<std::optional<Message>> next();

    ~FrameReader() { base::wipe(buffer_); }
    FrameReader() = default;
    FrameReader(const FrameReader&) = delete;
    FrameReader& operator=(const FrameReader&) = delete;

private:
    base::Bytes buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::vector<RoleSecret> secrets_;
};

}  // namespace tokens::host

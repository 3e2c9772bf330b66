#include <google/protobuf/stubs/logging.h>

#include <cstdlib>

#include "wire/frame.h"
#include "wire/pb.h"
#include "wire/pin_frame.h"

// A stream of frames as a peer may send it, in pieces whose sizes the input chooses, and the requests in them.
// What protobuf reads as a PIN entry must never reach protobuf; what it parses is written again without loss.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    [[maybe_unused]] static const google::protobuf::LogSilencer quiet;
    if (size == 0) return 0;
    const std::size_t step = static_cast<std::size_t>(data[0]) * 16 + 1;
    base::ByteView left(data + 1, size - 1);
    wire::FrameReader reader;
    while (!left.empty()) {
        const auto room = reader.room();
        const std::size_t n = std::min({room.size(), left.size(), step});
        if (n == 0) std::abort();
        std::copy_n(left.begin(), n, room.begin());
        reader.received(n);
        left = left.subspan(n);
        for (;;) {
            auto next = reader.next();
            if (!next) return 0;
            if (!*next) break;
            const std::span<std::uint8_t> message = **next;
            if (message.empty() || message.size() > wire::kMaxFrame) std::abort();
            const int length = static_cast<int>(message.size());
            kmp::v1::StationRequest station;
            kmp::v1::AdminRequest admin;
            const bool pin = wire::is_pin_frame(message);
            if (station.ParseFromArray(message.data(), length)) {
                if (station.has_pin() && !pin) std::abort();
                base::Bytes again;
                if (station.ByteSizeLong() > 0 && station.ByteSizeLong() <= wire::kMaxFrame && !wire::append_frame(again, station)) std::abort();
            }
            if (admin.ParseFromArray(message.data(), length) && admin.has_pin() && !pin) std::abort();
        }
    }
    return 0;
}

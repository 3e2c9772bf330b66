// Whatever arrives on a tokenhost's socket: frames in pieces, then the message in each.
#include <algorithm>

#include "tokens/host/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tokens::host::FrameReader reader;
    // The first byte says how the stream is cut.
    const std::size_t step = size > 0 ? data[0] + std::size_t{1} : 1;
    for (std::size_t at = size > 0 ? 1 : 0; at < size; at += step) {
        const std::size_t count = std::min(step, size - at);
        const auto room = reader.room(count);
        std::copy_n(data + at, count, room.begin());
        reader.received(count);
        for (;;) {
            auto message = reader.next();
            if (!message) return 0;
            if (!*message) break;
            tokens::host::pb::HostRequest request;
            (void)request.ParseFromArray((*message)->payload.data(), static_cast<int>((*message)->payload.size()));
        }
    }
    return 0;
}

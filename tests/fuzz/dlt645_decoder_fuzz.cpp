// The stream decoder: whatever arrives, it stays within its memory, finds the same frames however the bytes are cut,
// and each frame it finds is one that the whole-frame codec takes and builds again.
#include <cstdlib>

#include "meter/dlt645/decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meter::dlt645;
    const base::ByteView stream(data, size);
    (void)decode(stream);
    Decoder whole;
    auto found = whole.push(stream);
    if (whole.held() >= kMaxFrame) std::abort();
    for (auto& frame : whole.quiet()) found.push_back(std::move(frame));
    if (whole.held() != 0) std::abort();

    Decoder bytewise;
    std::vector<Frame> again;
    for (const std::uint8_t byte : stream)
        for (auto& frame : bytewise.push(base::ByteView(&byte, 1))) again.push_back(std::move(frame));
    for (auto& frame : bytewise.quiet()) again.push_back(std::move(frame));
    if (found != again) std::abort();

    for (const Frame& frame : found) {
        const auto built = encode(frame);
        if (!built) std::abort();
        const auto parsed = decode(*built);
        if (!parsed || *parsed != frame) std::abort();
    }
    return 0;
}

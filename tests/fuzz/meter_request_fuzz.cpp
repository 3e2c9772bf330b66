// A low-grade meter fed with requests of any kind. The input is a stream of frames, or (first byte odd) the DATA of
// 03H and 1CH requests cut into pieces. Without a key nothing may change its money or its keys; every answer is a frame.
#include <cstdlib>

#include "meter/dlt645/decoder.h"
#include "meter/low_grade_meter.h"

namespace {

class NoStorage final : public meter::Storage {
public:
    base::Status save(const base::Secret&) override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meter;
    using dlt645::Frame;
    if (size == 0) return 0;
    static const MeterState factory = MeterState::fresh(dlt645::Address::parse("123456789012").value());
    NoStorage storage;
    const base::ManualClock clock(1'795'330'800'000);
    LowGradeMeter meter({factory.security.duplicate(), factory.metering}, storage, clock, clock);

    std::vector<Frame> requests;
    const base::ByteView input(data + 1, size - 1);
    if (data[0] % 2 == 0) {
        dlt645::Decoder decoder;
        requests = decoder.push(input);
    } else {
        base::ByteReader in(input);
        while (in.left() > 1 && requests.size() < 8) {
            const std::uint8_t head = in.u8().value();
            const std::uint8_t length = in.u8().value();
            const auto body = in.bytes(std::min<std::size_t>(length, in.left()));
            requests.push_back({meter.number(), dlt645::Control((head & 0x1F) == 0 ? 0x03 : head), base::to_bytes(*body)});
        }
    }
    for (const Frame& request : requests) {
        const auto reply = meter.answer(request);
        if (!reply) continue;
        if (!reply->control.is_reply() || reply->address != meter.number() || !dlt645::encode(*reply)) std::abort();
    }
    if (meter.security().wallet != factory.security.wallet || !meter.security().staging.empty() ||
        meter.security().keys.name() != factory.security.keys.name()) std::abort();
    return 0;
}

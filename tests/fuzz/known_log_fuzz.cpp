// What a service answers to Hello, as a client that keeps checkpoints takes it, at a first contact and with a checkpoint kept.
#include <cstdlib>

#include "wire/known_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wire::pb::HelloReply reply;
    if (!reply.ParseFromArray(data, static_cast<int>(size))) return 0;
    auto known = wire::KnownLog::open("/nonexistent/log");
    if (!known) std::abort();
    if (!known->check(reply)) return 0;
    // The same again is good: an empty proof of a log that has not grown.
    reply.clear_consistency();
    if (!known->check(reply)) std::abort();
    return 0;
}

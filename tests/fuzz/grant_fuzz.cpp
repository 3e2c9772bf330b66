// Grant::decode: whatever decodes is valid and canonical, and permit() judges it without harm.
#include <cstdlib>

#include "model/grant.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView bytes(data, size);
    const auto grant = model::Grant::decode(bytes);
    if (!grant) return 0;
    if (!grant->validate() || base::as_text(grant->encode()) != base::as_text(bytes) || grant->in_words().empty()) std::abort();
    model::Ask ask;
    ask.operation = model::Operation::recharge;
    ask.amount = grant->per_order;
    ask.orders = 1;
    if (!grant->meters.empty()) ask.meter = grant->meters.front().first;
    const auto permit = model::permit(*grant, ask, {}, grant->not_before, 0);
    if (permit && (grant->operations & model::bit(model::Operation::recharge)) == 0) std::abort();
    return 0;
}

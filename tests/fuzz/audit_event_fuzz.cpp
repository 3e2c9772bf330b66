// Record::decode: whatever decodes is canonical, and reads without harm.
#include <cstdlib>

#include "audit/event.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView bytes(data, size);
    const auto record = audit::Record::decode(bytes);
    if (!record) return 0;
    audit::Event event(record->type());
    for (const auto& item : record->items()) event.bytes(item.field, item.value);
    const auto again = event.encode(record->index(), record->time());
    if (!again || base::as_text(*again) != base::as_text(bytes)) std::abort();
    if (audit::to_text(*record).empty() || audit::to_json(*record).empty()) std::abort();
    return 0;
}

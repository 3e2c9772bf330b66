#include <google/protobuf/stubs/logging.h>

#include <cstdlib>

#include "wire/frame.h"
#include "wire/pb.h"
#include "wire/pin_frame.h"

// One message taken as a PIN entry. Whatever comes of it, the source is wiped; what is accepted is what protobuf reads,
// and what we would write ourselves, an id and the order of the two fields aside.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    [[maybe_unused]] static const google::protobuf::LogSilencer quiet;
    base::Bytes message(data, data + size);
    kmp::v1::AdminRequest request;
    const bool parsed = request.ParseFromArray(data, static_cast<int>(size));
    auto entry = wire::parse_pin_frame(message);
    for (const std::uint8_t byte : message)
        if (byte != 0) std::abort();
    if (!entry) return 0;
    if (!wire::is_pin_frame(base::ByteView(data, size))) std::abort();
    if (!parsed || request.pin().role() != entry->role) std::abort();
    entry->pin.reveal([&](base::ByteView pin) {
        if (base::as_text(pin) != request.pin().pin()) std::abort();
    });
    base::Bytes ours;
    if (!wire::append_pin_frame(ours, entry->role, entry->pin)) std::abort();
    base::Bytes theirs;
    request.clear_id();
    if (!wire::append_frame(theirs, request) || ours != theirs) std::abort();
    return 0;
}

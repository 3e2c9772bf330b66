// What a stranger shows as a station's certificate, and an officer binds: it is taken or refused without harm, alike each time.
#include <cstdlib>

#include "tls/station_certificate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView bytes(data, size);
    const auto key = tls::station_key(bytes), again = tls::station_key(bytes);
    if (static_cast<bool>(key) != static_cast<bool>(again) || (key && *key != *again)) std::abort();
    if (!key && key.error().message.find('\n') != std::string::npos) std::abort();
    return 0;
}

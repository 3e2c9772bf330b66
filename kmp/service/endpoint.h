#pragma once
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace kmp::service {

/// An address of the configuration, parsed: "127.0.0.1:7450", "[::]:7450".
struct Endpoint {
    std::string address;  ///< in its canonical form, without brackets
    std::uint16_t port = 0;
    bool v6 = false;
    bool loopback = false;

    std::string text() const { return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port); }
};

/// "[2001:db8::7]:7450" of an address' 16 bytes.
std::string text_of_v6(base::ByteView address, std::uint16_t port);

/// invalid_argument: `text` is no ADDRESS:PORT; the message names `key`.
base::Result<Endpoint> parse_endpoint(const std::string& text, const std::string& key);

/// ok for what `metrics.listen` may say: nothing, "unix", or a loopback address. invalid_argument.
base::Status check_metrics_listen(const std::string& text);

}  // namespace kmp::service

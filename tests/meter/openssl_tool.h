#pragma once
#include <string>

#include "base/bytes.h"

/// Suite aes128 (docs/SUITE.md) by the openssl command: a third implementation beside the platform's and the meter's.
/// A failure of the tool ends the test program.
namespace openssl_tool {

base::Bytes hex(std::string_view text);
base::Bytes cat(std::initializer_list<base::ByteView> parts);

base::Bytes sha256(base::ByteView message);
base::Bytes cmac(base::ByteView key, base::ByteView message);
base::Bytes wrap(base::ByteView key, base::ByteView new_key);
base::Bytes cbc(base::ByteView key, base::ByteView plaintext);

/// The first `size` bytes of the MAC over the layout of SUITE.md 2.
base::Bytes mac(base::ByteView key, std::uint8_t direction, std::string_view command, std::uint8_t part, base::ByteView freshness,
                base::ByteView fields, std::size_t size = 4);
/// SUITE.md 4.
base::Bytes encrypted_command(base::ByteView key, base::ByteView r2, base::ByteView data);

}  // namespace openssl_tool

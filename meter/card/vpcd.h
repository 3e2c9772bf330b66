#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "meter/card/card.h"
#include "meter/card/pull.h"

namespace meter::card {

/// Where a virtual reader listens for its card.
struct VirtualReader {
    std::string host;
    std::string port;
};
/// From "HOST:PORT" or "PORT" (this machine). invalid_argument otherwise.
base::Result<VirtualReader> parse_virtual_reader(std::string_view text);

/// Puts `card` into a virtual reader of vsmartcard's vpcd and answers it, until SIGTERM or SIGINT or `pull` takes it out, which give ok.
/// `inserted` is called once the reader has it. The card is a client: length (2 bytes, big-endian), then an APDU or one byte of control.
/// errors: io_failed, not_found (the reader is not there, or went away)
base::Status serve(Card& card, const VirtualReader& reader, const Pull& pull, const std::function<void()>& inserted);

}  // namespace meter::card

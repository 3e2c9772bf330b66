#pragma once
#include <cstddef>
#include <cstdint>

#include "base/error.h"

namespace kmp::v1 {
class Failure;
}

/// How errors cross the wire: by the stable name of their code (docs/PROTOCOL.md 1.4).
namespace wire {

/// Fills a Failure. The message is cut to kMaxFailureText bytes; a raw code stays at home. `retry_after_ms` goes with busy.
void set_failure(kmp::v1::Failure& out, const base::Error& error, std::uint32_t retry_after_ms = 0);

/// Its message to at most `most` bytes (3 or more), ending in ".." where something was left out: the code, and the rule that a refusal begins with, stay.
void shorten(kmp::v1::Failure& failure, std::size_t most);

/// The error a Failure stands for. A code we do not know becomes `internal` and is named in the message.
/// For `busy`, `raw` is retry_after_ms.
base::Error error_of(const kmp::v1::Failure& failure);

/// True where the very same request may be sent again, later or after what the message says was mended: nothing of it was decided against, and an order that was charged already is
/// answered again under its id and charged no second time. False: repeating it as it is changes nothing (docs/STATION.md 5 says what to do).
bool worth_repeating(base::Code code) noexcept;

inline constexpr std::size_t kMaxFailureText = 1000;

}  // namespace wire

#pragma once
#include "base/pin_source.h"

namespace wire {

/// Where a client gets its PINs from.
using base::PinSource;

}  // namespace wire

#pragma once
#include "base/bytes.h"

namespace meter {

/// The slot of a meter for a charging card.
class CardSlot {
public:
    virtual ~CardSlot() = default;
    virtual bool present() const = 0;
    /// One command APDU; the response with its status word behind it.
    /// errors: not_found (the card was pulled), io_failed. Either way nothing is known of what became of the command.
    virtual base::Result<base::Bytes> transmit(base::ByteView apdu) = 0;
};

}  // namespace meter

#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

/// Smart card readers of this machine through PC/SC (pcscd). Its codes are translated here and nowhere else.
namespace pcsc {

/// A card that is powered in a reader. One thread at a time.
class CardReader {
public:
    virtual ~CardReader() = default;
    /// Sends a short APDU and gives the answer: data, then the status word, so at least two bytes.
    /// errors: token_removed (the card was pulled out: what was sent may have been carried out); io_failed (the reader or pcscd
    ///         went away, or the reader cannot read the card); malformed (an answer without a status word)
    virtual base::Result<base::Bytes> transmit(base::ByteView apdu) = 0;
    /// What a person calls it.
    virtual std::string_view name() const noexcept = 0;
};

/// The readers' names, as pcscd has them. io_failed: pcscd is not running.
base::Result<std::vector<std::string>> list_readers();

/// Waits up to `patience` for a card in the reader `name` (a name of list_readers, or "auto" for the only reader there is), powers it,
/// and keeps it for this program alone. The card is reset when the CardReader goes.
/// errors: not_found (no such reader: the message names those there are; or no card came); invalid_argument (auto, and there are several
///         readers); busy (another program uses the card); io_failed (pcscd is not running, or the card does not answer)
base::Result<std::unique_ptr<CardReader>> open_reader(std::string_view name, std::chrono::milliseconds patience);

}  // namespace pcsc

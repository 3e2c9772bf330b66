#pragma once
#include "kmp/service/service.h"

/// The count of wrong PINs of a UKEY in the registry (the platform UKEY's is the sealed log's). Thread: the I/O thread.
namespace kmp::service {

struct WrongPin {
    Entry entry;         ///< to be written before the answer is given
    base::Error answer;  ///< wrong_pin: how many tries are left
};

/// One more, in the books at once. The tenth blocks the UKEY and ends its use. not_found: it is not in the registry any more.
base::Result<WrongPin> count_wrong_pin(Service& service, Books& books, const base::UkeySerial& ukey, const Peer& peer);

/// What the log says of a UKEY that wrong PINs have blocked. `by`: whose the last of them was; null: the sealed log does not say.
void block_events(std::vector<audit::Event>& events, const base::UkeySerial& ukey, model::UkeyKind kind, unsigned wrong_pins, const Peer* by);

/// The right one was entered: the count starts anew. Nothing to write when there was none.
std::optional<Entry> forget_wrong_pins(Books& books, const base::UkeySerial& ukey);

}  // namespace kmp::service

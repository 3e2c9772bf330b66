#pragma once
#include "vending/dialogue.h"
#include "vending/platform.h"

namespace vending {

/// What became of a key download or recovery.
struct KeysMoved {
    std::uint32_t key_version = 0;  ///< of the keys now in force; 0 for the factory set
    unsigned records = 0;           ///< frames the meter took in this run: nine of one key, or five of four
    bool already = false;           ///< the meter held the wanted keys before; nothing was sent
    std::uint64_t receipt = 0;      ///< index of the report in the log
};

enum class Move : std::uint8_t {
    download,  ///< factory set to private keys
    update,    ///< private keys to those of the newest version
    recover,   ///< private keys to the factory set
};

/// Puts a meter's private keys in the place of the factory set (or what else `move` says): authenticates under
/// the keys that it holds, has kmpd wrap the new set in the profile that its 04000208 asks for, sends it, and authenticates under the new keys as proof. Then, and
/// only then, it reports to kmpd that they are in force; a failure after kmpd gave keys out is reported as well.
/// An answer lost on the way does no harm: a meter that turns out to hold the wanted keys is a success.
/// errors: refused (the meter or kmpd says no), timeout (the meter fell silent: it holds the old set or the new one, never a
///         mixture; run it again), outcome_unknown (the keys are in force, but kmpd could not be told: run it again)
base::Result<KeysMoved> move_keys(Platform& platform, Dialogue& meter, Move move);

}  // namespace vending

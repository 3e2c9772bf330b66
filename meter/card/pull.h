#pragma once

namespace meter::card {

/// When the card is pulled out by itself, for tests; 0: never.
struct Pull {
    unsigned at = 0;     ///< when this APDU arrives (1 is the first since the card was inserted): it is not carried out
    unsigned after = 0;  ///< once this APDU is carried out: it is not answered
};

}  // namespace meter::card

#pragma once
#include <string>

#include "base/result.h"

namespace bench {

/// What the machine and the token give when nothing stands before them: operations in a second.
struct TokenRates {
    double cmac_token_key = 0;    ///< AES-CMAC, the key on the token
    double cmac_session_key = 0;  ///< AES-CMAC, a public session object
    double derive_cmac = 0;       ///< derive from a session copy of a master, CMAC, destroy
};
/// SoftHSM2 through our pkcs11 room, a token of its own in `folder`. Each of the three takes `seconds`.
/// Once in a process: SoftHSM2's configuration is the process's.
base::Result<TokenRates> measure_token(const std::string& folder, const std::string& module, double seconds);
/// The same in `processes` at once, each with a token of its own: the sums. The calling process has loaded no module.
base::Result<TokenRates> measure_token_in(unsigned processes, const std::string& folder, const std::string& module, double seconds);

struct Pace {
    double rate = 0;
    double p50_us = 0;
};
/// Writes 4 KiB to a file in `folder`, further and further into it, and syncs.
base::Result<Pace> measure_fdatasync(const std::string& folder, double seconds);
/// 64 bytes to another process over a unix socket and back: two wake-ups.
base::Result<Pace> measure_socket_echo(double seconds);

}  // namespace bench

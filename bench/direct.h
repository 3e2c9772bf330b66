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

/// What a user UKEY's keys cost the token alone: milliseconds, the median of `times`.
struct KeyTimes {
    double initialise_ms = 0;  ///< C_InitToken, the PINs, the login
    double rsa_ms = 0;         ///< RSA-3072, which varies a lot: primes are found by chance
    double others_ms = 0;      ///< two P-256 pairs and two AES keys
    double all_ms = 0;         ///< the median of the sums
};
/// As measure_token: once in a process.
base::Result<KeyTimes> measure_keys(const std::string& folder, const std::string& module, unsigned times);

/// Signatures in a second, with keys that lie on the token, through whatever module leads to it.
struct SigningRates {
    double hmac = 0;  ///< HMAC-SHA256 over 64 bytes
    double p256 = 0;  ///< ECDSA P-256 over a hash
};
/// A SoftHSM2 token in `folder` with both keys, behind folder/softhsm2.conf; the P-256 key has a public half and an id, as ssh-agent wants it. Once in a process.
base::Status make_signing_token(const std::string& folder, const std::string& module);
/// `clients` processes at once, each with the module loaded: the sums. The environment says where the module finds the token (SOFTHSM2_CONF, P11_KIT_SERVER_ADDRESS).
/// The calling process has loaded no module.
base::Result<SigningRates> measure_signing(unsigned clients, const std::string& module, double seconds);
inline constexpr const char* kSigningToken = "bench";
inline constexpr const char* kUserPin = "user pin";

struct Pace {
    double rate = 0;
    double p50_us = 0;
};
/// Writes 4 KiB to a file in `folder`, further and further into it, and syncs.
base::Result<Pace> measure_fdatasync(const std::string& folder, double seconds);
/// 64 bytes to another process over a unix socket and back: two wake-ups.
base::Result<Pace> measure_socket_echo(double seconds);
/// The same over `connections`, all of which wait for an answer at any time: wake-ups are shared. No p50.
base::Result<Pace> measure_socket_echoes(unsigned connections, double seconds);

}  // namespace bench

#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace base {

/// Where the programs get PINs from, in this order: the descriptor named by `--pin-fd ROLE=N`, the systemd credential
/// `kmp.pin.ROLE`, a prompt without echo on the terminal. Never an argument, never the environment. One thread at a time.
class PinSource {
public:
    /// Takes the values of --pin-fd. invalid_argument: not ROLE=N, a role twice, or a role that is none of `roles`.
    static base::Result<PinSource> parse(const std::vector<std::string>& pin_fds, const std::vector<std::string>& roles);

    enum class Use { existing, fresh };  ///< a fresh PIN is asked for twice at a prompt
    /// The PIN of a role. `what` is how the prompt calls it: "PIN of the platform UKEY". Two roles may share a descriptor:
    /// each takes one line.
    /// invalid_argument: empty, longer than 128 bytes, or not the same twice; not_found: no source gives it, and what to do.
    base::Result<base::Secret> get(const std::string& role, std::string_view what, Use use);
    /// True when a descriptor or a credential would give it, without a prompt.
    bool has(const std::string& role) const;

private:
    std::map<std::string, int> descriptors_;
};

}  // namespace base

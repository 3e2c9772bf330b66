#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

/// The folders of one instance. Many run side by side, each in a home of its own.
struct Home {
    std::string state;  ///< HOME: kmp.toml, database, readers/
    std::string run;    ///< sockets; HOME/run, for root without a home of its own /run/kmp

    std::string station_socket() const { return run + "/kmp.sock"; }
    std::string admin_socket() const { return run + "/admin.sock"; }
};

/// The home meant by `--home DIR` (empty: not given). Then $KMP_HOME; then, for root, /var/lib/kmp; for others
/// $XDG_STATE_HOME/kmp or ~/.local/state/kmp. Relative paths are made absolute; nothing is created.
/// not_found: no option and no variable tells.
Result<Home> find_home(std::string_view option);

/// Where a program keeps what this user knows: $XDG_STATE_HOME, or .local/state in the user's home folder. not_found: the user has none.
Result<std::string> state_folder();

}  // namespace base

#include "base/home.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace base {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

Result<Home> find_home(std::string_view option) {
    std::string folder(option);
    if (folder.empty()) folder = variable("KMP_HOME");
    if (folder.empty()) {
        if (geteuid() == 0) return Home{"/var/lib/kmp", "/run/kmp"};
        if (const std::string state = variable("XDG_STATE_HOME"); !state.empty()) folder = state + "/kmp";
        else if (const std::string home = variable("HOME"); !home.empty()) folder = home + "/.local/state/kmp";
        else return {Code::not_found, "no home is known: give --home DIR or set KMP_HOME"};
    }
    std::error_code error;
    std::filesystem::path path = std::filesystem::absolute(folder, error).lexically_normal();
    if (error) return {Code::io_failed, "cannot tell the current folder: " + error.message()};
    if (!path.has_filename() && path.has_relative_path()) path = path.parent_path();  // a trailing slash
    return Home{path.string(), (path / "run").string()};
}

Result<std::string> state_folder() {
    if (std::string state = variable("XDG_STATE_HOME"); state.starts_with('/')) return state;
    std::string own = variable("HOME");
    if (const passwd* user = own.empty() ? getpwuid(getuid()) : nullptr; user != nullptr) own = user->pw_dir;
    if (own.empty()) return {Code::not_found, "this user has no home folder to keep the log's checkpoint in: set XDG_STATE_HOME"};
    return own + "/.local/state";
}

}  // namespace base

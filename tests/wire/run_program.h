#pragma once
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

/// Runs a program of ours as a person would: through the shell, its two outputs kept apart.
namespace tests {

struct Ran {
    int code = -1;  ///< exit code, or -1 when a signal ended it
    std::string out;
    std::string err;
};

inline std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

inline void spill(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

/// In a session of its own, so that no program finds the terminal of whoever runs the tests.
/// `folder` takes the outputs. `command` may redirect descriptors for PINs: "kmpctl unseal --pin-fd platform=3 3<file".
inline Ran run(const std::string& folder, const std::string& command) {
    const int status = std::system(("cd " + folder + " && exec 1>out 2>err </dev/null; setsid --wait " KMP_BIN_DIR "/" + command).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(folder + "/out"), slurp(folder + "/err")};
}

inline long lines_in(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace tests

#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace tokens_test {

/// A folder that goes with the object.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string path = (std::filesystem::temp_directory_path() / "kmp-tokens-XXXXXX").string();
        if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
        path_ = path;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::string path(const std::string& inside = "") const { return inside.empty() ? path_ : path_ + "/" + inside; }

private:
    std::string path_;
};

inline void write_text(const std::string& path, const std::string& text) {
    std::ofstream(path + ".part") << text;
    std::filesystem::rename(path + ".part", path);
}

/// Turns the loop until `done` holds. False after a wait that no sane machine needs.
inline bool run_until(asio::io_context& io, const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done()) {
        if (std::chrono::steady_clock::now() > give_up) return false;
        io.restart();
        io.run_one_for(std::chrono::milliseconds(20));
    }
    return true;
}

inline std::string fake_host() { return std::string(KMP_BIN_DIR) + "/../tests/kmp_fake_host"; }

}  // namespace tokens_test

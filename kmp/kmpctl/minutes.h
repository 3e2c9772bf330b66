#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

/// The minutes of a ceremony as a file that people print and sign.
namespace kmp::kmpctl {

/// Where they will be written: for its owner alone, and over nothing.
class Minutes {
public:
    /// Before anything is done: the file can be made, and is not there. An empty name: none is wanted.
    /// errors: already_exists (something of that name); io_failed and others: it cannot be made
    static base::Result<Minutes> at(const std::string& file);
    /// After it is done. errors: as at(), and where the minutes are all the same.
    base::Status keep(std::string_view text) const;

private:
    explicit Minutes(std::string file) : file_(std::move(file)) {}
    std::string file_;
};

}  // namespace kmp::kmpctl

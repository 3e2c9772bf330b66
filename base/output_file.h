#pragma once
#include <cstdint>
#include <string>

#include "base/fd.h"

namespace base {

/// Where a long answer goes. A file stands under its name whole or not at all: it is written beside, in a new file that its owner alone reads until it is whole, and renamed, over the file that a link leads to
/// and never over the link; what was begun is removed when the object goes, and when SIGINT, SIGTERM or SIGHUP end the program. What is no file
/// (a pipe, a device, "-" for standard output) is written to as it stands. Of several at a time, on any threads, a signal removes the one that was begun first; and only in a program that leaves these signals as they are.
class OutputFile {
public:
    /// `mode` are the permission bits of a new file. errors: not_found (a link to nothing), denied, io_failed
    static Result<OutputFile> open(const std::string& name, unsigned mode);
    /// Of a file that somebody chose in a window: no pipe, where the writing thread would wait for a reader, and no device. errors: invalid_argument besides
    static Result<OutputFile> open_file(const std::string& name, unsigned mode);
    OutputFile(OutputFile&& other) noexcept;
    OutputFile& operator=(OutputFile&&) = delete;
    ~OutputFile();

    /// storage_full: in one line, and that nothing was left.
    Status add(std::string_view piece);
    Status add(ByteView piece) { return add(as_text(piece)); }
    /// What was added is on the disk: for whoever looks once more before finish(), which is quick then.
    Status sync();
    /// Syncs it and gives it its mode and its name.
    Status finish();
    std::uint64_t bytes() const noexcept { return bytes_; }

private:
    OutputFile() = default;
    static Result<OutputFile> begin_beside(const std::string& name, unsigned mode);
    Error trouble(Error error) const;
    void forget();
    std::string name_;
    std::string target_;
    std::string temporary_;  ///< empty: it is no file
    Fd fd_;
    unsigned mode_ = 0;
    std::uint64_t bytes_ = 0;
    bool noted_ = false;  ///< a signal removes it
};

}  // namespace base

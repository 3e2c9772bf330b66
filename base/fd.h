#pragma once
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/secret.h"

namespace base {

/// Owns a file descriptor; closes it when it goes.
class Fd {
public:
    Fd() noexcept = default;
    explicit Fd(int fd) noexcept : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }

    int get() const noexcept { return fd_; }
    int release() noexcept { return std::exchange(fd_, -1); }
    void reset() noexcept;
    explicit operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// A connected pair of unix stream sockets, both close-on-exec.
Result<std::pair<Fd, Fd>> socket_pair();

/// The whole file, at most `limit` bytes. not_found, denied, io_failed; malformed when it is larger.
Result<Bytes> read_file(const std::string& path, std::size_t limit);
/// All of `content`, however many calls it takes. `name` is how errors call what it goes to: "cannot write NAME".
Status write_all(int fd, ByteView content, const std::string& name);
/// Writes a new file beside `path`, syncs it and its folder, and renames it into place: old or new, never half.
/// `mode` are the permission bits.
Status write_file_atomically(const std::string& path, ByteView content, unsigned mode);

/// Reads a secret from `fd` up to the first newline or the end; neither is part of it. At most `limit` bytes.
Result<Secret> read_secret(int fd, std::size_t limit);

}  // namespace base

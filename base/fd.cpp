#include "base/fd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace base {

void Fd::reset() noexcept {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
}

Result<std::pair<Fd, Fd>> socket_pair() {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return errno_error("cannot make a socket pair", errno);
    return std::pair<Fd, Fd>(Fd(fds[0]), Fd(fds[1]));
}

Result<Bytes> read_file(const std::string& path, std::size_t limit) {
    // Without O_NONBLOCK a FIFO in the file's place would hold us up for good.
    Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) return errno_error("cannot open " + path, errno);
    struct stat about{};
    if (fstat(fd.get(), &about) != 0) return errno_error("cannot look at " + path, errno);
    if (!S_ISREG(about.st_mode)) return {Code::io_failed, path + " is not a regular file"};
    Bytes out;
    std::uint8_t chunk[16384];
    for (;;) {
        const ssize_t n = read(fd.get(), chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno_error("cannot read " + path, errno);
        if (n == 0) return out;
        if (out.size() + static_cast<std::size_t>(n) > limit)
            return {Code::malformed, path + " is larger than " + std::to_string(limit) + " bytes"};
        out.insert(out.end(), chunk, chunk + n);
    }
}

Status write_all(int fd, ByteView content, const std::string& name) {
    while (!content.empty()) {
        const ssize_t n = write(fd, content.data(), content.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno_error("cannot write " + name, errno);
        content = content.subspan(static_cast<std::size_t>(n));
    }
    return {};
}

Status write_file_atomically(const std::string& path, ByteView content, unsigned mode) {
    const std::string temporary = path + ".new";
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    Fd fd(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!fd) return errno_error("cannot create " + temporary, errno);
    fchmod(fd.get(), mode);  // a stick may know no modes
    if (auto written = write_all(fd.get(), content, temporary); !written) {
        unlink(temporary.c_str());
        return written;
    }
    const auto gone = [&](const std::string& what) {
        const int error = errno;
        unlink(temporary.c_str());
        return errno_error(what + " " + temporary, error);
    };
    if (fsync(fd.get()) != 0) return gone("cannot sync");
    if (rename(temporary.c_str(), path.c_str()) != 0) return gone("cannot rename");
    Fd dir(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir || fsync(dir.get()) != 0) return errno_error("cannot sync the folder of " + path, errno);
    return {};
}

Result<Secret> read_secret(int fd, std::size_t limit) {
    Secret buffer(limit + 1);
    std::size_t size = 0;
    bool ended = false;
    const int error = buffer.fill([&](std::span<std::uint8_t> out) {
        while (!ended && size < out.size()) {
            // One byte at a time: what follows the newline belongs to the next reader of this descriptor.
            const ssize_t n = read(fd, out.data() + size, 1);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return errno;
            if (n == 0 || out[size] == '\n') {
                if (n > 0) out[size] = 0;
                ended = true;
            } else {
                ++size;
            }
        }
        return 0;
    });
    if (error != 0) return errno_error("cannot read a secret from descriptor " + std::to_string(fd), error);
    if (!ended) return {Code::invalid_argument, "a secret has at most " + std::to_string(limit) + " bytes"};
    buffer.shrink(size);
    return buffer;
}

}  // namespace base

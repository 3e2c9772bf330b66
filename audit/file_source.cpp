#include "audit/file_source.h"

#include <unistd.h>

#include <cerrno>

namespace audit {

ByteSource source_of(const base::Fd& fd, std::string name) {
    return [&fd, name = std::move(name)](std::span<std::uint8_t> out) -> base::Result<std::size_t> {
        for (;;) {
            const ssize_t n = read(fd.get(), out.data(), out.size());
            if (n >= 0) return static_cast<std::size_t>(n);
            if (errno != EINTR) return base::errno_error("cannot read " + name, errno);
        }
    };
}

}  // namespace audit

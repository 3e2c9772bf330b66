#include "meter/pty.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

namespace meter {
namespace {

base::Status make_link(const std::string& target, const std::string& link) {
    struct stat there {};
    if (lstat(link.c_str(), &there) == 0) {
        if (!S_ISLNK(there.st_mode)) return {base::Code::already_exists, link + " exists and is not a link: choose another path for the line"};
        if (unlink(link.c_str()) != 0) return base::errno_error("cannot replace " + link, errno);
    }
    if (symlink(target.c_str(), link.c_str()) != 0) return base::errno_error("cannot make the link " + link, errno);
    return {};
}

}  // namespace

base::Result<Pty> Pty::open(const std::string& link, unsigned baud) {
    int master = -1;
    int slave = -1;
    char path[PATH_MAX];
    termios raw{};
    cfmakeraw(&raw);
    cfsetspeed(&raw, baud == 1200 ? B1200 : B2400);
    if (openpty(&master, &slave, path, &raw, nullptr) != 0) return base::errno_error("cannot make a pseudo-terminal", errno);
    Pty out{base::Fd(master), base::Fd(slave), path};
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(slave, F_SETFD, FD_CLOEXEC);
    if (!link.empty()) {
        KMP_CHECK(make_link(out.station_end_, link));
        out.link_ = link;
    }
    return out;
}

Pty::~Pty() {
    if (link_.empty()) return;
    char target[PATH_MAX];
    const ssize_t size = readlink(link_.c_str(), target, sizeof target);
    if (size >= 0 && station_end_ == std::string_view(target, static_cast<std::size_t>(size))) unlink(link_.c_str());
}

}  // namespace meter

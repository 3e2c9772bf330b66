#include "kmp/kmpctl/minutes.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"

namespace kmp::kmpctl {
namespace {

base::Result<base::Fd> make(const std::string& file) {
    base::Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd) return fd;
    if (errno == EEXIST) return {base::Code::already_exists, "--minutes " + file + ": there is something of that name; name a new file"};
    return base::errno_error("--minutes " + file + ": it cannot be made", errno);
}

}  // namespace

base::Result<Minutes> Minutes::at(const std::string& file) {
    if (!file.empty()) {
        // It is not left behind empty: a ceremony that breaks off is held by the same command again.
        KMP_CHECK(make(file));
        if (unlink(file.c_str()) != 0) return base::errno_error("--minutes " + file + ": it cannot be removed", errno);
    }
    return Minutes(file);
}

base::Status Minutes::keep(std::string_view text) const {
    if (file_.empty()) return {};
    const auto all_the_same = [](base::Error error) { return std::move(error).in("it is done, and the minutes stand in the log ('kmpctl audit minutes'), but not in the file"); };
    auto fd = make(file_);
    if (!fd) return all_the_same(std::move(fd).error());
    if (auto written = base::write_all(fd->get(), base::as_bytes(text), file_); !written) return all_the_same(std::move(written).error());
    if (fsync(fd->get()) != 0) return all_the_same(base::errno_error("cannot sync " + file_, errno));
    return {};
}

}  // namespace kmp::kmpctl

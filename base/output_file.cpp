#include "base/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace base {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
constexpr std::string_view kEnding = ".part";

/// What a signal that ends the program removes first; a handler may touch nothing that is longer in the making.
char begun[4096];
volatile std::sig_atomic_t is_begun = 0;
/// There is one such place, and files may be begun on several threads: it is the first one's.
std::atomic_flag taken;

void remove_begun(int signal) {
    if (is_begun != 0) unlink(begun);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

bool note_begun(const std::string& path) {
    if (path.size() >= sizeof begun || taken.test_and_set()) return false;
    path.copy(begun, path.size());
    begun[path.size()] = '\0';
    is_begun = 1;
    for (const int s : kSignals) {
        struct sigaction before {};
        // Who has it ignored (nohup) keeps it so.
        if (sigaction(s, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) std::signal(s, remove_begun);
    }
    return true;
}

/// What this process takes away from the mode of a new file. Read, not set and set back: threads would disturb each other.
mode_t mask() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("Umask:")) return static_cast<mode_t>(std::strtoul(line.c_str() + 6, nullptr, 8));
    return 077;
}

/// The name, or where it leads to as a link.
Result<std::string> place_of(const std::string& name) {
    std::error_code error;
    if (!std::filesystem::is_symlink(name, error)) return name;
    std::string target = std::filesystem::canonical(name, error).string();
    if (error) return {Code::not_found, "cannot write " + name + ": it is a link to nothing; remove it, or make what it leads to"};
    return target;
}

}  // namespace

Result<OutputFile> OutputFile::open(const std::string& name, unsigned mode) {
    OutputFile out;
    out.name_ = name;
    struct stat about {};
    if (name == "-") {
        out.fd_ = Fd(dup(STDOUT_FILENO));
    } else if (stat(name.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) {
        out.fd_ = Fd(::open(name.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    } else {
        return begin_beside(name, mode);
    }
    if (!out.fd_) return errno_error("cannot write " + name, errno);
    return out;
}

Result<OutputFile> OutputFile::open_file(const std::string& name, unsigned mode) {
    struct stat about {};
    if (stat(name.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) return {Code::invalid_argument, "cannot write " + name + ": it is no file; choose another name"};
    return begin_beside(name, mode);
}

Result<OutputFile> OutputFile::begin_beside(const std::string& name, unsigned mode) {
    OutputFile out;
    out.name_ = name;
    KMP_TRY(out.target_, place_of(name));
    out.mode_ = mode;
    // Of nobody else's making, for its owner alone: what lies there already keeps its mode, its readers and where it leads to.
    std::string beside = out.target_ + ".XXXXXX" + std::string(kEnding);
    out.fd_ = Fd(mkostemps(beside.data(), static_cast<int>(kEnding.size()), O_CLOEXEC));
    if (!out.fd_) return errno_error("cannot write " + name, errno);
    out.noted_ = note_begun(out.temporary_ = beside);
    return out;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : name_(std::move(other.name_)), target_(std::move(other.target_)), temporary_(std::move(other.temporary_)), fd_(std::move(other.fd_)), mode_(other.mode_), bytes_(other.bytes_), noted_(std::exchange(other.noted_, false)) {
    other.temporary_.clear();
}

OutputFile::~OutputFile() {
    if (!fd_ || temporary_.empty()) return;
    unlink(temporary_.c_str());
    forget();
}

void OutputFile::forget() {
    if (!std::exchange(noted_, false)) return;
    is_begun = 0;
    taken.clear();
}

Error OutputFile::trouble(Error error) const {
    if (error.code == Code::storage_full && !temporary_.empty()) error.message += "; nothing of it was left there: make room, or name another place";
    return error;
}

Status OutputFile::add(std::string_view piece) {
    bytes_ += piece.size();
    if (auto written = write_all(fd_.get(), as_bytes(piece), name_); !written) return trouble(std::move(written).error());
    return {};
}

Status OutputFile::sync() {
    if (!temporary_.empty() && fsync(fd_.get()) != 0) return trouble(errno_error("cannot sync " + name_, errno));
    return {};
}

Status OutputFile::finish() {
    if (temporary_.empty()) return {};
    fchmod(fd_.get(), mode_ & ~mask());  // a stick may know no modes
    KMP_CHECK(sync());
    if (rename(temporary_.c_str(), target_.c_str()) != 0) return errno_error("cannot rename " + temporary_ + " to " + target_, errno);
    forget();
    fd_.reset();
    return {};
}

}  // namespace base

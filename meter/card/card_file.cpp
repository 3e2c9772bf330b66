#include "meter/card/card_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace meter::card {
namespace {

constexpr std::size_t kMaxRecord = 4096;

}  // namespace

base::Result<CardFile> CardFile::claim(const std::string& path) {
    // The state itself is renamed over, so the lock lies beside it. It goes with the process, however that ends.
    const std::string beside = path + ".lock";
    base::Fd lock(open(beside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) return base::errno_error("cannot create " + beside, errno);
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return {base::Code::busy, "the card in " + path + " is in a reader already: pull it out there first"};
        return base::errno_error("cannot lock " + beside, errno);
    }
    return CardFile(path, std::move(lock));
}

base::Status CardFile::save(const CardState& state) {
    return encode(state).reveal([&](base::ByteView record) { return base::write_file_atomically(path_, record, 0600); });
}

base::Status make_card(const std::string& path, const Serial& serial) {
    KMP_TRY(CardFile file, CardFile::claim(path));
    if (access(path.c_str(), F_OK) == 0) return {base::Code::already_exists, path + " is there already: give another file, or remove it if that card is not wanted"};
    return file.save(CardState::blank(serial));
}

base::Result<CardState> load_card(const std::string& path) {
    KMP_TRY(base::Bytes record, base::read_file(path, kMaxRecord));
    auto state = decode_card(record);
    base::wipe(record);
    if (state) return state;
    base::Error error = std::move(state).error();
    error.message = "the card in " + path + " cannot be used: " + error.message + ": restore a copy, or make a new card in another file";
    return error;
}

base::Status TornStorage::save(const CardState& state) {
    if (left_ == 0 || --left_ != 0) return storage_.save(state);
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes_;
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_DFL);
    const auto saved = storage_.save(state);
    raise(SIGKILL);
    return saved;
}

}  // namespace meter::card

#include "meter/state_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace meter {

base::Result<StateFile> StateFile::claim(const std::string& path) {
    // The state itself is renamed over, so the lock lies beside it. It goes with the process, however that ends.
    const std::string beside = path + ".lock";
    base::Fd lock(open(beside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) return base::errno_error("cannot create " + beside, errno);
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return {base::Code::busy, "the meter in " + path + " is running already: stop that kmp-meter first"};
        return base::errno_error("cannot lock " + beside, errno);
    }
    return StateFile(path, std::move(lock));
}

base::Status StateFile::save(const MeterState& state) {
    return encode(state).reveal([&](base::ByteView record) { return base::write_file_atomically(path_, record, 0600); });
}

base::Result<MeterState> load_state(const std::string& path) {
    KMP_TRY(base::Bytes record, base::read_file(path, kMaxStateRecord));
    auto state = decode_state(record);
    base::wipe(record);
    if (state) return state;
    base::Error error = std::move(state).error();
    error.message = "the meter state in " + path + " cannot be used: " + error.message + ": restore a copy, or start a new meter in another file";
    return error;
}

}  // namespace meter

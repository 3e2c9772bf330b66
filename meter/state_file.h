#pragma once
#include <string>

#include "base/fd.h"
#include "meter/meter_state.h"

namespace meter {

/// Where a meter keeps its state. `save` returns ok only when the state outlives a power loss.
class Storage {
public:
    virtual ~Storage() = default;
    virtual base::Status save(const MeterState& state) = 0;
};

/// A file, replaced as a whole: whenever the process dies, the old or the new state is there.
class StateFile final : public Storage {
public:
    /// Takes the file for this process, so that two emulators never run one meter.
    /// errors: busy (another process runs it); io_failed, denied, not_found (the folder)
    static base::Result<StateFile> claim(const std::string& path);
    base::Status save(const MeterState& state) override;

    const std::string& path() const noexcept { return path_; }

private:
    StateFile(std::string path, base::Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    std::string path_;
    base::Fd lock_;
};

/// errors: not_found; tampered or unsupported (the message says what to do); io_failed, denied
base::Result<MeterState> load_state(const std::string& path);

}  // namespace meter

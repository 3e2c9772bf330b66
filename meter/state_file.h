#pragma once
#include <string>

#include "base/fd.h"
#include "meter/metering/metering_state.h"
#include "meter/security_state.h"
#include "meter/state_record.h"

namespace meter {

/// Everything that a low-grade meter still knows after its power came back.
struct MeterState {
    SecurityState security;
    MeteringState metering;
    /// A meter as it leaves the factory.
    static MeterState fresh(const dlt645::Address& number) { return {SecurityState::fresh(number, kLowGradeKeys), {}}; }
};

/// The record of each kind of state, and back. errors: tampered, unsupported
base::Secret encode_low_grade(const SecurityState& security, const MeteringState& metering);
base::Secret encode_high_grade(const dlt645::Address& number, const MeteringState& metering);
base::Secret encode_element(const SecurityState& security);
base::Result<MeterState> decode_low_grade(base::ByteView record);
base::Result<std::pair<dlt645::Address, MeteringState>> decode_high_grade(base::ByteView record);
base::Result<SecurityState> decode_element(base::ByteView record);

/// Where a state is kept. `save` returns ok only when the record outlives a power loss.
class Storage {
public:
    virtual ~Storage() = default;
    virtual base::Status save(const base::Secret& record) = 0;
};

/// A file, replaced as a whole: whenever the process dies, the old or the new state is there.
class StateFile final : public Storage {
public:
    /// Takes the file for this process, so that two emulators never run one meter.
    /// errors: busy (another process runs it); io_failed, denied, not_found (the folder)
    static base::Result<StateFile> claim(const std::string& path);
    base::Status save(const base::Secret& record) override;

    const std::string& path() const noexcept { return path_; }

private:
    StateFile(std::string path, base::Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    std::string path_;
    base::Fd lock_;
};

/// The file of a high-grade meter's secure element lies beside the meter's own.
inline std::string element_path(const std::string& path) { return path + ".esam"; }

/// errors: not_found; tampered or unsupported (the message says what to do); io_failed, denied
base::Result<RecordKind> kind_of(const std::string& path);
base::Result<MeterState> load_low_grade(const std::string& path);
base::Result<std::pair<dlt645::Address, MeteringState>> load_high_grade(const std::string& path);
base::Result<SecurityState> load_element(const std::string& path);

}  // namespace meter

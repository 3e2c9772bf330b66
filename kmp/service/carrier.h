#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/cosignature.h"
#include "kmp/service/past.h"

namespace kmp::service {

/// A signed checkpoint on its way out.
struct Outgoing {
    std::string note;
    std::uint64_t size = 0;
};

/// Cosignatures that came back: lines of which one at least is of that key and holds.
struct Cosignatures {
    std::uint64_t size = 0;  ///< of the checkpoint that they are for
    audit::VerifierKey witness;
    std::string lines;
};

/// How checkpoints get to one place outside this machine. Thread: one of its own, which may hang in here.
class Carrier {
public:
    virtual ~Carrier() = default;
    /// "drop", or the witness's name.
    virtual std::string name() const = 0;
    /// A folder or a URL.
    virtual std::string place() const = 0;
    /// Whose signature is expected there; empty: nobody's.
    virtual std::string key() const { return {}; }
    /// Every checkpoint is carried; otherwise only the newest, for it stands for all before it.
    virtual bool all() const noexcept = 0;
    /// The signed notes that lie there and say most about this log; none: nothing was ever carried. errors: why it cannot be reached
    virtual base::Result<std::vector<std::string>> look() = 0;
    /// errors: why it did not get there; it is tried again. tampered: what came back proves that this log went back.
    virtual base::Result<std::optional<Cosignatures>> carry(const Outgoing& outgoing) = 0;
    /// What would hang is to end. Thread: any.
    virtual void stop() noexcept {}
};

/// A folder: SIZE.checkpoint for each, and `newest`. What is there of another log is not touched.
std::unique_ptr<Carrier> drop_carrier(std::string folder, std::shared_ptr<Past> past);

struct WitnessAddress {
    std::string name;  ///< of its file
    std::string url;   ///< its submission and monitoring prefix
    audit::VerifierKey key;
};
std::unique_ptr<Carrier> witness_carrier(WitnessAddress address, std::shared_ptr<Past> past);

/// HOME/witnesses/NAME.toml: `url` and `key`. What is wrong with one of them is told and does not keep the others away.
std::vector<WitnessAddress> read_witnesses(const std::string& folder, std::vector<std::string>& problems);

}  // namespace kmp::service

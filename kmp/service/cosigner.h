#pragma once
#include <deque>
#include <map>

#include "audit/witness.h"
#include "kmp/service/service.h"
#include "wire/pb.h"

namespace kmp::service {

/// A log that this service is a witness to: HOME/witnessed/NAME.toml.
struct KnownLog {
    std::string name;                ///< of its file
    audit::VerifierKey key;          ///< signs its checkpoints; its name is the origin
    std::uint64_t forget = 0;        ///< what is held of it counts no more where it is over exactly so many records, once: a restore has lost them
};
/// What is wrong with one of them is told and does not keep the others away.
std::vector<KnownLog> read_witnessed(const std::string& folder, std::vector<std::string>& problems);

/// What goes back over HTTP.
struct WitnessReply {
    unsigned status = 200;
    std::string type = "text/plain; charset=utf-8";
    std::string body;
};

/// Cosigns other logs' checkpoints (C2SP tlog-witness; docs/WITNESS.md): what it holds of a log and the event that says so are durable before the cosignature leaves.
/// Thread: the I/O thread.
class Cosigner {
public:
    explicit Cosigner(Service& service) : service_(service) {}
    /// POST add-checkpoint. One at a time: others are told to come again.
    void add_checkpoint(const std::string& body, std::function<void(WitnessReply)> done);
    /// GET <origin hash>/checkpoint: the newest that was cosigned.
    WitnessReply newest(const std::string& origin_hash);
    void describe(wire::pb::StatusReply& out);

    static constexpr std::size_t kMostAMinute = 120;  ///< checkpoints of one log: each is an event of ours

private:
    struct Asked;
    WitnessReply refused_before(Asked& asked);
    void sign(const std::shared_ptr<Asked>& asked);
    void commit(const std::shared_ptr<Asked>& asked, const std::string& note, const std::string& line);
    bool too_many(const std::string& origin);

    Service& service_;
    bool busy_ = false;
    std::map<std::string, std::deque<std::chrono::steady_clock::time_point>> taken_;  ///< by origin
};

}  // namespace kmp::service

#pragma once
#include <string>

#include "tokens/bay.h"

// Private to the bay: what a probe's answer makes of a UKEY, and how often its host may be started.
namespace tokens {

struct Verdict {
    Content content = Content::failed;
    base::UkeySerial serial;       ///< ours
    std::optional<UkeyFile> file;
    std::string problem;           ///< failed
};

/// Judges by the token's answer and, for a soft UKEY, its ukey.toml, which it reads. Content `empty`: a pkcs11 reader without a token.
Verdict judge(const Reader& reader, const pb::ProbeReply& probe);

/// At most `starts` in any `window`, with growing pauses.
class StartBudget {
public:
    using Time = std::chrono::steady_clock::time_point;
    StartBudget(unsigned starts, std::chrono::milliseconds window) : most_(starts), window_(window) {}
    void started(Time now) { starts_.push_back(now); }
    void forget() { starts_.clear(); }
    /// When the next start may be; `now` or later.
    Time next(Time now);
    /// Whether a start must wait because there were too many.
    bool spent(Time now);
    unsigned most() const noexcept { return most_; }

private:
    void prune(Time now);
    unsigned most_;
    std::chrono::milliseconds window_;
    std::vector<Time> starts_;
};

}  // namespace tokens

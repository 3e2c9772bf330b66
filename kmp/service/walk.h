#pragma once
#include <functional>
#include <memory>

#include "kmp/service/denials.h"
#include "kmp/service/errand.h"
#include "kmp/service/service.h"

namespace kmp::service {

/// What leaves for a station. Made from a Receipt only: nothing leaves before it stands in the log, refusals included. The one
/// exception is a log that cannot be written, which is all that such a reply says.
class Reply {
public:
    static Reply with(wire::pb::StationReply message, const audit::Receipt&) { return Reply(std::move(message)); }
    static Reply refusal(const base::Error& error, const audit::Receipt&) { return Reply(error); }
    static Reply unlogged(const base::Error& audit_error) { return Reply(audit_error); }
    /// Why it is a refusal; nothing: it is none.
    const std::optional<base::Code>& failed() const noexcept { return failed_; }
    const wire::pb::StationReply& message() const noexcept { return message_; }
    wire::pb::StationReply take() && { return std::move(message_); }

private:
    explicit Reply(wire::pb::StationReply message) : message_(std::move(message)) {}
    explicit Reply(const base::Error& error);
    wire::pb::StationReply message_;
    std::optional<base::Code> failed_;
};

/// Frame → Request → Caller → Permit → Outcome → Receipt → Reply: each step takes what the one before gave. walk.cpp is the page.
/// Thread: the I/O thread.
class Walk {
public:
    using Sink = std::function<void(Reply)>;
    explicit Walk(Service& service);

    /// Takes an errand to its reply. `sink` is called once.
    void go(std::shared_ptr<const Session> session, const Peer& peer, std::unique_ptr<Errand> errand, Sink sink);
    /// Logs a refusal of something that is no errand (a request without a session, a broken frame), then replies.
    void refuse(const Peer& peer, audit::Event event, const base::Error& error, Sink sink);

    /// Errands under way, and refusals on their way into the log but for those that wait for others.
    std::size_t under_way() const noexcept { return under_way_; }
    /// Refusals in a flood.
    Denials& denials() noexcept { return denials_; }
    const Denials& denials() const noexcept { return denials_; }

private:
    struct Step;
    void outcome(const std::shared_ptr<Step>& step, base::Result<tokens::HostAnswer> answer);
    void write(const std::shared_ptr<Step>& step, Entry entry);
    void deny(const std::shared_ptr<Step>& step, const base::Error& error);
    void answer(const std::shared_ptr<Step>& step, Reply reply);
    Service& service_;
    std::size_t under_way_ = 0;
    Denials denials_;
};

}  // namespace kmp::service

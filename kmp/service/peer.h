#pragma once
#include <sys/types.h>

#include <optional>
#include <string>

#include "audit/event.h"
#include "base/digest.h"

namespace kmp::service {

/// Who is at the other end: of a local socket as the kernel says (SO_PEERCRED), of the network by its address.
struct Peer {
    uid_t uid = static_cast<uid_t>(-1);
    pid_t pid = 0;
    std::optional<base::Digest> key;  ///< of the network: that it has proved to hold, as the SHA-256 of the SubjectPublicKeyInfo
    std::string address;  ///< "203.0.113.7:50112", "[2001:db8::7]:50112"; empty: local

    bool is_remote() const noexcept { return !address.empty(); }
    std::string text() const { return is_remote() ? address + " over TLS" : "uid " + std::to_string(uid) + " (pid " + std::to_string(pid) + ")"; }
    /// As the one who did it.
    void describe_actor(audit::Event& event) const {
        if (!is_remote()) event.text(audit::Field::actor, text());
        describe(event);
    }
    void describe(audit::Event& event) const {
        if (is_remote()) event.text(audit::Field::actor, text());
        else event.number(audit::Field::uid, uid).number(audit::Field::pid, static_cast<std::uint64_t>(pid));
    }
};

}  // namespace kmp::service

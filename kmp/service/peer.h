#pragma once
#include <sys/types.h>

#include <string>

#include "audit/event.h"

namespace kmp::service {

/// Who is at the other end of a local socket, as the kernel says (SO_PEERCRED).
struct Peer {
    uid_t uid = static_cast<uid_t>(-1);
    pid_t pid = 0;
    std::string text() const { return "uid " + std::to_string(uid) + " (pid " + std::to_string(pid) + ")"; }
    void describe(audit::Event& event) const { event.number(audit::Field::uid, uid).number(audit::Field::pid, static_cast<std::uint64_t>(pid)); }
};

}  // namespace kmp::service

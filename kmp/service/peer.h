#pragma once
#include <sys/types.h>

#include <string>

namespace kmp::service {

/// Who is at the other end of a local socket, as the kernel says (SO_PEERCRED).
struct Peer {
    uid_t uid = static_cast<uid_t>(-1);
    pid_t pid = 0;
    std::string text() const { return "uid " + std::to_string(uid) + " (pid " + std::to_string(pid) + ")"; }
};

}  // namespace kmp::service

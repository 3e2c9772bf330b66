#pragma once
#include <string>

#include "base/fd.h"

// Private to the spawner: what both ends of its socket agree on, and the far end.
namespace tokens {

/// One SOCK_SEQPACKET packet each. kmpd to spawner: spawn (with the host's socket as SCM_RIGHTS; then the arguments, each
/// followed by a zero byte) and end. Spawner to kmpd: started, failed (then a text), ended.
struct SpawnerPacket {
    enum class Kind : std::uint32_t { spawn = 1, end = 2, started = 3, failed = 4, ended = 5 };
    Kind kind{};
    std::uint32_t id = 0;
    std::int32_t pid = 0;     ///< started, ended
    std::int32_t number = 0;  ///< end: grace in milliseconds; ended: the wait status
};
inline constexpr std::size_t kMaxSpawnerPacket = 16384;
inline constexpr int kHostDescriptor = 3;  ///< where a tokenhost finds its socket

/// Serves requests until the socket closes, then ends every child and returns. Runs in the forked process; `parent` is kmpd.
void serve_spawner(base::Fd socket, const std::string& program, const std::string& log, pid_t parent);

}  // namespace tokens

#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"

namespace tokens {

/// A small process, forked off before kmpd starts threads or restricts itself, that starts and ends tokenhosts: they must
/// inherit neither kmpd's filters nor its memory. It ends with all its children when this object goes or kmpd dies.
/// Thread: one at a time (the io thread); nothing here blocks.
class Spawner {
public:
    struct Options {
        std::string program;  ///< kmp-tokenhost; empty: the one beside the running program
        std::string log;      ///< file that takes the hosts' stdout and stderr; empty: they inherit ours
    };
    /// Precondition: no other thread is running. io_failed: no process could be made.
    static base::Result<Spawner> start(Options options);
    Spawner(Spawner&&) noexcept = default;
    Spawner& operator=(Spawner&&) noexcept = delete;
    /// Closes the socket, upon which the process ends its children (SIGTERM, SIGKILL a second later), and waits for it.
    ~Spawner();

    struct Host {
        std::uint32_t id = 0;  ///< names this host in `end` and in events; never reused
        base::Fd channel;      ///< our end of its socket pair; requests may be written at once
    };
    /// Asks for a host with these arguments: what kmp-tokenhost's usage line says, e.g. `--kind softhsm --path DIR`.
    /// The answer comes as an event: started, or failed with its reason (the channel then ends at once).
    base::Result<Host> spawn(const std::vector<std::string>& arguments);

    /// Ends a host: SIGTERM, and SIGKILL when it is still there after `grace`; SIGKILL at once for 0. Event `ended` follows.
    /// An id that is not running is no error.
    base::Status end(std::uint32_t id, std::chrono::milliseconds grace);

    struct Event {
        enum class Kind : std::uint8_t { started, failed, ended };
        Kind kind{};
        std::uint32_t id = 0;
        pid_t pid = 0;
        std::string text;  ///< failed: why; ended: "exit 1", "signal 9"
    };
    /// What was reported since the last call. io_failed: the spawner process has died, and all hosts with it.
    base::Result<std::vector<Event>> take_events();
    /// Becomes readable when there are events.
    int descriptor() const noexcept { return socket_.get(); }
    pid_t pid() const noexcept { return pid_; }

private:
    Spawner(base::Fd socket, pid_t pid) noexcept : socket_(std::move(socket)), pid_(pid) {}
    base::Fd socket_;
    pid_t pid_ = 0;
    std::uint32_t next_id_ = 1;
};

/// The path of a program that lies in the folder of the running one.
base::Result<std::string> beside_this_program(std::string_view name);

}  // namespace tokens

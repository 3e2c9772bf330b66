#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tokens/host_channel.h"
#include "tokens/readers.h"
#include "tokens/spawner.h"
#include "tokens/ukey_file.h"

namespace tokens {

enum class Content : std::uint8_t {
    empty,     ///< a reader without a UKEY
    starting,  ///< its tokenhost has not answered yet
    blank,     ///< a UKEY that was never initialised
    ours,      ///< a UKEY of ours: `serial` says which
    foreign,   ///< a token that somebody else initialised
    failed,    ///< `problem` says why
};
std::string_view name(Content) noexcept;

/// A reader and what is in it: a snapshot.
struct Slot {
    Reader reader;
    Content content = Content::empty;
    base::UkeySerial serial;        ///< ours only
    std::optional<UkeyFile> file;   ///< a soft UKEY's ukey.toml
    pb::ProbeReply probe;           ///< what the token said last; blank, ours and foreign only
    std::string problem;
    std::uint64_t incarnation = 0;  ///< another number for each start of a tokenhost: a login is over when it changes
    pid_t host = 0;                 ///< the tokenhost's process; 0: none, or not yet known
    std::shared_ptr<HostChannel> channel;  ///< blank, ours and foreign; otherwise null
};

struct BayEvent {
    enum class Kind : std::uint8_t {
        inserted,  ///< something was plugged in; its host is starting
        ready,     ///< probed: blank, ours or foreign. Comes again after a respawn (log in again) and after refresh
        removed,   ///< pulled out; its calls have failed with token_removed
        failed,    ///< the host died or hung, or the UKEY cannot be used: `problem`. `ready` may follow after a respawn
    };
    Kind kind{};
    Slot slot;
};

struct BayTiming {
    std::chrono::milliseconds poll{250};            ///< looks at the readers
    std::chrono::milliseconds liveness{5000};       ///< between probes of an idle host
    std::chrono::milliseconds absent{1000};         ///< between probes of a pkcs11 reader without a token
    std::chrono::milliseconds probe_timeout{10000};
    std::chrono::milliseconds window{60000};        ///< in which a host is started at most `starts` times
    unsigned starts = 5;
};

/// The set of readers with the tokenhosts of their UKEYs. It starts a host for each present UKEY, kills it at once when the UKEY is
/// pulled, and starts it again, within bounds, when it dies or hangs. A UKEY serial that appears twice is refused in both readers.
/// Thread: the io thread only. The observer runs there, never from inside a lookup; it may call lookups, refresh and channels.
class Bay {
public:
    using Observer = std::function<void(const BayEvent&)>;
    /// `spawner` outlives the bay.
    Bay(asio::io_context& io, Spawner& spawner, std::string readers_folder, Observer observer, BayTiming timing = {});
    /// Ends the hosts and closes their channels.
    ~Bay();
    Bay(const Bay&) = delete;
    Bay& operator=(const Bay&) = delete;

    /// Begins to look. The first events follow from the loop.
    void start();
    /// Stops looking, closes every channel (`cancelled`) and ends every host. No event follows.
    void stop();

    /// All readers, sorted by name.
    std::vector<Slot> slots() const;
    /// not_found: no such reader.
    base::Result<Slot> by_reader(std::string_view reader) const;
    /// The UKEY of ours with this serial, ready for use. token_removed: it is not present; token_failed: it is, but its host is down
    /// or it is refused (a copy): the message says why.
    base::Result<Slot> by_serial(const base::UkeySerial& serial) const;

    /// Probes again, after an operation that changed what a UKEY is (initialise, destroy), and reads ukey.toml again.
    /// `done` gets the new snapshot (or why there is none) after the observer saw it.
    void refresh(std::string_view reader, std::function<void(base::Result<Slot>)> done);
    /// Ends a host and starts it afresh (a failed UKEY that an officer wants tried again). not_found, token_removed.
    base::Status restart(std::string_view reader);

private:
    class State;
    std::shared_ptr<State> state_;  // shared with the handlers that the io context holds
};

}  // namespace tokens

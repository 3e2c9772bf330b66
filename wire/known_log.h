#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/pb.h"

namespace wire {

/// What a client remembers of a service's log, in a file of its own: the key that signs its checkpoints, and the newest checkpoint that this client saw. At each hello the service must prove
/// that its log of today holds all that the log of that checkpoint did: a database or a machine that was set back shows, and so does another log at the same address.
///
/// **The key** is the one that the service names at the first contact, or the one that the caller was given (`kmpctl audit checkpoint --key`). Another one is refused from then on, until the caller gives it: the
/// platform UKEY was replaced. Also then the log must go on from the checkpoint that was kept.
/// **When the proof fails** the file stays as it was: it is the evidence. What came of it is the auditor's to say; forget() puts the file aside, and the next hello is a first contact.
/// Several clients may use one file at once. Thread: one at a time.
class KnownLog {
public:
    /// Reads `file`; where there is none it is the first contact. `key`: a C2SP verifier key that the operator vouches for; empty: the one that is kept, or comes first.
    /// errors: malformed (the file is damaged; or the key is none); conflict (key and file are of two logs); io_failed, denied
    static base::Result<KnownLog> open(std::string file, std::string_view key = {});

    /// To be sent with Hello; empty: none is kept.
    const std::string& checkpoint() const noexcept { return note_; }
    const std::string& file() const noexcept { return file_; }
    /// Over how many events the kept checkpoint is; 0: none is.
    std::uint64_t size() const noexcept { return size_; }
    /// The verifier key that is believed; empty: none yet.
    const std::string& key() const noexcept { return key_; }

    /// Whether what an open service answered to Hello goes on from what is kept. From then on its checkpoint is the one kept, in memory. Before the service has signed its first one there is nothing to keep.
    /// tampered: it does not. One line for a person, who tells the auditor.
    base::Status check(const pb::HelloReply& reply);
    /// Writes what check() took into the file, where it is new; another client's newer one stays. errors: tampered (it keeps another log by now); storage_full, io_failed, denied
    base::Status keep();
    /// The same two, and for a refused Hello: what it says of our checkpoint. A service that is not open is refused, with its state: it proves nothing.
    base::Status meet(const base::Result<pb::HelloReply>& answer);
    /// Why a Hello that carried our checkpoint was refused, in words for whoever kept it.
    base::Error refused(const base::Error& error) const;

    /// The key that an option of a program names: a C2SP verifier key, or the file that holds one and nothing else. errors: malformed; those of base::read_file
    static base::Result<std::string> key_of(const std::string& text);
    /// A name for the file of this service, by its address: two services never share one.
    static std::string name_for(std::string_view service);
    /// Puts `file` aside, and gives the name under which it stands from then on. not_found: there is none.
    static base::Result<std::string> forget(const std::string& file);

private:
    explicit KnownLog(std::string file) : file_(std::move(file)) {}
    base::Status read();
    base::Error set_back(const std::string& why) const;

    std::string file_;
    std::string given_;  ///< the key that the caller vouches for
    std::string key_;
    std::string note_;
    std::uint64_t size_ = 0;
    std::string stored_; ///< the file's content as it was read or written last
};

/// Says hello on a station's connection and holds the service to `log`. errors: those of Client::hello and of KnownLog::meet
template <class Client>
base::Result<pb::HelloReply> greet(Client& client, std::string_view program, KnownLog& log) {
    auto answer = client.hello(program, log.checkpoint());
    KMP_CHECK(log.meet(answer));
    return answer;
}

}  // namespace wire

#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"
#include "tokens/host/frame.h"

/// A small blocking client of a real kmp-tokenhost, for tests.
namespace host_test {

namespace pb = tokens::host::pb;

struct Answer {
    pb::HostReply reply;
    std::vector<tokens::host::RoleSecret> secrets;
    bool ok() const { return reply.result_case() != pb::HostReply::RESULT_NOT_SET && !reply.has_failure(); }
    std::string code() const { return reply.has_failure() ? reply.failure().code() : ok() ? "ok" : "no answer"; }
};

/// A folder below the temporary directory that goes with its object.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

class HostClient {
public:
    /// Starts the program with these arguments. Its end of the socketpair is its file descriptor 3.
    explicit HostClient(std::vector<std::string> arguments);
    static std::vector<std::string> softhsm(const std::string& folder) { return {"--kind", "softhsm", "--path", folder}; }
    /// NSS softokn with its database in `folder`, as an administrator writes it into a reader's file.
    static std::vector<std::string> nss(const std::string& folder);
    ~HostClient();
    HostClient(const HostClient&) = delete;
    HostClient& operator=(const HostClient&) = delete;

    /// One request, one answer. RESULT_NOT_SET when the host hung up or took longer than 60 s.
    Answer call(pb::HostRequest request, std::vector<tokens::host::RoleSecret> secrets = {});
    /// Many requests at once; the answers in their order.
    std::vector<pb::HostReply> pipeline(const std::vector<pb::HostRequest>& requests);
    void send_raw(base::ByteView bytes);
    /// True when the host has hung up (within 10 s).
    bool hung_up();
    /// Closes the socket and waits; the exit status, or -1 when it was killed by a signal.
    int finish();
    pid_t pid() const { return pid_; }

private:
    bool receive(Answer& out);
    base::Fd socket_;
    pid_t pid_ = -1;
    std::uint64_t next_id_ = 1;
    tokens::host::FrameReader reader_;
};

inline tokens::host::RoleSecret secret(pb::SecretRole role, std::string_view text) { return {role, base::Secret::copy_of(base::as_bytes(text))}; }
template <class... Secrets>
std::vector<tokens::host::RoleSecret> secrets(Secrets... each) {
    std::vector<tokens::host::RoleSecret> out;
    (out.push_back(std::move(each)), ...);
    return out;
}

}  // namespace host_test

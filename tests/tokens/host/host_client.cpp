#include "tests/tokens/host/host_client.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace host_test {

Folder::Folder() {
    path_ = (std::filesystem::temp_directory_path() / "kmp-host-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

HostClient::HostClient(std::vector<std::string> arguments) {
    auto pair = base::socket_pair();
    if (!pair) throw std::runtime_error(pair.error().message);
    arguments.insert(arguments.begin(), KMP_BIN_DIR "/kmp-tokenhost");
    std::vector<char*> values;
    for (std::string& argument : arguments) values.push_back(argument.data());
    values.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
        const int theirs = pair->second.get();
        if (theirs == 3)
            fcntl(3, F_SETFD, 0);
        else
            dup2(theirs, 3);
        execv(values[0], values.data());
        _exit(127);
    }
    socket_ = std::move(pair->first);
}

std::vector<std::string> HostClient::nss(const std::string& folder) {
    return {"--kind", "pkcs11", "--module", KMP_SOFTOKN, "--path", folder, "--parameters", "configDir='sql:{path}'"};
}

HostClient::~HostClient() {
    socket_.reset();
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

void HostClient::send_raw(base::ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
}

bool HostClient::receive(Answer& out) {
    for (;;) {
        auto message = reader_.next();
        if (!message) return false;
        if (*message) {
            out.secrets = std::move((*message)->secrets);
            return out.reply.ParseFromArray((*message)->payload.data(), static_cast<int>((*message)->payload.size()));
        }
        pollfd entry{socket_.get(), POLLIN, 0};
        if (poll(&entry, 1, 60'000) <= 0) return false;
        const auto room = reader_.room();
        const ssize_t n = recv(socket_.get(), room.data(), room.size(), 0);
        if (n <= 0) return false;
        reader_.received(static_cast<std::size_t>(n));
    }
}

Answer HostClient::call(pb::HostRequest request, std::vector<tokens::host::RoleSecret> with) {
    request.set_id(next_id_++);
    base::Bytes out;
    if (!tokens::host::append_frames(out, request, with)) return {};
    send_raw(out);
    Answer answer;
    if (!receive(answer) || answer.reply.id() != request.id()) return {};
    return answer;
}

std::vector<pb::HostReply> HostClient::pipeline(const std::vector<pb::HostRequest>& requests) {
    base::Bytes out;
    for (pb::HostRequest request : requests) {
        request.set_id(next_id_++);
        (void)tokens::host::append_frames(out, request, {});
    }
    std::vector<pb::HostReply> replies;
    send_raw(out);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        Answer answer;
        if (!receive(answer)) break;
        replies.push_back(std::move(answer.reply));
    }
    return replies;
}

bool HostClient::hung_up() {
    for (;;) {
        pollfd entry{socket_.get(), POLLIN, 0};
        if (poll(&entry, 1, 10'000) <= 0) return false;
        const auto room = reader_.room();
        const ssize_t n = recv(socket_.get(), room.data(), room.size(), 0);
        if (n <= 0) return true;
        reader_.received(static_cast<std::size_t>(n));
    }
}

int HostClient::finish() {
    socket_.reset();
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace host_test

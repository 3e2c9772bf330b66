#pragma once
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "wire/frame.h"
#include "wire/pb.h"
#include "wire/pin_frame.h"

/// A kmpd that a test writes as one function: for each request, the frames to answer with. One connection at a time.
namespace tests {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "kmp-test-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

template <class Request, class Reply>
class FakeService {
public:
    /// What a request leads to: replies (an id of 0 becomes the request's), bytes sent as they are, or hanging up.
    struct Answer {
        std::vector<Reply> replies;
        base::Bytes raw;
        bool hang_up = false;
    };
    using Handler = std::function<Answer(const Request&)>;

    FakeService(const std::string& path, Handler handler) : path_(path), handler_(std::move(handler)), stop_(eventfd(0, EFD_CLOEXEC)) {
        listener_ = base::Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listener_.get(), 8) != 0)
            throw std::runtime_error("cannot listen at " + path);
        thread_ = std::thread([this] { run(); });
    }
    ~FakeService() {
        const std::uint64_t one = 1;
        if (write(stop_.get(), &one, sizeof one) < 0) std::terminate();
        thread_.join();
    }
    FakeService(const FakeService&) = delete;
    FakeService& operator=(const FakeService&) = delete;

    const std::string& path() const { return path_; }
    /// "role:pin" of every PIN entered, and the requests received, in their order.
    std::vector<std::string> pins() const {
        const std::lock_guard lock(mutex_);
        return pins_;
    }
    std::vector<Request> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

private:
    bool readable(int fd) const {
        pollfd p[2] = {{fd, POLLIN, 0}, {stop_.get(), POLLIN, 0}};
        while (poll(p, 2, -1) < 0) {}
        return p[1].revents == 0;
    }
    void run() {
        while (readable(listener_.get())) {
            const base::Fd peer(accept(listener_.get(), nullptr, nullptr));
            if (peer) serve(peer.get());
        }
    }
    void serve(int fd) {
        wire::FrameReader reader;
        while (readable(fd)) {
            const auto room = reader.room();
            const ssize_t n = recv(fd, room.data(), room.size(), 0);
            if (n <= 0) return;
            reader.received(static_cast<std::size_t>(n));
            for (;;) {
                auto next = reader.next();
                if (!next || !*next) break;
                if (!handle(fd, **next)) return;
            }
        }
    }
    bool handle(int fd, std::span<std::uint8_t> message) {
        if (wire::is_pin_frame(message)) {
            auto entry = wire::parse_pin_frame(message);
            const std::lock_guard lock(mutex_);
            if (entry) pins_.push_back(entry->role + ":" + entry->pin.reveal([](base::ByteView v) { return base::to_string(v); }));
            return entry.ok();
        }
        Request request;
        if (!request.ParseFromArray(message.data(), static_cast<int>(message.size()))) return false;
        {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
        }
        Answer answer = handler_(request);
        base::Bytes out;
        for (Reply& reply : answer.replies) {
            if (reply.id() == 0) reply.set_id(request.id());
            if (!wire::append_frame(out, reply)) return false;
        }
        out.insert(out.end(), answer.raw.begin(), answer.raw.end());
        for (std::size_t done = 0; done < out.size();) {
            const ssize_t n = ::send(fd, out.data() + done, out.size() - done, MSG_NOSIGNAL);
            if (n <= 0) return false;
            done += static_cast<std::size_t>(n);
        }
        return !answer.hang_up;
    }

    std::string path_;
    Handler handler_;
    base::Fd stop_;
    base::Fd listener_;
    std::thread thread_;
    mutable std::mutex mutex_;
    std::vector<std::string> pins_;
    std::vector<Request> requests_;
};

using FakeStationService = FakeService<wire::pb::StationRequest, wire::pb::StationReply>;
using FakeAdminService = FakeService<wire::pb::AdminRequest, wire::pb::AdminReply>;

}  // namespace tests

#pragma once
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "meter/dlt645/data_identifier.h"
#include "meter/dlt645/decoder.h"
#include "meter/dlt645/payload.h"

/// The far end of a line, as a test writes it: for each frame that arrives, what is written back. On a pty or over TCP.
namespace tests {

namespace dlt645 = meter::dlt645;

class FakeMeter {
public:
    enum class On { pty, tcp };
    struct Reaction {
        base::Bytes bytes;
        int delay_ms = 0;       ///< before they are written
        bool hang_up = false;   ///< TCP: closes instead
    };
    using Handler = std::function<std::vector<Reaction>(const dlt645::Frame&)>;

    FakeMeter(On on, Handler handler) : handler_(std::move(handler)), stop_(eventfd(0, EFD_CLOEXEC)) {
        if (on == On::pty) open_pty();
        else open_tcp();
        thread_ = std::thread([this, on] { on == On::pty ? serve(device_.get()) : accept_and_serve(); });
    }
    ~FakeMeter() {
        const std::uint64_t one = 1;
        if (write(stop_.get(), &one, sizeof one) < 0) std::terminate();
        thread_.join();
    }
    FakeMeter(const FakeMeter&) = delete;
    FakeMeter& operator=(const FakeMeter&) = delete;

    /// As --line takes it.
    const std::string& line() const { return line_; }
    std::vector<dlt645::Frame> heard() const {
        const std::lock_guard lock(mutex_);
        return heard_;
    }
    /// The same, once there are `count` of them or five seconds have passed: what was sent may still be on its way.
    std::vector<dlt645::Frame> heard(std::size_t count) const {
        for (int i = 0; i < 500; ++i) {
            if (auto frames = heard(); frames.size() >= count) return frames;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return heard();
    }

private:
    void open_pty() {
        device_ = base::Fd(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
        if (!device_ || grantpt(device_.get()) != 0 || unlockpt(device_.get()) != 0) throw std::runtime_error("no pty");
        char name[128];
        if (ptsname_r(device_.get(), name, sizeof name) != 0) throw std::runtime_error("no pty name");
        // Held open, so that a station that comes or goes is no hang-up; raw, so that bytes stay bytes.
        held_ = base::Fd(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
        termios raw{};
        tcgetattr(held_.get(), &raw);
        cfmakeraw(&raw);
        tcsetattr(held_.get(), TCSANOW, &raw);
        line_ = std::string("serial:") + name + ":9600";
    }
    void open_tcp() {
        device_ = base::Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const raw = reinterpret_cast<sockaddr*>(&address);
        if (bind(device_.get(), raw, size) != 0 || listen(device_.get(), 1) != 0 || getsockname(device_.get(), raw, &size) != 0) throw std::runtime_error("no port");
        line_ = "tcp:127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    bool readable(int fd) const {
        pollfd p[2] = {{fd, POLLIN, 0}, {stop_.get(), POLLIN, 0}};
        while (poll(p, 2, -1) < 0) {}
        return p[1].revents == 0;
    }
    void accept_and_serve() {
        while (readable(device_.get())) {
            const base::Fd peer(accept(device_.get(), nullptr, nullptr));
            if (peer) serve(peer.get());
        }
    }
    void serve(int fd) {
        dlt645::Decoder decoder;
        std::uint8_t chunk[512];
        while (readable(fd)) {
            const ssize_t n = read(fd, chunk, sizeof chunk);
            if (n <= 0) return;
            for (const dlt645::Frame& frame : decoder.push({chunk, static_cast<std::size_t>(n)})) {
                std::vector<Reaction> reactions;
                {
                    const std::lock_guard lock(mutex_);
                    heard_.push_back(frame);
                    reactions = handler_(frame);
                }
                for (const Reaction& r : reactions) {
                    if (r.hang_up) return;
                    std::this_thread::sleep_for(std::chrono::milliseconds(r.delay_ms));
                    if (!r.bytes.empty() && write(fd, r.bytes.data(), r.bytes.size()) < 0) return;
                }
            }
        }
    }

    Handler handler_;
    base::Fd stop_;
    base::Fd device_;
    base::Fd held_;
    std::string line_;
    std::thread thread_;
    mutable std::mutex mutex_;
    std::vector<dlt645::Frame> heard_;
};

inline base::Bytes wired(const dlt645::Frame& frame) { return *dlt645::encode(frame); }

/// The answer a meter gives to `request`: its data identifier, then `fields` as they travel.
inline base::Bytes answer(const dlt645::Frame& request, const std::string& meter, base::ByteView fields) {
    base::Bytes data;
    const auto function = request.control.function();
    if (function == dlt645::Function::security || function == dlt645::Function::read) data.assign(request.data.begin(), request.data.begin() + 4);
    data.insert(data.end(), fields.begin(), fields.end());
    return wired({*dlt645::Address::parse(meter), request.control.reply(), std::move(data)});
}
inline base::Bytes refusal(const dlt645::Frame& request, const std::string& meter, base::Bytes word) {
    return wired({*dlt645::Address::parse(meter), request.control.error_reply(), std::move(word)});
}
/// DI of a request that carries one.
inline std::uint32_t identifier(const dlt645::Frame& request) {
    dlt645::PayloadReader in(request.data);
    const auto id = in.identifier();
    return id ? id->value() : 0;
}

}  // namespace tests

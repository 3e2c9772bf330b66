#include "vending/channel.h"

#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/serial_port.hpp>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>

namespace vending {
namespace {

using base::Code;
using Steady = std::chrono::steady_clock;

constexpr unsigned kUsualBaud = 2400;   // DL/T 645-2007, 5.1: RS-485 default
constexpr unsigned kBitsPerByte = 11;   // start, 8 data, parity, stop
constexpr Wait kConnectTimeout{5000};
constexpr Wait kWriteTimeout{5000};

/// Reads and writes through the descriptor of an asio device: asio opens and configures, poll keeps the time.
template <class Device>
class DeviceChannel final : public Channel {
public:
    DeviceChannel(std::unique_ptr<asio::io_context> io, Device device, std::string name, unsigned baud)
        : io_(std::move(io)), device_(std::move(device)), name_(std::move(name)), baud_(baud) {}

    base::Status write(base::ByteView bytes) override {
        const auto deadline = Steady::now() + kWriteTimeout;
        while (!bytes.empty()) {
            KMP_TRY(const bool ready, wait_for(POLLOUT, deadline));
            if (!ready) return {Code::timeout, name_ + " takes no bytes"};
            const ssize_t n = ::write(fd(), bytes.data(), bytes.size());
            if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
            else if (n < 0 && errno != EAGAIN && errno != EINTR) return base::errno_error("cannot write to " + name_, errno);
        }
        return {};
    }

    base::Result<std::size_t> read(std::span<std::uint8_t> into, Wait wait) override {
        const auto deadline = Steady::now() + wait;
        for (;;) {
            KMP_TRY(const bool ready, wait_for(POLLIN, deadline));
            if (!ready) return std::size_t{0};
            const ssize_t n = ::read(fd(), into.data(), into.size());
            if (n > 0) return static_cast<std::size_t>(n);
            if (n == 0 || (errno != EAGAIN && errno != EINTR))
                return base::Error{Code::io_failed, name_ + " was closed at the other end", n == 0 ? 0 : errno};
        }
    }

    Wait duration(std::size_t count) const noexcept override {
        return baud_ == 0 ? Wait(0) : Wait(static_cast<std::int64_t>(count) * kBitsPerByte * 1000 / baud_ + 1);
    }

private:
    int fd() { return device_.native_handle(); }
    base::Result<bool> wait_for(short events, Steady::time_point deadline) {
        for (;;) {
            const auto left = std::chrono::ceil<Wait>(deadline - Steady::now()).count();
            pollfd p{fd(), events, 0};
            const int n = poll(&p, 1, left > 0 ? static_cast<int>(left) : 0);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return base::errno_error("cannot wait for " + name_, errno);
            return n > 0;
        }
    }

    std::unique_ptr<asio::io_context> io_;
    Device device_;
    std::string name_;
    unsigned baud_;
};

base::Error asio_error(const std::string& what, const std::error_code& error) { return base::errno_error(what, error.value()); }

base::Result<std::unique_ptr<Channel>> open_serial(const std::string& device, unsigned baud) {
    using Port = asio::serial_port;
    auto io = std::make_unique<asio::io_context>();
    Port port(*io);
    std::error_code error;
    port.open(device, error);
    if (error) return asio_error("cannot open " + device, error);
    // Two stations on one line would take each other's answers.
    if (flock(port.native_handle(), LOCK_EX | LOCK_NB) != 0) return {Code::busy, device + " is in use by another program"};
    port.set_option(Port::baud_rate(baud), error);
    if (error) return {Code::invalid_argument, device + " cannot run at " + std::to_string(baud) + " baud", error.value()};
    port.set_option(Port::character_size(8), error);
    if (!error) port.set_option(Port::parity(Port::parity::even), error);
    if (!error) port.set_option(Port::stop_bits(Port::stop_bits::one), error);
    if (!error) port.set_option(Port::flow_control(Port::flow_control::none), error);
    if (error) return asio_error("cannot set 8 data bits, even parity on " + device, error);
    return std::unique_ptr<Channel>(std::make_unique<DeviceChannel<Port>>(std::move(io), std::move(port), device, baud));
}

base::Result<std::unique_ptr<Channel>> open_tcp(const std::string& host, const std::string& port) {
    using asio::ip::tcp;
    const std::string name = host + ":" + port;
    auto io = std::make_unique<asio::io_context>();
    std::error_code error;
    tcp::resolver resolver(*io);
    const auto endpoints = resolver.resolve(host, port, error);
    if (error) return base::Error{Code::not_found, "cannot find " + name + ": " + error.message()};
    tcp::socket socket(*io);
    std::optional<std::error_code> outcome;
    asio::async_connect(socket, endpoints, [&](const std::error_code& e, const tcp::endpoint&) { outcome = e; });
    io->run_for(kConnectTimeout);
    if (!outcome) {
        socket.close(error);
        io->run();  // lets the cancelled operation end while what it refers to is here
        return base::Error{Code::timeout, "nothing answers at " + name};
    }
    if (*outcome) return asio_error("cannot connect to the line at " + name, *outcome);
    socket.set_option(tcp::no_delay(true), error);
    socket.native_non_blocking(true, error);
    if (error) return asio_error("cannot set up the line at " + name, error);
    return std::unique_ptr<Channel>(std::make_unique<DeviceChannel<tcp::socket>>(std::move(io), std::move(socket), name, 0));
}

std::optional<unsigned> number(std::string_view text, unsigned most) {
    unsigned value = 0;
    const char* end = text.data() + text.size();
    const bool whole = !text.empty() && std::from_chars(text.data(), end, value).ptr == end;
    return whole && value > 0 && value <= most ? std::optional(value) : std::nullopt;
}

/// A line's name, taken apart.
struct Place {
    bool serial = false;
    std::string where;  ///< device or host
    std::string port;
    unsigned baud = kUsualBaud;
};

base::Result<Place> parse(std::string_view name) {
    const base::Error bad{Code::invalid_argument, "the line '" + std::string(name) + "': it takes serial:DEVICE[:BAUD], pty:DEVICE, tcp:HOST:PORT or tcp:PORT"};
    const std::size_t first = name.find(':');
    if (first == std::string_view::npos) return bad;
    const std::string_view kind = name.substr(0, first);
    std::string_view rest = name.substr(first + 1);
    const std::size_t last = rest.rfind(':');
    const std::string_view behind = last == std::string_view::npos ? rest : rest.substr(last + 1);
    Place out;
    if (kind == "serial" || kind == "pty") {
        out.serial = true;
        // The paths of devices may hold colons themselves: only a number behind the last one is a speed.
        if (const auto baud = number(behind, 4'000'000); baud && last != std::string_view::npos) {
            out.baud = *baud;
            rest = rest.substr(0, last);
        }
        out.where = rest;
    } else if (kind == "tcp" && number(behind, 65535)) {
        out.port = behind;
        out.where = last == std::string_view::npos ? std::string_view("127.0.0.1") : rest.substr(0, last);
        if (out.where.size() > 2 && out.where.front() == '[' && out.where.back() == ']') out.where = out.where.substr(1, out.where.size() - 2);
    }
    if (out.where.empty()) return bad;
    return out;
}

}  // namespace

base::Status check_channel_name(std::string_view name) {
    KMP_CHECK(parse(name));
    return {};
}

base::Result<std::unique_ptr<Channel>> open_channel(std::string_view name) {
    KMP_TRY(const Place place, parse(name));
    return place.serial ? open_serial(place.where, place.baud) : open_tcp(place.where, place.port);
}

}  // namespace vending

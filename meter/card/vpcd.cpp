#include "meter/card/vpcd.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <cerrno>
#include <charconv>
#include <csignal>

namespace meter::card {
namespace {

using base::Code;

enum class Control : std::uint8_t { power_off = 0, power_on = 1, reset = 2, answer_to_reset = 4 };

/// The connection to a reader. nullopt instead of bytes: the card is to come out.
class ReaderLink {
public:
    ReaderLink(asio::ip::tcp::socket socket, base::Fd signals, std::string name) : socket_(std::move(socket)), signals_(std::move(signals)), name_(std::move(name)) {}

    base::Result<std::optional<base::Bytes>> receive() {
        KMP_TRY(const auto head, read(2));
        if (!head) return std::optional<base::Bytes>();
        return read(static_cast<std::size_t>((*head)[0]) << 8 | (*head)[1]);
    }
    base::Status send(base::ByteView message) {
        base::ByteWriter out;
        out.sized16(message);
        for (base::ByteView left = out.view(); !left.empty();) {
            const ssize_t n = ::send(fd(), left.data(), left.size(), MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return base::errno_error("the reader at " + name_ + " takes no answer", errno);
            left = left.subspan(static_cast<std::size_t>(n));
        }
        return {};
    }

private:
    int fd() { return socket_.native_handle(); }
    base::Result<std::optional<base::Bytes>> read(std::size_t size) {
        base::Bytes out(size);
        for (std::size_t have = 0; have < size;) {
            pollfd waiting[2] = {{fd(), POLLIN, 0}, {signals_.get(), POLLIN, 0}};
            if (poll(waiting, 2, -1) < 0 && errno != EINTR) return base::errno_error("cannot wait for the reader", errno);
            if (waiting[1].revents != 0) return std::optional<base::Bytes>();
            if (waiting[0].revents == 0) continue;
            // The reader sends length and command apart, and waits for our acknowledgement in between: at once, or it takes 40 ms each.
            const int on = 1;
            setsockopt(fd(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
            const ssize_t n = recv(fd(), out.data() + have, size - have, 0);
            if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
            if (n < 0) return base::errno_error("the reader at " + name_ + " cannot be heard", errno);
            if (n == 0) return {Code::io_failed, "the reader at " + name_ + " went away"};
            have += static_cast<std::size_t>(n);
        }
        return std::optional(std::move(out));
    }

    asio::ip::tcp::socket socket_;
    base::Fd signals_;
    std::string name_;
};

base::Result<ReaderLink> connect(asio::io_context& io, const VirtualReader& reader) {
    const std::string name = reader.host + ":" + reader.port;
    const auto failed = [&](const std::error_code& why) { return base::Error{Code::io_failed, "no virtual reader listens at " + name + " (" + why.message() + "): start pcscd with vpcd", why.value()}; };
    std::error_code error;
    asio::ip::tcp::resolver resolver(io);
    const auto found = resolver.resolve(reader.host, reader.port, error);
    if (error) return failed(error);
    asio::ip::tcp::socket socket(io);
    asio::connect(socket, found, error);
    if (error) return failed(error);
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) return {Code::internal, "cannot hold signals back"};
    base::Fd signals(signalfd(-1, &set, SFD_CLOEXEC));
    if (!signals) return base::errno_error("cannot listen for signals", errno);
    return ReaderLink(std::move(socket), std::move(signals), name);
}

/// What the reader hears; nothing where the control wants no answer.
std::optional<base::Bytes> obey(Card& card, Control control) {
    switch (control) {
        case Control::power_off:
        case Control::power_on:
        case Control::reset: card.reset(); return std::nullopt;
        case Control::answer_to_reset: return base::to_bytes(kAnswerToReset);
    }
    return std::nullopt;
}

}  // namespace

base::Result<VirtualReader> parse_virtual_reader(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    VirtualReader out{colon == std::string_view::npos ? "127.0.0.1" : std::string(text.substr(0, colon)), std::string(colon == std::string_view::npos ? text : text.substr(colon + 1))};
    unsigned port = 0;
    const auto [end, wrong] = std::from_chars(out.port.data(), out.port.data() + out.port.size(), port);
    if (wrong != std::errc() || end != out.port.data() + out.port.size() || port == 0 || port > 65535 || out.host.empty())
        return {Code::invalid_argument, "'" + std::string(text) + "' is no virtual reader: give HOST:PORT, where vpcd listens (its first reader has port 35963)"};
    return out;
}

base::Status serve(Card& card, const VirtualReader& reader, const Pull& pull, const std::function<void()>& inserted) {
    asio::io_context io;
    KMP_TRY(ReaderLink link, connect(io, reader));
    inserted();
    card.reset();
    for (unsigned apdus = 0;;) {
        KMP_TRY(const auto message, link.receive());
        if (!message) return {};
        if (message->size() == 1) {
            if (const auto answer = obey(card, static_cast<Control>(message->front()))) KMP_CHECK(link.send(*answer));
            continue;
        }
        if (++apdus == pull.at) return {};
        const base::Bytes answer = card.answer(*message);
        if (apdus == pull.after) return {};
        KMP_CHECK(link.send(answer));
    }
}

}  // namespace meter::card

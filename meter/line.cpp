#include "meter/line.h"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/serial_port.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <charconv>
#include <csignal>
#include <deque>

#include "meter/dlt645/decoder.h"
#include "meter/pty.h"

namespace meter {
namespace {

using Ended = std::function<void(const std::error_code&)>;

base::Error line_error(std::string what, const std::error_code& why) {
    if (why.category() == std::system_category() || why.category() == std::generic_category()) return base::errno_error(what, why.value());
    return {base::Code::io_failed, std::move(what) + ": " + why.message(), why.value()};
}

/// One stream of bytes with meters at its end. Answers leave one after the other, in the order of the requests.
/// Shared with its pending operations, so that a closed connection stays until the last of them has returned.
template <class Stream>
class Port : public std::enable_shared_from_this<Port<Stream>> {
public:
    Port(Stream stream, Bus& bus, base::Millis delay, Ended ended)
        : stream_(std::move(stream)), quiet_(stream_.get_executor()), pause_(stream_.get_executor()), bus_(bus), delay_(delay),
          ended_(std::move(ended)) {}

    void read() {
        stream_.async_read_some(asio::buffer(in_), [self = this->shared_from_this()](std::error_code error, std::size_t size) {
            if (error) return self->end(error);
            self->take(self->decoder_.push(base::ByteView(self->in_.data(), size)));
            self->watch_for_quiet();
        });
    }

private:
    void watch_for_quiet() {
        if (decoder_.held() == 0) {
            quiet_.cancel();
            return;
        }
        quiet_.expires_after(std::chrono::milliseconds(dlt645::kQuiet));
        quiet_.async_wait([self = this->shared_from_this()](std::error_code error) {
            if (!error && !self->closed_ && self->waiting_.empty()) self->take(self->decoder_.quiet(), false);
        });
    }

    void take(std::vector<dlt645::Frame> frames, bool then_read = true) {
        for (auto& frame : frames) waiting_.push_back(std::move(frame));
        if (then_read) read_next_ = true;
        if (!answering_) answer_next();
    }

    void answer_next() {
        answering_ = true;
        while (!waiting_.empty()) {
            out_ = bus_.answer(waiting_.front());
            waiting_.pop_front();
            if (out_.empty()) continue;
            if (delay_ == 0) return write();
            pause_.expires_after(std::chrono::milliseconds(delay_));
            pause_.async_wait([self = this->shared_from_this()](std::error_code error) {
                if (!error) self->write();
            });
            return;
        }
        answering_ = false;
        if (std::exchange(read_next_, false)) read();
    }

    void write() {
        asio::async_write(stream_, asio::buffer(out_), [self = this->shared_from_this()](std::error_code error, std::size_t) {
            if (error) return self->end(error);
            self->answer_next();
        });
    }

    void end(const std::error_code& error) {
        if (std::exchange(closed_, true)) return;
        quiet_.cancel();
        if (ended_) ended_(error);
    }

    Stream stream_;
    asio::steady_timer quiet_;
    asio::steady_timer pause_;
    Bus& bus_;
    base::Millis delay_;
    Ended ended_;
    dlt645::Decoder decoder_;
    std::array<std::uint8_t, 1024> in_{};
    std::deque<dlt645::Frame> waiting_;
    base::Bytes out_;
    bool answering_ = false;
    bool read_next_ = false;
    bool closed_ = false;
};

void accept_next(asio::ip::tcp::acceptor& acceptor, Bus& bus, base::Millis delay) {
    acceptor.async_accept([&acceptor, &bus, delay](std::error_code error, asio::ip::tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error) std::make_shared<Port<asio::ip::tcp::socket>>(std::move(socket), bus, delay, Ended())->read();
        accept_next(acceptor, bus, delay);  // a station that left while it was accepted is no reason to stop
    });
}

/// Everything that one served line needs; it opens one of three kinds and then runs.
class Server {
public:
    Server(const LineSettings& settings, Bus& bus, const std::function<void(std::string_view)>& ready)
        : settings_(settings), bus_(bus), ready_(ready), signals_(context_, SIGTERM, SIGINT) {}

    base::Status run(const LineName& name) {
        signals_.async_wait([this](std::error_code, int) { context_.stop(); });
        KMP_CHECK(std::visit([this](const auto& line) { return open(line); }, name));
        context_.run();
        if (lost_) return *lost_;
        return {};
    }

private:
    base::Status open(const PtyLine& line) {
        KMP_TRY(Pty pty, Pty::open(line.link));
        const int ours = dup(pty.fd());
        if (ours < 0) return base::errno_error("cannot use the pseudo-terminal", errno);
        start(asio::posix::stream_descriptor(context_, ours), "the pseudo-terminal");
        ready_("pty:" + (line.link.empty() ? pty.station_end() : line.link));
        pty_ = std::move(pty);
        return {};
    }

    base::Status open(const TcpLine& line) {
        const std::string shown = line.host + ":" + std::to_string(line.port);
        std::error_code error;
        const auto address = asio::ip::make_address(line.host, error);
        if (error) return {base::Code::invalid_argument, "'" + line.host + "' is not an address of this machine, such as 127.0.0.1"};
        const asio::ip::tcp::endpoint endpoint(address, line.port);
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error) return line_error("cannot listen on " + shown, error);
        accept_next(acceptor_, bus_, settings_.delay);
        ready_("tcp:" + line.host + ":" + std::to_string(acceptor_.local_endpoint().port()));
        return {};
    }

    base::Status open(const SerialLine& line) {
        using Option = asio::serial_port_base;
        asio::serial_port port(context_);
        std::error_code error;
        port.open(line.device, error);
        if (!error) port.set_option(Option::baud_rate(settings_.baud), error);
        if (!error) port.set_option(Option::character_size(8), error);
        if (!error) port.set_option(Option::parity(Option::parity::even), error);
        if (!error) port.set_option(Option::stop_bits(Option::stop_bits::one), error);
        if (error) return line_error("cannot open the serial line " + line.device + " at " + std::to_string(settings_.baud) + " baud", error);
        start(std::move(port), line.device);
        ready_("serial:" + line.device);
        return {};
    }

    template <class Stream>
    void start(Stream stream, const std::string& what) {
        std::make_shared<Port<Stream>>(std::move(stream), bus_, settings_.delay, [this, what](const std::error_code& error) {
            lost_ = line_error(what + " went away", error);
            context_.stop();
        })->read();
    }

    const LineSettings& settings_;
    Bus& bus_;
    const std::function<void(std::string_view)>& ready_;
    asio::io_context context_;
    asio::signal_set signals_;
    asio::ip::tcp::acceptor acceptor_{context_};
    std::optional<Pty> pty_;
    std::optional<base::Error> lost_;
};

}  // namespace

base::Result<LineName> parse_line(std::string_view text) {
    const base::Error wrong{base::Code::invalid_argument,
                            "'" + std::string(text) + "' is not a line: give pty, pty:LINK, tcp:PORT, tcp:HOST:PORT or serial:DEVICE"};
    const std::size_t colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    std::string_view rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (colon != std::string_view::npos && rest.empty()) return wrong;
    if (kind == "pty") return LineName(PtyLine{std::string(rest)});
    if (rest.empty()) return wrong;
    if (kind == "serial") return LineName(SerialLine{std::string(rest)});
    if (kind != "tcp") return wrong;
    std::string host = "127.0.0.1";
    if (const std::size_t last = rest.rfind(':'); last != std::string_view::npos) {
        host = rest.substr(0, last);
        rest = rest.substr(last + 1);
    }
    if (host == "localhost") host = "127.0.0.1";
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
    if (host.empty() || error != std::errc() || end != rest.data() + rest.size()) return wrong;
    return LineName(TcpLine{std::move(host), port});
}

base::Status serve(const LineName& name, const LineSettings& settings, Bus& bus, const std::function<void(std::string_view)>& ready) {
    return Server(settings, bus, ready).run(name);
}

}  // namespace meter

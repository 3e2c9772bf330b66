#include "meter/line.h"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/read_until.hpp>
#include <asio/serial_port.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/streambuf.hpp>
#include <asio/write.hpp>
#include <charconv>
#include <csignal>
#include <deque>

#include <sys/stat.h>

#include "meter/dlt645/decoder.h"
#include "meter/prepayment_meter.h"
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
    /// `byte_time`: microseconds that a byte of an answer takes on this line.
    Port(Stream stream, Bus& bus, base::Millis delay, std::int64_t byte_time, Ended ended)
        : stream_(std::move(stream)), quiet_(stream_.get_executor()), pause_(stream_.get_executor()), bus_(bus), delay_(delay),
          byte_time_(byte_time), ended_(std::move(ended)) {}

    void read() {
        stream_.async_read_some(asio::buffer(in_), [self = this->shared_from_this()](std::error_code error, std::size_t size) {
            if (error) return self->end(error);
            self->bus_.disturb(std::span(self->in_.data(), size));
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
            const auto pause = std::chrono::microseconds(delay_ * 1000 + byte_time_ * static_cast<std::int64_t>(out_.size()));
            if (pause.count() == 0) return write();
            pause_.expires_after(pause);
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
    std::int64_t byte_time_;
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
        if (!error) std::make_shared<Port<asio::ip::tcp::socket>>(std::move(socket), bus, delay, 0, Ended())->read();
        accept_next(acceptor, bus, delay);  // a station that left while it was accepted is no reason to stop
    });
}

/// One person or test at the control socket: a line in, a line out.
class Desk : public std::enable_shared_from_this<Desk> {
public:
    using Socket = asio::local::stream_protocol::socket;
    Desk(Socket socket, Control& control) : socket_(std::move(socket)), control_(control) {}

    void read() {
        asio::async_read_until(socket_, in_, '\n', [self = shared_from_this()](std::error_code error, std::size_t size) {
            if (error) return;  // it left, or sent a line that is too long
            std::string line(static_cast<const char*>(self->in_.data().data()), size - 1);
            self->in_.consume(size);
            self->out_ = self->control_.obey(line) + "\n";
            asio::async_write(self->socket_, asio::buffer(self->out_), [self](std::error_code failed, std::size_t) {
                if (!failed) self->read();
            });
        });
    }

private:
    Socket socket_;
    Control& control_;
    asio::streambuf in_{kMaxControlLine};
    std::string out_;
};

void accept_next(asio::local::stream_protocol::acceptor& acceptor, Control& control) {
    acceptor.async_accept([&acceptor, &control](std::error_code error, Desk::Socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error) std::make_shared<Desk>(std::move(socket), control)->read();
        accept_next(acceptor, control);
    });
}

/// Everything that the served lines need; it opens them, each of one of three kinds, and then runs.
class Server {
public:
    Server(const LineSettings& settings, Bus& bus, Control& control, const std::function<void(std::string_view)>& ready)
        : settings_(settings), bus_(bus), control_(control), ready_(ready), signals_(context_, SIGTERM, SIGINT) {}
    ~Server() {
        if (desk_.is_open()) unlink(settings_.control.c_str());
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    base::Status run(const std::vector<LineSpec>& lines) {
        signals_.async_wait([this](std::error_code, int) { context_.stop(); });
        KMP_CHECK(open_control());
        for (const LineSpec& spec : lines) KMP_CHECK(std::visit([&](const auto& line) { return open(line, spec.baud); }, spec.name));
        tick();
        context_.run();
        for (const auto& meter : bus_.meters()) meter->program().tick(true);
        if (lost_) return *lost_;
        return {};
    }

private:
    void tick() {
        second_.expires_after(std::chrono::seconds(1));
        second_.async_wait([this](std::error_code error) {
            if (error) return;
            for (const auto& meter : bus_.meters()) meter->program().tick();
            tick();
        });
    }

    base::Status open_control() {
        const std::string& path = settings_.control;
        if (path.empty()) return {};
        struct stat there {};
        if (lstat(path.c_str(), &there) == 0) {
            if (!S_ISSOCK(there.st_mode)) return {base::Code::already_exists, path + " exists and is not a socket: choose another path for --control"};
            unlink(path.c_str());  // left over by one that was killed
        }
        std::error_code error;
        if (path.size() >= 100) return {base::Code::invalid_argument, "the path of the control socket is too long: " + path};
        const mode_t before = umask(0177);
        desk_.open(asio::local::stream_protocol(), error);
        if (!error) desk_.bind(asio::local::stream_protocol::endpoint(path), error);
        umask(before);
        if (!error) desk_.listen(asio::socket_base::max_listen_connections, error);
        if (error) return line_error("cannot listen on " + path, error);
        accept_next(desk_, control_);
        return {};
    }

    base::Status open(const PtyLine& line, unsigned baud) {
        KMP_TRY(Pty pty, Pty::open(line.link, baud));
        const int ours = dup(pty.fd());
        if (ours < 0) return base::errno_error("cannot use the pseudo-terminal", errno);
        start(asio::posix::stream_descriptor(context_, ours), "the pseudo-terminal", baud);
        ready_("pty:" + (line.link.empty() ? pty.station_end() : line.link));
        ptys_.push_back(std::move(pty));
        return {};
    }

    base::Status open(const TcpLine& line, unsigned) {
        const std::string shown = line.host + ":" + std::to_string(line.port);
        std::error_code error;
        const auto address = asio::ip::make_address(line.host, error);
        if (error) return {base::Code::invalid_argument, "'" + line.host + "' is not an address of this machine, such as 127.0.0.1"};
        const asio::ip::tcp::endpoint endpoint(address, line.port);
        auto& acceptor = acceptors_.emplace_back(context_);
        acceptor.open(endpoint.protocol(), error);
        if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) acceptor.bind(endpoint, error);
        if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
        if (error) return line_error("cannot listen on " + shown, error);
        accept_next(acceptor, bus_, settings_.delay);
        ready_("tcp:" + line.host + ":" + std::to_string(acceptor.local_endpoint().port()));
        return {};
    }

    base::Status open(const SerialLine& line, unsigned baud) {
        using Option = asio::serial_port_base;
        asio::serial_port port(context_);
        std::error_code error;
        port.open(line.device, error);
        if (!error) port.set_option(Option::baud_rate(baud), error);
        if (!error) port.set_option(Option::character_size(8), error);
        if (!error) port.set_option(Option::parity(Option::parity::even), error);
        if (!error) port.set_option(Option::stop_bits(Option::stop_bits::one), error);
        if (error) return line_error("cannot open the serial line " + line.device + " at " + std::to_string(baud) + " baud", error);
        start(std::move(port), line.device, 0);  // the device keeps its own pace
        ready_("serial:" + line.device);
        return {};
    }

    /// `baud` 0: the line keeps its own pace.
    template <class Stream>
    void start(Stream stream, const std::string& what, unsigned baud) {
        constexpr std::int64_t kBitsPerByte = 11;  // start, 8 data, parity, stop
        const std::int64_t byte_time = settings_.paced && baud > 0 ? kBitsPerByte * 1'000'000 / baud : 0;
        std::make_shared<Port<Stream>>(std::move(stream), bus_, settings_.delay, byte_time, [this, what](const std::error_code& error) {
            lost_ = line_error(what + " went away", error);
            context_.stop();
        })->read();
    }

    const LineSettings& settings_;
    Bus& bus_;
    Control& control_;
    const std::function<void(std::string_view)>& ready_;
    asio::io_context context_;
    asio::signal_set signals_;
    asio::steady_timer second_{context_};
    asio::local::stream_protocol::acceptor desk_{context_};
    std::deque<asio::ip::tcp::acceptor> acceptors_;
    std::vector<Pty> ptys_;
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

base::Status serve(const std::vector<LineSpec>& lines, const LineSettings& settings, Bus& bus, Control& control,
                   const std::function<void(std::string_view)>& ready) {
    return Server(settings, bus, control, ready).run(lines);
}

}  // namespace meter

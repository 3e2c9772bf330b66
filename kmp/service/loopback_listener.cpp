#include "kmp/service/loopback_listener.h"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "kmp/service/accepting.h"
#include "kmp/service/socket_stream.h"

namespace kmp::service {
namespace {

using asio::ip::tcp;

class Loopback final : public LoopbackListener {
public:
    Loopback(asio::io_context& io, Endpoint endpoint) : io_(io), acceptor_(io), endpoint_(std::move(endpoint)) {}
    ~Loopback() override { stop(); }

    base::Status bind() {
        const tcp::endpoint at(asio::ip::make_address(endpoint_.address), endpoint_.port);
        std::error_code error;
        acceptor_.open(at.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_.bind(at, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error) return base::errno_error("cannot listen on " + endpoint_.text(), error.value());
        endpoint_.port = acceptor_.local_endpoint(error).port();
        return {};
    }
    std::string where() const override { return endpoint_.text(); }
    base::Status start(Accepted accepted) override {
        accept_each(io_, acceptor_, [accepted = std::move(accepted)](tcp::socket socket) {
            std::error_code error;
            const tcp::endpoint from = socket.remote_endpoint(error);
            if (error) return;
            Peer peer;
            peer.address = Endpoint{from.address().to_string(), from.port(), from.address().is_v6(), true}.text();
            accepted(std::make_unique<SocketStream<tcp::socket>>(std::move(socket)), std::move(peer));
        });
        return {};
    }
    void stop() override {
        std::error_code ignored;
        acceptor_.close(ignored);
    }

private:
    asio::io_context& io_;
    tcp::acceptor acceptor_;
    Endpoint endpoint_;
};

}  // namespace

base::Result<std::unique_ptr<LoopbackListener>> LoopbackListener::listen(asio::io_context& io, const Endpoint& endpoint) {
    auto listener = std::make_unique<Loopback>(io, endpoint);
    KMP_CHECK(listener->bind());
    return std::unique_ptr<LoopbackListener>(std::move(listener));
}

}  // namespace kmp::service

#pragma once
#include <asio/buffer.hpp>
#include <asio/write.hpp>

#include "kmp/service/byte_stream.h"

namespace kmp::service {

/// A plain socket of asio's as a stream.
template <class Socket>
class SocketStream final : public ByteStream {
public:
    explicit SocketStream(Socket socket) : socket_(std::move(socket)) {}
    void read_some(std::span<std::uint8_t> room, Done done) override { socket_.async_read_some(asio::buffer(room.data(), room.size()), std::move(done)); }
    void write(base::ByteView bytes, Done done) override { asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), std::move(done)); }
    void close() override {
        std::error_code ignored;
        socket_.close(ignored);
    }
    bool is_open() const override { return socket_.is_open(); }
    auto native_handle() { return socket_.native_handle(); }

private:
    Socket socket_;
};

}  // namespace kmp::service

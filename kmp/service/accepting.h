#pragma once
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <memory>

namespace kmp::service {

/// Hands each new socket to `take`, until the acceptor is closed. The acceptor outlives its closing.
template <class Acceptor, class Take>
void accept_each(asio::io_context& io, Acceptor& acceptor, Take take) {
    acceptor.async_accept([&io, &acceptor, take](const std::error_code& error, auto socket) {
        if (error == asio::error::operation_aborted || !acceptor.is_open()) return;
        if (error) {
            // Out of descriptors, most likely: take a breath instead of spinning.
            auto pause = std::make_shared<asio::steady_timer>(io, std::chrono::milliseconds(100));
            pause->async_wait([&io, &acceptor, take, pause](const std::error_code& e) {
                if (!e && acceptor.is_open()) accept_each(io, acceptor, take);
            });
            return;
        }
        take(std::move(socket));
        accept_each(io, acceptor, take);
    });
}

}  // namespace kmp::service

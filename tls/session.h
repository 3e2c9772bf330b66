#pragma once
#include <memory>
#include <optional>
#include <span>

#include "base/digest.h"
#include "tls/context.h"

namespace tls {

/// One connection: bytes of the line in and out on one side, plain ones on the other. Thread: one at a time.
class Session {
public:
    explicit Session(const Context& context);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    /// Goes on with the handshake as far as what was received allows. True once it is done; the first sender is the client. Whatever is there to be sent must be sent
    /// also when it failed: it tells the other end why.
    /// errors: denied (the other end's certificate); io_failed (the other end gave up, or does not speak TLS 1.3); what the server's RemoteSign says
    base::Result<bool> handshake();
    /// Of a server: SHA-256 of the SubjectPublicKeyInfo of the certificate whose private key the client has proved to hold. None: it showed none, or the handshake is not done.
    std::optional<base::Digest> proven_key() const;
    /// Bytes that came over the line.
    void received(base::ByteView bytes);
    /// Bytes to be sent over the line since the last call.
    base::Bytes to_send();

    /// Plain bytes that have come, as many as fit; 0: none yet. errors: io_failed (broken, or the other end said goodbye: see ended)
    base::Result<std::size_t> read(std::span<std::uint8_t> room);
    /// Encrypts; to_send has it then. errors: io_failed
    base::Status write(base::ByteView plain);
    /// Says goodbye: to_send has it.
    void close();
    /// The other end said goodbye, and nothing was cut off.
    bool ended() const noexcept { return ended_; }

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
    bool ended_ = false;
};

}  // namespace tls

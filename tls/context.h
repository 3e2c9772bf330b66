#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

/// TLS 1.3 (RFC 8446) by OpenSSL, for stations that come over a network. Nothing here knows a socket.
namespace tls {

class Session;

/// Signs what the CertificateVerify of its end covers (RFC 8446, 4.4.3), ECDSA P-256 with SHA-256: the DER signature. Called from whatever thread runs the
/// handshake, which it may hold up.
using RemoteSign = std::function<base::Result<base::Bytes>(base::ByteView content)>;

/// What an end shows of itself: DER certificates, its own first; that one's key is P-256, and its private half is only reached through `sign`.
struct Identity {
    std::vector<base::Bytes> chain;
    RemoteSign sign;
};

/// One end's settings, for any number of sessions. Thread: any.
class Context {
public:
    /// A server. Clients may show a certificate or none; what counts of it is its key (Session::proven_key), so whoever signed it is right, as long as it is one that
    /// tls/station_certificate.h takes. No session is ever resumed. errors: malformed (a certificate that is none, or of another key); internal
    static base::Result<Context> server(Identity own);
    /// A client that trusts what these PEM certificates issued, directly or in turn, and nothing else. Whoever they issued a server's certificate to is right: names are
    /// not compared, as a utility's own authority certifies its own services only. errors: malformed (no certificate in it); internal
    /// `own`: what it shows a server that asks.
    static base::Result<Context> client(std::string_view trusted_pem, std::optional<Identity> own = std::nullopt);

    Context(Context&&) noexcept;
    Context& operator=(Context&&) noexcept;
    ~Context();

    struct Inside;

private:
    friend class Session;
    explicit Context(std::shared_ptr<const Inside> inside);
    std::shared_ptr<const Inside> inside_;
};

}  // namespace tls

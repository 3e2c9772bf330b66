#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

/// TLS 1.3 (RFC 8446) by OpenSSL, for stations that come over a network. Nothing here knows a socket.
namespace tls {

class Session;

/// Signs what a server's CertificateVerify covers (RFC 8446, 4.4.3), ECDSA P-256 with SHA-256: the DER signature. Called from whatever thread runs the
/// handshake, which it may hold up.
using RemoteSign = std::function<base::Result<base::Bytes>(base::ByteView content)>;

/// One end's settings, for any number of sessions. Thread: any.
class Context {
public:
    /// A server whose private key is only reached through `sign`. `chain`: DER certificates, its own first; that one's key is P-256. No client certificate is asked for, no
    /// session is ever resumed. errors: malformed (a certificate that is none, or of another key); internal
    static base::Result<Context> server(const std::vector<base::Bytes>& chain, RemoteSign sign);
    /// A client that trusts what these PEM certificates issued, directly or in turn, and nothing else. Whoever they issued a server's certificate to is right: names are
    /// not compared, as a utility's own authority certifies its own services only. errors: malformed (no certificate in it); internal
    static base::Result<Context> client(std::string_view trusted_pem);

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

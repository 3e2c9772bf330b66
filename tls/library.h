#pragma once
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "base/digest.h"
#include "tls/context.h"

/// Inside of the room: OpenSSL's objects, owned.
namespace tls {

template <class T, void (*F)(T*)>
struct FreeWith {
    void operator()(T* p) const noexcept { F(p); }
};
using SslContext = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX, SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, FreeWith<SSL, SSL_free>>;
using X509Owned = std::unique_ptr<X509, FreeWith<X509, X509_free>>;
using PKey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY, EVP_PKEY_free>>;

/// OpenSSL's own algorithms, and beside them keys that sign elsewhere. A world apart from the program's other use of OpenSSL.
class Library {
public:
    static base::Result<std::unique_ptr<Library>> load();
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
    OSSL_LIB_CTX* get() const noexcept { return context_; }
    /// A private key for the public one of `certificate`, a P-256 one, that signs by `sign`. `sign` outlives it.
    base::Result<PKey> remote_key(const X509* certificate, const RemoteSign& sign) const;

private:
    Library() = default;
    OSSL_LIB_CTX* context_ = nullptr;
    OSSL_PROVIDER* own_ = nullptr;
    OSSL_PROVIDER* default_ = nullptr;
};

/// What OpenSSL says went wrong last, in its words; its list is empty then.
std::string last_words();

/// SHA-256 of its SubjectPublicKeyInfo.
base::Digest key_id_of(const X509* certificate);
/// X509_V_OK, or why this is no certificate for a station (station_certificate.h).
int judge_station_certificate(const X509* shown);

/// The last error that a RemoteSign gave on this thread, if any since the last call.
std::optional<base::Error> take_signing_error();
void keep_signing_error(const base::Error& error);

/// source: provider(7)
int start_remote_key_provider(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out, void** context);
inline constexpr const char* kSignerParameter = "kmp-signer";  ///< address of the RemoteSign
inline constexpr const char* kOwnProvider = "provider=kmp-remote-key";

}  // namespace tls

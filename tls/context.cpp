#include "tls/context.h"

#include <openssl/pem.h>

#include "tls/context_inside.h"
#include "tls/station_certificate.h"

namespace tls {
namespace {

using base::Code;

base::Result<std::shared_ptr<Context::Inside>> begin(const SSL_METHOD* method) {
    auto out = std::make_shared<Context::Inside>();
    KMP_TRY(out->library, Library::load());
    out->ssl.reset(SSL_CTX_new_ex(out->library->get(), "?provider=default", method));
    if (!out->ssl) return {Code::internal, "TLS cannot be set up: " + last_words()};
    SSL_CTX* ctx = out->ssl.get();
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_max_early_data(ctx, 0);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    return out;
}

base::Result<X509Owned> certificate(OSSL_LIB_CTX* library, base::ByteView der) {
    X509* made = X509_new_ex(library, nullptr);
    const unsigned char* at = der.data();
    // On failure d2i_X509 frees it.
    if (made == nullptr || d2i_X509(&made, &at, static_cast<long>(der.size())) == nullptr || at != der.data() + der.size()) {
        X509_free(made);
        return {Code::malformed, "a certificate to be shown is no DER certificate: " + last_words()};
    }
    return X509Owned(made);
}

/// From now on this end shows `own` to whoever asks.
base::Status show(Context::Inside& inside, Identity own) {
    if (own.chain.empty()) return {Code::malformed, "an identity without a certificate"};
    inside.sign = std::move(own.sign);
    SSL_CTX* ctx = inside.ssl.get();
    KMP_TRY(const X509Owned mine, certificate(inside.library->get(), own.chain.front()));
    KMP_TRY(const PKey key, inside.library->remote_key(mine.get(), inside.sign));
    if (SSL_CTX_use_certificate(ctx, mine.get()) != 1 || SSL_CTX_use_PrivateKey(ctx, key.get()) != 1 || SSL_CTX_check_private_key(ctx) != 1)
        return {Code::internal, "TLS does not take the certificate to be shown: " + last_words()};
    for (std::size_t i = 1; i < own.chain.size(); ++i) {
        KMP_TRY(X509Owned more, certificate(inside.library->get(), own.chain[i]));
        if (SSL_CTX_add0_chain_cert(ctx, more.get()) != 1) return {Code::internal, "TLS does not take the chain of the certificate to be shown: " + last_words()};
        (void)more.release();
    }
    return {};
}

constexpr long kMaxCertificates = 16 * 1024;  // bytes of all that a client shows
constexpr int kMostCertificates = 4;          // its own, and those of who signed it, which nobody looks at
// What the keys sign with that station_certificate.h takes.
constexpr const char* kClientSignatures = "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512";

/// In the place of OpenSSL's walk up a chain: there is no authority above stations. CertificateVerify has yet to prove the key.
int judge_client(X509_STORE_CTX* shown, void*) {
    const bool few = sk_X509_num(X509_STORE_CTX_get0_untrusted(shown)) <= kMostCertificates;
    const int verdict = few ? judge_station_certificate(X509_STORE_CTX_get0_cert(shown)) : X509_V_ERR_CERT_CHAIN_TOO_LONG;
    X509_STORE_CTX_set_error(shown, verdict);
    return verdict == X509_V_OK ? 1 : 0;
}

}  // namespace

Context::Context(std::shared_ptr<const Inside> inside) : inside_(std::move(inside)) {}
Context::Context(Context&&) noexcept = default;
Context& Context::operator=(Context&&) noexcept = default;
Context::~Context() = default;

base::Result<Context> Context::server(Identity own) {
    KMP_TRY(std::shared_ptr<Inside> made, begin(TLS_server_method()));
    made->server = true;
    SSL_CTX* ctx = made->ssl.get();
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);  // one may be shown, none must
    SSL_CTX_set_cert_verify_callback(ctx, judge_client, nullptr);
    SSL_CTX_set_max_cert_list(ctx, kMaxCertificates);
    if (SSL_CTX_set1_client_sigalgs_list(ctx, kClientSignatures) != 1) return {Code::internal, "TLS cannot be set up: " + last_words()};
    KMP_CHECK(show(*made, std::move(own)));
    return Context(std::move(made));
}

base::Result<Context> Context::client(std::string_view trusted_pem, std::optional<Identity> own) {
    KMP_TRY(std::shared_ptr<Inside> made, begin(TLS_client_method()));
    SSL_CTX* ctx = made->ssl.get();
    X509_STORE* store = SSL_CTX_get_cert_store(ctx);
    const std::unique_ptr<BIO, FreeWith<BIO, BIO_free_all>> text(BIO_new_mem_buf(trusted_pem.data(), static_cast<int>(trusted_pem.size())));
    std::size_t found = 0;
    while (text) {
        X509* one = X509_new_ex(made->library->get(), nullptr);
        const bool whole = PEM_read_bio_X509(text.get(), &one, nullptr, nullptr) != nullptr;
        const X509Owned read(one);  // a broken one is gone; where there was no further one, this one is still ours
        if (!whole) break;
        if (X509_STORE_add_cert(store, read.get()) != 1) return {Code::internal, "TLS does not take a trusted certificate: " + last_words()};
        ++found;
    }
    (void)last_words();  // the end of the text stands there as an error
    if (found == 0) return {Code::malformed, "there is no PEM certificate in it"};
    // Each of them is an anchor, whoever signed it.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_X509_STRICT);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
    if (own) KMP_CHECK(show(*made, std::move(*own)));
    return Context(std::move(made));
}

}  // namespace tls

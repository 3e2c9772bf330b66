#include "tls/library.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include <array>
#include <cstdint>
#include <utility>

namespace tls {
namespace {

using base::Code;

constexpr const char* kProviderName = "kmp-remote-key";
thread_local std::optional<base::Error> signing_error;

}  // namespace

base::Result<std::unique_ptr<Library>> Library::load() {
    std::unique_ptr<Library> out(new Library);
    out->context_ = OSSL_LIB_CTX_new();
    if (out->context_ == nullptr || OSSL_PROVIDER_add_builtin(out->context_, kProviderName, start_remote_key_provider) != 1) return {Code::internal, "TLS cannot be set up: " + last_words()};
    out->default_ = OSSL_PROVIDER_load(out->context_, "default");
    out->own_ = OSSL_PROVIDER_load(out->context_, kProviderName);
    // Whatever both know is OpenSSL's own, unless it is asked for by name.
    if (out->default_ == nullptr || out->own_ == nullptr || EVP_set_default_properties(out->context_, "?provider=default") != 1)
        return {Code::internal, "TLS cannot be set up: " + last_words()};
    return out;
}

Library::~Library() {
    if (own_ != nullptr) OSSL_PROVIDER_unload(own_);
    if (default_ != nullptr) OSSL_PROVIDER_unload(default_);
    OSSL_LIB_CTX_free(context_);
}

base::Result<PKey> Library::remote_key(const X509* certificate, const RemoteSign& sign) const {
    const EVP_PKEY* shown = X509_get0_pubkey(certificate);
    std::array<std::uint8_t, 128> point{};
    std::size_t size = 0;
    if (shown == nullptr || EVP_PKEY_get_octet_string_param(shown, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point.data(), point.size(), &size) != 1)
        return {Code::malformed, "a certificate to be shown is for a P-256 key"};
    std::uint64_t signer = reinterpret_cast<std::uintptr_t>(&sign);
    std::array<OSSL_PARAM, 3> fields{OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), size), OSSL_PARAM_construct_uint64(kSignerParameter, &signer),
                                     OSSL_PARAM_construct_end()};
    const std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX, EVP_PKEY_CTX_free>> maker(EVP_PKEY_CTX_new_from_name(context_, "EC", kOwnProvider));
    EVP_PKEY* made = nullptr;
    if (!maker || EVP_PKEY_fromdata_init(maker.get()) != 1 || EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_KEYPAIR, fields.data()) != 1)
        return {Code::malformed, "a certificate to be shown is for a P-256 key: " + last_words()};
    return PKey(made);
}

std::string last_words() {
    std::string out;
    while (const unsigned long code = ERR_get_error()) {
        const char* reason = ERR_reason_error_string(code);
        if (reason != nullptr) out = reason;
    }
    return out.empty() ? "no reason given" : out;
}

std::optional<base::Error> take_signing_error() { return std::exchange(signing_error, std::nullopt); }
void keep_signing_error(const base::Error& error) { signing_error = error; }

}  // namespace tls

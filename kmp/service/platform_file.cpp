#include "kmp/service/platform_file.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <sstream>
#include <toml++/toml.h>

#include "base/fd.h"

namespace kmp::service {
namespace {
using base::Code;
constexpr std::size_t kMaxFile = 65536;
}  // namespace

base::Result<PlatformFile> read_platform_file(const std::string& path) {
    KMP_TRY(const base::Bytes content, base::read_file(path, kMaxFile));
    PlatformFile out;
    try {
        const toml::table file = toml::parse(base::as_text(content));
        const auto text = [&](std::string_view key) { return file[key].value_or(std::string()); };
        KMP_TRY(out.platform, base::UkeySerial::parse(text("platform")));
        KMP_TRY(out.database_key, base::from_hex(text("database_key")));
    } catch (const toml::parse_error& e) {
        return {Code::malformed, path + " line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description()) + "; restore it from the backup"};
    }
    if (out.database_key.empty()) return {Code::malformed, path + " lacks database_key; restore it from the backup"};
    return out;
}

base::Status write_platform_file(const std::string& path, const PlatformFile& f) {
    const toml::table file{
        {"platform", f.platform.text()},
        {"database_key", base::to_hex(f.database_key)},
    };
    std::ostringstream out;
    out << "# Which platform UKEY opens the database. It opens nothing without that UKEY and its PIN.\n" << file << "\n";
    return base::write_file_atomically(path, base::as_bytes(out.str()), 0600);
}

base::Result<base::Bytes> encrypt_to_transport_key(base::ByteView spki, const base::Secret& secret) {
    const base::Error failed{Code::internal, "cannot encrypt to the transport key"};
    const unsigned char* at = spki.data();
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())), &EVP_PKEY_free);
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return {Code::malformed, "a transport key that is not an RSA key"};
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr), &EVP_PKEY_CTX_free);
    if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1) return failed;
    return secret.reveal([&](base::ByteView s) -> base::Result<base::Bytes> {
        std::size_t size = 0;
        if (EVP_PKEY_encrypt(context.get(), nullptr, &size, s.data(), s.size()) != 1) return failed;
        base::Bytes out(size);
        if (EVP_PKEY_encrypt(context.get(), out.data(), &size, s.data(), s.size()) != 1) return failed;
        out.resize(size);
        return out;
    });
}

}  // namespace kmp::service

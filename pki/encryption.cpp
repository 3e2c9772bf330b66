#include "pki/encryption.h"

#include <openssl/rsa.h>

#include "pki/openssl.h"

namespace pki {

base::Result<base::Bytes> encrypt_to(base::ByteView spki, const base::Secret& secret) {
    const base::Error failed{base::Code::internal, "cannot encrypt to the transport key"};
    const auto key = parse_spki(spki);
    if (!key || EVP_PKEY_get_base_id(key->get()) != EVP_PKEY_RSA) return {base::Code::malformed, "a transport key that is not an RSA key"};
    const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key->get(), nullptr));
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

}  // namespace pki

#pragma once
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "audit/envelope.h"
#include "tests/audit/sample_log.h"

/// An auditor's transport key in this process, in place of one in a token.
class TestAuditor {
public:
    TestAuditor(TestPki& pki, const std::string& serial, model::UkeyKind kind = model::UkeyKind::auditor, pki::Profile profile = pki::Profile::transport)
        : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}), &EVP_PKEY_free), certificate(pki.certify(spki(), profile, kind, serial)) {}
    base::Bytes spki() const {
        unsigned char* der = nullptr;
        const int size = i2d_PUBKEY(key_.get(), &der);
        base::Bytes out(der, der + size);
        OPENSSL_free(der);
        return out;
    }
    /// RSA-OAEP (SHA-1) decrypted, by OpenSSL; empty where it is not for this key.
    base::Bytes decrypt(base::ByteView block) const {
        std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> c(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr), &EVP_PKEY_CTX_free);
        base::Bytes out(256);
        std::size_t size = out.size();
        if (EVP_PKEY_decrypt_init(c.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(c.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
            EVP_PKEY_decrypt(c.get(), out.data(), &size, block.data(), block.size()) != 1)
            return {};
        out.resize(size);
        return out;
    }
    /// As a tokenhost opens it: the prefix and 32 bytes, or nothing.
    audit::KeyOpener opener() const {
        return [this](const std::vector<audit::Recipient>& recipients) -> base::Result<base::Secret> {
            for (const audit::Recipient& r : recipients) {
                const base::Bytes plain = r.key == base::sha256(spki()) ? decrypt(r.wrapped) : base::Bytes();
                if (plain.size() == 46 && base::as_text(base::ByteView(plain).first(14)) == std::string_view("kmp/v1/export\0", 14))
                    return base::Secret::copy_of(base::ByteView(plain).subspan(14));
            }
            return base::Error{base::Code::denied, "not for this UKEY"};
        };
    }

private:
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;

public:
    pki::Certificate certificate;
};

/// `plain` sealed to these, given to the writer in pieces of `piece`.
inline base::Bytes sealed_to(const std::vector<pki::Certificate>& recipients, base::ByteView plain, std::size_t piece = 1000) {
    base::Bytes out;
    auto writer = audit::EnvelopeWriter::begin(recipients, [&](base::ByteView b) -> base::Status {
        out.insert(out.end(), b.begin(), b.end());
        return {};
    });
    if (!writer) throw std::runtime_error(writer.error().message);
    for (; !plain.empty(); plain = plain.subspan(std::min(piece, plain.size()))) (void)writer->add(plain.first(std::min(piece, plain.size())));
    if (auto done = writer->finish(); !done) throw std::runtime_error(done.error().message);
    return out;
}

/// All that a source gives.
inline base::Result<base::Bytes> read_all(const audit::ByteSource& source, std::size_t piece = 4096) {
    base::Bytes out;
    base::Bytes buffer(piece);
    for (;;) {
        KMP_TRY(const std::size_t n, source(buffer));
        if (n == 0) return out;
        out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(n));
    }
}

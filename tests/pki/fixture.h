#pragma once
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "pki/certificate.h"

namespace pki_test {

/// A key pair that plays the token: it hashes and signs inside.
class TestKey : public pki::Signer {
public:
    explicit TestKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {
        if (key == nullptr) throw std::runtime_error("key generation");
    }
    static TestKey p256() { return TestKey(EVP_EC_gen("P-256")); }
    static TestKey rsa(unsigned bits) { return TestKey(EVP_RSA_gen(bits)); }
    static TestKey ed25519() { return TestKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

    base::Bytes spki() const {
        unsigned char* der = nullptr;
        const int size = i2d_PUBKEY(key_.get(), &der);
        base::Bytes out(der, der + size);
        OPENSSL_free(der);
        return out;
    }
    base::Bytes sign(base::ByteView message, const EVP_MD* digest) const {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        base::Bytes out(512);
        std::size_t size = out.size();
        if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
            EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1)
            throw std::runtime_error("signing");
        out.resize(size);
        return out;
    }
    base::Result<base::Bytes> sign_tbs(base::ByteView tbs) override { return sign(tbs, EVP_sha256()); }

private:
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

/// A token that was pulled out.
class NoKey : public pki::Signer {
public:
    base::Result<base::Bytes> sign_tbs(base::ByteView) override { return {base::Code::token_removed, "pulled out"}; }
};

inline constexpr base::Millis kNow = 1790000000000;  // 2026-09-21
inline constexpr base::Millis kYear = 365 * base::kDay;

struct Pki : testing::Test {
    Pki() {
        std::string path = (std::filesystem::temp_directory_path() / "kmp-pki-XXXXXX").string();
        if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
        folder = path;
    }
    ~Pki() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    static pki::Subject subject(model::UkeyKind kind, const std::string& serial, const std::string& holder = "") {
        return {"Example Utility 电力", kind, *base::UkeySerial::parse(serial), holder};
    }
    static pki::CertificateOrder order(pki::Profile profile, pki::Subject who, base::Bytes spki) {
        return {profile, std::move(who), std::move(spki), kNow, kNow + kYear, {}};
    }
    static pki::Certificate make_anchor(TestKey& key, const std::string& serial = "M-1") {
        auto o = order(pki::Profile::issuing, subject(model::UkeyKind::master_control, serial), key.spki());
        o.not_after = kNow + 10 * kYear;
        auto out = pki::issue_anchor(o, key);
        if (!out) throw std::runtime_error(out.error().message);
        return *out;
    }
    pki::Certificate make_identity(const std::string& serial = "U-1") {
        auto out = pki::issue(order(pki::Profile::identity, subject(model::UkeyKind::user, serial, "王小明"), key.spki()), anchor, issuing);
        if (!out) throw std::runtime_error(out.error().message);
        return *out;
    }
    std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(folder + "/" + name) << text;
        return folder + "/" + name;
    }
    struct Run {
        int code = -1;
        std::string text;
    };
    /// The openssl program, as the independent judge.
    static Run openssl(const std::string& arguments) {
        Run out;
        FILE* pipe = popen(("openssl " + arguments + " 2>&1").c_str(), "r");
        char part[4096];
        for (std::size_t n = fread(part, 1, sizeof part, pipe); n > 0; n = fread(part, 1, sizeof part, pipe)) out.text.append(part, n);
        out.code = WEXITSTATUS(pclose(pipe));
        return out;
    }
    static bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
    static std::string at_now() { return " -attime " + std::to_string(kNow / 1000 + 60) + " "; }

    std::string folder;
    TestKey issuing = TestKey::p256();
    TestKey key = TestKey::p256();
    pki::Certificate anchor = make_anchor(issuing);
};

}  // namespace pki_test

// Stations that show a certificate: only the key that they prove counts, and a certificate proves nothing without it.
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/tls/fixture.h"
#include "tls/station_certificate.h"

namespace {

using base::Code;
using pki_test::TestKey;
using tls_test::Met;
using tls_test::said;
using tls_test::shake_hands;

constexpr long kDay = 24 * 3600;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
Key new_key(EVP_PKEY* made) {
    if (made == nullptr) throw std::runtime_error("key generation");
    return {made, EVP_PKEY_free};
}

/// A certificate that whoever has a key makes for a key; times in seconds from now. `padding`: bytes of an extension that nobody knows.
base::Bytes self_made(EVP_PKEY* of, EVP_PKEY* by, long from = -kDay, long until = kDay, std::size_t padding = 0) {
    const std::unique_ptr<X509, decltype(&X509_free)> x(X509_new(), X509_free);
    X509_set_version(x.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x.get()), 7);
    X509_gmtime_adj(X509_getm_notBefore(x.get()), from);
    X509_gmtime_adj(X509_getm_notAfter(x.get()), until);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x.get()), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("shop"), -1, -1, 0);
    X509_set_issuer_name(x.get(), X509_get_subject_name(x.get()));
    X509_set_pubkey(x.get(), of);
    if (padding > 0) {
        const base::Bytes zeros(padding);
        ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
        ASN1_OCTET_STRING_set(value, zeros.data(), static_cast<int>(zeros.size()));
        X509_EXTENSION* extension = X509_EXTENSION_create_by_NID(nullptr, NID_netscape_comment, 0, value);
        X509_add_ext(x.get(), extension, -1);
        X509_EXTENSION_free(extension);
        ASN1_OCTET_STRING_free(value);
    }
    if (X509_sign(x.get(), by, EVP_PKEY_is_a(by, "ED25519") == 1 ? nullptr : EVP_sha256()) == 0) throw std::runtime_error("signing");
    unsigned char* der = nullptr;
    const int size = i2d_X509(x.get(), &der);
    base::Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
}

base::Digest id_of(EVP_PKEY* of) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(of, &der);
    const base::Digest out = base::sha256(base::ByteView(der, static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    return out;
}

base::Bytes sign_with(EVP_PKEY* with, base::ByteView content) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    base::Bytes out(512);
    std::size_t size = out.size();
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, with) != 1 || EVP_DigestSign(context.get(), out.data(), &size, content.data(), content.size()) != 1) throw std::runtime_error("signing");
    out.resize(size);
    return out;
}

struct Station : tls_test::Tls {
    /// Shows these certificates and signs like this.
    struct Tried {
        Met met;
        std::optional<base::Digest> proven;
        std::string told;  ///< what the client reads then
    };
    Tried come(std::vector<base::Bytes> chain, tls::RemoteSign sign) {
        const tls::Context at_home = server(own, signer()), outside = client(house.pem(), tls::Identity{std::move(chain), std::move(sign)});
        tls::Session s(at_home), c(outside);
        Tried out{shake_hands(c, s), std::nullopt, {}};
        out.proven = s.proven_key();
        out.told = said(c);
        return out;
    }
    tls::RemoteSign by(EVP_PKEY* with) {
        return [this, with](base::ByteView content) -> base::Result<base::Bytes> {
            signed_by_station.push_back(base::to_bytes(content));
            return sign_with(with, content);
        };
    }
    void refused(const Tried& tried, const std::string& why, const std::string& told) {
        ASSERT_FALSE(tried.met.server) << why;
        EXPECT_NE(tried.met.server.error().message.find(why), std::string::npos) << tried.met.server.error().message;
        EXPECT_FALSE(tried.proven);
        EXPECT_EQ(tried.told, "(the other end broke it off: " + told + ")");
    }
    Key shop = new_key(EVP_EC_gen("P-256"));
    std::vector<base::Bytes> signed_by_station;
};

TEST_F(Station, that_shows_a_certificate_proves_its_key_elsewhere) {
    const Tried tried = come({self_made(shop.get(), shop.get())}, by(shop.get()));
    ASSERT_TRUE(tried.met.both());
    EXPECT_EQ(tried.proven, id_of(shop.get()));
    ASSERT_EQ(signed_by_station.size(), 1u);
    // RFC 8446, 4.4.3
    const std::string head = std::string(64, ' ') + "TLS 1.3, client CertificateVerify" + '\0';
    EXPECT_EQ(std::string(base::as_text(signed_by_station[0])).substr(0, head.size()), head);
    EXPECT_EQ(signed_by_station[0].size(), head.size() + 48);
}

TEST_F(Station, proves_the_same_key_whoever_signed_its_certificate) {
    TestKey stranger = TestKey::p256();
    const pki::Certificate elsewhere = anchor_of(stranger, "M-2");
    TestKey mine = TestKey::p256();
    const pki::Certificate identity = make(pki::Profile::identity, model::UkeyKind::user, mine, now() + base::kDay, stranger, elsewhere);
    const Tried tried = come({identity.der(), elsewhere.der()}, [&](base::ByteView content) -> base::Result<base::Bytes> { return mine.sign(content, EVP_sha256()); });
    ASSERT_TRUE(tried.met.both());
    EXPECT_EQ(tried.proven, base::sha256(mine.spki()));
    EXPECT_EQ(*tls::station_key(identity.der()), base::sha256(mine.spki())) << "what an officer binds is what is proved";
}

TEST_F(Station, without_a_certificate_proves_nothing_and_is_let_in_all_the_same) {
    const tls::Context at_home = server(own, signer()), outside = client(house.pem());
    tls::Session s(at_home), c(outside);
    EXPECT_FALSE(s.proven_key()) << "before hands are shaken";
    ASSERT_TRUE(shake_hands(c, s).both());
    EXPECT_FALSE(s.proven_key());
    EXPECT_FALSE(c.proven_key()) << "a server's is judged by its anchor";
}

TEST_F(Station, with_a_stolen_certificate_and_another_key_is_refused) {
    const Key thief = new_key(EVP_EC_gen("P-256"));
    refused(come({self_made(shop.get(), shop.get())}, by(thief.get())), "no TLS 1.3 connection came about", "decrypt error");
}

TEST_F(Station, that_replays_an_earlier_proof_is_refused) {
    base::Bytes content, signature;
    ASSERT_TRUE(come({self_made(shop.get(), shop.get())}, [&](base::ByteView now_asked) -> base::Result<base::Bytes> {
                    content = base::to_bytes(now_asked);
                    return signature = sign_with(shop.get(), now_asked);
                }).met.both());
    const auto replay = [&](base::ByteView now_asked) -> base::Result<base::Bytes> {
        EXPECT_NE(base::to_bytes(now_asked), content) << "each handshake has its own transcript";
        return signature;
    };
    refused(come({self_made(shop.get(), shop.get())}, replay), "no TLS 1.3 connection came about", "decrypt error");
}

TEST_F(Station, whose_certificate_is_over_or_has_not_begun_is_refused) {
    refused(come({self_made(shop.get(), shop.get(), -2 * kDay, -60)}, by(shop.get())), "expired", "certificate expired");
    refused(come({self_made(shop.get(), shop.get(), 3600, kDay)}, by(shop.get())), "not yet valid", "bad certificate");
}

TEST_F(Station, that_shows_more_than_a_few_certificates_or_large_ones_is_refused) {
    const base::Bytes mine = self_made(shop.get(), shop.get());
    EXPECT_TRUE(come({mine, mine, mine, mine}, by(shop.get())).met.both());
    refused(come({mine, mine, mine, mine, mine}, by(shop.get())), "certificate chain too long", "unknown CA");
    const Tried large = come({self_made(shop.get(), shop.get(), -kDay, kDay, 17000)}, by(shop.get()));
    ASSERT_FALSE(large.met.server);
    EXPECT_NE(large.met.server.error().message.find("excessive message size"), std::string::npos) << large.met.server.error().message;
}

TEST_F(Station, whose_ukey_is_gone_hears_it_itself) {
    const tls::Context at_home = server(own, signer());
    const tls::Context outside = client(house.pem(), tls::Identity{{self_made(shop.get(), shop.get())}, [](base::ByteView) -> base::Result<base::Bytes> { return base::Error{Code::token_removed, "pulled out"}; }});
    tls::Session s(at_home), c(outside);
    const Met met = shake_hands(c, s);
    ASSERT_FALSE(met.client);
    EXPECT_EQ(met.client.error().message, "pulled out");
}

// ---- what an officer binds

struct station_certificate : testing::Test {
    static Code code(base::ByteView certificate) {
        const auto read = tls::station_key(certificate);
        return read ? Code{} : read.error().code;
    }
    static std::string pem(base::ByteView der) {
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio(out, "CERTIFICATE", "", der.data(), static_cast<long>(der.size()));
        char* at = nullptr;
        const long size = BIO_get_mem_data(out, &at);
        std::string text(at, static_cast<std::size_t>(size));
        BIO_free(out);
        return text;
    }
    Key p256 = new_key(EVP_EC_gen("P-256"));
};

TEST_F(station_certificate, is_the_hash_of_its_key_in_pem_or_der) {
    const Key p384 = new_key(EVP_EC_gen("P-384")), rsa = new_key(EVP_RSA_gen(2048));
    for (EVP_PKEY* of : {p256.get(), p384.get(), rsa.get()}) {
        const base::Bytes der = self_made(of, p256.get());
        const auto read = tls::station_key(der);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, id_of(of));
        EXPECT_EQ(*tls::station_key(base::as_bytes("Subject: shop\n" + pem(der) + pem(self_made(p256.get(), p256.get())))), id_of(of)) << "the first of several";
    }
}

TEST_F(station_certificate, of_a_weak_costly_or_unknown_key_is_refused) {
    const auto modulus = [](unsigned bits) {  // no key at all, but what one would look like
        const std::unique_ptr<BIGNUM, decltype(&BN_free)> n(BN_new(), BN_free), e(BN_new(), BN_free);
        BN_rand(n.get(), static_cast<int>(bits), BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
        BN_set_word(e.get(), 65537);
        const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> fields(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
        OSSL_PARAM_BLD_push_BN(fields.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
        OSSL_PARAM_BLD_push_BN(fields.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
        const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> params(OSSL_PARAM_BLD_to_param(fields.get()), OSSL_PARAM_free);
        const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> maker(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), EVP_PKEY_CTX_free);
        EVP_PKEY* out = nullptr;
        if (EVP_PKEY_fromdata_init(maker.get()) != 1 || EVP_PKEY_fromdata(maker.get(), &out, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) throw std::runtime_error("a public key");
        return new_key(out);
    };
    const Key small = modulus(2047), least = modulus(2048), most = modulus(4096), large = modulus(4097);
    EXPECT_EQ(code(self_made(small.get(), p256.get())), Code::unsupported);
    EXPECT_EQ(code(self_made(least.get(), p256.get())), Code{});
    EXPECT_EQ(code(self_made(most.get(), p256.get())), Code{});
    EXPECT_EQ(code(self_made(large.get(), p256.get())), Code::unsupported);
    const Key p521 = new_key(EVP_EC_gen("P-521")), koblitz = new_key(EVP_EC_gen("secp256k1")), edwards = new_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    for (EVP_PKEY* of : {p521.get(), koblitz.get(), edwards.get()}) EXPECT_EQ(code(self_made(of, p256.get())), Code::unsupported);
}

TEST_F(station_certificate, that_is_over_or_has_not_begun_is_refused) {
    EXPECT_EQ(code(self_made(p256.get(), p256.get(), -2 * kDay, -60)), Code::expired);
    EXPECT_EQ(code(self_made(p256.get(), p256.get(), 3600, kDay)), Code::expired);
}

TEST_F(station_certificate, that_is_none_is_malformed) {
    const base::Bytes good = self_made(p256.get(), p256.get());
    base::Bytes more = good;
    more.push_back(0);
    EXPECT_EQ(code(more), Code::malformed);
    EXPECT_EQ(code(base::ByteView(good).first(good.size() - 1)), Code::malformed);
    EXPECT_EQ(code({}), Code::malformed);
    EXPECT_EQ(code(base::as_bytes("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")), Code::malformed);
    EXPECT_EQ(code(base::Bytes(tls::kMaxStationCertificate + 1)), Code::malformed);
    std::string locked = pem(good);
    locked.insert(locked.find('\n') + 1, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n");
    EXPECT_EQ(code(base::as_bytes(locked)), Code::malformed) << "and nobody is asked for a password";
}

}  // namespace

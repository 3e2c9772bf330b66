#include "pki/certificate.h"

#include "tests/pki/fixture.h"

namespace {

using namespace pki_test;
using model::UkeyKind;
using pki::Certificate;
using pki::Profile;

struct certificate : Pki {};

TEST_F(certificate, of_the_anchor_is_a_ca_to_openssl) {
    const auto shown = openssl("x509 -noout -text -nameopt utf8,sep_comma_plus -in " + file("a.pem", anchor.pem()));
    ASSERT_EQ(shown.code, 0) << shown.text;
    EXPECT_TRUE(has(shown.text, "Version: 3 (0x2)")) << shown.text;
    EXPECT_TRUE(has(shown.text, "ecdsa-with-SHA256"));
    EXPECT_TRUE(has(shown.text, "Basic Constraints: critical\n                CA:TRUE, pathlen:1")) << shown.text;
    EXPECT_TRUE(has(shown.text, "Key Usage: critical\n                Certificate Sign, CRL Sign")) << shown.text;
    EXPECT_TRUE(has(shown.text, "O=Example Utility 电力,OU=master-control,CN=M-1")) << shown.text;
    EXPECT_TRUE(has(shown.text, "Policy: 2.25.257309413882034711650418872301554927316.1.1")) << shown.text;
    EXPECT_EQ(openssl("verify -x509_strict -check_ss_sig" + at_now() + "-CAfile " + folder + "/a.pem " + folder + "/a.pem").code, 0);
}

TEST_F(certificate, of_every_profile_verifies_with_openssl) {
    const TestKey rsa = TestKey::rsa(2048);
    const TestKey ed = TestKey::ed25519();
    struct Row {
        Profile profile;
        UkeyKind kind;
        base::Bytes spki;
        std::string usage, extended;
    };
    // Key usages and extended key usages as docs/PKI.md says.
    const std::string arc = "2.25.257309413882034711650418872301554927316.2.";
    const Row rows[] = {
        {Profile::identity, UkeyKind::key, key.spki(), "Digital Signature\n", arc + "1\n"},
        {Profile::transport, UkeyKind::user, rsa.spki(), "Key Encipherment\n", arc + "2\n"},
        {Profile::checkpoint, UkeyKind::platform, ed.spki(), "Digital Signature\n", arc + "3\n"},
        {Profile::signing, UkeyKind::user, key.spki(), "Digital Signature, Non Repudiation\n", arc + "4\n"},
        {Profile::tls, UkeyKind::platform, key.spki(), "Digital Signature\n", "TLS Web Server Authentication, TLS Web Client Authentication\n"},
    };
    const std::string ca = file("ca.pem", anchor.pem());
    for (const Row& row : rows) {
        auto o = order(row.profile, subject(row.kind, "X-1"), row.spki);
        if (row.profile == Profile::tls) o.tls_names = {"kmp.example", "127.0.0.1", "::1"};
        const auto cert = pki::issue(o, anchor, issuing);
        ASSERT_TRUE(cert) << pki::name(row.profile) << ": " << cert.error().message;
        const std::string pem = file("c.pem", cert->pem());
        const auto verified = openssl("verify -x509_strict -policy_check" + at_now() + "-CAfile " + ca + " " + pem);
        EXPECT_EQ(verified.code, 0) << verified.text;
        const auto shown = openssl("x509 -noout -text -in " + pem).text;
        EXPECT_TRUE(has(shown, "Key Usage: critical\n                " + row.usage)) << shown;
        EXPECT_TRUE(has(shown, "Extended Key Usage: \n                " + row.extended)) << shown;
        EXPECT_TRUE(has(shown, "CA:FALSE")) << shown;
        EXPECT_EQ(has(shown, "DNS:kmp.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"), row.profile == Profile::tls) << shown;
        EXPECT_EQ(cert->profile(), row.profile);
        EXPECT_EQ(cert->tls_names(), o.tls_names);
        EXPECT_TRUE(pki::check_purpose(*cert, row.kind, row.profile));
    }
}

TEST_F(certificate, says_what_openssl_says) {
    const Certificate cert = make_identity();
    const std::string pem = file("c.pem", cert.pem());
    EXPECT_EQ(openssl("x509 -noout -serial -in " + pem).text.size(), std::string("serial=").size() + 32 + 1);
    const auto shown = openssl("x509 -noout -serial -startdate -enddate -fingerprint -sha256 -subject -nameopt utf8,sep_comma_plus -in " + pem).text;
    std::string fingerprint;
    for (const std::uint8_t byte : cert.fingerprint()) {
        char digits[4];
        std::snprintf(digits, sizeof digits, "%02X:", byte);
        fingerprint += digits;
    }
    fingerprint.pop_back();
    EXPECT_TRUE(has(shown, fingerprint)) << shown;
    EXPECT_TRUE(has(shown, "notBefore=Sep 21 14:13:20 2026 GMT")) << shown;
    EXPECT_TRUE(has(shown, "notAfter=Sep 21 14:13:20 2027 GMT")) << shown;
    EXPECT_TRUE(has(shown, "subject=O=Example Utility 电力,OU=user,CN=U-1,name=王小明")) << shown;
    EXPECT_EQ(cert.not_before(), kNow);
    EXPECT_EQ(cert.not_after(), kNow + kYear);
    EXPECT_EQ(cert.spki(), key.spki());
    EXPECT_EQ(cert.subject(), subject(UkeyKind::user, "U-1", "王小明"));
    EXPECT_EQ(cert.issuer(), anchor.subject());
    EXPECT_NE(cert.serial(), make_identity().serial());
}

TEST_F(certificate, beyond_2049_is_understood_by_openssl) {
    auto o = order(Profile::issuing, subject(UkeyKind::master_control, "M-9"), issuing.spki());
    o.not_after = 2524608000000 + kYear;  // 2051-01-01 less some days
    const auto cert = pki::issue_anchor(o, issuing);
    ASSERT_TRUE(cert) << cert.error().message;
    EXPECT_EQ(cert->not_after(), o.not_after);
    EXPECT_TRUE(has(openssl("x509 -noout -enddate -in " + file("c.pem", cert->pem())).text, "2051 GMT"));
}

TEST_F(certificate, verifies_with_the_key_that_issued_it) {
    EXPECT_TRUE(pki::verify(make_identity(), anchor, kNow));
    EXPECT_TRUE(pki::verify(anchor, anchor, kNow));
}

TEST_F(certificate, of_another_issuer_is_refused) {
    TestKey other_key = TestKey::p256();
    const Certificate other_name = make_anchor(other_key, "M-2");
    const Certificate same_name = make_anchor(other_key, "M-1");
    EXPECT_EQ(pki::verify(make_identity(), other_name, kNow).error().code, base::Code::refused);
    EXPECT_EQ(pki::verify(make_identity(), same_name, kNow).error().code, base::Code::refused);
    EXPECT_EQ(pki::verify(same_name, anchor, kNow).error().code, base::Code::refused);
}

TEST_F(certificate, outside_its_time_is_refused) {
    const Certificate cert = make_identity();
    EXPECT_EQ(pki::verify(cert, anchor, kNow - 1).error().code, base::Code::expired);
    EXPECT_TRUE(pki::verify(cert, anchor, kNow + kYear + 999)) << "its last second counts";
    EXPECT_EQ(pki::verify(cert, anchor, kNow + kYear + 1000).error().code, base::Code::expired);
    EXPECT_EQ(pki::verify(anchor, anchor, kNow + 11 * kYear).error().code, base::Code::expired);
}

TEST_F(certificate, changed_in_any_byte_is_refused) {
    const Certificate cert = make_identity();
    std::size_t parsed = 0;
    for (std::size_t i = 0; i < cert.der().size(); ++i) {
        base::Bytes der = cert.der();
        der[i] ^= 0x01;
        const auto changed = Certificate::from_der(der);
        if (!changed) continue;
        ++parsed;
        EXPECT_FALSE(pki::verify(*changed, anchor, kNow)) << "byte " << i;
    }
    EXPECT_GT(parsed, 100u);
    base::Bytes longer = cert.der();
    longer.push_back(0);
    EXPECT_EQ(Certificate::from_der(longer).error().code, base::Code::malformed);
    for (std::size_t size = 0; size < cert.der().size(); size += 7) EXPECT_FALSE(Certificate::from_der(base::ByteView(cert.der()).first(size)));
}

TEST_F(certificate, that_is_no_ca_vouches_for_nobody) {
    const Certificate leaf = make_identity();
    EXPECT_EQ(pki::verify(leaf, leaf, kNow).error().code, base::Code::refused);
    EXPECT_EQ(pki::issue(order(Profile::identity, subject(UkeyKind::user, "U-2"), key.spki()), leaf, key).error().code, base::Code::refused);
}

TEST_F(certificate, for_another_kind_or_purpose_is_refused) {
    const Certificate cert = make_identity();
    EXPECT_TRUE(pki::check_purpose(cert, UkeyKind::user, Profile::identity));
    EXPECT_EQ(pki::check_purpose(cert, UkeyKind::key, Profile::identity).error().code, base::Code::refused);
    EXPECT_EQ(pki::check_purpose(cert, UkeyKind::user, Profile::signing).error().code, base::Code::refused);
}

TEST_F(certificate, of_a_second_issuer_stands_between_the_anchor_and_what_it_issues) {
    const auto second = pki::issue(order(Profile::issuing, subject(UkeyKind::master_control, "M-2"), key.spki()), anchor, issuing);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_TRUE(pki::verify_issuer(*second, anchor, kNow));
    EXPECT_EQ(pki::verify(*second, anchor, kNow).error().code, base::Code::refused) << "it is not taken for what an anchor issues to others";
    const TestKey leaf_key(EVP_EC_gen("P-256"));
    const auto leaf = pki::issue(order(Profile::identity, subject(UkeyKind::user, "U-2"), leaf_key.spki()), *second, key);
    ASSERT_TRUE(leaf) << leaf.error().message;
    EXPECT_TRUE(pki::verify(*leaf, *second, kNow));
    EXPECT_EQ(pki::verify(*leaf, anchor, kNow).error().code, base::Code::refused);
    const auto verified = openssl("verify -x509_strict -policy_check" + at_now() + "-CAfile " + file("ca.pem", anchor.pem()) + " -untrusted " + file("second.pem", second->pem()) + " " + file("leaf.pem", leaf->pem()));
    EXPECT_EQ(verified.code, 0) << verified.text;
    // It certifies no third one, and nobody else's word makes a second one.
    EXPECT_EQ(pki::issue(order(Profile::issuing, subject(UkeyKind::master_control, "M-3"), leaf_key.spki()), *second, key).error().code, base::Code::refused);
    EXPECT_EQ(pki::verify_issuer(*leaf, anchor, kNow).error().code, base::Code::refused);
    EXPECT_EQ(pki::verify_issuer(*second, *second, kNow).error().code, base::Code::refused);
    EXPECT_TRUE(pki::verify_issuer(anchor, anchor, kNow));
}

TEST_F(certificate, is_not_issued_against_its_profile) {
    const TestKey rsa = TestKey::rsa(2048);
    const auto code = [&](Profile profile, UkeyKind kind, base::Bytes spki) {
        const auto cert = pki::issue(order(profile, subject(kind, "X-1"), std::move(spki)), anchor, issuing);
        return cert ? base::Code::internal : cert.error().code;
    };
    EXPECT_EQ(code(Profile::signing, UkeyKind::key, key.spki()), base::Code::invalid_argument);
    EXPECT_EQ(code(Profile::checkpoint, UkeyKind::user, key.spki()), base::Code::invalid_argument);
    EXPECT_EQ(code(Profile::transport, UkeyKind::user, key.spki()), base::Code::invalid_argument);
    EXPECT_EQ(code(Profile::identity, UkeyKind::user, rsa.spki()), base::Code::invalid_argument);
    EXPECT_EQ(code(Profile::issuing, UkeyKind::officer, key.spki()), base::Code::invalid_argument);
    EXPECT_EQ(code(Profile::transport, UkeyKind::user, TestKey::rsa(1024).spki()), base::Code::unsupported);
    EXPECT_EQ(code(Profile::identity, UkeyKind::user, TestKey(EVP_EC_gen("P-384")).spki()), base::Code::unsupported);
    EXPECT_EQ(code(Profile::identity, UkeyKind::user, {1, 2, 3}), base::Code::malformed);
}

TEST_F(certificate, is_not_issued_with_fields_out_of_range) {
    const auto refused = [&](auto change) {
        auto o = order(Profile::identity, subject(UkeyKind::user, "U-1"), key.spki());
        change(o);
        const auto cert = pki::issue(o, anchor, issuing);
        return !cert && (cert.error().code == base::Code::invalid_argument || cert.error().code == base::Code::refused);
    };
    using O = pki::CertificateOrder;
    EXPECT_FALSE(refused([](O&) {}));
    EXPECT_TRUE(refused([](O& o) { o.subject.utility.clear(); }));
    EXPECT_TRUE(refused([](O& o) { o.subject.utility = std::string(65, 'x'); }));
    EXPECT_TRUE(refused([](O& o) { o.subject.utility = "a\nb"; }));
    EXPECT_TRUE(refused([](O& o) { o.subject.utility = "\xff\xfe"; })) << "not UTF-8";
    EXPECT_TRUE(refused([](O& o) { o.subject.ukey = {}; }));
    EXPECT_TRUE(refused([](O& o) { o.subject.holder = std::string(65, 'x'); }));
    EXPECT_TRUE(refused([](O& o) { o.not_after = o.not_before; }));
    EXPECT_TRUE(refused([](O& o) { o.not_before -= base::kDay; })) << "before the issuer";
    EXPECT_TRUE(refused([](O& o) { o.not_after += 10 * kYear; })) << "outlives the issuer";
    EXPECT_TRUE(refused([](O& o) { o.tls_names = {"a.example"}; }));
}

TEST_F(certificate, is_not_handed_out_when_the_token_signed_with_another_key) {
    TestKey other = TestKey::p256();
    const auto cert = pki::issue(order(Profile::identity, subject(UkeyKind::user, "U-1"), key.spki()), anchor, other);
    EXPECT_EQ(cert.error().code, base::Code::key_invalid);
    NoKey pulled;
    EXPECT_EQ(pki::issue(order(Profile::identity, subject(UkeyKind::user, "U-1"), key.spki()), anchor, pulled).error().code, base::Code::token_removed);
}

TEST_F(certificate, survives_pem_and_refuses_other_pem) {
    const Certificate cert = make_identity();
    const auto back = Certificate::from_pem(cert.pem());
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, cert);
    EXPECT_EQ(Certificate::from_pem("no pem").error().code, base::Code::malformed);
    EXPECT_EQ(Certificate::from_pem("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n").error().code, base::Code::malformed);
}

TEST_F(certificate, of_somebody_else_is_malformed) {
    // Made by the openssl program: a certificate, but of no profile of ours.
    const auto made = openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /O=U/OU=user/CN=U-1 -keyout /dev/null -out " + folder + "/x.pem");
    ASSERT_EQ(made.code, 0) << made.text;
    std::ifstream in(folder + "/x.pem");
    const auto cert = Certificate::from_pem(std::string(std::istreambuf_iterator<char>(in), {}));
    ASSERT_FALSE(cert);
    EXPECT_EQ(cert.error().code, base::Code::malformed);
}

TEST_F(certificate, keys_verify_statements) {
    const TestKey ed = TestKey::ed25519();
    base::Bytes message = base::to_bytes(base::as_bytes("statement"));
    base::Bytes signature = ed.sign(message, nullptr);
    EXPECT_TRUE(pki::verify_signature(ed.spki(), message, signature));
    signature[10] ^= 1;
    EXPECT_EQ(pki::verify_signature(ed.spki(), message, signature).error().code, base::Code::key_invalid);

    // DER to r || s by hand: SEQUENCE, then two INTEGERs.
    const base::Bytes der = key.sign(message, EVP_sha256());
    base::Bytes raw;
    for (std::size_t at = 2; at < der.size(); at += 2 + der[at + 1]) {
        base::Bytes number(der.begin() + static_cast<std::ptrdiff_t>(at) + 2, der.begin() + static_cast<std::ptrdiff_t>(at) + 2 + der[at + 1]);
        if (number.size() > 32) number.erase(number.begin());
        raw.insert(raw.end(), 32 - number.size(), 0);
        raw.insert(raw.end(), number.begin(), number.end());
    }
    EXPECT_TRUE(pki::verify_signature(key.spki(), message, raw));
    message[0] ^= 1;
    EXPECT_EQ(pki::verify_signature(key.spki(), message, raw).error().code, base::Code::key_invalid);
    EXPECT_EQ(pki::verify_signature(key.spki(), message, base::ByteView(raw).first(63)).error().code, base::Code::key_invalid);
    EXPECT_EQ(pki::verify_signature(TestKey::rsa(2048).spki(), message, raw).error().code, base::Code::unsupported);
}

}  // namespace

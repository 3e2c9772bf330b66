#include "pki/crl.h"

#include "tests/pki/fixture.h"

namespace {

using namespace pki_test;

struct crl : Pki {
    pki::CrlOrder list(std::vector<pki::Revoked> revoked) { return {7, kNow, kNow + 7 * base::kDay, std::move(revoked)}; }
};

TEST_F(crl, is_verified_and_obeyed_by_openssl) {
    const pki::Certificate bad = make_identity("U-1");
    const pki::Certificate good = make_identity("U-2");
    const auto made = pki::issue_crl(list({{bad.serial(), kNow - base::kHour, pki::Reason::key_compromise}, {{0x80, 1}, kNow, pki::Reason::unspecified}}), anchor, issuing);
    ASSERT_TRUE(made) << made.error().message;
    const std::string ca = file("ca.pem", anchor.pem());
    const std::string pem = file("l.pem", made->pem());
    const auto judged = openssl("crl -noout -text -CAfile " + ca + " -in " + pem);
    EXPECT_EQ(judged.code, 0) << judged.text;
    EXPECT_TRUE(has(judged.text, "verify OK")) << judged.text;
    EXPECT_TRUE(has(judged.text, "Version 2 (0x1)")) << judged.text;
    EXPECT_TRUE(has(judged.text, "X509v3 CRL Number: \n                7")) << judged.text;
    EXPECT_TRUE(has(judged.text, "Key Compromise")) << judged.text;
    const std::string check = "verify -crl_check" + at_now() + "-CAfile " + ca + " -CRLfile " + pem + " ";
    const auto refused = openssl(check + file("bad.pem", bad.pem()));
    EXPECT_NE(refused.code, 0);
    EXPECT_TRUE(has(refused.text, "certificate revoked")) << refused.text;
    const auto accepted = openssl(check + file("good.pem", good.pem()));
    EXPECT_EQ(accepted.code, 0) << accepted.text;

    EXPECT_TRUE(pki::verify(*made, anchor, kNow));
    EXPECT_TRUE(made->is_revoked(bad));
    EXPECT_FALSE(made->is_revoked(good));
    EXPECT_EQ(made->number(), 7u);
    EXPECT_EQ(made->revoked().size(), 2u);
    EXPECT_EQ(made->find(bad.serial()), (pki::Revoked{bad.serial(), kNow - base::kHour, pki::Reason::key_compromise}));
    EXPECT_EQ(made->find(base::Bytes{0x80, 1})->reason, pki::Reason::unspecified);
}

TEST_F(crl, may_be_empty) {
    const auto made = pki::issue_crl(list({}), anchor, issuing);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(pki::verify(*made, anchor, kNow));
    EXPECT_FALSE(made->is_revoked(make_identity()));
    const auto back = pki::Crl::from_pem(made->pem());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->der(), made->der());
}

TEST_F(crl, that_is_old_or_of_another_issuer_is_refused) {
    const auto made = pki::issue_crl(list({}), anchor, issuing);
    ASSERT_TRUE(made);
    EXPECT_EQ(pki::verify(*made, anchor, kNow + 8 * base::kDay).error().code, base::Code::expired);
    EXPECT_EQ(pki::verify(*made, anchor, kNow - base::kDay).error().code, base::Code::expired);
    TestKey other = TestKey::p256();
    EXPECT_EQ(pki::verify(*made, make_anchor(other, "M-2"), kNow).error().code, base::Code::refused);
    EXPECT_EQ(pki::verify(*made, make_anchor(other, "M-1"), kNow).error().code, base::Code::refused);
    EXPECT_EQ(pki::verify(*made, make_identity(), kNow).error().code, base::Code::refused);
}

TEST_F(crl, changed_in_any_byte_is_refused) {
    const auto made = pki::issue_crl(list({{make_identity().serial(), kNow, pki::Reason::superseded}}), anchor, issuing);
    ASSERT_TRUE(made);
    for (std::size_t i = 0; i < made->der().size(); ++i) {
        base::Bytes der = made->der();
        der[i] ^= 0x01;
        const auto changed = pki::Crl::from_der(der);
        EXPECT_FALSE(changed && pki::verify(*changed, anchor, kNow)) << "byte " << i;
    }
    EXPECT_EQ(pki::Crl::from_der({}).error().code, base::Code::malformed);
}

TEST_F(crl, is_not_issued_with_fields_out_of_range) {
    const auto code = [&](const pki::CrlOrder& o) { return pki::issue_crl(o, anchor, issuing).error().code; };
    const base::Bytes serial = make_identity().serial();
    EXPECT_EQ(code(list({{serial, kNow, pki::Reason::hold}, {serial, kNow, pki::Reason::superseded}})), base::Code::invalid_argument);
    EXPECT_EQ(code(list({{{}, kNow, pki::Reason::hold}})), base::Code::invalid_argument);
    EXPECT_EQ(code(list({{{0, 1}, kNow, pki::Reason::hold}})), base::Code::invalid_argument);
    EXPECT_EQ(code({1, kNow, kNow, {}}), base::Code::invalid_argument);
    TestKey other = TestKey::p256();
    EXPECT_EQ(pki::issue_crl(list({}), anchor, other).error().code, base::Code::key_invalid);
    EXPECT_EQ(pki::issue_crl(list({}), make_identity(), key).error().code, base::Code::refused);
}

}  // namespace

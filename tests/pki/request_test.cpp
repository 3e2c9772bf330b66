#include "pki/request.h"

#include "tests/pki/fixture.h"

namespace {

using namespace pki_test;
using model::UkeyKind;

struct request : Pki {};

TEST_F(request, is_verified_by_openssl) {
    const auto made = pki::build_request(subject(UkeyKind::user, "U-1", "王小明"), key.spki(), key);
    ASSERT_TRUE(made) << made.error().message;
    const std::string pem = file("r.pem", made->pem());
    const auto judged = openssl("req -noout -verify -subject -nameopt utf8,sep_comma_plus -in " + pem);
    EXPECT_EQ(judged.code, 0) << judged.text;
    EXPECT_TRUE(has(judged.text, "verify OK")) << judged.text;
    EXPECT_TRUE(has(judged.text, "O=Example Utility 电力,OU=user,CN=U-1,name=王小明")) << judged.text;
    const auto back = pki::verify_request_pem(made->pem());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->subject, subject(UkeyKind::user, "U-1", "王小明"));
    EXPECT_EQ(back->spki, key.spki());
}

TEST_F(request, made_by_openssl_is_accepted) {
    const auto made = openssl("req -new -utf8 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha256 -nodes -subj /O=U/OU=user/CN=U-1 -keyout /dev/null -out " + folder + "/r.pem");
    ASSERT_EQ(made.code, 0) << made.text;
    std::ifstream in(folder + "/r.pem");
    const auto parsed = pki::verify_request_pem(std::string(std::istreambuf_iterator<char>(in), {}));
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->subject.ukey.text(), "U-1");
}

TEST_F(request, without_the_private_key_is_refused) {
    EXPECT_EQ(pki::build_request(subject(UkeyKind::user, "U-1"), TestKey::p256().spki(), key).error().code, base::Code::key_invalid);
    EXPECT_EQ(pki::build_request(subject(UkeyKind::user, "U-1"), TestKey::rsa(2048).spki(), key).error().code, base::Code::invalid_argument);
}

TEST_F(request, changed_in_any_byte_is_refused) {
    const auto made = pki::build_request(subject(UkeyKind::user, "U-1"), key.spki(), key);
    ASSERT_TRUE(made);
    for (std::size_t i = 0; i < made->der.size(); ++i) {
        base::Bytes der = made->der;
        der[i] ^= 0x01;
        EXPECT_FALSE(pki::verify_request(der)) << "byte " << i;
    }
    base::Bytes longer = made->der;
    longer.push_back(0);
    EXPECT_EQ(pki::verify_request(longer).error().code, base::Code::malformed);
    EXPECT_EQ(pki::verify_request({}).error().code, base::Code::malformed);
}

}  // namespace

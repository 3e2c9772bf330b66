// TLS between two sessions in one process; the certificates are ours, the server's key plays a token.
#include "tests/tls/fixture.h"

namespace {

using base::Code;
using pki_test::TestKey;

using tls_test::Met;
using tls_test::said;
using tls_test::shake_hands;

using Tls = tls_test::Tls;

TEST_F(Tls, carries_bytes_both_ways_under_a_key_that_signs_elsewhere) {
    const tls::Context at_home = server(own, signer()), outside = client(house.pem());
    tls::Session s(at_home), c(outside);
    ASSERT_TRUE(shake_hands(c, s).both());
    ASSERT_EQ(asked.size(), 1u);
    // RFC 8446, 4.4.3: 64 spaces, the context string, a zero, the hash of the transcript.
    const std::string head = std::string(64, ' ') + "TLS 1.3, server CertificateVerify" + '\0';
    EXPECT_EQ(std::string(base::as_text(asked[0])).substr(0, head.size()), head);
    EXPECT_EQ(asked[0].size(), head.size() + 48);  // AES-256-GCM with SHA-384 is preferred
    ASSERT_TRUE(c.write(base::as_bytes(std::string("an order"))));
    s.received(c.to_send());
    EXPECT_EQ(said(s), "an order");
    EXPECT_EQ(said(s), "") << "nothing more yet";
    const std::string large(60000, 'x');
    ASSERT_TRUE(s.write(base::as_bytes(large)));
    c.received(s.to_send());
    std::string got;
    for (int i = 0; i < 10 && got.size() < large.size(); ++i) got += said(c);
    EXPECT_EQ(got, large);
    s.close();
    c.received(s.to_send());
    EXPECT_EQ(said(c), "(the other end closed the connection)");
    EXPECT_TRUE(c.ended());
}

TEST_F(Tls, a_service_that_another_authority_certified_is_refused) {
    TestKey stranger = TestKey::p256();
    const pki::Certificate other = anchor_of(stranger, "M-1");
    const tls::Context at_home = server(own, signer()), outside = client(other.pem());
    tls::Session s(at_home), c(outside);
    const Met met = shake_hands(c, s);
    ASSERT_FALSE(met.client);
    EXPECT_EQ(met.client.error().code, Code::denied);
    EXPECT_NE(met.client.error().message.find("its certificate does not hold"), std::string::npos);
}

TEST_F(Tls, an_expired_certificate_is_refused) {
    const pki::Certificate old = make(pki::Profile::tls, model::UkeyKind::platform, server_key, now() - base::kHour, master, house);
    const tls::Context at_home = server(old, signer()), outside = client(house.pem());
    tls::Session s(at_home), c(outside);
    const Met met = shake_hands(c, s);
    ASSERT_FALSE(met.client);
    EXPECT_NE(met.client.error().message.find("expired"), std::string::npos) << met.client.error().message;
}

TEST_F(Tls, a_certificate_for_another_purpose_is_refused) {
    const pki::Certificate person = make(pki::Profile::identity, model::UkeyKind::user, server_key, now() + base::kDay, master, house);
    const tls::Context at_home = server(person, signer()), outside = client(house.pem());
    tls::Session s(at_home), c(outside);
    const Met met = shake_hands(c, s);
    ASSERT_FALSE(met.client);
    EXPECT_NE(met.client.error().message.find("purpose"), std::string::npos) << met.client.error().message;
}

TEST_F(Tls, a_signature_of_another_key_is_refused) {
    TestKey other = TestKey::p256();
    const tls::Context at_home = server(own, [&](base::ByteView content) -> base::Result<base::Bytes> { return other.sign(content, EVP_sha256()); });
    const tls::Context outside = client(house.pem());
    tls::Session s(at_home), c(outside);
    EXPECT_FALSE(shake_hands(c, s).client);
}

TEST_F(Tls, a_key_that_is_gone_says_so_to_the_service_and_ends_the_handshake) {
    const tls::Context at_home = server(own, [](base::ByteView) -> base::Result<base::Bytes> { return base::Error{Code::token_removed, "pulled out"}; });
    const tls::Context outside = client(house.pem());
    tls::Session s(at_home), c(outside);
    const Met met = shake_hands(c, s);
    ASSERT_FALSE(met.server);
    EXPECT_EQ(met.server.error().message, "pulled out");
    EXPECT_FALSE(met.client);
}

TEST_F(Tls, any_bit_changed_on_the_line_ends_the_connection) {
    const tls::Context at_home = server(own, signer()), outside = client(house.pem());
    for (std::size_t bit = 0; bit < 30 * 8; bit += 7) {
        tls::Session s(at_home), c(outside);
        ASSERT_TRUE(shake_hands(c, s).both());
        ASSERT_TRUE(c.write(base::as_bytes(std::string("an order"))));
        base::Bytes line = c.to_send();
        ASSERT_GE(line.size(), 30u);
        line[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        s.received(line);
        const std::string heard = said(s);
        EXPECT_TRUE(heard.empty() || heard.starts_with("(what came over the line is broken")) << bit << " " << heard;  // a longer record still waits
    }
}

TEST_F(Tls, whoever_speaks_something_else_is_turned_away) {
    const tls::Context at_home = server(own, signer());
    for (const std::string text : {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x03" "no ClientHello at all, but a record that promises one", "\0\0\0\x05hello"}) {
        tls::Session s(at_home);
        s.received(base::as_bytes(text));
        const auto met = s.handshake();
        EXPECT_TRUE(!met || !*met) << text;
    }
}

TEST_F(Tls, whoever_trusts_nobody_is_no_client) {
    const auto nobody = tls::Context::client("no certificate");
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code, Code::malformed);
}

TEST_F(Tls, a_key_of_another_kind_or_a_certificate_that_is_none_makes_no_service) {
    const auto none = tls::Context::server({{base::Bytes{1, 2, 3}}, signer()});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Code::malformed);
    EXPECT_FALSE(tls::Context::server({{}, signer()}));
}

}  // namespace

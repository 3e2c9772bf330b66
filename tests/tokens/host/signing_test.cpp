// What each signing key may sign, and what it refuses.
#include "model/approval.h"
#include "tests/tokens/host/ukeys.h"

namespace {

using namespace host_test;

Answer sign_tbs(Ukey& ukey, const std::string& key, const std::string& tbs) {
    return ukey.host->call(request([&](auto& r) {
        r.mutable_sign_tbs()->set_key(key);
        r.mutable_sign_tbs()->set_tbs(tbs);
    }));
}
Answer sign_statement(Ukey& ukey, const std::string& purpose, const std::string& statement) {
    return ukey.host->call(request([&](auto& r) {
        r.mutable_sign_statement()->set_purpose(purpose);
        r.mutable_sign_statement()->set_statement(statement);
    }));
}
Answer store(Ukey& ukey, const std::string& name, const std::string& der) {
    return ukey.host->call(request([&](auto& r) {
        r.mutable_store_certificate()->set_name(name);
        r.mutable_store_certificate()->set_der(der);
    }));
}
std::map<std::string, std::string> certificates(Ukey& ukey) {
    std::map<std::string, std::string> out;
    const Answer answer = ukey.host->call(request([](auto& r) { r.mutable_read_certificates(); }));
    for (const auto& c : answer.reply.certificates().certificates()) out[c.name()] = c.der();
    return out;
}

TEST(signing, the_issuing_key_signs_certificates_and_crls_of_its_own_name) {
    auto master = provisioned("master-control", "M-1");
    auto user = initialised("U-1");
    const std::string own = establish(*master);
    const std::string& issuing = master->spki["issuing"];

    const std::string tbs = tbs_certificate(master->spki["identity"], {.serial = "M-1"});
    const Answer certificate = sign_tbs(*master, "issuing", tbs);
    ASSERT_TRUE(certificate.ok()) << certificate.reply.failure().message();
    EXPECT_TRUE(holds(issuing, tbs, certificate.reply.signature().der()));
    EXPECT_EQ(certificate.reply.signature().raw().size(), 64u);

    const std::string crl = tbs_crl("Test issuing");
    const Answer signed_crl = sign_tbs(*master, "issuing", crl);
    ASSERT_TRUE(signed_crl.ok()) << signed_crl.reply.failure().message();
    EXPECT_TRUE(holds(issuing, crl, signed_crl.reply.signature().der()));

    EXPECT_EQ(certificates(*master)["issuing"], own);
}

TEST(signing, the_issuing_key_refuses_everything_else) {
    auto master = provisioned("master-control", "M-1");
    const std::string& identity = master->spki["identity"];
    const std::string fine = tbs_certificate(identity, {.serial = "M-1"});
    EXPECT_EQ(sign_tbs(*master, "issuing", fine).code(), "refused") << "it has no issuing certificate yet";
    EXPECT_EQ(sign_tbs(*master, "issuing", tbs_crl("Test issuing")).code(), "refused");
    establish(*master);
    EXPECT_EQ(sign_tbs(*master, "issuing", fine).code(), "ok");
    EXPECT_EQ(sign_tbs(*master, "issuing", tbs_certificate(identity, {.serial = "M-1", .issuer = "Somebody else"})).code(), "refused");
    EXPECT_EQ(sign_tbs(*master, "issuing", tbs_certificate(identity, {.serial = "M-1", .ca = true})).code(), "refused") << "another issuer";
    EXPECT_EQ(sign_tbs(*master, "issuing", tbs_crl("Somebody else")).code(), "refused");
    EXPECT_EQ(sign_tbs(*master, "issuing", request_info(identity, "M-1")).code(), "refused") << "a request for another key";
    EXPECT_EQ(sign_tbs(*master, "issuing", fine + "x").code(), "refused") << "trailing bytes";
    EXPECT_EQ(sign_tbs(*master, "issuing", fine.substr(0, fine.size() - 1)).code(), "refused");
    EXPECT_EQ(sign_tbs(*master, "issuing", "").code(), "refused");
    EXPECT_EQ(sign_tbs(*master, "issuing", std::string("kmp/v1/injection\0blob", 21)).code(), "refused");
    EXPECT_EQ(sign_tbs(*master, "transport", fine).code(), "refused");
    EXPECT_EQ(sign_tbs(*master, "", fine).code(), "refused");
}

TEST(signing, an_identity_key_signs_its_own_request_and_no_certificate) {
    auto user = provisioned("user", "U-1");
    const std::string& identity = user->spki["identity"];
    const std::string info = request_info(identity, "U-1");
    const Answer answer = sign_tbs(*user, "identity", info);
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    EXPECT_TRUE(holds(identity, info, answer.reply.signature().der()));
    EXPECT_EQ(sign_tbs(*user, "identity", request_info(user->spki["signing"], "U-1")).code(), "refused");
    EXPECT_EQ(sign_tbs(*user, "identity", tbs_certificate(identity, {.serial = "U-1"})).code(), "refused");
    EXPECT_EQ(sign_tbs(*user, "issuing", tbs_certificate(identity, {.serial = "U-1"})).code(), "refused");
    EXPECT_EQ(sign_tbs(*user, "signing", info).code(), "refused");
}

TEST(signing, statements_are_signed_under_their_purpose) {
    auto master = provisioned("master-control", "M-1");
    const struct { const char* purpose; const char* key; } lines[] = {
        {"grant", "issuing"}, {"account", "issuing"}, {"revocation", "issuing"}, {"session", "identity"}, {"approval", "identity"}, {"enrolment", "identity"}};
    for (const auto& line : lines) {
        const Answer answer = sign_statement(*master, line.purpose, "the statement");
        ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
        const std::string signed_bytes = std::string("kmp/v1/") + line.purpose + std::string(1, '\0') + "the statement";
        EXPECT_TRUE(holds(master->spki[line.key], signed_bytes, answer.reply.signature().der())) << line.purpose;
        EXPECT_FALSE(holds(master->spki[line.key], "the statement", answer.reply.signature().der()));
    }
}

TEST(signing, the_issuing_key_signs_a_deed_and_nothing_else_for_one) {
    auto master = provisioned("master-control", "M-1");
    model::ApprovalRequest deed;
    deed.number = 7;
    deed.home = base::UkeySerial::parse("P-1").value();
    deed.deed = model::Deed::backup;
    deed.by = "uid 0";
    deed.made = 1'763'791'200'000;
    deed.expires = deed.made + model::ApprovalRequest::kLife;
    deed.terms = {{"folder", "/b"}};
    const std::string good = base::to_string(deed.encode());
    const Answer answer = sign_statement(*master, "deed", good);
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    EXPECT_TRUE(holds(master->spki["issuing"], std::string("kmp/v1/deed\0", 12) + good, answer.reply.signature().der()));
    deed.generation = 1;  // what officers vote on
    for (const std::string& bad : {std::string(), std::string("a grant"), good + "x", good.substr(0, good.size() - 1), base::to_string(deed.encode())})
        EXPECT_EQ(sign_statement(*master, "deed", bad).code(), "refused") << bad.size();
    for (const char* kind : {"officer", "user", "platform"}) {
        auto other = provisioned(kind, "O-1");
        EXPECT_EQ(sign_statement(*other, "deed", good).code(), "refused") << kind;
    }
}

TEST(signing, unknown_purposes_and_those_of_other_kinds_are_refused) {
    auto master = provisioned("master-control", "M-1");
    for (const char* purpose : {"", "data", "Grant", "grant ", "injection", "checkpoint", "session/../grant"})
        EXPECT_EQ(sign_statement(*master, purpose, "s").code(), "refused") << purpose;
    auto user = provisioned("user", "U-1");
    for (const char* purpose : {"grant", "account", "revocation", "approval", "injection"}) EXPECT_EQ(sign_statement(*user, purpose, "s").code(), "refused") << purpose;
    EXPECT_EQ(sign_statement(*user, "session", "s").code(), "ok");
    EXPECT_EQ(sign_statement(*user, "session", std::string(65537, 's')).code(), "invalid_argument");
}

TEST(signing, the_identity_key_proves_a_station_as_a_tls_client_and_signs_nothing_else_like_it) {
    const auto user = provisioned("user", "U-1");
    const auto prove = [](Ukey& ukey, const std::string& content) { return ukey.host->call(request([&](auto& r) { r.mutable_sign_station()->set_content(content); })); };
    const std::string spaces(64, ' '), zero(1, '\0'), hash(32, '\x5a');
    const std::string good = spaces + "TLS 1.3, client CertificateVerify" + zero + hash;  // RFC 8446, 4.4.3
    for (const std::string& content : {good, good + std::string(16, '\x5a')}) {
        const Answer answer = prove(*user, content);
        ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
        EXPECT_TRUE(holds(user->spki["identity"], content, answer.reply.signature().der()));
    }
    const std::string server = spaces + "TLS 1.3, server CertificateVerify" + zero + hash;
    const std::string statement = "kmp/v1/session" + zero + "s", info = request_info(user->spki["identity"], "U-1");
    for (const std::string& bad : {std::string(), hash, server, good.substr(1), " " + good, good + "x", good.substr(0, good.size() - 1), good + std::string(15, 'x'), good + std::string(17, 'x'),
                                   spaces + "TLS 1.3, client CertificateVerify " + hash, spaces + "TLS 1.2, client CertificateVerify" + zero + hash, statement, statement + good, info})
        EXPECT_EQ(prove(*user, bad).code(), "refused") << bad.size();
    // None of the three families of messages that this key signs begins like another.
    EXPECT_EQ(good.front(), ' ');
    EXPECT_EQ(statement.front(), 'k');
    EXPECT_EQ(info.front(), '\x30');
    EXPECT_EQ(sign_tbs(*user, "identity", good).code(), "refused");
    const Answer said = sign_statement(*user, "session", good);
    ASSERT_TRUE(said.ok());
    EXPECT_FALSE(holds(user->spki["identity"], good, said.reply.signature().der())) << "a statement is signed under its prefix";
    EXPECT_EQ(user->host->call(request([&](auto& r) { r.mutable_sign_tls()->set_content(server); })).code(), "refused") << "a user UKEY is no server";
    for (const char* kind : {"key", "platform", "auditor"}) EXPECT_EQ(prove(*provisioned(kind, "X-1"), good).code(), "refused") << kind;
}

TEST(signing, a_data_signature_is_r_and_s_over_the_prefixed_message) {
    auto user = provisioned("user", "U-1");
    const Answer answer = user->host->call(request([](auto& r) { r.mutable_data_sign()->set_message("hello"); }));
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    EXPECT_EQ(answer.reply.data_sign().signature().size(), 64u);
    // source: SUITE.md 6
    EXPECT_TRUE(holds(user->spki["signing"], std::string("kmp/v1/data\0hello", 17), ecdsa_from_raw(answer.reply.data_sign().signature())));
    EXPECT_EQ(user->host->call(request([](auto& r) { r.mutable_data_sign()->set_message(std::string(65537, 'm')); })).code(), "invalid_argument");
    auto key = provisioned("key", "K-1");
    EXPECT_EQ(key->host->call(request([](auto& r) { r.mutable_data_sign()->set_message("hello"); })).code(), "refused");
}

TEST(signing, what_is_sealed_opens_with_the_same_associated_data_only) {
    auto user = provisioned("user", "U-1");
    const auto seal = [&](const std::string& plain, const std::string& about) {
        return user->host->call(request([&](auto& r) {
            r.mutable_data_encrypt()->set_plaintext(plain);
            r.mutable_data_encrypt()->set_associated(about);
        }));
    };
    const auto open = [&](const std::string& sealed, const std::string& about) {
        return user->host->call(request([&](auto& r) {
            r.mutable_data_decrypt()->set_sealed(sealed);
            r.mutable_data_decrypt()->set_associated(about);
        }));
    };
    const Answer one = seal("hello", "a"), two = seal("hello", "a");
    ASSERT_TRUE(one.ok()) << one.reply.failure().message();
    const std::string sealed = one.reply.data_encrypt().sealed();
    EXPECT_EQ(sealed.size(), 12u + 5u + 16u);
    EXPECT_NE(sealed.substr(0, 12), two.reply.data_encrypt().sealed().substr(0, 12)) << "an IV of its own";
    EXPECT_EQ(open(sealed, "a").reply.data_decrypt().plaintext(), "hello");
    EXPECT_EQ(open(sealed, "b").code(), "key_invalid");
    std::string changed = sealed;
    changed[13] = static_cast<char>(changed[13] ^ 1);
    EXPECT_EQ(open(changed, "a").code(), "key_invalid");
    EXPECT_EQ(open(sealed.substr(0, 27), "a").code(), "invalid_argument");
    EXPECT_EQ(seal(std::string(65537, 'm'), "").code(), "invalid_argument");
    EXPECT_EQ(seal("x", std::string(8193, 'a')).code(), "invalid_argument");
    EXPECT_EQ(open(sealed, "a").reply.data_decrypt().plaintext(), "hello") << "a wrong one leaves nothing open";
}

TEST(signing, a_mac_is_of_this_message_and_its_own_key) {
    auto user = provisioned("user", "U-1");
    const auto mac = [&](const std::string& message) { return user->host->call(request([&](auto& r) { r.mutable_data_mac()->set_message(message); })); };
    EXPECT_EQ(mac("one").reply.data_mac().mac().size(), 16u);
    EXPECT_EQ(mac("one").reply.data_mac().mac(), mac("one").reply.data_mac().mac());
    EXPECT_NE(mac("one").reply.data_mac().mac(), mac("two").reply.data_mac().mac());
    EXPECT_EQ(mac(std::string(65537, 'm')).code(), "invalid_argument");
    auto key = provisioned("key", "K-1");
    for (const auto& ask : {request([](auto& r) { r.mutable_data_mac()->set_message("m"); }), request([](auto& r) { r.mutable_data_encrypt()->set_plaintext("m"); }),
                            request([](auto& r) { r.mutable_data_decrypt()->set_sealed(std::string(40, 'x')); })})
        EXPECT_EQ(key->host->call(ask).code(), "refused") << "a key UKEY has no data keys";
}

TEST(signing, random_bytes_come_in_the_size_asked_for) {
    auto user = provisioned("user", "U-1");
    const auto draw = [&](std::uint32_t size) { return user->host->call(request([&](auto& r) { r.mutable_data_random()->set_size(size); })); };
    const Answer one = draw(32);
    const Answer two = draw(32);
    ASSERT_TRUE(one.ok() && two.ok());
    EXPECT_EQ(one.reply.data_random().data().size(), 32u);
    EXPECT_NE(one.reply.data_random().data(), two.reply.data_random().data());
    EXPECT_EQ(draw(0).code(), "invalid_argument");
    EXPECT_EQ(draw(4097).code(), "invalid_argument");
}

TEST(certificates, are_stored_replaced_and_read_without_a_login) {
    auto master = provisioned("master-control", "M-1");
    auto user = provisioned("user", "U-1");
    establish(*master);
    const std::string first = issue(*master, user->spki["identity"], {.serial = "U-1", .kind = 4, .usage = model::kOidIdentity});
    const std::string second = issue(*master, user->spki["identity"], {.serial = "U-1", .kind = 4, .usage = model::kOidIdentity, .not_after = 7200});
    EXPECT_TRUE(store(*user, "identity", first).ok());
    EXPECT_TRUE(store(*user, "identity", first).ok()) << "the same again changes nothing";
    EXPECT_TRUE(store(*user, "identity", second).ok());
    user->start();
    const auto all = certificates(*user);
    EXPECT_EQ(all.size(), 1u);
    EXPECT_EQ(all.at("identity"), second);
    EXPECT_EQ(store(*user, "identity", first).code(), "denied") << "storing wants a login";
}

TEST(certificates, that_are_none_are_refused) {
    auto user = provisioned("user", "U-1");
    EXPECT_EQ(store(*user, "identity", "").code(), "malformed");
    EXPECT_EQ(store(*user, "identity", "garbage").code(), "malformed");
    EXPECT_EQ(store(*user, "identity", std::string(9000, 'x')).code(), "invalid_argument");
    EXPECT_EQ(store(*user, "a name", "garbage").code(), "invalid_argument");
}

TEST(certificates, the_trust_anchor_is_not_replaced_by_another_key) {
    auto master = provisioned("master-control", "M-1");
    auto other = provisioned("master-control", "M-2");
    auto user = provisioned("user", "U-1");
    const std::string anchor = establish(*master);
    EXPECT_TRUE(store(*user, "trust-anchor", anchor).ok());
    EXPECT_TRUE(store(*user, "trust-anchor", anchor).ok());
    EXPECT_EQ(store(*user, "trust-anchor", establish(*other)).code(), "refused");
    EXPECT_EQ(certificates(*user)["trust-anchor"], anchor);
    CertificateWish renewed{.serial = "Test issuing", .usage = "", .not_after = 7200, .ca = true};
    EXPECT_TRUE(store(*user, "trust-anchor", issue(*master, master->spki["issuing"], renewed)).ok()) << "the same key, renewed";
}

}  // namespace

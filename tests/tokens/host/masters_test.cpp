// Class masters: born in the vault, wrapped for one receiver, taken in there, and by nobody else.
#include "pkcs11/session.h"
#include "tests/tokens/host/injected.h"
#include "tokens/host/token.h"

namespace {

using namespace host_test;

std::string masters_of(Ukey& ukey) {
    const Answer answer = ukey.host->call(request([](auto& r) { r.mutable_list_masters(); }));
    std::string out;
    for (const auto& m : answer.reply.master_names().masters())
        out += std::to_string(m.key_class()) + ":" + std::to_string(m.state()) + ":" + std::to_string(m.version()) + " ";
    return answer.ok() ? out : answer.code();
}

TEST(masters, the_vault_holds_the_factory_set_and_version_one) {
    auto master = provisioned("master-control", "M-1");
    EXPECT_EQ(masters_of(*master), "1:0:0 1:1:1 2:0:0 2:1:1 3:0:0 3:1:1 4:0:0 4:1:1 5:0:0 5:1:1 6:0:0 6:1:1 ");
}

TEST(masters, travel_to_a_key_ukey_with_control_and_stay_there) {
    Vault vault("M-1");
    auto key = injected(vault, 3, "K-1");
    const std::string all = "1:0:0 1:1:1 2:0:0 2:1:1 3:0:0 3:1:1 4:0:0 4:1:1 5:0:0 5:1:1 6:0:0 6:1:1 ";
    EXPECT_EQ(masters_of(*key), all);
    key->start();
    EXPECT_EQ(masters_of(*key), "denied");
    ASSERT_TRUE(key->login().ok());
    EXPECT_EQ(masters_of(*key), all);
}

TEST(masters, a_user_ukey_never_receives_control) {
    Vault vault("M-1");
    auto user = injected(vault, 4, "U-1");
    EXPECT_EQ(masters_of(*user), "2:1:1 3:1:1 4:1:1 5:1:1 6:0:0 6:1:1 ");
    const std::string certificate = vault.certify(*user, 4);
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(1, 1, 1)}).code(), "refused");
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(5, 1, 1), master_name(1, 0, 0)}).code(), "refused");
    // Certified as a key UKEY by mistake, it still refuses the class itself.
    const Answer wrapped = wrap(*vault.ukey, vault.certify(*user, 3), {master_name(1, 1, 1)});
    ASSERT_TRUE(wrapped.ok());
    EXPECT_EQ(unwrap(*user, wrapped.reply.wrapped_masters()).code(), "refused");
}

TEST(masters, an_injection_repeated_changes_nothing) {
    Vault vault("M-1");
    auto user = provisioned("user", "U-1");
    ASSERT_TRUE(anchor(*user, vault.certificate).ok());
    const Answer wrapped = wrap(*vault.ukey, vault.certify(*user, 4), {master_name(5, 1, 1)});
    ASSERT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
    EXPECT_TRUE(unwrap(*user, wrapped.reply.wrapped_masters()).ok());
    EXPECT_TRUE(unwrap(*user, wrapped.reply.wrapped_masters()).ok());
    EXPECT_EQ(masters_of(*user), "5:1:1 ");
}

TEST(masters, only_issued_transport_certificates_receive) {
    Vault vault("M-1");
    Vault stranger("M-2");
    auto user = provisioned("user", "U-1");
    const std::string& transport = user->spki["transport"];
    const std::vector<pb::MasterName> credit{master_name(5, 1, 1)};
    const auto refused = [&](const CertificateWish& wish) { return wrap(*vault.ukey, issue(*vault.ukey, transport, wish), credit).code(); };

    EXPECT_EQ(refused({.serial = "U-1", .kind = 4}), "ok");
    EXPECT_EQ(wrap(*vault.ukey, stranger.certify(*user, 4), credit).code(), "key_invalid") << "issued by another master-control UKEY";
    EXPECT_EQ(refused({.serial = "U-1", .kind = 0}), "refused");
    EXPECT_EQ(refused({.serial = "U-1", .kind = 4, .usage = model::kOidIdentity}), "refused");
    EXPECT_EQ(refused({.serial = "U-1", .kind = 4, .usage = ""}), "refused");
    EXPECT_EQ(refused({.serial = "U-1", .kind = 4, .not_before = -7200, .not_after = -3600}), "expired");
    EXPECT_EQ(refused({.serial = "U-1", .kind = 4, .not_before = 3600, .not_after = 7200}), "ok") << "a clock that was set back must not stop an officer";
    for (const int kind : {2, 5, 6}) EXPECT_EQ(refused({.serial = "U-1", .kind = kind}), "refused") << kind;
    const std::string with_p256 = issue(*vault.ukey, user->spki["identity"], {.serial = "U-1", .kind = 4});
    EXPECT_EQ(wrap(*vault.ukey, with_p256, credit).code(), "refused") << "not an RSA key";
    std::string tampered = vault.certify(*user, 4);
    tampered.back() = static_cast<char>(tampered.back() ^ 1);
    EXPECT_EQ(wrap(*vault.ukey, tampered, credit).code(), "key_invalid");
    EXPECT_EQ(wrap(*vault.ukey, "garbage", credit).code(), "malformed");
}

TEST(masters, wrapping_needs_the_so_pin_and_masters_that_exist) {
    Vault vault("M-1");
    auto user = provisioned("user", "U-1");
    const std::string certificate = vault.certify(*user, 4);
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(5, 1, 1)}, "a wrong SO PIN").code(), "wrong_pin");
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(5, 1, 1)}).code(), "ok") << "and the vault still works";
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(5, 1, 2)}).code(), "key_missing");
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(7, 1, 1)}).code(), "malformed");
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(5, 0, 1)}).code(), "invalid_argument");
    EXPECT_EQ(wrap(*vault.ukey, certificate, {}).code(), "invalid_argument");
    const Answer without = vault.ukey->host->call(request([&](auto& r) {
        r.mutable_wrap_masters()->set_receiver_certificate(certificate);
        *r.mutable_wrap_masters()->add_masters() = master_name(5, 1, 1);
    }));
    EXPECT_EQ(without.code(), "denied");
}

TEST(masters, an_armed_so_pin_serves_one_wrap) {
    Vault vault("M-1");
    auto user = provisioned("user", "U-1");
    const std::string certificate = vault.certify(*user, 4);
    const Answer sealed = vault.ukey->host->call(request([](auto& r) { r.mutable_seal_so_pin()->set_ukey("M-1"); }), secrets(secret(pb::SO_PIN, kSoPin)));
    ASSERT_TRUE(sealed.ok());
    ASSERT_TRUE(vault.ukey->host->call(request([&](auto& r) {
                                           r.mutable_arm_so_pin()->set_ukey("M-1");
                                           r.mutable_arm_so_pin()->set_blob(sealed.reply.sealed_so_pin().blob());
                                       }))
                    .ok());
    const auto wrap_unaided = [&] {
        return vault.ukey->host->call(request([&](auto& r) {
            r.mutable_wrap_masters()->set_receiver_certificate(certificate);
            *r.mutable_wrap_masters()->add_masters() = master_name(5, 1, 1);
        }));
    };
    EXPECT_EQ(wrap_unaided().code(), "ok");
    EXPECT_EQ(wrap_unaided().code(), "denied");
}

TEST(masters, a_receiver_takes_only_its_own_and_untouched_ones) {
    Vault vault("M-1");
    Vault stranger("M-2");
    auto user = provisioned("user", "U-1");
    auto other = provisioned("user", "U-2");
    const Answer wrapped = wrap(*vault.ukey, vault.certify(*user, 4), {master_name(5, 1, 1), master_name(3, 1, 1)});
    ASSERT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
    const pb::WrappedMasters good = wrapped.reply.wrapped_masters();
    EXPECT_EQ(unwrap(*user, good).code(), "refused") << "no trust anchor yet";
    ASSERT_TRUE(anchor(*user, vault.certificate).ok());
    ASSERT_TRUE(anchor(*other, vault.certificate).ok());
    EXPECT_EQ(unwrap(*other, good).code(), "key_invalid") << "wrapped for U-1";

    const auto with = [&](auto&& change) {
        pb::WrappedMasters changed = good;
        change(*changed.mutable_masters(1));
        return unwrap(*user, changed).code();
    };
    EXPECT_EQ(with([](auto& m) { (*m.mutable_ciphertext())[9] ^= 1; }), "key_invalid");
    EXPECT_EQ(with([](auto& m) { (*m.mutable_signature())[9] ^= 1; }), "key_invalid");
    EXPECT_EQ(with([](auto& m) { m.clear_signature(); }), "key_invalid");
    EXPECT_EQ(with([](auto& m) { m.clear_check(); }), "key_invalid");
    EXPECT_EQ(with([](auto& m) { (*m.mutable_check())[0] ^= 1; }), "key_invalid");
    EXPECT_EQ(with([](auto& m) { m.mutable_name()->set_key_class(5); }), "key_invalid") << "another class";
    EXPECT_EQ(with([](auto& m) { m.mutable_name()->set_version(2); }), "key_invalid") << "another version";
    EXPECT_EQ(with([&](auto& m) { *m.mutable_ciphertext() = good.masters(0).ciphertext(); }), "key_invalid") << "the other one's ciphertext";
    EXPECT_EQ(masters_of(*user), "") << "nothing was taken in, the sound one beside the broken one included";

    const Answer foreign = wrap(*stranger.ukey, stranger.certify(*user, 4), {master_name(5, 1, 1)});
    ASSERT_TRUE(foreign.ok());
    EXPECT_EQ(unwrap(*user, foreign.reply.wrapped_masters()).code(), "key_invalid") << "another master-control UKEY";
    EXPECT_EQ(unwrap(*user, {}).code(), "invalid_argument");
    EXPECT_EQ(unwrap(*user, good).code(), "ok");
}

TEST(masters, leave_no_other_kind_of_ukey) {
    auto user = provisioned("user", "U-1");
    EXPECT_EQ(wrap(*user, "", {master_name(5, 1, 1)}).code(), "refused");
    auto platform = provisioned("platform", "P-1");
    EXPECT_EQ(wrap(*platform, "", {master_name(5, 1, 1)}).code(), "refused");
    EXPECT_EQ(unwrap(*platform, {}).code(), "invalid_argument") << "it takes the pepper, and nothing else";
    auto officer = provisioned("officer", "O-1");
    EXPECT_EQ(unwrap(*officer, {}).code(), "refused");
    EXPECT_EQ(masters_of(*platform), "refused");
}

/// The token of a UKEY whose host has ended, opened directly, as somebody with its PIN could.
std::unique_ptr<tokens::host::Token> opened(Ukey& ukey) {
    EXPECT_EQ(ukey.host->finish(), 0);
    tokens::host::Source source;
    source.folder = ukey.folder.path();
    source.module = "/usr/lib/softhsm/libsofthsm2.so";
    if (ukey.maker == Maker::nss) {
        source.kind = tokens::host::Source::Kind::pkcs11;
        source.module = KMP_SOFTOKN;
        source.parameters = "configDir='sql:{path}'";
    }
    auto token = std::make_unique<tokens::host::Token>(source);
    EXPECT_TRUE(token->look());
    EXPECT_TRUE(token->log_in(base::Secret::copy_of(base::as_bytes(kUserPin))));
    return token;
}

TEST(masters, in_the_vault_are_not_wrapped_under_an_untrusted_key_nor_shown_nor_changed) {
    auto master = provisioned("master-control", "M-1");
    auto token = opened(*master);
    auto& session = token->session();
    const auto credit = *token->master({model::KeyClass::credit, model::KeyState::production, 1});

    // Its own transport key is a wrapping key, but nobody marked it trusted.
    const auto transport = *token->public_key("transport");
    const auto wrapped = session.wrap(pkcs11::Mechanism::oaep_sha1(), transport, credit);
    ASSERT_FALSE(wrapped);
    EXPECT_EQ(wrapped.error().raw, static_cast<std::int64_t>(CKR_KEY_NOT_WRAPPABLE));

    // The user cannot mark one.
    pkcs11::Template trusted(CKO_PUBLIC_KEY, CKK_RSA);
    trusted.flag(CKA_TOKEN, false).flag(CKA_TRUSTED, true).flag(CKA_WRAP, true);
    trusted.bytes(CKA_MODULUS, *session.bytes_of(transport, CKA_MODULUS)).bytes(CKA_PUBLIC_EXPONENT, *session.bytes_of(transport, CKA_PUBLIC_EXPONENT));
    EXPECT_FALSE(session.create(trusted));

    EXPECT_FALSE(session.bytes_of(credit, CKA_VALUE));
    EXPECT_FALSE(session.encrypt(pkcs11::Mechanism(CKM_AES_ECB), credit, base::Bytes(16)));
    pkcs11::Template changes;
    changes.flag(CKA_ENCRYPT, true);
    EXPECT_FALSE(session.copy(credit, changes));
}

TEST(masters, on_a_receiver_are_not_shown_and_wrapped_by_nothing) {
    Vault vault("M-1");
    auto user = injected(vault, 4, "U-1");
    auto token = opened(*user);
    auto& session = token->session();
    const auto credit = *token->master({model::KeyClass::credit, model::KeyState::production, 1});
    EXPECT_FALSE(session.bytes_of(credit, CKA_VALUE));
    EXPECT_FALSE(session.encrypt(pkcs11::Mechanism(CKM_AES_ECB), credit, base::Bytes(16)));
    EXPECT_FALSE(session.wrap(pkcs11::Mechanism::oaep_sha1(), *token->public_key("transport"), credit));
}

TEST(masters, are_there_again_after_the_module_was_recycled) {
    Vault vault("M-1");
    auto user = injected(vault, 4, "U-1");
    auto token = opened(*user);
    const auto before = token->generation();
    ASSERT_TRUE(token->recycle());
    EXPECT_TRUE(token->logged_in());
    EXPECT_NE(token->generation(), before) << "whoever kept a handle forgets it";
    EXPECT_EQ(token->masters().size(), 6u);
    EXPECT_TRUE(token->log_in(base::Secret::copy_of(base::as_bytes(kUserPin))));
    EXPECT_EQ(token->log_in(base::Secret::copy_of(base::as_bytes("wrong pin"))).error().code, base::Code::wrong_pin);
}

}  // namespace

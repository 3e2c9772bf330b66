// What happens to a UKEY after it was made, and what only an officer's does.
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <filesystem>

#include "tests/tokens/host/injected.h"

namespace {

using namespace host_test;

constexpr std::string_view kNewPin = "00112233445566778899aabbccddeeff";

Answer change(Ukey& ukey, std::string_view from, std::string_view to) {
    return ukey.host->call(request([](auto& r) { r.mutable_change_pin(); }), secrets(secret(pb::USER_PIN, from), secret(pb::NEW_USER_PIN, to)));
}
Answer reset(Ukey& ukey, std::string_view so_pin, std::string_view to) {
    return ukey.host->call(request([](auto& r) { r.mutable_reset_pin(); }), secrets(secret(pb::SO_PIN, so_pin), secret(pb::NEW_USER_PIN, to)));
}
Answer erase(Ukey& ukey, std::string_view so_pin) {
    return ukey.host->call(request([](auto& r) { r.mutable_erase(); }), secrets(secret(pb::SO_PIN, so_pin)));
}
Answer nonce(Ukey& ukey, const std::string& fresh = "") {
    return ukey.host->call(request([&](auto& r) { r.mutable_nonce()->set_fresh(fresh); }));
}
Answer logout(Ukey& ukey) {
    return ukey.host->call(request([](auto& r) { r.mutable_logout(); }));
}
Answer open_share(Ukey& ukey, const std::string& blob) {
    return ukey.host->call(request([&](auto& r) { r.mutable_open_share()->set_blob(blob); }));
}

/// RSA-OAEP with SHA-1 to a DER SubjectPublicKeyInfo, by OpenSSL.
std::string encrypt_to(const std::string& spki, const std::string& plain) {
    const auto* at = reinterpret_cast<const unsigned char*>(spki.data());
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())), &EVP_PKEY_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(key.get(), nullptr), &EVP_PKEY_CTX_free);
    EXPECT_EQ(EVP_PKEY_encrypt_init(context.get()), 1);
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING), 1);
    std::string out(1024, '\0');
    std::size_t size = out.size();
    EXPECT_EQ(EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, reinterpret_cast<const unsigned char*>(plain.data()), plain.size()), 1);
    out.resize(size);
    return out;
}

std::string share(const std::string& value) { return std::string("kmp/v1/share\0\0\0\0\3\2", 18) + value; }

TEST(recovery, of_the_database_key_opens_that_and_nothing_else) {
    const auto master = provisioned("master-control", "MC-1");
    const std::string value(32, 'k');
    const auto recover = [&](Ukey& ukey, const std::string& blob) { return ukey.host->call(request([&](auto& r) { r.mutable_recover_database_key()->set_blob(blob); })); };
    const std::string prefix("kmp/v1/database-key\0", 20);
    Answer answer = recover(*master, encrypt_to(master->spki["recovery"], prefix + value));
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    auto key = tokens::host::take_secret(answer.secrets, pb::DATABASE_KEY);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->reveal([](base::ByteView bytes) { return base::to_string(bytes); }), value);
    EXPECT_EQ(recover(*master, encrypt_to(master->spki["recovery"], std::string(16, 'm'))).code(), "key_invalid") << "a class master, say";
    EXPECT_EQ(recover(*master, encrypt_to(master->spki["recovery"], prefix + value + "x")).code(), "key_invalid");
    EXPECT_EQ(recover(*master, encrypt_to(master->spki["transport"], prefix + value)).code(), "key_invalid");
    EXPECT_EQ(recover(*master, "").code(), "malformed");
    const auto officer = provisioned("officer", "OF-1");
    EXPECT_EQ(recover(*officer, encrypt_to(officer->spki["transport"], prefix + value)).code(), "refused");
}

TEST(export_key, opens_for_an_auditor_that_it_was_sealed_to_and_as_nothing_else) {
    const auto auditor = provisioned("auditor", "AU-1");
    const std::string value(32, 'k');
    const std::string prefix("kmp/v1/export\0", 14);
    const auto open = [&](Ukey& ukey, const std::string& blob) { return ukey.host->call(request([&](auto& r) { r.mutable_open_export_key()->set_blob(blob); })); };
    Answer answer = open(*auditor, encrypt_to(auditor->spki["transport"], prefix + value));
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    auto key = tokens::host::take_secret(answer.secrets, pb::EXPORT_KEY);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->reveal([](base::ByteView bytes) { return base::to_string(bytes); }), value);
    EXPECT_TRUE(answer.reply.has_done());
    for (const std::string& other : {value, prefix + value + "x", prefix + value.substr(1), std::string("kmp/v1/share\0\0", 14) + value, std::string()})
        EXPECT_EQ(open(*auditor, encrypt_to(auditor->spki["transport"], other)).code(), "key_invalid");
    EXPECT_EQ(open(*auditor, std::string(256, '\1')).code(), "key_invalid");
    EXPECT_EQ(open(*auditor, "").code(), "malformed");
    EXPECT_EQ(open_share(*auditor, encrypt_to(auditor->spki["transport"], share(value))).code(), "refused");
    EXPECT_TRUE(logout(*auditor).ok());
    EXPECT_EQ(open(*auditor, encrypt_to(auditor->spki["transport"], prefix + value)).code(), "denied");
    for (const char* kind : {"officer", "user"}) {
        const auto other = provisioned(kind, "XX-1");
        EXPECT_EQ(open(*other, encrypt_to(other->spki["transport"], prefix + value)).code(), "refused") << kind;
    }
}

TEST(pin, changes_with_the_old_one_only) {
    const auto officer = provisioned("officer", "OF-1");
    EXPECT_EQ(change(*officer, kNewPin, kNewPin).code(), "wrong_pin");
    EXPECT_TRUE(change(*officer, kUserPin, kNewPin).ok());
    EXPECT_TRUE(logout(*officer).ok());
    EXPECT_EQ(officer->login(kUserPin).code(), "wrong_pin");
    EXPECT_TRUE(officer->login(kNewPin).ok());
}

TEST(pin, that_was_changed_while_logged_in_is_the_one_that_counts) {
    const auto officer = provisioned("officer", "OF-1");
    ASSERT_TRUE(change(*officer, kUserPin, kNewPin).ok());
    EXPECT_EQ(officer->login(kUserPin).code(), "wrong_pin");
    EXPECT_TRUE(officer->login(kNewPin).ok());
}

TEST(pin, is_reset_by_the_security_officer_only) {
    const auto user = provisioned("user", "US-1");
    if (user->maker == Maker::nss) {
        // A token that knows no security officer cannot be unblocked: it says so, and nothing is changed.
        EXPECT_EQ(reset(*user, kSoPin, kNewPin).code(), "token_unsuitable");
        EXPECT_TRUE(user->login(kUserPin).ok());
        return;
    }
    EXPECT_EQ(reset(*user, kNewPin, kNewPin).code(), "wrong_pin");
    EXPECT_TRUE(reset(*user, kSoPin, kNewPin).ok());
    // Whoever was logged in is not any more.
    EXPECT_EQ(nonce(*user).code(), "denied");
    EXPECT_EQ(user->login(kUserPin).code(), "wrong_pin");
    EXPECT_TRUE(user->login(kNewPin).ok());
}

TEST(erasing, needs_the_so_pin_and_leaves_a_blank_ukey) {
    const auto user = provisioned("user", "US-1");
    EXPECT_EQ(erase(*user, kNewPin).code(), "wrong_pin");
    ASSERT_TRUE(user->login().ok());
    EXPECT_TRUE(erase(*user, kSoPin).ok());
    EXPECT_FALSE(std::filesystem::exists(user->folder.path() + "/tokens"));
    user->start();
    const Answer probe = user->host->call(request([](auto& r) { r.mutable_probe(); }));
    EXPECT_FALSE(probe.reply.probe().initialised());
    EXPECT_EQ(probe.reply.probe().ukey(), "");
    EXPECT_TRUE(user->host->call(request([](auto& r) { r.mutable_initialise()->set_ukey("US-2"); }), secrets(secret(pb::SO_PIN, kNewPin), secret(pb::USER_PIN, kUserPin))).ok());
}

TEST(nonce, is_there_after_login_only_and_replaced_as_a_whole) {
    const auto user = provisioned("user", "US-1");
    EXPECT_FALSE(nonce(*user).reply.nonce().held());
    EXPECT_EQ(nonce(*user, "short").code(), "invalid_argument");
    const std::string first(16, 'a');
    const std::string second(16, 'b');
    if (user->maker == Maker::nss) {
        EXPECT_FALSE(nonce(*user, first).reply.nonce().held()) << "NSS holds no data objects, and says so";
        return;
    }
    EXPECT_TRUE(nonce(*user, first).reply.nonce().held());
    EXPECT_TRUE(nonce(*user, second).reply.nonce().held());
    ASSERT_TRUE(logout(*user).ok());
    EXPECT_EQ(nonce(*user).code(), "denied");
    ASSERT_TRUE(user->login().ok());
    const Answer now = nonce(*user);
    ASSERT_EQ(now.reply.nonce().values_size(), 1);
    EXPECT_EQ(now.reply.nonce().values(0), second);
}

TEST(share, opens_on_the_officer_ukey_it_was_made_for) {
    const auto officer = provisioned("officer", "OF-1");
    const std::string value(32, 'v');
    const Answer opened = open_share(*officer, encrypt_to(officer->spki["transport"], share(value)));
    ASSERT_TRUE(opened.ok()) << opened.reply.failure().message();
    EXPECT_EQ(opened.reply.share().generation(), 3u);
    EXPECT_EQ(opened.reply.share().place(), 2u);
    ASSERT_EQ(opened.secrets.size(), 1u);
    EXPECT_EQ(opened.secrets[0].role, pb::SHARE);
    opened.secrets[0].value.reveal([&](base::ByteView v) { EXPECT_EQ(base::as_text(v), value); });
}

TEST(share, of_another_officer_or_changed_opens_nowhere) {
    const auto one = provisioned("officer", "OF-1");
    const auto other = provisioned("officer", "OF-2");
    std::string blob = encrypt_to(one->spki["transport"], share(std::string(32, 'v')));
    EXPECT_EQ(open_share(*other, blob).code(), "key_invalid");
    blob[100] = static_cast<char>(blob[100] ^ 1);
    EXPECT_EQ(open_share(*one, blob).code(), "key_invalid");
    EXPECT_EQ(open_share(*one, "").code(), "malformed");
}

TEST(share, is_all_that_the_transport_key_of_an_officer_decrypts) {
    const auto officer = provisioned("officer", "OF-1");
    for (const std::string& plain : {std::string(50, 'x'), share("short"), share(std::string(32, 'v')).substr(1), share(std::string(33, 'v'))})
        EXPECT_EQ(open_share(*officer, encrypt_to(officer->spki["transport"], plain)).code(), "key_invalid");
}

TEST(share, is_refused_by_every_other_kind) {
    for (const char* kind : {"user", "auditor"}) {
        const auto ukey = provisioned(kind, "XX-1");
        EXPECT_EQ(open_share(*ukey, encrypt_to(ukey->spki["transport"], share(std::string(32, 'v')))).code(), "refused") << kind;
    }
}

TEST(rotation, draws_new_masters_once_and_they_travel_like_the_first) {
    Vault vault("MC-1");
    const auto make = [&](std::uint32_t classes, std::uint32_t version) {
        return vault.ukey->host->call(request([&](auto& r) {
            r.mutable_make_masters()->set_classes(classes);
            r.mutable_make_masters()->set_version(version);
        }));
    };
    EXPECT_EQ(make(0, 2).code(), "invalid_argument");
    EXPECT_EQ(make(0x80, 2).code(), "invalid_argument");
    EXPECT_EQ(make(0x3F, 0).code(), "invalid_argument");
    ASSERT_TRUE(make(0x3F, 2).ok());
    const auto user = injected(vault, 4, "US-1");
    const std::string certificate = vault.certify(*user, 4);
    const Answer first = wrap(*vault.ukey, certificate, {master_name(5, 1, 2)});
    ASSERT_TRUE(first.ok()) << first.reply.failure().message();
    ASSERT_TRUE(unwrap(*user, first.reply.wrapped_masters()).ok());
    const auto mac = [&] {
        return user->host->call(request([](auto& r) {
            auto& key = *r.mutable_meter_authenticate()->mutable_key();
            key.set_state(1);
            key.set_version(2);
            key.set_factor(std::string("\0\0\0\0\0\0\x12\x34", 8));
        }));
    };
    EXPECT_EQ(mac().code(), "key_missing") << "class identity of version 2 was not sent";
    // Made again after a crash: the same keys, not new ones.
    ASSERT_TRUE(make(0x3F, 2).ok());
    const Answer listed = vault.ukey->host->call(request([](auto& r) { r.mutable_list_masters(); }));
    EXPECT_EQ(listed.reply.master_names().masters_size(), 18);
}

TEST(rotation, an_old_version_is_destroyed_and_the_factory_set_never) {
    Vault vault("MC-1");
    const auto user = injected(vault, 4, "US-1");
    const auto destroy = [](Ukey& ukey, std::uint32_t state, std::uint32_t version) {
        return ukey.host->call(request([&](auto& r) { *r.mutable_destroy_masters()->add_masters() = master_name(2, state, version); }));
    };
    const auto authenticate = [&] {
        return user->host->call(request([](auto& r) {
            auto& key = *r.mutable_meter_authenticate()->mutable_key();
            key.set_state(1);
            key.set_version(1);
            key.set_factor(std::string("\0\0\0\0\0\0\x12\x34", 8));
        }));
    };
    EXPECT_TRUE(authenticate().ok());
    EXPECT_EQ(destroy(*user, 0, 0).code(), "refused");
    EXPECT_TRUE(destroy(*user, 1, 1).ok());
    EXPECT_EQ(authenticate().code(), "key_missing") << "neither the master nor a key derived from it works on";
    EXPECT_TRUE(destroy(*user, 1, 1).ok()) << "once more changes nothing";
    ASSERT_TRUE(logout(*user).ok());
    ASSERT_TRUE(user->login().ok());
    EXPECT_EQ(authenticate().code(), "key_missing");
}

}  // namespace

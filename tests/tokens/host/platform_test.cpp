// The platform UKEY: checkpoints, pepper, the database key; and the vault's escrow of SO PINs.
#include "base/clock.h"
#include "tests/tokens/host/injected.h"

namespace {

using namespace host_test;

Answer checkpoint(Ukey& ukey, const std::string& body) {
    return ukey.host->call(request([&](auto& r) { r.mutable_sign_checkpoint()->set_body(body); }));
}
Answer pepper(Ukey& ukey, const std::string& serial, const std::string& stretched) {
    return ukey.host->call(request([&](auto& r) { r.mutable_pepper()->set_ukey(serial); }), secrets(secret(pb::STRETCHED, stretched)));
}
std::string text_of(Answer& answer, pb::SecretRole role) {
    auto taken = tokens::host::take_secret(answer.secrets, role);
    return taken ? taken->reveal([](base::ByteView bytes) { return base::to_string(bytes); }) : "none";
}

// Of 32 zero bytes, by `head -c 32 /dev/zero | base64`.
const std::string kRoot = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

TEST(platform, a_checkpoint_is_signed_by_the_key_that_the_spki_names) {
    auto platform = provisioned("platform", "P-1");
    const std::string body = "example.org/log\n12345\n" + kRoot + "\n";
    const Answer answer = checkpoint(*platform, body);
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    const auto& signature = answer.reply.signature();
    EXPECT_TRUE(holds(platform->spki["checkpoint"], body, signature.der().empty() ? signature.raw() : signature.der()));
    // RFC 8410: an Ed25519 SubjectPublicKeyInfo has 44 bytes. Ed25519 where the token has it, and P-256 where it has not.
    EXPECT_EQ(platform->spki["checkpoint"].size(), usual_maker() == Maker::nss ? 91u : 44u);
    EXPECT_EQ(checkpoint(*platform, "o\n0\n" + kRoot + "\n").code(), "ok");
}

TEST(platform, the_tls_key_signs_what_a_server_proves_itself_with_and_nothing_else) {
    const auto platform = provisioned("platform", "P-1");
    const auto tls = [](Ukey& ukey, const std::string& content) { return ukey.host->call(request([&](auto& r) { r.mutable_sign_tls()->set_content(content); })); };
    const std::string spaces(64, ' '), hash(32, '\x5a');
    const std::string good = spaces + "TLS 1.3, server CertificateVerify" + std::string(1, '\0') + hash;
    for (const std::string& content : {good, good + std::string(16, '\x5a')}) {
        const Answer answer = tls(*platform, content);
        ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
        EXPECT_TRUE(holds(platform->spki["tls"], content, answer.reply.signature().der()));
    }
    for (const std::string& bad : {std::string(), hash, spaces + "TLS 1.3, client CertificateVerify" + std::string(1, '\0') + hash, good.substr(1), good + "x", good.substr(0, good.size() - 1),
                                   spaces + "TLS 1.3, server CertificateVerify " + hash, std::string("kmp/v1/grant") + std::string(1, '\0') + good})
        EXPECT_EQ(tls(*platform, bad).code(), "refused") << bad.size();
    EXPECT_EQ(tls(*provisioned("user", "U-1"), good).code(), "refused");
}

/// What tlog-cosignature has a witness sign, at so many seconds from now.
std::string cosigned(std::int64_t apart, const std::string& body) {
    return "cosignature/v1\ntime " + std::to_string(base::SystemClock().now() / base::kSecond + apart) + "\n" + body;
}

TEST(platform, another_logs_checkpoint_is_cosigned_with_the_time_of_now) {
    auto platform = provisioned("platform", "P-1");
    const std::string message = cosigned(0, "example.org/log\n12345\n" + kRoot + "\n");
    const Answer answer = checkpoint(*platform, message);
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    const auto& signature = answer.reply.signature();
    EXPECT_TRUE(holds(platform->spki["checkpoint"], message, signature.der().empty() ? signature.raw() : signature.der()));
}

TEST(platform, a_cosignature_of_another_time_of_its_own_log_or_of_anything_else_is_not_made) {
    auto platform = provisioned("platform", "P-1");
    const std::string body = "example.org/log\n12345\n" + kRoot + "\n";
    for (const std::int64_t apart : {-3600, 3600, 86400 * 365}) EXPECT_EQ(checkpoint(*platform, cosigned(apart, body)).code(), "refused") << apart;
    EXPECT_EQ(checkpoint(*platform, cosigned(0, "kmp/Utility/P-1\n12345\n" + kRoot + "\n")).code(), "refused");
    EXPECT_EQ(checkpoint(*platform, cosigned(0, "kmp/Utility/P-11\n12345\n" + kRoot + "\n")).code(), "ok");
    for (const std::string& message : {std::string("cosignature/v1\n"), std::string("cosignature/v1\ntime \n") + body, "cosignature/v1\ntime 0123\n" + body, "cosignature/v1\ntime -1\n" + body,
                                       "cosignature/v1\ntime 99999999999999999999\n" + body, "cosignature/v1\n" + body, cosigned(0, ""), cosigned(0, body + "\n"), cosigned(0, "kmp/v1/grant\n"),
                                       cosigned(0, cosigned(0, body))})
        EXPECT_EQ(checkpoint(*platform, message).code(), "malformed") << message;
}

TEST(platform, whatever_is_no_checkpoint_is_not_signed) {
    auto platform = provisioned("platform", "P-1");
    const std::string good = "example.org/log\n12345\n" + kRoot + "\n";
    for (const std::string& body : {std::string(), std::string("\n"), good.substr(0, good.size() - 1), good + "\n", good + "extension\n", "\n1\n" + kRoot + "\n",
                                    "o\n\n" + kRoot + "\n", "o\n01\n" + kRoot + "\n", "o\n-1\n" + kRoot + "\n", "o\n1 \n" + kRoot + "\n", "o\n+1\n" + kRoot + "\n",
                                    std::string("o\n1\nAAAA\n"), "o\n1\n" + kRoot + "=\n", "o\n1\n " + kRoot + "\n", "o\r\n1\n" + kRoot + "\n",
                                    "o\n99999999999999999999\n" + kRoot + "\n", std::string("o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n"),
                                    std::string(600, 'o') + "\n1\n" + kRoot + "\n"})
        EXPECT_EQ(checkpoint(*platform, body).code(), "malformed") << body;
    auto user = provisioned("user", "U-1");
    EXPECT_EQ(checkpoint(*user, good).code(), "refused");
}

TEST(platform, the_pepper_is_stable_and_depends_on_ukey_and_pin) {
    Vault vault("M-1");
    auto platform = peppered(vault, "P-1");
    const std::string stretched(32, 's');
    Answer one = pepper(*platform, "U-1", stretched);
    ASSERT_TRUE(one.ok()) << one.reply.failure().message();
    const std::string value = text_of(one, pb::PEPPERED);
    EXPECT_EQ(value.size(), 32u);
    Answer other_ukey = pepper(*platform, "U-2", stretched);
    EXPECT_NE(text_of(other_ukey, pb::PEPPERED), value);
    Answer other_pin = pepper(*platform, "U-1", std::string(32, 't'));
    EXPECT_NE(text_of(other_pin, pb::PEPPERED), value);
    platform->start();
    ASSERT_TRUE(platform->login().ok());
    Answer again = pepper(*platform, "U-1", stretched);
    EXPECT_EQ(text_of(again, pb::PEPPERED), value);
    Vault other_vault("M-2");
    auto elsewhere = peppered(other_vault, "P-2");
    Answer foreign = pepper(*elsewhere, "U-1", stretched);
    EXPECT_NE(text_of(foreign, pb::PEPPERED), value);
}

TEST(platform, the_pepper_wants_32_stretched_bytes_and_a_platform_ukey) {
    auto bare = provisioned("platform", "P-0");
    EXPECT_EQ(pepper(*bare, "U-1", std::string(32, 's')).code(), "key_missing") << "before it came from the vault";
    Vault vault("M-1");
    auto platform = peppered(vault, "P-1");
    EXPECT_EQ(pepper(*platform, "U-1", "short").code(), "invalid_argument");
    EXPECT_EQ(pepper(*platform, "", std::string(32, 's')).code(), "invalid_argument");
    EXPECT_EQ(platform->host->call(request([](auto& r) { r.mutable_pepper()->set_ukey("U-1"); })).code(), "invalid_argument");
    auto user = provisioned("user", "U-1");
    EXPECT_EQ(pepper(*user, "U-1", std::string(32, 's')).code(), "refused");
}

TEST(platform, the_pepper_of_an_account_is_not_that_of_a_ukey_of_the_same_name) {
    Vault vault("M-1");
    auto platform = peppered(vault, "P-1");
    const std::string stretched(32, 's');
    const auto for_both = [&](const std::string& ukey, const std::string& account) {
        return platform->host->call(request([&](auto& r) {
                                        r.mutable_pepper()->set_ukey(ukey);
                                        r.mutable_pepper()->set_account(account);
                                    }),
                                    secrets(secret(pb::STRETCHED, stretched)));
    };
    Answer ukey = for_both("U-1", "");
    Answer account = for_both("", "U-1");
    ASSERT_TRUE(account.ok()) << account.reply.failure().message();
    EXPECT_NE(text_of(account, pb::PEPPERED), text_of(ukey, pb::PEPPERED));
    EXPECT_EQ(for_both("U-1", "U-1").code(), "invalid_argument");
    EXPECT_EQ(for_both("", "no name").code(), "invalid_argument");
}

TEST(platform, a_kept_pin_opens_for_its_own_ukey_only_and_is_no_database_key) {
    auto platform = provisioned("platform", "P-1");
    const auto seal = [](Ukey& by, const std::string& ukey, const std::string& pin) {
        return by.host->call(request([&](auto& r) { r.mutable_seal_pin()->set_ukey(ukey); }), secrets(secret(pb::USER_PIN, pin)));
    };
    const auto open = [](Ukey& by, const std::string& ukey, const std::string& blob) {
        return by.host->call(request([&](auto& r) {
            r.mutable_open_pin()->set_ukey(ukey);
            r.mutable_open_pin()->set_blob(blob);
        }));
    };
    const std::string pin(32, '7');
    const Answer sealed = seal(*platform, "U-1", pin);
    ASSERT_TRUE(sealed.ok()) << sealed.reply.failure().message();
    const std::string blob = sealed.reply.sealed_pin().blob();
    EXPECT_EQ(blob.size(), 12u + pin.size() + 16u);
    EXPECT_EQ(blob.find(pin), std::string::npos);
    Answer opened = open(*platform, "U-1", blob);
    ASSERT_TRUE(opened.ok()) << opened.reply.failure().message();
    EXPECT_EQ(text_of(opened, pb::USER_PIN), pin);
    EXPECT_EQ(open(*platform, "U-2", blob).code(), "key_invalid") << "sealed for another UKEY";
    EXPECT_EQ(platform->host->call(request([&](auto& r) { r.mutable_unwrap_database_key()->set_blob(blob); })).code(), "key_invalid");
    const Answer wrapped = platform->host->call(request([](auto& r) { r.mutable_wrap_database_key(); }), secrets(secret(pb::DATABASE_KEY, pin)));
    EXPECT_EQ(open(*platform, "U-1", wrapped.reply.wrapped_database_key().blob()).code(), "key_invalid") << "a database key is no PIN";
    std::string changed = blob;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    EXPECT_EQ(open(*platform, "U-1", changed).code(), "key_invalid");
    EXPECT_EQ(open(*platform, "U-1", "").code(), "malformed");
    EXPECT_EQ(seal(*platform, "no serial", pin).code(), "invalid_argument");
    EXPECT_EQ(platform->host->call(request([](auto& r) { r.mutable_seal_pin()->set_ukey("U-1"); })).code(), "invalid_argument") << "no PIN";
    auto other = provisioned("platform", "P-2");
    EXPECT_EQ(open(*other, "U-1", blob).code(), "key_invalid");
    auto user = provisioned("user", "U-1");
    EXPECT_EQ(seal(*user, "U-1", pin).code(), "refused");
    EXPECT_EQ(open(*user, "U-1", blob).code(), "refused");
    platform->start();
    EXPECT_EQ(open(*platform, "U-1", blob).code(), "denied") << "not logged in";
}

TEST(platform, the_database_key_comes_back_from_its_blob_and_only_from_that) {
    auto platform = provisioned("platform", "P-1");
    const std::string key = "0123456789abcdef0123456789ABCDEF";
    const Answer wrapped = platform->host->call(request([](auto& r) { r.mutable_wrap_database_key(); }), secrets(secret(pb::DATABASE_KEY, key)));
    ASSERT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
    const std::string blob = wrapped.reply.wrapped_database_key().blob();
    EXPECT_EQ(blob.size(), 12u + 32u + 16u);
    EXPECT_EQ(blob.find(key), std::string::npos);
    const auto unwrap = [](Ukey& ukey, const std::string& bytes) {
        return ukey.host->call(request([&](auto& r) { r.mutable_unwrap_database_key()->set_blob(bytes); }));
    };
    platform->start();
    EXPECT_EQ(unwrap(*platform, blob).code(), "denied");
    ASSERT_TRUE(platform->login().ok());
    Answer back = unwrap(*platform, blob);
    ASSERT_TRUE(back.ok()) << back.reply.failure().message();
    EXPECT_EQ(text_of(back, pb::DATABASE_KEY), key);
    for (const std::size_t at : {std::size_t{0}, std::size_t{20}, blob.size() - 1}) {
        std::string changed = blob;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_EQ(unwrap(*platform, changed).code(), "key_invalid") << at;
    }
    EXPECT_EQ(unwrap(*platform, "").code(), "malformed");
    auto other = provisioned("platform", "P-2");
    EXPECT_EQ(unwrap(*other, blob).code(), "key_invalid");
    EXPECT_EQ(platform->host->call(request([](auto& r) { r.mutable_wrap_database_key(); }), secrets(secret(pb::DATABASE_KEY, "short"))).code(), "invalid_argument");
}

TEST(escrow, a_sealed_so_pin_opens_for_its_own_ukey_only) {
    auto master = provisioned("master-control", "M-1");
    const auto seal = [&](const std::string& serial) {
        return master->host->call(request([&](auto& r) { r.mutable_seal_so_pin()->set_ukey(serial); }), secrets(secret(pb::SO_PIN, kSoPin)));
    };
    const auto arm = [&](const std::string& serial, const std::string& blob) {
        return master->host
            ->call(request([&](auto& r) {
                r.mutable_arm_so_pin()->set_ukey(serial);
                r.mutable_arm_so_pin()->set_blob(blob);
            }))
            .code();
    };
    const Answer own = seal("M-1");
    const Answer other = seal("U-1");
    ASSERT_TRUE(own.ok() && other.ok()) << own.reply.failure().message();
    EXPECT_EQ(arm("M-1", own.reply.sealed_so_pin().blob()), "ok");
    EXPECT_EQ(arm("M-1", other.reply.sealed_so_pin().blob()), "key_invalid") << "sealed for another UKEY";
    EXPECT_EQ(arm("U-1", other.reply.sealed_so_pin().blob()), "refused");
    std::string changed = own.reply.sealed_so_pin().blob();
    changed.back() = static_cast<char>(changed.back() ^ 1);
    EXPECT_EQ(arm("M-1", changed), "key_invalid");
    EXPECT_EQ(seal("no serial").code(), "invalid_argument");
    auto platform = provisioned("platform", "P-1");
    EXPECT_EQ(platform->host->call(request([](auto& r) { r.mutable_seal_so_pin()->set_ukey("U-1"); }), secrets(secret(pb::SO_PIN, kSoPin))).code(), "refused");
}

}  // namespace

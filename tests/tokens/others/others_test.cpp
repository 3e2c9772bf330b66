// Tokens that cannot do everything: refused by name for what they cannot, taken for what they can. Run by sandbox.py, which starts the
// servers behind them.
#include "tests/tokens/host/injected.h"

namespace {

using namespace host_test;

// As kmpd derives them: 64 hex digits. Both modules are asked for what they take of it.
const std::string kPin = std::string(32, 'a') + std::string(32, '1');
const std::string kOfficerPin = std::string(32, 'b') + std::string(32, '2');

struct Other {
    std::vector<std::string> arguments;
    std::unique_ptr<HostClient> host;
    explicit Other(std::vector<std::string> how) : arguments(std::move(how)) { start(); }
    void start() { host = std::make_unique<HostClient>(arguments); }
    pb::ProbeReply probe() {
        const Answer answer = host->call(request([](auto& r) { r.mutable_probe(); }));
        EXPECT_TRUE(answer.ok()) << answer.reply.failure().message();
        return answer.reply.probe();
    }
    /// For any kind when none is named.
    Answer initialise(const std::string& kind) {
        return host->call(request([&](auto& r) {
                              r.mutable_initialise()->set_ukey("A-1");
                              r.mutable_initialise()->set_kind(kind);
                          }),
                          secrets(secret(pb::SO_PIN, kOfficerPin), secret(pb::USER_PIN, kPin)));
    }
    Answer provision(const std::string& kind) {
        return host->call(request([&](auto& r) { r.mutable_provision()->set_kind(kind); }));
    }
    Answer login(const std::string& pin) {
        return host->call(request([](auto& r) { r.mutable_login(); }), secrets(secret(pb::USER_PIN, pin)));
    }
    Answer sign() {
        return host->call(request([](auto& r) {
            r.mutable_sign_statement()->set_purpose("session");
            r.mutable_sign_statement()->set_statement("s");
        }));
    }
};

std::string message(const Answer& answer) { return answer.code() + ": " + answer.reply.failure().message(); }

Other opencryptoki() { return Other({"--kind", "pkcs11", "--module", KMP_OPENCRYPTOKI, "--factory-so-pin", "87654321"}); }
Other tpm() { return Other({"--kind", "pkcs11", "--module", KMP_TPM2_PKCS11}); }

TEST(opencryptoki, is_refused_for_every_kind_with_what_it_lacks_and_left_untouched) {
    Other token = opencryptoki();
    const auto before = token.probe();
    ASSERT_TRUE(before.present());
    EXPECT_FALSE(before.initialised());
    const std::string sign = "it lacks CKM_EC_KEY_PAIR_GEN, CKM_ECDSA";
    const std::vector<std::pair<std::string, std::string>> expected{
        {"master-control", "a master-control UKEY: " + sign + ", CKM_AES_ECB_ENCRYPT_DATA, CKM_AES_CMAC, CKM_AES_GCM"},
        {"key", "a key UKEY: " + sign + ", CKM_AES_ECB_ENCRYPT_DATA, CKM_AES_CMAC, CKM_AES_KEY_WRAP"},
        {"user", "a user UKEY: " + sign + ", CKM_AES_ECB_ENCRYPT_DATA, CKM_AES_CMAC, CKM_AES_GCM"},
        {"platform", "a platform UKEY: " + sign + ", CKM_AES_GCM"},
        {"officer", "an officer UKEY: " + sign},
        {"auditor", "an auditor UKEY: " + sign},
    };
    for (const auto& [kind, text] : expected) {
        EXPECT_EQ(message(token.initialise(kind)), "token_unsuitable: this token cannot serve as " + text);
        EXPECT_FALSE(token.probe().initialised()) << kind;
        EXPECT_EQ(token.probe().ukey(), "");
    }
}

TEST(opencryptoki, takes_our_pins_in_its_own_length) {
    Other token = opencryptoki();
    const Answer made = token.initialise("");
    ASSERT_TRUE(made.ok()) << message(made);
    token.start();
    EXPECT_EQ(token.probe().ukey(), "A-1");
    EXPECT_EQ(token.login(std::string(64, 'f')).code(), "wrong_pin");
    EXPECT_EQ(token.login(kPin).code(), "ok");
    EXPECT_EQ(message(token.provision("user")).substr(0, 61), "token_unsuitable: this token cannot serve as a user UKEY: it ");
}

TEST(opencryptoki, without_its_makers_so_pin_is_refused_with_the_way_out) {
    Other token({"--kind", "pkcs11", "--module", KMP_OPENCRYPTOKI});
    EXPECT_NE(message(token.initialise("")).find("factory_so_pin"), std::string::npos);
}

TEST(tpm2, forecasts_and_then_tries) {
    Other token = tpm();
    const auto forecast = token.probe();
    ASSERT_TRUE(forecast.present());
    EXPECT_FALSE(forecast.tried());
    ASSERT_TRUE(token.initialise("auditor").ok());
    const auto tried = token.probe();
    EXPECT_TRUE(tried.tried());
    for (const auto& line : tried.suitability()) EXPECT_EQ(line.missing_size() == 0, line.kind() == "auditor" || line.kind() == "officer") << line.kind();
}

TEST(tpm2, is_refused_as_a_key_ukey_with_what_it_lacks) {
    Other token = tpm();
    const std::string text = message(token.initialise("key"));
    EXPECT_TRUE(text.starts_with("token_unsuitable: this token cannot serve as a key UKEY: it lacks ")) << text;
    for (const char* lack : {"CKM_AES_ECB_ENCRYPT_DATA", "CKM_AES_CMAC", "CKM_AES_KEY_WRAP"}) EXPECT_NE(text.find(lack), std::string::npos) << lack << " in " << text;
    EXPECT_FALSE(token.probe().initialised()) << "it was not touched";
    EXPECT_TRUE(token.initialise("auditor").ok()) << "and can still become what it is good for";
    EXPECT_NE(message(token.provision("key")).find("unwrapping a key: CKR_FUNCTION_NOT_SUPPORTED"), std::string::npos) << "listed, tried, and not there";
}

TEST(tpm2, serves_an_auditor_from_initialising_to_the_next_login) {
    Vault vault("M-1");
    Other token = tpm();
    const Answer initialised = token.initialise("auditor");
    ASSERT_TRUE(initialised.ok()) << message(initialised);
    const Answer made = token.provision("auditor");
    ASSERT_TRUE(made.ok()) << message(made);
    std::map<std::string, std::string> spki;
    for (const auto& key : made.reply.public_keys().keys()) spki[key.name()] = key.spki();
    ASSERT_TRUE(spki.contains("identity"));
    EXPECT_TRUE(spki.contains("transport")) << "it decrypts, so exports can be read with it";
    const auto store = [&](const std::string& name, const std::string& der) {
        return message(token.host->call(request([&](auto& r) {
            r.mutable_store_certificate()->set_name(name);
            r.mutable_store_certificate()->set_der(der);
        })));
    };
    EXPECT_EQ(store("trust-anchor", vault.certificate), "ok: ");
    EXPECT_EQ(store("identity", issue(*vault.ukey, spki["identity"], {.serial = "A-1", .kind = 5, .usage = model::kOidIdentity})), "ok: ");
    token.start();
    EXPECT_EQ(token.probe().ukey(), "A-1");
    EXPECT_EQ(token.sign().code(), "denied");
    EXPECT_EQ(token.login(std::string(64, 'f')).code(), "wrong_pin");
    EXPECT_EQ(token.login(kPin).code(), "ok");
    const Answer signature = token.sign();
    ASSERT_TRUE(signature.ok()) << message(signature);
    EXPECT_TRUE(holds(spki["identity"], std::string("kmp/v1/session\0s", 16), signature.reply.signature().der()));
    EXPECT_EQ(token.host->call(request([](auto& r) { r.mutable_list_masters(); })).code(), "refused");
    EXPECT_EQ(token.host->call(request([](auto& r) { r.mutable_read_certificates(); })).reply.certificates().certificates_size(), 2);
}

}  // namespace

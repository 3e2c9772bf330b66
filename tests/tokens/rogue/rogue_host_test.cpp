// What a tokenhost makes of a module that hangs, crashes, lies or answers rubbish: an error, or its own end; never a false success.
#include <fstream>

#include "tests/tokens/host/injected.h"

namespace {

using namespace host_test;

/// A UKEY behind the rogue module.
struct Rogue : Ukey {
    explicit Rogue(const std::string& name) {
        serial = name;
        restart();
    }
    void restart() { host = std::make_unique<HostClient>(std::vector<std::string>{"--kind", "pkcs11", "--module", KMP_ROGUE, "--path", folder.path(), "--parameters", "{path}"}); }
    void orders(const std::string& lines) const { std::ofstream(folder.path() + "/orders") << lines; }
    Answer initialise() {
        return host->call(request([&](auto& r) { r.mutable_initialise()->set_ukey(serial); }), secrets(secret(pb::SO_PIN, kSoPin), secret(pb::USER_PIN, kUserPin)));
    }
    Answer provision(const std::string& kind) {
        Answer answer = host->call(request([&](auto& r) { r.mutable_provision()->set_kind(kind); }));
        for (const auto& key : answer.reply.public_keys().keys()) spki[key.name()] = key.spki();
        return answer;
    }
    Answer sign() {
        return host->call(request([](auto& r) {
            r.mutable_sign_statement()->set_purpose("session");
            r.mutable_sign_statement()->set_statement("s");
        }));
    }
};

std::unique_ptr<Rogue> rogue(const std::string& kind, const std::string& serial) {
    auto out = std::make_unique<Rogue>(serial);
    EXPECT_EQ(out->initialise().code(), "ok");
    EXPECT_EQ(out->provision(kind).code(), "ok");
    return out;
}

TEST(rogue_module, that_behaves_is_a_ukey_like_any) {
    auto ukey = rogue("user", "R-1");
    EXPECT_EQ(ukey->sign().code(), "ok");
}

TEST(rogue_module, without_functions_is_refused) {
    Folder folder;
    HostClient host({"--kind", "pkcs11", "--module", KMP_HOLLOW});
    const Answer answer = host.call(request([](auto& r) { r.mutable_probe(); }));
    EXPECT_EQ(answer.code(), "token_unsuitable");
    EXPECT_NE(answer.reply.failure().message().find("does not offer every function"), std::string::npos);
}

TEST(rogue_module, that_says_ok_and_does_nothing_never_becomes_a_ukey) {
    for (const char* call : {"C_InitToken", "C_InitPIN", "C_OpenSession", "C_Login", "C_CreateObject", "C_FindObjects", "C_GetTokenInfo", "C_GetSlotList",
                             "C_GenerateKey", "C_GenerateKeyPair", "C_Sign", "C_Encrypt", "C_Decrypt", "C_DeriveKey", "C_UnwrapKey", "C_GenerateRandom",
                             "C_GetAttributeValue"}) {
        Rogue ukey("R-1");
        ukey.orders(std::string(call) + "=ok\n");
        const Answer made = ukey.initialise();
        const std::string end = made.ok() ? ukey.provision("user").code() : made.code();
        EXPECT_NE(end, "ok") << call;
        EXPECT_NE(end, "no answer") << call << ": an error, not a crash";
    }
}

TEST(rogue_module, that_turns_bad_after_it_was_made_gives_errors) {
    auto ukey = rogue("user", "R-1");
    for (const char* order : {"C_Sign=fail", "C_Sign=length", "C_Sign=lie", "C_Sign=ok"}) {
        ukey->orders(order);
        EXPECT_EQ(ukey->sign().code(), "token_failed") << order;
    }
    ukey->orders("");
    EXPECT_EQ(ukey->sign().code(), "ok") << "and it serves again when the module does";
}

TEST(rogue_module, that_answers_lengths_beyond_all_memory_gives_errors) {
    for (const char* order : {"C_GetSlotList=length", "C_GetAttributeValue=length"}) {
        auto ukey = rogue("user", "R-1");
        ukey->restart();
        ukey->orders(order);
        const Answer probe = ukey->host->call(request([](auto& r) { r.mutable_probe(); }));
        EXPECT_EQ(probe.code(), "token_failed") << order;
    }
}

TEST(rogue_module, that_signs_falsely_is_not_certified) {
    auto ukey = rogue("user", "R-1");
    ukey->orders("C_Sign=lie");
    const Answer answer = ukey->host->call(request([&](auto& r) {
        r.mutable_sign_tbs()->set_key("identity");
        r.mutable_sign_tbs()->set_tbs(request_info(ukey->spki["identity"], "R-1"));
    }));
    EXPECT_EQ(answer.code(), "token_failed");
    EXPECT_NE(answer.reply.failure().message().find("the signature does not hold"), std::string::npos) << answer.reply.failure().message();
}

TEST(rogue_module, that_unwraps_something_else_is_found_out_and_keeps_nothing) {
    Vault vault("M-1");
    auto ukey = rogue("key", "R-1");
    ASSERT_TRUE(anchor(*ukey, vault.certificate).ok());
    const Answer wrapped = wrap(*vault.ukey, vault.certify(*ukey, 3), both_sets(true));
    ASSERT_TRUE(wrapped.ok());
    ukey->orders("C_UnwrapKey=lie");
    const Answer lied = unwrap(*ukey, wrapped.reply.wrapped_masters());
    EXPECT_EQ(lied.code(), "token_failed");
    EXPECT_NE(lied.reply.failure().message().find("is not the one that was sent to it"), std::string::npos) << lied.reply.failure().message();
    EXPECT_EQ(ukey->host->call(request([](auto& r) { r.mutable_list_masters(); })).reply.master_names().masters_size(), 0);
    ukey->orders("");
    EXPECT_EQ(unwrap(*ukey, wrapped.reply.wrapped_masters()).code(), "ok");
}

TEST(rogue_module, in_the_vault_that_wraps_something_else_is_found_out_by_the_receiver) {
    auto vault = rogue("master-control", "M-1");
    const std::string certificate = establish(*vault);
    auto user = provisioned("user", "U-1");
    ASSERT_TRUE(anchor(*user, certificate).ok());
    vault->orders("C_WrapKey=lie");
    const Answer wrapped = wrap(*vault, issue(*vault, user->spki["transport"], {.serial = "U-1", .kind = 4}), {master_name(5, 1, 1)});
    ASSERT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
    EXPECT_EQ(unwrap(*user, wrapped.reply.wrapped_masters()).code(), "key_invalid");
}

TEST(rogue_module, that_lists_what_it_cannot_do_is_refused_and_blank_again) {
    for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{{}, {"--factory-so-pin", "87654321"}}) {
        Rogue ukey("R-1");
        std::vector<std::string> arguments{"--kind", "pkcs11", "--module", KMP_ROGUE, "--path", ukey.folder.path(), "--parameters", "{path}"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        ukey.host = std::make_unique<HostClient>(arguments);
        const auto initialise = [&] {
            return ukey.host->call(request([](auto& r) {
                                       r.mutable_initialise()->set_ukey("R-1");
                                       r.mutable_initialise()->set_kind("user");
                                   }),
                                   secrets(secret(pb::SO_PIN, kSoPin), secret(pb::USER_PIN, kUserPin)));
        };
        ukey.orders("C_DeriveKey=fail\n");
        const Answer refused = initialise();
        EXPECT_EQ(refused.code(), "token_unsuitable");
        EXPECT_EQ(refused.reply.failure().message(),
                  "this token cannot serve as a user UKEY: it lacks a working CKM_AES_ECB_ENCRYPT_DATA (deriving a key: CKR_DEVICE_ERROR)");
        const Answer blank = ukey.host->call(request([](auto& r) { r.mutable_probe(); }));
        EXPECT_FALSE(blank.reply.probe().initialised());
        EXPECT_EQ(blank.reply.probe().ukey(), "");
        if (!more.empty()) {
            ukey.orders("");
            EXPECT_EQ(initialise().code(), "ok") << "its maker's SO PIN is back";
        }
    }
}

TEST(rogue_module, that_draws_no_random_numbers_cannot_serve) {
    Rogue ukey("R-1");
    ukey.orders("C_GenerateRandom=lie\n");
    ASSERT_EQ(ukey.initialise().code(), "ok");
    const Answer refused = ukey.provision("platform");
    EXPECT_EQ(refused.code(), "token_unsuitable");
    EXPECT_NE(refused.reply.failure().message().find("C_GenerateRandom gives a wrong answer"), std::string::npos) << refused.reply.failure().message();
}

TEST(rogue_module, that_crashes_or_ends_takes_only_its_host) {
    for (const char* order : {"C_Sign=crash", "C_Sign=exit", "C_Sign=noise"}) {
        auto ukey = rogue("user", "R-1");
        ukey->orders(order);
        EXPECT_EQ(ukey->sign().code(), "no answer") << order;
        ukey->orders("");
        ukey->restart();
        EXPECT_TRUE(ukey->login().ok());
        EXPECT_EQ(ukey->sign().code(), "ok") << order << ": a fresh host serves it again";
    }
}

TEST(rogue_module, that_takes_all_memory_gets_no_more_than_its_host_may_have) {
    auto ukey = rogue("user", "R-1");
    ukey->orders("C_Sign=eat");
    EXPECT_EQ(ukey->sign().code(), "no answer");
    EXPECT_EQ(ukey->host->finish(), -1) << "it ended by a signal of its own";
}

}  // namespace

// The same life on NSS softokn as on SoftHSM2, and keys of one that work on the other.
#include <filesystem>

#include "tests/tokens/host/injected.h"

namespace {

using namespace host_test;
namespace fs = std::filesystem;

Answer probe(HostClient& host) {
    return host.call(request([](auto& r) { r.mutable_probe(); }));
}

TEST(nss, an_empty_folder_is_a_blank_ukey) {
    Folder folder;
    HostClient host(HostClient::nss(folder.path()));
    const Answer answer = probe(host);
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    EXPECT_TRUE(answer.reply.probe().present());
    EXPECT_FALSE(answer.reply.probe().initialised());
    EXPECT_EQ(answer.reply.probe().ukey(), "");
    EXPECT_EQ(answer.reply.probe().manufacturer(), "Mozilla Foundation");
}

TEST(nss, can_serve_as_every_kind_whatever_its_list_says_and_what_it_permits_is_told) {
    auto ukey = initialised("N-1", Maker::nss);
    const Answer answer = probe(*ukey->host);
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    EXPECT_TRUE(answer.reply.probe().tried());
    EXPECT_EQ(answer.reply.probe().suitability_size(), 6);
    for (const auto& kind : answer.reply.probe().suitability()) EXPECT_EQ(kind.missing_size(), 0) << kind.kind() << ": " << kind.missing(0);
    ASSERT_EQ(answer.reply.probe().cautions_size(), 2);
    EXPECT_EQ(answer.reply.probe().cautions(0), "the module wraps keys that are marked as not extractable");
}

TEST(nss, every_kind_of_ukey_is_provisioned) {
    for (const char* kind : {"master-control", "officer", "key", "user", "auditor", "platform"}) {
        auto ukey = provisioned(kind, "N-1", Maker::nss);
        EXPECT_EQ(probe(*ukey->host).reply.probe().ukey(), "N-1");
        ukey->start();
        EXPECT_EQ(probe(*ukey->host).reply.probe().ukey(), "N-1");
        EXPECT_TRUE(ukey->login().ok()) << kind;
    }
}

TEST(nss, keys_of_one_maker_work_on_the_other) {
    for (const Maker from : {Maker::softhsm, Maker::nss}) {
        Vault vault("M-1", from);
        auto there = injected(vault, 3, "K-1", Maker::nss);
        auto here = injected(vault, 4, "U-1", Maker::softhsm);
        const auto order = [](Ukey& ukey) {
            const Answer answer = ukey.host->call(request([](auto& r) {
                auto& o = *r.mutable_order_mac();
                o.mutable_key()->set_state(1);
                o.mutable_key()->set_version(1);
                o.mutable_key()->set_factor(base::to_string(*base::from_hex("0000123456789012")));
                o.set_di(0x070102FF);
                o.set_r2("abcd");
                o.set_amount(10000);
                o.set_count(1);
                o.set_customer(base::to_string(*base::from_hex("000000654321")));
            }));
            EXPECT_TRUE(answer.ok()) << answer.reply.failure().message();
            return answer.reply.order_mac().SerializeAsString();
        };
        EXPECT_EQ(order(*there), order(*here)) << "derived and MACed alike";
    }
}

TEST(nss, masters_do_not_travel_without_the_so_pin_though_the_token_knows_no_officer) {
    Vault vault("M-1", Maker::nss);
    auto user = provisioned("user", "U-1", Maker::nss);
    const std::string certificate = vault.certify(*user, 4);
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(5, 1, 1)}, "a wrong SO PIN").code(), "wrong_pin");
    vault.ukey->start();
    ASSERT_TRUE(vault.ukey->login().ok());
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(5, 1, 1)}, "").code(), "no answer") << "an empty secret breaks the protocol";
    vault.ukey->start();
    ASSERT_TRUE(vault.ukey->login().ok());
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(5, 1, 1)}).code(), "ok");
}

TEST(nss, has_no_officer_who_resets_a_pin_and_no_place_for_a_nonce) {
    auto user = provisioned("user", "U-1", Maker::nss);
    const auto reset = [&](std::string_view so_pin) {
        return user->host->call(request([](auto& r) { r.mutable_reset_pin(); }), secrets(secret(pb::SO_PIN, so_pin), secret(pb::NEW_USER_PIN, kSoPin)));
    };
    const Answer nonce = user->host->call(request([](auto& r) { r.mutable_nonce()->set_fresh(std::string(16, 'n')); }));
    ASSERT_TRUE(nonce.ok()) << nonce.reply.failure().message();
    EXPECT_FALSE(nonce.reply.nonce().held());
    EXPECT_EQ(reset("a wrong SO PIN").code(), "wrong_pin");
    const Answer unsuitable = reset(kSoPin);
    EXPECT_EQ(unsuitable.code(), "token_unsuitable") << unsuitable.reply.failure().message();
    EXPECT_TRUE(user->login().ok()) << "under the PIN it had";
}

TEST(nss, keeps_its_master_values_to_itself_and_is_not_asked_to_wrap_them) {
    Vault vault("M-1", Maker::nss);
    auto user = injected(vault, 4, "U-1", Maker::nss);
    // No operation of the host wraps what was received; the module would (see its cautions).
    EXPECT_EQ(wrap(*user, vault.certify(*user, 4), {master_name(5, 1, 1)}).code(), "refused");
    auto stranger = provisioned("user", "U-2", Maker::nss);
    Vault other("M-2", Maker::nss);
    EXPECT_EQ(wrap(*vault.ukey, other.certify(*stranger, 4), {master_name(5, 1, 1)}).code(), "key_invalid") << "nor the vault's for a stranger";
}

TEST(nss, a_database_initialised_anew_keeps_nothing_of_its_former_life) {
    Vault vault("M-1");
    auto user = provisioned("user", "U-1", Maker::nss);
    ASSERT_TRUE(anchor(*user, vault.certificate).ok());
    EXPECT_EQ(user->host->finish(), 0);
    fs::remove(user->folder.path() + "/key4.db");  // what C_InitToken leaves of it
    user->start();
    EXPECT_FALSE(probe(*user->host).reply.probe().initialised());
    EXPECT_EQ(probe(*user->host).reply.probe().ukey(), "");
    const Answer made = user->host->call(request([](auto& r) { r.mutable_initialise()->set_ukey("U-2"); }),
                                         secrets(secret(pb::SO_PIN, kSoPin), secret(pb::USER_PIN, kUserPin)));
    ASSERT_TRUE(made.ok()) << made.reply.failure().message();
    EXPECT_EQ(probe(*user->host).reply.probe().ukey(), "U-2");
    EXPECT_EQ(user->host->call(request([](auto& r) { r.mutable_read_certificates(); })).reply.certificates().certificates_size(), 0);
}

TEST(nss, takes_a_certificate_under_one_name_and_says_so_of_the_second) {
    auto master = provisioned("master-control", "M-1", Maker::nss);
    const std::string certificate = establish(*master);
    const Answer again = anchor(*master, certificate);
    EXPECT_EQ(again.code(), "token_failed");
    const Answer all = master->host->call(request([](auto& r) { r.mutable_read_certificates(); }));
    ASSERT_EQ(all.reply.certificates().certificates_size(), 1);
    EXPECT_EQ(all.reply.certificates().certificates(0).name(), "issuing") << "and the first name stands";
}

TEST(nss, a_folder_that_its_parameters_cannot_hold_is_refused) {
    Folder folder;
    const std::string odd = folder.path() + "/it's";
    fs::create_directory(odd);
    HostClient host(HostClient::nss(odd));
    EXPECT_EQ(probe(host).code(), "invalid_argument");
}

}  // namespace

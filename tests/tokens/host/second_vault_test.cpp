// A second master-control UKEY: what it gets from the first, what it may do then, and what no other UKEY gets.
#include "tests/tokens/host/injected.h"

namespace {

using namespace host_test;

constexpr int kMasterKind = 1;
const std::vector<std::string> kVaultKeys{"escrow", "pepper"};

/// A vault that the first one certified, without anything in it yet.
struct Second {
    std::unique_ptr<Ukey> ukey;
    std::string issuing;    ///< its issuing certificate, by the first vault
    std::string transport;

    Second(Vault& first, const std::string& serial) : ukey(provisioned("master-control", serial, usual_maker(), true)) {
        issuing = issue(*first.ukey, ukey->spki["issuing"], {.serial = serial, .kind = kMasterKind, .usage = "", .ca = true, .path_length = 0});
        transport = first.certify(*ukey, kMasterKind);
        EXPECT_TRUE(anchor(*ukey, first.certificate).ok());
        const Answer stored = ukey->host->call(request([&](auto& r) {
            r.mutable_store_certificate()->set_name("issuing");
            r.mutable_store_certificate()->set_der(issuing);
        }));
        EXPECT_TRUE(stored.ok()) << stored.reply.failure().message();
    }
    void fill_from(Vault& first) {
        const Answer wrapped = wrap_keys(*first.ukey, transport, kVaultKeys, both_sets(true));
        ASSERT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
        const Answer taken = unwrap(*ukey, wrapped.reply.wrapped_masters());
        ASSERT_TRUE(taken.ok()) << taken.reply.failure().message();
    }
    /// Certifies a receiver's transport key with its own issuing key.
    std::string certify(Ukey& receiver, int kind) { return issue(*ukey, receiver.spki["transport"], {.serial = receiver.serial, .kind = kind, .issuer = ukey->serial}); }
};

std::string sealed_so_pin(Ukey& vault) {
    return vault.host->call(request([](auto& r) { r.mutable_seal_so_pin()->set_ukey("U-9"); }), secrets(secret(pb::SO_PIN, "an SO PIN"))).reply.sealed_so_pin().blob();
}
std::string opened_so_pin(Ukey& vault, const std::string& blob) {
    Answer answer = vault.host->call(request([&](auto& r) {
        r.mutable_open_so_pin()->set_ukey("U-9");
        r.mutable_open_so_pin()->set_blob(blob);
    }));
    auto taken = tokens::host::take_secret(answer.secrets, pb::SO_PIN);
    return taken ? taken->reveal([](base::ByteView bytes) { return base::to_string(bytes); }) : answer.code();
}
std::string pepper_of(Ukey& platform) {
    Answer answer = platform.host->call(request([](auto& r) { r.mutable_pepper()->set_ukey("U-1"); }), secrets(secret(pb::STRETCHED, std::string(32, 's'))));
    auto taken = tokens::host::take_secret(answer.secrets, pb::PEPPERED);
    return taken ? taken->reveal([](base::ByteView bytes) { return base::to_hex(bytes); }) : answer.code();
}

TEST(second_vault, starts_without_masters_escrow_and_pepper) {
    auto empty = provisioned("master-control", "M-2", usual_maker(), true);
    EXPECT_EQ(empty->host->call(request([](auto& r) { r.mutable_list_masters(); })).reply.master_names().masters_size(), 0);
    EXPECT_EQ(empty->host->call(request([](auto& r) { r.mutable_seal_so_pin()->set_ukey("U-9"); }), secrets(secret(pb::SO_PIN, "pin"))).code(), "key_missing");
    auto wrong = initialised("U-1");
    EXPECT_EQ(wrong->host->call(request([](auto& r) {
        r.mutable_provision()->set_kind("user");
        r.mutable_provision()->set_empty_vault(true);
    })).code(), "invalid_argument");
}

TEST(second_vault, opens_what_the_first_sealed_and_peppers_as_it_did) {
    Vault first("M-1");
    Second second(first, "M-2");
    second.fill_from(first);
    EXPECT_EQ(opened_so_pin(*second.ukey, sealed_so_pin(*first.ukey)), "an SO PIN");
    auto platform = peppered(first, "P-1");
    auto other = provisioned("platform", "P-2");
    ASSERT_TRUE(anchor(*other, first.certificate).ok());
    const Answer wrapped = wrap_keys(*second.ukey, second.certify(*other, 6), {"pepper"});
    ASSERT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
    ASSERT_TRUE(unwrap(*other, wrapped.reply.wrapped_masters(), second.issuing).ok());
    EXPECT_EQ(pepper_of(*platform), pepper_of(*other));
    EXPECT_EQ(pepper_of(*platform).size(), 64u);
}

TEST(second_vault, hands_masters_on_to_its_own_ukeys_and_to_those_of_the_first) {
    Vault first("M-1");
    Second second(first, "M-2");
    second.fill_from(first);
    auto own = provisioned("key", "K-1");
    auto of_first = provisioned("user", "U-1");
    for (Ukey* receiver : {own.get(), of_first.get()}) ASSERT_TRUE(anchor(*receiver, first.certificate).ok());
    const Answer to_own = wrap(*second.ukey, second.certify(*own, 3), both_sets(true));
    ASSERT_TRUE(to_own.ok()) << to_own.reply.failure().message();
    EXPECT_EQ(unwrap(*own, to_own.reply.wrapped_masters()).code(), "key_invalid") << "the trust anchor signed nothing here";
    EXPECT_TRUE(unwrap(*own, to_own.reply.wrapped_masters(), second.issuing).ok());
    const Answer to_other = wrap(*second.ukey, first.certify(*of_first, 4), both_sets(false));
    ASSERT_TRUE(to_other.ok()) << to_other.reply.failure().message();
    EXPECT_TRUE(unwrap(*of_first, to_other.reply.wrapped_masters(), second.issuing).ok());
    // And the first serves what the second issued, once it is shown who that is.
    auto later = provisioned("user", "U-2");
    ASSERT_TRUE(anchor(*later, first.certificate).ok());
    EXPECT_EQ(wrap_keys(*first.ukey, second.certify(*later, 4), {}, both_sets(false)).code(), "key_invalid");
    EXPECT_TRUE(wrap_keys(*first.ukey, second.certify(*later, 4), {}, both_sets(false), second.issuing).ok());
}

TEST(second_vault, a_stranger_is_nobodys_second_vault) {
    Vault first("M-1");
    Vault stranger("M-9");
    Second theirs(stranger, "M-8");
    auto user = provisioned("user", "U-1");
    ASSERT_TRUE(anchor(*user, first.certificate).ok());
    EXPECT_EQ(wrap_keys(*first.ukey, theirs.certify(*user, 4), {}, both_sets(false), theirs.issuing).code(), "key_invalid");
    EXPECT_EQ(wrap_keys(*first.ukey, theirs.transport, kVaultKeys).code(), "key_invalid");
    theirs.fill_from(stranger);
    const Answer wrapped = wrap(*theirs.ukey, theirs.certify(*user, 4), both_sets(false));
    ASSERT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
    EXPECT_EQ(unwrap(*user, wrapped.reply.wrapped_masters(), theirs.issuing).code(), "key_invalid");
}

TEST(second_vault, only_a_master_control_ukey_that_certifies_no_others_is_certified) {
    Vault first("M-1");
    auto second = provisioned("master-control", "M-2", usual_maker(), true);
    const auto code = [&](const CertificateWish& wish) {
        return first.ukey->host->call(request([&](auto& r) {
            r.mutable_sign_tbs()->set_key("issuing");
            r.mutable_sign_tbs()->set_tbs(tbs_certificate(second->spki["issuing"], wish));
        })).code();
    };
    EXPECT_EQ(code({.serial = "M-2", .kind = kMasterKind, .usage = "", .ca = true, .path_length = 0}), "ok");
    EXPECT_EQ(code({.serial = "M-2", .kind = kMasterKind, .usage = "", .ca = true}), "refused") << "no limit to its path";
    EXPECT_EQ(code({.serial = "M-2", .kind = kMasterKind, .usage = "", .ca = true, .path_length = 1}), "refused");
    EXPECT_EQ(code({.serial = "M-2", .kind = 2, .usage = "", .ca = true, .path_length = 0}), "refused") << "an officer UKEY";
    EXPECT_EQ(code({.serial = "M-2", .kind = 0, .usage = "", .ca = true, .path_length = 0}), "refused") << "nobody knows what";
}

TEST(second_vault, no_other_ukey_gets_the_keys_of_the_vault) {
    Vault vault("M-1");
    const auto code = [&](const char* kind, int number, const std::string& key) {
        auto receiver = provisioned(kind, "X-1");
        return wrap_keys(*vault.ukey, vault.certify(*receiver, number), {key}).code();
    };
    EXPECT_EQ(code("platform", 6, "pepper"), "ok");
    EXPECT_EQ(code("platform", 6, "escrow"), "refused");
    EXPECT_EQ(code("user", 4, "pepper"), "refused");
    EXPECT_EQ(code("key", 3, "escrow"), "refused");
    EXPECT_EQ(code("platform", 6, "issuing"), "invalid_argument");
    // One that is certified as what it is not still refuses by itself.
    auto user = provisioned("user", "U-1");
    ASSERT_TRUE(anchor(*user, vault.certificate).ok());
    const Answer wrapped = wrap_keys(*vault.ukey, vault.certify(*user, kMasterKind), kVaultKeys);
    ASSERT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
    EXPECT_EQ(unwrap(*user, wrapped.reply.wrapped_masters()).code(), "refused");
}

TEST(vault, that_has_another_so_pin_knows_the_old_one_no_more) {
    Vault vault("M-1");
    auto user = provisioned("user", "U-1");
    const std::string certificate = vault.certify(*user, 4);
    const std::string fresh = "00112233445566778899aabbccddeeff";
    const auto change = [&](std::string_view from, std::string_view to) {
        return vault.ukey->host->call(request([](auto& r) { r.mutable_change_so_pin(); }), secrets(secret(pb::SO_PIN, from), secret(pb::NEW_SO_PIN, to))).code();
    };
    EXPECT_EQ(change("a wrong SO PIN that is long", fresh), "wrong_pin");
    ASSERT_TRUE(vault.ukey->login().ok());
    EXPECT_EQ(change(kSoPin, fresh), "ok");
    EXPECT_EQ(change(fresh, kSoPin), "denied") << "it is logged out";
    ASSERT_TRUE(vault.ukey->login().ok());
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(5, 1, 1)}, kSoPin).code(), "wrong_pin");
    EXPECT_EQ(wrap(*vault.ukey, certificate, {master_name(5, 1, 1)}, fresh).code(), "ok");
    auto officer = provisioned("officer", "O-1");
    EXPECT_EQ(officer->host->call(request([](auto& r) { r.mutable_change_so_pin(); }), secrets(secret(pb::SO_PIN, kSoPin), secret(pb::NEW_SO_PIN, fresh))).code(), "refused");
}

TEST(second_vault, a_key_that_was_changed_on_its_way_is_not_taken) {
    Vault first("M-1");
    Second second(first, "M-2");
    const Answer wrapped = wrap_keys(*first.ukey, second.transport, kVaultKeys);
    ASSERT_TRUE(wrapped.ok());
    const auto twisted = [&](auto twist) {
        pb::WrappedMasters changed = wrapped.reply.wrapped_masters();
        twist(*changed.mutable_keys(0));
        return unwrap(*second.ukey, changed).code();
    };
    EXPECT_EQ(twisted([](auto& k) { k.mutable_ciphertext()->back() ^= 1; }), "key_invalid");
    EXPECT_EQ(twisted([](auto& k) { k.mutable_check()->back() ^= 1; }), "key_invalid");
    EXPECT_EQ(twisted([](auto& k) { k.set_name("pepper"); }), "key_invalid");
    EXPECT_EQ(twisted([](auto& k) { k.set_name("other"); }), "invalid_argument");
    EXPECT_EQ(unwrap(*second.ukey, wrapped.reply.wrapped_masters()).code(), "ok");
    EXPECT_EQ(unwrap(*second.ukey, wrapped.reply.wrapped_masters()).code(), "ok") << "a repetition changes nothing";
}

}  // namespace

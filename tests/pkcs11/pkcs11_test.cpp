// Against the real SoftHSM2, each test in a folder of its own. SOFTHSM2_CONF is the process's: every ctest case is one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pkcs11/session.h"

namespace {

using namespace pkcs11;
using base::Bytes;
using base::Code;
using base::Secret;
namespace fs = std::filesystem;

Secret pin(std::string_view text) { return Secret::copy_of(base::as_bytes(text)); }

class softhsm : public testing::Test {
protected:
    void SetUp() override {
        folder_ = (fs::temp_directory_path() / "kmp-pkcs11-XXXXXX").string();
        ASSERT_NE(mkdtemp(folder_.data()), nullptr);
        fs::create_directory(folder_ + "/tokens");
        std::ofstream(folder_ + "/conf") << "directories.tokendir = " << folder_ << "/tokens\nobjectstore.backend = file\nlog.level = ERROR\n";
        setenv("SOFTHSM2_CONF", (folder_ + "/conf").c_str(), 1);
        auto module = Module::load("/usr/lib/softhsm/libsofthsm2.so");
        ASSERT_TRUE(module) << module.error().message;
        module_ = std::move(*module);
    }
    void TearDown() override {
        session_.reset();
        module_.reset();
        fs::remove_all(folder_);
    }
    /// An initialised token with a user PIN, in an open session where nobody is logged in.
    void make_token() {
        const Slot blank = module_->slots()->front();
        ASSERT_TRUE(module_->initialise_token(blank, pin("so pin"), "a label"));
        serial_ = module_->token_info(blank)->serial;
        ASSERT_TRUE(module_->reinitialise());
        slot_ = **module_->find_by_serial(serial_);
        session_.emplace(std::move(*Session::open(*module_, slot_)));
        auto officer = Login::open(*session_, User::security_officer, pin("so pin"));
        ASSERT_TRUE(officer);
        ASSERT_TRUE(session_->initialise_user_pin(pin("user pin")));
    }
    SecretKey aes_key(CK_ATTRIBUTE_TYPE use, bool is_private = true) {
        Template key;
        key.flag(CKA_TOKEN, false).flag(CKA_PRIVATE, is_private).flag(CKA_SENSITIVE, true).flag(use, true).number(CKA_VALUE_LEN, 16);
        auto made = session_->generate_key(Mechanism(CKM_AES_KEY_GEN), key);
        EXPECT_TRUE(made) << made.error().message;
        return *made;
    }

    std::string folder_;
    std::unique_ptr<Module> module_;
    std::optional<Session> session_;
    std::string serial_;
    Slot slot_ = 0;
};

TEST(ckr, has_a_name_a_code_and_advice) {
    const base::Error error = pkcs11::error(CKR_PIN_INCORRECT, "logging in");
    EXPECT_EQ(error.code, Code::wrong_pin);
    EXPECT_EQ(error.raw, static_cast<std::int64_t>(CKR_PIN_INCORRECT));
    EXPECT_EQ(error.message, "logging in: CKR_PIN_INCORRECT; try the right PIN");
    EXPECT_TRUE(check(CKR_OK, "nothing"));
}

TEST(ckr, unknown_values_are_a_failed_token) {
    EXPECT_EQ(name(0x12345), "CKR_UNKNOWN");
    EXPECT_EQ(name(CKR_VENDOR_DEFINED + 1), "CKR_VENDOR_DEFINED");
    EXPECT_EQ(code(0x12345), Code::token_failed);
}

TEST(ckr, removal_in_all_its_forms_is_token_removed) {
    for (const CK_RV rv : {CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_SLOT_ID_INVALID, CKR_SESSION_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID, CKR_KEY_HANDLE_INVALID})
        EXPECT_EQ(code(rv), Code::token_removed) << name(rv);
}

TEST(module, that_is_missing_or_no_module_is_refused) {
    EXPECT_EQ(Module::load("/nonexistent.so").error().code, Code::not_found);
    EXPECT_EQ(Module::load("/etc/passwd").error().code, Code::token_unsuitable);
    const std::string libc = "/lib/x86_64-linux-gnu/libc.so.6";
    if (fs::exists(libc)) {
        EXPECT_EQ(Module::load(libc).error().code, Code::token_unsuitable);
    }
}

TEST(attributes, keep_their_values_while_more_are_added_and_when_copied) {
    Template one;
    one.number(CKA_VALUE_LEN, 16).flag(CKA_SIGN, true).text(CKA_LABEL, std::string(200, 'x')).bytes(CKA_ID, {});
    Template two = one;
    one.number(CKA_CLASS, CKO_SECRET_KEY);
    ASSERT_EQ(one.size(), 5u);
    ASSERT_EQ(two.size(), 4u);
    CK_ULONG value = 0;
    std::memcpy(&value, two.data()[0].pValue, sizeof value);
    EXPECT_EQ(value, 16u);
    EXPECT_EQ(*static_cast<CK_BBOOL*>(two.data()[1].pValue), CK_TRUE);
    EXPECT_EQ(two.data()[2].ulValueLen, 200u);
    EXPECT_EQ(two.data()[3].pValue, nullptr);
    EXPECT_NE(one.data()[0].pValue, two.data()[0].pValue);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(one.data()[4].pValue) % alignof(CK_ULONG), 0u);
}

TEST_F(softhsm, finds_a_token_by_its_serial_and_not_another) {
    make_token();
    EXPECT_EQ(module_->token_info(slot_)->label, "a label");
    EXPECT_TRUE(module_->token_info(slot_)->user_pin_set);
    EXPECT_TRUE(*module_->find_by_serial(serial_));
    EXPECT_FALSE(*module_->find_by_serial("0000000000000000"));
}

TEST_F(softhsm, tells_a_wrong_pin_from_an_open_login) {
    make_token();
    EXPECT_EQ(session_->login(User::user, pin("wrong")).error().code, Code::wrong_pin);
    ASSERT_TRUE(session_->login(User::user, pin("user pin")));
    EXPECT_EQ(session_->login(User::user, pin("wrong")).error().code, Code::conflict) << "ALREADY_LOGGED_IN says nothing about the PIN";
    EXPECT_TRUE(session_->change_pin(pin("user pin"), pin("new pin")));
    EXPECT_TRUE(session_->logout());
    EXPECT_EQ(session_->login(User::user, pin("user pin")).error().code, Code::wrong_pin);
    EXPECT_TRUE(session_->login(User::user, pin("new pin")));
}

TEST_F(softhsm, login_ends_with_its_scope) {
    make_token();
    {
        auto login = Login::open(*session_, User::user, pin("user pin"));
        ASSERT_TRUE(login);
        aes_key(CKA_SIGN);
    }
    Template key;
    key.flag(CKA_TOKEN, false).flag(CKA_PRIVATE, true).number(CKA_VALUE_LEN, 16);
    EXPECT_FALSE(session_->generate_key(Mechanism(CKM_AES_KEY_GEN), key));
}

TEST_F(softhsm, cmac_and_key_wrap_give_the_published_values) {
    make_token();
    ASSERT_TRUE(session_->login(User::user, pin("user pin")));
    const auto imported = [&](std::string_view hex, CK_ATTRIBUTE_TYPE use) {
        Template key(CKO_SECRET_KEY, CKK_AES);
        key.flag(CKA_TOKEN, false).flag(CKA_EXTRACTABLE, true).flag(use, true).bytes(CKA_VALUE, *base::from_hex(hex));
        auto made = session_->create(key);
        EXPECT_TRUE(made) << made.error().message;
        return as<SecretKey>(*made);
    };
    // NIST SP 800-38B, D.1, example 2.
    Bytes mac(16);
    const auto size = session_->sign(Mechanism::aes_cmac(), imported("2b7e151628aed2a6abf7158809cf4f3c", CKA_SIGN),
                                     *base::from_hex("6bc1bee22e409f96e93d7e117393172a"), mac);
    ASSERT_TRUE(size);
    EXPECT_EQ(base::to_hex(mac), "070a16b46b4d4144f79bdd9dd04a287c");
    // RFC 3394, 4.1.
    const auto wrapped = session_->wrap(Mechanism::aes_key_wrap(), imported("000102030405060708090a0b0c0d0e0f", CKA_WRAP),
                                        imported("00112233445566778899aabbccddeeff", CKA_SIGN));
    ASSERT_TRUE(wrapped) << wrapped.error().message;
    EXPECT_EQ(base::to_hex(*wrapped), "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
    // FIPS 197, C.1: ECB of one block is what a derivation gives.
    std::array<std::uint8_t, 16> block{};
    const Bytes data = *base::from_hex("00112233445566778899aabbccddeeff");
    std::copy(data.begin(), data.end(), block.begin());
    Template child(CKO_SECRET_KEY, CKK_AES);
    child.flag(CKA_TOKEN, false).flag(CKA_SENSITIVE, false).flag(CKA_EXTRACTABLE, true).number(CKA_VALUE_LEN, 16);
    const auto derived = session_->derive(Mechanism::aes_ecb_data(block), imported("000102030405060708090a0b0c0d0e0f", CKA_DERIVE), child);
    ASSERT_TRUE(derived) << derived.error().message;
    EXPECT_EQ(base::to_hex(*session_->bytes_of(*derived, CKA_VALUE)), "69c4e0d86a7b0430d8cdb78070b4c55a");
}

TEST_F(softhsm, an_operation_that_failed_half_way_does_not_block_the_next) {
    make_token();
    ASSERT_TRUE(session_->login(User::user, pin("user pin")));
    const SecretKey key = aes_key(CKA_SIGN);
    Bytes small(4);
    Bytes whole(16);
    EXPECT_FALSE(session_->sign(Mechanism::aes_cmac(), key, Bytes(10), small));
    EXPECT_TRUE(session_->sign(Mechanism::aes_cmac(), key, Bytes(10), whole));
}

TEST_F(softhsm, gcm_opens_what_it_sealed_and_nothing_else) {
    make_token();
    ASSERT_TRUE(session_->login(User::user, pin("user pin")));
    Template attributes;
    attributes.flag(CKA_TOKEN, false).flag(CKA_ENCRYPT, true).flag(CKA_DECRYPT, true).number(CKA_VALUE_LEN, 32);
    const SecretKey key = *session_->generate_key(Mechanism(CKM_AES_KEY_GEN), attributes);
    std::array<std::uint8_t, 12> iv{1};
    Bytes sealed = *session_->encrypt(Mechanism::aes_gcm(iv, base::as_bytes("context")), key, base::as_bytes("secret"));
    EXPECT_EQ(sealed.size(), 6u + 16u);
    const auto open = [&](std::string_view context) { return session_->decrypt(Mechanism::aes_gcm(iv, base::as_bytes(context)), key, sealed); };
    ASSERT_TRUE(open("context"));
    EXPECT_EQ(open("other").error().code, Code::key_invalid);
    sealed[0] ^= 1;
    EXPECT_EQ(open("context").error().code, Code::key_invalid);
}

TEST_F(softhsm, a_folder_that_went_away_shows_in_the_probe) {
    make_token();
    EXPECT_TRUE(module_->token_info(slot_));
    fs::rename(folder_ + "/tokens", folder_ + "/away");
    EXPECT_FALSE(module_->token_info(slot_));
    fs::rename(folder_ + "/away", folder_ + "/tokens");
    session_.reset();
    ASSERT_TRUE(module_->reinitialise());
    EXPECT_TRUE(*module_->find_by_serial(serial_));
}

TEST_F(softhsm, a_temporary_object_goes_with_its_scope) {
    make_token();
    ASSERT_TRUE(session_->login(User::user, pin("user pin")));
    const auto count = [&] {
        Template secret;
        secret.number(CKA_CLASS, CKO_SECRET_KEY);
        return session_->find(secret)->size();
    };
    {
        const Temporary key(*session_, aes_key(CKA_SIGN));
        EXPECT_EQ(count(), 1u);
    }
    EXPECT_EQ(count(), 0u);
}

}  // namespace

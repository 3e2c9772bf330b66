// The life of a UKEY's host: probing, initialising, logging in, being pulled, and bad company on the socket.
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/tokens/host/ukeys.h"

namespace {

using namespace host_test;
namespace fs = std::filesystem;

Answer probe(HostClient& host) {
    return host.call(request([](auto& r) { r.mutable_probe(); }));
}
Answer provision(HostClient& host, const std::string& kind) {
    return host.call(request([&](auto& r) { r.mutable_provision()->set_kind(kind); }));
}

TEST(host_life, an_empty_folder_is_a_blank_ukey) {
    Folder folder;
    HostClient host(HostClient::softhsm(folder.path()));
    const Answer answer = probe(host);
    ASSERT_TRUE(answer.ok()) << answer.reply.failure().message();
    EXPECT_TRUE(answer.reply.probe().present());
    EXPECT_FALSE(answer.reply.probe().initialised());
    EXPECT_EQ(answer.reply.probe().ukey(), "");
    EXPECT_EQ(host.call(request([](auto& r) { r.mutable_login(); }), secrets(secret(pb::USER_PIN, kUserPin))).code(), "token_removed");
    EXPECT_EQ(host.finish(), 0);
}

TEST(host_life, a_missing_folder_is_no_ukey) {
    Folder folder;
    HostClient host(HostClient::softhsm(folder.path() + "/nothing"));
    const Answer answer = probe(host);
    ASSERT_TRUE(answer.ok());
    EXPECT_FALSE(answer.reply.probe().present());
}

TEST(host_life, initialising_names_the_ukey_and_leaves_it_logged_in) {
    auto ukey = initialised("U-0001");
    const Answer answer = probe(*ukey->host);
    ASSERT_TRUE(answer.ok());
    EXPECT_TRUE(answer.reply.probe().initialised());
    EXPECT_TRUE(answer.reply.probe().logged_in());
    EXPECT_EQ(answer.reply.probe().ukey(), "U-0001");
    // NSS softokn has one label and one serial for all its tokens: our marker tells them apart.
    const bool nss = usual_maker() == Maker::nss;
    EXPECT_EQ(answer.reply.probe().label(), nss ? "NSS Certificate DB" : "U-0001");
    EXPECT_TRUE(answer.reply.probe().tried());
    EXPECT_EQ(answer.reply.probe().suitability_size(), 6);
    for (const auto& kind : answer.reply.probe().suitability()) EXPECT_EQ(kind.missing_size(), 0) << kind.kind() << ": " << kind.missing(0);
    EXPECT_EQ(answer.reply.probe().cautions_size(), nss ? 2 : 0);
    EXPECT_EQ(answer.reply.probe().token_serial().size(), 16u);
    EXPECT_EQ(fs::is_directory(ukey->folder.path() + "/tokens"), !nss);
}

TEST(host_life, an_initialised_ukey_is_not_initialised_again) {
    auto ukey = initialised("U-0001");
    const auto again = [&] {
        return ukey->host->call(request([](auto& r) { r.mutable_initialise()->set_ukey("U-0002"); }),
                                secrets(secret(pb::SO_PIN, kSoPin), secret(pb::USER_PIN, kUserPin)));
    };
    EXPECT_EQ(again().code(), "already_exists");
    ukey->start();
    EXPECT_EQ(again().code(), "already_exists");
    EXPECT_EQ(probe(*ukey->host).reply.probe().ukey(), "U-0001");
}

TEST(host_life, initialising_wants_both_pins_and_a_serial_that_fits_the_label) {
    Folder folder;
    HostClient host(HostClient::softhsm(folder.path()));
    const auto with = [&](const std::string& serial, auto pins) { return host.call(request([&](auto& r) { r.mutable_initialise()->set_ukey(serial); }), std::move(pins)).code(); };
    EXPECT_EQ(with("U-1", secrets(secret(pb::USER_PIN, kUserPin))), "invalid_argument");
    EXPECT_EQ(with("U-1", secrets(secret(pb::SO_PIN, kSoPin))), "invalid_argument");
    EXPECT_EQ(with(std::string(33, 'U'), secrets(secret(pb::SO_PIN, kSoPin), secret(pb::USER_PIN, kUserPin))), "invalid_argument");
    EXPECT_EQ(with("U 1", secrets(secret(pb::SO_PIN, kSoPin), secret(pb::USER_PIN, kUserPin))), "invalid_argument");
    EXPECT_FALSE(probe(host).reply.probe().initialised());
}

TEST(host_life, a_wrong_pin_is_wrong_before_and_after_a_login) {
    auto ukey = initialised("U-0001");
    ukey->start();
    EXPECT_EQ(ukey->login("wrong pin").code(), "wrong_pin");
    EXPECT_EQ(ukey->login("").code(), "no answer") << "an empty secret breaks the protocol";
    ukey->start();
    EXPECT_EQ(ukey->login("1").code(), "wrong_pin") << "a PIN of impossible length tells nothing else";
    EXPECT_TRUE(ukey->login().ok());
    EXPECT_TRUE(ukey->login().ok()) << "the right PIN opens an open UKEY";
    const Answer wrong = ukey->login("wrong pin");
    EXPECT_EQ(wrong.code(), "wrong_pin") << "C_Login would have said ALREADY_LOGGED_IN";
    EXPECT_EQ(wrong.reply.failure().message(), "the PIN is wrong");
    EXPECT_TRUE(ukey->login().ok()) << "and it is still open";
}

TEST(host_life, after_a_logout_the_pin_is_wanted_again) {
    auto ukey = provisioned("user", "U-0001");
    const auto draw = [&] { return ukey->host->call(request([](auto& r) { r.mutable_data_random()->set_size(16); })).code(); };
    EXPECT_EQ(draw(), "ok");
    EXPECT_TRUE(ukey->host->call(request([](auto& r) { r.mutable_logout(); })).ok());
    EXPECT_FALSE(probe(*ukey->host).reply.probe().logged_in());
    EXPECT_EQ(draw(), "denied");
    EXPECT_EQ(ukey->login("wrong pin").code(), "wrong_pin");
    EXPECT_EQ(draw(), "denied");
    EXPECT_TRUE(ukey->login().ok());
    EXPECT_EQ(draw(), "ok");
}

TEST(host_life, provisioning_happens_once_and_needs_a_login) {
    auto ukey = initialised("U-0001");
    EXPECT_EQ(provision(*ukey->host, "wizard").code(), "invalid_argument");
    ukey->start();
    EXPECT_EQ(provision(*ukey->host, "auditor").code(), "denied");
    ASSERT_TRUE(ukey->login().ok());
    const Answer made = provision(*ukey->host, "auditor");
    ASSERT_TRUE(made.ok()) << made.reply.failure().message();
    EXPECT_EQ(made.reply.public_keys().keys_size(), 2);
    EXPECT_EQ(provision(*ukey->host, "auditor").code(), "already_exists");
    EXPECT_EQ(provision(*ukey->host, "user").code(), "already_exists");
    ukey->start();
    ASSERT_TRUE(ukey->login().ok());
    EXPECT_EQ(provision(*ukey->host, "user").code(), "already_exists") << "a new process reads the kind from the token";
}

TEST(host_life, an_unprovisioned_ukey_does_no_work) {
    auto ukey = initialised("U-0001");
    EXPECT_EQ(ukey->host->call(request([](auto& r) { r.mutable_data_random()->set_size(16); })).code(), "refused");
    EXPECT_EQ(ukey->host->call(request([](auto& r) { r.mutable_list_masters(); })).code(), "refused");
}

TEST(host_life, a_request_for_no_operation_is_unsupported) {
    auto ukey = initialised("U-0001");
    EXPECT_EQ(ukey->host->call({}).code(), "unsupported");
}

TEST(host_life, a_pulled_ukey_stops_at_once_and_comes_back) {
    auto ukey = provisioned("user", "U-0001");
    const auto sign = [&] { return ukey->host->call(request([](auto& r) { r.mutable_data_sign()->set_message("m"); })).code(); };
    EXPECT_EQ(sign(), "ok");
    fs::rename(ukey->folder.path(), ukey->folder.path() + "-away");
    EXPECT_EQ(sign(), "token_removed");
    const Answer gone = probe(*ukey->host);
    ASSERT_TRUE(gone.ok()) << gone.reply.failure().message();
    EXPECT_FALSE(gone.reply.probe().present());
    EXPECT_FALSE(gone.reply.probe().logged_in());
    fs::rename(ukey->folder.path() + "-away", ukey->folder.path());
    EXPECT_NE(sign(), "ok") << "inserted again is not logged in";
    EXPECT_EQ(probe(*ukey->host).reply.probe().ukey(), "U-0001") << "the old process finds it again";
    EXPECT_EQ(sign(), "denied");
    ukey->start();
    EXPECT_EQ(probe(*ukey->host).reply.probe().ukey(), "U-0001");
    ASSERT_TRUE(ukey->login().ok());
    EXPECT_EQ(sign(), "ok");
}

TEST(host_life, the_process_ends_with_its_socket) {
    auto ukey = initialised("U-0001");
    EXPECT_EQ(ukey->host->finish(), 0);
}

TEST(host_life, garbage_ends_the_process) {
    const std::vector<base::Bytes> garbage{
        {0, 0, 0, 0, 0}, {0xFF, 0xFF, 0xFF, 0xFF, 0}, {0, 4, 0, 1, 0}, {0, 0, 0, 2, 7, 7},
        {0, 0, 0, 4, 0, 0xFF, 0xFF, 0xFF},  // a message that is no protobuf
    };
    for (const base::Bytes& bytes : garbage) {
        Folder folder;
        HostClient host(HostClient::softhsm(folder.path()));
        ASSERT_TRUE(probe(host).ok());
        host.send_raw(bytes);
        EXPECT_TRUE(host.hung_up()) << base::to_hex(bytes);
        EXPECT_EQ(host.finish(), 1);
    }
}

TEST(host_life, half_a_frame_and_a_hangup_is_a_normal_end) {
    Folder folder;
    HostClient host(HostClient::softhsm(folder.path()));
    host.send_raw(base::Bytes{0, 0, 0});
    EXPECT_EQ(host.finish(), 0);
}

TEST(host_life, wrong_usage_exits_with_2) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {}, {"--kind", "softhsm"}, {"--kind", "pkcs11"}, {"--kind", "tpm", "--path", "/x"}, {"--kind", "softhsm", "--path"}, {"--colour", "red"}}) {
        HostClient host(arguments);
        EXPECT_EQ(host.finish(), 2);
    }
}

TEST(host_life, any_module_serves_a_ukey_and_finds_it_by_its_serial) {
    Folder folder;
    fs::create_directory(folder.path() + "/tokens");
    std::ofstream(folder.path() + "/conf") << "directories.tokendir = " << folder.path() << "/tokens\nobjectstore.backend = file\nlog.level = ERROR\n";
    setenv("SOFTHSM2_CONF", (folder.path() + "/conf").c_str(), 1);
    const std::string module = "/usr/lib/softhsm/libsofthsm2.so";
    std::string serial;
    {
        HostClient host({"--kind", "pkcs11", "--module", module});
        EXPECT_FALSE(probe(host).reply.probe().initialised());
        const Answer made = host.call(request([](auto& r) { r.mutable_initialise()->set_ukey("U-0007"); }),
                                      secrets(secret(pb::SO_PIN, kSoPin), secret(pb::USER_PIN, kUserPin)));
        ASSERT_TRUE(made.ok()) << made.reply.failure().message();
        serial = made.reply.initialise().token_serial();
        EXPECT_TRUE(provision(host, "user").ok());
    }
    HostClient found({"--kind", "pkcs11", "--module", module, "--token-serial", serial});
    EXPECT_EQ(probe(found).reply.probe().ukey(), "U-0007");
    EXPECT_TRUE(found.call(request([](auto& r) { r.mutable_login(); }), secrets(secret(pb::USER_PIN, kUserPin))).ok());
    HostClient other({"--kind", "pkcs11", "--module", module, "--token-serial", "0000000000000000"});
    EXPECT_FALSE(probe(other).reply.probe().present());
}

TEST(host_life, a_module_that_is_not_there_is_named) {
    HostClient host({"--kind", "pkcs11", "--module", "/nonexistent/module.so"});
    const Answer answer = probe(host);
    EXPECT_EQ(answer.code(), "not_found");
    EXPECT_NE(answer.reply.failure().message().find("/nonexistent/module.so"), std::string::npos);
}

TEST(host_life, sigterm_lets_it_finish_what_it_does_and_the_token_is_whole) {
    const auto ukey = initialised("US-1");
    tokens::host::pb::HostRequest provision;
    provision.set_id(1000);
    provision.mutable_provision()->set_kind("user");
    base::Bytes frames;
    ASSERT_TRUE(tokens::host::append_frames(frames, provision, {}));
    ukey->host->send_raw(frames);
    usleep(100'000);  // it is in the middle of generating its keys
    ASSERT_EQ(kill(ukey->host->pid(), SIGTERM), 0);
    EXPECT_EQ(ukey->host->finish(), 1) << "it ended by itself, with an answer that nobody took, not by the signal";
    ukey->start();
    EXPECT_TRUE(ukey->login().ok());
    const Answer probe = ukey->host->call(request([](auto& r) { r.mutable_probe(); }));
    EXPECT_TRUE(probe.reply.probe().initialised());
}

TEST(host_life, a_second_host_on_the_same_folder_waits_until_the_first_has_ended) {
    const auto ukey = provisioned("officer", "OF-1");
    HostClient second(ukey->maker == Maker::nss ? HostClient::nss(ukey->folder.path()) : HostClient::softhsm(ukey->folder.path()));
    std::atomic<bool> answered = false;
    std::thread waiting([&] {
        EXPECT_TRUE(second.call(request([](auto& r) { r.mutable_probe(); })).reply.probe().initialised());
        answered = true;
    });
    usleep(300'000);
    EXPECT_FALSE(answered) << "two processes that write to one SoftHSM2 token destroy it";
    ukey->host->finish();
    waiting.join();
    EXPECT_TRUE(answered);
}

}  // namespace

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

TEST(nss, masters_travel_to_and_from_softhsm) {
    for (const Maker from : {Maker::softhsm, Maker::nss})
        for (const Maker to : {Maker::softhsm, Maker::nss}) {
            Vault vault("M-1", from);
            auto key = injected(vault, 3, "K-1", to);
        }
}

}  // namespace

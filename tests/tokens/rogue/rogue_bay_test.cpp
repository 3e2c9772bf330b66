// A rogue module beside a good UKEY, with real tokenhosts: the bay stays well, and so does the good one.
#include <gtest/gtest.h>

#include <optional>

#include "tests/tokens/fixture.h"
#include "tokens/bay.h"

namespace {

using namespace tokens_test;
namespace fs = std::filesystem;
namespace pb = tokens::pb;
using std::chrono::milliseconds;
using tokens::Content;
using tokens::HostAnswer;

struct rogue_bay : testing::Test {
    rogue_bay() {
        fs::create_directories(folder.path("readers/good"));
        fs::create_directory(folder.path("token"));
        write_text(folder.path("readers/bad.toml"), "kind = \"pkcs11\"\nmodule = \"" KMP_ROGUE "\"\npath = \"../token\"\nparameters = \"{path}\"\n");
        timing.poll = milliseconds(20);
        timing.liveness = milliseconds(100);
        timing.probe_timeout = milliseconds(1500);
        timing.starts = 50;
        auto made = tokens::Spawner::start({std::string(KMP_BIN_DIR) + "/kmp-tokenhost", {}});
        if (!made) throw std::runtime_error(made.error().message);
        spawner.emplace(std::move(*made));
        bay.emplace(io, *spawner, folder.path("readers"), [](const tokens::BayEvent&) {}, timing);
        bay->start();
    }
    void orders(const std::string& text) const { write_text(folder.path("token/orders"), text); }
    bool becomes(const std::string& reader, Content wanted) {
        return run_until(io, [&] {
            const auto slot = bay->by_reader(reader);
            return slot && slot->content == wanted;
        });
    }
    base::Result<HostAnswer> ask(const std::string& reader, pb::HostRequest request, std::vector<std::pair<pb::SecretRole, std::string>> secrets, milliseconds timeout = milliseconds(30000)) {
        std::vector<tokens::RoleSecret> with;
        for (auto& [role, text] : secrets) with.push_back({role, base::Secret::copy_of(base::as_bytes(text))});
        const auto slot = bay->by_reader(reader);
        if (!slot || !slot->channel) return {base::Code::token_failed, "no channel"};
        std::optional<base::Result<HostAnswer>> answer;
        slot->channel->call(std::move(request), std::move(with), timeout, [&](base::Result<HostAnswer> a) { answer.emplace(std::move(a)); });
        if (!run_until(io, [&] { return answer.has_value(); })) return {base::Code::internal, "no answer"};
        return std::move(*answer);
    }
    base::Result<HostAnswer> initialise(const std::string& reader, const std::string& serial, milliseconds timeout = milliseconds(30000)) {
        pb::HostRequest request;
        request.mutable_initialise()->set_ukey(serial);
        return ask(reader, std::move(request), {{pb::SO_PIN, "so-pin-87654321"}, {pb::USER_PIN, "user-pin-12345678"}}, timeout);
    }
    /// The good UKEY's host answers at once, in the same process as ever.
    void good_one_is_well() {
        pb::HostRequest request;
        request.mutable_probe();
        const auto answer = ask("good", std::move(request), {}, milliseconds(1000));
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(bay->by_reader("good")->incarnation, good_incarnation);
    }
    TemporaryFolder folder;
    asio::io_context io;
    tokens::BayTiming timing;
    std::optional<tokens::Spawner> spawner;
    std::optional<tokens::Bay> bay;
    std::uint64_t good_incarnation = 0;
};

TEST_F(rogue_bay, whatever_a_module_does_harms_its_own_ukey_only) {
    ASSERT_TRUE(becomes("good", Content::blank)) << bay->by_reader("good")->problem;
    good_incarnation = bay->by_reader("good")->incarnation;
    ASSERT_TRUE(becomes("bad", Content::blank)) << bay->by_reader("bad")->problem;
    ASSERT_TRUE(initialise("bad", "R-1"));
    ASSERT_TRUE(becomes("bad", Content::ours)) << bay->by_reader("bad")->problem;

    for (const char* order : {"C_GetTokenInfo=hang", "C_GetTokenInfo=crash", "C_GetTokenInfo=exit", "C_GetTokenInfo=noise", "C_GetTokenInfo=eat"}) {
        orders(order);
        ASSERT_TRUE(becomes("bad", Content::failed)) << order;
        EXPECT_NE(bay->by_reader("bad")->problem, "") << order;
        good_one_is_well();
        orders("");
        ASSERT_TRUE(becomes("bad", Content::ours)) << order << ": " << bay->by_reader("bad")->problem;
        good_one_is_well();
    }
}

TEST_F(rogue_bay, a_module_that_hangs_in_the_middle_of_work_times_out_and_is_started_again) {
    ASSERT_TRUE(becomes("bad", Content::blank));
    ASSERT_TRUE(becomes("good", Content::blank));
    good_incarnation = bay->by_reader("good")->incarnation;
    orders("C_InitPIN=hang");
    const auto hung = initialise("bad", "R-1", milliseconds(1000));
    ASSERT_FALSE(hung);
    EXPECT_EQ(hung.error().code, base::Code::timeout);
    good_one_is_well();
    orders("");
    EXPECT_TRUE(run_until(io, [&] {
        const auto slot = bay->by_reader("bad");
        return slot && slot->channel && (slot->content == Content::blank || slot->content == Content::foreign);
    })) << "killed and started again";
}

TEST_F(rogue_bay, a_module_that_never_starts_is_tried_within_bounds) {
    ASSERT_TRUE(becomes("good", Content::blank));
    good_incarnation = bay->by_reader("good")->incarnation;
    orders("C_Initialize=crash");
    ASSERT_TRUE(becomes("bad", Content::blank) || becomes("bad", Content::failed));
    ASSERT_TRUE(bay->restart("bad"));
    ASSERT_TRUE(becomes("bad", Content::failed));
    good_one_is_well();
}

}  // namespace

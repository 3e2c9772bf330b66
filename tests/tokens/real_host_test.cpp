// The bay with the real kmp-tokenhost and SoftHSM2.
#include <gtest/gtest.h>
#include <signal.h>

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
constexpr milliseconds kLong{60000};

struct real_host : testing::Test {
    real_host() {
        fs::create_directory(folder.path("readers"));
        timing.poll = milliseconds(20);
        auto made = tokens::Spawner::start({std::string(KMP_BIN_DIR) + "/kmp-tokenhost", {}});
        if (!made) throw std::runtime_error(made.error().message);
        spawner.emplace(std::move(*made));
        bay.emplace(io, *spawner, folder.path("readers"), [](const tokens::BayEvent&) {}, timing);
        bay->start();
    }
    bool becomes(const std::string& reader, Content wanted) {
        return run_until(io, [&] {
            const auto slot = bay->by_reader(reader);
            return slot && slot->content == wanted;
        });
    }
    base::Result<HostAnswer> ask(const std::string& reader, pb::HostRequest request, std::vector<std::pair<pb::SecretRole, std::string>> secrets) {
        std::vector<tokens::RoleSecret> with;
        for (auto& [role, text] : secrets) with.push_back({role, base::Secret::copy_of(base::as_bytes(text))});
        std::optional<base::Result<HostAnswer>> answer;
        bay->by_reader(reader)->channel->call(std::move(request), std::move(with), kLong, [&](base::Result<HostAnswer> a) { answer.emplace(std::move(a)); });
        if (!run_until(io, [&] { return answer.has_value(); })) return {base::Code::timeout, "no answer"};
        return std::move(*answer);
    }
    /// Makes the blank UKEY in a reader one of ours.
    void initialise(const std::string& reader, const std::string& serial) {
        tokens::UkeyFile file;
        file.serial = *base::UkeySerial::parse(serial);
        file.kind = model::UkeyKind::user;
        ASSERT_TRUE(tokens::write_ukey_file(folder.path("readers/" + reader), file));
        pb::HostRequest request;
        request.mutable_initialise()->set_ukey(serial);
        const auto done = ask(reader, std::move(request), {{pb::SO_PIN, "so-pin-87654321"}, {pb::USER_PIN, kPin}});
        ASSERT_TRUE(done) << done.error().message;
        std::optional<base::Result<tokens::Slot>> slot;
        bay->refresh(reader, [&](base::Result<tokens::Slot> s) { slot.emplace(std::move(s)); });
        ASSERT_TRUE(run_until(io, [&] { return slot.has_value(); }));
        ASSERT_TRUE(*slot) << slot->error().message;
        ASSERT_EQ((*slot)->content, Content::ours) << (*slot)->problem;
        EXPECT_EQ((*slot)->serial.text(), serial);
    }
    bool logs_in(const std::string& reader, const std::string& pin) {
        pb::HostRequest request;
        request.mutable_login();
        return ask(reader, std::move(request), {{pb::USER_PIN, pin}}).ok();
    }
    static constexpr const char* kPin = "user-pin-12345678";
    TemporaryFolder folder;
    asio::io_context io;
    tokens::BayTiming timing;
    std::optional<tokens::Spawner> spawner;
    std::optional<tokens::Bay> bay;
};

TEST_F(real_host, serves_a_soft_ukey_from_blank_through_a_pull_and_a_crash) {
    fs::create_directory(folder.path("readers/A"));
    ASSERT_TRUE(becomes("A", Content::blank)) << bay->by_reader("A")->problem;
    ASSERT_NO_FATAL_FAILURE(initialise("A", "U-1"));

    fs::rename(folder.path("readers/A"), folder.path("pulled"));
    ASSERT_TRUE(run_until(io, [&] { return bay->slots().empty(); }));
    fs::rename(folder.path("pulled"), folder.path("readers/B"));
    ASSERT_TRUE(becomes("B", Content::ours)) << bay->by_reader("B")->problem;
    EXPECT_TRUE(logs_in("B", kPin));

    const auto before = *bay->by_reader("B");
    ASSERT_GT(before.host, 0);
    kill(before.host, SIGKILL);
    ASSERT_TRUE(run_until(io, [&] { return bay->by_reader("B")->incarnation != before.incarnation; }));
    ASSERT_TRUE(becomes("B", Content::ours)) << bay->by_reader("B")->problem;
    EXPECT_FALSE(logs_in("B", "wrong-pin-12345678"));
    EXPECT_TRUE(logs_in("B", kPin));
}

TEST_F(real_host, refuses_a_copied_folder) {
    fs::create_directory(folder.path("readers/A"));
    ASSERT_TRUE(becomes("A", Content::blank));
    ASSERT_NO_FATAL_FAILURE(initialise("A", "U-1"));
    fs::copy(folder.path("readers/A"), folder.path("copy"), fs::copy_options::recursive);
    fs::rename(folder.path("copy"), folder.path("readers/B"));
    ASSERT_TRUE(becomes("B", Content::failed));
    EXPECT_EQ(bay->by_reader("A")->content, Content::failed);
    EXPECT_FALSE(bay->by_serial(*base::UkeySerial::parse("U-1")));
}

}  // namespace

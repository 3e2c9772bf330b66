#include "kmp/service/config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/store/temporary_folder.h"

namespace {

using kmp::service::Config;

base::Result<Config> load(const std::string& text) {
    const TemporaryFolder folder;
    std::ofstream(folder.file("kmp.toml")) << text;
    return Config::load(folder.file(""), folder.file("run"));
}

TEST(config, without_a_file_everything_has_its_default) {
    const TemporaryFolder folder;
    const auto c = Config::load(folder.file(""), "/tmp/x");
    ASSERT_TRUE(c);
    EXPECT_EQ(c->max_in_flight, 256u);
    EXPECT_EQ(c->station_socket(), "/tmp/x/kmp.sock");
}

TEST(config, a_value_in_the_file_is_taken) {
    const auto c = load("[service]\nmax_in_flight = 16\n[audit]\ncheckpoint_events = 5\n");
    ASSERT_TRUE(c) << c.error().message;
    EXPECT_EQ(c->max_in_flight, 16u);
    EXPECT_EQ(c->checkpoint_events, 5u);
}

TEST(config, sales_on_a_card_are_voided_only_where_the_file_says_so) {
    EXPECT_FALSE(load("")->card_voids);
    EXPECT_TRUE(load("[card]\nvoids = true\n")->card_voids);
    EXPECT_FALSE(load("[card]\nvoids = false\n")->card_voids);
}

TEST(config, what_cannot_be_is_refused_by_name) {
    for (const auto& [text, named] : {std::pair("[service]\nmax_in_fligth = 16\n", "max_in_fligth"), std::pair("[service]\nmax_in_flight = 0\n", "max_in_flight"),
                                      std::pair("[service]\nmax_in_flight = \"16\"\n", "max_in_flight"), std::pair("speed = 9\n", "speed"),
                                      std::pair("[metrics]\nlisten = \"0.0.0.0:9450\"\n", "can be reached from other machines"), std::pair("[metrics]\nlisten = \"9450\"\n", "metrics.listen"),
                                      std::pair("[log]\nlevel = \"loud\"\n", "log.level"), std::pair("[card]\nvoids = 1\n", "card.voids is true or false"),
                                      std::pair("[standby]\nfolder = \"feed\"\n", "standby.folder"), std::pair("[standby]\ninterval_ms = 5\n", "standby.interval_ms"), std::pair("[service\n", "line 1"), std::pair("[nothing]\nx = 1\n", "nothing.x")}) {
        const auto c = load(text);
        ASSERT_FALSE(c) << text;
        EXPECT_NE(c.error().message.find(named), std::string::npos) << c.error().message;
    }
}

TEST(config, tells_what_is_different_and_takes_over_only_what_can_change_at_once) {
    Config now = *load("");
    const Config next = *load("[service]\nmax_in_flight = 16\ntoken_timeout_ms = 700\n[network]\nlisten = \"127.0.0.1:7450\"\n");
    EXPECT_TRUE(Config::changes(now, now).empty());
    std::string said;
    for (const auto& change : Config::changes(now, next)) said += change.text() + (change.live ? "" : " (restart)") + "\n";
    EXPECT_EQ(said, "service.max_in_flight: 256 -> 16\nservice.token_timeout_ms: 5000 -> 700\nnetwork.listen: \"\" -> \"127.0.0.1:7450\" (restart)\n");
    now.adopt(next);
    EXPECT_EQ(now.max_in_flight, 16u);
    EXPECT_EQ(now.network_listen, "");
}

TEST(config, tells_what_is_not_as_by_default) {
    EXPECT_EQ(load("")->told(), "all as by default");
    EXPECT_EQ(load("[card]\nvoids = true\n[service]\nmax_queue = 7\nmax_in_flight = 256\n")->told(), "service.max_queue: 7; card.voids: true");
}

TEST(config, metrics_are_shown_on_this_machine_only) {
    for (const char* good : {"", "unix", "127.0.0.1:9450", "127.0.0.9:0", "[::1]:9450"}) EXPECT_TRUE(load(std::string("[metrics]\nlisten = \"") + good + "\"\n")) << good;
    for (const char* bad : {"0.0.0.0:9450", "192.0.2.1:9450", "[::]:9450", "localhost:9450", "127.0.0.1", "127.0.0.1:99999", "tcp"})
        EXPECT_FALSE(load(std::string("[metrics]\nlisten = \"") + bad + "\"\n")) << bad;
}

}  // namespace

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

TEST(config, what_cannot_be_is_refused_by_name) {
    for (const auto& [text, named] : {std::pair("[service]\nmax_in_fligth = 16\n", "max_in_fligth"), std::pair("[service]\nmax_in_flight = 0\n", "max_in_flight"),
                                      std::pair("[service]\nmax_in_flight = \"16\"\n", "max_in_flight"), std::pair("speed = 9\n", "speed"),
                                      std::pair("[service\n", "line 1"), std::pair("[nothing]\nx = 1\n", "nothing.x"),
                                      std::pair("[standby]\nfolder = \"feed\"\n", "standby.folder"), std::pair("[standby]\ninterval_ms = 5\n", "standby.interval_ms")}) {
        const auto c = load(text);
        ASSERT_FALSE(c) << text;
        EXPECT_NE(c.error().message.find(named), std::string::npos) << c.error().message;
    }
}

}  // namespace

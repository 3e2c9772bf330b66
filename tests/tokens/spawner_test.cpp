#include "tokens/spawner.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/tokens/fixture.h"

namespace {

using namespace tokens_test;
using Kind = tokens::Spawner::Event::Kind;
using std::chrono::milliseconds;

bool is_gone(pid_t pid) {
    for (int i = 0; i < 3000; ++i) {
        if (kill(pid, 0) != 0) return true;
        // A zombie whose parent died first is init's to reap; it runs no more.
        std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
        std::string text;
        std::getline(stat, text);
        if (text.find(") Z ") != std::string::npos) return true;
        std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
}

/// Runs /bin/sh as the host: what a host finds around itself can be asked of it.
struct spawner : testing::Test {
    tokens::Spawner make(const std::string& log = "") {
        auto made = tokens::Spawner::start({"/bin/sh", log});
        if (!made) throw std::runtime_error(made.error().message);
        return std::move(*made);
    }
    tokens::Spawner::Event next_event(tokens::Spawner& from) {
        while (waiting.empty()) {
            pollfd wait{from.descriptor(), POLLIN, 0};
            if (poll(&wait, 1, 30000) != 1) return {};
            auto events = from.take_events();
            if (!events) return {};
            waiting = std::move(*events);
        }
        auto out = waiting.front();
        waiting.erase(waiting.begin());
        return out;
    }
    std::vector<tokens::Spawner::Event> waiting;
    static std::string text_of(const std::string& path) {
        std::ifstream in(path);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }
    std::string read_all(int fd) {
        std::string out;
        char part[4096];
        for (ssize_t n = read(fd, part, sizeof part); n > 0; n = read(fd, part, sizeof part)) out.append(part, static_cast<std::size_t>(n));
        return out;
    }
    TemporaryFolder folder;
};

TEST_F(spawner, gives_a_host_its_socket_as_descriptor_3_and_nothing_else) {
    const base::Fd inherited(dup(0));  // not close-on-exec: a descriptor that must not reach the host
    auto lister = tokens::Spawner::start({"/bin/ls", folder.path("descriptors")});
    ASSERT_TRUE(lister);
    auto host = lister->spawn({"/proc/self/fd"});
    ASSERT_TRUE(host);
    (void)next_event(*lister);
    EXPECT_EQ(next_event(*lister).text, "exit 0");
    EXPECT_EQ(text_of(folder.path("descriptors")), "0\n1\n2\n3\n4\n") << "4 is the folder that ls itself has open";
    auto s = make();
    host = s.spawn({"-c", "readlink /proc/$$/fd/0 >&3; readlink /proc/$$/fd/3 >&3"});
    ASSERT_TRUE(host);
    const std::string links = read_all(host->channel.get());
    EXPECT_EQ(links.substr(0, 17), "/dev/null\nsocket:") << links;
}

TEST_F(spawner, reports_start_and_end) {
    auto s = make();
    auto host = s.spawn({"-c", "exit 5"});
    ASSERT_TRUE(host);
    const auto started = next_event(s);
    EXPECT_EQ(started.kind, Kind::started);
    EXPECT_EQ(started.id, host->id);
    EXPECT_GT(started.pid, 0);
    const auto ended = next_event(s);
    EXPECT_EQ(ended.kind, Kind::ended);
    EXPECT_EQ(ended.pid, started.pid);
    EXPECT_EQ(ended.text, "exit 5");
}

TEST_F(spawner, ends_a_host_on_request_and_only_that_one) {
    auto s = make();
    auto one = s.spawn({"-c", "read x <&3"});
    auto other = s.spawn({"-c", "read x <&3; exit 3"});
    ASSERT_TRUE(one && other);
    (void)next_event(s);
    (void)next_event(s);
    ASSERT_TRUE(s.end(one->id, milliseconds(0)));
    const auto ended = next_event(s);
    EXPECT_EQ(ended.id, one->id);
    EXPECT_EQ(ended.text, "signal 9");
    ASSERT_EQ(write(other->channel.get(), "\n", 1), 1);
    EXPECT_EQ(next_event(s).text, "exit 3");
}

TEST_F(spawner, asks_first_and_kills_one_that_does_not_listen) {
    auto s = make();
    auto polite = s.spawn({"-c", "trap 'exit 4' TERM; echo >&3; while :; do sleep 0.05; done"});
    ASSERT_TRUE(polite);
    (void)next_event(s);
    char byte = 0;
    ASSERT_EQ(read(polite->channel.get(), &byte, 1), 1);  // its trap is set
    ASSERT_TRUE(s.end(polite->id, milliseconds(20000)));
    EXPECT_EQ(next_event(s).text, "exit 4");
    auto stubborn = s.spawn({"-c", "trap '' TERM; echo >&3; while :; do sleep 0.05; done"});
    ASSERT_TRUE(stubborn);
    (void)next_event(s);
    ASSERT_EQ(read(stubborn->channel.get(), &byte, 1), 1);
    ASSERT_TRUE(s.end(stubborn->id, milliseconds(100)));
    EXPECT_EQ(next_event(s).text, "signal 9");
}

TEST_F(spawner, writes_output_to_the_log) {
    auto s = make(folder.path("log"));
    auto host = s.spawn({"-c", "echo out; echo err >&2"});
    ASSERT_TRUE(host);
    (void)next_event(s);
    (void)next_event(s);
    EXPECT_EQ(text_of(folder.path("log")), "out\nerr\n");
}

TEST_F(spawner, reports_a_program_that_cannot_start) {
    write_text(folder.path("broken"), "#!/nonexistent/interpreter\n");
    std::filesystem::permissions(folder.path("broken"), std::filesystem::perms::owner_all);
    auto s = tokens::Spawner::start({folder.path("broken"), {}});
    ASSERT_TRUE(s);
    auto host = s->spawn({});
    ASSERT_TRUE(host);
    const auto event = next_event(*s);
    EXPECT_EQ(event.kind, Kind::failed);
    EXPECT_NE(event.text.find("broken"), std::string::npos) << event.text;
    EXPECT_EQ(read_all(host->channel.get()), "");
}

TEST_F(spawner, refuses_to_start_without_its_program) {
    EXPECT_EQ(tokens::Spawner::start({folder.path("absent"), {}}).error().code, base::Code::not_found);
}

TEST_F(spawner, ends_its_children_when_it_goes) {
    pid_t pid = 0;
    {
        auto s = make();
        auto host = s.spawn({"-c", "while :; do sleep 0.05; done"});
        ASSERT_TRUE(host);
        pid = next_event(s).pid;
    }
    ASSERT_GT(pid, 0);
    EXPECT_TRUE(is_gone(pid));
}

TEST_F(spawner, ends_everything_when_the_service_is_killed) {
    int pids[2];
    ASSERT_EQ(pipe(pids), 0);
    const pid_t service = fork();
    if (service == 0) {
        auto s = make();
        auto host = s.spawn({"-c", "while :; do sleep 0.05; done"});
        const pid_t both[2] = {s.pid(), next_event(s).pid};
        if (write(pids[1], both, sizeof both) < 0) _exit(1);
        for (;;) pause();
    }
    pid_t both[2] = {0, 0};
    ASSERT_EQ(read(pids[0], both, sizeof both), static_cast<ssize_t>(sizeof both));
    ASSERT_GT(both[1], 0);
    kill(service, SIGKILL);
    waitpid(service, nullptr, 0);
    EXPECT_TRUE(is_gone(both[1]));
    EXPECT_TRUE(is_gone(both[0]));
    close(pids[0]);
    close(pids[1]);
}

TEST_F(spawner, is_not_ended_by_a_stray_sigterm) {
    auto s = make();
    kill(s.pid(), SIGTERM);
    auto host = s.spawn({"-c", "exit 0"});
    ASSERT_TRUE(host);
    EXPECT_EQ(next_event(s).kind, Kind::started);
    EXPECT_EQ(next_event(s).kind, Kind::ended);
}

TEST_F(spawner, says_when_it_has_died) {
    auto s = make();
    auto host = s.spawn({"-c", "while :; do sleep 0.05; done"});
    ASSERT_TRUE(host);
    const pid_t pid = next_event(s).pid;
    kill(s.pid(), SIGKILL);
    pollfd wait{s.descriptor(), POLLIN, 0};
    ASSERT_EQ(poll(&wait, 1, 30000), 1);
    EXPECT_EQ(s.take_events().error().code, base::Code::io_failed);
    EXPECT_TRUE(is_gone(pid));
}

}  // namespace

#include "kmp/service/metrics_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <vector>

#include "base/fd.h"
#include "tests/wire/fake_service.h"

namespace {

using kmp::service::metrics_reply;
using kmp::service::MetricsServer;
using kmp::service::MetricsServerOptions;

std::string answer(const std::string& head) {
    return metrics_reply(head, []() -> base::Result<std::string> { return std::string("kmp_up 1\n"); });
}

TEST(metrics_reply, answers_get_and_head_of_its_one_page) {
    EXPECT_NE(answer("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").find("\r\n\r\nkmp_up 1\n"), std::string::npos);
    EXPECT_NE(answer("GET /metrics?x=1 HTTP/1.0\r\n\r\n").find("200 OK"), std::string::npos);
    const std::string head = answer("HEAD /metrics HTTP/1.1\r\n\r\n");
    EXPECT_NE(head.find("Content-Length: 9\r\n"), std::string::npos) << head;
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(metrics_reply, refuses_what_is_no_request_another_page_and_another_method) {
    for (const auto& [head, status] : {std::pair("\r\n\r\n", "400"), std::pair("GET\r\n\r\n", "400"), std::pair("GET /metrics\r\n\r\n", "400"), std::pair("GET /metrics HTTP/2.0\r\n\r\n", "400"),
                                       std::pair("GET / HTTP/1.1\r\n\r\n", "404"), std::pair("GET /metrics/x HTTP/1.1\r\n\r\n", "404"), std::pair("POST /metrics HTTP/1.1\r\n\r\n", "405"),
                                       std::pair("\x16\x03\x01 \x02 x\r\n\r\n", "400"), std::pair("GET  HTTP/1.1\r\n\r\n", "404")})
        EXPECT_TRUE(answer(head).starts_with(std::string("HTTP/1.1 ") + status)) << head << answer(head);
}

TEST(metrics_reply, says_why_there_is_no_page) {
    const auto reply = metrics_reply("GET /metrics HTTP/1.1\r\n\r\n", []() -> base::Result<std::string> { return base::Error{base::Code::busy, "very busy"}; });
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 503"));
    EXPECT_TRUE(reply.ends_with("very busy\n"));
}

class metrics_server : public testing::Test {
protected:
    tests::TemporaryFolder folder;
    std::string path = folder.path() + "/m.sock";
    unsigned pages = 0;

    std::unique_ptr<MetricsServer> start(MetricsServerOptions options) {
        options.listen = "unix";
        options.socket_path = path;
        if (!options.page)
            options.page = [this]() -> base::Result<std::string> {
                ++pages;
                return std::string("kmp_up 1\n");
            };
        auto server = MetricsServer::start(std::move(options));
        EXPECT_TRUE(server) << server.error().message;
        return std::move(*server);
    }
    base::Fd connected() {
        base::Fd s(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un where{};
        where.sun_family = AF_UNIX;
        path.copy(where.sun_path, sizeof where.sun_path - 1);
        EXPECT_EQ(connect(s.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
        return s;
    }
    static std::string rest_of(const base::Fd& s) {
        std::string out;
        char room[4096];
        for (ssize_t n = 0; (n = read(s.get(), room, sizeof room)) > 0;) out.append(room, static_cast<std::size_t>(n));
        return out;
    }
    std::string ask(const std::string& text) {
        const base::Fd s = connected();
        EXPECT_EQ(send(s.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
        return rest_of(s);
    }
};

const std::string kGet = "GET /metrics HTTP/1.1\r\n\r\n";

TEST_F(metrics_server, answers_on_a_socket_that_its_group_may_open) {
    const auto server = start({});
    EXPECT_EQ(server->where(), path);
    struct stat file {};
    ASSERT_EQ(stat(path.c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777, 0660u);
    EXPECT_TRUE(ask(kGet).ends_with("kmp_up 1\n"));
}

TEST_F(metrics_server, a_head_without_end_is_refused) {
    const auto server = start({});
    EXPECT_TRUE(ask(std::string(8192, 'x')).starts_with("HTTP/1.1 431"));
}

TEST_F(metrics_server, silent_scrapers_beyond_the_limit_are_closed_and_the_others_after_their_time) {
    MetricsServerOptions options;
    options.max_connections = 8;
    options.patience = std::chrono::milliseconds(300);
    const auto server = start(std::move(options));
    std::vector<base::Fd> silent;
    for (int i = 0; i < 100; ++i) silent.push_back(connected());
    // Each of them comes to its end, the first eight by their time, the others at once.
    for (const base::Fd& s : silent) EXPECT_EQ(rest_of(s), "");
    EXPECT_TRUE(ask(kGet).ends_with("kmp_up 1\n"));
}

TEST_F(metrics_server, a_hundred_scrapers_at_once_are_shown_one_page) {
    MetricsServerOptions options;
    options.max_connections = 128;
    options.freshness = std::chrono::hours(1);
    const auto server = start(std::move(options));
    std::vector<base::Fd> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back(connected());
        ASSERT_EQ(send(all.back().get(), kGet.data(), kGet.size(), MSG_NOSIGNAL), static_cast<ssize_t>(kGet.size()));
    }
    for (const base::Fd& s : all) EXPECT_TRUE(rest_of(s).ends_with("kmp_up 1\n"));
    EXPECT_EQ(pages, 1u);
}

TEST_F(metrics_server, a_reader_that_takes_nothing_holds_up_no_other) {
    MetricsServerOptions options;
    options.page = []() -> base::Result<std::string> { return std::string(16 << 20, 'x'); };
    const auto server = start(std::move(options));
    const base::Fd lazy = connected();
    ASSERT_EQ(send(lazy.get(), kGet.data(), kGet.size(), MSG_NOSIGNAL), static_cast<ssize_t>(kGet.size()));
    EXPECT_GT(ask(kGet).size(), std::size_t{16} << 20);
}

TEST_F(metrics_server, listens_on_no_address_of_the_network) {
    MetricsServerOptions options;
    options.listen = "0.0.0.0:0";
    const auto server = MetricsServer::start(std::move(options));
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().code, base::Code::invalid_argument);
}

}  // namespace

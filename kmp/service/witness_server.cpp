#include "kmp/service/witness_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>

#include "audit/witness.h"
#include "kmp/service/endpoint.h"

namespace kmp::service {
namespace {

using base::Code;

/// What of one request has come in.
struct Incoming {
    std::string body;
    bool too_long = false;
};

struct Stop {
    void operator()(MHD_Daemon* d) const { MHD_stop_daemon(d); }
};

MHD_Result send(MHD_Connection* connection, const WitnessReply& reply) {
    MHD_Response* response = MHD_create_response_from_buffer(reply.body.size(), const_cast<char*>(reply.body.data()), MHD_RESPMEM_MUST_COPY);
    if (response == nullptr) return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply.type.c_str());
    const MHD_Result out = MHD_queue_response(connection, reply.status, response);
    MHD_destroy_response(response);
    return out;
}

class Server final : public WitnessServer {
public:
    explicit Server(WitnessServerOptions options) : options_(std::move(options)) {}

    base::Status begin() {
        KMP_TRY(Endpoint endpoint, parse_endpoint(options_.listen, "witness.listen"));
        sockaddr_in v4{};
        sockaddr_in6 v6{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port);
        if (endpoint.v6) inet_pton(AF_INET6, endpoint.address.c_str(), &v6.sin6_addr);
        else inet_pton(AF_INET, endpoint.address.c_str(), &v4.sin_addr);
        const void* address = endpoint.v6 ? static_cast<const void*>(&v6) : static_cast<const void*>(&v4);
        const unsigned flags = static_cast<unsigned>(MHD_USE_EPOLL_INTERNAL_THREAD) | (endpoint.v6 ? static_cast<unsigned>(MHD_USE_IPv6) : 0U);
        daemon_.reset(MHD_start_daemon(flags, endpoint.port, nullptr, nullptr, &Server::on_request, this, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_CONNECTION_LIMIT, options_.max_connections,
                                       MHD_OPTION_PER_IP_CONNECTION_LIMIT, options_.max_per_address, MHD_OPTION_CONNECTION_TIMEOUT, options_.silence_seconds, MHD_OPTION_NOTIFY_COMPLETED, &Server::on_end,
                                       this, MHD_OPTION_END));
        if (!daemon_) return {Code::io_failed, "witness.listen: cannot listen on " + options_.listen + "; is another program there, or is it no address of this machine?"};
        const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_.get(), MHD_DAEMON_INFO_BIND_PORT);
        if (info != nullptr) endpoint.port = info->port;
        where_ = endpoint.text();
        return {};
    }
    std::string where() const override { return where_; }

private:
    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method, const char*, const char* data, std::size_t* size, void** memory) {
        return static_cast<Server*>(self)->request(connection, url, method, data, *size, *memory);
    }
    static void on_end(void*, MHD_Connection*, void** memory, MHD_RequestTerminationCode) {
        delete static_cast<Incoming*>(*memory);
        *memory = nullptr;
    }
    /// Called when the head is there, with each piece of the body, and at its end.
    MHD_Result request(MHD_Connection* connection, const std::string& url, const std::string& method, const char* data, std::size_t& size, void*& memory) {
        if (memory == nullptr) {
            memory = new Incoming;  // libmicrohttpd keeps it; on_end takes it back
            return MHD_YES;
        }
        Incoming& in = *static_cast<Incoming*>(memory);
        if (size != 0) {
            in.too_long = in.too_long || in.body.size() + size > audit::kMaxAddCheckpoint;
            if (!in.too_long) in.body.append(data, size);
            size = 0;
            return MHD_YES;
        }
        return send(connection, answer(url, method, in));
    }
    WitnessReply answer(const std::string& url, const std::string& method, const Incoming& in) {
        constexpr std::string_view kPlain = "text/plain; charset=utf-8", kNewest = "/checkpoint";
        constexpr std::size_t kHash = 64;
        if (in.too_long) return {413, std::string(kPlain), "a request has at most " + std::to_string(audit::kMaxAddCheckpoint) + " bytes\n"};
        if (url == "/add-checkpoint") {
            if (method != "POST") return {405, std::string(kPlain), "add-checkpoint is asked with POST\n"};
            return options_.add_checkpoint(in.body);
        }
        if (url.size() == 1 + kHash + kNewest.size() && url.ends_with(kNewest)) {
            if (method != "GET") return {405, std::string(kPlain), "a checkpoint is read with GET\n"};
            return options_.newest(url.substr(1, kHash));
        }
        return {404, std::string(kPlain), "there is /add-checkpoint, and /<SHA-256 of an origin>/checkpoint\n"};
    }
    WitnessServerOptions options_;
    std::string where_;
    std::unique_ptr<MHD_Daemon, Stop> daemon_;  // last: its thread is gone before what it uses
};

/// Asks on the I/O thread and waits for the answer, for as long as that thread runs.
WitnessReply ask(Service& service, std::function<void(std::function<void(WitnessReply)>)> question) {
    constexpr std::chrono::milliseconds kStep{20};
    const auto promise = std::make_shared<std::promise<WitnessReply>>();
    auto answer = promise->get_future();
    service.post([question = std::move(question), promise] { question([promise](WitnessReply reply) { promise->set_value(std::move(reply)); }); });
    while (answer.wait_for(kStep) != std::future_status::ready)
        if (service.ended) return {503, "text/plain; charset=utf-8", "the witness ends\n"};
    return answer.get();
}

}  // namespace

base::Result<std::unique_ptr<WitnessServer>> WitnessServer::start(WitnessServerOptions options) {
    auto server = std::make_unique<Server>(std::move(options));
    KMP_CHECK(server->begin());
    return std::unique_ptr<WitnessServer>(std::move(server));
}

WitnessServerOptions answers_of(Service& service, Cosigner& cosigner) {
    WitnessServerOptions out;
    out.listen = service.config().witness_listen;
    out.add_checkpoint = [&](const std::string& body) { return ask(service, [&, body](auto done) { cosigner.add_checkpoint(body, std::move(done)); }); };
    out.newest = [&](const std::string& hash) { return ask(service, [&, hash](auto done) { done(cosigner.newest(hash)); }); };
    return out;
}

}  // namespace kmp::service

#include "kmp/service/desk.h"

#include <unistd.h>

#include <asio/post.hpp>
#include <chrono>

#include "kmp/service/desk_rules.h"
#include "kmp/service/desk_work.h"
#include "kmp/service/errand.h"
#include "kmp/service/greeting.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/refusals.h"
#include "kmp/service/reloading.h"
#include "kmp/service/unix_listener.h"

namespace kmp::service {
namespace {

using base::Code;
using wire::pb::AdminReply;
using wire::pb::AdminRequest;

constexpr std::size_t kMaxWaiting = 64;
constexpr unsigned kMaxPeople = 64;
constexpr std::size_t kMaxMembers = 32;  ///< of these, of audit.group: the rest stays for the officers
constexpr std::size_t kPartBacklog = 512 * 1024;   ///< bytes
constexpr int kPartPatience = 10000;                ///< times 1 ms that a client may leave a piece unread
constexpr std::chrono::milliseconds kRoomLasts{100};  ///< then it is asked for anew, and whether the client is still there

}  // namespace

Desk::Desk(Service& service)
    : service_(service), denials_(service.io(), [this](audit::Event event, Denials::Done done) { write(std::move(event), std::move(done)); }, service.metrics()) {
    service_.officer_load = [this] { return std::pair(server_ ? server_->connections() : 0, waiting_); };
    service_.on_reload.push_back([this](const Config& config) {
        if (server_) server_->set_limits(kMaxPeople, config.idle_timeout, std::nullopt);
    });
}

base::Status Desk::listen(asio::io_context& io, PassedSockets& passed) {
    FrameServerOptions options;
    options.max_connections = kMaxPeople;
    options.idle_timeout = service_.config().idle_timeout;
    options.metrics = &service_.metrics().officers;
    FrameHandlers handlers;
    handlers.on_message = [this](const Connection& c, base::ByteView m) { take(c, m); };
    handlers.on_full = [this](const Peer& peer) { service_.lines().say("officers' clients too many", peer.text() + " was turned away: admin.sock has 64 clients"); };
    handlers.on_broken = [this](const Connection& c, const base::Error& error) {
        service_.lines().say("broken streams of officers", "a client on admin.sock, " + c->peer().text() + ": " + error.message);
        AdminReply reply;
        wire::set_failure(*reply.mutable_failure(), error);
        c->send(reply);
    };
    handlers.admits = [this](const Peer& peer) {
        if (is_member(peer) && members_ >= kMaxMembers) return false;
        members_ += is_member(peer) ? 1 : 0;
        return true;
    };
    handlers.on_closed = [this](const Connection& c) {
        members_ -= is_member(c->peer()) ? 1 : 0;
        (void)service_.auditors().end(c->number(), "the client has gone");
    };
    // The service's own user and root; and a group that may log in as auditors, where there is one.
    std::optional<gid_t> group;
    if (const std::string& name = service_.config().audit_group; !name.empty()) {
        KMP_TRY(group, auditors_group(name));
    }
    KMP_TRY(auto listener, listen_unix(io, service_.config().admin_socket(), group ? 0660 : 0600, std::move(passed.officers), group));
    KMP_TRY(server_, FrameServer::listen(io, std::move(listener), options, std::move(handlers)));
    return {};
}

void Desk::stop_accepting() {
    if (server_) server_->stop_accepting();
    denials_.flush_all();
}

void Desk::write(audit::Event event, Denials::Done done) {
    const std::shared_ptr<Books> books = service_.books();
    if (!books) {
        auto kept = service_.sealed_log().append(service_.clock().now(), event);
        return done(kept ? base::Result<audit::Receipt>(audit::Receipt{}) : base::Result<audit::Receipt>(std::move(kept).error()));
    }
    Entry entry = entry_of(std::move(event));
    entry.done = [this, books, done = std::move(done)](const base::Result<audit::Receipt>& receipt) {
        if (!receipt) service_.audit_failed(receipt.error());
        done(receipt);
    };
    books->writer->submit(std::move(entry));
}

void Desk::refuse(const Connection& connection, const AdminRequest& request, AdminReply reply, std::string_view about) {
    // While the log cannot be written it would take this no more than anything else; the answer says why.
    if (!service_.failing().empty()) return connection->send(reply);
    ++refusing_;
    denials_.take(connection->peer(), denial_of(connection->peer(), request, reply.failure(), about), service_.now(), [this, connection, reply](const base::Result<audit::Receipt>&) {
        --refusing_;
        connection->send(reply);
    });
}

void Desk::close() {
    if (server_) server_->close_all();
}

bool Desk::is_member(const Peer& peer) { return peer.uid != 0 && peer.uid != geteuid(); }

base::Status Desk::judge(const Connection& connection, const AdminRequest& request) const {
    const AdminRequest::OperationCase operation = request.operation_case();
    const bool auditor = service_.auditors().has(connection->number());
    // One whose session is over may log in anew, or out; until then nothing, whatever else its unix user may do.
    if (auditor && operation != AdminRequest::kAuditLogout)
        if (base::Status alive = service_.auditors().check(connection->number()); !alive) return operation == AdminRequest::kAuditLogin ? base::Status() : alive;
    const Seat seat = auditor ? Seat::auditor : is_member(connection->peer()) ? Seat::group : Seat::service;
    return may_ask(seat, service_.config().auditor_only, request);
}

void Desk::log_out(const Connection& connection, const AdminRequest& request) {
    AdminReply reply;
    reply.set_id(request.id());
    if (auto ended = service_.auditors().end(connection->number(), "the auditor logged out"); !ended) {
        wire::set_failure(*reply.mutable_failure(), ended.error());
        return refuse(connection, request, std::move(reply));
    }
    reply.mutable_audit_logout();
    connection->send(reply);
}

void Desk::cancel(const Connection& connection, const AdminRequest& request) {
    const std::pair which(connection->number(), request.cancel().request());
    if (const auto at = under_way_.find(which); at != under_way_.end()) *at->second = true;
    AdminReply reply;
    reply.set_id(request.id());
    reply.mutable_cancel();
    connection->send(reply);
}

void Desk::take(const Connection& connection, base::ByteView message) {
    AdminRequest request;
    AdminReply reply;
    const auto fail = [&](const base::Error& error) {
        reply.set_id(request.id());
        wire::set_failure(*reply.mutable_failure(), error, error.code == Code::busy ? 1000 : 0);
        refuse(connection, request, reply);
    };
    if (is_member(connection->peer()) && service_.config().audit_group.empty()) return fail({Code::denied, "admin.sock is for the service's own user and root"});
    if (!request.ParseFromArray(message.data(), static_cast<int>(message.size())) || !request.GetReflection()->GetUnknownFields(request).empty())
        return fail({Code::malformed, "request: not an AdminRequest of version 1"});
    if (auto allowed = judge(connection, request); !allowed) return fail(allowed.error());
    if (request.has_audit_logout()) return log_out(connection, request);
    if (request.has_cancel()) return cancel(connection, request);
    if (request.has_status()) {
        reply.set_id(request.id());
        *reply.mutable_status() = describe_status(service_);
        return connection->send(reply);
    }
    if (request.has_standby_status()) {
        if (!service_.books()) return fail({Code::sealed, "the service is sealed or not initialised: nothing is fed; 'kmpctl standby check FOLDER' reads the folder itself"});
        reply.set_id(request.id());
        *reply.mutable_standby_status() = standby_status(service_);
        return connection->send(reply);
    }
    if (request.has_hello()) {
        return greet(service_, request.hello(), [this, connection, request](base::Result<wire::pb::HelloReply> greeted) {
            AdminReply answer;
            answer.set_id(request.id());
            put(answer, std::move(greeted), [](AdminReply& r) { return r.mutable_hello(); });
            if (answer.has_failure()) return refuse(connection, request, std::move(answer));
            connection->send(answer);
        });
    }
    if (request.has_reload()) {
        return reload(service_, connection->peer().text(), [connection, id = request.id()](base::Result<wire::pb::ReloadReply> done) {
            AdminReply answer;
            answer.set_id(id);
            put(answer, std::move(done), [](AdminReply& r) { return r.mutable_reload(); });
            connection->send(answer);
        });
    }
    if (waiting_ >= (is_member(connection->peer()) ? kMaxWaiting / 2 : kMaxWaiting)) return fail({Code::busy, "too many administrative requests wait; try again"});
    start(connection, std::move(request));
}

void Desk::start(const Connection& connection, AdminRequest request) {
    ++waiting_;
    const std::pair which(connection->number(), request.id());
    const auto cancelled = std::make_shared<std::atomic<bool>>(false);
    under_way_[which] = cancelled;
    auto job = std::make_shared<Job>(Job{service_, connection->peer(), connection->take_pins(), {}, {}, connection, {}});
    // An auditor whose UKEY was pulled, suspended or has expired gets nothing more, what is under way included.
    const auto still = [this, number = connection->number(), auditor = service_.auditors().has(connection->number()) && !request.has_audit_login()] {
        return auditor ? service_.auditors().check(number) : base::Status();
    };
    job->progress = [this, connection, id = request.id()](std::string_view step, unsigned done, unsigned of) {
        AdminReply part;
        part.set_id(id);
        part.set_more(true);
        part.mutable_progress()->set_step(std::string(step));
        part.mutable_progress()->set_done(done);
        part.mutable_progress()->set_of(of);
        service_.post([connection, part = std::move(part)] { connection->send(part); });
    };
    job->part = [this, connection, still, cancelled, id = request.id(), room = std::size_t{0}, asked = std::chrono::steady_clock::time_point{}](AdminReply part) mutable {
        if (*cancelled) return false;
        part.set_id(id);
        part.set_more(true);
        // Bounded: a slow reader slows the writing down, it does not fill the memory. How much room there is is asked for many pieces at once, for the way to the I/O thread and back
        // takes longer than writing one; but pieces that are small and rare would not notice for long that the client has gone.
        const std::size_t size = part.ByteSizeLong();
        if (std::chrono::steady_clock::now() - asked >= kRoomLasts) room = 0;
        for (int waited = 0; room < size; ++waited) {
            if (*cancelled) return false;
            if (waited == kPartPatience) return false;
            if (waited > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            const auto [open, backlog] = service_.on_io([&] { return std::pair(connection->open() && still().ok(), connection->backlog()); });
            if (!open) return false;
            if (backlog + size <= kPartBacklog) room = kPartBacklog - backlog;
            asked = std::chrono::steady_clock::now();
        }
        room -= size;
        service_.post([connection, still, part = std::move(part)] {
            if (still()) connection->send(part);
        });
        return true;
    };
    const bool long_answer = request.has_audit_export() || request.has_audit_archive() || request.has_audit_verify() || request.has_crl() || request.has_ukey_list() || request.has_account_list() || request.station_list().sessions();
    asio::thread_pool& thread = request.has_audit_list() ? service_.searcher() : long_answer ? service_.exporter() : service_.officer();
    asio::post(thread, [this, connection, job, still, which, cancelled, request = std::move(request)] {
        AdminReply reply;
        reply.set_id(request.id());
        // Cancelled before its turn came: nothing of it was begun.
        if (*cancelled) wire::set_failure(*reply.mutable_failure(), {Code::cancelled, "it was cancelled before it was begun"});
        else reply = perform(*job, request);
        job->pins.clear();
        service_.post([this, connection, still, which, cancelled, about = job->about, request, reply = std::move(reply)]() mutable {
            --waiting_;
            if (const auto at = under_way_.find(which); at != under_way_.end() && at->second == cancelled) under_way_.erase(at);
            if (auto alive = still(); !alive) {
                const std::uint64_t id = reply.id();
                reply.Clear();
                reply.set_id(id);
                wire::set_failure(*reply.mutable_failure(), alive.error());
            }
            // Whoever asked for it needs no event that says so.
            if (*cancelled && reply.has_failure() && reply.failure().code() == base::name(Code::cancelled)) return connection->send(reply);
            if (reply.has_failure()) return refuse(connection, request, std::move(reply), about);
            connection->send(reply);
        });
    });
}

}  // namespace kmp::service

#include "kmp/service/reloading.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using Done = std::function<void(base::Result<wire::pb::ReloadReply>)>;

void take_over(Service& service, const Config& next, const wire::pb::ReloadReply& reply) {
    service.adopt(next);
    service.metrics().reloads.add();
    for (const std::string& line : reply.changed()) spdlog::info("configuration: {}", line);
}

void fail(Service& service, const std::string& who, const base::Error& error, const Done& done) {
    Event event(EventType::denied);
    event.text(Field::actor, who).text(Field::request, "reload").text(Field::code, base::name(error.code)).text(Field::detail, error.message);
    service.keep(std::move(event));
    service.metrics().reloads_failed.add();
    spdlog::error("the configuration was not read anew, and nothing was changed: {}", error.message);
    done(error);
}

Event reloaded(const std::string& who, const std::string& note) {
    Event event(EventType::configuration);
    event.text(Field::actor, who).text(Field::request, "reload").text(Field::note, note);
    return event;
}

}  // namespace

void fit_to_open_files(Config& config) {
    constexpr rlim_t kReserve = 256;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    const rlim_t room = limit.rlim_cur > kReserve + 16 ? limit.rlim_cur - kReserve : 16;
    unsigned none = 0;
    unsigned& remote = config.network_listen.empty() ? none : config.network_max_connections;
    const rlim_t wanted = rlim_t{config.max_connections} + remote;
    if (wanted <= room) return;
    spdlog::warn("only {} open files are allowed: at most {} stations at once", limit.rlim_cur, room);
    remote = static_cast<unsigned>(room * remote / wanted);
    config.max_connections = static_cast<unsigned>(room) - remote;
}

void reload(Service& service, const std::string& who, Done done) {
    auto next = Config::load(service.config().home, service.config().run);
    if (!next) return fail(service, who, next.error(), done);
    fit_to_open_files(*next);
    wire::pb::ReloadReply reply;
    std::string note;
    for (const Config::Change& change : Config::changes(service.config(), *next)) {
        if (!change.live) {
            spdlog::warn("configuration: {} takes a restart; it stays as it was", change.text());
            reply.add_kept(change.text());
            continue;
        }
        reply.add_changed(change.text());
        note += (note.empty() ? "" : "; ") + change.text();
    }
    for (const std::string& change : service.witness_changes()) {
        reply.add_changed(change);
        note += (note.empty() ? "" : "; ") + change;
    }
    if (reply.changed().empty()) {
        service.adopt(*next);  // a file of a witness may be broken now, or no longer
        service.metrics().reloads.add();
        spdlog::info("the configuration was read anew: nothing changes");
        return done(std::move(reply));
    }
    const std::shared_ptr<Books> books = service.books();
    if (!books) {
        if (auto written = service.sealed_log().append(service.clock().now(), reloaded(who, note)); !written) return fail(service, who, written.error(), done);
        take_over(service, *next, reply);
        return done(std::move(reply));
    }
    Entry entry;
    entry.events.push_back(reloaded(who, note));
    entry.done = [&service, books, who, next = std::move(*next), reply = std::move(reply), done = std::move(done)](base::Result<audit::Receipt> receipt) mutable {
        if (!receipt) {
            service.audit_failed(receipt.error());
            return fail(service, who, receipt.error(), done);
        }
        books->applied(*receipt);
        take_over(service, next, reply);
        done(std::move(reply));
    };
    books->writer->submit(std::move(entry));
}

}  // namespace kmp::service

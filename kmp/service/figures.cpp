#include "kmp/service/figures.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "base/secret.h"
#include "kmp/service/feed.h"

namespace kmp::service {
namespace {

constexpr std::size_t kMostSeen = 256;  ///< whoever plugs in UKEYs without end does not fill the metrics

void gather_ukeys(Service& service, SeenUkeys& seen, Figures& out) {
    const std::shared_ptr<Books>& books = service.books();
    std::map<std::string, bool> present;  // and whether it is logged in
    for (const tokens::Slot& slot : service.bay().slots()) {
        const bool ours = slot.content == tokens::Content::ours;
        ++out.readers[ours ? "ukey" : std::string(tokens::name(slot.content))];
        if (!ours) continue;
        const std::string serial = slot.serial.text();
        const tokens::UkeyRecord* record = books ? books->registry.find(slot.serial) : nullptr;
        present[serial] = service.custodian().opened(slot.serial) == slot.incarnation || (books && slot.serial == books->house.platform);
        if (const auto known = seen.find(serial); known != seen.end() || seen.size() < kMostSeen) {
            if (record != nullptr) seen[serial] = std::string(model::name(record->kind));
            else seen.try_emplace(serial, slot.file ? std::string(model::name(slot.file->kind)) : "unknown");
        }
    }
    for (const auto& [serial, kind] : seen) {
        const auto here = present.find(serial);
        out.ukeys.push_back({serial, kind, here != present.end(), here != present.end() && here->second});
    }
}

}  // namespace

base::Millis platform_not_after(Books& books) {
    const tokens::UkeyRecord* record = books.registry.find(books.house.platform);
    const base::Millis checkpoint = books.house.checkpoint.not_after();
    return record == nullptr ? checkpoint : std::min(checkpoint, record->not_after);
}

Figures gather(Service& service, SeenUkeys& seen) {
    Figures out;
    const std::shared_ptr<Books>& books = service.books();
    out.phase = service.phase();
    out.failing = books && !service.failing().empty();
    out.started = service.started();
    if (service.station_load) out.stations = service.station_load();
    if (service.officer_load) std::tie(out.officers, out.officers_queue) = service.officer_load();
    if (service.count_sessions) out.sessions = service.count_sessions();
    struct statvfs disk {};
    if (statvfs(service.config().home.c_str(), &disk) == 0) {
        out.disk_free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
        out.disk_total = std::uint64_t{disk.f_blocks} * disk.f_frsize;
    }
    out.memory_locked = base::secrets_are_locked();
    gather_ukeys(service, seen, out);
    if (!books) return out;
    out.writer_queue = books->writer->queued();
    out.log_size = books->writer->head().size;
    const Service::LastCheckpoint& last = service.last_checkpoint();
    out.has_checkpoint = last.size > 0;
    out.checkpoint_time = last.time;
    out.checkpoint_age = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - last.at);
    // Signing one is an event of its own, which the next one covers.
    out.checkpoint_lag = out.log_size > last.size + 1 ? out.log_size - last.size - 1 : 0;
    out.platform_not_after = platform_not_after(*books);
    out.outlets = books->outlets->states();
    if (!books->feed) return out;
    const FeedState feed = books->feed->state();
    const FeedLag lag = lag_of(feed, out.log_size, service.now());
    out.standby = Figures::Standby{feed.whole && feed.problem.empty(), lag.events, lag.time};
    return out;
}

}  // namespace kmp::service

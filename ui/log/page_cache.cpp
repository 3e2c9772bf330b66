#include "ui/log/page_cache.h"

#include <QTimer>
#include <algorithm>

namespace ui::log {

PageCache::PageCache(Source source, RowMaker& rows, QObject* parent) : QObject(parent), source_(std::move(source)), maker_(rows) {}

void PageCache::set_size(std::uint64_t size, std::uint64_t archived) {
    if (size < size_) clear();
    size_ = size;
    archived_ = std::max(archived_, archived);
}

const Row* PageCache::find(std::uint64_t index) {
    const std::uint64_t number = index / kPage;
    const auto at = pages_.find(number);
    if (at != pages_.end()) {
        at->second.used = ++tick_;
        if (const std::uint64_t offset = index % kPage; offset < at->second.rows.size()) return &at->second.rows[offset];
    }
    want(number);
    return nullptr;
}

void PageCache::want(std::uint64_t page) {
    if (stopped_) return;
    if (const auto at = std::ranges::find(wanted_, page); at != wanted_.end()) wanted_.erase(at);
    wanted_.push_front(page);
    if (wanted_.size() > kMostWanted) wanted_.pop_back();
    if (asking_ || queued_) return;
    // After what is being painted has been: by then it is known what is looked at.
    queued_ = true;
    QTimer::singleShot(0, this, [this] {
        queued_ = false;
        ask_next();
    });
}

void PageCache::ask_next() {
    while (!asking_ && !stopped_ && !wanted_.empty()) {
        const std::uint64_t page = wanted_.front();
        wanted_.pop_front();
        ask(page);
    }
}

void PageCache::ask(std::uint64_t page) {
    const auto kept = pages_.find(page);
    const std::uint64_t first = page * kPage + (kept == pages_.end() ? 0 : kept->second.rows.size());
    const std::uint64_t end = std::min((page + 1) * kPage, size_);
    if (first >= end) return;
    pb::AuditList request;
    request.set_first(first);
    request.set_limit(static_cast<std::uint32_t>(end - first));
    asking_ = true;
    source_.ask(this, request, [this, page, round = round_](base::Result<pb::AuditListReply> reply) {
        if (round != round_) return;
        asking_ = false;
        if (!reply) {
            stop();
            emit failed(reply.error());
            return;
        }
        take(page, *reply);
        ask_next();
    });
}

void PageCache::take(std::uint64_t page, const pb::AuditListReply& reply) {
    archived_ = std::max(archived_, reply.archived());
    Page& kept = pages_[page];
    kept.used = ++tick_;
    const std::uint64_t first = page * kPage + kept.rows.size();
    const std::uint64_t end = std::min((page + 1) * kPage, size_);
    std::uint64_t at = first;
    for (const pb::AuditEvent& event : reply.events()) {
        if (event.index() < at || event.index() >= end) continue;
        for (; at < event.index(); ++at) kept.rows.push_back({at, 0, nullptr, {}, parts::Tone::bad});  // left out; whether it is archived shows when it is looked at
        kept.rows.push_back(maker_.make(event));
        ++at;
    }
    const std::uint64_t next = reply.end() ? end : std::min(end, std::max(reply.next(), at));
    for (; at < next; ++at) kept.rows.push_back({at, 0, nullptr, {}, parts::Tone::bad});
    forget_some(page);
    if (at > first) emit came(first, at);
    // A page may be larger than one answer. An answer without anything is not asked for again, or it would be for ever.
    if (at > first && at < end) want(page);
}

void PageCache::forget_some(std::uint64_t but) {
    while (pages_.size() > kMostPages) {
        auto oldest = pages_.end();
        for (auto at = pages_.begin(); at != pages_.end(); ++at)
            if (at->first != but && (oldest == pages_.end() || at->second.used < oldest->second.used)) oldest = at;
        pages_.erase(oldest);
    }
}

void PageCache::stop() {
    stopped_ = true;
    wanted_.clear();
}

void PageCache::clear() {
    ++round_;
    asking_ = false;
    wanted_.clear();
    pages_.clear();
    archived_ = 0;
}

}  // namespace ui::log

#include "ui/log/finder.h"

#include <algorithm>

namespace ui::log {
namespace {

constexpr std::uint32_t kLimit = 200;  ///< of one request

}  // namespace

Finder::Finder(Source source, RowMaker& rows, QObject* parent) : QObject(parent), source_(std::move(source)), maker_(rows) {}

void Finder::begin(pb::AuditFilter filter) {
    stop();
    ++round_;
    filter_ = std::move(filter);
    found_.clear();
    fresh_.clear();
    back_to_.reset();
    end_ = false;
    looking_up_ = false;
    size_ = archived_ = top_ = wanted_ = 0;
    goal_ = 0;
    more();
}

void Finder::more() {
    if (looking_ || end_) return;
    goal_ = found_.size() + kBatch;
    stopped_ = false;
    set_looking(true);
    ask();
}

void Finder::ask() {
    pb::AuditList request;
    request.set_newest(true);
    request.set_limit(kLimit);
    request.set_before(back_to_.value_or(0));
    *request.mutable_filter() = filter_;
    ticket_ = source_.ask(this, request, [this, round = round_](base::Result<pb::AuditListReply> reply) {
        if (round != round_ || !looking_) return;
        ticket_ = 0;
        if (!reply) {
            stopped_ = true;
            set_looking(false);
            emit failed(reply.error());
            return;
        }
        if (!back_to_) size_ = top_ = wanted_ = reply->size();
        archived_ = reply->archived();
        back_to_ = reply->next();
        end_ = reply->end() || reply->next() == 0;
        if (!reply->events().empty()) {
            const int first = static_cast<int>(found_.size());
            emit about_to_find(first, first + reply->events_size() - 1);
            for (auto at = reply->events().rbegin(); at != reply->events().rend(); ++at) found_.push_back(maker_.make(*at));
            emit has_found();
        }
        if (end_ || found_.size() >= goal_) return set_looking(false);
        emit changed();
        ask();
    });
}

void Finder::stop() {
    if (!looking_) return;
    looking_ = false;  // first: to cancel answers at once
    stopped_ = true;
    const auto ticket = std::exchange(ticket_, 0);
    if (ticket != 0) source_.cancel(ticket);
    emit changed();
}

void Finder::set_looking(bool looking) {
    looking_ = looking;
    emit changed();
}

void Finder::look_for_new(std::uint64_t size) {
    if (!back_to_ || size <= wanted_) return;
    wanted_ = size;
    if (!looking_up_) ask_for_new();
}

void Finder::ask_for_new() {
    looking_up_ = true;
    pb::AuditList request;
    request.set_first(top_);
    request.set_limit(kLimit);
    *request.mutable_filter() = filter_;
    source_.ask(this, request, [this, round = round_](base::Result<pb::AuditListReply> reply) {
        if (round != round_) return;
        looking_up_ = false;
        if (!reply) return;  // asked again with the next event
        for (const pb::AuditEvent& event : reply->events())
            if (event.index() >= top_) fresh_.push_back(maker_.make(event));
        top_ = reply->end() ? std::max(top_, reply->size()) : std::max(top_, reply->next());
        wanted_ = std::max(wanted_, reply->size());
        if (!reply->events().empty()) emit changed();
        if (!reply->end()) ask_for_new();
    });
}

std::size_t Finder::take_fresh() {
    const std::size_t n = fresh_.size();
    for (Row& row : fresh_) found_.push_front(std::move(row));
    fresh_.clear();
    return n;
}

}  // namespace ui::log

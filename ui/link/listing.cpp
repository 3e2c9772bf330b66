#include "ui/link/listing.h"

#include "ui/link/link.h"

namespace ui::link {
namespace {

constexpr std::chrono::milliseconds kOldest{60'000};  ///< some of it changes by time alone: caps begin anew

}  // namespace

Listing::Listing(Link& link, pb::AdminRequest request) : QObject(&link), link_(link), request_(std::move(request)) {
    connect(&link_, &Link::done_something, this, [this] { stale_ = true; });
    connect(&link_, &Link::state_changed, this, [this] { stale_ = true; });
    connect(&link_, &Link::auditor_changed, this, [this] { stale_ = true; });
    // A status is as old as a second: what others did in it shows in the next one.
    connect(&link_, &Link::status_changed, this, [this] {
        if (std::exchange(trusted_, false) && !is_fresh()) want();
    });
}

bool Listing::is_fresh() const { return is_known() && !stale_ && log_size_ == link_.status().log_size() && !asked_.hasExpired(kOldest.count()); }

void Listing::want() {
    if (reading_) {
        wanted_ = wanted_ || stale_;
        return;
    }
    if (!is_fresh()) return begin();
    trusted_ = true;
}

void Listing::read(QObject* owner, std::function<void(const base::Status&)> then) {
    next_.push_back({owner, std::move(then)});
    if (!reading_) begin();
}

void Listing::begin() {
    reading_ = true;
    stale_ = wanted_ = trusted_ = false;
    log_size_ = link_.status().log_size();
    asked_.start();
    now_ = std::move(next_);
    next_.clear();
    clear();
    emit began();
    const auto each = [this](const pb::AdminReply& reply) {
        take(reply);
        emit part(reply);
    };
    link_.read(
        this, request_,
        [this, each](base::Result<pb::AdminReply> last) {
            if (!last) return end(last.error());
            each(*last);
            keep();
            ++readings_;
            end({});
        },
        each);
}

void Listing::end(const base::Status& how) {
    reading_ = false;
    if (!how) stale_ = true;
    const std::vector<Waiting> waited = std::exchange(now_, {});
    if (how) emit came();
    else emit failed(how.error());
    for (const Waiting& w : waited)
        if (w.owner) w.then(how);
    if (!reading_ && (!next_.empty() || (how && wanted_))) begin();
}

}  // namespace ui::link

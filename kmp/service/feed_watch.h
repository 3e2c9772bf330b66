#pragma once
#include <string>
#include <vector>

#include "audit/event.h"
#include "kmp/service/books.h"
#include "kmp/service/feed.h"
#include "kmp/service/warning.h"

namespace kmp::service {

/// What of the feed's state belongs into the log; looked at once a second, from outside, because a feed whose folder hangs cannot tell. Thread: one.
class FeedWatch {
public:
    /// What has changed since the last look.
    std::vector<audit::Event> look(const FeedState& now);

private:
    std::string problem_;
    std::string series_;
};

/// Why this machine must not serve any more; empty: nobody has taken over. Whoever can write to the folder can put something there, but only a master-control UKEY of this house signs for a
/// platform UKEY, and one that this log knows has not taken over from it.
std::string taken_over(Books& books, const FeedState& state);

/// What an administrator should see to.
std::vector<Warning> feed_warnings(const FeedState& state, const FeedLag& lag, const std::string& folder);

}  // namespace kmp::service

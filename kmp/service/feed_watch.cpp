#include "kmp/service/feed_watch.h"

#include <spdlog/spdlog.h>

#include "audit/replay.h"
#include "base/words.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;

constexpr base::Millis kLate = 30 * base::kSecond;

}  // namespace

std::vector<Event> FeedWatch::look(const FeedState& now) {
    std::vector<Event> out;
    if (problem_.empty() && !now.problem.empty()) {
        spdlog::warn("the feed of the standby has stopped: {}; orders go on, and so does the feed once that is mended", now.problem);
        out.push_back(std::move(Event(EventType::standby_stopped).text(Field::reason, now.problem)));
    } else if (!problem_.empty() && now.problem.empty()) {
        spdlog::info("the feed of the standby goes on");
        out.push_back(std::move(Event(EventType::standby_resumed).text(Field::detail, "after: " + problem_)));
    }
    problem_ = now.problem;
    if (now.whole && now.series != series_) {
        series_ = now.series;
        spdlog::info("a standby can take over from {}", series_);
        out.push_back(std::move(Event(EventType::standby_began).number(Field::size, now.events).text(Field::detail, "in " + series_)));
    }
    return out;
}

std::string taken_over(Books& books, const FeedState& state) {
    if (!state.successor) return {};
    const standby::Successor& s = *state.successor;
    const auto serial = base::UkeySerial::parse(s.platform);
    if (!serial || books.registry.find(*serial) != nullptr) return {};
    const base::Bytes statement = audit::platform_statement(books.house.origin, s.platform, s.checkpoint_key, s.events, s.root);
    if (!books.house.signed_by_master("platform", statement, s.signature)) return {};
    return "a second machine has taken over with platform UKEY " + s.platform + ": two must not sell from one log, so this one ends here";
}

std::vector<Warning> feed_warnings(const FeedState& state, const FeedLag& lag, const std::string& folder) {
    std::vector<Warning> out;
    if (!state.problem.empty()) out.push_back({"the feed of the standby has stopped: " + state.problem, Warning::Of::STANDBY_STOPPED});
    else if (!state.whole) out.push_back({"no standby can take over yet: the base is being copied to " + folder, Warning::Of::STANDBY_COPYING});
    else if (lag.time > kLate) out.push_back({"the standby is " + base::counted(static_cast<std::uint64_t>(lag.time / base::kSecond), "second") + " behind: see to what carries " + folder, Warning::Of::STANDBY_LATE});
    return out;
}

}  // namespace kmp::service

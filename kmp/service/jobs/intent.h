#pragma once
#include "kmp/service/job.h"

namespace kmp::service {

/// What stands in the log before a token is touched, until it is known how that ended. A service that ended in between concludes it
/// as "unknown" when it is unsealed again (opening.cpp).
class Intent {
public:
    /// Rows that must commit together with what is written.
    using Rows = std::function<base::Status(store::Transaction&)>;

    /// Durable on return. `event` is an intent_opened with what is to happen; `what` says it in a few words.
    static base::Result<Intent> open(Job& job, Books& books, audit::Event event, const base::UkeySerial& ukey, std::string what, const Rows& rows = {});

    std::uint64_t number() const noexcept { return number_; }

    /// It was done: with the events and the rows of that.
    base::Result<audit::Receipt> succeed(std::vector<audit::Event> events, const Rows& rows) const;
    /// It was not, or nobody knows: the reason goes into the log, after `events`. Returns what to answer: `why`, or that the log
    /// could not be written.
    base::Error fail(const base::Error& why, audit::Outcome outcome, std::vector<audit::Event> events = {}, const Rows& rows = {}) const;
    /// How a single step on a token ended that failed like this: undone, or unknown where the token may have done it.
    static audit::Outcome outcome_of_step(const base::Error& why) noexcept;

private:
    Intent(Books& books, base::UkeySerial ukey, std::uint64_t number) : books_(books), ukey_(std::move(ukey)), number_(number) {}
    base::Result<audit::Receipt> conclude(audit::Event concluded, std::vector<audit::Event> events, const Rows& rows) const;
    Books& books_;
    base::UkeySerial ukey_;
    std::uint64_t number_;
};

}  // namespace kmp::service

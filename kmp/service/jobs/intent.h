#pragma once
#include "kmp/service/job.h"

namespace kmp::service {

/// What stands in the log before a token is touched, until it is known how that ended. A service that ended in between concludes it
/// as "unknown" when it is unsealed again (opening.cpp).
class Intent {
public:
    /// Rows that must commit together with what is written. Those of a conclusion may be written later: they hold what they need.
    using Rows = std::function<base::Status(store::Transaction&)>;

    /// Durable on return. `event` is an intent_opened with what is to happen; `what` says it in a few words.
    static base::Result<Intent> open(Job& job, Books& books, audit::Event event, const base::UkeySerial& ukey, std::string what, const Rows& rows = {});

    std::uint64_t number() const noexcept { return number_; }

    /// It was done: with the events and the rows of that. When they cannot be written, the intent is still open: `fail` concludes it.
    base::Result<audit::Receipt> succeed(std::vector<audit::Event> events, const Rows& rows) const;
    /// The same as the last step of the work: when it cannot be written, the intent is concluded as `unknown`, for the token was changed.
    base::Result<audit::Receipt> finish(std::vector<audit::Event> events, const Rows& rows) const;
    /// What is written together with an entry of the caller's: that it was done.
    void conclude_in(Entry& entry) const;
    /// It was not, or nobody knows: the reason goes into the log, after `events`. Returns what to answer: `why`, or that the log
    /// could not be written; the conclusion is owed then (Service::owe), and written before anything else as soon as it can be.
    base::Error fail(const base::Error& why, audit::Outcome outcome, std::vector<audit::Event> events = {}, const Rows& rows = {}) const;
    /// How a single step on a token ended that failed like this: undone, or unknown where the token may have done it.
    static audit::Outcome outcome_of_step(const base::Error& why) noexcept;
    /// What an officer does when the service ended during such work: `what` as the intent was opened with.
    static std::string advice(std::string_view what, const std::string& ukey);

    static constexpr std::string_view kIssue = "issue";
    static constexpr std::string_view kRenew = "renew";
    static constexpr std::string_view kInject = "give masters to";
    static constexpr std::string_view kSetPin = "change the PIN of";

private:
    Intent(Service& service, Books& books, Peer peer, base::UkeySerial ukey, std::uint64_t number)
        : service_(service), books_(books), peer_(std::move(peer)), ukey_(std::move(ukey)), number_(number) {}
    Entry conclusion(audit::Event concluded, std::vector<audit::Event> events, const Rows& rows) const;
    audit::Event done() const;
    Service& service_;
    Books& books_;
    Peer peer_;  ///< whose work it is
    base::UkeySerial ukey_;
    std::uint64_t number_;
};

}  // namespace kmp::service

#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audit/event.h"
#include "audit/ledger.h"

namespace audit {

/// Holds the orders that were signed against what meters show: statuses and write-backs in the log that are genuine, and a meter reading round.
/// Memory grows with the meters, and with the orders that nothing has shown as credited.
class WriteBacks {
public:
    /// An order that no genuine report has shown as credited since.
    struct NotShown {
        base::Uuid order;
        std::string station;
        std::uint64_t meter = 0;
        std::uint64_t count = 0;
        model::Fen amount;
        base::Millis signed_at = 0;
        std::uint64_t index = 0;
        bool by_card = false;
        bool wallet_ended = false;  ///< its meter's wallet began anew since: nothing can show it any more
        bool read = false;          ///< a reading later than the order does not have it either
    };
    /// What a meter shows that the log does not explain.
    struct Contradiction {
        enum class Kind : std::uint8_t { reported, count_back, more_than_signed, credited, balance };
        Kind what;
        std::uint64_t meter = 0;
        std::optional<std::uint64_t> index;  ///< record; none: a reading
        std::string message;                 ///< what is so, and what to do; one line
    };
    struct Result {
        std::vector<NotShown> not_shown;          ///< oldest first
        std::vector<Contradiction> contradictions;
        std::uint64_t meters_read = 0;            ///< of the readings
        base::Millis until = 0;                   ///< the newest record
        bool clean() const noexcept { return contradictions.empty(); }
    };

    WriteBacks(const std::vector<MeterReading>& readings, const UtilityTime& time, bool whole_log);

    /// An order; `judged`: whether to tell of it when it is never shown.
    void ordered(const Record& r, const base::Uuid& id, model::OrderKind kind, base::Millis at, bool judged);
    void voided(const Record& r, const base::Uuid& id, model::OrderKind kind);
    /// A status_checked or card_reported; `judged`: of the period.
    void shown(const Record& r, bool judged);
    void restored() noexcept { restored_ = true; }
    Result finish(base::Millis newest);

private:
    struct Line {
        std::uint64_t highest = 0;          ///< purchase count given out and not voided, in this wallet
        std::optional<std::uint64_t> last;  ///< shown by a genuine status, in this wallet
        base::Millis last_at = 0;           ///< when that was
        bool whole = false;                 ///< its wallet began in this log
        std::vector<NotShown> waiting;      ///< by count
        const MeterReading* reading = nullptr;
        std::int64_t credited = 0;          ///< fen signed up to the reading's count, in this wallet
    };
    void judge_reading(std::uint64_t meter, Line& line);
    void contradict(Contradiction::Kind what, std::uint64_t meter, std::optional<std::uint64_t> index, std::string message) { out_.contradictions.push_back({what, meter, index, std::move(message)}); }

    UtilityTime time_;
    bool whole_log_;
    bool restored_ = false;
    std::unordered_map<std::uint64_t, Line> lines_;
    Result out_;
};
std::string_view name(WriteBacks::Contradiction::Kind kind) noexcept;

}  // namespace audit

#pragma once
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "audit/event.h"
#include "audit/reconcile.h"
#include "audit/utility_time.h"
#include "audit/verifier.h"

namespace audit {

/// One cell of a report: words, a number, money or a time.
struct Cell {
    struct Time {
        base::Millis at;
    };
    std::variant<std::string, std::uint64_t, model::Fen, Time> value;
    /// As a person reads it: "1,204", "60,310.00", "14:42:07" on the report's day and with its date on another.
    std::string text(const UtilityTime& time, const Period& day) const;
    bool is_number() const noexcept { return std::holds_alternative<std::uint64_t>(value) || std::holds_alternative<model::Fen>(value); }
};

/// A table, or "none".
struct Section {
    struct Column {
        std::string key;    ///< in JSON
        std::string title;
        unsigned weight;    ///< of the page's width
        bool number = false;
    };
    std::string key;
    std::string title;
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;
    bool has_sum = false;   ///< the last row is one
};

/// A figure that is read before any table.
struct KeyFigure {
    std::string key;
    std::string title;
    Cell cell;
    bool alarming = false;  ///< something that ought to be zero is not
};

/// What a log says of one day of the utility.
struct DayReport {
    std::string date;
    Period day;
    UtilityTime time;
    std::string origin;
    std::string utility;
    base::Millis newest = 0;         ///< record of the log: where it is before the day's end, the day is not over
    std::uint64_t events = 0;        ///< recorded on the day
    std::vector<KeyFigure> figures;
    std::vector<Section> sections;
};

/// Gathers them. Sales count on the day that they were permitted, as their caps do; everything else on the day it was recorded, so that each event is
/// in one report and none is in none. Requests and holds are those that were open when the day ended. Memory grows with the day, not with the log.
class DayFigures {
public:
    DayFigures(const UtilityTime& time, const Period& day) : time_(time), day_(day) {}

    /// Every record of the log in its order.
    void record(const Record& record);
    DayReport finish();

private:
    struct Request {
        base::Millis made = 0;
        base::Millis until = 0;
        std::uint32_t generation = 0;
        std::string what;
        std::string by;
        std::uint64_t agree = 0;
        std::uint64_t against = 0;
    };
    struct Pins {
        std::uint64_t wrong = 0;
        std::uint64_t locks = 0;
        base::Millis last = 0;
    };
    struct Sales {
        Sums sums;
        std::uint64_t refused = 0;
    };
    void sold(const Record& r);
    void follow(const Record& r);
    void note(const Record& r);
    void line(std::vector<std::vector<Cell>>& rows, const Record& r, std::initializer_list<Cell> cells);
    void in_words(std::vector<std::vector<Cell>>& rows, const Record& r);
    void refused(const Record& r, std::uint64_t times);
    void state_changed(const Record& r);
    Section sales() const;
    Section pins() const;
    Section denials() const;
    Section requests() const;
    Section holds() const;

    UtilityTime time_;
    Period day_;
    DayReport out_;
    std::map<std::string, Sales> sales_;
    std::map<std::string, Pins> pins_;
    std::map<std::vector<std::string>, std::uint64_t> denials_;  ///< by station, what and rule
    std::map<std::uint64_t, Request> requests_;
    std::map<std::string, base::Millis> held_;  ///< since when
    std::vector<std::vector<Cell>> voids_, issued_, changes_, held_lines_, alarms_, service_;
    std::uint64_t refused_orders_ = 0, denied_ = 0;
};

/// A day's figures, and what they rest on: all that stands on the page.
struct DayReportPage {
    DayReport report;
    Verdict verdict;
    std::optional<std::uint64_t> known_size;  ///< of the earlier checkpoint that it was verified against
    std::string checkpoint;                   ///< the signed note at the log's end

    /// The day began before the first record that was there: what is missing is archived, or in another export.
    bool lacks_its_beginning() const noexcept { return verdict.first > 0 && verdict.first_time > report.day.from; }
};
/// The same figures for programs: one JSON document.
std::string in_json(const DayReportPage& page);

}  // namespace audit

#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audit/event.h"
#include "audit/ledger.h"
#include "audit/utility_time.h"
#include "audit/write_backs.h"
#include "model/sums.h"

namespace audit {

using model::Sums;
struct BothSides {
    Sums ledger;
    Sums log;
};

/// One thing in which the ledger and the log do not agree.
struct Difference {
    enum class Kind : std::uint8_t {
        missing,         ///< in the ledger, and nobody signed it
        extra,           ///< signed, and not in the ledger
        amount, meter, station, kind, ukey,  ///< in both, with another one
        duplicate,       ///< once more in the ledger
        voided_in_log,   ///< the ledger has it as sold
        voided_in_ledger,  ///< the log has it as sold
        other_period,    ///< in the ledger of this period; signed in another
        signed_twice,    ///< once more in the log
    };
    Kind what;
    std::optional<base::Uuid> order;
    std::string station;
    std::uint64_t meter = 0;
    std::string place;                      ///< in the ledger: "orders.csv line 7"; empty: not there
    std::optional<std::uint64_t> index;     ///< record of the log
    std::optional<base::Millis> signed_at;
    std::optional<model::Fen> ledger_amount;
    std::optional<model::Fen> log_amount;
    std::string message;                    ///< what is so, and what to do; one line
};
std::string_view name(Difference::Kind kind) noexcept;

struct ReconcileOptions {
    Period period;                   ///< by an order's own time, as the caps of its day count it
    std::set<std::string> stations;  ///< only these; empty: all
    bool whole_log = true;           ///< false: records before the first were not seen
};

struct Reconciled {
    std::vector<Difference> differences;  ///< in the order of the ledger, then of the log
    BothSides all;
    std::map<std::string, BothSides> stations;
    std::map<std::string, BothSides> days;     ///< "2026-11-22"; "" for rows that name no time and that nobody signed
    std::map<std::string, BothSides> ukeys;    ///< "" for rows that name none and that nobody signed
    std::uint64_t ledger_rows = 0;        ///< of the period and the stations
    std::uint64_t ledger_beyond = 0;      ///< rows of other periods or stations, not judged
    std::uint64_t matched = 0;
    std::uint64_t other_day = 0;          ///< matched, but booked on another day than they were signed
    std::uint64_t without_money = 0;      ///< replaced cards and empty wallets that the log alone has: no ledger needs to
    std::set<std::string> only_in_log;    ///< stations that the ledger never names
    std::vector<base::Millis> restored;   ///< when the log was restored from a backup: it may lack the newest orders of before
    WriteBacks::Result write_backs;

    /// No difference, and nothing that meters show speaks against the log. What is merely not shown yet does not count.
    bool agrees() const noexcept { return differences.empty() && write_backs.clean(); }
};

/// Holds a vending system's ledger against the orders that were signed. Memory grows with the ledger, with what differs and with the meters;
/// not with the log.
class Reconciliation {
public:
    Reconciliation(const Ledger& ledger, const std::vector<MeterReading>& readings, const UtilityTime& time, ReconcileOptions options);
    ~Reconciliation();

    /// Every record of the log in its order.
    void record(const Record& record);
    /// After the last one.
    Reconciled finish();

private:
    /// An order as the log has it.
    struct Signed {
        std::uint64_t index = 0;
        base::Millis time = 0;
        base::Uuid id;
        std::uint32_t station = 0;  ///< of names_
        std::uint32_t ukey = 0;
        std::uint64_t meter = 0;
        model::Fen amount;
        model::OrderKind kind{};
        bool voided = false;
    };
    struct RowState {
        std::optional<std::uint32_t> order;  ///< of signed_
        std::optional<std::uint32_t> first;  ///< row with the same order, of which this is a duplicate
        std::optional<std::uint64_t> repeated;  ///< record in which it was answered again, where its order was not seen
    };
    struct Place {
        base::Uuid id;
        std::uint32_t row;
    };

    std::uint32_t intern(std::string_view name);
    const std::string& text(std::uint32_t name) const { return *names_[name]; }
    std::optional<std::uint32_t> row_of(const base::Uuid& id, std::string_view station) const;
    const LedgerRow* of_another_station(const LedgerRow& row) const;
    bool in_ledger(const base::Uuid& id) const;
    bool wanted(std::string_view station) const { return options_.stations.empty() || options_.stations.contains(std::string(station)); }
    static base::Uuid id_of(const Record& r);
    Signed order_of(const Record& r);
    void ordered(const Record& r);
    void voided(const Record& r);
    void repeated(const Record& r);
    Signed* find(const base::Uuid& id, std::string_view station);

    void settle_strays();
    void judge(std::uint32_t row);
    void judge_pair(const LedgerRow& row, const Signed& order);
    void judge_extra(const Signed& order);
    Difference about(Difference::Kind what, const LedgerRow* row, const Signed* order, std::string message) const;
    void add(Difference difference) { out_.differences.push_back(std::move(difference)); }
    void count_ledger(const LedgerRow& row, const Signed* order);
    void count_log(const Signed& order);
    std::string when(base::Millis time) const { return time_.text(time); }

    const Ledger& ledger_;
    UtilityTime time_;
    ReconcileOptions options_;
    std::vector<Place> places_;     ///< of the ledger's rows, by order id
    std::vector<RowState> states_;  ///< of the ledger's rows
    std::vector<Signed> signed_;    ///< matched, stray or extra
    std::vector<std::uint32_t> strays_;  ///< of signed_: their id is in the ledger, with another station
    struct Hash {
        std::size_t operator()(const base::Uuid& id) const noexcept;
    };
    std::unordered_multimap<base::Uuid, std::uint32_t, Hash> extras_;  ///< of signed_: not in the ledger
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::vector<const std::string*> names_;
    WriteBacks write_backs_;
    std::optional<base::Millis> oldest_;  ///< of the records seen
    base::Millis newest_ = 0;
    Reconciled out_;
};

}  // namespace audit

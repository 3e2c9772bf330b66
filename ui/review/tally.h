#pragma once
#include <QDate>
#include <QString>
#include <map>
#include <vector>

#include "model/sums.h"
#include "ui/link/link.h"
#include "ui/review/utility.h"

class QJsonObject;

namespace ui::review {

/// UKEYs in one bin of days.
struct Issued {
    std::uint64_t issued = 0;
    std::uint64_t revoked = 0;
};

/// Counts events of a period by days of the utility. Longer periods are counted by weeks or months, so that a chart of them can be read. Memory grows with days, stations and codes, not with events.
class Tally {
public:
    Tally() = default;
    /// Both days are counted.
    Tally(const Utility& utility, QDate from, QDate until);

    void add(const link::pb::AuditEvent& event);

    enum class Step { day, week, month };
    Step step() const noexcept { return step_; }
    /// First days of the bins.
    const std::vector<QDate>& bins() const noexcept { return bins_; }
    const std::vector<Issued>& issued() const noexcept { return issued_; }
    /// By station, as the daily report counts: a sale on the day that it was permitted, a void with its order.
    const std::map<QString, model::Sums>& sales() const noexcept { return sales_; }
    /// By code, then by bin.
    const std::map<QString, std::vector<std::uint64_t>>& denials() const noexcept { return denials_; }
    QDate from() const noexcept { return from_; }
    QDate until() const noexcept { return until_; }

    /// Types of events that it counts.
    static const std::vector<std::string>& types();

private:
    int bin_of(QDate day) const;
    void sold(const QJsonObject& fields, base::Millis time, bool voids);

    Utility utility_;
    QDate from_, until_;
    Step step_ = Step::day;
    std::vector<QDate> bins_;
    std::vector<Issued> issued_;
    std::map<QString, model::Sums> sales_;
    std::map<QString, std::vector<std::uint64_t>> denials_;
};

}  // namespace ui::review

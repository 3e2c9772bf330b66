#include "ui/review/tally.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

#include "model/operation.h"

namespace ui::review {
namespace {

constexpr int kMostBars = 31;

base::Millis time_of(const QJsonObject& fields, const QString& name, base::Millis otherwise) {
    const QDateTime at = QDateTime::fromString(fields[name].toString(), Qt::ISODateWithMs);
    return at.isValid() ? at.toMSecsSinceEpoch() : otherwise;
}

/// Whether an order takes credit out of a meter. A kind or operation that this window does not know does not.
bool gives_back(const QJsonObject& fields) {
    const std::string kind = fields[fields.contains(QStringLiteral("order_kind")) ? QStringLiteral("order_kind") : QStringLiteral("operation")].toString().toStdString();
    for (std::uint64_t n = 1;; ++n) {
        const auto known = model::order_kind_from(n);
        if (!known) return false;
        if (model::name(*known) == kind) return model::gives_back(*known);
    }
}

}  // namespace

Tally::Tally(const Utility& utility, QDate from, QDate until) : utility_(utility), from_(from), until_(until) {
    const qint64 days = from.daysTo(until) + 1;
    step_ = days <= kMostBars ? Step::day : days <= 7 * kMostBars ? Step::week : Step::month;
    for (QDate at = step_ == Step::month ? QDate(from.year(), from.month(), 1) : from; at <= until; at = step_ == Step::day ? at.addDays(1) : step_ == Step::week ? at.addDays(7) : at.addMonths(1)) bins_.push_back(at);
    issued_.resize(bins_.size());
}

const std::vector<std::string>& Tally::types() {
    static const std::vector<std::string> all{"ukey_issued", "ukey_state_changed", "order", "order_voided", "order_refused", "denied", "denials_coalesced", "session_refused"};
    return all;
}

int Tally::bin_of(QDate day) const {
    if (day < from_ || day > until_) return -1;
    return static_cast<int>(std::ranges::upper_bound(bins_, day) - bins_.begin()) - 1;
}

void Tally::sold(const QJsonObject& fields, base::Millis time, bool voids) {
    const QDate day = utility_.day_of(time_of(fields, voids ? QStringLiteral("made_at") : QStringLiteral("happened_at"), time));
    if (bin_of(day) < 0) return;
    model::Sums& s = sales_[fields[QStringLiteral("station")].toString()];
    const std::int64_t amount = fields[QStringLiteral("amount")].toInteger();
    if (voids) s.take_back(gives_back(fields), amount);
    else s.sell(gives_back(fields), amount);
}

void Tally::add(const link::pb::AuditEvent& event) {
    const QJsonObject fields = QJsonDocument::fromJson(QByteArray::fromStdString(event.json())).object();
    const std::string& type = event.type();
    if (type == "order" || type == "order_voided") return sold(fields, event.time_ms(), type == "order_voided");
    const int bin = bin_of(utility_.day_of(event.time_ms()));
    if (bin < 0) return;
    const auto at = static_cast<std::size_t>(bin);
    if (type == "ukey_issued") {
        ++issued_[at].issued;
    } else if (type == "ukey_state_changed") {
        if (fields[QStringLiteral("action")].toString() == QStringLiteral("revoke")) ++issued_[at].revoked;
    } else if (std::ranges::find(types(), type) != types().end()) {
        QString code = fields[QStringLiteral("code")].toString();
        if (code.isEmpty()) code = fields[QStringLiteral("rule")].toString();
        auto& counts = denials_[code];
        counts.resize(bins_.size());
        counts[at] += type == "denials_coalesced" ? static_cast<std::uint64_t>(fields[QStringLiteral("denials")].toInteger()) : 1;
    }
}

}  // namespace ui::review

#include "ui/review/utility.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>

namespace ui::review {
namespace {

const QDate kEpoch(1970, 1, 1);

/// "+08:00", "-03:30".
int minutes_of(const QString& offset) {
    if (offset.size() != 6) return 0;
    const int minutes = offset.mid(1, 2).toInt() * 60 + offset.mid(4, 2).toInt();
    return offset.front() == u'-' ? -minutes : minutes;
}

}  // namespace

Utility Utility::of(base::Millis time, const std::string& json) {
    const QJsonObject fields = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    return {fields[QStringLiteral("utility")].toString(), minutes_of(fields[QStringLiteral("day_offset")].toString()), time};
}

QDate Utility::day_of(base::Millis time) const {
    const base::Millis there = time + offset_minutes * base::kMinute;
    return kEpoch.addDays((there >= 0 ? there : there - base::kDay + 1) / base::kDay);
}

base::Millis Utility::start(QDate day) const { return kEpoch.daysTo(day) * base::kDay - offset_minutes * base::kMinute; }

QString Utility::zone() const {
    const int all = std::abs(offset_minutes);
    return QStringLiteral("UTC%1%2:%3").arg(offset_minutes < 0 ? QLatin1Char('-') : QLatin1Char('+')).arg(all / 60, 2, 10, QLatin1Char('0')).arg(all % 60, 2, 10, QLatin1Char('0'));
}

}  // namespace ui::review

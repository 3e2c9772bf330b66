#include "ui/review/utility.h"

#include <QJsonDocument>
#include <QJsonObject>

#include "kmp/searches/filter.h"
#include "model/grant.h"
#include "ui/parts/words.h"

namespace ui::review {
namespace {

const QDate kEpoch(1970, 1, 1);

}  // namespace

Utility Utility::of(base::Millis time, const std::string& json) {
    const QJsonObject fields = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    const auto offset = kmp::searches::parse_utc_offset(parts::bytes(fields[QStringLiteral("day_offset")].toString()));
    return {fields[QStringLiteral("utility")].toString(), offset ? *offset : 0, time};
}

QDate Utility::day_of(base::Millis time) const {
    return kEpoch.addDays(model::day_of(time, offset_minutes * base::kMinute));
}

base::Millis Utility::start(QDate day) const { return kEpoch.daysTo(day) * base::kDay - offset_minutes * base::kMinute; }

QString Utility::zone() const { return QStringLiteral("UTC") + parts::utc_offset(offset_minutes); }

}  // namespace ui::review

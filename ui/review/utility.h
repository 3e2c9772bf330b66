#pragma once
#include <QDate>
#include <QString>

#include "base/clock.h"

namespace ui::review {

/// What the log's first event says of the utility, as far as days are counted by it.
struct Utility {
    QString name;
    int offset_minutes = 0;  ///< its day begins so much before that of UTC
    base::Millis begins = 0; ///< of the log

    /// From the fields of a genesis event.
    static Utility of(base::Millis time, const std::string& json);
    QDate day_of(base::Millis time) const;
    /// When a day begins.
    base::Millis start(QDate day) const;
    /// "UTC+08:00"
    QString zone() const;
};

}  // namespace ui::review

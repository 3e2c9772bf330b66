#include "ui/parts/verified.h"

#include <QCoreApplication>
#include <QSettings>

#include "ui/link/link.h"
#include "ui/parts/words.h"

namespace ui::parts {
namespace {

struct Say {
    Q_DECLARE_TR_FUNCTIONS(verified)
};

bool is_weaker(Verified::By a, Verified::By b) { return a == Verified::By::service && b != Verified::By::service; }

/// Empty: no platform is open.
QString group(const link::Link& link) {
    const std::string& platform = link.status().platform();
    return platform.empty() ? QString() : QStringLiteral("verified/") + text(platform);
}

}  // namespace

void keep_verified(const link::Link& link, const Verified& v) {
    const QString at = group(link);
    if (at.isEmpty() || (v.sound && !link.is_believed())) return;
    if (const auto last = last_verified(link); last && !last->sound && is_weaker(v.by, last->by)) return;
    QSettings settings;
    settings.setValue(at + QStringLiteral("/when"), static_cast<qlonglong>(v.when));
    settings.setValue(at + QStringLiteral("/sound"), v.sound);
    settings.setValue(at + QStringLiteral("/events"), static_cast<qulonglong>(v.events));
    settings.setValue(at + QStringLiteral("/by"), static_cast<int>(v.by));
}

std::optional<Verified> last_verified(const link::Link& link) {
    const QString at = group(link);
    const QSettings settings;
    if (at.isEmpty() || !settings.contains(at + QStringLiteral("/when"))) return std::nullopt;
    const int by = settings.value(at + QStringLiteral("/by")).toInt();
    return Verified{settings.value(at + QStringLiteral("/when")).toLongLong(), settings.value(at + QStringLiteral("/sound")).toBool(), settings.value(at + QStringLiteral("/events")).toULongLong(), by == 1 ? Verified::By::report : by == 2 ? Verified::By::file : Verified::By::service};
}

QString who_verified(Verified::By by) {
    switch (by) {
        case Verified::By::service: return Say::tr("by the service itself");
        case Verified::By::report: return Say::tr("by a daily report");
        case Verified::By::file: return Say::tr("by an export that was verified here");
    }
    return {};
}

}  // namespace ui::parts

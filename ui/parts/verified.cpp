#include "ui/parts/verified.h"

#include <QSettings>

#include "ui/link/link.h"
#include "ui/parts/words.h"

namespace ui::parts {
namespace {

/// Empty: no platform is open.
QString group(const link::Link& link) {
    const std::string& platform = link.status().platform();
    return platform.empty() ? QString() : QStringLiteral("verified/") + text(platform);
}

}  // namespace

void keep_verified(const link::Link& link, const Verified& v) {
    const QString at = group(link);
    if (at.isEmpty()) return;
    QSettings settings;
    settings.setValue(at + QStringLiteral("/when"), static_cast<qlonglong>(v.when));
    settings.setValue(at + QStringLiteral("/sound"), v.sound);
    settings.setValue(at + QStringLiteral("/events"), static_cast<qulonglong>(v.events));
}

std::optional<Verified> last_verified(const link::Link& link) {
    const QString at = group(link);
    const QSettings settings;
    if (at.isEmpty() || !settings.contains(at + QStringLiteral("/when"))) return std::nullopt;
    return Verified{settings.value(at + QStringLiteral("/when")).toLongLong(), settings.value(at + QStringLiteral("/sound")).toBool(), settings.value(at + QStringLiteral("/events")).toULongLong()};
}

}  // namespace ui::parts

#include "ui/parts/program.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace ui::parts {

QString program(const QString& name) {
    const QString beside = QCoreApplication::applicationDirPath() + QLatin1Char('/') + name;
    const QString built = qEnvironmentVariable("KMP_BIN_DIR");
    return built.isEmpty() || QFileInfo::exists(beside) ? beside : built + QLatin1Char('/') + name;
}

}  // namespace ui::parts

#pragma once
#include <QString>

namespace ui::parts {

/// Another program of the platform: it stands beside this one, or, where this one was built into a folder of its own, in the one that KMP_BIN_DIR names.
QString program(const QString& name);

}  // namespace ui::parts

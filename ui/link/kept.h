#pragma once
#include <QFuture>
#include <QString>
#include <string>

#include "ui/link/line.h"

namespace ui::link {

/// What this computer keeps of the log: the newest checkpoint that it saw, and the key that it believes.
struct Kept {
    std::string note;  ///< empty: none yet
    std::uint64_t size = 0;
    std::string key;   ///< as C2SP writes it; empty: none yet
    QString trouble;   ///< why it cannot be read; empty: it can
};
/// Read on another thread.
QFuture<Kept> read_kept(Known known);

}  // namespace ui::link

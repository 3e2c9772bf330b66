#include "ui/link/kept.h"

#include <QtConcurrent>

#include "wire/known_log.h"

namespace ui::link {

QFuture<Kept> read_kept(Known known) {
    return QtConcurrent::run([known = std::move(known)] {
        Kept out;
        const auto log = wire::KnownLog::open(known.file, known.key);
        if (!log) {
            out.trouble = QString::fromStdString(log.error().message);
            return out;
        }
        out.note = log->checkpoint();
        out.size = log->size();
        out.key = log->key();
        return out;
    });
}

}  // namespace ui::link

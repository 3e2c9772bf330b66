#pragma once
#include <QFuture>
#include <QString>
#include <functional>

#include "base/result.h"

class QWidget;

namespace ui::review {

/// Asks for a file to write, without waiting: `then` is called when one was chosen. The folder of last time is offered again.
void ask_where(QWidget* parent, const QString& title, const QString& name, const QString& filter, std::function<void(const QString& file)> then);

/// Writes a file on another thread, whole or not at all, for its owner alone.
QFuture<base::Status> save_file(const QString& file, const QByteArray& content);

}  // namespace ui::review

#pragma once
#include <QFuture>
#include <QString>
#include <functional>
#include <memory>

#include "base/result.h"

class QTemporaryDir;
class QWidget;

namespace ui::parts {

/// Asks for a file to write, without waiting: `then` is called when one was chosen. The folder of last time is offered again.
void ask_where(QWidget* parent, const QString& title, const QString& name, const QString& filter, std::function<void(const QString& file)> then);

/// Writes a file on another thread, whole or not at all, for its owner alone (base::OutputFile).
QFuture<base::Status> save_file(const QString& file, const QByteArray& content);

/// A file for another program to read, in a folder that nobody else looks into; both go with the last of these.
struct AsideFile {
    std::shared_ptr<QTemporaryDir> folder;
    QString path;
};
/// Written on another thread.
QFuture<base::Result<AsideFile>> put_aside(const QString& name, const QByteArray& content);

}  // namespace ui::parts

#include "ui/review/saved_file.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QSettings>
#include <QtConcurrent>

#include "base/fd.h"

namespace ui::review {
namespace {

const QString kFolder = QStringLiteral("reports/folder");
constexpr unsigned kOwnerOnly = 0600;

}  // namespace

void ask_where(QWidget* parent, const QString& title, const QString& name, const QString& filter, std::function<void(const QString& file)> then) {
    const QString folder = QSettings().value(kFolder, QDir::homePath()).toString();
    auto* dialog = new QFileDialog(parent, title, folder, filter);
    dialog->setObjectName(QStringLiteral("where"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QFileInfo(name).suffix());
    dialog->selectFile(name);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, [then = std::move(then)](const QString& file) {
        QSettings().setValue(kFolder, QFileInfo(file).absolutePath());
        then(file);
    });
    dialog->open();
}

QFuture<base::Status> save_file(const QString& file, const QByteArray& content) {
    return QtConcurrent::run([name = file.toStdString(), content]() -> base::Status {
        return base::write_file_atomically(name, base::as_bytes(std::string_view(content.constData(), static_cast<std::size_t>(content.size()))), kOwnerOnly);
    });
}

}  // namespace ui::review

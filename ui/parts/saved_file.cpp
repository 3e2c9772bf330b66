#include "ui/parts/saved_file.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QSettings>
#include <QTemporaryDir>
#include <QtConcurrent>

#include "base/output_file.h"

namespace ui::parts {
namespace {

const QString kFolder = QStringLiteral("reports/folder");
constexpr unsigned kOwnerOnly = 0600;

base::Status write(const QString& file, const QByteArray& content) {
    KMP_TRY(base::OutputFile out, base::OutputFile::open_file(file.toStdString(), kOwnerOnly));
    KMP_CHECK(out.add(std::string_view(content.constData(), static_cast<std::size_t>(content.size()))));
    return out.finish();
}

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
    return QtConcurrent::run([file, content] { return write(file, content); });
}

QFuture<base::Result<AsideFile>> put_aside(const QString& name, const QByteArray& content) {
    return QtConcurrent::run([name, content]() -> base::Result<AsideFile> {
        auto folder = std::make_shared<QTemporaryDir>();
        if (!folder->isValid()) return base::Error{base::Code::io_failed, "cannot make a temporary folder: " + folder->errorString().toStdString(), 0};
        const QString path = folder->filePath(name);
        KMP_CHECK(write(path, content));
        return AsideFile{std::move(folder), path};
    });
}

}  // namespace ui::parts

#include "ui/stations/certificate_field.h"

#include <QFile>
#include <QFileDialog>
#include <QFuture>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <QtConcurrent>

#include "ui/link/after.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::stations {
namespace {

constexpr qint64 kMaxCertificate = 16 * 1024;  ///< as the service takes it

}  // namespace

QString problem_with_certificate(const QByteArray& content) {
    if (content.isEmpty()) return CertificateField::tr("The file is empty, or it cannot be read.");
    if (content.contains("PRIVATE KEY")) return CertificateField::tr("The file holds a private key, which is nobody's business here. Choose a file with the certificate alone.");
    if (content.size() > kMaxCertificate) return CertificateField::tr("The file is too large for a certificate.");
    return {};
}

CertificateField::CertificateField(QWidget* parent) : QWidget(parent), file_(new QLineEdit(this)), about_(new QLabel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    auto* line = new QHBoxLayout;
    file_->setReadOnly(true);
    file_->setPlaceholderText(tr("none: by password"));
    file_->setAccessibleName(tr("File of the certificate"));
    auto* choose = new QPushButton(tr("&Choose …"), this);
    choose->setAutoDefault(false);
    line->addWidget(file_, 1);
    line->addWidget(choose);
    about_->setWordWrap(true);
    about_->hide();
    column->addLayout(line);
    column->addWidget(about_);
    connect(choose, &QPushButton::clicked, this, [this] {
        auto* dialog = new QFileDialog(this, tr("The station's certificate"), {}, tr("Certificates (*.pem *.crt *.cer *.der);;All files (*)"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::ExistingFile);
        connect(dialog, &QFileDialog::fileSelected, this, &CertificateField::read);
        dialog->open();
    });
}

void CertificateField::read(const QString& file) {
    link::after(QtConcurrent::run([file] {
        QFile in(file);
        return in.open(QIODevice::ReadOnly) ? in.read(kMaxCertificate + 1) : QByteArray();
    }), this, [this, file](const QByteArray& content) { take(content, file); });
}

void CertificateField::take(const QByteArray& content, const QString& file) {
    problem_ = problem_with_certificate(content);
    certificate_ = problem_.isEmpty() ? content.toStdString() : std::string();
    file_->setText(file);
    about_->setText(problem_);
    about_->setVisible(!problem_.isEmpty());
    parts::set_tone(*about_, parts::Tone::bad);
    emit changed();
}

}  // namespace ui::stations

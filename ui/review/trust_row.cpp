#include "ui/review/trust_row.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>
#include <QToolButton>

#include "ui/parts/theme.h"

namespace ui::review {
namespace {

const QString kKey = QStringLiteral("reports/anchor");

QString kept() { return QSettings().value(kKey).toString(); }

}  // namespace

TrustRow::TrustRow(QWidget* parent) : QWidget(parent), file_(new QLabel(this)), choose_(new QToolButton(this)), forget_(new QToolButton(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    file_->setWordWrap(true);
    file_->setTextFormat(Qt::PlainText);
    parts::set_tone(*file_, parts::Tone::muted);
    choose_->setText(tr("Choose the trust anchor …"));
    choose_->setToolTip(tr("The certificate of the master-control UKEY, as the ceremony gave it to you: a PEM file"));
    forget_->setText(tr("Forget"));
    forget_->setAccessibleName(tr("Forget the trust anchor"));
    row->addWidget(file_, 1);
    row->addWidget(choose_);
    row->addWidget(forget_);
    connect(choose_, &QToolButton::clicked, this, &TrustRow::choose);
    connect(forget_, &QToolButton::clicked, this, [this] {
        QSettings().remove(kKey);
        look();
    });
    look();
}

QStringList TrustRow::options() { return kept().isEmpty() ? QStringList() : QStringList{QStringLiteral("--certificate"), kept()}; }

void TrustRow::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    look();
}

void TrustRow::look() {
    const QString file = kept();
    file_->setText(file.isEmpty() ? tr("Will be held against the trust anchor in the log itself; that of the ceremony proves more.") : tr("Will be held against the trust anchor %1").arg(QFileInfo(file).fileName()));
    file_->setToolTip(file);
    forget_->setVisible(!file.isEmpty());
    emit changed();
}

void TrustRow::choose() {
    auto* dialog = new QFileDialog(this, tr("Trust anchor"), {}, tr("Certificates (*.pem *.crt);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        QSettings().setValue(kKey, file);
        look();
    });
    dialog->open();
}

}  // namespace ui::review

#include "ui/parts/deed_dialog.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/parts/offer.h"
#include "ui/parts/theme.h"

namespace ui::parts {

DeedDialog::DeedDialog(link::Link& link, Deed deed, QWidget* parent) : QDialog(parent), form_(new DeedForm(link, this)), choice_(new QWidget(this)), fields_(new QFormLayout(choice_)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowModality(Qt::WindowModal);
    setWindowTitle(deed.title);
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    auto* heading = new QLabel(deed.title, this);
    heading->setWordWrap(true);
    make_heading(*heading, 2);
    column->addWidget(heading);
    fields_->setContentsMargins(0, 0, 0, 0);
    choice_->hide();
    column->addWidget(choice_);
    column->addWidget(form_, 1);
    auto* buttons = new QDialogButtonBox(this);
    close_ = buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole);
    act_ = buttons->addButton(QString(), QDialogButtonBox::ActionRole);
    act_->setObjectName(QStringLiteral("act"));
    close_->setObjectName(QStringLiteral("close"));
    // Enter does not revoke by chance: in a field it goes on to the next one, and in the last one it acts.
    act_->setAutoDefault(false);
    close_->setAutoDefault(false);
    column->addWidget(new Reasons({act_}, this));
    column->addWidget(buttons);
    connect(act_, &QPushButton::clicked, form_, &DeedForm::run);
    connect(close_, &QPushButton::clicked, this, &DeedDialog::reject);
    connect(form_, &DeedForm::changed, this, &DeedDialog::look);
    connect(form_, &DeedForm::finished, this, [this] { emit finished_well(form_->reply()); });
    connect(form_, &DeedForm::go_to, this, [this](const QString& page, const QString& item) {
        emit go_to(page, item);
        close();
    });
    form_->set_deed(std::move(deed));
    setMinimumWidth(520);
    look();
}

void DeedDialog::add_field(const QString& label, QWidget* field) {
    fields_->addRow(label, field);
    choice_->show();
}

void DeedDialog::look() {
    choice_->setEnabled(!form_->is_running());
    if (form_->is_done()) choice_->hide();
    act_->setText(form_->button());
    offer(*act_, form_->why_not());
    if (form_->is_running()) act_->setEnabled(false);
    act_->setVisible(!form_->is_done());
    close_->setText(form_->is_done() ? tr("Close") : form_->is_running() ? tr("Stop waiting") : tr("Cancel"));
}

void DeedDialog::reject() {
    if (form_->is_running()) return form_->stop_waiting();
    QDialog::reject();
}

}  // namespace ui::parts

#include "ui/issue/terms_step.h"

#include <QDateEdit>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>
#include <algorithm>

#include "model/ukey.h"
#include "ui/parts/grant_editor.h"
#include "ui/parts/words.h"

namespace ui::issue {
namespace {

/// A row of its own, so that it can be hidden whole.
QWidget* row(QWidget* parent, const QString& label, QWidget* field) {
    auto* out = new QWidget(parent);
    auto* form = new QFormLayout(out);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(label, field);
    return out;
}

/// Under each other's beginnings: the labels here as wide as the editor's.
void align(QWidget* rows, const parts::GrantEditor& editor) {
    int widest = 0;
    const auto* form = qobject_cast<const QFormLayout*>(editor.layout());
    for (int r = 0; form != nullptr && r < form->rowCount(); ++r)
        if (const QLayoutItem* item = form->itemAt(r, QFormLayout::LabelRole); item != nullptr && item->widget() != nullptr) widest = std::max(widest, item->widget()->sizeHint().width());
    for (QLabel* label : rows->findChildren<QLabel*>(QString(), Qt::FindDirectChildrenOnly)) label->setMinimumWidth(widest);
}

}  // namespace

TermsStep::TermsStep(Issue& issue, QWidget* parent)
    : Step(tr("Who holds it, and what may it do?"), {}, parent), issue_(issue), holder_(new QLineEdit(this)), until_(new QDateEdit(this)), reason_(new QLineEdit(this)), grant_(new parts::GrantEditor(this)) {
    holder_->setObjectName(QStringLiteral("holder"));
    holder_->setPlaceholderText(tr("The person's name, as it is to stand in the log"));
    until_->setObjectName(QStringLiteral("valid_until"));
    until_->setCalendarPopup(true);
    until_->setDisplayFormat(QStringLiteral("yyyy-MM-dd"));
    until_->setMinimumDate(QDate::currentDate().addDays(1));
    until_->setDate(QDate::currentDate().addYears(1));
    reason_->setObjectName(QStringLiteral("issue_reason"));
    reason_->setPlaceholderText(tr("One line, for the log"));
    until_row_ = row(this, tr("&Valid until"), until_);
    reason_row_ = row(this, tr("&Reason"), reason_);
    QWidget* holder_row = row(this, tr("&Holder"), holder_);
    for (QWidget* r : {holder_row, until_row_, reason_row_}) align(r, *grant_);
    column()->addWidget(holder_row);
    column()->addWidget(until_row_);
    column()->addWidget(reason_row_);
    column()->addWidget(grant_);
    column()->addStretch(1);
    connect(holder_, &QLineEdit::textChanged, this, &TermsStep::take);
    connect(until_, &QDateEdit::dateChanged, this, &TermsStep::take);
    connect(reason_, &QLineEdit::textChanged, this, &TermsStep::take);
    connect(grant_, &parts::GrantEditor::changed, this, &TermsStep::take);
}

QWidget* TermsStep::first_field() { return holder_; }

void TermsStep::imagine() {
    holder_->setText(QStringLiteral("Sun Li"));
    if (auto* station = grant_->findChild<QLineEdit*>(QStringLiteral("station"))) station->setText(QStringLiteral("west-gate"));
}

QString TermsStep::missing() const {
    const QString wrong = issue_.missing();
    return wrong.isEmpty() && issue_.has_grant() ? grant_->problem() : wrong;
}

void TermsStep::enter() {
    if (issue_.has_grant()) {
        const auto kind = issue_.kind == QStringLiteral("key") ? model::UkeyKind::key : model::UkeyKind::user;
        if (grant_->kind() != kind) grant_->set_kind(kind);
    }
    grant_->setVisible(issue_.has_grant());
    until_row_->setVisible(issue_.kind == QStringLiteral("auditor"));
    reason_row_->setVisible(issue_.is_master());
    take();
}

void TermsStep::take() {
    issue_.holder = holder_->text();
    issue_.reason = reason_->text();
    issue_.terms = issue_.has_grant() ? grant_->terms() : pb::GrantTerms();
    // To the end of that day, as a date is meant.
    issue_.not_after = until_->date().addDays(1).startOfDay().toMSecsSinceEpoch() - 1;
    emit changed();
}

}  // namespace ui::issue

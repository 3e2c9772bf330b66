#include "ui/ukeys/grant_dialog.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "model/ukey.h"
#include "ui/parts/deed_dialog.h"
#include "ui/parts/grant_editor.h"
#include "ui/parts/grant_terms.h"
#include "ui/parts/offer.h"
#include "ui/parts/scrolled.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"
#include "ui/ukeys/deeds.h"

namespace ui::ukeys {

GrantDialog::GrantDialog(link::Link& link, const link::pb::UkeyShowReply& shown, QWidget* parent) : QDialog(parent), link_(link), shown_(shown) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowModality(Qt::WindowModal);
    setWindowTitle(tr("Change a grant"));
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    auto* heading = new QLabel(tr("The grant of UKEY %1 of %2").arg(parts::text(shown.ukey().serial()), parts::text(shown.ukey().holder())), this);
    parts::make_heading(*heading, 2);
    heading->setWordWrap(true);
    column->addWidget(heading);
    QVBoxLayout* terms = parts::scrolled(*column, this);
    editor_ = new parts::GrantEditor(terms->parentWidget());
    if (const auto kind = model::parse_ukey_kind(shown.ukey().kind())) editor_->set_terms(*kind, shown.terms());
    terms->addWidget(editor_);
    terms->addStretch(1);
    auto* buttons = new QDialogButtonBox(this);
    auto* close = buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole);
    next_ = buttons->addButton(tr("Go &on …"), QDialogButtonBox::ActionRole);
    next_->setObjectName(QStringLiteral("go_on_with_grant"));
    close->setAutoDefault(false);
    next_->setAutoDefault(false);
    column->addWidget(new parts::Reasons({next_}, this));
    column->addWidget(buttons);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(next_, &QPushButton::clicked, this, &GrantDialog::go_on);
    connect(editor_, &parts::GrantEditor::changed, this, &GrantDialog::look);
    constexpr int kUsual = 620;
    constexpr int kWhole = 860;  // with every term in sight
    resize(760, std::clamp(parent->window()->height() - 20, kUsual, kWhole));
    look();
}

void GrantDialog::look() {
    const bool same = parts::differences(shown_.terms(), editor_->terms()).isEmpty();
    parts::offer(*next_, same ? tr("nothing is changed yet") : editor_->problem());
}

void GrantDialog::go_on() {
    auto* dialog = new parts::DeedDialog(link_, grant_deed(shown_.ukey(), shown_.terms(), editor_->terms(), link_.has_quorum()), this);
    connect(dialog, &parts::DeedDialog::go_to, this, [this](const QString& page, const QString& item) {
        emit go_to(page, item);
        close();
    });
    // What was asked for is not asked for twice: with the outcome this one goes too.
    connect(dialog, &QDialog::finished, this, [this, dialog] {
        if (dialog->form().is_done()) close();
    });
    dialog->open();
}

}  // namespace ui::ukeys

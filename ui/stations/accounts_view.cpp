#include "ui/stations/accounts_view.h"

#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/parts/columns.h"
#include "ui/parts/figures.h"
#include "ui/parts/icon.h"
#include "ui/parts/belief.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/words.h"

namespace ui::stations {

namespace pb = link::pb;
using parts::text;
using parts::Tone;

AccountsView::AccountsView(link::Link& link, QWidget* parent)
    : QWidget(parent), link_(link), model_(new AccountsModel(this)), proxy_(new QSortFilterProxyModel(this)), filter_(new QLineEdit(this)), table_(new QTableView(this)),
      empty_(new QLabel(this)), trouble_(new parts::Notice(this)),
      detail_(new QWidget(this)), figures_(new parts::Figures(detail_)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(10);
    auto* top = new QHBoxLayout;
    filter_->setObjectName(QStringLiteral("filter_accounts"));
    filter_->setPlaceholderText(tr("Find an account, a holder, a UKEY"));
    filter_->setAccessibleName(filter_->placeholderText());
    filter_->setClearButtonEnabled(true);
    add_ = new QPushButton(parts::icon(parts::Picture::add), tr("&Add …"), this);
    add_->setObjectName(QStringLiteral("add_account"));
    top->addWidget(filter_, 1);
    top->addWidget(add_);
    column->addLayout(top);
    column->addWidget(new parts::Reasons({add_}, this));
    column->addWidget(trouble_);

    proxy_->setSourceModel(model_);
    proxy_->setFilterCaseSensitivity(Qt::CaseInsensitive);
    proxy_->setFilterKeyColumn(-1);
    proxy_->setSortRole(AccountsModel::kSort);
    table_->setObjectName(QStringLiteral("accounts"));
    table_->setAccessibleName(tr("Network accounts"));
    table_->setModel(proxy_);
    parts::make_list(*table_);
    table_->setWordWrap(false);
    table_->setSortingEnabled(true);
    table_->sortByColumn(AccountsModel::name, Qt::AscendingOrder);
    parts::set_columns(*table_->horizontalHeader(), {20, 16, 20, 24, 23, 9, 10});
    parts::keep_columns(*table_->horizontalHeader(), QStringLiteral("stations/network"));
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    parts::set_tone(*empty_, Tone::muted);
    column->addWidget(table_, 1);
    column->addWidget(empty_, 1);

    auto* below = new QVBoxLayout(detail_);
    below->setContentsMargins(0, 0, 0, 0);
    auto* buttons = new QHBoxLayout;
    enable_ = button(tr("&Enable …"), "enable_account", enabling_account);
    reset_ = button(tr("New &password …"), "reset_account", resetting_account);
    bind_ = button(tr("&Certificate …"), "bind_account", binding_account);
    disable_ = button(tr("&Disable …"), "disable_account", disabling_account);
    for (QPushButton* b : {enable_, reset_, bind_}) buttons->addWidget(b);
    buttons->addStretch(1);
    buttons->addWidget(disable_);
    below->addWidget(figures_);
    below->addLayout(buttons);
    below->addWidget(new parts::Reasons({enable_, reset_, bind_, disable_}, detail_));
    column->addWidget(detail_);

    connect(add_, &QPushButton::clicked, this, &AccountsView::add);
    connect(filter_, &QLineEdit::textChanged, proxy_, &QSortFilterProxyModel::setFilterFixedString);
    connect(table_->selectionModel(), &QItemSelectionModel::currentChanged, this, &AccountsView::look);
    connect(table_, &QTableView::activated, this, [this] { (enable_->isEnabled() ? enable_ : reset_)->setFocus(); });
    connect(&link_.accounts(), &link::Listing::came, this, &AccountsView::take);
    connect(&link_.accounts(), &link::Listing::failed, trouble_, qOverload<const base::Error&>(&parts::Notice::say));
    connect(&link_, &link::Link::state_changed, this, &AccountsView::look);
    if (link_.accounts().is_known()) take();
    else look();
}

QPushButton* AccountsView::button(const QString& words, const char* name, parts::DeedDialog* (*make)(link::Link&, const pb::Account&, QWidget*)) {
    auto* b = new QPushButton(words, detail_);
    b->setObjectName(QString::fromLatin1(name));
    connect(b, &QPushButton::clicked, this, [this, make] {
        if (const pb::Account* a = chosen()) open(make(link_, *a, this));
    });
    return b;
}

void AccountsView::open(parts::DeedDialog* dialog) {
    connect(dialog, &parts::DeedDialog::go_to, this, &AccountsView::go_to);
    dialog->open();
}

void AccountsView::add() { open(adding_account(link_, ukeys_, this)); }

void AccountsView::choose(const QString& name) {
    wanted_ = parts::bytes(name);
    const int row = model_->row_of(wanted_);
    if (row >= 0) table_->setCurrentIndex(proxy_->mapFromSource(model_->index(row, 0)));
}

void AccountsView::refresh() { link_.accounts().want(); }

void AccountsView::take() {
    trouble_->say(Tone::plain, {});
    if (const pb::Account* a = chosen()) wanted_ = a->name();
    model_->set(link_.accounts().all());
    choose(text(wanted_));
    look();
    emit counted();
}

const pb::Account* AccountsView::chosen() const {
    const QModelIndex at = proxy_->mapToSource(table_->currentIndex());
    return at.isValid() ? &model_->at(at.row()) : nullptr;
}

void AccountsView::look() {
    const bool any = model_->rowCount() > 0;
    table_->setVisible(any);
    empty_->setVisible(!any);
    empty_->setText(link_.accounts().is_known() ? tr("No account is there yet.\n\nAn account lets somebody vend over the network with a user UKEY that is plugged in here, by a name and a password or by a certificate. Add the first one.") : QStringLiteral("…"));
    const QString unbelieved = parts::why_unbelieved(link_);
    parts::offer(*add_, unbelieved);
    const pb::Account* a = chosen();
    detail_->setVisible(a != nullptr);
    if (a == nullptr) return;
    figures_->set(tr("Account"), tr("%1, held by %2, %3").arg(text(a->name()), text(a->holder()), ways_of(*a)));
    figures_->set(tr("Key (SHA-256)"), parts::fingerprint(a->key()));
    QString password;
    if (a->must_change_password()) password = tr("to be changed before the first use");
    else if (a->wrong_passwords() > 0) password = tr("%n wrong one(s) since the last right one", nullptr, static_cast<int>(a->wrong_passwords()));
    figures_->set(tr("Password"), password, Tone::attention);
    const bool active = a->state() == "active";
    parts::offer(*disable_, a->state() == "disabled" ? tr("It is disabled already.") : QString());
    parts::offer(*enable_, !unbelieved.isEmpty() ? unbelieved : active ? tr("It is in force.") : a->state() == "locked" ? tr("Ten wrong passwords locked it: a new password lifts that.") : QString());
    parts::offer(*reset_, !unbelieved.isEmpty() ? unbelieved : !a->password() && !a->key().empty() ? tr("It is used by its certificate alone.") : QString());
    parts::offer(*bind_, unbelieved);
}

}  // namespace ui::stations

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
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::stations {

namespace pb = link::pb;
using parts::text;
using parts::Tone;

AccountsView::AccountsView(link::Link& link, QWidget* parent)
    : QWidget(parent), link_(link), model_(new AccountsModel(this)), proxy_(new QSortFilterProxyModel(this)), filter_(new QLineEdit(this)), table_(new QTableView(this)),
      empty_(new QLabel(tr("No account is there yet.\n\nAn account lets somebody vend over the network with a user UKEY that is plugged in here, by a name and a password or by a certificate. Add the first one."), this)), trouble_(new parts::Notice(this)),
      detail_(new QWidget(this)), figures_(new parts::Figures(detail_)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(10);
    auto* top = new QHBoxLayout;
    filter_->setObjectName(QStringLiteral("filter_accounts"));
    filter_->setPlaceholderText(tr("Find an account, a holder, a UKEY"));
    filter_->setAccessibleName(filter_->placeholderText());
    filter_->setClearButtonEnabled(true);
    auto* add_one = new QPushButton(parts::icon(parts::Picture::add), tr("&Add …"), this);
    add_one->setObjectName(QStringLiteral("add_account"));
    top->addWidget(filter_, 1);
    top->addWidget(add_one);
    column->addLayout(top);
    column->addWidget(trouble_);

    proxy_->setSourceModel(model_);
    proxy_->setFilterCaseSensitivity(Qt::CaseInsensitive);
    proxy_->setFilterKeyColumn(-1);
    proxy_->setSortRole(AccountsModel::kSort);
    table_->setObjectName(QStringLiteral("accounts"));
    table_->setAccessibleName(tr("Network accounts"));
    table_->setModel(proxy_);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setTabKeyNavigation(false);
    table_->setShowGrid(false);
    table_->setAlternatingRowColors(true);
    table_->verticalHeader()->hide();
    table_->horizontalHeader()->setHighlightSections(false);
    table_->horizontalHeader()->setStretchLastSection(true);
    table_->horizontalHeader()->setDefaultSectionSize(130);
    table_->setColumnWidth(AccountsModel::ways, 190);
    table_->setSortingEnabled(true);
    table_->sortByColumn(AccountsModel::name, Qt::AscendingOrder);
    parts::keep_columns(*table_->horizontalHeader(), QStringLiteral("stations/accounts"));
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
    column->addWidget(detail_);

    connect(add_one, &QPushButton::clicked, this, &AccountsView::add);
    connect(filter_, &QLineEdit::textChanged, proxy_, &QSortFilterProxyModel::setFilterFixedString);
    connect(table_->selectionModel(), &QItemSelectionModel::currentChanged, this, &AccountsView::look);
    connect(table_, &QTableView::activated, this, [this] { (enable_->isEnabled() ? enable_ : reset_)->setFocus(); });
    look();
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

void AccountsView::refresh() {
    link_.cancel_read(asked_);
    arriving_.clear();
    const auto take = [this](const pb::AdminReply& reply) { arriving_.insert(arriving_.end(), reply.account_list().accounts().begin(), reply.account_list().accounts().end()); };
    pb::AdminRequest request;
    request.mutable_account_list();
    asked_ = link_.read(
        this, std::move(request),
        [this, take](base::Result<pb::AdminReply> reply) {
            if (!reply && reply.error().code == base::Code::cancelled) return;
            asked_ = 0;
            if (!reply) return trouble_->say(reply.error());
            trouble_->say(Tone::plain, {});
            take(*reply);
            if (const pb::Account* a = chosen()) wanted_ = a->name();
            model_->set(std::move(arriving_));
            choose(text(wanted_));
            look();
            emit counted();
        },
        take);
}

const pb::Account* AccountsView::chosen() const {
    const QModelIndex at = proxy_->mapToSource(table_->currentIndex());
    return at.isValid() ? &model_->at(at.row()) : nullptr;
}

void AccountsView::look() {
    const bool any = model_->rowCount() > 0;
    table_->setVisible(any);
    empty_->setVisible(!any);
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
    const auto offer = [](QPushButton* b, const QString& why_not) {
        b->setEnabled(why_not.isEmpty());
        b->setToolTip(why_not);
    };
    offer(disable_, a->state() == "disabled" ? tr("It is disabled already.") : QString());
    offer(enable_, active ? tr("It is in force.") : a->state() == "locked" ? tr("Ten wrong passwords locked it: a new password lifts that.") : QString());
    offer(reset_, !a->password() && !a->key().empty() ? tr("It is used by its certificate alone.") : QString());
    offer(bind_, {});
}

}  // namespace ui::stations

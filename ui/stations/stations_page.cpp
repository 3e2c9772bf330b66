#include "ui/stations/stations_page.h"

#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/parts/belief.h"
#include "ui/parts/columns.h"
#include "ui/parts/deed_dialog.h"
#include "ui/parts/figures.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"
#include "ui/stations/account_deeds.h"
#include "ui/stations/accounts_view.h"
#include "ui/stations/cap_delegate.h"
#include "ui/stations/held_view.h"
#include "ui/stations/sessions_view.h"

namespace ui::stations {
namespace {

using parts::text;
using parts::Tone;

constexpr int kListAgain = 10'000;    ///< ms, while something happens
constexpr int kListAnyway = 61'000;
const QString kAccount = QStringLiteral("account:");

}  // namespace

StationsPage::StationsPage(link::Link& link, QWidget* parent) : Page(link, parent), model_(new StationsModel(this)), proxy_(new QSortFilterProxyModel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    held_ = new HeldView(this);
    trouble_ = new parts::Notice(this);
    tabs_ = new QTabWidget(this);
    tabs_->setObjectName(QStringLiteral("tabs"));
    tabs_->setDocumentMode(true);
    live_ = new QLabel(this);
    live_->setObjectName(QStringLiteral("live"));
    live_->setWordWrap(true);
    parts::set_tone(*live_, Tone::muted);
    column->addWidget(held_);
    column->addWidget(trouble_);
    column->addWidget(tabs_, 1);
    column->addWidget(live_);

    auto* stations = new QWidget(tabs_);
    auto* inside = new QVBoxLayout(stations);
    inside->setContentsMargins(8, 8, 8, 8);
    inside->setSpacing(10);
    filter_ = new QLineEdit(stations);
    filter_->setObjectName(QStringLiteral("filter_stations"));
    filter_->setPlaceholderText(tr("Find a station, a holder, a UKEY"));
    filter_->setAccessibleName(filter_->placeholderText());
    filter_->setClearButtonEnabled(true);
    proxy_->setSourceModel(model_);
    proxy_->setFilterCaseSensitivity(Qt::CaseInsensitive);
    proxy_->setFilterKeyColumn(-1);
    proxy_->setSortRole(StationsModel::kSort);
    table_ = new QTableView(stations);
    table_->setObjectName(QStringLiteral("stations"));
    table_->setAccessibleName(tr("User UKEYs by station"));
    table_->setModel(proxy_);
    for (const int cap : {StationsModel::today, StationsModel::month}) table_->setItemDelegateForColumn(cap, new CapDelegate(table_));
    parts::make_list(*table_);
    table_->setWordWrap(false);
    table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().lineSpacing() + 18);
    table_->setSortingEnabled(true);
    table_->sortByColumn(StationsModel::station, Qt::AscendingOrder);
    parts::set_columns(*table_->horizontalHeader(), {16, 12, 24, 25, 15, 16, 10, 10});
    parts::keep_columns(*table_->horizontalHeader(), QStringLiteral("stations/list"));
    empty_ = new QLabel(stations);
    empty_->setObjectName(QStringLiteral("no_stations"));
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    parts::set_tone(*empty_, Tone::muted);
    detail_ = new parts::Figures(stations);
    inside->addWidget(filter_);
    inside->addWidget(table_, 1);
    inside->addWidget(empty_, 1);
    inside->addWidget(detail_);
    accounts_ = new AccountsView(link, tabs_);
    tabs_->addTab(stations, tr("&Stations"));
    tabs_->addTab(accounts_, tr("&Network accounts"));
    sessions_ = new SessionsView(link, tabs_);
    tabs_->addTab(sessions_, tr("&Logged in"));
    connect(sessions_, &SessionsView::chosen, this, [this](const QString& ukey) { emit go_to(QStringLiteral("ukeys"), ukey); });

    connect(filter_, &QLineEdit::textChanged, proxy_, &QSortFilterProxyModel::setFilterFixedString);
    connect(table_->selectionModel(), &QItemSelectionModel::currentChanged, this, &StationsPage::look);
    connect(table_, &QTableView::activated, this, [this](const QModelIndex& at) { emit go_to(QStringLiteral("ukeys"), text(model_->at(proxy_->mapToSource(at).row()).serial())); });
    connect(held_, &HeldView::release, this, [this](const pb::HeldStation& h) { releasing_station(this->link(), h, this)->open(); });
    connect(accounts_, &AccountsView::go_to, this, &StationsPage::go_to);
    connect(accounts_, &AccountsView::counted, this, &StationsPage::count);
    connect(&link, &link::Link::status_changed, this, [this] {
        if (!isVisible()) return;
        count();
        // What is held is told soon, how much is sold now and then; and a day, a month or a minute ends without an event.
        const std::uint64_t size = this->link().status().log_size();
        if (log_size_ != size) ask_held();
        if (listed_.hasExpired(listed_size_ != size ? kListAgain : kListAnyway)) ask_lists();
    });
    connect(&link, &link::Link::state_changed, this, [this] {
        if (isVisible()) ask_held();
    });
    connect(&link.ukeys(), &link::Listing::came, this, &StationsPage::take_ukeys);
    connect(&link.ukeys(), &link::Listing::failed, trouble_, qOverload<const base::Error&>(&parts::Notice::say));
    if (link.ukeys().is_known()) take_ukeys();
    else look();
}

QWidget* StationsPage::first_field() { return filter_; }

void StationsPage::refresh() {
    ask_lists();
    ask_held();
    count();
}

void StationsPage::show_item(const QString& item) {
    const bool account = item.startsWith(kAccount);
    tabs_->setCurrentIndex(account ? 1 : 0);
    if (account) accounts_->choose(item.mid(kAccount.size()));
    else filter_->setText(item);
}

void StationsPage::ask_lists() {
    listed_.start();
    listed_size_ = link().status().log_size();
    link().ukeys().want();
    accounts_->refresh();
    sessions_->refresh();
}

void StationsPage::ask_held() {
    log_size_ = link().status().log_size();
    pb::AdminRequest request;
    request.mutable_station_list();
    link().read(this, std::move(request), [this](base::Result<pb::AdminReply> reply) {
        if (!reply) return;  // the lists beside it say what is wrong
        held_->show_held(reply->station_list().held(), parts::why_unbelieved(this->link()));
        std::set<std::string> names;
        for (const pb::HeldStation& h : reply->station_list().held()) names.insert(h.station());
        model_->set_held(std::move(names));
    });
}

void StationsPage::take_ukeys() {
    trouble_->say(Tone::plain, {});
    const std::vector<pb::Ukey>& all = link().ukeys().all();
    model_->set(link().ukeys().shared());
    std::vector<UkeyChoice> choices;
    for (const pb::Ukey& u : all)
        if (u.kind() == "user" && u.state() == "issued") choices.push_back({u.serial(), tr("%1, %2 (%3)").arg(text(u.terms().station()), text(u.serial()), text(u.holder()))});
    accounts_->set_ukeys(std::move(choices));
    look();
}

void StationsPage::look() {
    const bool any = model_->rowCount() > 0;
    table_->setVisible(any);
    filter_->setVisible(any);
    empty_->setVisible(!any);
    empty_->setText(link().ukeys().is_known() ? tr("No station has a user UKEY yet.\n\nIssue one on the page UKEYs: it says what the station may sell, and how much.") : QStringLiteral("…"));
    const QModelIndex at = proxy_->mapToSource(table_->currentIndex());
    detail_->setVisible(at.isValid());
    if (!at.isValid()) return;
    const pb::Ukey& u = model_->at(at.row());
    detail_->set(tr("UKEY"), tr("%1, held by %2").arg(text(u.serial()), text(u.holder())));
    detail_->set(tr("This minute"), u.terms().orders_per_minute() == 0 ? QString() : tr("%1 of %2 orders").arg(u.orders_this_minute()).arg(u.terms().orders_per_minute()), u.orders_this_minute() >= u.terms().orders_per_minute() ? Tone::attention : Tone::plain);
    detail_->set(tr("Grant"), parts::grant_sentences(u.terms()).join(QLatin1Char('\n')));
}

void StationsPage::count() {
    const pb::StatusReply& s = link().status();
    QStringList out{tr("%n session(s) on %1 connections", nullptr, static_cast<int>(s.sessions())).arg(s.connections()), tr("%1 of them by network accounts").arg(accounts_->model().live())};
    out << (s.network().empty() ? tr("no network address is open for stations") : tr("network address %1").arg(text(s.network())));
    live_->setText(out.join(QStringLiteral("  ·  ")));
}

QStringList StationsPage::scenes() const { return {QStringLiteral("accounts"), QStringLiteral("sessions"), QStringLiteral("add-account"), QStringLiteral("release"), QStringLiteral("bind-account"), QStringLiteral("reset-account")}; }

void StationsPage::show_scene(const QString& scene) {
    pb::Account example;
    example.set_name("shop-7");
    example.set_holder("Han Meimei");
    example.set_password(true);
    if (scene != QStringLiteral("release")) tabs_->setCurrentIndex(scene == QStringLiteral("sessions") ? 2 : 1);
    if (scene == QStringLiteral("add-account")) accounts_->add();
    if (scene == QStringLiteral("bind-account")) binding_account(link(), example, this)->open();
    if (scene == QStringLiteral("reset-account")) resetting_account(link(), example, this)->open();
    if (scene == QStringLiteral("release")) {
        pb::HeldStation held;
        held.set_station("station-1");
        held.set_since_ms(base::SystemClock().now());
        held.set_orders(41);
        held.set_amount_fen(2'050'000);
        held.set_window_minutes(10);
        releasing_station(link(), held, this)->open();
    }
}

}  // namespace ui::stations

#include "ui/ukeys/ukeys_page.h"

#include <QComboBox>
#include <QDateEdit>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/approvals/request_deeds.h"
#include "ui/approvals/request_words.h"
#include "ui/issue/batch_wizard.h"
#include "ui/issue/issue_wizard.h"
#include "ui/issue/kind_step.h"
#include "ui/parts/columns.h"
#include "ui/parts/deed_dialog.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"
#include "ui/ukeys/deeds.h"
#include "ui/ukeys/grant_dialog.h"
#include "ui/ukeys/ukey_detail.h"
#include "ui/ukeys/ukey_history.h"
#include "ui/ukeys/ukey_model.h"

namespace ui::ukeys {
namespace {

using parts::text;
using parts::Tone;

constexpr int kTableHeight = 300;  ///< at first; people drag it
constexpr int kDetailHeight = 330;
constexpr std::chrono::seconds kAgain{30};  ///< others change UKEYs too

}  // namespace

UkeysPage::UkeysPage(link::Link& link, QWidget* parent)
    : Page(link, parent), model_(new UkeyModel(this)), filter_(new UkeyFilter(*model_, this)), text_(new QLineEdit(this)), kind_(new QComboBox(this)), state_(new QComboBox(this)), count_(new QLabel(this)), issue_(new QPushButton(tr("&Issue …"), this)), notice_(new parts::Notice(this)),
      split_(new QSplitter(Qt::Vertical, this)), table_(new QTableView(split_)), empty_(new QLabel(this)), again_(new QTimer(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    auto* heading = new QLabel(tr("UKEYs"), this);
    parts::make_heading(*heading, 1);
    issue_->setObjectName(QStringLiteral("issue"));
    connect(issue_, &QPushButton::clicked, this, &UkeysPage::issue);
    connect(&link, &link::Link::state_changed, this, &UkeysPage::look_at_issue);
    auto* top = new QHBoxLayout;
    top->addWidget(heading, 1);
    top->addWidget(issue_);
    column->addLayout(top);
    column->addWidget(new parts::Reasons({issue_}, this));
    look_at_issue();
    connect(&link, &link::Link::state_changed, this, [this] {
        if (detail_->isVisible()) detail_->show_ukey(pb::UkeyShowReply(detail_->shown()));  // what is offered may be another
    });
    build_filters(*column);
    column->addWidget(notice_);
    empty_->setWordWrap(true);
    empty_->setAlignment(Qt::AlignCenter);
    parts::set_tone(*empty_, Tone::muted);
    // Before the table hears of it, which would go on to a neighbour.
    connect(filter_, &QAbstractItemModel::rowsAboutToBeRemoved, this, &UkeysPage::hold_choice);
    connect(filter_, &QAbstractItemModel::rowsInserted, this, [this] {
        if (!chosen_.empty()) hold_choice();
    });
    build_table();
    auto* below = new QWidget(split_);
    auto* inside = new QVBoxLayout(below);
    inside->setContentsMargins(0, 0, 0, 0);
    nothing_ = new QLabel(tr("Choose a UKEY to see what it may do, and what can be done with it."), below);
    nothing_->setAlignment(Qt::AlignCenter);
    parts::set_tone(*nothing_, Tone::muted);
    detail_ = new UkeyDetail(link, below);
    detail_->hide();
    inside->addWidget(nothing_, 1);
    inside->addWidget(detail_, 1);
    split_->addWidget(table_);
    split_->addWidget(below);
    split_->setChildrenCollapsible(false);
    split_->setStretchFactor(0, 3);
    split_->setStretchFactor(1, 4);
    split_->setSizes({kTableHeight, kDetailHeight});
    column->addWidget(split_, 1);
    column->addWidget(empty_, 1);
    empty_->hide();
    parts::keep_sizes(*split_, QStringLiteral("ukeys/split"));
    connect(detail_, &UkeyDetail::wants, this, &UkeysPage::act);
    connect(&detail_->history(), &UkeyHistory::wants_login, this, &UkeysPage::log_in_wanted);
    connect(&detail_->history(), &UkeyHistory::chosen, this, [this](const QString& event) { emit go_to(QStringLiteral("log"), event); });
    connect(&link, &link::Link::auditor_changed, this, [this] { detail_->history().read_again(); });
    connect(&link, &link::Link::status_changed, this, [this] {
        if (!loaded_ || this->link().state() != link::Link::State::open) return;
        for (const std::string& serial : model_->set_readers(this->link().status().readers())) ask(serial);
    });
    connect(model_, &QAbstractItemModel::dataChanged, this, [this](const QModelIndex& first, const QModelIndex& last) {
        // What is shown below is asked for anew when its row says something else.
        const int at = model_->find(chosen_);
        if (at >= first.row() && at <= last.row()) ask_detail();
    });
    again_->setInterval(kAgain);
    connect(again_, &QTimer::timeout, this, [this] {
        if (isVisible()) this->link().ukeys().want();
    });
    connect(&link.ukeys(), &link::Listing::began, this, &UkeysPage::listing);
    connect(&link.ukeys(), &link::Listing::part, this, [this](const pb::AdminReply& part) {
        if (!following_) return;
        model_->take(part.ukey_list().ukeys());
        look_at_count();
    });
    connect(&link.ukeys(), &link::Listing::came, this, [this] {
        if (following_) listed();
        else if (isVisible()) take_all();
    });
    connect(&link.ukeys(), &link::Listing::failed, notice_, qOverload<const base::Error&>(&parts::Notice::say));
    again_->start();
}

UkeysPage::~UkeysPage() = default;

void UkeysPage::build_filters(QVBoxLayout& column) {
    auto* row = new QHBoxLayout;
    text_->setObjectName(QStringLiteral("find"));
    text_->setPlaceholderText(tr("Find by holder, serial, station, reader … (Ctrl+F)"));
    text_->setAccessibleName(tr("Find UKEYs"));
    text_->setClearButtonEnabled(true);
    kind_->setObjectName(QStringLiteral("kind"));
    kind_->setAccessibleName(tr("Kind"));
    kind_->addItem(tr("Every kind"));
    for (const char* kind : {"user", "key", "auditor", "officer", "master-control", "platform"}) kind_->addItem(parts::kind_word(kind), QString::fromLatin1(kind));
    state_->setObjectName(QStringLiteral("ukey_states"));
    state_->setAccessibleName(tr("State"));
    state_->addItem(tr("Every state"));
    for (const char* state : {"issued", "suspended", "blocked", "expired", "lost", "revoked", "destroyed", "initialised"}) state_->addItem(parts::state_word(state), QString::fromLatin1(state));
    count_->setObjectName(QStringLiteral("count"));
    parts::set_tone(*count_, Tone::muted);
    row->addWidget(text_, 1);
    row->addWidget(kind_);
    row->addWidget(state_);
    row->addWidget(count_);
    column.addLayout(row);
    connect(text_, &QLineEdit::textChanged, this, [this](const QString& typed) {
        filter_->set_text(typed);
        look_at_count();
    });
    connect(kind_, &QComboBox::currentIndexChanged, this, [this] {
        filter_->set_kind(parts::bytes(kind_->currentData().toString()));
        look_at_count();
    });
    connect(state_, &QComboBox::currentIndexChanged, this, [this] {
        filter_->set_state(parts::bytes(state_->currentData().toString()));
        look_at_count();
    });
    auto* find = new QShortcut(QKeySequence(QKeySequence::Find), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, this, [this] {
        text_->setFocus();
        text_->selectAll();
    });
}

void UkeysPage::build_table() {
    table_->setObjectName(QStringLiteral("ukeys"));
    table_->setAccessibleName(tr("UKEYs"));
    table_->setModel(filter_);
    table_->setSortingEnabled(true);
    parts::make_list(*table_);
    table_->setWordWrap(false);
    table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + 10);
    QHeaderView* header = table_->horizontalHeader();
    header->setSectionsMovable(true);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    const int letter = table_->fontMetrics().averageCharWidth();
    const int widths[] = {20, 18, 15, 12, 12, 14, 17, 20};
    for (int c = 0; c < UkeyModel::kColumns; ++c) header->resizeSection(c, letter * widths[c] + 16);
    header->setStretchLastSection(true);
    table_->sortByColumn(UkeyModel::kSerial, Qt::AscendingOrder);
    parts::keep_columns(*header, QStringLiteral("ukeys/columns"));
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &UkeysPage::choose);
    connect(table_, &QAbstractItemView::activated, this, [this] { detail_->findChild<QPushButton*>(QStringLiteral("actions"))->setFocus(); });
}

QWidget* UkeysPage::first_field() { return text_; }

void UkeysPage::refresh() {
    if (taken_ != link().ukeys().readings() && !link().ukeys().is_reading()) take_all();
    link().ukeys().want();
    if (detail_->isVisible()) ask_detail();
}

/// Who looks sees them come; who does not is shown them all at once later.
void UkeysPage::listing() {
    following_ = isVisible();
    if (following_) model_->begin();
}

void UkeysPage::take_all() {
    const std::vector<pb::Ukey>& all = link().ukeys().all();
    model_->begin();
    model_->take({all.begin(), all.end()});
    listed();
}

void UkeysPage::listed() {
    notice_->say(Tone::plain, {});
    taken_ = link().ukeys().readings();
    model_->finish();
    loaded_ = true;
    look_at_count();
    if (!wanted_.isEmpty()) show_item(std::exchange(wanted_, {}));
    // What can be done with a master-control UKEY depends on the others.
    else if (detail_->isVisible()) ask_detail();
}

void UkeysPage::look_at_count() {
    const int all = model_->rowCount();
    const int shown = filter_->rowCount();
    count_->setText(filter_->narrows() ? tr("%1 of %2").arg(parts::number(static_cast<std::uint64_t>(shown)), parts::number(static_cast<std::uint64_t>(all))) : parts::number(static_cast<std::uint64_t>(all)));
    const bool none = loaded_ && shown == 0;
    split_->setVisible(!none);
    empty_->setVisible(none);
    if (!none) return;
    empty_->setText(all == 0 ? tr("No UKEY yet. The ceremony makes the first ones; after that they are issued here.") : tr("No UKEY is like that. Change what is looked for."));
}

void UkeysPage::hold_choice() {
    if (holding_) return;
    holding_ = true;
    QTimer::singleShot(0, this, [this] {
        const int at = model_->find(chosen_);
        const QModelIndex here = at < 0 ? QModelIndex() : filter_->mapFromSource(model_->index(at, 0));
        if (here.isValid()) table_->setCurrentIndex(here);
        else table_->selectionModel()->clear();
        holding_ = false;
        if (at < 0 && !chosen_.empty()) {
            chosen_.clear();
            detail_->hide();
            nothing_->show();
        }
    });
}

void UkeysPage::choose() {
    if (holding_) return;
    const QModelIndex now = filter_->mapToSource(table_->selectionModel()->currentIndex());
    const int at = now.isValid() ? now.row() : -1;
    if (at < 0) return;
    chosen_ = model_->row(at).ukey.serial();
    nothing_->hide();
    detail_->show();
    pb::UkeyShowReply shown;
    *shown.mutable_ukey() = model_->row(at).ukey;
    if (shown.ukey().serial() == detail_->shown().ukey().serial()) return;
    if (shown.ukey().has_terms()) *shown.mutable_terms() = shown.ukey().terms();
    detail_->show_ukey(shown);
    ask_detail();
}

void UkeysPage::ask_detail() {
    if (!chosen_.empty()) ask(chosen_);
}

void UkeysPage::ask(const std::string& serial) {
    pb::AdminRequest request;
    request.mutable_ukey_show()->set_serial(serial);
    link().read(this, std::move(request), [this, serial](base::Result<pb::AdminReply> reply) {
        const bool chosen = serial == chosen_;
        if (!reply) return chosen ? detail_->show_error(reply.error()) : void();
        pb::UkeyShowReply shown = reply->ukey_show();
        if (shown.has_terms()) *shown.mutable_ukey()->mutable_terms() = shown.terms();
        if (chosen) detail_->show_ukey(shown);
        const int at = model_->find(serial);
        if (at >= 0 && model_->row(at).ukey.state() != shown.ukey().state()) model_->put(shown.ukey());
    });
}

void UkeysPage::show_item(const QString& serial) {
    const int at = model_->find(parts::bytes(serial));
    if (at < 0) {
        wanted_ = serial;
        return;
    }
    if (!filter_->mapFromSource(model_->index(at, 0)).isValid()) {
        text_->clear();
        kind_->setCurrentIndex(0);
        state_->setCurrentIndex(0);
    }
    const QModelIndex here = filter_->mapFromSource(model_->index(at, 0));
    holding_ = false;  // what is asked for goes before what was chosen
    table_->selectRow(here.row());
    table_->scrollTo(here);
}

void UkeysPage::open(parts::DeedDialog* dialog) {
    connect(dialog, &parts::DeedDialog::go_to, this, &UkeysPage::go_to);
    connect(dialog, &parts::DeedDialog::finished_well, this, [this] { detail_->history().read_again(); });
    dialog->open();
}

void UkeysPage::act(Act what) {
    const pb::UkeyShowReply& shown = detail_->shown();
    if (what == Act::renew) return renew();
    if (what == Act::grant) {
        auto* dialog = new GrantDialog(link(), shown, this);
        connect(dialog, &GrantDialog::go_to, this, &UkeysPage::go_to);
        return dialog->open();
    }
    const bool stops = what == Act::suspend || what == Act::report_lost || what == Act::revoke;
    if (stops && shown.ukey().kind() == "user") return count_accounts(what, shown.ukey());
    if (stops && shown.ukey().kind() == "officer" && link().has_quorum()) return count_officers(what, shown.ukey());
    open(new parts::DeedDialog(link(), deed_for(what, shown.ukey(), 0), this));
}

void UkeysPage::count_accounts(Act what, const pb::Ukey& ukey) {
    link().accounts().read(this, [this, what, ukey](const base::Status& done) {
        const auto counted = std::ranges::count_if(link().accounts().all(), [&](const pb::Account& a) { return a.ukey() == ukey.serial() && a.state() != "disabled"; });
        open(new parts::DeedDialog(link(), deed_for(what, ukey, done ? static_cast<int>(counted) : -1), this));
    });
}

void UkeysPage::count_officers(Act what, const pb::Ukey& ukey) {
    pb::AdminRequest request;
    request.mutable_quorum_show();
    link().read(this, std::move(request), [this, what, ukey](base::Result<pb::AdminReply> reply) {
        parts::Deed deed = deed_for(what, ukey, 0);
        if (reply) approvals::caution(deed, approvals::too_few_without(reply->quorum_show().quorum(), ukey.serial()));
        open(new parts::DeedDialog(link(), std::move(deed), this));
    });
}

void UkeysPage::issue() {
    auto* wizard = new issue::IssueWizard(link(), this);
    connect(wizard, &parts::Wizard::go_to, this, &Page::go_to);
    wizard->open();
}

void UkeysPage::look_at_issue() {
    const QString why = issue::why_not(link());
    parts::offer(*issue_, why, tr("One UKEY, or many from a list"));
}

void UkeysPage::renew() {
    const pb::Ukey& u = detail_->shown().ukey();
    auto* until = new QDateEdit;
    until->setObjectName(QStringLiteral("renew_until"));
    until->setAccessibleName(tr("Valid until the end of"));
    until->setDisplayFormat(QStringLiteral("yyyy-MM-dd"));
    until->setCalendarPopup(true);
    until->setMinimumDate(QDate::currentDate().addDays(1));
    until->setDate(renewed_until(u, QDate::currentDate()));
    auto* dialog = new parts::DeedDialog(link(), renew_deed(u, [until] { return until->date().endOfDay().toMSecsSinceEpoch(); }), this);
    dialog->add_field(tr("Valid until the end of"), until);
    auto* earlier = new parts::Notice(dialog);
    earlier->setObjectName(QStringLiteral("renew_earlier"));
    dialog->add_field(QString(), earlier);
    const auto compare = [until, earlier, present = u.not_after_ms()] {
        const bool less = until->date().endOfDay().toMSecsSinceEpoch() < present;
        earlier->say(Tone::bad, less ? tr("That is earlier than at present: it is shortened, not renewed.") : QString(), less ? tr("At present it is valid until %1.").arg(parts::moment(present)) : QString());
    };
    connect(until, &QDateEdit::dateChanged, earlier, compare);
    compare();
    open(dialog);
}

QStringList UkeysPage::scenes() const {
    return {QStringLiteral("issue-1"), QStringLiteral("issue-2"), QStringLiteral("issue-3"), QStringLiteral("issue-4"), QStringLiteral("batch-1"), QStringLiteral("batch-2"), QStringLiteral("batch-3"), QStringLiteral("batch-4"), QStringLiteral("overview"), QStringLiteral("grant"), QStringLiteral("certificate"), QStringLiteral("history"), QStringLiteral("edit-grant"), QStringLiteral("revoke"), QStringLiteral("report-lost"), QStringLiteral("renew"),
            QStringLiteral("set-pin"), QStringLiteral("filtered")};
}

void UkeysPage::show_scene(const QString& scene) {
    parts::Wizard* wizard = nullptr;
    if (scene.startsWith(QStringLiteral("issue-"))) wizard = new issue::IssueWizard(link(), this);
    if (scene.startsWith(QStringLiteral("batch-"))) wizard = new issue::BatchWizard(link(), this);
    if (wizard != nullptr) {
        wizard->open();
        return wizard->show_step(scene.section(QLatin1Char('-'), 1).toInt() - 1);
    }
    text_->clear();
    for (int i = 0; i < model_->rowCount(); ++i)
        if (model_->row(i).ukey.kind() == "user") show_item(model_->row(i).serial);
    if (scene == QStringLiteral("filtered")) text_->setText(QStringLiteral("us-"));
    else if (scene == QStringLiteral("edit-grant")) act(Act::grant);
    else if (scene == QStringLiteral("revoke")) act(Act::revoke);
    else if (scene == QStringLiteral("report-lost")) act(Act::report_lost);
    else if (scene == QStringLiteral("renew")) act(Act::renew);
    else if (scene == QStringLiteral("set-pin")) act(Act::set_pin);
    else detail_->show_tab(scene);
}

}  // namespace ui::ukeys

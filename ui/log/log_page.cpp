#include "ui/log/log_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/log/event_view.h"
#include "ui/log/log_table.h"
#include "ui/log/proof_dialog.h"
#include "ui/log/search_bar.h"
#include "ui/log/search_words.h"
#include "ui/log/verify_card.h"
#include "ui/parts/columns.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using State = link::Link::State;
using parts::Tone;

constexpr int kSettle = 120;  // ms on one row before its event is asked for

}  // namespace

LogPage::LogPage(link::Link& link, QWidget* parent) : Page(link, parent), model_(new LogModel(source_of(link), this)) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    sides_ = new QStackedWidget(this);
    auto* work = new QWidget(sides_);
    auto* column = new QVBoxLayout(work);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    bar_ = new SearchBar(work);
    verify_ = new VerifyCard(link, work);
    column->addWidget(make_top());
    column->addWidget(verify_);
    column->addWidget(bar_);
    column->addWidget(make_table(), 1);
    sides_->addWidget(work);
    sides_->addWidget(make_closed());
    outer->addWidget(sides_);

    connect(bar_, &SearchBar::changed, this, &LogPage::search);
    connect(model_, &LogModel::changed, this, &LogPage::look);
    connect(model_, &QAbstractItemModel::modelReset, this, &LogPage::look);
    connect(model_, &LogModel::failed, this, &LogPage::fail);
    connect(model_, &LogModel::answered, this, [this] {
        if (std::exchange(denied_, false)) look();
    });
    connect(&link, &link::Link::auditor_changed, this, &LogPage::begin_anew);
    connect(verify_, &VerifyCard::changed, this, &LogPage::look);
    connect(verify_, &VerifyCard::log_in_wanted, this, [this] {
        denied_ = true;
        look();
    });
    connect(&link, &link::Link::status_changed, this, &LogPage::look_at_state);
    connect(new QShortcut(QKeySequence(QKeySequence::Find), this), &QShortcut::activated, bar_, &SearchBar::begin_typing);
    connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F), this), &QShortcut::activated, bar_, &SearchBar::open_filter);
    show_.setSingleShot(true);
    show_.setInterval(kSettle);
    connect(&show_, &QTimer::timeout, this, &LogPage::show_event);
    look();
}

QWidget* LogPage::make_top() {
    auto* out = new QWidget(this);
    auto* row = new QHBoxLayout(out);
    row->setContentsMargins(0, 0, 0, 0);
    auto* heading = new QLabel(tr("Log"), out);
    parts::make_heading(*heading, 1);
    verify_button_ = new QPushButton(tr("&Verify the log"), out);
    verify_button_->setObjectName(QStringLiteral("verify"));
    receipt_ = new QPushButton(tr("Check a &receipt …"), out);
    receipt_->setObjectName(QStringLiteral("receipt"));
    row->addWidget(heading, 1);
    row->addWidget(receipt_);
    row->addWidget(verify_button_);
    connect(verify_button_, &QPushButton::clicked, this, &LogPage::verify);
    connect(receipt_, &QPushButton::clicked, this, &LogPage::check_receipt);
    return out;
}

QWidget* LogPage::make_table() {
    split_ = new QSplitter(Qt::Horizontal, this);
    split_->setChildrenCollapsible(false);
    auto* left = new QWidget(split_);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    trouble_ = new parts::Notice(left);
    trouble_->setObjectName(QStringLiteral("log_trouble"));
    news_ = new parts::Notice(left);
    news_->setObjectName(QStringLiteral("news"));
    table_ = new LogTable(*model_, left);
    empty_ = new QLabel(table_);
    empty_->setObjectName(QStringLiteral("log_empty"));
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    parts::set_tone(*empty_, Tone::muted);
    auto* over = new QVBoxLayout(table_->viewport());
    over->addWidget(empty_);
    empty_->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto* foot = new QHBoxLayout;
    state_ = new QLabel(left);
    state_->setObjectName(QStringLiteral("log_state"));
    parts::set_tone(*state_, Tone::muted);
    cancel_ = new QPushButton(left);
    cancel_->setObjectName(QStringLiteral("search_cancel"));
    foot->addWidget(state_, 1);
    foot->addWidget(cancel_);
    column->addWidget(trouble_);
    column->addWidget(news_);
    column->addWidget(table_, 1);
    column->addLayout(foot);
    event_ = new EventView(split_);
    event_->hide();
    split_->addWidget(left);
    split_->addWidget(event_);
    split_->setStretchFactor(0, 1);
    split_->setStretchFactor(1, 0);
    split_->setSizes({620, 380});
    parts::keep_sizes(*split_, QStringLiteral("log/split"));

    connect(news_, &parts::Notice::acted, this, &LogPage::take_news);
    connect(trouble_, &parts::Notice::acted, this, &LogPage::refresh);
    connect(cancel_, &QPushButton::clicked, this, [this] { model_->finder().is_looking() ? model_->finder().stop() : model_->finder().more(); });
    connect(table_, &LogTable::opened, this, [this] {
        detail_ = true;
        show_event();
    });
    connect(table_, &LogTable::scrolled, this, &LogPage::look);
    connect(table_, &QTableView::clicked, this, [this] {
        detail_ = true;
        show_.start();
    });
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] {
        if (detail_) show_.start();
    });
    connect(event_, &EventView::closed, this, &LogPage::hide_event);
    connect(event_, &EventView::ukey_wanted, this, [this](const QString& serial) { emit go_to(QStringLiteral("ukeys"), serial); });
    connect(event_, &EventView::same_wanted, this, [this](const QString& name, const QString& value) { bar_->only(name.toStdString(), value.toStdString()); });
    connect(event_, &EventView::event_wanted, this, &LogPage::go_to_event);
    connect(event_, &EventView::proof_wanted, this, &LogPage::prove);
    auto* escape = new QShortcut(QKeySequence(Qt::Key_Escape), split_);
    escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, &LogPage::hide_event);
    return split_;
}

QWidget* LogPage::make_closed() {
    auto* out = new QWidget(this);
    out->setObjectName(QStringLiteral("log_closed"));
    auto* column = new QVBoxLayout(out);
    column->setSpacing(10);
    auto* head = new QLabel(tr("The log is for auditors."), out);
    parts::make_heading(*head, 1);
    head->setAlignment(Qt::AlignCenter);
    auto* what = new QLabel(tr("This platform shows its log to nobody else. Plug in an auditor UKEY and log in with its PIN."), out);
    what->setWordWrap(true);
    what->setAlignment(Qt::AlignCenter);
    auto* button = new QPushButton(tr("&Log in as auditor …"), out);
    button->setObjectName(QStringLiteral("log_in"));
    connect(button, &QPushButton::clicked, this, &Page::log_in_wanted);
    column->addStretch(1);
    column->addWidget(head);
    column->addWidget(what);
    column->addWidget(button, 0, Qt::AlignCenter);
    column->addStretch(2);
    return out;
}

QWidget* LogPage::first_field() { return bar_->field(); }

void LogPage::refresh() {
    trouble_->say(Tone::plain, {});
    bar_->load();
    model_->go_on();
    if (model_->is_filtered() && model_->finder().is_stopped() && !model_->finder().looked_back_to()) search();
    look_at_state();
    // Where the log was not shown nothing is painted that would ask for it.
    if (denied_ && model_->rowCount() > 0) (void)model_->index(0, LogModel::kWhat).data();
    look();
}

/// Somebody logged in or out: what the one may see is not for the other.
void LogPage::begin_anew() {
    hide_event();
    event_->forget();
    model_->forget();
    if (model_->is_filtered()) search();
    else if (model_->rowCount() > 0) (void)model_->index(0, LogModel::kWhat).data();
}

void LogPage::look_at_state() {
    if (link().state() != State::open && link().state() != State::failing) return;
    model_->set_size(link().status().log_size(), link().status().archived());
    // Whoever looks at the newest goes on doing so.
    if (isVisible() && model_->news() > 0 && table_->is_at_top() && !table_->currentIndex().isValid()) model_->take_news();
}

void LogPage::search() {
    trouble_->say(Tone::plain, {});
    if (bar_->search() == SearchText()) return model_->set_filter({});
    auto filter = filter_of(bar_->search());
    if (!filter) return trouble_->say(filter.error());
    model_->set_filter(std::move(*filter));
    detail_ = false;
    event_->hide();
    table_->scrollToTop();
}

void LogPage::fail(const base::Error& error) {
    denied_ = error.code == base::Code::denied;
    if (!denied_) {
        trouble_->say(error);
        trouble_->offer(tr("Try again"));
    }
    look();
}

void LogPage::look() {
    sides_->setCurrentIndex(denied_ ? 1 : 0);
    parts::offer(*verify_button_, verify_->is_running() ? tr("It is being verified") : QString(), tr("The service reads all of its database: pages, events, tree and rules"));
    const std::uint64_t news = model_->news();
    if (news > 0 && !(table_->is_at_top() && !table_->currentIndex().isValid())) {
        news_->say(Tone::muted, tr("%n new event(s)", nullptr, static_cast<int>(std::min<std::uint64_t>(news, 1'000'000'000))));
        news_->offer(tr("Show"));
    } else {
        news_->say(Tone::plain, {});
    }
    const Finder& finder = model_->finder();
    if (!model_->is_filtered()) {
        state_->setText(model_->archived() > 1 ? tr("%1 events; those before %2 are in archive segments").arg(parts::number(model_->size()), parts::number(model_->archived())) : tr("%1 events").arg(parts::number(model_->size())));
        cancel_->hide();
        empty_->setText(model_->size() == 0 ? tr("Reading the log …") : QString());
        empty_->setVisible(model_->rowCount() == 0);
        return;
    }
    const QString found = tr("%n found", nullptr, static_cast<int>(finder.found().size()));
    const QString back = finder.looked_back_to() && !finder.is_at_end() ? tr("looked through back to event %1").arg(parts::number(*finder.looked_back_to()))
                         : !finder.is_at_end()                          ? tr("looking …")
                         : finder.archived() > 1                        ? tr("events before %1 are in archive segments and were not looked at").arg(parts::number(finder.archived()))
                                                                        : tr("all %1 events were looked through").arg(parts::number(finder.size()));
    state_->setText(tr("%1; %2").arg(found, back));
    cancel_->setVisible(finder.is_looking() || finder.is_stopped());
    cancel_->setText(finder.is_looking() ? tr("Stop") : tr("Look further back"));
    const bool in_english = searches_another_language() && !bar_->search().text.empty();
    const QString nothing = tr("No event fits. Take a part of the filter away, or look for fewer words.") + (in_english ? QLatin1Char('\n') + tr("Words are looked for in the service's own English text, not in the sentences that are shown here.") : QString());
    empty_->setText(finder.is_looking() ? tr("Looking …") : finder.is_stopped() ? tr("Nothing found so far.") : nothing);
    empty_->setVisible(finder.found().empty());
}

void LogPage::take_news() {
    model_->take_news();
    table_->clearSelection();
    table_->setCurrentIndex({});
    table_->scrollToTop();
    look();
}

void LogPage::go_to_event(std::uint64_t index) {
    if (model_->row_of(index) < 0 && model_->is_filtered()) bar_->set_search({});
    if (index < model_->size() && model_->row_of(index) < 0) model_->take_news();
    const int row = model_->row_of(index);
    if (row < 0) return;
    detail_ = true;
    table_->setCurrentIndex(model_->index(row, 0));
    table_->scrollTo(model_->index(row, 0), QAbstractItemView::PositionAtCenter);
    table_->setFocus();
    show_event();
}

void LogPage::show_event() {
    show_.stop();
    const QModelIndex row = table_->currentIndex();
    if (!row.isValid()) return hide_event();
    const std::uint64_t index = row.data(LogModel::kIndexRole).toULongLong();
    event_->show();
    if (row.data(LogModel::kArchivedRole).toBool()) return event_->show_archived(index);
    wanted_ = index;
    if (event_->index() != index) event_->show_waiting(index);
    pb::AuditList request;
    request.set_first(index);
    request.set_limit(1);
    source_of(link()).ask(this, request, [this, index](base::Result<pb::AuditListReply> reply) {
        if (index != wanted_) return;
        if (!reply) return event_->show_error(reply.error());
        if (reply->events().empty() || reply->events(0).index() != index) return event_->show_left_out(index, reply->archived());
        event_->show_event(reply->events(0));
    });
}

void LogPage::hide_event() {
    detail_ = false;
    const bool was_there = event_->isVisible();
    event_->hide();
    table_->setCurrentIndex({});
    table_->clearSelection();
    if (was_there) table_->setFocus();
}

void LogPage::prove(const pb::AuditEvent& event) { (new ProofDialog(link(), event, this))->open(); }

void LogPage::check_receipt() { (new ReceiptDialog(link(), this))->open(); }

void LogPage::verify() { verify_->begin(); }

void LogPage::show_item(const QString& item) {
    const qsizetype equals = item.indexOf(QLatin1Char('='));
    if (equals > 0) return bar_->only(item.left(equals).toStdString(), item.mid(equals + 1).toStdString());
    bool ok = false;
    const qulonglong index = item.toULongLong(&ok);
    if (ok) go_to_event(index);
}

bool LogPage::is_busy() const { return verify_->is_running(); }

QStringList LogPage::scenes() const {
    return {QStringLiteral("event"), QStringLiteral("search"), QStringLiteral("nothing"), QStringLiteral("filter"), QStringLiteral("proof"), QStringLiteral("receipt"), QStringLiteral("verified"), QStringLiteral("denied")};
}

void LogPage::show_scene(const QString& scene) {
    denied_ = false;
    hide_event();
    verify_->hide();
    bar_->set_search({});
    if (scene == QStringLiteral("event")) {
        go_to_event(model_->size() - 1);
    } else if (scene == QStringLiteral("search")) {
        SearchText search;
        search.types = {"ukey_issued", "ukey_initialised", "deed_signed"};
        search.from = "7d";
        search.text = "issue*";
        bar_->set_search(search);
    } else if (scene == QStringLiteral("nothing")) {
        bar_->only("meter", "000000000001");
    } else if (scene == QStringLiteral("filter")) {
        bar_->open_filter();
    } else if (scene == QStringLiteral("proof")) {
        pb::AuditEvent newest;
        newest.set_index(model_->size() - 1);
        prove(newest);
    } else if (scene == QStringLiteral("receipt")) {
        check_receipt();
    } else if (scene == QStringLiteral("verified")) {
        verify_->begin();
    } else if (scene == QStringLiteral("denied")) {
        denied_ = true;
    }
    look();
}

}  // namespace ui::log

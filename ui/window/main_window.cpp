#include "ui/window/main_window.h"

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "base/version.h"
#include "ui/issue/batch_wizard.h"
#include "ui/parts/belief.h"
#include "ui/parts/deed_dialog.h"
#include "ui/parts/icon.h"
#include "ui/parts/notice.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"
#include "ui/window/lock_screen.h"
#include "ui/window/pages.h"

namespace ui::window {
namespace {

using State = link::Link::State;

constexpr int kListWidth = 190;
constexpr int kMinutes[] = {1, 5, 15, 60};
constexpr int kUsualMinutes = 5;
constexpr double kFewestMinutes = 0.005;  ///< less would lock again before anybody can do anything

/// A file that somebody has written into may say half a minute, or nonsense.
double lock_minutes() {
    const double minutes = QSettings().value(QStringLiteral("lock_minutes"), kUsualMinutes).toDouble();
    return minutes >= kFewestMinutes && minutes <= kMinutes[std::size(kMinutes) - 1] ? minutes : kUsualMinutes;
}

std::chrono::milliseconds lock_time() { return std::chrono::milliseconds(std::llround(lock_minutes() * 60'000)); }

/// UKEYs that stand for somebody at this window: who pulls one goes away.
bool is_hand(const std::string& kind) { return kind == "master-control" || kind == "officer" || kind == "auditor"; }

/// The service's own line among its warnings.
QString why_failing(const link::pb::StatusReply& status) {
    const int at = static_cast<int>(std::ranges::find(status.warned_of(), link::pb::Warning::LOG_FAILING, &link::pb::Warning::code) - status.warned_of().begin());
    return at < status.warnings_size() ? parts::text(status.warnings(at)) : QString();
}

}  // namespace

MainWindow::MainWindow(link::Link& link, Language& language) : link_(link), language_(language) {
    setObjectName(QStringLiteral("main"));
    setWindowIcon(parts::icon(parts::Picture::ukey));
    build();
    connect(&link_, &link::Link::state_changed, this, &MainWindow::look_at_state);
    connect(&link_, &link::Link::status_changed, this, &MainWindow::look_at_state);
    connect(&link_, &link::Link::status_changed, this, &MainWindow::look_at_readers);
    connect(&link_, &link::Link::auditor_changed, this, &MainWindow::look_at_auditor);
    connect(&link_, &link::Link::done_something, this, [this] {
        if (Page* now = page(current())) now->refresh();
    });
    connect(&language_, &Language::changed, this, [this] {
        close_dialogs();
        build();
    });
    idle_.setSingleShot(true);
    connect(&idle_, &QTimer::timeout, this, [this] {
        if (is_busy()) return idle_.start();
        lock(tr("Nobody was at the window for %1 min.").arg(lock_minutes()));
    });
    idle_.start(lock_time());
    qApp->installEventFilter(this);
    const QSettings settings;
    if (!restoreGeometry(settings.value(QStringLiteral("geometry")).toByteArray())) resize(1180, 760);
}

MainWindow::~MainWindow() { qApp->removeEventFilter(this); }

void MainWindow::build() {
    const QString stood = list_ == nullptr ? wanted_ : current();
    const bool locked = layers_ != nullptr && is_locked();
    setWindowTitle(tr("Key management platform"));
    layers_ = new QStackedWidget(this);
    auto* work = new QWidget(layers_);
    auto* row = new QHBoxLayout(work);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);

    auto* side = new QWidget(work);
    side->setFixedWidth(kListWidth);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(8, 12, 8, 12);
    list_ = new QListWidget(side);
    list_->setObjectName(QStringLiteral("pages"));
    list_->setAccessibleName(tr("Pages"));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setIconSize(QSize(20, 20));
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->viewport()->setAutoFillBackground(false);
    who_ = new QLabel(side);
    who_->setWordWrap(true);
    parts::set_tone(*who_, parts::Tone::muted);
    login_ = new QToolButton(side);
    login_->setObjectName(QStringLiteral("login"));
    login_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    login_->setIcon(parts::icon(parts::Picture::person));
    login_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(login_, &QToolButton::clicked, this, [this] { link_.auditor() ? link_.log_out() : log_in(); });
    column->addWidget(list_, 1);
    column->addWidget(who_);
    column->addWidget(login_);

    auto* rest = new QVBoxLayout;
    rest->setContentsMargins(16, 12, 16, 12);
    trouble_ = new parts::Notice(work);
    trouble_->setObjectName(QStringLiteral("trouble"));
    connect(trouble_, &parts::Notice::acted, this, [this] { go_to(QStringLiteral("home")); });
    stack_ = new QStackedWidget(work);
    closed_ = new QLabel(stack_);
    closed_->setAlignment(Qt::AlignCenter);
    closed_->setWordWrap(true);
    parts::set_tone(*closed_, parts::Tone::muted);
    stack_->addWidget(closed_);
    pages_.clear();
    for (const PageEntry& entry : pages()) {
        auto* item = new QListWidgetItem(parts::icon(entry.picture), title_of(entry), list_);
        item->setSizeHint(QSize(kListWidth - 24, 34));
        Page* made = entry.make(link_, stack_);
        made->setObjectName(QString::fromLatin1(entry.name));
        connect(made, &Page::go_to, this, &MainWindow::go_to);
        connect(made, &Page::log_in_wanted, this, &MainWindow::log_in);
        stack_->addWidget(made);
        pages_.push_back(made);
    }
    rest->addWidget(trouble_);
    rest->addWidget(stack_, 1);
    row->addWidget(side);
    row->addLayout(rest, 1);

    lock_screen_ = new LockScreen(layers_);
    connect(lock_screen_, &LockScreen::go_on, this, &MainWindow::unlock);
    layers_->addWidget(work);
    layers_->addWidget(lock_screen_);
    setCentralWidget(layers_);  // deletes the one of before
    layers_->setCurrentIndex(locked ? 1 : 0);
    connect(list_, &QListWidget::currentRowChanged, this, &MainWindow::show_page);
    build_menus();
    look_at_auditor();
    go_to(stood);
}

void MainWindow::build_menus() {
    // clear() leaves the menus themselves; and this may come from one of them.
    for (QMenu* menu : menuBar()->findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly)) menu->deleteLater();
    menuBar()->clear();
    auto* file = menuBar()->addMenu(tr("&Window"));
    file->addAction(parts::icon(parts::Picture::lock), tr("&Lock"), QKeySequence(Qt::CTRL | Qt::Key_L), this, [this] { lock(tr("You have locked it.")); });
    auto* after = file->addMenu(tr("Lock when &idle for"));
    auto* minutes = new QActionGroup(after);
    for (const int m : kMinutes) {
        QAction* action = after->addAction(tr("%1 min").arg(m));
        action->setCheckable(true);
        action->setChecked(m == lock_minutes());
        minutes->addAction(action);
        connect(action, &QAction::triggered, this, [this, m] {
            QSettings().setValue(QStringLiteral("lock_minutes"), m);
            idle_.start(lock_time());
        });
    }
    file->addSeparator();
    file->addAction(tr("&Quit"), QKeySequence(QKeySequence::Quit), this, &QWidget::close);

    auto* view = menuBar()->addMenu(tr("&Go"));
    for (std::size_t i = 0; i < pages().size(); ++i) {
        const QString name = QString::fromLatin1(pages()[i].name);
        view->addAction(parts::icon(pages()[i].picture), title_of(pages()[i]), QKeySequence(static_cast<int>(Qt::CTRL) | static_cast<int>(Qt::Key_1 + static_cast<int>(i))), this, [this, name] { go_to(name); });
    }
    view->addSeparator();
    view->addAction(parts::icon(parts::Picture::refresh), tr("&Read again"), QKeySequence(QKeySequence::Refresh), this, [this] {
        if (Page* now = page(current())) now->refresh();
    });

    auto* languages = menuBar()->addMenu(tr("&Language"));
    auto* group = new QActionGroup(languages);
    for (const Language::Choice& choice : Language::choices()) {
        QAction* action = languages->addAction(choice.name);
        action->setCheckable(true);
        action->setChecked(choice.code == language_.code());
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, code = choice.code] {
            if (is_busy()) {
                QMessageBox::information(this, tr("Language"), tr("Something is still being done. Change the language when it is done."));
                // Not here: the menu that this comes from is made anew.
                QTimer::singleShot(0, this, &MainWindow::build_menus);
                return;
            }
            QSettings().setValue(QStringLiteral("language"), code);
            // After the menu has closed: it is built anew.
            QTimer::singleShot(0, &language_, [this, code] { language_.set(code); });
        });
    }
    menuBar()->addMenu(tr("&Help"))->addAction(tr("&About"), this, &MainWindow::about);
}

Page* MainWindow::page(const QString& name) const {
    const auto at = std::ranges::find(pages_, name, &QObject::objectName);
    return at == pages_.end() ? nullptr : *at;
}

QString MainWindow::current() const {
    const int row = list_->currentRow();
    return row < 0 ? QStringLiteral("home") : QString::fromLatin1(pages()[static_cast<std::size_t>(row)].name);
}

void MainWindow::go_to(const QString& name, const QString& item) {
    for (std::size_t i = 0; i < pages_.size(); ++i) {
        if (pages_[i]->objectName() != name) continue;
        if (list_->currentRow() == static_cast<int>(i)) show_page(static_cast<int>(i));
        else list_->setCurrentRow(static_cast<int>(i));
        if (!item.isEmpty()) pages_[i]->show_item(item);
    }
}

void MainWindow::show_page(int number) {
    if (number < 0) return;
    look_at_state();
    if (stack_->currentWidget() != closed_) pages_[static_cast<std::size_t>(number)]->refresh();
}

void MainWindow::look_at_state() {
    const int row = list_->currentRow();
    if (row < 0) return;
    const PageEntry& entry = pages()[static_cast<std::size_t>(row)];
    const State state = link_.state();
    const bool open = state == State::open || state == State::failing;
    const QString home = tr("Go to Home");
    trouble_->offer({});
    if (state == State::away) {
        trouble_->say(parts::Tone::bad, tr("The service does not answer."), tr("This window goes on trying. Is kmpd running? An administrator starts it."), parts::text(link_.trouble().message));
    } else if (state == State::connecting) {
        trouble_->say(parts::Tone::muted, {});
    } else if (!link_.is_believed()) {
        trouble_->say(parts::Tone::bad, tr("The log is not the one that is known here."), tr("It was set back, or it is another platform's. Change nothing; tell the auditor.") + QLatin1Char(' ') + parts::what_works_unbelieved(),
                      parts::text(link_.trouble().message));
    } else if (state == State::failing) {
        trouble_->say(parts::Tone::bad, tr("The service refuses everything."), tr("It cannot write its log. It goes on by itself once it can."), why_failing(link_.status()));
    } else if (state == State::sealed && row != 0) {
        trouble_->say(parts::Tone::attention, tr("The platform is sealed."), tr("Nothing is signed until it is unsealed with the platform UKEY."));
        trouble_->offer(home);
    } else if (state == State::uninitialised && row != 0) {
        trouble_->say(parts::Tone::attention, tr("The platform is not set up yet."), tr("The page Home leads through the ceremony."));
        trouble_->offer(home);
    } else {
        trouble_->say(parts::Tone::plain, {});
    }
    QWidget* wanted = entry.needs_open && !open ? static_cast<QWidget*>(closed_) : pages_[static_cast<std::size_t>(row)];
    closed_->setText(state == State::away || state == State::connecting ? tr("There is nothing to show while the service does not answer.") : tr("There is nothing to show until the platform is open."));
    if (stack_->currentWidget() != wanted) {
        stack_->setCurrentWidget(wanted);
        if (wanted != closed_) pages_[static_cast<std::size_t>(row)]->refresh();
    }
}

void MainWindow::look_at_readers() {
    std::map<std::string, std::string> now;
    std::set<std::string> present, being_read;
    for (const link::pb::ReaderStatus& r : link_.status().readers()) {
        if (r.content() == "starting") being_read.insert(r.name());
        if (r.ukey().empty()) continue;
        present.insert(r.ukey());
        if (is_hand(r.ukey_kind())) now.emplace(r.ukey(), r.name());
    }
    const bool up = link_.state() != State::away && link_.state() != State::connecting;
    std::string pulled;
    for (const auto& [serial, reader] : hands_) {
        // A service that was started anew reads its UKEYs first, and knows their kinds once it is unsealed.
        if (present.contains(serial) || being_read.contains(reader)) now.emplace(serial, reader);
        else pulled = serial;
    }
    // What was pulled while something is done locks the window when it is done.
    if (!up || (!pulled.empty() && something_runs())) return;
    if (!pulled.empty()) lock(tr("UKEY %1 was pulled.").arg(parts::text(pulled)));
    hands_ = std::move(now);
}

void MainWindow::look_at_auditor() {
    const auto& auditor = link_.auditor();
    who_->setText(auditor ? tr("%1 is logged in as auditor.").arg(parts::text(auditor->holder())) : QString());
    who_->setVisible(auditor.has_value());
    login_->setText(auditor ? tr("Log out") : tr("Log in as auditor"));
    if (Page* now = page(current()); now != nullptr && list_->currentRow() >= 0 && stack_->currentWidget() == now) now->refresh();
}

bool MainWindow::something_runs() const {
    const auto forms = findChildren<parts::DeedForm*>();
    const auto batches = findChildren<issue::BatchWizard*>();
    return std::ranges::any_of(forms, [](const parts::DeedForm* f) { return f->is_running(); }) || std::ranges::any_of(batches, [](const issue::BatchWizard* b) { return b->is_issuing(); });
}

bool MainWindow::is_busy() const { return something_runs() || std::ranges::any_of(pages_, &Page::is_busy); }

void MainWindow::log_in() {
    parts::Deed deed;
    deed.title = tr("Log in as auditor");
    deed.button = tr("Log in");
    deed.what = {tr("Until you log out or pull your UKEY, this window reads the log in your name. The log says so.")};
    deed.hand = parts::Hand::auditor;
    deed.send = [this](QObject* owner, link::Pins pins, link::Line::Done done) {
        return link_.log_in(owner, qobject_cast<parts::DeedForm*>(owner)->hand(), std::move(pins.front().secret), std::move(done));
    };
    deed.cancel = [this](link::Line::Ticket asked) { link_.cancel_log_in(asked); };
    auto* dialog = new parts::DeedDialog(link_, std::move(deed), this);
    connect(dialog, &parts::DeedDialog::finished_well, dialog, &QDialog::close);
    dialog->open();
}

void MainWindow::close_dialogs() {
    const auto dialogs = findChildren<QDialog*>();
    for (QDialog* dialog : dialogs)
        if (dialog->isVisible()) dialog->close();
}

void MainWindow::lock(const QString& why) {
    if (is_locked()) return;
    if (something_runs()) {
        QMessageBox::information(this, tr("Lock"), tr("Something is being done with a UKEY. Lock the window when it is done."));
        return;
    }
    close_dialogs();
    link_.log_out();
    lock_screen_->say(why);
    layers_->setCurrentIndex(1);
    menuBar()->setEnabled(false);
}

void MainWindow::unlock() {
    layers_->setCurrentIndex(0);
    menuBar()->setEnabled(true);
    idle_.start(lock_time());
    if (Page* now = page(current())) now->refresh();
    list_->setFocus();
}

bool MainWindow::is_locked() const { return layers_->currentIndex() == 1; }

void MainWindow::about() {
    QMessageBox::about(this, tr("About"), tr("<h3>Key management platform</h3><p>Version %1</p><p>Home: %2</p><p>This window holds no key and no PIN; it asks the service on its socket.</p>").arg(parts::text(base::kVersion), parts::text(link_.address().home).toHtmlEscaped()));
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (something_runs() && QMessageBox::question(this, tr("Quit"), tr("Something is being done with a UKEY. Quit all the same? It goes on without you; the log says what came of it.")) != QMessageBox::Yes) {
        event->ignore();
        return;
    }
    end();
    QMainWindow::closeEvent(event);
}

void MainWindow::end() {
    QSettings().setValue(QStringLiteral("geometry"), saveGeometry());
    close_dialogs();
}

bool MainWindow::eventFilter(QObject* object, QEvent* event) {
    switch (event->type()) {
        case QEvent::KeyPress:
        case QEvent::MouseButtonPress:
        case QEvent::MouseMove:
        case QEvent::Wheel:
            if (!is_locked()) idle_.start(lock_time());
            break;
        default: break;
    }
    return QMainWindow::eventFilter(object, event);
}

}  // namespace ui::window

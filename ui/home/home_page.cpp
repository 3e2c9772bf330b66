#include "ui/home/home_page.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/first_start/ceremony_wizard.h"
#include "ui/home/orders_chart.h"
#include "ui/home/readers_view.h"
#include "ui/parts/deed_dialog.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/scrolled.h"
#include "ui/parts/verified.h"
#include "ui/parts/words.h"

namespace ui::home {
namespace {

namespace pb = link::pb;
using State = link::Link::State;
using parts::text;
using parts::Tone;

constexpr base::Millis kOldCheckpoint = 15 * base::kMinute;
constexpr double kLittleDisk = 0.1;
constexpr int kMostOutlets = 20;   ///< drops and witnesses
constexpr int kCeremonySteps = 6;
constexpr int kListSoon = 2'000;    ///< ms between two readings of the requests, where something happened
constexpr int kListAgain = 30'000;

using parts::now;

}  // namespace

HomePage::HomePage(link::Link& link, QWidget* parent)
    : Page(link, parent), state_(new QLabel(this)), state_text_(new QLabel(this)), act_(new QPushButton(this)), outcome_(new parts::Notice(this)) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    QVBoxLayout* column = parts::scrolled(*outer, this);
    QWidget* inside = column->parentWidget();

    auto* top = new QHBoxLayout;
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    parts::make_heading(*state_, 1);
    state_->setObjectName(QStringLiteral("state"));
    state_text_->setWordWrap(true);
    parts::set_tone(*state_text_, Tone::muted);
    words->addWidget(state_);
    words->addWidget(state_text_);
    act_->setObjectName(QStringLiteral("act_on_state"));
    top->addLayout(words, 1);
    top->addWidget(act_, 0, Qt::AlignVCenter);
    column->addLayout(top);
    column->addWidget(outcome_);
    connect(act_, &QPushButton::clicked, this, &HomePage::act);

    alarms_card_ = new parts::Card(tr("What wants attention"), inside);
    alarms_ = new QVBoxLayout;
    quiet_ = new QLabel(alarms_card_);
    quiet_->setObjectName(QStringLiteral("quiet"));
    parts::set_tone(*quiet_, Tone::muted);
    requests_ = new QPushButton(alarms_card_);
    requests_->setObjectName(QStringLiteral("open_requests"));
    connect(requests_, &QPushButton::clicked, this, [this] { emit go_to(QStringLiteral("approvals"), {}); });
    alarms_card_->column()->addLayout(alarms_);
    alarms_card_->column()->addWidget(quiet_);
    alarms_card_->column()->addWidget(requests_, 0, Qt::AlignLeft);
    column->addWidget(alarms_card_);

    auto* grid = new QGridLayout;
    grid->setSpacing(12);
    column->addLayout(grid);

    readers_card_ = new parts::Card(tr("Readers"), inside);
    readers_ = new ReadersView(readers_card_);
    no_readers_ = new QLabel(tr("No reader is there. A UKEY appears as soon as it is plugged in."), readers_card_);
    parts::set_tone(*no_readers_, Tone::muted);
    readers_card_->column()->addWidget(readers_);
    readers_card_->column()->addWidget(no_readers_);
    connect(readers_, &ReadersView::chosen, this, [this](const QString& serial) { emit go_to(QStringLiteral("ukeys"), serial); });
    column->addWidget(readers_card_);

    orders_card_ = new parts::Card(tr("Orders per minute"), inside);
    chart_ = new OrdersChart(orders_card_);
    orders_ = new QLabel(orders_card_);
    orders_->setWordWrap(true);
    orders_card_->column()->addWidget(chart_, 1);
    orders_card_->column()->addWidget(orders_);
    health_card_ = new parts::Card(tr("Service"), inside);
    health_ = new parts::Figures(health_card_);
    health_card_->column()->addWidget(health_);
    health_card_->column()->addStretch(1);
    log_card_ = new parts::Card(tr("Log"), inside);
    log_ = new parts::Figures(log_card_);
    checkpoint_ = new QPushButton(tr("Sign a checkpoint now"), log_card_);
    checkpoint_->setObjectName(QStringLiteral("sign_checkpoint"));
    connect(checkpoint_, &QPushButton::clicked, this, &HomePage::sign_checkpoint);
    log_card_->column()->addWidget(log_);
    log_card_->column()->addStretch(1);
    log_card_->column()->addWidget(checkpoint_, 0, Qt::AlignLeft);
    log_card_->column()->addWidget(new parts::Reasons({checkpoint_}, log_card_));
    grid->addWidget(orders_card_, 0, 0);
    grid->addWidget(log_card_, 0, 1);
    grid->addWidget(health_card_, 0, 2);
    for (int c = 0; c < 3; ++c) grid->setColumnStretch(c, 1);
    column->addStretch(1);
    connect(&link, &link::Link::status_changed, this, [this] {
        look();
        // Others ask and approve too, elsewhere; some end by time alone.
        if (!isVisible() || (listed_.isValid() && !listed_.hasExpired(log_size_ != this->link().status().log_size() ? kListSoon : kListAgain))) return;
        ask_requests();
    });
    connect(&link, &link::Link::state_changed, this, &HomePage::look);
    look();
}

QWidget* HomePage::first_field() { return act_; }

void HomePage::refresh() {
    ask_requests();
    look();
}

void HomePage::look() {
    look_at_state();
    readers_->show_readers(link().status().readers());
    no_readers_->setVisible(link().status().readers().empty());
    look_at_health();
    look_at_log();
    look_at_alarms();
}

void HomePage::look_at_state() {
    const pb::StatusReply& s = link().status();
    const auto say = [&](const QString& title, const QString& line, Tone tone, const QString& action) {
        state_->setText(title);
        parts::set_tone(*state_, tone);
        state_text_->setText(line);
        act_->setText(action);
        act_->setVisible(!action.isEmpty());
    };
    const bool there = link().state() != State::away && link().state() != State::connecting;
    for (QWidget* w : {static_cast<QWidget*>(readers_card_), static_cast<QWidget*>(alarms_card_)}) w->setVisible(there);
    const bool open = link().state() == State::open || link().state() == State::failing;
    for (QWidget* w : {static_cast<QWidget*>(health_card_), static_cast<QWidget*>(orders_card_), static_cast<QWidget*>(log_card_)}) w->setVisible(open);
    switch (link().state()) {
        case State::connecting: return say(tr("Connecting …"), text(link().address().home), Tone::muted, {});
        case State::away: return say(tr("No answer"), tr("The service of %1 is not running.").arg(text(link().address().home)), Tone::bad, {});
        case State::uninitialised: return say(tr("Not set up yet"), tr("Two blank UKEYs, or more where several officers share the work, and half an hour."), Tone::attention, tr("Set up …"));
        case State::sealed: return say(tr("Sealed"), tr("Nothing is signed and nothing is read until the platform UKEY opens it."), Tone::attention, tr("Unseal …"));
        case State::failing: return say(tr("Failing"), tr("%1 · it refuses everything until its log can be written").arg(text(s.utility())), Tone::bad, tr("Seal …"));
        case State::open: break;
    }
    const bool well = s.health() == "healthy";
    say(well ? tr("In good order") : tr("Open, with something to look at"), tr("%1 · open since %2").arg(text(s.utility()), parts::moment(s.up_since_ms())), well ? Tone::good : Tone::attention, tr("Seal …"));
}

void HomePage::look_at_health() {
    const pb::StatusReply& s = link().status();
    if (s.state() != "open" && s.state() != "failing") return;
    chart_->add({now(), s.orders_last_minute(), s.refused_last_minute()});
    QString line = tr("%1 in the last minute").arg(parts::number(s.orders_last_minute()));
    if (s.refused_last_minute() > 0) line += tr(", %1 of them refused").arg(parts::number(s.refused_last_minute()));
    if (s.orders_last_minute() > 0) line += tr("; half answered within %1 ms, 99 % within %2 ms").arg(s.p50_us() / 1000.0, 0, 'f', 1).arg(s.p99_us() / 1000.0, 0, 'f', 1);
    orders_->setText(line);
    health_->set(tr("Platform UKEY"), text(s.platform()));
    health_->set(tr("Its certificate"), s.platform_not_after_ms() == 0 ? QString() : tr("until %1").arg(parts::day(s.platform_not_after_ms())), s.platform_not_after_ms() != 0 && s.platform_not_after_ms() - now() < 30 * base::kDay ? Tone::attention : Tone::plain);
    health_->set(tr("Officers"), s.officers() == 0 ? tr("one person holds the master-control UKEY") : tr("%1, of whom %2 must agree").arg(s.officers()).arg(s.officers_needed()));
    health_->set(tr("Stations"), tr("%1 sessions on %2 connections").arg(s.sessions()).arg(s.connections()));
    health_->set(tr("Being done"), tr("%1 of stations, %2 of officers").arg(s.under_way()).arg(s.officers_queue()));
    if (s.disk_total_bytes() > 0) {
        const double free = static_cast<double>(s.disk_free_bytes()) / static_cast<double>(s.disk_total_bytes());
        health_->set(tr("Disk"), tr("%1 free").arg(parts::file_size(s.disk_free_bytes())), free < kLittleDisk ? Tone::attention : Tone::plain);
    }
    health_->set(tr("Memory"), s.memory_locked() ? tr("secrets are locked in") : tr("secrets may be swapped out"), s.memory_locked() ? Tone::plain : Tone::attention);
    health_->set(tr("Network"), text(s.network()));
    health_->set(tr("Standby"), s.standby().empty() ? QString() : s.standby_problem().empty() ? tr("%1 events behind").arg(parts::number(s.standby_lag_events())) : text(s.standby_problem()), s.standby_problem().empty() ? Tone::plain : Tone::bad);
    health_->set(tr("Version"), text(s.version()));
}

void HomePage::look_at_log() {
    const pb::StatusReply& s = link().status();
    if (s.state() != "open" && s.state() != "failing") return;
    log_->set(tr("Events"), parts::number(s.log_size()));
    log_->set(tr("Archived"), s.archived() == 0 ? QString() : tr("those before %1").arg(parts::number(s.archived())));
    if (s.last_checkpoint_ms() == 0) {
        log_->set(tr("Last checkpoint"), tr("none yet"), Tone::attention);
    } else {
        log_->set(tr("Last checkpoint"), tr("%1, over %2 events").arg(parts::from_now(s.last_checkpoint_ms(), now()), parts::number(s.last_checkpoint_size())), s.checkpoint_age_ms() > kOldCheckpoint && s.checkpoint_lag() > 0 ? Tone::attention : Tone::plain);
        // What signing a checkpoint logs stands behind it.
        const bool own_alone = s.checkpoint_lag() == 0 && s.log_size() > s.last_checkpoint_size();
        log_->set(tr("Since then"), own_alone ? tr("nothing but the checkpoint itself") : tr("%n event(s)", nullptr, static_cast<int>(s.log_size() - s.last_checkpoint_size())));
    }
    log_->set(tr("Last backup"), s.last_backup_ms() == 0 ? tr("none yet") : parts::from_now(s.last_backup_ms(), now()), link().backup_is_due() ? Tone::attention : Tone::plain);
    if (!link().is_believed()) log_->set(tr("Continuity"), tr("does not go on from what this computer saw before"), Tone::bad);
    else if (link().knew_the_log()) log_->set(tr("Continuity"), tr("goes on from what this computer saw before"), Tone::good);
    else log_->set(tr("Continuity"), tr("this computer saw nothing of it before"), Tone::muted);
    for (int i = 0; i < std::min(s.outlets_size(), kMostOutlets); ++i) {
        const pb::OutletStatus& o = s.outlets(i);
        const QString name = o.name() == "drop" ? tr("Copies to") : tr("Witness %1").arg(text(o.name()));
        const QString state = !o.problem().empty() ? text(o.problem()) : o.size() == 0 ? tr("nothing yet") : tr("up to %1 events, %2").arg(parts::number(o.size()), parts::from_now(o.last_ms(), now()));
        log_->set(name, state, o.problem().empty() ? Tone::plain : Tone::attention);
    }
    const auto verified = parts::last_verified(link());
    const QString verdict = !verified ? tr("not from this window yet") : verified->sound ? tr("%1, sound: %2 events").arg(parts::from_now(verified->when, now()), parts::number(verified->events)) : tr("%1, NOT SOUND").arg(parts::from_now(verified->when, now()));
    log_->set(tr("Last verified"), verified ? tr("%1, %2").arg(verdict, parts::who_verified(verified->by)) : verdict, !verified || (verified->sound && !link().is_believed()) ? Tone::muted : verified->sound ? Tone::plain : Tone::bad);
    parts::offer(*checkpoint_, s.state() == "open" ? QString() : tr("the log cannot be written"));
}

void HomePage::show_alarms(std::vector<Alarm> alarms) {
    // In place: a figure in one changes every second, and whoever is on a button stays there.
    while (notices_.size() > alarms.size()) {
        delete notices_.back();
        notices_.pop_back();
    }
    shown_alarms_.resize(notices_.size());
    while (notices_.size() < alarms.size()) {
        const std::size_t i = notices_.size();
        auto* notice = new parts::Notice(alarms_card_);
        connect(notice, &parts::Notice::acted, this, [this, i] {
            const Alarm alarm = shown_alarms_[i];
            emit go_to(alarm.page, alarm.item);
        });
        alarms_->addWidget(notice);
        notices_.push_back(notice);
        shown_alarms_.emplace_back();
    }
    for (std::size_t i = 0; i < alarms.size(); ++i) {
        const Alarm& alarm = alarms[i];
        if (alarm == shown_alarms_[i]) continue;
        notices_[i]->say(alarm.tone, alarm.title, alarm.text, alarm.line);
        notices_[i]->offer(alarm.page.isEmpty() ? QString() : tr("Go to it"));
        notices_[i]->setObjectName(QStringLiteral("alarm_") + alarm.page + QLatin1Char('_') + alarm.item);
    }
    shown_alarms_ = std::move(alarms);
}

void HomePage::look_at_alarms() {
    show_alarms(alarms_of(link().status(), list_asked_for_));
    const bool asks = open_requests_ > 0;
    requests_->setVisible(asks);
    requests_->setText(tr("%n request(s) wait for officers", nullptr, std::max(open_requests_, 0)));
    quiet_->setVisible(shown_alarms_.empty() && !asks);
    const bool asking = link().state() == State::open && link().has_quorum() && open_requests_ < 0;
    const State state = link().state();
    quiet_->setText(state == State::sealed ? tr("The platform is sealed: unseal it, so that stations can vend.") : state == State::uninitialised ? tr("The platform is not set up yet.") : !asking ? tr("Nothing.") : requests_failed_ ? tr("Nothing else; what waits for officers cannot be read now.") : tr("Nothing so far; what waits for officers is being asked for."));
}

void HomePage::ask_requests() {
    if (link().state() != State::open || !link().has_quorum()) {
        open_requests_ = -1;
        list_asked_for_ = 0;
        return;
    }
    if (asked_requests_ != 0) return;
    log_size_ = link().status().log_size();
    listed_.start();
    pb::AdminRequest request;
    request.mutable_request_list();
    asked_requests_ = link().read(this, std::move(request), [this](base::Result<pb::AdminReply> reply) {
        asked_requests_ = 0;
        requests_failed_ = !reply;
        open_requests_ = reply ? reply->request_list().requests_size() : -1;
        list_asked_for_ = 0;
        if (reply)
            for (const pb::Request& r : reply->request_list().requests())
                if (r.deed() == "publish-crl") list_asked_for_ = r.number();
        look_at_alarms();
    });
}

void HomePage::act() {
    if (link().state() == State::uninitialised) set_up();
    else if (link().state() == State::sealed) unseal();
    else if (link().state() == State::open || link().state() == State::failing) seal();
}

void HomePage::set_up() { (new first_start::CeremonyWizard(link(), this))->open(); }

void HomePage::unseal() {
    parts::Deed deed;
    deed.title = tr("Unseal the platform");
    deed.button = tr("Unseal");
    deed.what = {tr("The database is opened with the platform UKEY."), tr("Stations can vend again, and officers can work."), tr("Ten wrong PINs in a row block the platform UKEY for good; it is replaced then, with kmpctl.")};
    deed.hand = parts::Hand::platform;
    deed.request = [](const QString&, const std::string&) {
        pb::AdminRequest request;
        request.mutable_unseal();
        return request;
    };
    deed.outcome = [](const pb::AdminReply& reply) {
        QStringList lines{HomePage::tr("The platform is open.")};
        for (const std::string& note : reply.unseal().notes()) lines << text(note);
        return lines.join(QLatin1Char('\n'));
    };
    (new parts::DeedDialog(link(), std::move(deed), this))->open();
}

void HomePage::seal() {
    parts::Deed deed;
    deed.title = tr("Seal the platform");
    deed.button = tr("Seal");
    deed.what = {tr("Every session ends, and stations cannot vend."), tr("The database and all UKEYs are closed."), tr("Only the PIN of the platform UKEY opens it again.")};
    deed.warning = tr("All vending stops at once. Have whoever knows the PIN of the platform UKEY at hand.");
    deed.request = [](const QString&, const std::string&) {
        pb::AdminRequest request;
        request.mutable_seal();
        return request;
    };
    deed.outcome = [](const pb::AdminReply&) { return HomePage::tr("The platform is sealed."); };
    (new parts::DeedDialog(link(), std::move(deed), this))->open();
}

void HomePage::sign_checkpoint() {
    checkpoint_->setEnabled(false);
    pb::AdminRequest request;
    request.mutable_audit_checkpoint();
    link().read(this, std::move(request), [this](base::Result<pb::AdminReply> reply) {
        look_at_log();
        if (!reply) return outcome_->say(reply.error());
        QStringList missing;
        for (const std::string& m : reply->audit_checkpoint().missing()) missing << text(m);
        outcome_->say(missing.isEmpty() ? Tone::good : Tone::attention, tr("A checkpoint was signed."), missing.isEmpty() ? QString() : tr("Without the cosignature of: %1").arg(missing.join(QStringLiteral("; "))));
        link().look();
    });
}

QStringList HomePage::scenes() const {
    if (link().state() != State::uninitialised) return {QStringLiteral("unseal"), QStringLiteral("seal")};
    QStringList out;
    for (int i = 1; i <= kCeremonySteps; ++i) out << QStringLiteral("ceremony-%1").arg(i);
    return out;
}

void HomePage::show_scene(const QString& scene) {
    if (scene == QStringLiteral("unseal")) unseal();
    if (scene == QStringLiteral("seal")) seal();
    if (!scene.startsWith(QStringLiteral("ceremony-"))) return;
    auto* wizard = new first_start::CeremonyWizard(link(), this);
    wizard->open();
    wizard->show_step(scene.section(QLatin1Char('-'), 1).toInt() - 1);
}

}  // namespace ui::home

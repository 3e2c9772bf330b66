#include "ui/review/review_page.h"

#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "ui/parts/notice.h"
#include "ui/parts/working.h"
#include "ui/review/charts_view.h"
#include "ui/review/compare_view.h"
#include "ui/review/day_report_view.h"
#include "ui/review/export_view.h"
#include "ui/review/take_away.h"

namespace ui::review {

using parts::Tone;

namespace {

/// As the service says that a log is for auditors alone.
bool is_for_auditors(const base::Error& error) { return error.code == base::Code::denied && error.message.starts_with("auditor: "); }

}  // namespace

ReviewPage::ReviewPage(link::Link& link, QWidget* parent) : Page(link, parent), log_(link, this), layers_(new QStackedWidget(this)), closed_(new parts::Notice(this)), trouble_(new parts::Notice(this)), tabs_(new QTabWidget(layers_)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    charts_ = new ChartsView(link, tabs_);
    report_ = new DayReportView(link, log_, tabs_);
    export_ = new ExportView(link, log_, tabs_);
    compare_ = new CompareView(link, tabs_);
    tabs_->setObjectName(QStringLiteral("tabs"));
    tabs_->setDocumentMode(true);
    tabs_->addTab(charts_, tr("Charts"));
    tabs_->addTab(report_, tr("Daily report"));
    tabs_->addTab(export_, tr("Export"));
    tabs_->addTab(compare_, tr("Compare"));
    auto* closed = new QWidget(layers_);
    auto* middle = new QVBoxLayout(closed);
    middle->addWidget(closed_);
    middle->addStretch(1);
    column->addWidget(trouble_);
    layers_->addWidget(tabs_);
    layers_->addWidget(closed);
    column->addWidget(layers_);
    connect(closed_, &parts::Notice::acted, this, &Page::log_in_wanted);
    connect(tabs_, &QTabWidget::currentChanged, this, &ReviewPage::refresh);
    // The reader's line may come up later than the service is known to be open.
    connect(&link, &link::Link::status_changed, this, [this] {
        if (std::exchange(again_, false)) refresh();
    });
}

void ReviewPage::refresh() {
    if (link().state() != link::Link::State::open) return;
    ask_genesis();
}

void ReviewPage::ask_genesis() {
    link::pb::AdminRequest request;
    request.mutable_audit_list()->set_limit(1);
    link().read(this, std::move(request), [this](base::Result<link::pb::AdminReply> reply) {
        closed_to_others(!reply && is_for_auditors(reply.error()));
        trouble_->say(Tone::plain, {});
        again_ = !reply && !is_for_auditors(reply.error());
        if (again_) return trouble_->say(reply.error());
        if (!reply || reply->audit_list().events().empty()) return;
        const auto& genesis = reply->audit_list().events(0);
        const Utility utility = Utility::of(genesis.time_ms(), genesis.json());
        charts_->set_utility(utility);
        report_->set_utility(utility);
        export_->set_utility(utility);
        if (tabs_->currentWidget() == charts_) charts_->read_first();
        if (tabs_->currentWidget() == export_) export_->refresh();
        if (tabs_->currentWidget() == compare_) compare_->refresh();
    });
}

void ReviewPage::closed_to_others(bool closed) {
    closed_->say(Tone::attention, tr("The log of this platform is for auditors alone."), tr("Plug in your auditor UKEY and log in: reports, exports and comparisons are made in your name then."));
    closed_->offer(tr("Log in as auditor"));
    layers_->setCurrentIndex(closed ? 1 : 0);
}

void ReviewPage::show_item(const QString& item) {
    const QStringList names{QStringLiteral("charts"), QStringLiteral("report"), QStringLiteral("export"), QStringLiteral("compare")};
    if (const auto at = names.indexOf(item); at >= 0) tabs_->setCurrentIndex(static_cast<int>(at));
}

bool ReviewPage::is_busy() const {
    const auto all = findChildren<parts::Working*>();
    return std::ranges::any_of(all, [](const parts::Working* w) { return !w->isHidden(); });
}

QStringList ReviewPage::scenes() const { return {QStringLiteral("charts"), QStringLiteral("report"), QStringLiteral("export"), QStringLiteral("compare")}; }

void ReviewPage::show_scene(const QString& scene) {
    show_item(scene);
    if (scene == QStringLiteral("report")) report_->make();
    if (scene == QStringLiteral("compare")) compare_->take_away()->sign();
}

QWidget* ReviewPage::first_field() { return tabs_; }

}  // namespace ui::review

#include "ui/approvals/approvals_page.h"

#include <QCheckBox>
#include <QLabel>
#include <QListView>
#include <QScrollArea>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/approvals/officers_view.h"
#include "ui/approvals/quorum_change.h"
#include "ui/approvals/request_deeds.h"
#include "ui/approvals/request_delegate.h"
#include "ui/approvals/request_view.h"
#include "ui/approvals/request_words.h"
#include "ui/parts/belief.h"
#include "ui/parts/columns.h"
#include "ui/parts/deed_dialog.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::approvals {
namespace {

using parts::Tone;

constexpr base::Millis kSharesLive = 10 * base::kMinute;  ///< as the service keeps them, from the last approval on
constexpr int kListSoon = 2'000;                          ///< ms, where something happened, which may be nothing but orders
constexpr int kListAgain = 10'000;                        ///< ms: shares go without an event

QLabel* said(const QString& words, QWidget* parent) {
    auto* label = new QLabel(words, parent);
    label->setWordWrap(true);
    label->setAlignment(Qt::AlignCenter);
    parts::set_tone(*label, Tone::muted);
    return label;
}

}  // namespace

ApprovalsPage::ApprovalsPage(link::Link& link, QWidget* parent) : Page(link, parent), layers_(new QStackedWidget(this)), model_(new RequestsModel(this)) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    trouble_ = new parts::Notice(this);
    outer->addWidget(trouble_);
    outer->addWidget(layers_, 1);
    layers_->addWidget(said(tr("One person holds the master-control UKEY here and does at once what a request would ask for. There is nothing to approve.\n\nWhere several officers are to agree, the ceremony is held with officers."), layers_));

    auto* split = new QSplitter(Qt::Horizontal, layers_);
    split->setChildrenCollapsible(false);
    auto* left = new QWidget(split);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 6, 0);
    column->setSpacing(8);
    list_ = new QListView(left);
    list_->setObjectName(QStringLiteral("requests"));
    list_->setAccessibleName(tr("Requests"));
    list_->setModel(model_);
    list_->setItemDelegate(new RequestDelegate(list_));
    list_->setFrameShape(QFrame::NoFrame);
    list_->viewport()->setAutoFillBackground(false);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    all_ = new QCheckBox(tr("Also those that are &over"), left);
    all_->setObjectName(QStringLiteral("all"));
    all_->setChecked(QSettings().value(QStringLiteral("approvals/all"), false).toBool());
    officers_ = new OfficersView(left);
    column->addWidget(list_, 1);
    column->addWidget(all_);
    column->addWidget(officers_);

    auto* right = new QStackedWidget(split);
    empty_ = said(QStringLiteral("…"), right);  // until the first answer
    empty_->setObjectName(QStringLiteral("no_requests"));
    auto* scroll = new QScrollArea(right);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    view_ = new RequestView(scroll);
    scroll->setWidget(view_);
    right->addWidget(empty_);
    right->addWidget(scroll);
    split->addWidget(left);
    split->addWidget(right);
    split->setStretchFactor(1, 1);
    split->setSizes({350, 600});
    parts::keep_sizes(*split, QStringLiteral("approvals/split"));
    layers_->addWidget(split);

    connect(all_, &QCheckBox::toggled, this, [this](bool on) {
        QSettings().setValue(QStringLiteral("approvals/all"), on);
        ask_list();
    });
    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, &ApprovalsPage::choose);
    connect(list_, &QListView::activated, view_, [this] { view_->setFocus(); });
    connect(view_, &RequestView::judge, this, &ApprovalsPage::judge);
    connect(view_, &RequestView::run, this, &ApprovalsPage::run);
    connect(officers_, &OfficersView::change, this, &ApprovalsPage::change_officers);
    connect(officers_, &OfficersView::chosen, this, [this](const QString& ukey) { emit go_to(QStringLiteral("ukeys"), ukey); });
    connect(&link, &link::Link::status_changed, this, &ApprovalsPage::on_status);
    connect(&link, &link::Link::state_changed, this, [this] {
        if (isVisible()) ask_quorum();  // changing the officers is offered by it
    });
}

QWidget* ApprovalsPage::first_field() { return list_; }

void ApprovalsPage::refresh() {
    layers_->setCurrentIndex(link().has_quorum() ? 1 : 0);
    if (!link().has_quorum()) return;
    ask_list();
    ask_quorum();
}

void ApprovalsPage::show_item(const QString& number) {
    wanted_ = number.toULongLong();
    ask_list();
}

void ApprovalsPage::on_status() {
    if (!isVisible()) return;
    if (layers_->currentIndex() != (link().has_quorum() ? 1 : 0)) return refresh();
    if (!link().has_quorum()) return;
    // Others ask and approve too, elsewhere.
    const bool other = log_size_ != link().status().log_size() && listed_.hasExpired(kListSoon);
    if (asked_list_ == 0 && (other || listed_.hasExpired(kListAgain))) {
        ask_list();
        ask_quorum();
    }
    if (view_->has_request()) show_chosen(view_->request());
}

void ApprovalsPage::ask_list() {
    if (!link().has_quorum()) return;
    log_size_ = link().status().log_size();
    listed_.start();
    link().cancel_read(asked_list_);
    pb::AdminRequest request;
    request.mutable_request_list()->set_all(all_->isChecked());
    asked_list_ = link().read(this, std::move(request), [this](base::Result<pb::AdminReply> reply) {
        if (!reply && reply.error().code == base::Code::cancelled) return;
        asked_list_ = 0;
        if (!reply) return trouble_->say(reply.error());
        trouble_->say(Tone::plain, {});
        take(reply->request_list());
    });
}

void ApprovalsPage::ask_quorum() {
    pb::AdminRequest request;
    request.mutable_quorum_show();
    link().read(this, std::move(request), [this](base::Result<pb::AdminReply> reply) {
        if (!reply) return;
        officers_->show_quorum(reply->quorum_show().quorum());
        officers_->offer_change(parts::why_unbelieved(this->link()));
    });
}

void ApprovalsPage::take(const pb::RequestListReply& list) {
    for (const pb::Request& r : list.requests()) {
        const auto [at, fresh] = seen_.try_emplace(r.number());
        Seen& seen = at->second;
        if (r.shares() > seen.shares && !fresh) seen.since.start();
        if (r.shares() == 0) seen.since.invalidate();
        seen.shares = r.shares();
    }
    const std::uint64_t stay = wanted_;
    empty_->setText(tr("Nothing waits.\n\nWhat takes the master-control UKEY is asked for on the other pages and becomes a request here, for officers to approve."));
    model_->set(list.requests());
    wanted_ = stay;
    int row = wanted_ == 0 ? -1 : model_->row_of(wanted_);
    if (row < 0 && wanted_ != 0 && !all_->isChecked()) {
        // It is over: it was run, or somebody goes to it from elsewhere. It stays in sight.
        ask_shown();
        list_->setCurrentIndex({});
        static_cast<QStackedWidget*>(empty_->parentWidget())->setCurrentIndex(1);
        return;
    }
    if (row < 0 && model_->rowCount() > 0) row = 0;
    if (row >= 0 && list_->currentIndex().row() != row) list_->setCurrentIndex(model_->index(row));
    else if (row >= 0) choose();
    if (row < 0) view_->show_nothing();
    static_cast<QStackedWidget*>(empty_->parentWidget())->setCurrentIndex(row < 0 ? 0 : 1);
}

void ApprovalsPage::choose() {
    const QModelIndex now = list_->currentIndex();
    if (!now.isValid()) return;
    const std::uint64_t before = std::exchange(wanted_, model_->at(now.row()).number());
    // The one of before must not be approved in the place of what is chosen now.
    if (before != wanted_) view_->show_nothing();
    ask_shown();
}

void ApprovalsPage::ask_shown() {
    // Its statement comes only with it alone: what is approved is what was shown.
    link().cancel_read(asked_shown_);
    pb::AdminRequest request;
    request.mutable_request_show()->set_number(wanted_);
    asked_shown_ = link().read(this, std::move(request), [this](base::Result<pb::AdminReply> reply) {
        if (!reply && reply.error().code == base::Code::cancelled) return;
        asked_shown_ = 0;
        if (!reply) {
            trouble_->say(reply.error());
            view_->show_nothing();
            wanted_ = 0;
            return;
        }
        show_chosen(reply->request_show().request());
        const QString scene = std::exchange(scene_, QString());
        if (!scene.isEmpty()) show_scene(scene);
    });
}

void ApprovalsPage::show_chosen(const pb::Request& request) { view_->show_request(request, shares_left(request), parts::why_unbelieved(link())); }

std::int64_t ApprovalsPage::shares_left(const pb::Request& r) const {
    const auto at = seen_.find(r.number());
    if (at == seen_.end() || !at->second.since.isValid()) return 0;
    return std::max<std::int64_t>(0, kSharesLive - at->second.since.elapsed());
}

void ApprovalsPage::open(parts::Deed deed, bool closes) {
    auto* dialog = new parts::DeedDialog(link(), std::move(deed), this);
    connect(dialog, &parts::DeedDialog::go_to, this, &ApprovalsPage::go_to);
    if (closes) connect(dialog, &parts::DeedDialog::finished_well, dialog, &QDialog::close);
    dialog->open();
}

void ApprovalsPage::judge(bool agree) {
    // It closes by itself: the page says how the request stands, and the next officer goes on.
    if (view_->has_request()) open(judging(view_->request(), agree, officers_->quorum()), true);
}

void ApprovalsPage::run() {
    if (view_->has_request()) open(running(view_->request(), officers_->quorum()), false);
}

void ApprovalsPage::change_officers() {
    auto* choices = new QuorumChoices(link(), officers_->quorum(), this);
    auto* dialog = new parts::DeedDialog(link(), changing_officers(choices), this);
    connect(choices, &QuorumChoices::changed, &dialog->form(), &parts::DeedForm::look_again);
    connect(dialog, &parts::DeedDialog::go_to, this, &ApprovalsPage::go_to);
    dialog->open();
}

QStringList ApprovalsPage::scenes() const { return {QStringLiteral("approve"), QStringLiteral("reject"), QStringLiteral("run"), QStringLiteral("officers"), QStringLiteral("all")}; }

void ApprovalsPage::show_scene(const QString& scene) {
    if (!link().has_quorum()) return;
    if (scene == QStringLiteral("officers")) return change_officers();
    if (scene == QStringLiteral("all")) {
        const QSignalBlocker not_kept(all_);
        all_->setChecked(true);
        return ask_list();
    }
    if (!view_->has_request()) {
        scene_ = scene;
        return;
    }
    if (scene == QStringLiteral("run")) run();
    else judge(scene == QStringLiteral("approve"));
}

}  // namespace ui::approvals

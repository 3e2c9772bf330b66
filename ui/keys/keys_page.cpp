#include "ui/keys/keys_page.h"

#include <QGridLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QScrollArea>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/keys/backup_view.h"
#include "ui/keys/campaign_view.h"
#include "ui/keys/key_deeds.h"
#include "ui/keys/meter_view.h"
#include "ui/parts/belief.h"
#include "ui/parts/columns.h"
#include "ui/parts/figures.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/scrolled.h"

namespace ui::keys {
namespace {

using parts::Tone;

constexpr int kMostRows = 6;         ///< then it scrolls
constexpr int kListAgain = 10'000;   ///< ms, while something happens

}  // namespace

KeysPage::KeysPage(link::Link& link, QWidget* parent) : Page(link, parent), model_(new VersionsModel(this)) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    QVBoxLayout* column = parts::scrolled(*outer, this);
    QWidget* inside = column->parentWidget();
    trouble_ = new parts::Notice(inside);
    column->addWidget(trouble_);

    auto* versions = new parts::Card(tr("Versions of the meters' keys"), inside);
    table_ = new QTableView(versions);
    table_->setObjectName(QStringLiteral("versions"));
    table_->setAccessibleName(tr("Versions of the meters' keys, and the master that each uses of every class"));
    table_->setModel(model_);
    parts::make_list(*table_);
    table_->setFrameShape(QFrame::NoFrame);
    table_->horizontalHeader()->setDefaultSectionSize(74);
    table_->setColumnWidth(VersionsModel::state, 130);
    table_->setColumnWidth(VersionsModel::lacking, 104);
    parts::keep_columns(*table_->horizontalHeader(), QStringLiteral("keys/columns"));
    versions->column()->addWidget(table_);
    auto* buttons = new QHBoxLayout;
    rotate_ = new QPushButton(tr("&Rotate …"), versions);
    rotate_->setObjectName(QStringLiteral("rotate"));
    destroy_ = new QPushButton(tr("&Destroy …"), versions);
    destroy_->setObjectName(QStringLiteral("destroy"));
    buttons->addWidget(rotate_);
    buttons->addStretch(1);
    buttons->addWidget(destroy_);
    versions->column()->addLayout(buttons);
    versions->column()->addWidget(new parts::Reasons({rotate_, destroy_}, versions));
    column->addWidget(versions);

    auto* progress = new parts::Card(tr("How far the newest version has come"), inside);
    campaign_ = new CampaignView(progress);
    progress->column()->addWidget(campaign_);
    column->addWidget(progress);

    auto* grid = new QGridLayout;
    grid->setSpacing(12);
    meter_ = new MeterView(link, inside);
    backup_ = new BackupView(link, inside);
    revocations_ = new RevocationView(link, inside);
    grid->addWidget(meter_, 0, 0);
    grid->addWidget(backup_, 0, 1);
    grid->addWidget(revocations_, 0, 2);
    for (int c = 0; c < 3; ++c) grid->setColumnStretch(c, 1);
    column->addLayout(grid);
    column->addStretch(1);

    connect(rotate_, &QPushButton::clicked, this, &KeysPage::rotate);
    connect(destroy_, &QPushButton::clicked, this, [this] { destroy(chosen()); });
    connect(table_->selectionModel(), &QItemSelectionModel::currentChanged, this, &KeysPage::look);
    connect(table_, &QTableView::activated, this, [this] { (destroy_->isEnabled() ? destroy_ : rotate_)->setFocus(); });
    connect(campaign_, &CampaignView::chosen, this, [this](const QString& ukey) { emit go_to(QStringLiteral("ukeys"), ukey); });
    connect(meter_, &MeterView::go_to, this, &KeysPage::go_to);
    connect(backup_, &BackupView::go_to, this, &KeysPage::go_to);
    connect(revocations_, &RevocationView::go_to, this, &KeysPage::go_to);
    connect(&link, &link::Link::status_changed, this, &KeysPage::on_status);
    connect(&link, &link::Link::state_changed, this, &KeysPage::look);
    connect(&link.ukeys(), &link::Listing::came, this, &KeysPage::look);
    connect(&link.ukeys(), &link::Listing::failed, trouble_, qOverload<const base::Error&>(&parts::Notice::say));
    look();
}

QWidget* KeysPage::first_field() { return table_; }

void KeysPage::refresh() {
    ask_keys();
    link().ukeys().want();
    meter_->refresh();
    backup_->refresh();
    revocations_->refresh();
}

void KeysPage::on_status() {
    // Engineers update meters meanwhile.
    if (!isVisible() || asked_keys_ != 0 || log_size_ == link().status().log_size() || !listed_.hasExpired(kListAgain)) return;
    ask_keys();
    link().ukeys().want();
}

void KeysPage::ask_keys() {
    log_size_ = link().status().log_size();
    listed_.start();
    link().cancel_read(asked_keys_);
    pb::AdminRequest request;
    request.mutable_keys_list();
    asked_keys_ = link().read(this, std::move(request), [this](base::Result<pb::AdminReply> reply) {
        if (!reply && reply.error().code == base::Code::cancelled) return;
        asked_keys_ = 0;
        if (!reply) return trouble_->say(reply.error());
        trouble_->say(Tone::plain, {});
        model_->set(reply->keys_list());
        const int rows = std::min(model_->rowCount(), kMostRows);
        table_->setFixedHeight(table_->horizontalHeader()->sizeHint().height() + rows * table_->verticalHeader()->defaultSectionSize() + 18);
        look();
    });
}

void KeysPage::show_item(const QString& item) {
    const char* button = item == QStringLiteral("backup") ? "back_up" : item == QStringLiteral("revocations") ? "refresh_crl" : nullptr;
    if (button == nullptr) return meter_->look_up(item);
    auto* there = findChild<QPushButton*>(QLatin1String(button));
    there->setFocus();
    // Once the page, which may have come to the front just now, is laid out.
    QTimer::singleShot(0, there, [this, there] { findChild<QScrollArea*>()->ensureWidgetVisible(there); });
}

const pb::KeyVersion* KeysPage::chosen() const {
    const int row = table_->currentIndex().row();
    return row < 0 || row >= model_->rowCount() ? nullptr : &model_->at(row);
}

void KeysPage::look() {
    if (link().ukeys().is_known()) campaign_->show_progress(*model_, link().ukeys().all());
    const pb::KeyVersion* newest = model_->newest();
    const QString unbelieved = parts::why_unbelieved(link());
    parts::offer(*rotate_, !unbelieved.isEmpty() ? unbelieved : newest == nullptr ? tr("the versions are not read yet") : QString());
    const pb::KeyVersion* v = chosen();
    const QString why = !unbelieved.isEmpty() ? unbelieved
                        : v == nullptr       ? tr("choose a version first")
                        : v->newest()        ? tr("the newest version is handed out and cannot be destroyed")
                        : v->destroyed()     ? tr("it is destroyed already")
                                             : QString();
    destroy_->setText(v == nullptr || !why.isEmpty() ? tr("&Destroy …") : tr("&Destroy version %1 …").arg(v->version()));
    parts::offer(*destroy_, why);
}

void KeysPage::open(parts::DeedDialog* dialog) {
    connect(dialog, &parts::DeedDialog::go_to, this, &KeysPage::go_to);
    dialog->open();
}

void KeysPage::rotate() {
    if (const pb::KeyVersion* newest = model_->newest()) open(rotating(link(), newest->version() + 1, this));
}

void KeysPage::destroy(const pb::KeyVersion* version) {
    if (version != nullptr) open(destroying(link(), *version, masters_in_service(link().ukeys().all()), this));
}

QStringList KeysPage::scenes() const { return {QStringLiteral("rotate"), QStringLiteral("destroy"), QStringLiteral("allow-download"), QStringLiteral("backup"), QStringLiteral("revocation")}; }

void KeysPage::show_scene(const QString& scene) {
    if (scene == QStringLiteral("rotate")) rotate();
    if (scene == QStringLiteral("backup")) backup_->back_up();
    if (scene == QStringLiteral("revocation")) revocations_->publish();
    if (scene == QStringLiteral("destroy") && model_->rowCount() > 0) destroy(&model_->at(model_->rowCount() - 1));
    if (scene == QStringLiteral("allow-download")) {
        pb::Meter meter;
        meter.set_number(4711);
        open(allowing_download(link(), meter, this));
    }
}

}  // namespace ui::keys

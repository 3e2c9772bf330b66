#include "ui/keys/campaign_view.h"

#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/parts/bar.h"
#include "ui/parts/columns.h"
#include "ui/parts/words.h"

namespace ui::keys {
namespace {

using parts::text;
using parts::Tone;

constexpr int kMostShown = 6;  ///< rows; then it scrolls

}  // namespace

CampaignView::CampaignView(QWidget* parent) : QWidget(parent), ukeys_(new parts::Bar(this)), meters_(new parts::Bar(this)), next_(new QLabel(this)), list_(new QTreeWidget(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    ukeys_->setObjectName(QStringLiteral("ukeys_on_newest"));
    meters_->setObjectName(QStringLiteral("meters_on_newest"));
    next_->setObjectName(QStringLiteral("campaign_next"));
    next_->setWordWrap(true);
    parts::set_tone(*next_, Tone::muted);
    list_->setObjectName(QStringLiteral("lacking"));
    list_->setAccessibleName(tr("UKEYs that lack masters"));
    list_->setRootIsDecorated(false);
    list_->setUniformRowHeights(true);
    list_->setHeaderLabels({tr("UKEY"), tr("Holder"), tr("Lacks")});
    list_->setColumnWidth(0, 130);
    list_->setColumnWidth(1, 160);
    parts::keep_columns(*list_->header(), QStringLiteral("keys/lacking"));
    column->addWidget(ukeys_);
    column->addWidget(meters_);
    column->addWidget(next_);
    column->addWidget(list_);
    connect(list_, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) { emit chosen(item->text(0)); });
}

void CampaignView::show_progress(const VersionsModel& versions, const std::vector<pb::Ukey>& ukeys) {
    const pb::KeyVersion* newest = versions.newest();
    setVisible(newest != nullptr);
    if (newest == nullptr) return;
    const Campaign c = campaign(ukeys, *newest);
    const auto bar = [](parts::Bar& b, const QString& name, std::uint64_t have, std::uint64_t of, const QString& none) {
        if (of == 0) return b.set(name, 0, none, Tone::plain);
        b.set(name, static_cast<double>(have) / static_cast<double>(of), tr("%1 of %2").arg(parts::number(have), parts::number(of)), have == of ? Tone::good : Tone::plain);
    };
    bar(*ukeys_, tr("UKEYs with all masters of version %1").arg(newest->version()), c.ready, c.all(), tr("no UKEY in service holds masters"));
    bar(*meters_, tr("Meters on version %1").arg(newest->version()), newest->meters(), versions.known_meters(), tr("no meter is known yet"));

    list_->clear();
    for (const Lacks& l : c.lacking) {
        QStringList masters;
        for (const std::string& m : l.masters) masters << parts::masters_words(m);
        new QTreeWidgetItem(list_, {text(l.serial), text(l.holder), masters.join(tr(", "))});
    }
    list_->setVisible(!c.lacking.empty());
    list_->setFixedHeight((std::min(static_cast<int>(c.lacking.size()), kMostShown) + 1) * (list_->fontMetrics().lineSpacing() + 6) + 8);
    if (!c.lacking.empty()) next_->setText(tr("Next: give the new masters to the UKEYs that lack them (Give it masters, on the page of each), engineers' first; then engineers update the meters."));
    else if (newest->meters() < versions.known_meters()) next_->setText(tr("Next: engineers update the meters, each with their key UKEY."));
    else next_->setText(tr("Everything that is known is on the newest version."));
}

}  // namespace ui::keys

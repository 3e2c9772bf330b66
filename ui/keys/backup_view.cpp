#include "ui/keys/backup_view.h"

#include <QPushButton>
#include <QVBoxLayout>

#include "ui/keys/key_deeds.h"
#include "ui/link/after.h"
#include "ui/parts/belief.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/words.h"

namespace ui::keys {
namespace {

namespace pb = link::pb;
using parts::Tone;

constexpr base::Millis kSoon = 7 * base::kDay;  ///< as the service warns

using parts::now;

/// The last thing in its card, with the reason under it while it is not offered.
void offer_while_believed(QPushButton& button, link::Link& link, parts::Card& card) {
    card.column()->addWidget(new parts::Reasons({&button}, &card));
    const auto look = [&button, &link] { parts::offer(button, parts::why_unbelieved(link)); };
    QObject::connect(&link, &link::Link::state_changed, &button, look);
    look();
}

}  // namespace

BackupView::BackupView(link::Link& link, QWidget* parent) : Card(tr("Backup"), parent), link_(link), last_(new QLabel(this)) {
    last_->setObjectName(QStringLiteral("last_backup"));
    last_->setWordWrap(true);
    auto* steps = new QLabel(tr("1.  Plug in a stick, or name a place of its own.\n2.  Back up, every night and before every rotation.\n3.  Carry it away, and its checkpoint apart from it.\n4.  Try a restore on another machine now and then."), this);
    steps->setWordWrap(true);
    parts::set_tone(*steps, Tone::muted);
    auto* make = new QPushButton(tr("&Back up …"), this);
    make->setObjectName(QStringLiteral("back_up"));
    column()->addWidget(last_);
    column()->addWidget(steps);
    column()->addStretch(1);
    column()->addWidget(make, 0, Qt::AlignLeft);
    connect(make, &QPushButton::clicked, this, &BackupView::back_up);
    offer_while_believed(*make, link, *this);
    connect(&link, &link::Link::status_changed, this, &BackupView::refresh);
}

void BackupView::refresh() {
    const pb::StatusReply& s = link_.status();
    if (s.state() != "open" && s.state() != "failing") return;
    last_->setText(s.last_backup_ms() == 0 ? tr("None was made yet.") : tr("The last one was made %1 (%2).").arg(parts::from_now(s.last_backup_ms(), now()), parts::moment(s.last_backup_ms())));
    parts::set_tone(*last_, link_.backup_is_due() ? Tone::attention : Tone::good);
}

void BackupView::back_up() {
    auto* dialog = backing_up(link_, this);
    connect(dialog, &parts::DeedDialog::go_to, this, &BackupView::go_to);
    dialog->open();
}

RevocationView::RevocationView(link::Link& link, QWidget* parent) : Card(tr("Revocation list"), parent), link_(link), figures_(new parts::Figures(this)), publish_(new QPushButton(tr("&Publish a new one …"), this)), save_anchor_(new QPushButton(tr("&Save the trust anchor …"), this)), saved_(new parts::Notice(this)) {
    publish_->setObjectName(QStringLiteral("refresh_crl"));
    save_anchor_->setObjectName(QStringLiteral("save_anchor"));
    parts::offer(*save_anchor_, tr("it was not read yet"), {});
    column()->addWidget(figures_);
    column()->addStretch(1);
    column()->addWidget(saved_);
    column()->addWidget(publish_, 0, Qt::AlignLeft);
    column()->addWidget(save_anchor_, 0, Qt::AlignLeft);
    connect(publish_, &QPushButton::clicked, this, &RevocationView::publish);
    connect(save_anchor_, &QPushButton::clicked, this, &RevocationView::save_anchor);
    offer_while_believed(*publish_, link, *this);
}

void RevocationView::refresh() {
    pb::AdminRequest request;
    request.mutable_pki_show();
    link_.read(this, std::move(request), [this](base::Result<pb::AdminReply> reply) {
        if (!reply) return figures_->set(tr("List"), parts::explain(reply.error()).meaning, Tone::attention);
        const pb::PkiShowReply& p = reply->pki_show();
        const auto tone = [](base::Millis end) { return end < now() ? Tone::bad : end - now() < kSoon ? Tone::attention : Tone::plain; };
        if (p.crl_number() == 0) {
            figures_->set(tr("List"), tr("none yet"), Tone::attention);
        } else {
            figures_->set(tr("List"), tr("number %1, with %2").arg(p.crl_number()).arg(tr("%n certificate(s)", nullptr, static_cast<int>(p.crl_entries()))));
            figures_->set(tr("Signed"), parts::moment(p.crl_this_update_ms()));
            figures_->set(tr("Good until"), tr("%1 (%2)").arg(parts::moment(p.crl_next_update_ms()), parts::from_now(p.crl_next_update_ms(), now())), tone(p.crl_next_update_ms()));
        }
        anchor_ = QByteArray::fromStdString(p.anchor_pem());
        parts::offer(*save_anchor_, anchor_.isEmpty() ? tr("the service did not show it") : QString(), tr("For auditors: they verify reports and exports with it"));
        figures_->set(tr("Trust anchor"), parts::fingerprint(p.anchor_fingerprint()));
        figures_->set(tr("It holds until"), parts::day(p.anchor_not_after_ms()), tone(p.anchor_not_after_ms()));
        figures_->set(tr("Vouched for by"), p.root_fingerprint().empty() ? QString() : tr("root %1, until %2").arg(parts::fingerprint(p.root_fingerprint()), parts::day(p.certificate_not_after_ms())));
    });
}

void RevocationView::publish() {
    auto* dialog = refreshing_revocations(link_, this);
    connect(dialog, &parts::DeedDialog::go_to, this, &RevocationView::go_to);
    dialog->open();
}

void RevocationView::save_anchor() {
    parts::ask_where(this, tr("Save the trust anchor"), QStringLiteral("anchor.pem"), tr("Certificates (*.pem)"), [this, anchor = anchor_](const QString& file) {
        link::after(parts::save_file(file, anchor), this, [this, file](const base::Status& saved) {
            if (saved) saved_->say(Tone::good, tr("The trust anchor is in %1.").arg(file), tr("Give it to the auditor, who compares its fingerprint with the minutes of the ceremony."));
            else saved_->say(saved.error());
        });
    });
}

}  // namespace ui::keys

#include "ui/approvals/request_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "base/digest.h"
#include "ui/approvals/request_words.h"
#include "ui/parts/bar.h"
#include "ui/parts/caller.h"
#include "ui/parts/figures.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/words.h"

namespace ui::approvals {

using parts::text;
using parts::Tone;

RequestView::RequestView(QWidget* parent)
    : QWidget(parent), heading_(new QLabel(this)), made_(new QLabel(this)), dots_(new parts::Dots(this)), standing_(new parts::Notice(this)), terms_card_(new parts::Card(tr("What will happen"), this)), terms_(new parts::Figures(terms_card_)),
      votes_card_(new parts::Card(tr("Officers"), this)), votes_(new parts::Figures(votes_card_)), approve_(new QPushButton(tr("&Approve …"), this)), reject_(new QPushButton(tr("Re&ject …"), this)), run_(new QPushButton(tr("&Run …"), this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 6, 0);
    column->setSpacing(12);
    parts::make_heading(*heading_, 2);
    heading_->setObjectName(QStringLiteral("request"));
    heading_->setWordWrap(true);
    parts::set_tone(*made_, Tone::muted);
    made_->setWordWrap(true);
    auto* top = new QHBoxLayout;
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(heading_);
    words->addWidget(made_);
    top->addLayout(words, 1);
    top->addWidget(dots_, 0, Qt::AlignTop);
    column->addLayout(top);
    standing_->setObjectName(QStringLiteral("standing"));
    column->addWidget(standing_);

    auto* buttons = new QHBoxLayout;
    approve_->setObjectName(QStringLiteral("approve"));
    reject_->setObjectName(QStringLiteral("reject"));
    run_->setObjectName(QStringLiteral("run"));
    for (QPushButton* b : {approve_, run_}) buttons->addWidget(b);
    buttons->addStretch(1);
    buttons->addWidget(reject_);
    column->addLayout(buttons);
    reasons_ = new parts::Reasons({approve_, run_, reject_}, this);
    reasons_->setObjectName(QStringLiteral("reasons"));
    column->addWidget(reasons_);
    connect(approve_, &QPushButton::clicked, this, [this] { emit judge(true); });
    connect(reject_, &QPushButton::clicked, this, [this] { emit judge(false); });
    connect(run_, &QPushButton::clicked, this, &RequestView::run);

    terms_card_->column()->addWidget(terms_);
    votes_card_->column()->addWidget(votes_);
    column->addWidget(terms_card_);
    column->addWidget(votes_card_);
    column->addStretch(1);
    show_nothing();
}

void RequestView::show_nothing() {
    request_.reset();
    for (QWidget* w : std::initializer_list<QWidget*>{heading_, made_, dots_, standing_, terms_card_, votes_card_, approve_, reject_, run_}) w->hide();
}

void RequestView::show_request(const link::pb::Request& r, std::int64_t shares_left_ms, const QString& unbelieved) {
    const bool other = !request_ || request_->SerializeAsString() != r.SerializeAsString();
    request_ = r;
    for (QWidget* w : std::initializer_list<QWidget*>{heading_, made_, dots_, terms_card_, votes_card_}) w->show();
    const Standing standing = standing_of(r, shares_left_ms);
    standing_->say(standing.tone, standing.title, standing.next);
    look_at_buttons(unbelieved);
    if (!other) return;  // only the time goes on
    heading_->setText(title_of(r));
    made_->setText(tr("Request %1, asked by %2, %3").arg(r.number()).arg(parts::caller_word(r.by()), parts::moment(r.made_ms())));
    dots_->set(static_cast<int>(r.agreeing()), static_cast<int>(r.needed()), is_open(r) || r.state() == "done" ? Tone::good : Tone::muted, agreement_of(r));
    terms_card_->set_title(is_open(r) ? tr("What will happen") : tr("What was asked for"));
    terms_->clear();
    const auto terms = terms_of(r);
    for (const Term& t : terms) terms_->add(t.name, t.value, t.tone);
    if (terms.empty()) terms_->set(tr("Terms"), tr("none beyond the deed itself"), Tone::muted);
    terms_->set(tr("Asked by"), tr("%1: %2").arg(parts::caller_word(r.by()), text(r.by())), Tone::muted);
    if (!r.statement().empty()) terms_->set(tr("What is signed (SHA-256)"), parts::fingerprint(base::to_hex(base::sha256(base::as_bytes(r.statement())))), Tone::muted);
    votes_->clear();
    votes_->set(tr("Agree"), tr("%1 of %2 that are needed").arg(r.agreeing()).arg(r.needed()));
    if (r.state() == "approved") votes_->set(tr("Shares at hand"), tr("%1 of %2").arg(r.shares()).arg(r.needed()), can_run(r) ? Tone::good : Tone::attention);
    for (const pb::RequestVote& v : r.votes()) votes_->add(text(v.holder().empty() ? v.officer() : v.holder()), v.agrees() ? tr("agrees (%1)").arg(text(v.officer())) : tr("rejects (%1)").arg(text(v.officer())), v.agrees() ? Tone::good : Tone::bad);
    if (is_open(r)) votes_->set(tr("Good until"), parts::moment(r.expires_ms()));
}

void RequestView::look_at_buttons(const QString& unbelieved) {
    const pb::Request& r = *request_;
    const bool open = is_open(r);
    for (QPushButton* b : {approve_, reject_, run_}) b->setVisible(open);
    const QString unsaid = r.statement().empty() ? tr("the service did not say what would be signed") : QString();
    parts::offer(*reject_, unsaid);
    parts::offer(*approve_, unbelieved.isEmpty() ? unsaid : unbelieved);
    parts::offer(*run_, !unbelieved.isEmpty() ? unbelieved : can_run(r) ? QString() : standing_of(r, 0).title);
    approve_->setText(r.state() == "approved" ? tr("&Approve once more …") : tr("&Approve …"));
    approve_->setDefault(!can_run(r));
    run_->setDefault(can_run(r));
}

}  // namespace ui::approvals

#include "ui/ukeys/ukey_detail.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QTabWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/link/after.h"
#include "ui/parts/bar.h"
#include "ui/parts/belief.h"
#include "ui/parts/figures.h"
#include "ui/parts/grant_terms.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/words.h"
#include "ui/ukeys/certificate.h"
#include "ui/ukeys/ukey_history.h"
#include "ui/ukeys/ukey_model.h"

namespace ui::ukeys {
namespace {

using parts::text;
using parts::Tone;

constexpr base::Millis kSoon = 30 * base::kDay;

using parts::now;

/// A tab whose content may be taller than the window.
QVBoxLayout* scrolled(QTabWidget* tabs, const QString& title, const char* name) {
    auto* scroll = new QScrollArea(tabs);
    scroll->setObjectName(QLatin1String(name));
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* inside = new QWidget(scroll);
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(4, 10, 4, 6);
    column->setSpacing(10);
    scroll->setWidget(inside);
    tabs->addTab(scroll, title);
    return column;
}

}  // namespace

UkeyDetail::UkeyDetail(link::Link& link, QWidget* parent)
    : QWidget(parent), link_(link), name_(new QLabel(this)), state_(new QLabel(this)), sentence_(new QLabel(this)), buttons_(new QHBoxLayout), more_(new QPushButton(tr("&Actions"), this)), menu_(new QMenu(this)),
      notice_(new parts::Notice(this)), tabs_(new QTabWidget(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->setSpacing(8);
    auto* head = new QHBoxLayout;
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    auto* line = new QHBoxLayout;
    line->setSpacing(10);
    parts::make_heading(*name_, 2);
    name_->setObjectName(QStringLiteral("ukey_name"));
    name_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    state_->setObjectName(QStringLiteral("ukey_state"));
    line->addWidget(name_);
    line->addWidget(state_);
    line->addStretch(1);
    sentence_->setObjectName(QStringLiteral("ukey_sentence"));
    sentence_->setWordWrap(true);
    parts::set_tone(*sentence_, Tone::muted);
    words->addLayout(line);
    words->addWidget(sentence_);
    head->addLayout(words, 1);
    head->addLayout(buttons_);
    more_->setObjectName(QStringLiteral("actions"));
    more_->setMenu(menu_);
    menu_->setToolTipsVisible(true);
    head->addWidget(more_, 0, Qt::AlignVCenter);
    column->addLayout(head);
    column->addWidget(notice_);
    column->addWidget(tabs_, 1);
    tabs_->setObjectName(QStringLiteral("ukey_tabs"));
    tabs_->setDocumentMode(true);

    auto* overview = scrolled(tabs_, tr("Overview"), "overview");
    auto* both = new QHBoxLayout;
    both->setSpacing(40);
    who_ = new parts::Figures(tabs_);
    auto* right = new QVBoxLayout;
    right->setSpacing(6);
    use_ = new parts::Figures(tabs_);
    today_ = new parts::Bar(tabs_);
    today_->setObjectName(QStringLiteral("spent_today"));
    month_ = new parts::Bar(tabs_);
    month_->setObjectName(QStringLiteral("spent_this_month"));
    right->addWidget(use_);
    right->addWidget(today_);
    right->addWidget(month_);
    right->addStretch(1);
    both->addWidget(who_, 1, Qt::AlignTop);
    both->addLayout(right, 1);
    overview->addLayout(both);
    overview->addStretch(1);

    auto* grant = scrolled(tabs_, tr("Grant"), "grant");
    grant_ = new QLabel(tabs_);
    grant_->setObjectName(QStringLiteral("grant_words"));
    grant_->setWordWrap(true);
    grant_->setTextFormat(Qt::PlainText);
    grant_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    edit_grant_ = new QPushButton(tr("Change its &grant …"), tabs_);
    edit_grant_->setObjectName(QStringLiteral("edit_grant"));
    connect(edit_grant_, &QPushButton::clicked, this, [this] { emit wants(Act::grant); });
    grant->addWidget(grant_);
    grant->addWidget(edit_grant_, 0, Qt::AlignLeft);
    grant->addWidget(new parts::Reasons({edit_grant_}, tabs_));
    grant->addStretch(1);

    auto* certificate = scrolled(tabs_, tr("Certificate"), "certificate");
    certificate_ = new parts::Figures(tabs_);
    no_certificate_ = new QLabel(tr("It has no certificate: that comes with its issue."), tabs_);
    parts::set_tone(*no_certificate_, Tone::muted);
    save_ = new QPushButton(tr("Save as &PEM …"), tabs_);
    save_->setObjectName(QStringLiteral("save_certificate"));
    connect(save_, &QPushButton::clicked, this, &UkeyDetail::save_certificate);
    certificate->addWidget(certificate_);
    certificate->addWidget(no_certificate_);
    certificate->addWidget(save_, 0, Qt::AlignLeft);
    certificate->addStretch(1);

    history_ = new UkeyHistory(link_, tabs_);
    history_->setObjectName(QStringLiteral("history_tab"));
    tabs_->addTab(history_, tr("History"));
}

void UkeyDetail::show_tab(const QString& name) {
    for (int i = 0; i < tabs_->count(); ++i)
        if (tabs_->widget(i)->objectName() == name || (name == QStringLiteral("history") && tabs_->widget(i) == history_)) tabs_->setCurrentIndex(i);
}

void UkeyDetail::show_ukey(const pb::UkeyShowReply& shown) {
    shown_ = shown;
    notice_->say(Tone::plain, {});
    fill_head();
    fill_overview();
    fill_grant();
    fill_certificate();
    history_->set_ukey(shown_.ukey().serial());
}

void UkeyDetail::show_error(const base::Error& error) { notice_->say(error); }

void UkeyDetail::fill_head() {
    const pb::Ukey& u = shown_.ukey();
    name_->setText(tr("%1 %2").arg(parts::kind_word(u.kind()), text(u.serial())));
    state_->setText(parts::state_word(u.state()));
    parts::set_tone(*state_, tone_of(u));
    sentence_->setText(state_sentence(u));
    while (QLayoutItem* item = buttons_->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    const bool quorum = link_.has_quorum();
    const QString unbelieved = parts::why_unbelieved(link_);
    const bool last_master = is_last_master(u, link_.ukeys().all());
    for (const Choice& c : next_choices(u, quorum, unbelieved, last_master)) {
        auto* button = new QPushButton(c.label, this);
        button->setObjectName(QStringLiteral("do_%1").arg(static_cast<int>(c.act)));
        button->setToolTip(c.why);
        connect(button, &QPushButton::clicked, this, [this, act = c.act] { emit wants(act); });
        buttons_->addWidget(button, 0, Qt::AlignVCenter);
    }
    menu_->clear();
    for (const Choice& c : choices(u, quorum, unbelieved, last_master)) {
        if (c.act == Act::suspend || c.act == Act::report_lost) menu_->addSeparator();
        // Whoever comes by keyboard, or hears the menu, sees no tooltip.
        QAction* action = menu_->addAction(c.possible ? c.label : tr("%1 (%2)").arg(c.label, c.why), this, [this, act = c.act] { emit wants(act); });
        action->setObjectName(QStringLiteral("act_%1").arg(static_cast<int>(c.act)));
        action->setEnabled(c.possible);
        action->setToolTip(c.why);
        action->setStatusTip(c.why);
    }
}

void UkeyDetail::fill_overview() {
    const pb::Ukey& u = shown_.ukey();
    who_->set(tr("Holder"), text(u.holder()));
    who_->set(tr("Plugged in at"), u.reader().empty() ? tr("nowhere") : text(u.reader()), u.reader().empty() ? Tone::muted : Tone::plain);
    who_->set(tr("Issued"), parts::moment(u.issued_ms()));
    const bool soon = u.state() == "issued" && u.not_after_ms() - now() < kSoon;
    who_->set(tr("Valid until"), u.not_after_ms() == 0 ? tr("–") : tr("%1 (%2)").arg(parts::moment(u.not_after_ms()), parts::from_now(u.not_after_ms(), now())), soon ? Tone::attention : Tone::plain);
    who_->set(tr("Last used"), u.last_used_ms() == 0 ? tr("–") : tr("%1 (%2)").arg(parts::moment(u.last_used_ms()), parts::from_now(u.last_used_ms(), now())));
    who_->set(tr("Token"), text(u.token_serial()));
    use_->set(tr("PIN"), u.must_change_pin() ? tr("to be changed before the first use") : QString(), Tone::attention);
    use_->set(tr("Wrong PINs"), tr("%1 of 10").arg(u.wrong_pins()), u.wrong_pins() > 0 ? Tone::attention : Tone::plain);
    use_->set(tr("Opens"), u.kind() != "user" ? QString() : u.attended() ? tr("by itself: its PIN is kept") : tr("by its holder's hand"));
    QStringList masters;
    for (const std::string& m : u.masters()) masters << parts::masters_words(m);
    use_->set(tr("Class masters"), masters.isEmpty() ? tr("none") : masters.join(QStringLiteral(", ")));
    const pb::GrantTerms& terms = shown_.terms();
    const bool sells = shown_.has_terms() && parts::may_sell(shown_.terms());
    const auto show = [&](parts::Bar& bar, const QString& name, std::int64_t spent, std::int64_t cap) {
        bar.setVisible(sells);
        const double part = cap <= 0 ? 0 : std::clamp(static_cast<double>(spent) / static_cast<double>(cap), 0.0, 1.0);
        bar.set(name, part, tr("%1 of %2 yuan").arg(parts::yuan(spent), parts::yuan(cap)), parts::tone_of_cap(part));
    };
    show(*today_, tr("Sold today"), u.spent_today_fen(), terms.per_day_fen());
    show(*month_, tr("Sold this month"), u.spent_this_month_fen(), terms.per_month_fen());
    use_->set(tr("Orders this minute"), !sells || terms.orders_per_minute() == 0 ? QString() : tr("%1 of %2").arg(u.orders_this_minute()).arg(terms.orders_per_minute()), u.orders_this_minute() >= terms.orders_per_minute() ? Tone::attention : Tone::plain);
}

void UkeyDetail::fill_grant() {
    const pb::Ukey& u = shown_.ukey();
    if (shown_.has_terms()) grant_->setText(parts::grant_sentences(shown_.terms()).join(QLatin1Char('\n')));
    else grant_->setText(u.kind() == "user" || u.kind() == "key" ? tr("It has no grant yet.") : tr("A UKEY of this kind has no grant: what it may do follows from its kind."));
    const std::vector<Choice> all = choices(u, link_.has_quorum(), parts::why_unbelieved(link_));
    const auto at = std::ranges::find(all, Act::grant, &Choice::act);
    edit_grant_->setVisible(shown_.has_terms());
    parts::offer(*edit_grant_, at->possible ? QString() : at->why, at->why);
}

void UkeyDetail::fill_certificate() {
    const auto c = shown_.ukey().certificate_pem().empty() ? std::nullopt : read_certificate(shown_.ukey().certificate_pem());
    certificate_->setVisible(c.has_value());
    save_->setVisible(c.has_value());
    no_certificate_->setVisible(!c);
    if (!c) return;
    certificate_->set(tr("Subject"), c->subject);
    certificate_->set(tr("Issuer"), c->issuer);
    certificate_->set(tr("Valid"), tr("%1 until %2").arg(parts::moment(c->from), parts::moment(c->until)), c->until < now() ? Tone::attention : Tone::plain);
    certificate_->set(tr("Serial number"), c->serial);
    certificate_->set(tr("Fingerprint (SHA-256)"), c->fingerprint);
}

void UkeyDetail::save_certificate() {
    const QByteArray pem = QByteArray::fromStdString(shown_.ukey().certificate_pem());
    parts::ask_where(this, tr("Save the certificate"), text(shown_.ukey().serial()) + QStringLiteral(".pem"), tr("Certificates (*.pem)"), [this, pem](const QString& file) {
        link::after(parts::save_file(file, pem), this, [this, file](const base::Status& saved) {
            if (saved) notice_->say(Tone::good, tr("The certificate is in %1.").arg(file));
            else notice_->say(saved.error());
        });
    });
}

}  // namespace ui::ukeys

#include "ui/issue/kind_step.h"

#include <QLabel>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>

#include "ui/parts/notice.h"
#include "ui/parts/offer.h"

namespace ui::issue {

using State = link::Link::State;

QString why_not(const link::Link& link) {
    switch (link.state()) {
        case State::connecting:
        case State::away: return KindStep::tr("The service does not answer.");
        case State::uninitialised: return KindStep::tr("The platform is not set up yet.");
        case State::sealed: return KindStep::tr("The platform is sealed. Unseal it on the page Home.");
        case State::failing: return KindStep::tr("The service refuses everything until its log can be written.");
        case State::open: break;
    }
    return link.is_believed() ? QString() : KindStep::tr("The log is not the one that is known here. Nothing is issued until the auditor has explained it.");
}

KindStep::KindStep(link::Link& link, Issue& issue, QWidget* parent) : Step(tr("What is the UKEY for?"), {}, parent), link_(link), issue_(issue), impossible_(new parts::Notice(this)) {
    column()->addWidget(impossible_);
    const auto add = [this](const QString& kind, const QString& title, const QString& words) {
        auto* choice = new QRadioButton(title, this);
        choice->setObjectName(QStringLiteral("kind_") + kind);
        choice->setChecked(issue_.kind == kind);
        auto* label = new QLabel(words, this);
        label->setWordWrap(true);
        label->setContentsMargins(24, 0, 0, 6);
        parts::set_tone(*label, parts::Tone::muted);
        column()->addWidget(choice, 0, Qt::AlignLeft);
        column()->addWidget(label);
        kinds_[kind] = choice;
        words_[kind] = words;
        connect(choice, &QRadioButton::toggled, this, [this, kind](bool on) {
            if (on) issue_.kind = kind;
            emit changed();
        });
    };
    add(QStringLiteral("user"), tr("&User UKEY: sell"), tr("For a vending station: it encrypts vending data and authorises orders, within its grant."));
    add(QStringLiteral("key"), tr("&Key UKEY: meters' keys"), tr("For a meter engineer: it puts meters' own keys in the place of the factory keys, and back."));
    add(QStringLiteral("auditor"), tr("&Auditor UKEY: check"), tr("For an auditor: it reads, checks and exports the log, and changes nothing."));
    add(QStringLiteral("master-control"), tr("Further &master-control UKEY"), tr("For another safe: whoever opens it can issue UKEYs when the first one is gone."));
    auto* many = new QPushButton(tr("Many at once, from a &list …"), this);
    many->setObjectName(QStringLiteral("many"));
    many->setAutoDefault(false);
    connect(many, &QPushButton::clicked, this, &KindStep::many_wanted);
    column()->addSpacing(6);
    column()->addWidget(many, 0, Qt::AlignLeft);
    column()->addStretch(1);
    connect(&link_, &link::Link::state_changed, this, &KindStep::look);
    look();
}

void KindStep::look() {
    const QString why = why_not(link_);
    impossible_->say(parts::Tone::attention, why);
    for (const auto& [kind, choice] : kinds_) parts::offer(*choice, why, words_.at(kind));
    emit changed();
}

QString KindStep::missing() const { return why_not(link_); }

QWidget* KindStep::first_field() { return kinds_[issue_.kind]; }

}  // namespace ui::issue

#include "ui/keys/meter_view.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QVBoxLayout>

#include "ui/keys/key_deeds.h"
#include "ui/parts/belief.h"
#include "ui/parts/icon.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/words.h"

namespace ui::keys {

namespace pb = link::pb;
using parts::text;
using parts::Tone;

MeterView::MeterView(link::Link& link, QWidget* parent)
    : Card(tr("A meter"), parent), link_(link), number_(new QLineEdit(this)), find_(new QPushButton(parts::icon(parts::Picture::search), tr("&Look up"), this)), trouble_(new parts::Notice(this)), figures_(new parts::Figures(this)),
      allow_(new QPushButton(tr("Allow a &download …"), this)) {
    number_->setObjectName(QStringLiteral("meter"));
    number_->setAccessibleName(tr("Number of the meter"));
    number_->setPlaceholderText(tr("12 digits"));
    number_->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,12}")), number_));
    find_->setObjectName(QStringLiteral("find_meter"));
    allow_->setObjectName(QStringLiteral("allow_download"));
    auto* line = new QHBoxLayout;
    line->addWidget(number_, 1);
    line->addWidget(find_);
    column()->addLayout(line);
    column()->addWidget(trouble_);
    column()->addWidget(figures_);
    column()->addWidget(allow_, 0, Qt::AlignLeft);
    column()->addWidget(new parts::Reasons({allow_}, this));
    column()->addStretch(1);
    allow_->hide();
    find_->setEnabled(false);
    connect(number_, &QLineEdit::textChanged, this, [this](const QString& t) {
        find_->setEnabled(t.toULongLong() != 0);
        // Nobody is to allow a download for the meter before in the belief that it is the one that stands in the field.
        forget();
    });
    connect(number_, &QLineEdit::returnPressed, find_, &QPushButton::click);
    connect(find_, &QPushButton::clicked, this, [this] { ask(number_->text().toULongLong()); });
    connect(allow_, &QPushButton::clicked, this, &MeterView::allow);
    connect(&link_, &link::Link::state_changed, this, &MeterView::look);
}

void MeterView::look_up(const QString& number) {
    number_->setText(number);
    find_->click();
}

void MeterView::refresh() {
    if (meter_) ask(meter_->number());
}

void MeterView::ask(std::uint64_t number) {
    pb::AdminRequest request;
    request.mutable_meter_show()->set_meter(number);
    link_.read(this, std::move(request), [this, number](base::Result<pb::AdminReply> reply) {
        if (number != number_->text().toULongLong()) return;  // another one was typed meanwhile
        if (reply) {
            trouble_->say(Tone::plain, {});
            return show_meter(reply->meter_show().meter());
        }
        forget();
        if (reply.error().code == base::Code::not_found) trouble_->say(Tone::attention, tr("Meter %1 is not known.").arg(parts::meter_number(number)), tr("It was neither given keys nor sold to. Look at the number once more."));
        else trouble_->say(reply.error());
    });
}

void MeterView::forget() {
    meter_.reset();
    trouble_->say(Tone::plain, {});
    figures_->clear();
    allow_->hide();
}

void MeterView::show_meter(const pb::Meter& m) {
    meter_ = m;
    figures_->set(tr("Meter"), parts::meter_number(m.number()));
    figures_->set(tr("Keys"), m.state() == "private" ? tr("its own, version %1").arg(m.key_version()) : m.keyed() ? tr("factory keys; it has had its own") : tr("factory keys"));
    figures_->set(tr("Customer"), m.customer() == 0 ? tr("no account opened") : parts::meter_number(m.customer()));
    figures_->set(tr("Purchase count"), QString::number(m.purchase_count()));
    QString last;
    if (m.has_last_order()) {
        const pb::MeterOrder& o = m.last_order();
        last = tr("%1, %2 yuan, %3").arg(parts::order_word(o.kind()), parts::yuan(o.amount_fen()), parts::moment(o.made_ms()));
        last += QLatin1Char('\n') + (o.credited() ? tr("the meter has shown that it took it") : tr("not seen at the meter yet"));
    }
    figures_->set(tr("Last order"), last);
    figures_->set(tr("Charging card"), text(base::to_hex(base::as_bytes(m.card()))));
    figures_->set(tr("Download allowed"), m.download_until_ms() == 0 ? QString() : m.download_ukey().empty() ? tr("until %1").arg(parts::moment(m.download_until_ms())) : tr("until %1, begun by %2").arg(parts::moment(m.download_until_ms()), text(m.download_ukey())), Tone::attention);
    allow_->show();
    look();
}

void MeterView::look() {
    const QString unbelieved = parts::why_unbelieved(link_);
    parts::offer(*allow_, !unbelieved.isEmpty() ? unbelieved : meter_ && !meter_->keyed() ? tr("it has had no private keys, so nothing needs to be allowed") : QString());
}

void MeterView::allow() {
    auto* dialog = allowing_download(link_, *meter_, this);
    connect(dialog, &parts::DeedDialog::go_to, this, [this](const QString& page, const QString& item) { emit go_to(page, item); });
    dialog->open();
}

}  // namespace ui::keys

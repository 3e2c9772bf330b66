#include "ui/stations/account_deeds.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QDateEdit>
#include <QFormLayout>
#include <QLineEdit>
#include <QRadioButton>
#include <QRegularExpressionValidator>

#include "ui/parts/typist_field.h"
#include "ui/parts/words.h"
#include "ui/stations/certificate_field.h"

namespace ui::stations {
namespace {

namespace pb = link::pb;
using parts::Deed;
using parts::DeedDialog;
using parts::DeedForm;
using parts::text;
using parts::TypistField;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(stations)
};

constexpr int kLongestHolder = 64;

/// "As long as its UKEY", or a day until whose end it is valid.
class EndField : public QWidget {
public:
    EndField(const QString& none, QWidget* parent) : QWidget(parent), none_(new QRadioButton(none, this)), day_(new QDateEdit(QDate::currentDate().addYears(1), this)) {
        auto* line = new QHBoxLayout(this);
        line->setContentsMargins(0, 0, 0, 0);
        auto* until = new QRadioButton(Say::tr("until"), this);
        until->setObjectName(QStringLiteral("account_until"));
        line->addWidget(none_);
        line->addWidget(until);
        line->addWidget(day_, 1);
        day_->setCalendarPopup(true);
        day_->setMinimumDate(QDate::currentDate());
        day_->setDisplayFormat(QStringLiteral("yyyy-MM-dd"));
        day_->setAccessibleName(Say::tr("Last day"));
        none_->setChecked(true);
        day_->setEnabled(false);
        connect(until, &QRadioButton::toggled, day_, &QWidget::setEnabled);
    }
    /// 0: as it is without one.
    std::int64_t not_after() const { return none_->isChecked() ? 0 : QDateTime(day_->date().addDays(1), QTime(0, 0)).toMSecsSinceEpoch() - 1; }

private:
    QRadioButton* none_;
    QDateEdit* day_;
};

/// Who types the password, and what follows from it.
TypistField* typist_of(QWidget* parent) {
    return new parts::TypistField({Say::tr("Somebody else"), Say::tr("Its holder, who is here"), Say::tr("Tell it to the holder alone. The account is refused until the holder has changed it, at this machine: kmpctl account passwd."),
                                   Say::tr("Nobody else knows it: the account can be used at once.")},
                                  parent);
}

QString change_first(const pb::Account& a) { return a.must_change_password() ? QLatin1Char('\n') + Say::tr("Its holder changes the password before the first use.") : QString(); }

QFormLayout* form_in(QWidget* choices) {
    auto* form = new QFormLayout(choices);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    return form;
}

}  // namespace

DeedDialog* adding_account(link::Link& link, const std::vector<UkeyChoice>& ukeys, QWidget* parent) {
    auto* choices = new QWidget(parent);
    auto* form = form_in(choices);
    auto* name = new QLineEdit(choices);
    name->setObjectName(QStringLiteral("account_name"));
    name->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[A-Za-z0-9._-]{1,64}")), name));
    auto* ukey = new QComboBox(choices);
    ukey->setObjectName(QStringLiteral("account_ukey"));
    ukey->setPlaceholderText(Say::tr("Choose one"));
    for (const UkeyChoice& u : ukeys) ukey->addItem(u.shown, text(u.serial));
    // Nobody is to sell on another's account for want of a look at this line.
    ukey->setCurrentIndex(ukeys.size() == 1 ? 0 : -1);
    auto* holder = new QLineEdit(choices);
    holder->setObjectName(QStringLiteral("account_holder"));
    holder->setMaxLength(kLongestHolder);
    auto* end = new EndField(Say::tr("as long as its UKEY"), choices);
    auto* certificate = new CertificateField(choices);
    certificate->setObjectName(QStringLiteral("certificate"));
    auto* password = new QCheckBox(Say::tr("A password beside it"), choices);
    auto* typist = typist_of(choices);
    form->addRow(Say::tr("&Name"), name);
    form->addRow(Say::tr("&UKEY whose grant it uses"), ukey);
    form->addRow(Say::tr("&Holder"), holder);
    form->addRow(Say::tr("Valid"), end);
    form->addRow(Say::tr("Certificate"), certificate);
    form->addRow(QString(), password);
    form->addRow(Say::tr("Who types the password"), typist);
    form->setRowVisible(password, false);

    const auto by_password = [certificate, password] { return certificate->certificate().empty() || password->isChecked(); };
    Deed deed;
    deed.title = Say::tr("Add a network account");
    deed.button = Say::tr("Add");
    deed.what = {Say::tr("Somebody may vend with a user UKEY that is plugged in here, by a name and a password, or by the key of a certificate."), Say::tr("It may do what that UKEY's grant allows, no more.")};
    deed.hand = parts::Hand::master;
    deed.pins.push_back({"account", Say::tr("First password"), true, {}});
    deed.takes_pins = by_password;
    deed.choices = choices;
    deed.lacks = [=] {
        if (name->text().isEmpty()) return Say::tr("Write a name: letters, digits, -, _ and a point.");
        if (ukey->count() == 0) return Say::tr("There is no user UKEY in use: issue one first.");
        if (ukey->currentIndex() < 0) return Say::tr("Choose the UKEY whose grant it uses.");
        if (holder->text().trimmed().isEmpty()) return Say::tr("Write who holds the account.");
        return certificate->problem();
    };
    deed.request = [=](const QString&, const std::string&) {
        pb::AdminRequest request;
        auto& add = *request.mutable_account_add();
        add.set_name(parts::bytes(name->text()));
        add.set_ukey(parts::bytes(ukey->currentData().toString()));
        add.set_holder(parts::bytes(holder->text().trimmed()));
        add.set_not_after_ms(end->not_after());
        add.set_holder_chose_password(typist->is_holder());
        add.set_certificate(certificate->certificate());
        add.set_with_password(by_password());
        return request;
    };
    deed.outcome = [](const pb::AdminReply& reply) { return Say::tr("Account %1 is added.").arg(text(reply.account_add().account().name())) + change_first(reply.account_add().account()); };
    auto* dialog = new DeedDialog(link, std::move(deed), parent);
    const auto look = [=, f = &dialog->form()] {
        form->setRowVisible(password, !certificate->certificate().empty());
        form->setRowVisible(typist, by_password());
        f->look_again();
    };
    for (QLineEdit* field : {name, holder}) QObject::connect(field, &QLineEdit::textChanged, dialog, look);
    QObject::connect(ukey, &QComboBox::currentIndexChanged, dialog, look);
    QObject::connect(certificate, &CertificateField::changed, dialog, look);
    QObject::connect(password, &QCheckBox::toggled, dialog, look);
    return dialog;
}

DeedDialog* disabling_account(link::Link& link, const pb::Account& a, QWidget* parent) {
    Deed deed;
    deed.title = Say::tr("Disable account %1").arg(text(a.name()));
    deed.button = Say::tr("Disable");
    deed.what = {Say::tr("It is refused at once, in running sessions too."), Say::tr("Enabling it lifts this.")};
    if (a.sessions() > 0) deed.warning = Say::tr("%n session(s) of it end now.", nullptr, static_cast<int>(a.sessions()));
    deed.wants_reason = true;
    deed.hand = parts::Hand::officer;
    deed.request = [name = a.name()](const QString& reason, const std::string& officer) {
        pb::AdminRequest request;
        auto& disable = *request.mutable_account_disable();
        disable.set_name(name);
        disable.set_reason(parts::bytes(reason));
        disable.set_officer(officer);
        return request;
    };
    deed.outcome = [](const pb::AdminReply& reply) { return Say::tr("Account %1 is disabled.").arg(text(reply.account_add().account().name())); };
    return new DeedDialog(link, std::move(deed), parent);
}

DeedDialog* enabling_account(link::Link& link, const pb::Account& a, QWidget* parent) {
    auto* choices = new QWidget(parent);
    auto* end = new EndField(Say::tr("as it was"), choices);
    form_in(choices)->addRow(Say::tr("Valid"), end);
    Deed deed;
    deed.title = Say::tr("Enable account %1").arg(text(a.name()));
    deed.button = Say::tr("Enable");
    deed.what = {Say::tr("%1 may vend again with UKEY %2.").arg(text(a.holder()), text(a.ukey()))};
    deed.hand = parts::Hand::master;
    deed.choices = choices;
    deed.request = [name = a.name(), end](const QString&, const std::string&) {
        pb::AdminRequest request;
        request.mutable_account_enable()->set_name(name);
        request.mutable_account_enable()->set_not_after_ms(end->not_after());
        return request;
    };
    deed.outcome = [](const pb::AdminReply& reply) { return Say::tr("Account %1 is in force.").arg(text(reply.account_add().account().name())) + change_first(reply.account_add().account()); };
    return new DeedDialog(link, std::move(deed), parent);
}

DeedDialog* resetting_account(link::Link& link, const pb::Account& a, QWidget* parent) {
    auto* choices = new QWidget(parent);
    auto* typist = typist_of(choices);
    form_in(choices)->addRow(Say::tr("Who types the password"), typist);
    Deed deed;
    deed.title = Say::tr("Give account %1 a new password").arg(text(a.name()));
    deed.button = Say::tr("Set it");
    deed.what = {Say::tr("Sessions that the old password opened end."), Say::tr("A lock that ten wrong passwords set is lifted.")};
    deed.hand = parts::Hand::master;
    deed.pins.push_back({"account", Say::tr("New password"), true, {}});
    deed.choices = choices;
    deed.request = [name = a.name(), typist](const QString&, const std::string&) {
        pb::AdminRequest request;
        request.mutable_account_reset()->set_name(name);
        request.mutable_account_reset()->set_holder_chose_password(typist->is_holder());
        return request;
    };
    deed.outcome = [](const pb::AdminReply& reply) { return Say::tr("Account %1 has a new password.").arg(text(reply.account_add().account().name())) + change_first(reply.account_add().account()); };
    return new DeedDialog(link, std::move(deed), parent);
}

DeedDialog* binding_account(link::Link& link, const pb::Account& a, QWidget* parent) {
    auto* choices = new QWidget(parent);
    auto* form = form_in(choices);
    auto* certificate = new CertificateField(choices);
    certificate->setObjectName(QStringLiteral("certificate"));
    auto* none = new QCheckBox(Say::tr("No certificate any more: by password only"), choices);
    none->setObjectName(QStringLiteral("no_certificate"));
    auto* alone = new QCheckBox(Say::tr("By the certificate alone: the password ends"), choices);
    form->addRow(Say::tr("Certificate"), certificate);
    form->addRow(QString(), none);
    form->addRow(QString(), alone);
    form->setRowVisible(none, !a.key().empty());
    form->setRowVisible(alone, a.password());
    Deed deed;
    deed.title = Say::tr("Bind account %1 to another certificate").arg(text(a.name()));
    deed.button = Say::tr("Bind");
    deed.what = {Say::tr("Whoever proves the key of the certificate may use the account; the key of before is refused at once."), Say::tr("Compare the SHA-256 of the key with the station's, by another way.")};
    if (!a.key().empty()) deed.what << Say::tr("Bound now to key %1").arg(parts::fingerprint(a.key()));
    deed.hand = parts::Hand::master;
    deed.choices = choices;
    deed.lacks = [=, had_password = a.password()] {
        if (!certificate->problem().isEmpty()) return certificate->problem();
        if (none->isChecked() && !had_password) return Say::tr("It has no password: without a certificate nobody could use it. Disable it instead.");
        if (certificate->certificate().empty() && !none->isChecked()) return Say::tr("Choose the file of the certificate.");
        return QString();
    };
    deed.request = [=, name = a.name()](const QString&, const std::string&) {
        pb::AdminRequest request;
        auto& bind = *request.mutable_account_bind();
        bind.set_name(name);
        if (!none->isChecked()) bind.set_certificate(certificate->certificate());
        bind.set_end_password(alone->isChecked() && !none->isChecked());
        return request;
    };
    deed.outcome = [](const pb::AdminReply& reply) {
        const pb::Account& now = reply.account_add().account();
        return now.key().empty() ? Say::tr("Account %1 has no certificate any more.").arg(text(now.name())) : Say::tr("Account %1 is bound to key %2.").arg(text(now.name()), parts::fingerprint(now.key()));
    };
    auto* dialog = new DeedDialog(link, std::move(deed), parent);
    QObject::connect(certificate, &CertificateField::changed, &dialog->form(), &DeedForm::look_again);
    QObject::connect(none, &QCheckBox::toggled, &dialog->form(), &DeedForm::look_again);
    QObject::connect(none, &QCheckBox::toggled, certificate, &QWidget::setDisabled);
    QObject::connect(none, &QCheckBox::toggled, alone, &QWidget::setDisabled);
    return dialog;
}

DeedDialog* releasing_station(link::Link& link, const pb::HeldStation& h, QWidget* parent) {
    Deed deed;
    deed.title = Say::tr("Release station %1").arg(text(h.station()));
    deed.button = Say::tr("Release");
    deed.what = {Say::tr("It was held on %1: %2 orders over %3 yuan within %4 minutes.").arg(parts::moment_to_seconds(h.since_ms())).arg(h.orders()).arg(parts::yuan(h.amount_fen())).arg(h.window_minutes()),
                 Say::tr("It sells again at once; what it sold before is counted no more.")};
    deed.warning = Say::tr("Ask the station first what it sold, and to whom: a stolen UKEY sells like this.");
    deed.wants_reason = true;
    deed.hand = parts::Hand::officer;
    deed.request = [station = h.station()](const QString& reason, const std::string& officer) {
        pb::AdminRequest request;
        auto& release = *request.mutable_station_release();
        release.set_station(station);
        release.set_reason(parts::bytes(reason));
        release.set_officer(officer);
        return request;
    };
    deed.outcome = [station = h.station()](const pb::AdminReply&) { return Say::tr("Station %1 may sell again.").arg(text(station)); };
    return new DeedDialog(link, std::move(deed), parent);
}

}  // namespace ui::stations

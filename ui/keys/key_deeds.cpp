#include "ui/keys/key_deeds.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <QDate>
#include <QFormLayout>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

#include "model/keys.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::keys {
namespace {

namespace pb = link::pb;
using parts::Deed;
using parts::DeedDialog;
using parts::text;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(keys)
};

constexpr int kMostDays = 7;
constexpr auto kFolder = "keys/backup_folder";

}  // namespace

DeedDialog* rotating(link::Link& link, std::uint32_t next, QWidget* parent) {
    auto* choices = new QWidget(parent);
    auto* column = new QVBoxLayout(choices);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(new QLabel(Say::tr("New masters for the classes:"), choices));
    auto* grid = new QGridLayout;
    std::vector<QCheckBox*> boxes;
    for (std::size_t i = 0; i < model::kAllClasses.size(); ++i) {
        const std::string_view name = model::name(model::kAllClasses[i]);
        auto* box = new QCheckBox(parts::class_word(name), choices);
        box->setObjectName(QStringLiteral("class_") + text(name));
        box->setChecked(true);
        grid->addWidget(box, static_cast<int>(i / 3), static_cast<int>(i % 3));
        boxes.push_back(box);
    }
    column->addLayout(grid);
    auto* rest = new QLabel(Say::tr("Classes that are left out go on with the masters they have. After a lost UKEY, choose all that it held."), choices);
    rest->setWordWrap(true);
    parts::set_tone(*rest, parts::Tone::muted);
    column->addWidget(rest);

    const auto chosen = [boxes] {
        std::vector<std::string> out;
        for (std::size_t i = 0; i < boxes.size(); ++i)
            if (boxes[i]->isChecked()) out.emplace_back(model::name(model::kAllClasses[i]));
        return out;
    };
    Deed deed;
    deed.title = Say::tr("Rotate the meters' keys");
    deed.button = Say::tr("Rotate");
    deed.what = {Say::tr("Version %1 is made: its masters are drawn inside the master-control UKEY.").arg(next), Say::tr("Meters and UKEYs go on with what they hold until they are given the new version."),
                 Say::tr("Make a backup before, if the last one is old.")};
    deed.wants_reason = true;
    deed.hand = parts::Hand::master;
    deed.choices = choices;
    deed.lacks = [chosen] { return chosen().empty() ? Say::tr("Choose at least one class.") : QString(); };
    deed.request = [chosen](const QString& reason, const std::string&) {
        pb::AdminRequest request;
        request.mutable_keys_rotate()->set_reason(parts::bytes(reason));
        // All of them is what none means: a class that comes with another version of the service is not left out.
        if (const auto classes = chosen(); classes.size() < model::kAllClasses.size())
            for (const std::string& c : classes) request.mutable_keys_rotate()->add_classes(c);
        return request;
    };
    deed.outcome = [next](const pb::AdminReply&) { return Say::tr("There is version %1. Give it to the UKEYs that lack it, then to the meters.").arg(next); };
    auto* dialog = new DeedDialog(link, std::move(deed), parent);
    for (QCheckBox* box : boxes) QObject::connect(box, &QCheckBox::toggled, &dialog->form(), &parts::DeedForm::look_again);
    return dialog;
}

DeedDialog* destroying(link::Link& link, const pb::KeyVersion& version, int masters, QWidget* parent) {
    Deed deed;
    deed.title = Say::tr("Destroy version %1 of the meters' keys").arg(version.version());
    deed.button = Say::tr("Destroy");
    deed.what = {Say::tr("Its masters go from the master-control UKEY for good, but for those that other versions use."), Say::tr("UKEYs that were given them keep theirs until they are erased.")};
    deed.danger = true;
    QCheckBox* accept = nullptr;
    if (version.meters() == 0) {
        deed.warning = Say::tr("No meter is known to hold it. It cannot be taken back.");
    } else {
        deed.warning = Say::tr("%1 meters hold it. They can be recharged and recovered no more. It cannot be taken back.").arg(parts::number(version.meters()));
        accept = new QCheckBox(Say::tr("I accept that %1 meters are lost").arg(parts::number(version.meters())), parent);
        accept->setObjectName(QStringLiteral("accept_loss"));
        deed.choices = accept;
        deed.lacks = [accept] { return accept->isChecked() ? QString() : Say::tr("Give these meters the newest keys first, or accept that they are lost."); };
    }
    deed.wants_reason = true;
    deed.hand = parts::Hand::master;
    if (masters > 1) deed.pins.push_back({"ukey", Say::tr("PIN of the other master-control UKEY"), false, {}});
    deed.request = [number = version.version(), accept](const QString& reason, const std::string&) {
        pb::AdminRequest request;
        auto& destroy = *request.mutable_keys_destroy();
        destroy.set_version(number);
        destroy.set_reason(parts::bytes(reason));
        destroy.set_accept_loss(accept != nullptr && accept->isChecked());
        return request;
    };
    deed.outcome = [number = version.version()](const pb::AdminReply&) { return Say::tr("Version %1 is gone from the master-control UKEY.").arg(number); };
    auto* dialog = new DeedDialog(link, std::move(deed), parent);
    if (accept != nullptr) QObject::connect(accept, &QCheckBox::toggled, &dialog->form(), &parts::DeedForm::look_again);
    return dialog;
}

DeedDialog* allowing_download(link::Link& link, const pb::Meter& meter, QWidget* parent) {
    auto* choices = new QWidget(parent);
    auto* form = new QFormLayout(choices);
    form->setContentsMargins(0, 0, 0, 0);
    auto* days = new QSpinBox(choices);
    days->setObjectName(QStringLiteral("days"));
    days->setRange(1, kMostDays);
    form->addRow(Say::tr("For how many days"), days);
    Deed deed;
    deed.title = Say::tr("Let meter %1 download its keys once more").arg(parts::meter_number(meter.number()));
    deed.button = Say::tr("Allow");
    deed.what = {Say::tr("For a meter that stands in factory state again: a new board, or a reset."), Say::tr("One engineer downloads its private keys under the factory keys, on a controlled line."),
                 Say::tr("Its account and its purchase count stay as they are.")};
    deed.warning = Say::tr("Whoever listens on the line and knows the factory keys can read this meter's private keys.");
    deed.wants_reason = true;
    deed.hand = parts::Hand::master;
    deed.choices = choices;
    deed.request = [number = meter.number(), days](const QString& reason, const std::string&) {
        pb::AdminRequest request;
        auto& allow = *request.mutable_meter_allow_download();
        allow.set_meter(number);
        allow.set_reason(parts::bytes(reason));
        allow.set_days(static_cast<std::uint32_t>(days->value()));
        return request;
    };
    deed.outcome = [](const pb::AdminReply& reply) { return Say::tr("It is allowed until %1.").arg(parts::moment(reply.meter_show().meter().download_until_ms())); };
    return new DeedDialog(link, std::move(deed), parent);
}

DeedDialog* backing_up(link::Link& link, QWidget* parent) {
    auto* choices = new QWidget(parent);
    auto* form = new QFormLayout(choices);
    form->setContentsMargins(0, 0, 0, 0);
    auto* folder = new QLineEdit(choices);
    folder->setObjectName(QStringLiteral("folder"));
    folder->setPlaceholderText(QStringLiteral("/media/stick/kmp-%1").arg(QDate::currentDate().toString(Qt::ISODate)));
    const QString kept = QSettings().value(QLatin1String(kFolder)).toString();
    if (!kept.isEmpty()) folder->setText(kept + QStringLiteral("/kmp-") + QDate::currentDate().toString(Qt::ISODate));
    form->addRow(Say::tr("New folder"), folder);
    auto* where = new QLabel(Say::tr("The whole path, on the machine of the service. It must not be there yet; the folder around it must."), choices);
    where->setWordWrap(true);
    parts::set_tone(*where, parts::Tone::muted);
    form->addRow(where);
    Deed deed;
    deed.title = Say::tr("Make a backup");
    deed.button = Say::tr("Back up");
    deed.what = {Say::tr("The database is copied as it stands, encrypted, with what a restore needs beside it."), Say::tr("Stations go on meanwhile."), Say::tr("It opens with a master-control UKEY and whoever opens that, and with nothing else.")};
    deed.hand = parts::Hand::master;
    deed.choices = choices;
    deed.lacks = [folder] {
        if (folder->text().trimmed().isEmpty()) return Say::tr("Write where the backup is to be made.");
        return folder->text().trimmed().startsWith(QLatin1Char('/')) ? QString() : Say::tr("Write the whole path: it begins with /.");
    };
    deed.request = [folder](const QString&, const std::string&) {
        const QString path = folder->text().trimmed();
        QSettings().setValue(QLatin1String(kFolder), path.section(QLatin1Char('/'), 0, -2));
        pb::AdminRequest request;
        request.mutable_backup()->set_folder(parts::bytes(path));
        return request;
    };
    deed.outcome = [](const pb::AdminReply& reply) {
        const pb::BackupReply& b = reply.backup();
        return Say::tr("The backup is in %1: %2 events.\nSHA-256 of the database: %3\nCarry it away, and its checkpoint apart from it. Try a restore on another machine now and then.").arg(text(b.folder()), parts::number(b.events()), parts::fingerprint(b.database_hash()));
    };
    auto* dialog = new DeedDialog(link, std::move(deed), parent);
    QObject::connect(folder, &QLineEdit::textChanged, &dialog->form(), &parts::DeedForm::look_again);
    return dialog;
}

DeedDialog* refreshing_revocations(link::Link& link, QWidget* parent) {
    Deed deed;
    deed.title = Say::tr("Publish a new revocation list");
    deed.button = Say::tr("Publish");
    deed.what = {Say::tr("The master-control UKEY signs a new list of all revoked certificates."), Say::tr("The list of before stays good until its own end.")};
    deed.hand = parts::Hand::master;
    deed.request = [](const QString&, const std::string&) {
        pb::AdminRequest request;
        request.mutable_crl_refresh();
        return request;
    };
    deed.outcome = [](const pb::AdminReply& reply) {
        QStringList lines;
        for (const pb::SignedCrl& l : reply.crl_refresh().lists()) lines << Say::tr("List %1 of %2 holds until %3.").arg(l.number()).arg(text(l.master()), parts::moment(l.next_update_ms()));
        return lines.isEmpty() ? Say::tr("A new list was published.") : lines.join(QLatin1Char('\n'));
    };
    return new DeedDialog(link, std::move(deed), parent);
}

}  // namespace ui::keys

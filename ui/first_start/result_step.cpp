#include "ui/first_start/result_step.h"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPrintDialog>
#include <QPrinter>
#include <QPushButton>
#include <QTextDocument>
#include <QVBoxLayout>
#include <QtConcurrent>

#include "ui/link/after.h"
#include "ui/parts/figures.h"
#include "ui/parts/notice.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/words.h"

namespace ui::first_start {
namespace {

constexpr qsizetype kGroup = 4;
constexpr qsizetype kGroupsInLine = 8;
constexpr double kFingerprintSize = 1.35;  ///< times the usual letters

}  // namespace

QString fingerprint_lines(const QString& fingerprint) {
    const QString plain = QString(fingerprint).remove(QLatin1Char(':')).remove(QLatin1Char(' '));
    QString out;
    for (qsizetype i = 0; i < plain.size(); i += kGroup) {
        if (i > 0) out += i % (kGroup * kGroupsInLine) == 0 ? QLatin1Char('\n') : QLatin1Char(' ');
        out += plain.mid(i, kGroup);
    }
    return out;
}

ResultStep::ResultStep(std::function<link::pb::InitReply()> reply, QWidget* parent)
    : Step(tr("The platform is set up"), {}, parent), reply_(std::move(reply)), made_(new parts::Figures(this)), fingerprint_(new QLabel(this)), minutes_(new QPlainTextEdit(this)), outcome_(new parts::Notice(this)) {
    auto* compare = new QLabel(tr("Fingerprint of the trust anchor. Give it to the auditor by a second way, and compare it wherever the anchor is installed."), this);
    compare->setWordWrap(true);
    parts::set_tone(*compare, parts::Tone::muted);
    QFont letters = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    letters.setPointSizeF(font().pointSizeF() * kFingerprintSize);
    letters.setBold(true);
    fingerprint_->setFont(letters);
    fingerprint_->setObjectName(QStringLiteral("fingerprint"));
    fingerprint_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    minutes_->setReadOnly(true);
    minutes_->setObjectName(QStringLiteral("minutes"));
    minutes_->setAccessibleName(tr("Minutes of the ceremony"));
    minutes_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    minutes_->setLineWrapMode(QPlainTextEdit::NoWrap);
    minutes_->setTabChangesFocus(true);
    minutes_->setMinimumHeight(150);
    auto* save_button = new QPushButton(tr("&Save the minutes …"), this);
    save_button->setObjectName(QStringLiteral("save_minutes"));
    auto* print_button = new QPushButton(tr("&Print the minutes …"), this);
    print_button->setObjectName(QStringLiteral("print_minutes"));
    for (QPushButton* b : {save_button, print_button}) b->setAutoDefault(false);
    connect(save_button, &QPushButton::clicked, this, &ResultStep::save);
    connect(print_button, &QPushButton::clicked, this, &ResultStep::print);
    auto* next = new QLabel(tr("1.  Print the minutes and have everybody sign them. They stand in the log too.\n"
                               "2.  Issue an auditor UKEY, so that somebody else can check the log, and save the trust anchor for the auditor (page Keys).\n"
                               "3.  Make a backup, and keep it somewhere else.\n"
                               "4.  Put the master-control UKEY into its safe. Pulling it locks the window."),
                            this);
    next->setWordWrap(true);
    auto* heading = new QLabel(tr("What to do next"), this);
    parts::make_heading(*heading, 3);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(save_button);
    buttons->addWidget(print_button);
    buttons->addStretch(1);
    column()->addWidget(made_);
    column()->addWidget(compare);
    column()->addWidget(fingerprint_);
    column()->addWidget(heading);
    column()->addWidget(next);
    column()->addWidget(minutes_, 1);
    column()->addLayout(buttons);
    column()->addWidget(outcome_);
}

void ResultStep::enter() { show_made(reply_()); }

void ResultStep::imagine() {
    link::pb::InitReply done;
    done.set_platform("PF-7F3K9Q2M");
    done.set_master("MC-2B8D4T6W");
    done.set_trust_anchor_fingerprint("9c41f07e5b2ad86310e7a4c95d3f1b8872e06ac4d915fb3e48a7c20d6f93be15");
    done.set_minutes(
        "Minutes of the ceremony\n\nUtility:             Qingshan Electricity\nPlatform UKEY:       PF-7F3K9Q2M\nMaster-control UKEY: MC-2B8D4T6W\nTrust anchor:        SHA-256 " + done.trust_anchor_fingerprint() + "\n\nSigned: ____________________   ____________________\n");
    show_made(done);
}

void ResultStep::show_made(const link::pb::InitReply& done) {
    made_->clear();
    made_->set(tr("Platform UKEY"), parts::text(done.platform()));
    made_->set(tr("Master-control UKEY"), parts::text(done.master()));
    QStringList officers;
    for (const std::string& serial : done.officers()) officers << parts::text(serial);
    made_->set(tr("Officer UKEYs"), officers.join(QStringLiteral(", ")));
    fingerprint_->setText(fingerprint_lines(parts::text(done.trust_anchor_fingerprint())));
    minutes_->setPlainText(parts::text(done.minutes()));
}

void ResultStep::save() {
    parts::ask_where(this, tr("Save the minutes"), QStringLiteral("minutes.txt"), tr("Texts (*.txt)"), [this](const QString& file) {
        link::after(parts::save_file(file, minutes_->toPlainText().toUtf8() + '\n'), this, [this, file](const base::Status& saved) {
            if (saved) outcome_->say(parts::Tone::good, tr("The minutes are in %1.").arg(file));
            else outcome_->say(parts::Tone::bad, tr("The minutes were not saved."), tr("Choose another place. They stand in the log too."), parts::text(saved.error().message));
        });
    });
}

void ResultStep::print() {
    const auto printer = std::make_shared<QPrinter>(QPrinter::HighResolution);
    const auto wanted = std::make_shared<bool>(false);
    auto* dialog = new QPrintDialog(printer.get(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, qOverload<>(&QDialog::accepted), this, [wanted] { *wanted = true; });
    // The dialog looks at the printer until it goes; then the printer may take its time.
    connect(dialog, &QObject::destroyed, this, [self = QPointer(this), printer, wanted, font = minutes_->font(), text = minutes_->toPlainText()] {
        if (!*wanted || !self) return;
        self->outcome_->say(parts::Tone::muted, tr("The minutes are being printed."));
        link::after(QtConcurrent::run([printer, font, text] {
            QTextDocument document;
            document.setDefaultFont(font);
            document.setPlainText(text);
            document.print(printer.get());
            return printer->printerState() != QPrinter::Error && printer->printerState() != QPrinter::Aborted;
        }), self.data(), [self](bool printed) {
            if (printed) self->outcome_->say(parts::Tone::good, tr("The minutes went to the printer."), tr("Have everybody sign them."));
            else self->outcome_->say(parts::Tone::attention, tr("The minutes were not printed."), tr("The printer took no page. Look whether it is on and can be written to, or choose another; or save the minutes, and print them elsewhere. They stand in the log too."));
        });
    });
    dialog->open();
}

}  // namespace ui::first_start

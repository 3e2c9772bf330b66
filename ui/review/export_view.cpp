#include "ui/review/export_view.h"

#include <QButtonGroup>
#include <QDateEdit>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>
#include <QtConcurrent>

#include "ui/link/after.h"
#include "ui/parts/figures.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/remembered.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/scrolled.h"
#include "ui/parts/words.h"
#include "ui/parts/working.h"
#include "ui/review/archive_view.h"
#include "ui/review/own_note.h"
#include "ui/review/trust_row.h"
#include "ui/review/verification.h"

namespace ui::review {

namespace pb = link::pb;
using parts::text;
using parts::Tone;

namespace {

constexpr int kMostRecipients = 16;  // source: docs/PROTOCOL.md, audit_export

/// The export that was written last.
struct Exported {
    QString file;
    LogFile::Got got;
};

}  // namespace

ExportView::ExportView(link::Link& link, LogFile& log, QWidget* parent) : QWidget(parent), link_(link), log_(log) {
    auto* outer = new QVBoxLayout(this);
    QVBoxLayout* column = parts::scrolled(*outer, this);
    QWidget* inside = column->parentWidget();

    auto* cards = new QHBoxLayout;
    cards->setSpacing(12);
    auto* what = new parts::Card(tr("What"), inside);
    all_ = new QRadioButton(tr("&All of the log"), what);
    period_ = new QRadioButton(tr("The &days"), what);
    from_ = new QDateEdit(what);
    until_ = new QDateEdit(what);
    zone_ = new QLabel(what);
    zone_->setWordWrap(true);
    parts::set_tone(*zone_, Tone::muted);
    all_->setChecked(true);
    all_->setObjectName(QStringLiteral("all"));
    period_->setObjectName(QStringLiteral("period"));
    auto* what_group = new QButtonGroup(this);
    what_group->addButton(all_);
    what_group->addButton(period_);
    for (QDateEdit* edit : {from_, until_}) {
        edit->setCalendarPopup(true);
        edit->setDisplayFormat(QStringLiteral("yyyy-MM-dd"));
    }
    from_->setAccessibleName(tr("First day"));
    until_->setAccessibleName(tr("Last day"));
    auto* days = new QHBoxLayout;
    days->addWidget(period_);
    days->addWidget(from_);
    days->addWidget(new QLabel(tr("to"), what));
    days->addWidget(until_);
    days->addStretch(1);
    what->column()->addWidget(all_);
    what->column()->addLayout(days);
    what->column()->addWidget(zone_);
    what->column()->addStretch(1);

    auto* whom = new parts::Card(tr("Who can open it"), inside);
    clear_ = new QRadioButton(tr("&Everybody: in clear"), whom);
    sealed_ = new QRadioButton(tr("&Only these auditor UKEYs"), whom);
    clear_->setChecked(true);
    clear_->setObjectName(QStringLiteral("clear"));
    sealed_->setObjectName(QStringLiteral("sealed"));
    auto* whom_group = new QButtonGroup(this);
    whom_group->addButton(clear_);
    whom_group->addButton(sealed_);
    auditors_ = new QListWidget(whom);
    auditors_->setObjectName(QStringLiteral("auditors"));
    auditors_->setAccessibleName(tr("Auditor UKEYs"));
    auditors_->setMaximumHeight(110);
    no_auditors_ = new QLabel(tr("No auditor UKEY is in use. An officer issues one on the page UKEYs."), whom);
    no_auditors_->setWordWrap(true);
    parts::set_tone(*no_auditors_, Tone::muted);
    whom->column()->addWidget(clear_);
    whom->column()->addWidget(sealed_);
    whom->column()->addWidget(auditors_);
    whom->column()->addWidget(no_auditors_);
    whom->column()->addStretch(1);
    cards->addWidget(what, 1);
    cards->addWidget(whom, 1);
    column->addLayout(cards);

    auto* acts = new QHBoxLayout;
    export_ = new QPushButton(tr("E&xport …"), inside);
    export_->setObjectName(QStringLiteral("export"));
    export_->setDefault(true);
    other_ = new QPushButton(tr("Verify a &file …"), inside);
    other_->setObjectName(QStringLiteral("verify_other"));
    acts->addWidget(export_);
    acts->addWidget(new parts::Reasons({export_, other_}, inside), 1);
    acts->addWidget(other_);
    column->addLayout(acts);
    auto* trust = new TrustRow(inside);
    column->addWidget(trust);
    auto* own = new OwnNote(link, OwnNote::Place::file, inside);
    column->addWidget(own);
    working_ = new parts::Working(inside);
    working_->setObjectName(QStringLiteral("export_working"));
    notice_ = new parts::Notice(inside);
    notice_->setObjectName(QStringLiteral("export_outcome"));
    verification_ = new Verification(link, inside);
    column->addWidget(working_);
    column->addWidget(notice_);
    column->addWidget(verification_);
    auto* archive = new parts::Card(tr("Archive"), inside);
    archive_ = new ArchiveView(link, archive);
    archive->column()->addWidget(archive_);
    column->addWidget(archive);
    column->addStretch(1);

    for (QRadioButton* b : {all_, period_, clear_, sealed_}) connect(b, &QRadioButton::toggled, this, &ExportView::look);
    for (QDateEdit* e : {from_, until_}) connect(e, &QDateEdit::dateChanged, this, &ExportView::look);
    connect(auditors_, &QListWidget::itemChanged, this, &ExportView::look);
    connect(export_, &QPushButton::clicked, this, &ExportView::choose);
    connect(other_, &QPushButton::clicked, this, &ExportView::choose_to_verify);
    connect(working_, &parts::Working::cancelled, this, [this] {
        log_.cancel();
        working_->say(tr("Cancelling: what was written is being removed"));
    });
    connect(&log_, &LogFile::running_changed, this, &ExportView::look);
    connect(verification_, &Verification::running_changed, this, &ExportView::look);
    connect(trust, &TrustRow::changed, verification_, &Verification::show_told);
    connect(own, &OwnNote::changed, verification_, &Verification::show_told);
    connect(own, &OwnNote::changed, this, &ExportView::look);
    connect(&log_, &LogFile::progressed, this, [this](quint64 bytes, quint32 events, quint32 of) {
        if (running_) working_->say(of == 0 ? tr("%1 written").arg(parts::file_size(bytes)) : tr("%1 of %2 events, %3 written").arg(parts::number(events), parts::number(of), parts::file_size(bytes)), events, of);
    });
    show_done();
    look();
}

void ExportView::set_utility(const Utility& utility) {
    const bool first = utility_.begins == 0;
    utility_ = utility;
    const QDate today = utility.day_of(base::SystemClock().now());
    for (QDateEdit* e : {from_, until_}) {
        e->setDateRange(utility.day_of(utility.begins), today);
        if (first) e->setDate(today);
    }
    look();
}

void ExportView::refresh() {
    ask_auditors();
    archive_->refresh();
}

void ExportView::ask_auditors() {
    link_.ukeys().read(this, [this](const base::Status& done) {
        if (!done) return notice_->say(done.error());
        const QStringList checked = recipients();
        const QSignalBlocker quiet(auditors_);
        auditors_->clear();
        for (const pb::Ukey& u : link_.ukeys().all()) {
            if (u.kind() != "auditor" || u.state() != "issued") continue;
            auto* item = new QListWidgetItem(tr("%1 · %2").arg(text(u.holder()), text(u.serial())), auditors_);
            item->setData(Qt::UserRole, text(u.serial()));
            item->setCheckState(checked.contains(text(u.serial())) ? Qt::Checked : Qt::Unchecked);
        }
        look();
    });
}

QStringList ExportView::recipients() const {
    QStringList out;
    for (int i = 0; i < auditors_->count(); ++i)
        if (auditors_->item(i)->checkState() == Qt::Checked) out << auditors_->item(i)->data(Qt::UserRole).toString();
    return out;
}

QString ExportView::missing() const {
    // What is said of one file must not be taken for another's.
    if (running_) return tr("An export is being written.");
    if (verification_->is_running()) return tr("A file is being verified.");
    if (log_.is_running()) return tr("The log is being read for a report just now.");
    if (period_->isChecked() && from_->date() > until_->date()) return tr("The last day is before the first.");
    if (!sealed_->isChecked()) return {};
    const qsizetype n = recipients().size();
    if (n == 0) return tr("Choose at least one auditor UKEY.");
    return n > kMostRecipients ? tr("Choose at most %1 auditor UKEYs.").arg(kMostRecipients) : QString();
}

void ExportView::look() {
    from_->setEnabled(period_->isChecked());
    until_->setEnabled(period_->isChecked());
    zone_->setText(period_->isChecked() ? tr("Days of %1, %2. The export goes on to the next checkpoint, which proves it; it can be verified as a part, but the rules are replayed over a whole log only.").arg(utility_.name, utility_.zone())
                                        : tr("What is not archived: it can be verified anywhere, rules and all."));
    auditors_->setVisible(sealed_->isChecked() && auditors_->count() > 0);
    no_auditors_->setVisible(sealed_->isChecked() && auditors_->count() == 0);
    parts::offer(*export_, missing());
    parts::offer(*other_, verification_->is_running() ? tr("A file is being verified.") : running_ ? tr("An export is being written.") : OwnNote::why_not(link_, OwnNote::Place::file));
}

void ExportView::choose() {
    const QString name = all_->isChecked() ? tr("log-%1.kmpaudit").arg(utility_.day_of(base::SystemClock().now()).toString(Qt::ISODate)) : tr("log-%1-to-%2.kmpaudit").arg(from_->date().toString(Qt::ISODate), until_->date().toString(Qt::ISODate));
    parts::ask_where(this, tr("Export the log"), name, tr("Exports (*.kmpaudit)"), [this](const QString& file) { export_to(file); });
}

void ExportView::export_to(const QString& file) {
    if (const QString why = missing(); !why.isEmpty()) return notice_->say(Tone::attention, tr("Nothing was exported."), why);
    pb::AuditExport what;
    if (period_->isChecked()) {
        what.set_from_ms(utility_.start(from_->date()));
        what.set_until_ms(utility_.start(until_->date().addDays(1)));
    } else {
        what.set_first(link_.status().archived());
    }
    if (sealed_->isChecked())
        for (const QString& serial : recipients()) what.add_recipients(parts::bytes(serial));
    running_ = true;
    parts::remembered<Exported>(link_) = {};
    notice_->say(Tone::plain, {});
    verification_->clear();
    working_->say(tr("Asking for the log"));
    log_.get(std::move(what), file, [this, file, whole = all_->isChecked()](base::Result<LogFile::Got> got) {
        running_ = false;
        working_->end();
        look();
        if (got) {
            parts::remembered<Exported>(link_) = {file, *got};
            show_done();
            return offer_to_verify(whole);
        }
        if (got.error().code == base::Code::cancelled) return say_cancelled(file);
        notice_->say(got.error());
    });
}

void ExportView::say_cancelled(const QString& file) {
    // Looked for beside: a folder may be far away.
    link::after(QtConcurrent::run([file] { return QFile::exists(file); }), this, [this](bool older) {
        if (!running_) notice_->say(Tone::muted, older ? tr("The export was cancelled. The older file of that name was left as it was.") : tr("The export was cancelled. No file was left."));
    });
}

void ExportView::show_done() {
    const auto& [file, got] = parts::remembered<Exported>(link_);
    if (file.isEmpty()) return;
    const pb::AuditExportReply& what = got.what;
    QString kind = what.end() > what.first() ? tr("Events %1 to %2, %3.").arg(parts::number(what.first()), parts::number(what.end() - 1), parts::file_size(got.bytes)) : parts::file_size(got.bytes);
    if (got.too_late) kind += QLatin1Char('\n') + tr("It was whole before it could be cancelled: remove the file if you do not want it.");
    notice_->say(Tone::good, tr("The export is in %1.").arg(file), kind);
}

void ExportView::offer_to_verify(bool whole) {
    const auto& [file, got] = parts::remembered<Exported>(link_);
    QStringList whom;
    for (const std::string& r : got.what.recipients()) whom << text(r);
    verification_->offer(file, whom, whole);
}

void ExportView::choose_to_verify() {
    auto* dialog = new QFileDialog(this, tr("Verify a file of the log"), {}, tr("Exports (*.kmpaudit);;All files (*)"));
    dialog->setObjectName(QStringLiteral("which"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        if (!other_->isEnabled()) return;  // since it was opened
        parts::remembered<Exported>(link_) = {};
        notice_->say(Tone::plain, {});
        verification_->verify(file);
    });
    dialog->open();
}

}  // namespace ui::review

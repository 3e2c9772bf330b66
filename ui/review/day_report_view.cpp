#include "ui/review/day_report_view.h"

#include <QCalendarWidget>
#include <QDateEdit>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPrintDialog>
#include <QPrinter>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/link/after.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/remembered.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/words.h"
#include "ui/parts/working.h"
#include "ui/review/own_note.h"
#include "ui/review/printing.h"
#include "ui/review/standing.h"
#include "ui/review/trust_row.h"

namespace ui::review {

using parts::Tone;

DayReportView::DayReportView(link::Link& link, LogFile& log, QWidget* parent)
    : QWidget(parent), link_(link), log_(log), report_(link, log, this), day_(new QDateEdit(this)), zone_(new QLabel(this)), make_(new QPushButton(tr("&Make the report"), this)), save_(new QPushButton(tr("&Save …"), this)),
      print_(new QPushButton(tr("&Print …"), this)), archive_(new QWidget(this)), archived_(new QLabel(archive_)), working_(new parts::Working(this)), printer_works_(new parts::Working(this)), notice_(new parts::Notice(this)), outcome_(new parts::Notice(this)), empty_(new QLabel(this)), pages_(new PdfView(this)) {
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    auto* top = new QHBoxLayout;
    auto* label = new QLabel(tr("&Day"), this);
    label->setBuddy(day_);
    day_->setObjectName(QStringLiteral("day"));
    day_->setAccessibleName(tr("Day of the report"));
    day_->setCalendarPopup(true);
    day_->setDisplayFormat(QStringLiteral("yyyy-MM-dd"));
    parts::set_tone(*zone_, Tone::muted);
    make_->setObjectName(QStringLiteral("make_report"));
    make_->setDefault(true);
    save_->setObjectName(QStringLiteral("save_report"));
    print_->setObjectName(QStringLiteral("print_report"));
    top->addWidget(label);
    top->addWidget(day_);
    top->addWidget(make_);
    top->addWidget(zone_, 1);
    top->addWidget(save_);
    top->addWidget(print_);
    column->addLayout(top);
    column->addWidget(new parts::Reasons({make_, save_, print_}, this));
    auto* trust = new TrustRow(this);
    connect(trust, &TrustRow::changed, this, &DayReportView::show_made);
    column->addWidget(trust);
    auto* own = new OwnNote(link, OwnNote::Place::report, this);
    connect(own, &OwnNote::changed, this, &DayReportView::look);
    column->addWidget(own);

    auto* old = new QHBoxLayout(archive_);
    old->setContentsMargins(0, 0, 0, 0);
    archived_->setWordWrap(true);
    parts::set_tone(*archived_, Tone::muted);
    auto* add = new QPushButton(tr("&Add archive segments …"), archive_);
    add->setObjectName(QStringLiteral("add_segments"));
    connect(add, &QPushButton::clicked, this, &DayReportView::add_segment);
    old->addWidget(archived_, 1);
    old->addWidget(add);
    column->addWidget(archive_);

    working_->setObjectName(QStringLiteral("report_working"));
    column->addWidget(working_);
    column->addWidget(printer_works_);
    notice_->setObjectName(QStringLiteral("report_verdict"));
    column->addWidget(notice_);
    outcome_->setObjectName(QStringLiteral("report_outcome"));
    column->addWidget(outcome_);
    empty_->setText(tr("The report of a day: the verdict, sales by station, what was issued, revoked and refused, and the checkpoint to file on paper.\n\nThe whole log is read and verified for it; nothing of it stays on this computer."));
    empty_->setWordWrap(true);
    empty_->setAlignment(Qt::AlignCenter);
    parts::set_tone(*empty_, Tone::muted);
    column->addWidget(empty_, 1);
    pages_->setObjectName(QStringLiteral("pages"));
    pages_->hide();
    column->addWidget(pages_, 1);

    connect(make_, &QPushButton::clicked, this, &DayReportView::make);
    connect(save_, &QPushButton::clicked, this, &DayReportView::save);
    connect(print_, &QPushButton::clicked, this, &DayReportView::print);
    connect(working_, &parts::Working::cancelled, &report_, &DayReport::cancel);
    connect(&report_, &DayReport::stepped, working_, &parts::Working::say);
    connect(&report_, &DayReport::made, this, [this](const DayReport::Made& made) {
        working_->end();
        parts::remembered<DayReport::Made>(link_) = made;
        show_made();
        look();
        if (made.paper) pages_->setFocus();
    });
    connect(&report_, &DayReport::failed, this, [this](const parts::Verdict& why) {
        working_->end();
        say(*notice_, why);
        look();
    });
    connect(&log_, &LogFile::running_changed, this, &DayReportView::look);
    connect(&link_, &link::Link::status_changed, this, &DayReportView::look);
    connect(&link_, &link::Link::state_changed, this, &DayReportView::show_made);
    show_made();
    look();
}

DayReportView::~DayReportView() {
    // Before the printer goes that they draw on.
    qDeleteAll(findChildren<Printing*>());
    qDeleteAll(findChildren<QPrintDialog*>());
}

void DayReportView::set_utility(const Utility& utility) {
    const bool first = utility_.begins == 0;
    utility_ = utility;
    const QDate today = utility.day_of(base::SystemClock().now());
    day_->setDateRange(utility.day_of(utility.begins), today);
    if (first) day_->setDate(today);
    zone_->setText(tr("of %1, %2").arg(utility.name, utility.zone()));
    look();
}

void DayReportView::look() {
    if (is_of_another(parts::remembered<DayReport::Made>(link_).platform, link_)) forget_made();
    parts::offer(*make_, report_.is_running() || log_.is_running() ? tr("The log is being read just now.") : utility_.begins == 0 ? tr("It is not known yet where the log begins.") : OwnNote::why_not(link_, OwnNote::Place::report));
    const bool there = pages_->paper() != nullptr;
    const QString why = printing_ ? tr("It is being printed.") : there ? QString() : tr("There is no report yet.");
    for (QPushButton* button : {save_, print_}) parts::offer(*button, why);
    empty_->setVisible(!there);
    pages_->setVisible(there);
    const auto archived = link_.status().archived();
    archive_->setVisible(archived > 0);
    QStringList names;
    for (const QString& file : segments_) names << QFileInfo(file).fileName();
    archived_->setText(segments_.isEmpty() ? tr("Events before %1 are in archive segments. A day that lies there takes them as files.").arg(parts::number(archived)) : tr("With %1").arg(names.join(tr(", "))));
}

void DayReportView::make() {
    if (!make_->isEnabled()) return;
    forget_made();
    report_.make(day_->date(), TrustRow::options(), OwnNote::given(link_, OwnNote::Place::report), segments_);
    look();
}

void DayReportView::show_made() {
    const DayReport::Made& made = parts::remembered<DayReport::Made>(link_);
    if (made.verdict) say(*notice_, as_of_now(made.verdict(), link_, made.trust == TrustRow::options()));
    if (pages_->paper() != made.paper) pages_->show_paper(made.paper);
}

void DayReportView::forget_made() {
    parts::remembered<DayReport::Made>(link_) = {};
    for (parts::Notice* notice : {notice_, outcome_}) notice->say(Tone::plain, {});
    show_made();
}

void DayReportView::say_outcome(const QString& what, const QString& when_sound) {
    const DayReport::Made& made = parts::remembered<DayReport::Made>(link_);
    const bool sound = made.verdict && made.verdict().tone != Tone::bad;
    outcome_->say(sound ? Tone::good : Tone::muted, what, sound ? when_sound : tr("It says that the log is NOT sound: keep it with the evidence, where nobody of the utility can write."));
}

void DayReportView::add_segment() {
    auto* dialog = new QFileDialog(this, tr("Archive segments"), {}, tr("Exports (*.kmpaudit);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, [this](const QStringList& files) {
        segments_ = files;
        look();
    });
    dialog->open();
}

void DayReportView::save() {
    const auto paper = pages_->paper();
    if (!paper) return;
    parts::ask_where(this, tr("Save the report"), tr("report-%1.pdf").arg(parts::remembered<DayReport::Made>(link_).day.toString(Qt::ISODate)), tr("PDF (*.pdf)"), [this, paper](const QString& file) {
        link::after(parts::save_file(file, paper->bytes()), this, [this, file](const base::Status& saved) {
            if (saved) say_outcome(tr("The report is in %1.").arg(file), tr("It holds the checkpoint of the log: keep it where nobody of the utility can write."));
            else outcome_->say(saved.error());
        });
    });
}

void DayReportView::print() {
    printer_ = std::make_unique<QPrinter>(QPrinter::HighResolution);
    printer_->setPageSize(QPageSize(QPageSize::A4));
    printer_->setDocName(tr("report-%1.pdf").arg(parts::remembered<DayReport::Made>(link_).day.toString(Qt::ISODate)));
    auto* dialog = new QPrintDialog(printer_.get(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setMinMax(1, pages_->paper()->pages());
    dialog->setOption(QAbstractPrintDialog::PrintToFile, false);  // Save does that, and better
    connect(dialog, &QDialog::accepted, this, &DayReportView::send_to_printer);
    dialog->open();
}

void DayReportView::send_to_printer() {
    printing_ = true;
    auto* job = new Printing(pages_->paper(), *printer_, this);
    connect(job, &Printing::progressed, this, [this](int page, int of) { printer_works_->say(tr("Printing page %1 of %2").arg(page).arg(of), static_cast<quint64>(page), static_cast<quint64>(of) + 1); });
    connect(printer_works_, &parts::Working::cancelled, job, &Printing::cancel);
    connect(job, &Printing::over, this, [this](bool printed) {
        printing_ = false;
        printer_works_->end();
        if (printed) say_outcome(tr("The report went to the printer."), tr("Sign it and file it: it is a checkpoint outside this machine."));
        else outcome_->say(Tone::attention, tr("The report was not printed."), tr("It was cancelled, or the printer took no page."));
        look();
    });
    job->start();
    look();
}

}  // namespace ui::review

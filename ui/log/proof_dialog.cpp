#include "ui/log/proof_dialog.h"

#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QSaveFile>
#include <QVBoxLayout>
#include <QtConcurrent>

#include "ui/parts/figures.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

namespace pb = link::pb;
using parts::Tone;
using Verdict = ProofCheck::Verdict;

/// Empty: it is written.
QString written(const QString& name, const QByteArray& bytes) {
    QSaveFile file(name);
    // It holds an event in full: for its owner alone.
    if (file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) && file.write(bytes) == bytes.size() && file.commit()) return {};
    return file.errorString();
}

QProgressBar* busy_bar(QWidget* parent) {
    auto* out = new QProgressBar(parent);
    out->setRange(0, 0);
    out->setTextVisible(false);
    out->setMaximumHeight(6);
    return out;
}

}  // namespace

void say(parts::Notice& notice, Verdict verdict, const QString& line) {
    switch (verdict) {
        case Verdict::holds: return notice.say(Tone::good, ProofDialog::tr("Yes: the proof holds."), ProofDialog::tr("The event is in the log, just as the proof has it. This was checked on this computer with the log's key as it is known here, not by the service."), line);
        case Verdict::fails: return notice.say(Tone::bad, ProofDialog::tr("No: this proves nothing."), ProofDialog::tr("Do not rely on it. The file is no proof of this log, was changed, or is about another event; keep it, and ask whoever gave it to you."), line);
        case Verdict::unknown: return notice.say(Tone::attention, ProofDialog::tr("It could not be checked."), ProofDialog::tr("That says nothing about the event, neither yes nor no."), line);
    }
}

ProofDialog::ProofDialog(link::Link& link, std::uint64_t index, QString leaf, QWidget* parent)
    : QDialog(parent), link_(link), index_(index), leaf_(std::move(leaf)), check_(new ProofCheck(link, this)), busy_(busy_bar(this)), verdict_(new parts::Notice(this)), saved_(new parts::Notice(this)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowModality(Qt::WindowModal);
    setWindowTitle(tr("Proof of an event"));
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    auto* heading = new QLabel(tr("Proof of event %1").arg(parts::number(index_)), this);
    parts::make_heading(*heading, 2);
    auto* what = new QLabel(tr("The file holds this event in full, and shows anybody who has the log's key that it is in the log. It shows no other event."), this);
    what->setWordWrap(true);
    verdict_->setObjectName(QStringLiteral("verdict"));
    saved_->setObjectName(QStringLiteral("saved_proof"));
    auto* buttons = new QDialogButtonBox(this);
    save_ = buttons->addButton(tr("&Save the proof …"), QDialogButtonBox::ActionRole);
    save_->setObjectName(QStringLiteral("save"));
    save_->setEnabled(false);
    auto* close = buttons->addButton(QDialogButtonBox::Close);
    close->setObjectName(QStringLiteral("close"));
    for (QWidget* w : {static_cast<QWidget*>(heading), static_cast<QWidget*>(what), static_cast<QWidget*>(busy_), static_cast<QWidget*>(verdict_), static_cast<QWidget*>(saved_)}) column->addWidget(w);
    column->addStretch(1);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(save_, &QPushButton::clicked, this, &ProofDialog::choose_file);
    connect(check_, &ProofCheck::finished, this, [this](Verdict verdict) {
        busy_->hide();
        say(*verdict_, verdict, check_->line());
        save_->setEnabled(true);
        save_->setDefault(true);
    });
    setMinimumWidth(560);
    ask();
}

void ProofDialog::ask() {
    pb::AdminRequest request;
    request.mutable_audit_prove()->set_index(index_);
    link_.read(this, std::move(request), [this](base::Result<pb::AdminReply> reply) {
        if (reply) return take(reply->audit_prove().file());
        busy_->hide();
        verdict_->say(reply.error());
    });
}

void ProofDialog::take(const std::string& file) {
    proof_ = QByteArray::fromStdString(file);
    write(folder_.filePath(QStringLiteral("event.proof")), false);
}

void ProofDialog::write(const QString& file, bool kept) {
    QtConcurrent::run([file, bytes = proof_] { return written(file, bytes); }).then(this, [this, file, kept](const QString& trouble) {
        if (!trouble.isEmpty()) {
            busy_->hide();
            (kept ? saved_ : verdict_)->say(Tone::bad, tr("The file could not be written."), tr("Choose another place."), trouble);
        } else if (kept) {
            saved_->say(Tone::muted, tr("The proof is saved."), tr("Whoever gets it checks it with kmp-audit verify-proof and the log's key."), file);
        } else {
            check_->begin(file, leaf_);
        }
    });
}

void ProofDialog::save_to(const QString& file) { write(file, true); }

void ProofDialog::choose_file() {
    auto* dialog = new QFileDialog(this, tr("Save the proof"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(QStringLiteral("event-%1.proof").arg(index_));
    connect(dialog, &QFileDialog::fileSelected, this, &ProofDialog::save_to);
    dialog->open();
}

ReceiptDialog::ReceiptDialog(link::Link& link, QWidget* parent) : QDialog(parent), link_(link), check_(new ProofCheck(link, this)), busy_(busy_bar(this)), verdict_(new parts::Notice(this)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowModality(Qt::WindowModal);
    setWindowTitle(tr("Check a receipt"));
    auto* column = new QVBoxLayout(this);
    column->setSpacing(12);
    auto* heading = new QLabel(tr("Is it in the log?"), this);
    parts::make_heading(*heading, 2);
    column->addWidget(heading);
    column->addWidget(make_file_part());
    column->addWidget(make_number_part());
    column->addWidget(busy_);
    column->addWidget(verdict_);
    column->addStretch(1);
    busy_->hide();
    verdict_->setObjectName(QStringLiteral("verdict"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(check_, &ProofCheck::finished, this, [this](Verdict verdict) {
        say(*verdict_, verdict, check_->line());
        look();
    });
    setMinimumWidth(600);
    look();
}

QWidget* ReceiptDialog::make_file_part() {
    auto* card = new parts::Card(tr("A proof file"), this);
    auto* what = new QLabel(tr("As this window, kmpctl, kmp-audit or a station saves one. The service is not asked."), card);
    what->setWordWrap(true);
    parts::set_tone(*what, Tone::muted);
    choose_ = new QPushButton(tr("&Choose a file …"), card);
    choose_->setObjectName(QStringLiteral("choose"));
    card->column()->addWidget(what);
    card->column()->addWidget(choose_, 0, Qt::AlignLeft);
    connect(choose_, &QPushButton::clicked, this, &ReceiptDialog::choose_file);
    return card;
}

QWidget* ReceiptDialog::make_number_part() {
    auto* card = new parts::Card(tr("Or what a receipt says"), this);
    auto* form = new QFormLayout;
    index_ = new QLineEdit(card);
    index_->setObjectName(QStringLiteral("receipt_index"));
    index_->setAccessibleName(tr("Number of the event"));
    index_->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,18}")), index_));
    leaf_ = new QLineEdit(card);
    leaf_->setObjectName(QStringLiteral("receipt_leaf"));
    leaf_->setAccessibleName(tr("Leaf hash"));
    leaf_->setPlaceholderText(tr("64 digits 0 to 9 and a to f"));
    leaf_->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9a-fA-F ]{0,90}")), leaf_));
    form->addRow(tr("&Number of the event"), index_);
    form->addRow(tr("&Leaf hash"), leaf_);
    ask_ = new QPushButton(tr("Chec&k"), card);
    ask_->setObjectName(QStringLiteral("receipt_check"));
    card->column()->addLayout(form);
    card->column()->addWidget(ask_, 0, Qt::AlignLeft);
    for (QLineEdit* line : {index_, leaf_}) connect(line, &QLineEdit::textChanged, this, &ReceiptDialog::look);
    connect(ask_, &QPushButton::clicked, this, &ReceiptDialog::check_number);
    return card;
}

void ReceiptDialog::look() {
    const bool busy = asking_ || check_->is_running();
    const bool whole = !index_->text().isEmpty() && QString(leaf_->text()).remove(QLatin1Char(' ')).size() == 64;
    busy_->setVisible(busy);
    choose_->setEnabled(!busy);
    ask_->setEnabled(!busy && whole);
    ask_->setToolTip(whole ? QString() : tr("It takes the number and all 64 digits of the leaf hash"));
}

void ReceiptDialog::choose_file() {
    auto* dialog = new QFileDialog(this, tr("Choose a proof file"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &ReceiptDialog::check_file);
    dialog->open();
}

void ReceiptDialog::check_file(const QString& file) { check(file, {}); }

void ReceiptDialog::check(const QString& file, const QString& leaf) {
    verdict_->say(Tone::plain, {});
    check_->begin(file, leaf);
    look();
}

void ReceiptDialog::check_number() {
    const QString leaf = QString(leaf_->text()).remove(QLatin1Char(' ')).toLower();
    asking_ = true;
    verdict_->say(Tone::plain, {});
    look();
    pb::AdminRequest request;
    request.mutable_audit_prove()->set_index(index_->text().toULongLong());
    link_.read(this, std::move(request), [this, leaf](base::Result<pb::AdminReply> reply) {
        if (!reply) {
            asking_ = false;
            if (reply.error().code == base::Code::not_found) say(*verdict_, Verdict::unknown, parts::text(reply.error().message));
            else verdict_->say(reply.error());
            return look();
        }
        const QString file = folder_.filePath(QStringLiteral("receipt.proof"));
        QtConcurrent::run([file, bytes = QByteArray::fromStdString(reply->audit_prove().file())] { return written(file, bytes); }).then(this, [this, file, leaf](const QString& trouble) {
            asking_ = false;
            if (trouble.isEmpty()) return check(file, leaf);
            say(*verdict_, Verdict::unknown, trouble);
            look();
        });
    });
}

}  // namespace ui::log

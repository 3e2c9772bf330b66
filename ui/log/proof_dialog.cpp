#include "ui/log/proof_dialog.h"

#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QVBoxLayout>

#include "base/bytes.h"
#include "ui/link/after.h"
#include "ui/parts/figures.h"
#include "ui/parts/keys_field.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/words.h"
#include "ui/parts/working.h"

namespace ui::log {
using parts::Tone;

namespace {

constexpr qsizetype kLeafDigits = 64;

}  // namespace

ProofDialog::ProofDialog(link::Link& link, pb::AuditEvent event, QWidget* parent)
    : QDialog(parent), event_(std::move(event)), check_(new ProofCheck(link, this)), key_(new parts::KeysField(this)), working_(new parts::Working(this)), verdict_(new parts::Notice(this)), saved_(new parts::Notice(this)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowModality(Qt::WindowModal);
    setWindowTitle(tr("Proof of an event"));
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    auto* heading = new QLabel(tr("Proof of event %1").arg(parts::number(event_.index())), this);
    parts::make_heading(*heading, 2);
    auto* what = new QLabel(tr("The file holds this event in full, and shows anybody who has the log's key that it is in the log. It shows no other event."), this);
    what->setWordWrap(true);
    verdict_->setObjectName(QStringLiteral("verdict"));
    saved_->setObjectName(QStringLiteral("saved_proof"));
    auto* buttons = new QDialogButtonBox(this);
    save_ = buttons->addButton(tr("&Save the proof …"), QDialogButtonBox::ActionRole);
    save_->setObjectName(QStringLiteral("save"));
    auto* close = buttons->addButton(QDialogButtonBox::Close);
    close->setObjectName(QStringLiteral("close"));
    key_->setObjectName(QStringLiteral("proof_key"));
    key_->read(link);
    auto* key_row = new QFormLayout;
    key_->add_to(*key_row);
    column->addWidget(heading);
    column->addWidget(what);
    column->addLayout(key_row);
    for (QWidget* w : {static_cast<QWidget*>(working_), static_cast<QWidget*>(verdict_), static_cast<QWidget*>(saved_)}) column->addWidget(w);
    column->addStretch(1);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(save_, &QPushButton::clicked, this, &ProofDialog::save);
    connect(working_, &parts::Working::cancelled, check_, &ProofCheck::cancel);
    connect(verdict_, &parts::Notice::acted, this, &ProofDialog::prove);
    // Not textChanged: what this computer believes comes late, and is what was checked with.
    connect(key_, &QLineEdit::textEdited, this, [this] {
        verdict_->say(Tone::muted, tr("With these keys it was not checked yet."));
        verdict_->offer(tr("Check again"));
    });
    connect(check_, &ProofCheck::changed, this, &ProofDialog::look);
    connect(check_, &ProofCheck::finished, this, [this](const parts::Verdict& verdict) {
        say(*verdict_, verdict);
        // What neither holds nor fails may do so another time.
        const bool decided = verdict.tone == Tone::good || (verdict.tone == Tone::bad && !check_->proof().isEmpty());
        verdict_->offer(decided ? QString() : tr("Try again"));
        if (save_->isEnabled()) save_->setDefault(true);
    });
    setMinimumWidth(560);
    prove();
}

void ProofDialog::prove() {
    verdict_->say(Tone::plain, {});
    check_->prove(event_, key_->keys());
}

void ProofDialog::look() {
    if (check_->is_running()) working_->say(tr("The service proves it, and this computer checks the proof"));
    else working_->end();
    key_->setReadOnly(check_->is_running());
    // Also where it could not be checked here: it may be elsewhere.
    parts::offer(*save_, check_->is_running() ? tr("The proof is being checked.") : check_->proof().isEmpty() ? tr("There is no proof yet.") : QString());
}

void ProofDialog::save() {
    parts::ask_where(this, tr("Save the proof"), QStringLiteral("event-%1.proof").arg(event_.index()), tr("Proofs (*.proof)"), [this](const QString& file) {
        // It holds an event in full: for its owner alone.
        link::after(parts::save_file(file, check_->proof()), this, [this, file](const base::Status& saved) {
            if (saved) saved_->say(Tone::muted, tr("The proof is saved."), tr("Whoever gets it checks it with kmp-audit verify-proof and the log's key."), file);
            else saved_->say(saved.error());
        });
    });
}

ReceiptDialog::ReceiptDialog(link::Link& link, QWidget* parent) : QDialog(parent), check_(new ProofCheck(link, this)), working_(new parts::Working(this)), verdict_(new parts::Notice(this)) {
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
    key_ = new parts::KeysField(this);
    key_->setObjectName(QStringLiteral("receipt_key"));
    key_->read(link);
    auto* key_row = new QFormLayout;
    key_->add_to(*key_row);
    column->addLayout(key_row);
    column->addWidget(working_);
    column->addWidget(verdict_);
    column->addStretch(1);
    verdict_->setObjectName(QStringLiteral("verdict"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(working_, &parts::Working::cancelled, check_, &ProofCheck::cancel);
    connect(check_, &ProofCheck::changed, this, &ReceiptDialog::look);
    connect(check_, &ProofCheck::finished, this, [this](parts::Verdict verdict) {
        if (!file_.isEmpty()) verdict.lines.prepend(tr("The file: %1").arg(parts::file_text(file_)));
        say(*verdict_, verdict);
    });
    connect(key_, &QLineEdit::textEdited, this, &ReceiptDialog::forget);
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
    card->column()->addWidget(new parts::Reasons({ask_}, card));
    for (QLineEdit* line : {index_, leaf_}) connect(line, &QLineEdit::textChanged, this, &ReceiptDialog::forget);
    connect(ask_, &QPushButton::clicked, this, &ReceiptDialog::check_number);
    return card;
}

void ReceiptDialog::forget() {
    verdict_->say(Tone::plain, {});
    look();
}

void ReceiptDialog::look() {
    const bool busy = check_->is_running();
    for (QLineEdit* line : {index_, leaf_, static_cast<QLineEdit*>(key_)}) line->setReadOnly(busy);
    if (busy) working_->say(tr("Checking the proof"));
    else working_->end();
    const QString wait = busy ? tr("A proof is being checked.") : QString();
    parts::offer(*choose_, wait);
    const bool whole = !index_->text().isEmpty() && leaf().size() == kLeafDigits;
    parts::offer(*ask_, busy || whole ? wait : tr("It takes the number and all 64 digits of the leaf hash"));
}

QString ReceiptDialog::leaf() const { return QString(leaf_->text()).remove(QLatin1Char(' ')).toLower(); }

void ReceiptDialog::choose_file() {
    auto* dialog = new QFileDialog(this, tr("Choose a proof file"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &ReceiptDialog::check_file);
    dialog->open();
}

void ReceiptDialog::check_file(const QString& file) {
    if (check_->is_running()) return;
    verdict_->say(Tone::plain, {});
    file_ = file;
    check_->check_file(file, key_->keys());
}

void ReceiptDialog::check_number() {
    verdict_->say(Tone::plain, {});
    const auto hash = base::from_hex(parts::bytes(leaf()));
    if (!hash) return;
    file_.clear();
    pb::AuditEvent asked;
    asked.set_index(index_->text().toULongLong());
    asked.set_leaf_hash(base::to_string(*hash));
    check_->prove(asked, key_->keys());
}

}  // namespace ui::log

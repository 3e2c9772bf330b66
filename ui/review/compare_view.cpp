#include "ui/review/compare_view.h"

#include <QButtonGroup>
#include <QFile>
#include <QFileDialog>
#include <QFontDatabase>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <QtConcurrent>

#include "base/fd.h"
#include "ui/parts/figures.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"
#include "ui/review/saved_file.h"
#include "ui/review/take_away.h"
#include "ui/review/verdict.h"
#include "ui/review/working.h"

namespace ui::review {

namespace pb = link::pb;
using base::Code;
using parts::text;
using parts::Tone;

namespace {

constexpr std::size_t kLargestNote = 64 * 1024;

}  // namespace

CompareView::CompareView(link::Link& link, QWidget* parent) : QWidget(parent), link_(link), program_(this) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* inside = new QWidget(scroll);
    auto* column = new QVBoxLayout(inside);
    column->setSpacing(12);
    scroll->setWidget(inside);
    outer->addWidget(scroll);

    auto* card = new parts::Card(tr("Is it still the log that it was?"), inside);
    own_ = new QRadioButton(card);
    own_->setObjectName(QStringLiteral("own"));
    given_ = new QRadioButton(tr("An &earlier checkpoint of yours: its text, what a scanner reads from its QR code, or a file"), card);
    given_->setObjectName(QStringLiteral("given"));
    given_->setChecked(true);
    auto* group = new QButtonGroup(this);
    group->addButton(own_);
    group->addButton(given_);
    text_ = new QPlainTextEdit(card);
    text_->setObjectName(QStringLiteral("earlier"));
    text_->setAccessibleName(tr("Text of the earlier checkpoint"));
    text_->setPlaceholderText(tr("Paste the checkpoint here: whose log it is, how many events, a hash, and the signature"));
    text_->setTabChangesFocus(true);
    text_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    text_->setFixedHeight(110);
    file_ = new QPushButton(tr("&From a file …"), card);
    what_ = new QLabel(card);
    what_->setObjectName(QStringLiteral("what_is_given"));
    what_->setWordWrap(true);
    what_->setTextFormat(Qt::PlainText);
    auto* source = new QHBoxLayout;
    source->addWidget(file_);
    source->addWidget(what_, 1);
    key_ = new QLineEdit(card);
    key_->setObjectName(QStringLiteral("key"));
    key_->setAccessibleName(tr("Key of the log's checkpoints"));
    key_->setToolTip(tr("The one that this computer believes. Put in yours where you have it from elsewhere: then the proof rests on nothing that this computer keeps."));
    auto* key_row = new QFormLayout;
    key_row->addRow(tr("Ke&y of the checkpoints"), key_);
    compare_ = new QPushButton(tr("Com&pare"), card);
    compare_->setObjectName(QStringLiteral("compare"));
    compare_->setDefault(true);
    save_ = new QPushButton(tr("Sa&ve the proof …"), card);
    save_->setObjectName(QStringLiteral("save_proof"));
    auto* acts = new QHBoxLayout;
    acts->addWidget(compare_);
    acts->addWidget(save_);
    acts->addStretch(1);
    working_ = new Working(card);
    verdict_ = new QLabel(card);
    verdict_->setObjectName(QStringLiteral("compare_verdict"));
    verdict_->setWordWrap(true);
    verdict_->hide();
    parts::make_heading(*verdict_, 1);
    notice_ = new parts::Notice(card);
    card->column()->addWidget(own_);
    card->column()->addWidget(given_);
    card->column()->addWidget(text_);
    card->column()->addLayout(source);
    card->column()->addLayout(key_row);
    card->column()->addLayout(acts);
    card->column()->addWidget(working_);
    card->column()->addWidget(verdict_);
    card->column()->addWidget(notice_);
    column->addWidget(card);

    auto* other = new parts::Card(tr("A checkpoint to take away"), inside);
    away_ = new TakeAway(link, other);
    other->column()->addWidget(away_);
    column->addWidget(other);
    column->addStretch(1);

    connect(own_, &QRadioButton::toggled, this, &CompareView::look);
    connect(text_, &QPlainTextEdit::textChanged, this, &CompareView::look);
    connect(key_, &QLineEdit::textChanged, this, &CompareView::look);
    connect(file_, &QPushButton::clicked, this, &CompareView::choose_file);
    connect(compare_, &QPushButton::clicked, this, &CompareView::compare);
    connect(save_, &QPushButton::clicked, this, [this] {
        ask_where(this, tr("Save the proof"), tr("growth-%1.proof").arg(parts::day(base::SystemClock().now())), tr("Proofs (*.proof)"), [this, proof = proof_](const QString& file) {
            save_file(file, proof).then(this, [this, file](const base::Status& saved) {
                if (saved) notice_->say(Tone::good, tr("The proof is in %1.").arg(file), tr("kmp-audit verify-proof checks it anywhere, with the key of the checkpoints and without the log."));
                else notice_->say(saved.error());
            });
        });
    });
    connect(working_, &Working::cancelled, this, [this] {
        if (program_.is_running()) program_.cancel();
        else link_.cancel_read(ticket_);
    });
    look();
}

void CompareView::refresh() {
    read_kept(link_.address().known).then(this, [this](const Kept& kept) {
        const bool untouched = key_->text().isEmpty() || key_->text() == text(kept_.key);
        kept_ = kept;
        if (untouched) key_->setText(text(kept.key));
        look();
    });
}

void CompareView::look() {
    own_->setText(kept_.size > 0 ? tr("The checkpoint that this computer &kept, over %1 events").arg(parts::number(kept_.size)) : tr("The checkpoint that this computer &kept: there is none yet"));
    own_->setEnabled(!kept_.note.empty());
    own_->setToolTip(kept_.trouble);
    const bool given = !own_->isChecked();
    text_->setEnabled(given);
    file_->setEnabled(given);
    look_at_text();
    save_->setEnabled(!proof_.isEmpty() && !running_);
    save_->setToolTip(proof_.isEmpty() ? tr("There is no proof yet: compare first.") : QString());
}

void CompareView::look_at_text() {
    const std::string given = own_->isChecked() ? kept_.note : parts::bytes(text_->toPlainText());
    const auto note = note_of(given);
    QString why;
    if (given.empty()) why = tr("There is no checkpoint to compare with yet.");
    else if (!note) why = tr("This is no checkpoint, or not all of one: it has at least five lines, the last of them a signature.");
    const bool blank = given.empty();
    what_->setText(note ? tr("%1 events of %2").arg(parts::number(note->size), text(note->origin)) : blank ? QString() : why);
    parts::set_tone(*what_, note || blank ? Tone::muted : Tone::bad);
    if (note && key_->text().trimmed().isEmpty()) why = tr("The key that signs the checkpoints is not known here yet.");
    compare_->setEnabled(note && why.isEmpty() && !running_);
    compare_->setToolTip(why);
}

void CompareView::choose_file() {
    auto* dialog = new QFileDialog(this, tr("An earlier checkpoint"), {}, tr("Checkpoints (*.note *.txt);;All files (*)"));
    dialog->setObjectName(QStringLiteral("which"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        QtConcurrent::run([name = file.toStdString()] { return base::read_file(name, kLargestNote); }).then(this, [this](const base::Result<base::Bytes>& read) {
            if (read) text_->setPlainText(text(base::as_text(*read)));
            else notice_->say(read.error());
        });
    });
    dialog->open();
}

void CompareView::compare() {
    const auto note = note_of(own_->isChecked() ? kept_.note : parts::bytes(text_->toPlainText()));
    if (!note || running_) return;
    running_ = true;
    proof_.clear();
    verdict_->hide();
    notice_->say(Tone::plain, {});
    working_->say(tr("The service proves it"));
    look();
    ask(*note);
}

void CompareView::ask(const Note& note) {
    pb::AdminRequest request;
    request.mutable_audit_prove()->set_checkpoint(note.note);
    ticket_ = link_.read(this, std::move(request), [this, note](base::Result<pb::AdminReply> reply) {
        ticket_ = 0;
        if (!reply) return refuse(reply.error());
        check(reply->audit_prove().file(), note);
    });
}

void CompareView::check(const std::string& proof, const Note& note) {
    working_->say(tr("Checking the proof"));
    folder_ = std::make_unique<QTemporaryDir>();
    QFile file(folder_->filePath(QStringLiteral("growth.proof")));
    if (!file.open(QIODevice::WriteOnly) || file.write(proof.data(), static_cast<qint64>(proof.size())) != static_cast<qint64>(proof.size())) return refuse({Code::io_failed, file.errorString().toStdString(), 0});
    file.close();
    const auto bytes = QByteArray::fromStdString(proof);
    program_.run(QStringLiteral("kmp-audit"), {QStringLiteral("--json"), QStringLiteral("verify-proof"), file.fileName(), QStringLiteral("--key"), key_->text().trimmed()}, [this, bytes, note](const parts::Program::Ended& ended) {
        if (ended.cancelled) return refuse({Code::cancelled, "cancelled", 0});
        const Verdict v = verdict_of_proof(ended.out, ended.line, note, kept_.size);
        if (v.tone == Tone::good) proof_ = bytes;
        verdict_->setText(v.title);
        parts::set_tone(*verdict_, v.tone);
        verdict_->show();
        if (v.tone == Tone::good) notice_->say(Tone::good, v.lines.join(QLatin1Char('\n')));
        else notice_->say(v.tone, tr("The service gave a proof that this key does not confirm."), tr("Is it the key of this log? Then tell whoever is responsible, and do not trust what the service shows."), v.lines.join(QLatin1Char('\n')));
        end();
    });
}

void CompareView::refuse(const base::Error& error) {
    const auto say = [&](const QString& title, const QString& meaning, const QString& advice) {
        verdict_->setText(title);
        parts::set_tone(*verdict_, Tone::bad);
        verdict_->show();
        notice_->say(Tone::bad, meaning, advice, text(error.message));
    };
    switch (error.code) {
        case Code::tampered:
            say(tr("It does NOT hold."), tr("The log of today does not hold what it held at that checkpoint: it was changed, or set back."), tr("Change nothing and have the service sealed. Keep the checkpoint: it is the evidence. The auditor's handbook says in section 10 what comes next."));
            break;
        case Code::key_invalid:
            say(tr("It does NOT hold."), tr("No platform UKEY of this log signed that checkpoint: it is made up, or it is another platform's."), tr("Look where you have it from. Is it of this platform, and all of it?"));
            break;
        case Code::invalid_argument:
            say(tr("It is of another log."), tr("That checkpoint is not about the log of this platform."), tr("Look at the name of the log in its first line, and take one of this platform."));
            break;
        default: notice_->say(error); break;
    }
    end();
}

void CompareView::end() {
    folder_.reset();
    running_ = false;
    working_->end();
    look();
}

}  // namespace ui::review

#include "ui/review/compare_view.h"

#include <QButtonGroup>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>

#include "audit/checkpoint.h"
#include "ui/link/after.h"
#include "ui/parts/figures.h"
#include "ui/parts/keys_field.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/remembered.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/scrolled.h"
#include "ui/parts/words.h"
#include "ui/parts/working.h"
#include "ui/review/note_field.h"
#include "ui/review/standing.h"
#include "ui/review/take_away.h"

namespace ui::review {

namespace pb = link::pb;
using base::Code;
using parts::Note;
using parts::note_of;
using parts::text;
using parts::Tone;
using parts::Verdict;

namespace {

/// What the last comparison came to.
struct Compared {
    std::function<Verdict()> verdict;
    QByteArray proof;  ///< empty: it does not hold
    std::string platform;
    bool own = false;
    QString text;      ///< as it stands in the fields
    QString keys;
};

constexpr qsizetype kRootDigits = 16;

/// The keys without their long end: name and number tell them apart.
QString names_of(const QStringList& keys) {
    QStringList out;
    for (const QString& key : keys) out << key.section(QLatin1Char('+'), 0, 1);
    return out.join(CompareView::tr(" or "));
}

/// Whether one of the keys signed it, as this computer sees it.
bool is_signed_by(const Note& note, const QStringList& keys) {
    std::vector<audit::VerifierKey> known;
    for (const QString& key : keys)
        if (auto read = audit::parse_verifier_key(parts::bytes(key))) known.push_back(std::move(*read));
    return audit::verify_checkpoint(note.note, known).ok();
}

}  // namespace

CompareView::CompareView(link::Link& link, QWidget* parent) : QWidget(parent), link_(link), program_(this) {
    auto* outer = new QVBoxLayout(this);
    QVBoxLayout* column = parts::scrolled(*outer, this);
    QWidget* inside = column->parentWidget();
    auto* card = new parts::Card(tr("Is it still the log that it was?"), inside);
    own_ = new QRadioButton(card);
    own_->setObjectName(QStringLiteral("own"));
    given_ = new QRadioButton(tr("An &earlier checkpoint of yours: its text, what a scanner reads from its QR code, or a file"), card);
    given_->setObjectName(QStringLiteral("given"));
    given_->setChecked(true);
    auto* group = new QButtonGroup(this);
    group->addButton(own_);
    group->addButton(given_);
    note_ = new NoteField(card);
    key_ = new parts::KeysField(card);
    key_->setObjectName(QStringLiteral("key"));
    auto* key_row = new QFormLayout;
    key_->add_to(*key_row);
    compare_ = new QPushButton(tr("Com&pare"), card);
    compare_->setObjectName(QStringLiteral("compare"));
    compare_->setDefault(true);
    save_ = new QPushButton(tr("Sa&ve the proof …"), card);
    save_->setObjectName(QStringLiteral("save_proof"));
    auto* acts = new QHBoxLayout;
    acts->addWidget(compare_);
    acts->addWidget(save_);
    acts->addWidget(new parts::Reasons({compare_, save_}, card), 1);
    working_ = new parts::Working(card);
    verdict_ = new QLabel(card);
    verdict_->setObjectName(QStringLiteral("compare_verdict"));
    verdict_->setWordWrap(true);
    verdict_->hide();
    parts::make_heading(*verdict_, 1);
    notice_ = new parts::Notice(card);
    saved_ = new parts::Notice(card);
    card->column()->addWidget(own_);
    card->column()->addWidget(given_);
    card->column()->addWidget(note_);
    card->column()->addLayout(key_row);
    card->column()->addLayout(acts);
    card->column()->addWidget(working_);
    card->column()->addWidget(verdict_);
    card->column()->addWidget(notice_);
    card->column()->addWidget(saved_);
    column->addWidget(card);

    auto* other = new parts::Card(tr("A checkpoint to take away"), inside);
    away_ = new TakeAway(link, other);
    other->column()->addWidget(away_);
    column->addWidget(other);
    column->addStretch(1);

    // What was compared, beside what came of it.
    if (const auto& last = parts::remembered<Compared>(link_); last.verdict) {
        own_->setChecked(last.own);
        note_->set_text(last.text);
        key_->setText(last.keys);
    }
    connect(own_, &QRadioButton::toggled, this, &CompareView::forget);
    connect(note_, &NoteField::changed, this, &CompareView::forget);
    connect(key_, &QLineEdit::textChanged, this, &CompareView::forget);
    connect(&link_, &link::Link::state_changed, this, &CompareView::show_verdict);
    connect(&link_, &link::Link::status_changed, this, [this] {
        if (is_of_another(parts::remembered<Compared>(link_).platform, link_)) forget();
    });
    connect(compare_, &QPushButton::clicked, this, &CompareView::compare);
    connect(save_, &QPushButton::clicked, this, [this] {
        parts::ask_where(this, tr("Save the proof"), tr("growth-%1.proof").arg(parts::day(base::SystemClock().now())), tr("Proofs (*.proof)"), [this, proof = parts::remembered<Compared>(link_).proof](const QString& file) {
            link::after(parts::save_file(file, proof), this, [this, file](const base::Status& saved) {
                if (saved) saved_->say(Tone::good, tr("The proof is in %1.").arg(file), tr("kmp-audit verify-proof checks it anywhere, with the keys of the checkpoints and without the log."));
                else saved_->say(saved.error());
            });
        });
    });
    connect(working_, &parts::Working::cancelled, this, &CompareView::cancel);
    show_verdict();
    look();
}

void CompareView::refresh() {
    link::after(link::read_kept(link_.address().known), this, [this](const link::Kept& kept) {
        kept_ = kept;
        if (!running_) key_->know(kept.key);
        look();
    });
}

void CompareView::forget() {
    if (!running_ && parts::remembered<Compared>(link_).verdict) {
        parts::remembered<Compared>(link_) = {};
        show_verdict();
        saved_->say(Tone::plain, {});
    }
    look();
}

void CompareView::look() {
    own_->setText(kept_.size > 0 ? tr("The checkpoint that this computer &kept, over %1 events").arg(parts::number(kept_.size)) : tr("The checkpoint that this computer &kept: there is none yet"));
    own_->setEnabled(!kept_.note.empty() && !running_);
    given_->setEnabled(!running_);
    key_->setReadOnly(running_);
    own_->setToolTip(kept_.trouble);
    note_->set_enabled(!own_->isChecked() && !running_);
    look_at_text();
    parts::offer(*save_, running_ ? tr("A comparison is under way.") : parts::remembered<Compared>(link_).proof.isEmpty() ? tr("There is no proof yet: compare first.") : QString());
}

void CompareView::look_at_text() {
    const std::string given = this->given();
    const auto note = note_of(given);
    note_->describe(given);
    QString why;
    if (given.empty()) why = tr("There is no checkpoint to compare with yet.");
    else if (!note) why = NoteField::why_none();
    else if (key_->keys().isEmpty()) why = tr("The key that signs the checkpoints is not known here yet.");
    if (running_) why = tr("A comparison is under way.");
    parts::offer(*compare_, why);
}

std::string CompareView::given() const { return own_->isChecked() ? kept_.note : parts::bytes(note_->text()); }

void CompareView::compare() {
    const auto note = note_of(given());
    if (!note || running_) return;
    running_ = true;
    ++order_;
    parts::remembered<Compared>(link_) = {};
    show_verdict();
    saved_->say(Tone::plain, {});
    working_->say(tr("The service proves it"));
    look();
    ask(*note);
}

void CompareView::ask(const Note& note) {
    pb::AdminRequest request;
    request.mutable_audit_prove()->set_checkpoint(note.note);
    ticket_ = link_.read(this, std::move(request), [this, note](base::Result<pb::AdminReply> reply) {
        ticket_ = 0;
        if (!reply) return end([error = reply.error(), genuine = is_signed_by(note, key_->keys())] { return parts::verdict_of_refusal(error, genuine); }, &note);
        check(QByteArray::fromStdString(reply->audit_prove().file()), note);
    });
}

void CompareView::check(const QByteArray& proof, const Note& note) {
    working_->say(tr("Checking the proof"));
    link::after(parts::put_aside(QStringLiteral("growth.proof"), proof), this, [this, proof, note, order = order_](const base::Result<parts::AsideFile>& file) {
        if (!running_ || order != order_) return;
        if (!file) return end([error = file.error()] { return parts::verdict_of_error(error); });
        QStringList words{QStringLiteral("--json"), QStringLiteral("verify-proof"), file->path};
        for (const QString& key : key_->keys()) words << QStringLiteral("--key") << key;
        // The file stays until it was read.
        program_.run(QStringLiteral("kmp-audit"), words, [this, proof, note, file = *file, seen = kept_.size](const parts::Program::Ended& ended) {
            if (ended.cancelled) return end([] { return parts::verdict_of_error({Code::cancelled, "cancelled", 0}); });
            const auto verdict = [ended, note, seen] { return parts::verdict_of_growth(ended.out, ended.line, note, seen); };
            end(verdict, &note, verdict().tone == Tone::good ? proof : QByteArray());
        });
    });
}

void CompareView::cancel() {
    if (program_.is_running()) return program_.cancel();
    if (ticket_ != 0) return link_.cancel_read(ticket_);
    if (running_) end([] { return parts::verdict_of_error({Code::cancelled, "cancelled", 0}); });
}

void CompareView::end(std::function<Verdict()> verdict, const Note* note, const QByteArray& proof) {
    if (note != nullptr)
        verdict = [verdict = std::move(verdict), when = base::SystemClock().now(), size = note->size, root = text(note->root).left(kRootDigits), keys = names_of(key_->keys())] {
            Verdict v = verdict();
            v.lines << tr("Compared %1: the checkpoint over %2 events with the root %3 …, by the key %4.").arg(parts::moment(when), parts::number(size), root, keys);
            return v;
        };
    parts::remembered<Compared>(link_) = {std::move(verdict), proof, link_.status().platform(), own_->isChecked(), note_->text(), key_->text()};
    running_ = false;
    working_->end();
    show_verdict();
    look();
}

void CompareView::show_verdict() {
    const auto& told = parts::remembered<Compared>(link_).verdict;
    const Verdict v = told ? as_of_now(told(), link_) : Verdict{Tone::plain, {}, {}};
    verdict_->setText(v.title);
    verdict_->setVisible(!v.title.isEmpty());
    parts::set_tone(*verdict_, v.tone);
    notice_->say(v.tone, v.lines.join(QLatin1Char('\n')), {}, v.line);
}

}  // namespace ui::review

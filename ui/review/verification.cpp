#include "ui/review/verification.h"

#include <QFileInfo>
#include <QPushButton>
#include <QRegularExpression>
#include <QVBoxLayout>

#include "ui/link/after.h"
#include "ui/link/kept.h"
#include "ui/link/link.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/remembered.h"
#include "ui/parts/verdict.h"
#include "ui/parts/words.h"
#include "ui/parts/working.h"
#include "ui/review/own_note.h"
#include "ui/review/standing.h"
#include "ui/review/trust_row.h"

namespace ui::review {
namespace {

/// The file that was written or verified last, and what came of it.
struct Verified {
    QString file;
    QStringList sealed_to;
    bool whole = false;  ///< it was written here just now, with all of the log
    std::function<parts::Verdict()> verdict = {};
    std::string platform = {};  ///< that was open
    QStringList trust = {};
};

/// As a shell takes one word.
QString quoted(QString word) {
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_./:@%+=,][A-Za-z0-9_./:@%+=,-]*\\z"));
    return plain.match(word).hasMatch() ? word : QLatin1Char('\'') + word.replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
}

/// Where it can be verified it ought to be held against no less than here; what lies there under which name is not known here.
void say_sealed(parts::Notice& notice, const Verified& told) {
    const QString anchor = QFileInfo(TrustRow::options().value(1, QStringLiteral("anchor.pem"))).fileName();
    const QString checkpoint = QStringLiteral("yesterday.note");
    notice.say(parts::Tone::muted, Verification::tr("Only %1 can open it, so only there can it be verified.").arg(told.sealed_to.join(Verification::tr(" or "))),
               Verification::tr("Pull the UKEY out of the service's reader, plug it into your own computer, and run the line below. There, %1 is the trust anchor of the ceremony, and %2 a checkpoint that you kept: leave out what you do not have.").arg(anchor, checkpoint),
               QStringLiteral("kmp-audit verify %1 --ukey FOLDER --certificate %2 --checkpoint %3").arg(quoted(QFileInfo(told.file).fileName()), quoted(anchor), checkpoint));
}

/// Whom a file is sealed to, where kmp-audit would not read it for that. It has no code for it and writes no JSON then: its one line says so.
QStringList sealed_to(const parts::Program::Ended& ended) {
    static const QRegularExpression sealed(QStringLiteral("it is sealed to auditor UKEY ([^;]+); name yours with --ukey"));
    return ended.out.isEmpty() ? sealed.match(ended.line).captured(1).split(QStringLiteral(", "), Qt::SkipEmptyParts) : QStringList();
}

}  // namespace

Verification::Verification(link::Link& link, QWidget* parent) : QWidget(parent), link_(link), program_(this), verify_(new QPushButton(tr("&Verify it now"), this)), working_(new parts::Working(this)), verdict_(new parts::Notice(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    verify_->setObjectName(QStringLiteral("verify"));
    working_->setObjectName(QStringLiteral("verify_working"));
    verdict_->setObjectName(QStringLiteral("verdict"));
    column->addWidget(verify_, 0, Qt::AlignLeft);
    column->addWidget(working_);
    column->addWidget(verdict_);
    connect(verify_, &QPushButton::clicked, this, [this] { verify(parts::remembered<Verified>(link_).file, parts::remembered<Verified>(link_).whole); });
    connect(&link_, &link::Link::state_changed, this, &Verification::show_told);
    connect(&link_, &link::Link::status_changed, this, [this] {
        if (!running_ && is_of_another(parts::remembered<Verified>(link_).platform, link_)) clear();
    });
    connect(working_, &parts::Working::cancelled, this, &Verification::cancel);
    show_told();
}

void Verification::show_told() {
    const Verified& told = parts::remembered<Verified>(link_);
    verify_->setVisible(!told.file.isEmpty() && told.sealed_to.isEmpty() && !running_);
    parts::offer(*verify_, OwnNote::why_not(link_, OwnNote::Place::file));
    verify_->setText(told.verdict ? tr("&Verify it again") : tr("&Verify it now"));
    if (told.verdict && !running_) return say(*verdict_, as_of_now(told.verdict(), link_, told.trust == TrustRow::options()));
    verdict_->say(parts::Tone::plain, {});
    if (!told.sealed_to.isEmpty()) say_sealed(*verdict_, told);
}

void Verification::offer(const QString& file, const QStringList& sealed_to, bool whole) {
    parts::remembered<Verified>(link_) = {file, sealed_to, whole};
    show_told();
}

void Verification::clear() { offer({}, {}); }

void Verification::verify(const QString& file, bool whole) {
    if (running_ || file.isEmpty() || !OwnNote::why_not(link_, OwnNote::Place::file).isEmpty()) return;
    running_ = true;
    emit running_changed();
    offer(file, {}, whole);
    working_->say(tr("Verifying %1").arg(parts::file_text(QFileInfo(file).fileName())));
    asked_ = {file, whole, link_.status().platform(), TrustRow::options(), {}, {}};
    link::after(link::read_kept(link_.address().known), this, [this, own = OwnNote::given(link_, OwnNote::Place::file), order = ++order_](const link::Kept& kept) {
        if (order != order_) return;
        if (own.empty() && !kept.trouble.isEmpty()) return end([why = kept.trouble] { return verdict_without_checkpoint(why); });
        asked_.seen = seen_of(link_, kept, own);
        const std::string& against = own.empty() ? kept.note : own;
        if (against.empty()) return run();
        link::after(parts::put_aside(QStringLiteral("checkpoint.note"), QByteArray::fromStdString(against)), this, [this, order](const base::Result<parts::AsideFile>& note) {
            if (order != order_) return;
            if (!note) return end([why = parts::text(note.error().message)] { return verdict_without_checkpoint(why); });
            asked_.note = *note;
            run();
        });
    });
}

void Verification::run() {
    QStringList options = asked_.trust;
    if (!asked_.note.path.isEmpty()) options << QStringLiteral("--checkpoint") << asked_.note.path;
    program_.run(QStringLiteral("kmp-audit"), QStringList{QStringLiteral("--json"), QStringLiteral("verify"), asked_.file} + options, [this](const parts::Program::Ended& ended) {
        if (ended.cancelled) return end({});
        if (const QStringList whom = sealed_to(ended); !whom.isEmpty()) {
            parts::remembered<Verified>(link_) = {asked_.file, whom};
            return stop();
        }
        // What is kept is newer than the file, or older than its beginning: that is no flaw of either. Who gives one of their own asks about just that, and is told of it.
        if (!asked_.note.path.isEmpty() && !asked_.seen.given && !parts::lies_within(asked_.seen.events, ended.out)) {
            asked_.note = {};
            return run();
        }
        if (asked_.whole && parts::lies_beside(asked_.seen.given, ended.out) == parts::Beside::no) keep_found(link_, parts::Verified::By::file, ended.out, !asked_.note.path.isEmpty() || asked_.seen.events == 0);
        end([ended, seen = asked_.seen] { return parts::verdict_of_export(ended.out, ended.line, seen); });
    });
}

void Verification::cancel() {
    if (program_.is_running()) return program_.cancel();
    if (running_) end({});
}

void Verification::end(std::function<parts::Verdict()> verdict) {
    parts::remembered<Verified>(link_) = {asked_.file, {}, asked_.whole, [verdict = std::move(verdict), file = asked_.file, when = base::SystemClock().now()]() -> parts::Verdict {
        if (!verdict) return {parts::Tone::muted, tr("The verification of %1 was cancelled.").arg(parts::file_text(QFileInfo(file).fileName())), {}};
        parts::Verdict v = verdict();
        v.lines.prepend(tr("The file: %1, verified %2").arg(parts::file_text(file), parts::moment(when)));
        return v;
    }, asked_.platform, asked_.trust};
    stop();
}

void Verification::stop() {
    ++order_;  // what was begun for it comes too late
    running_ = false;
    working_->end();
    asked_ = {};
    show_told();
    emit running_changed();
}

}  // namespace ui::review

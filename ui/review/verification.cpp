#include "ui/review/verification.h"

#include <QFileInfo>
#include <QPushButton>
#include <QTemporaryFile>
#include <QVBoxLayout>

#include "ui/parts/notice.h"
#include "ui/parts/words.h"
#include "ui/review/kept.h"
#include "ui/review/trust_row.h"
#include "ui/review/verdict.h"
#include "ui/review/working.h"

namespace ui::review {

Verification::Verification(link::Link& link, QWidget* parent) : QWidget(parent), link_(link), program_(this), verify_(new QPushButton(tr("&Verify it now"), this)), working_(new Working(this)), verdict_(new parts::Notice(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    verify_->setObjectName(QStringLiteral("verify"));
    working_->setObjectName(QStringLiteral("verify_working"));
    verdict_->setObjectName(QStringLiteral("verdict"));
    column->addWidget(verify_, 0, Qt::AlignLeft);
    column->addWidget(working_);
    column->addWidget(verdict_);
    connect(verify_, &QPushButton::clicked, this, [this] { verify(file_); });
    connect(working_, &Working::cancelled, &program_, &parts::Program::cancel);
    verify_->hide();
}

void Verification::offer(const QString& file, const QStringList& sealed_to) {
    file_ = file;
    verify_->setVisible(sealed_to.isEmpty());
    verdict_->say(parts::Tone::plain, {});
    if (!sealed_to.isEmpty())
        verdict_->say(parts::Tone::muted, tr("Only %1 can open it, so only there can it be verified.").arg(sealed_to.join(tr(" or "))), tr("Pull the UKEY out of the service's reader, plug it into your own computer, and run:"),
                      QStringLiteral("kmp-audit verify %1 --ukey FOLDER").arg(QFileInfo(file).fileName()));
}

void Verification::clear() {
    verify_->hide();
    verdict_->say(parts::Tone::plain, {});
}

void Verification::verify(const QString& file) {
    if (running_) return;
    file_ = file;
    running_ = true;
    verify_->hide();
    verdict_->say(parts::Tone::plain, {});
    working_->say(tr("Verifying %1").arg(QFileInfo(file).fileName()));
    read_kept(link_.address().known).then(this, [this](const Kept& kept) { run(kept, true); });
}

void Verification::run(const Kept& kept, bool against_kept) {
    QStringList options = TrustRow::options();
    const auto note = std::make_shared<QTemporaryFile>();
    against_kept = against_kept && !kept.note.empty() && note->open() && note->write(kept.note.data(), static_cast<qint64>(kept.note.size())) > 0 && note->flush();
    if (against_kept) options << QStringLiteral("--checkpoint") << note->fileName();
    program_.run(QStringLiteral("kmp-audit"), QStringList{QStringLiteral("--json"), QStringLiteral("verify"), file_} + options, [this, note, kept, against_kept](const parts::Program::Ended& ended) {
        // What is kept is newer than the file, or older than its beginning: that is no flaw of either.
        if (!ended.cancelled && against_kept && !lies_within(kept.size, ended.out)) return run(kept, false);
        running_ = false;
        working_->end();
        verify_->setText(tr("&Verify it again"));
        verify_->show();
        if (ended.cancelled) return verdict_->say(parts::Tone::muted, tr("The verification was cancelled."));
        const Verdict v = verdict_of_export(ended.out, ended.line);
        verdict_->say(v.tone, v.title, v.lines.join(QLatin1Char('\n')));
    });
}

}  // namespace ui::review

#include "ui/log/verify_card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "base/bytes.h"
#include "ui/log/fields.h"
#include "ui/parts/icon.h"
#include "ui/parts/remembered.h"
#include "ui/parts/verdict.h"
#include "ui/parts/verified.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

namespace pb = link::pb;
using parts::text;
using parts::Tone;

constexpr int kPicture = 44;

/// A sign beside the verdict: its colour is not all that tells yes from no.
class Sign : public QLabel {
public:
    explicit Sign(QWidget* parent) : QLabel(parent) { setFixedSize(kPicture, kPicture); }
    void set(Tone tone) {
        tone_ = tone;
        setVisible(tone == Tone::good || tone == Tone::bad || tone == Tone::attention);
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter p(this);
        draw(p, tone_ == Tone::good ? parts::Picture::good : tone_ == Tone::bad ? parts::Picture::bad : parts::Picture::warning, kPicture, colour(tone_, palette()));
    }

private:
    Tone tone_ = Tone::plain;
};

/// What came of the last verification.
struct Verified {
    pb::AuditVerifyReply reply;
    base::Millis when = 0;  ///< 0: there was none
    base::Millis took = 0;
};

QString step_word(const std::string& step) {
    if (step == "pages") return VerifyCard::tr("Reading the pages of the database");
    if (step == "tree") return VerifyCard::tr("Holding the tree against the events");
    if (step == "events") return VerifyCard::tr("Reading the events and replaying the rules");
    return step.empty() ? VerifyCard::tr("Signing a checkpoint to verify up to") : text(step);
}

}  // namespace

VerifyCard::VerifyCard(link::Link& link, QWidget* parent)
    : Card({}, parent), link_(link), picture_(new Sign(this)), head_(new QLabel(this)), meaning_(new QLabel(this)), progress_(new QProgressBar(this)), cancel_(new QPushButton(tr("&Cancel"), this)), close_(new QToolButton(this)), figures_(new parts::Figures(this)), findings_(new QLabel(this)) {
    setObjectName(QStringLiteral("verify_card"));
    auto* top = new QHBoxLayout;
    top->setSpacing(12);
    auto* words = new QVBoxLayout;
    words->setSpacing(3);
    parts::make_heading(*head_, 1);
    head_->setObjectName(QStringLiteral("verify_head"));
    meaning_->setObjectName(QStringLiteral("verify_meaning"));
    for (QLabel* label : {head_, meaning_}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        words->addWidget(label);
    }
    close_->setText(QStringLiteral("✕"));
    close_->setAutoRaise(true);
    close_->setObjectName(QStringLiteral("verify_close"));
    close_->setAccessibleName(tr("Put the verdict away"));
    close_->setToolTip(tr("Put the verdict away; the log keeps it"));
    connect(close_, &QToolButton::clicked, this, [this] {
        parts::remembered<Verified>(link_) = {};
        hide();
    });
    cancel_->setObjectName(QStringLiteral("verify_cancel"));
    connect(cancel_, &QPushButton::clicked, this, &VerifyCard::cancel);
    top->addWidget(picture_, 0, Qt::AlignTop);
    top->addLayout(words, 1);
    top->addWidget(cancel_, 0, Qt::AlignVCenter);
    top->addWidget(close_, 0, Qt::AlignTop);
    progress_->setTextVisible(false);
    progress_->setMaximumHeight(8);
    progress_->setAccessibleName(tr("How far the verification is"));
    findings_->setWordWrap(true);
    findings_->setTextFormat(Qt::PlainText);
    findings_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    findings_->setObjectName(QStringLiteral("verify_findings"));
    findings_->setAccessibleName(tr("Findings"));
    column()->addLayout(top);
    column()->addWidget(progress_);
    column()->addWidget(figures_);
    column()->addWidget(findings_);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum);
    hide();
    if (const auto& last = parts::remembered<Verified>(link_); last.when != 0) show_verdict(last.reply, last.when, last.took);
    connect(&link_, &link::Link::auditor_changed, this, [this] {
        if (!link_.auditor()) put_good_away();
    });
    connect(&link_, &link::Link::state_changed, this, [this] {
        if (!link_.is_believed()) put_good_away();
    });
}

void VerifyCard::show_head(Tone tone, const QString& head, const QString& meaning) {
    static_cast<Sign*>(picture_)->set(tone);
    parts::set_tone(*head_, tone);
    head_->setText(head);
    meaning_->setText(meaning);
    meaning_->setVisible(!meaning.isEmpty());
    figures_->clear();
    findings_->hide();
    shows_good_ = false;
    setAccessibleName(head);
    show();
}

void VerifyCard::set_running(bool running) {
    progress_->setVisible(running);
    cancel_->setVisible(running);
    close_->setVisible(!running);
    emit changed();
}

void VerifyCard::begin() {
    if (is_running()) return;
    took_.start();
    parts::remembered<Verified>(link_) = {};
    show_head(Tone::plain, tr("Verifying the log …"), step_word({}));
    progress_->setRange(0, 0);
    pb::AdminRequest request;
    request.mutable_audit_verify();
    ticket_ = link_.read(
        this, std::move(request),
        [this](base::Result<pb::AdminReply> reply) {
            ticket_ = 0;
            if (reply) {
                auto& last = parts::remembered<Verified>(link_) = {reply->audit_verify(), base::SystemClock().now(), std::max<base::Millis>(took_.elapsed(), 1)};
                // What is archived stands in the log's size, and was not looked at.
                parts::keep_verified(link_, {last.when, last.reply.sound(), last.reply.size() - std::min(link_.status().archived(), last.reply.size())});
                show_verdict(last.reply, last.when, last.took);
            } else show_error(reply.error());
            set_running(false);
        },
        [this](const pb::AdminReply& part) {
            if (part.has_progress()) show_progress(part.progress());
        });
    set_running(true);
    cancel_->setFocus();
}

void VerifyCard::cancel() { link_.cancel_read(ticket_); }

void VerifyCard::show_progress(const pb::Progress& progress) {
    meaning_->setText(step_word(progress.step()));
    meaning_->show();
    progress_->setRange(0, static_cast<int>(progress.of()));
    progress_->setValue(static_cast<int>(progress.done()));
}

/// The service's word that all is well holds no longer than the service is believed, and is of whoever asked. What was found stays.
void VerifyCard::put_good_away() {
    if (is_running() || !shows_good_) return;
    parts::remembered<Verified>(link_) = {};
    hide();
}

void VerifyCard::show_verdict(const pb::AuditVerifyReply& v, base::Millis when, base::Millis took) {
    const parts::Verdict verdict = parts::verdict_of_database(v);
    // Of findings the last line says what to do, and stands above the others.
    const qsizetype shown = v.sound() ? 0 : verdict.lines.size() - 1;
    show_head(verdict.tone, verdict.title, verdict.lines.mid(shown).join(QLatin1Char('\n')));
    shows_good_ = v.sound();
    figures_->set(tr("Verified"), took > 0 ? tr("%1, in %2").arg(parts::moment(when), parts::duration(std::max<base::Millis>(took, base::kSecond))) : parts::moment(when));
    figures_->set(tr("Events"), parts::number(v.size()));
    figures_->set(tr("Root"), grouped(text(base::to_hex(base::as_bytes(v.root())))));
    findings_->setText(verdict.lines.mid(0, shown).join(QLatin1Char('\n')));
    findings_->setVisible(!v.sound());
    progress_->hide();
    cancel_->hide();
    close_->show();
}

void VerifyCard::show_error(const base::Error& error) {
    if (error.code == base::Code::cancelled) return show_head(Tone::attention, tr("Not verified: it was cancelled."), tr("Nothing is known of the log from this. It can be begun again at any time."));
    const parts::Explained e = parts::explain(error);
    show_head(Tone::attention, tr("Not verified."), e.meaning + QLatin1Char('\n') + e.advice);
    findings_->setText(e.line);
    findings_->show();
    if (error.code == base::Code::denied) emit log_in_wanted();
}

}  // namespace ui::log

#include "ui/review/take_away.h"

#include <QClipboard>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QTimer>
#include <QVBoxLayout>

#include "audit/checkpoint.h"
#include "ui/link/after.h"
#include "ui/link/kept.h"
#include "ui/parts/note.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/remembered.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/words.h"
#include "ui/review/qr_view.h"
#include "ui/review/standing.h"

namespace ui::review {

using parts::text;
using parts::Tone;

TakeAway::TakeAway(link::Link& link, QWidget* parent)
    : QWidget(parent), link_(link), sign_(new QPushButton(tr("&Sign a checkpoint and show it"), this)), notice_(new parts::Notice(this)), saved_(new parts::Notice(this)), shown_(new QWidget(this)), text_(new QPlainTextEdit(shown_)), key_(new QLabel(shown_)), code_(new QrView(shown_)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    auto* why = new QLabel(tr("Whoever keeps a checkpoint outside this machine can tell later whether anything before it was changed. Photograph it or save it."), this);
    why->setWordWrap(true);
    parts::set_tone(*why, Tone::muted);
    sign_->setObjectName(QStringLiteral("sign"));
    column->addWidget(why);
    column->addWidget(sign_, 0, Qt::AlignLeft);
    column->addWidget(notice_);
    column->addWidget(saved_);
    auto* row = new QHBoxLayout(shown_);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(14);
    auto* left = new QVBoxLayout;
    text_->setObjectName(QStringLiteral("note"));
    text_->setAccessibleName(tr("The checkpoint as text"));
    text_->setReadOnly(true);
    text_->setTabChangesFocus(true);
    text_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    text_->setFixedHeight(130);
    key_->setWordWrap(true);
    key_->setTextFormat(Qt::PlainText);
    key_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto* acts = new QHBoxLayout;
    auto* copy = new QPushButton(tr("C&opy"), shown_);
    auto* save_note = new QPushButton(tr("Save it …"), shown_);
    auto* save_key = new QPushButton(tr("Save the key …"), shown_);
    save_note->setObjectName(QStringLiteral("save_note"));
    save_key->setObjectName(QStringLiteral("save_key"));
    save_key->setToolTip(tr("Whoever checks proofs needs the key that signs checkpoints, and not this log"));
    for (QPushButton* b : {copy, save_note, save_key}) acts->addWidget(b);
    acts->addStretch(1);
    left->addWidget(text_);
    left->addWidget(key_);
    left->addLayout(acts);
    left->addStretch(1);
    row->addLayout(left, 1);
    row->addWidget(code_, 0, Qt::AlignTop);
    column->addWidget(shown_);
    shown_->hide();

    connect(sign_, &QPushButton::clicked, this, &TakeAway::sign);
    connect(copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(text(now_.note())); });
    connect(save_note, &QPushButton::clicked, this, [this] { save(tr("checkpoint-%1.note").arg(parts::day(base::SystemClock().now())), now_.note(), tr("Checkpoints (*.note)")); });
    connect(save_key, &QPushButton::clicked, this, [this] { save(QStringLiteral("log.key"), now_.key() + '\n', tr("Keys (*.key)")); });
    if (const auto& kept = parts::remembered<Signed>(link_); !kept.reply.note().empty() && !is_of_another(kept.platform, link_)) check(kept.reply);
    connect(&link_, &link::Link::state_changed, this, [this] {
        if (is_of_another(parts::remembered<Signed>(link_).platform, link_)) return forget();
        if (!now_.note().empty()) check(now_);
    });
}

void TakeAway::sign() {
    parts::offer(*sign_, tr("A checkpoint is being signed."));
    for (parts::Notice* notice : {notice_, saved_}) notice->say(Tone::plain, {});
    link::pb::AdminRequest request;
    request.mutable_audit_checkpoint();
    link_.read(this, std::move(request), [this](base::Result<link::pb::AdminReply> reply) {
        parts::offer(*sign_, {});
        if (!reply) return notice_->say(reply.error());
        parts::remembered<Signed>(link_) = {reply->audit_checkpoint(), link_.status().platform()};
        fresh_ = true;
        check(reply->audit_checkpoint());
        link_.look();
    });
}

void TakeAway::forget() {
    parts::remembered<Signed>(link_) = {};
    now_ = {};
    for (parts::Notice* notice : {notice_, saved_}) notice->say(Tone::plain, {});
    shown_->hide();
}

void TakeAway::check(const link::pb::AuditCheckpointReply& reply) {
    now_ = reply;
    link::after(link::read_kept(link_.address().known), this, [this](const link::Kept& kept) {
        if (!now_.note().empty()) show_note(now_, kept);
    });
}

void TakeAway::show_note(const link::pb::AuditCheckpointReply& reply, const link::Kept& kept) {
    const auto note = parts::note_of(reply.note());
    QStringList missing;
    for (const std::string& m : reply.missing()) missing << text(m);
    shown_->setVisible(note.ok());
    if (!note) return notice_->say(Tone::bad, tr("This is no checkpoint: do not file it."), tr("The service gave something that cannot be read as one. Tell whoever is responsible."), text(note.error().message));
    const auto key = audit::parse_verifier_key(kept.key);
    if (key && !audit::verify_checkpoint(note->note, std::span(&*key, 1)))
        notice_->say(Tone::bad, tr("The key of the log that is known here did not sign this checkpoint."), tr("Keep it as evidence, and go on with section 10 of the auditors' handbook; unless the platform UKEY was replaced a moment ago."), tr("The key that is known here: %1").arg(text(kept.key)));
    else if (!link_.is_believed()) notice_->say(Tone::attention, tr("A checkpoint over %1 events, of a log that is not the one that is known here.").arg(parts::number(note->size)));
    else if (!key) notice_->say(Tone::attention, tr("A checkpoint over %1 events. Nothing was checked.").arg(parts::number(note->size)), tr("This computer knows no key of the log yet: compare the one below with that of the ceremony."));
    else if (reply.key() != kept.key) notice_->say(Tone::attention, tr("A checkpoint over %1 events; but the service names another key than the one that signed it.").arg(parts::number(note->size)), tr("Do not give the key below to anybody. The key that is known here: %1").arg(text(kept.key)));
    else if (!missing.isEmpty()) notice_->say(Tone::attention, tr("It comes without the cosignature of a witness."), missing.join(QLatin1Char('\n')));
    else notice_->say(Tone::good, tr("A checkpoint over %1 events.").arg(parts::number(note->size)), tr("Its signature was checked here with the key of the log that this computer knows."));
    text_->setPlainText(text(reply.note()));
    key_->setText(tr("Its key: %1").arg(text(reply.key())));
    code_->show_text(reply.note());
    if (!std::exchange(fresh_, false)) return;
    // The code is of use whole only.
    for (QWidget* above = parentWidget(); above != nullptr; above = above->parentWidget())
        if (auto* scroll = qobject_cast<QScrollArea*>(above)) QTimer::singleShot(0, this, [this, scroll] { scroll->ensureWidgetVisible(shown_); });
}

void TakeAway::save(const QString& name, const std::string& content, const QString& filter) {
    parts::ask_where(this, tr("Save"), name, filter, [this, content](const QString& file) {
        link::after(parts::save_file(file, QByteArray::fromStdString(content)), this, [this, file](const base::Status& saved) {
            if (saved) saved_->say(Tone::good, tr("It is in %1.").arg(file), tr("Keep it where nobody of the utility can write."));
            else saved_->say(saved.error());
        });
    });
}

}  // namespace ui::review

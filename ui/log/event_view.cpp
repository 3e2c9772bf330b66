#include "ui/log/event_view.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "base/bytes.h"
#include "ui/log/row.h"
#include "ui/log/search_words.h"
#include "ui/log/sentence.h"
#include "ui/parts/figures.h"
#include "ui/parts/flow.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::text;
using parts::Tone;

struct Same {
    const char* field;   ///< of an event
    const char* search;  ///< of a search
};
constexpr Same kSame[] = {{"meter", "meter"}, {"ukey", "ukey"}, {"officer", "ukey"}, {"station", "station"}, {"order_id", "order"}, {"account", "account"}, {"actor", "actor"}};
/// Fields that are the number of another event.
constexpr const char* kEvents[] = {"intent", "deed", "order_index"};

}  // namespace

EventView::EventView(QWidget* parent)
    : QWidget(parent), title_(new QLabel(this)), when_(new QLabel(this)), what_(new QLabel(this)), notice_(new parts::Notice(this)), fields_(nullptr), proof_(nullptr), ukey_(nullptr), same_(nullptr), same_menu_(nullptr), copy_(nullptr), actions_(nullptr) {
    setObjectName(QStringLiteral("event"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 0, 0, 0);
    column->setSpacing(8);
    auto* top = new QHBoxLayout;
    parts::make_heading(*title_, 2);
    title_->setObjectName(QStringLiteral("event_title"));
    title_->setWordWrap(true);
    auto* close = new QToolButton(this);
    close->setText(QStringLiteral("✕"));
    close->setAutoRaise(true);
    close->setObjectName(QStringLiteral("event_close"));
    close->setAccessibleName(tr("Close the detail"));
    close->setToolTip(tr("Close the detail (Esc)"));
    connect(close, &QToolButton::clicked, this, &EventView::closed);
    top->addWidget(title_, 1);
    top->addWidget(close, 0, Qt::AlignTop);
    parts::set_tone(*when_, Tone::muted);
    what_->setObjectName(QStringLiteral("event_what"));
    what_->setWordWrap(true);
    what_->setTextFormat(Qt::PlainText);
    what_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);

    auto* scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* inside = new QWidget(scroll);
    auto* inner = new QVBoxLayout(inside);
    inner->setContentsMargins(0, 0, 8, 0);
    inner->setSpacing(10);
    fields_ = new parts::Figures(inside);
    inner->addWidget(what_);
    inner->addWidget(notice_);
    inner->addWidget(fields_);
    inner->addStretch(1);
    scroll->setWidget(inside);

    actions_ = new QWidget(this);
    auto* actions = new parts::Flow(actions_);
    proof_ = new QPushButton(tr("&Proof …"), actions_);
    proof_->setObjectName(QStringLiteral("prove"));
    proof_->setToolTip(tr("A file that shows anybody that this event is in the log, and nothing else of it"));
    ukey_ = new QPushButton(actions_);
    ukey_->setObjectName(QStringLiteral("to_ukey"));
    same_ = new QToolButton(actions_);
    same_->setObjectName(QStringLiteral("same"));
    same_->setText(tr("&All of the same"));
    same_->setPopupMode(QToolButton::InstantPopup);
    same_->setFocusPolicy(Qt::StrongFocus);
    same_menu_ = new QMenu(same_);
    same_->setMenu(same_menu_);
    copy_ = new QToolButton(actions_);
    copy_->setText(tr("&Copy"));
    copy_->setToolTip(tr("Copy all fields, as JSON"));
    copy_->setFocusPolicy(Qt::StrongFocus);
    const int height = proof_->sizeHint().height();
    for (QToolButton* button : {same_, copy_}) button->setMinimumHeight(height);
    for (QWidget* w : {static_cast<QWidget*>(proof_), static_cast<QWidget*>(ukey_), static_cast<QWidget*>(same_), static_cast<QWidget*>(copy_)}) actions->addWidget(w);
    connect(proof_, &QPushButton::clicked, this, [this] { emit proof_wanted(event_); });
    connect(ukey_, &QPushButton::clicked, this, [this] { emit ukey_wanted(raw_field(event_.json(), QStringLiteral("ukey"))); });
    connect(copy_, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(text(event_.json())); });

    column->addLayout(top);
    column->addWidget(when_);
    column->addWidget(actions_);
    column->addWidget(scroll, 1);
    setMinimumWidth(300);
}

void EventView::clear(std::uint64_t index) {
    event_.Clear();
    event_.set_index(index);
    title_->setText(tr("Event %1").arg(parts::number(index)));
    parts::set_tone(*title_, Tone::plain);
    when_->clear();
    what_->clear();
    fields_->clear();
    notice_->say(Tone::plain, {});
    actions_->hide();
}

void EventView::show_waiting(std::uint64_t index) {
    clear(index);
    when_->setText(QStringLiteral("…"));
}

void EventView::show_archived(std::uint64_t index) {
    clear(index);
    notice_->say(Tone::muted, tr("It left the live database for an archive segment."), tr("The hashes of all events stay, so what was proved still holds. The segment has the event and can prove it: kmp-audit prove SEGMENT %1").arg(index));
}

void EventView::show_left_out(std::uint64_t index, std::uint64_t archived) {
    if (is_archived(index, archived)) return show_archived(index);
    clear(index);
    notice_->say(Tone::bad, tr("The service does not show this event."),
                 tr("It is in no archive segment, and a log has no gaps: the event was lost, or it is hidden. Do not rely on what the service shows. Change nothing and have it sealed; keep your exports and your checkpoints. The auditors' handbook says in section 10 what comes next."));
}

void EventView::show_error(const base::Error& error) { notice_->say(error); }

void EventView::show_event(const link::pb::AuditEvent& event) {
    clear(event.index());
    event_ = event;
    title_->setText(parts::event_word(event.type()));
    parts::set_tone(*title_, tone_of(event.type()));
    when_->setText(tr("Event %1 · %2").arg(parts::number(event.index()), parts::moment_to_seconds(event.time_ms())));
    what_->setText(breakable(sentence_of(event)));
    for (const Field& field : fields_of(event.json())) fields_->add(field.label, breakable(field.value));
    fields_->set(tr("Type"), text(event.type()));
    fields_->set(tr("Leaf hash"), grouped(text(base::to_hex(base::as_bytes(event.leaf_hash())))));
    look_at_links();
    actions_->show();
}

void EventView::look_at_links() {
    const QString ukey = raw_field(event_.json(), QStringLiteral("ukey"));
    ukey_->setText(tr("&UKEY %1").arg(ukey));
    ukey_->setVisible(!ukey.isEmpty());
    same_menu_->clear();
    const auto offer = [this](const QString& name, const QString& value, const QString& shown) {
        QAction* action = same_menu_->addAction(tr("%1: %2").arg(label_of(name.toStdString()), QString(shown).replace(QLatin1Char('&'), QStringLiteral("&&"))));
        connect(action, &QAction::triggered, this, [this, name, value] { emit same_wanted(name, value); });
    };
    for (const Same& same : kSame)
        if (const QString value = raw_field(event_.json(), QLatin1String(same.field)); !value.isEmpty()) offer(QLatin1String(same.search), value, value);
    offer(QStringLiteral("type"), text(event_.type()), parts::event_word(event_.type()));
    bool first = true;
    for (const char* field : kEvents) {
        const QString number = raw_field(event_.json(), QLatin1String(field));
        bool ok = false;
        const qulonglong index = number.toULongLong(&ok);
        if (!ok) continue;
        if (first) same_menu_->addSeparator();
        first = false;
        connect(same_menu_->addAction(tr("Go to event %1").arg(parts::number(index))), &QAction::triggered, this, [this, index] { emit event_wanted(index); });
    }
}

}  // namespace ui::log

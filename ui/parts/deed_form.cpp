#include "ui/parts/deed_form.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::parts {
namespace {

namespace pb = link::pb;

constexpr int kLongestReason = 500;  // bytes, as the service takes it

std::vector<const pb::ReaderStatus*> plugged_in(const pb::StatusReply& status, std::string_view kind) {
    std::vector<const pb::ReaderStatus*> out;
    for (const pb::ReaderStatus& r : status.readers())
        if (r.ukey_kind() == kind && r.content() == "ukey") out.push_back(&r);
    return out;
}

/// One sentence as it is; several under each other, their further lines below their beginnings.
QString list_of(const QStringList& lines) {
    const auto html = [](const QString& line) { return line.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")); };
    if (lines.size() < 2) return html(lines.join(QString()));
    QString out;
    for (const QString& line : lines) out += QStringLiteral("<li>") + html(line) + QStringLiteral("</li>");
    return QStringLiteral("<ul style=\"margin: 0px 0px 0px 14px; -qt-list-indent: 0;\">%1</ul>").arg(out);
}

/// "Han Meimei: OF-7F3K9Q2M in reader desk-1": people know themselves by their names.
QString hand_words(const pb::ReaderStatus& reader, const std::vector<pb::Ukey>& ukeys) {
    const QString where = DeedForm::tr("%1 in reader %2").arg(text(reader.ukey()), text(reader.name()));
    const auto at = std::ranges::find(ukeys, reader.ukey(), &pb::Ukey::serial);
    return at == ukeys.end() ? where : DeedForm::tr("%1: %2").arg(text(at->holder()), where);
}

}  // namespace

DeedForm::DeedForm(link::Link& link, QWidget* parent)
    : QWidget(parent), link_(link), what_(new QLabel(this)), warning_(new Notice(this)), missing_(new Notice(this)), choices_(new QVBoxLayout), fields_(new QWidget(this)), form_(new QFormLayout(fields_)), rule_(new QLabel(PinField::rule(), this)), differ_(new QLabel(this)), step_(new QLabel(this)),
      progress_(new QProgressBar(this)),
      outcome_(new Notice(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    what_->setWordWrap(true);
    what_->setTextFormat(Qt::RichText);  // of list_of() above
    what_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    form_->setContentsMargins(0, 4, 0, 4);
    form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    step_->setWordWrap(true);
    rule_->setWordWrap(true);
    set_tone(*rule_, Tone::muted);
    rule_->setObjectName(QStringLiteral("pin_rule"));
    rule_->hide();
    differ_->setWordWrap(true);
    set_tone(*differ_, Tone::attention);
    differ_->hide();
    connect(this, &DeedForm::changed, this, &DeedForm::compare);
    progress_->setTextVisible(false);
    column->addWidget(what_);
    column->addWidget(warning_);
    column->addLayout(choices_);
    column->addWidget(missing_);
    column->addWidget(fields_);
    column->addWidget(rule_);
    column->addWidget(differ_);
    column->addWidget(step_);
    column->addWidget(progress_);
    column->addWidget(outcome_);
    column->addStretch(1);
    step_->hide();
    progress_->hide();
    connect(&link_, &link::Link::status_changed, this, &DeedForm::look);
    connect(&link_.ukeys(), &link::Listing::came, this, &DeedForm::look);
}

bool DeedForm::is_taken(const Row& row) const { return !row.further || !deed_.takes_pins || deed_.takes_pins(); }

bool DeedForm::makes_request() const { return deed_.hand == Hand::master && link_.has_quorum(); }

QString DeedForm::button() const { return makes_request() ? tr("Ask the officers") : deed_.button; }

void DeedForm::set_deed(Deed deed) {
    deed_ = std::move(deed);
    done_ = false;
    outcome_->hide();
    what_->setText(list_of(deed_.what));
    what_->setVisible(!deed_.what.isEmpty());
    warning_->say(deed_.danger ? Tone::bad : Tone::attention, deed_.warning);
    while (QLayoutItem* item = choices_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (deed_.choices != nullptr) choices_->addWidget(deed_.choices);
    build_pins();
    look();
}

void DeedForm::add_pin(const std::string& role, const QString& label, bool fresh, const std::string& ukey) {
    Row row{role, ukey, fresh, new PinField(fields_), nullptr, label, false};
    row.field->setAccessibleName(label);
    row.field->setObjectName(QStringLiteral("pin_") + text(role));
    form_->addRow(label, row.field);
    connect(row.field, &PinField::edited, this, &DeedForm::changed);
    connect(row.field, &PinField::returned, this, [this] { if (is_ready()) run(); else focusNextChild(); });
    if (fresh) {
        row.again = new PinField(fields_);
        row.again->setAccessibleName(tr("%1, once more").arg(label));
        row.again->setObjectName(QStringLiteral("pin_again_") + text(role));
        form_->addRow(tr("Once more"), row.again);
        connect(row.again, &PinField::edited, this, &DeedForm::changed);
        connect(row.again, &PinField::returned, this, [this] { if (is_ready()) run(); else focusNextChild(); });
    }
    pins_.push_back(row);
}

void DeedForm::add_choice(const char* kind, const QString& label) {
    hand_ = new QComboBox(fields_);
    hand_->setObjectName(QString::fromLatin1(kind));
    hand_->setAccessibleName(label);
    hand_->setPlaceholderText(tr("Choose yours"));
    form_->addRow(label, hand_);
    // One person's PIN must not go with another's UKEY: it would be counted against it.
    connect(hand_, &QComboBox::activated, this, &DeedForm::clear_hand);
    connect(hand_, &QComboBox::currentIndexChanged, this, &DeedForm::look);
    link_.ukeys().want();
}

void DeedForm::clear_hand() {
    for (const Row& row : pins_)
        if (!row.further) row.field->clear();
}

std::string DeedForm::hand() const { return hand_ == nullptr ? std::string() : bytes(hand_->currentData().toString()); }

void DeedForm::build_pins() {
    while (form_->rowCount() > 0) form_->removeRow(0);
    pins_.clear();
    reason_ = nullptr;
    hand_ = nullptr;
    quorum_ = link_.has_quorum();
    if (deed_.wants_reason) {
        reason_ = new QLineEdit(fields_);
        reason_->setObjectName(QStringLiteral("reason"));
        reason_->setPlaceholderText(tr("One line, for the log"));
        reason_->setMaxLength(kLongestReason);
        form_->addRow(tr("Reason"), reason_);
        connect(reason_, &QLineEdit::textChanged, this, &DeedForm::changed);
    }
    const auto hand = [&] {
        switch (deed_.hand) {
            case Hand::none: return;
            case Hand::master:
                if (!quorum_) add_pin("master", tr("PIN of the master-control UKEY"), false, {});
                return;
            case Hand::officer:
                if (!quorum_) return add_pin("master", tr("PIN of the master-control UKEY"), false, {});
                add_choice("officer", tr("Your officer UKEY"));
                return add_pin("officer", tr("PIN of your officer UKEY"), false, {});
            case Hand::auditor:
                add_choice("auditor", tr("Your auditor UKEY"));
                return add_pin("auditor", tr("PIN of the auditor UKEY"), false, {});
            case Hand::platform: return add_pin("platform", tr("PIN of the platform UKEY"), false, {});
        }
    };
    hand();
    if (!makes_request() || deed_.pins_with_request)
        for (const FurtherPin& p : deed_.pins) {
            add_pin(p.role, p.label, p.fresh, p.ukey);
            pins_.back().further = true;
        }
    fields_->setVisible(form_->rowCount() > 0);
}

void DeedForm::compare() {
    QString other;
    if (!running_ && !done_)
        for (const Row& row : pins_)
            if (row.again != nullptr && !row.again->is_empty() && !row.field->equals(*row.again) && other.isEmpty()) other = row.label;
    differ_->setText(tr("Both times the same, please: %1").arg(other));
    differ_->setVisible(!other.isEmpty());
}

QString DeedForm::missing() const {
    const pb::StatusReply& now = link_.status();
    if (link_.state() == link::Link::State::connecting || link_.state() == link::Link::State::away) return tr("The service does not answer.");
    switch (deed_.hand) {
        case Hand::none: break;
        case Hand::master:
            if (!quorum_ && plugged_in(now, "master-control").empty()) return tr("Plug in the master-control UKEY.");
            break;
        case Hand::officer:
            if (plugged_in(now, quorum_ ? "officer" : "master-control").empty()) return quorum_ ? tr("Plug in your officer UKEY.") : tr("Plug in the master-control UKEY.");
            break;
        case Hand::auditor:
            if (plugged_in(now, "auditor").empty()) return tr("Plug in the auditor UKEY.");
            break;
        case Hand::platform: break;  // sealed, the service does not know it yet
    }
    for (const Row& row : pins_) {
        if (row.ukey.empty() || !is_taken(row)) continue;
        const bool there = std::ranges::any_of(now.readers(), [&](const pb::ReaderStatus& r) { return r.ukey() == row.ukey; });
        if (!there) return tr("Plug in UKEY %1.").arg(text(row.ukey));
    }
    return {};
}

/// Nobody is proposed where several are plugged in: whoever types a PIN without looking would spend another's tries.
void DeedForm::look_at_hands() {
    auto hands = plugged_in(link_.status(), deed_.hand == Hand::auditor ? "auditor" : "officer");
    std::ranges::stable_partition(hands, [this](const pb::ReaderStatus* r) { return std::ranges::find(deed_.officers_last, r->ukey()) == deed_.officers_last.end(); });
    QStringList words;
    for (const auto* r : hands) words << hand_words(*r, link_.ukeys().all());
    QStringList present;
    for (int i = 0; i < hand_->count(); ++i) present << hand_->itemText(i);
    if (words != present) {
        const QSignalBlocker quiet(hand_);
        const QString chosen = hand_->currentData().toString();
        hand_->clear();
        for (int i = 0; i < words.size(); ++i) hand_->addItem(words[i], text(hands[static_cast<std::size_t>(i)]->ukey()));
        const int at = hand_->findData(chosen);
        hand_->setCurrentIndex(at < 0 && hands.size() == 1 ? 0 : at);
        if (at < 0) clear_hand();
    }
    for (const Row& row : pins_)
        if (!row.further) row.field->setEnabled(!hand().empty());
}

void DeedForm::look() {
    if (running_ || done_) return;
    const bool known = link_.state() != link::Link::State::away && link_.state() != link::Link::State::connecting;
    if (known && quorum_ != link_.has_quorum()) build_pins();
    if (hand_ != nullptr) look_at_hands();
    const QString what = missing();
    if (!what.isEmpty())
        for (const Row& row : pins_) {
            row.field->clear();
            if (row.again != nullptr) row.again->clear();
        }
    if (makes_request()) missing_->say(Tone::muted, tr("Officers decide on this: it becomes a request."), tr("%1 of %2 officers must agree, on the page Approvals.").arg(link_.status().officers_needed()).arg(link_.status().officers()));
    else missing_->say(Tone::attention, what);
    fields_->setEnabled(what.isEmpty());
    rule_->setVisible(std::ranges::any_of(pins_, [this](const Row& row) { return row.again != nullptr && is_taken(row); }));
    for (const Row& row : pins_) {
        if (!row.further) continue;
        const bool taken = is_taken(row);
        for (PinField* field : {row.field, row.again}) {
            if (field == nullptr) continue;
            form_->setRowVisible(field, taken);
            if (!taken) field->clear();
        }
    }
    emit changed();
}

QString DeedForm::why_not() const {
    if (running_ || done_) return {};
    if (QString what = missing(); !what.isEmpty()) return what;
    if (QString lacks = deed_.lacks ? deed_.lacks() : QString(); !lacks.isEmpty()) return lacks;
    if (hand_ != nullptr && hand().empty()) return deed_.hand == Hand::auditor ? tr("Choose your auditor UKEY.") : tr("Choose your officer UKEY.");
    if (reason_ != nullptr && reason_->text().trimmed().isEmpty()) return tr("Write a reason: it stands in the log.");
    const bool typed = std::ranges::all_of(pins_, [this](const Row& row) { return !is_taken(row) || (!row.field->is_empty() && (row.again == nullptr || row.field->equals(*row.again))); });
    return typed ? QString() : tr("Type every PIN that is asked for.");
}

bool DeedForm::is_ready() const { return !running_ && !done_ && (deed_.request || deed_.send) && why_not().isEmpty(); }

void DeedForm::run() {
    if (!is_ready()) return;
    link::Pins pins;
    for (const Row& row : pins_) {
        if (!is_taken(row)) continue;
        pins.push_back({row.role, row.field->take()});
        if (row.again != nullptr) row.again->clear();
    }
    running_ = true;
    fields_->setEnabled(false);
    if (deed_.choices != nullptr) deed_.choices->setEnabled(false);
    outcome_->hide();
    progress_->setRange(0, 0);
    progress_->show();
    step_->setText(tr("Asking the service …"));
    step_->show();
    emit changed();
    if (deed_.send) {
        ticket_ = deed_.send(this, std::move(pins), [this](base::Result<pb::AdminReply> reply) { take(std::move(reply)); });
        return;
    }
    const std::string officer = hand();
    ticket_ = link_.ask(
        this, deed_.request(reason_ == nullptr ? QString() : reason_->text().trimmed(), officer), [this](base::Result<pb::AdminReply> reply) { take(std::move(reply)); }, std::move(pins),
        [this](const pb::AdminReply& part) {
            if (!part.has_progress()) return;
            step_->setText(text(part.progress().step()));
            progress_->setRange(0, static_cast<int>(part.progress().of()));
            progress_->setValue(static_cast<int>(part.progress().done()));
        });
}

void DeedForm::take(base::Result<pb::AdminReply> reply) {
    running_ = false;
    progress_->hide();
    step_->hide();
    fields_->setEnabled(true);
    if (deed_.choices != nullptr) deed_.choices->setEnabled(true);
    if (!reply) {
        outcome_->say(reply.error());
        emit changed();
        if (!pins_.empty()) pins_.front().field->setFocus();
        return;
    }
    done_ = true;
    reply_ = std::move(*reply);
    what_->hide();
    warning_->hide();
    missing_->hide();
    fields_->hide();
    rule_->hide();
    if (deed_.choices != nullptr) deed_.choices->hide();
    if (reply_.has_request_made()) {
        const pb::RequestMade& made = reply_.request_made();
        outcome_->say(Tone::good, made.asked_before() ? tr("Request %1 asks for this already.").arg(made.number()) : tr("Request %1 was made.").arg(made.number()),
                      tr("%1 officers must agree by %2.").arg(made.needed()).arg(moment(made.expires_ms())));
        outcome_->offer(tr("Go to it"));
        const QString number = QString::number(made.number());
        connect(outcome_, &Notice::acted, this, [this, number] { emit go_to(QStringLiteral("approvals"), number); });
    } else {
        outcome_->say(Tone::good, deed_.outcome ? deed_.outcome(reply_) : tr("Done."));
    }
    emit changed();
    emit finished();
}

void DeedForm::stop_waiting() {
    if (!running_) return;
    if (deed_.cancel) deed_.cancel(ticket_);
    else link_.cancel(ticket_);
}

}  // namespace ui::parts

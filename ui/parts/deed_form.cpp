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

}  // namespace

DeedForm::DeedForm(link::Link& link, QWidget* parent)
    : QWidget(parent), link_(link), what_(new QLabel(this)), warning_(new Notice(this)), missing_(new Notice(this)), choices_(new QVBoxLayout), fields_(new QWidget(this)), form_(new QFormLayout(fields_)), differ_(new QLabel(this)), step_(new QLabel(this)),
      progress_(new QProgressBar(this)),
      outcome_(new Notice(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    what_->setWordWrap(true);
    what_->setTextFormat(Qt::PlainText);
    what_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    form_->setContentsMargins(0, 4, 0, 4);
    form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    step_->setWordWrap(true);
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
    column->addWidget(differ_);
    column->addWidget(step_);
    column->addWidget(progress_);
    column->addWidget(outcome_);
    column->addStretch(1);
    step_->hide();
    progress_->hide();
    connect(&link_, &link::Link::status_changed, this, &DeedForm::look);
}

bool DeedForm::is_taken(const Row& row) const { return !row.further || !deed_.takes_pins || deed_.takes_pins(); }

bool DeedForm::makes_request() const { return deed_.hand == Hand::master && link_.has_quorum(); }

void DeedForm::set_deed(Deed deed) {
    deed_ = std::move(deed);
    done_ = false;
    outcome_->hide();
    QStringList lines = deed_.what;
    if (lines.size() > 1)
        for (QString& line : lines) line.prepend(QStringLiteral("•  "));
    what_->setText(lines.join(QLatin1Char('\n')));
    what_->setVisible(!lines.isEmpty());
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
    form_->addRow(label, hand_);
    // One person's PIN must not go with another's UKEY: it would be counted against it.
    connect(hand_, &QComboBox::activated, this, &DeedForm::clear_hand);
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

void DeedForm::look() {
    if (running_ || done_) return;
    const bool known = link_.state() != link::Link::State::away && link_.state() != link::Link::State::connecting;
    if (known && quorum_ != link_.has_quorum()) build_pins();
    if (hand_ != nullptr) {
        const auto hands = plugged_in(link_.status(), deed_.hand == Hand::auditor ? "auditor" : "officer");
        QStringList serials;
        for (const auto* r : hands) serials << text(r->ukey());
        QStringList present;
        for (int i = 0; i < hand_->count(); ++i) present << hand_->itemData(i).toString();
        if (serials != present) {
            const QString chosen = hand_->currentData().toString();
            hand_->clear();
            for (const auto* r : hands) hand_->addItem(tr("%1 in reader %2").arg(text(r->ukey()), text(r->name())), text(r->ukey()));
            int at = hand_->findData(chosen);
            if (at < 0 && chosen.isEmpty())
                for (int i = 0; i < hand_->count() && at < 0; ++i)
                    if (std::ranges::find(deed_.officers_last, bytes(hand_->itemData(i).toString())) == deed_.officers_last.end()) at = i;
            hand_->setCurrentIndex(at < 0 ? 0 : at);
            if (at < 0 && !chosen.isEmpty()) clear_hand();
        }
    }
    const QString what = missing();
    if (!what.isEmpty())
        for (const Row& row : pins_) {
            row.field->clear();
            if (row.again != nullptr) row.again->clear();
        }
    if (makes_request()) missing_->say(Tone::muted, tr("Officers decide on this: it becomes a request."), tr("%1 of %2 officers must agree, on the page Approvals.").arg(link_.status().officers_needed()).arg(link_.status().officers()));
    else missing_->say(Tone::attention, what);
    fields_->setEnabled(what.isEmpty());
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

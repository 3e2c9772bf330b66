#include "ui/issue/batch_run.h"

#include <algorithm>

#include "ui/issue/blank_step.h"
#include "ui/issue/issue.h"
#include "ui/issue/kind_step.h"
#include "ui/parts/words.h"

namespace ui::issue {

using RowState = BatchRow::State;
using parts::text;

BatchRun::BatchRun(link::Link& link, BatchModel& rows, QObject* parent) : QObject(parent), link_(link), rows_(rows) {
    connect(&link_, &link::Link::status_changed, this, &BatchRun::look);
    connect(&link_, &link::Link::state_changed, this, &BatchRun::look);
}

void BatchRun::set(State state) {
    state_ = state;
    emit changed();
}

void BatchRun::begin(std::string kind, bool by_holders, base::Secret master, std::optional<base::Secret> first) {
    kind_ = std::move(kind);
    by_holders_ = by_holders;
    master_ = std::move(master);
    first_ = std::move(first);
    by_request_ = link_.has_quorum();
    trouble_.reset();
    why_.clear();
    last_serial_.clear();
    ++round_;
    // Two UKEYs for one holder otherwise: what is being issued is in no list yet.
    if (unanswered_) {
        state_ = State::looking;
        return stop(tr("The UKEY before is still being issued. Wait a moment, then go on."));
    }
    ask_list();
}

void BatchRun::stop(const QString& why) {
    master_.wipe();
    first_.reset();
    if (!is_running()) return;
    ++round_;
    why_ = why;
    // What is being issued goes on at the service: nobody here knows what came of it.
    if (state_ == State::issuing) rows_.tell(at_, RowState::failed, tr("outcome unknown: look at the list of UKEYs"));
    else if (at_ < rows_.rows().size() && rows_.rows()[at_].state == RowState::working) rows_.tell(at_, RowState::waiting, {});
    set(State::stopped);
}

bool BatchRun::master_is_there() const {
    return std::ranges::any_of(link_.status().readers(), [](const pb::ReaderStatus& r) { return r.ukey_kind() == "master-control" && r.content() == "ukey"; });
}

void BatchRun::look() {
    if (!is_running()) return;
    if (const QString why = why_not(link_); !why.isEmpty()) return stop(why);
    if (!by_request_ && !master_is_there()) return stop(tr("The master-control UKEY was pulled. Its PIN was wiped."));
    if (state_ == State::wants_pull) {
        const bool there = std::ranges::any_of(link_.status().readers(), [&](const pb::ReaderStatus& r) { return r.ukey() == last_serial_; });
        if (!there) next();
        return;
    }
    if (state_ == State::wants_pin && !blank_readers(link_.status()).contains(reader_)) return set(State::wants_blank);
    if (state_ != State::wants_blank) return;
    reader_ = blank_for_row();
    if (reader_.isEmpty()) return emit changed();
    if (by_request_) return issue({});
    if (first_) return issue(first_->duplicate());
    set(State::wants_pin);
}

QString BatchRun::blank_for_row() const {
    const QStringList blanks = blank_readers(link_.status());
    const QString& named = rows_.rows()[at_].reader;
    if (!named.isEmpty()) return blanks.contains(named) ? named : QString();
    // Two blank sticks: whose is whose?
    return blanks.size() == 1 ? blanks.front() : QString();
}

/// What is issued already is not issued again: a list that was cut off is simply begun once more.
void BatchRun::ask_list() {
    set(State::looking);
    link_.ukeys().read(this, [this, round = round_](const base::Status& done) {
        if (round != round_) return;
        if (!done) {
            trouble_ = done.error();
            return stop(tr("What is issued already could not be read."));
        }
        pass_over_issued();
        next();
    });
}

void BatchRun::pass_over_issued() {
    for (const link::pb::Ukey& u : link_.ukeys().all()) {
        if (u.kind() != kind_ || u.state() != "issued") continue;
        for (std::size_t i = 0; i < rows_.rows().size(); ++i) {
            const BatchRow& row = rows_.rows()[i];
            if (row.state != RowState::done && row.holder == text(u.holder()) && row.terms.station() == u.terms().station()) rows_.tell(i, RowState::done, tr("issued before as %1").arg(text(u.serial())), u.serial());
        }
    }
}

void BatchRun::next() {
    at_ = rows_.next();
    if (at_ == rows_.rows().size()) {
        master_.wipe();
        first_.reset();
        return set(State::done);
    }
    set(State::wants_blank);
    look();
}

void BatchRun::give_pin(base::Secret pin) {
    if (state_ == State::wants_pin) issue(std::move(pin));
}

void BatchRun::issue(std::optional<base::Secret> pin) {
    const BatchRow& row = rows_.rows()[at_];
    Issue what;
    what.kind = text(kind_);
    what.reader = reader_;
    what.holder = row.holder;
    what.terms = row.terms;
    what.holder_types_pin = by_holders_;
    link::Pins pins;
    if (!by_request_) {
        pins.push_back({"master", master_.duplicate()});
        pins.push_back({"ukey", std::move(*pin)});
    }
    rows_.tell(at_, RowState::working, by_request_ ? tr("is asked for") : tr("is being issued"));
    unanswered_ = true;
    set(State::issuing);
    link_.ask(this, what.request(), [this, round = round_, at = at_, holder = row.holder](base::Result<link::pb::AdminReply> reply) {
        unanswered_ = false;
        if (round == round_) return take(std::move(reply));
        // It was stopped meanwhile, and this row did not know what came of it; unless the list is another by now.
        if (reply && reply->has_ukey_issue() && at < rows_.rows().size() && rows_.rows()[at].holder == holder) rows_.tell(at, RowState::done, tr("issued as %1").arg(text(reply->ukey_issue().ukey().serial())), reply->ukey_issue().ukey().serial());
    }, std::move(pins));
}

void BatchRun::take(base::Result<link::pb::AdminReply> reply) {
    if (!reply) {
        rows_.tell(at_, RowState::failed, parts::explain(reply.error()).meaning);
        trouble_ = reply.error();
        state_ = State::wants_blank;  // so that stop() leaves what this row says
        return stop(tr("It stopped at %1.").arg(rows_.rows()[at_].holder));
    }
    if (reply->has_request_made()) {
        rows_.tell(at_, RowState::done, reply->request_made().asked_before() ? tr("request %1 asks for it already").arg(reply->request_made().number()) : tr("request %1: blank UKEY into reader %2").arg(reply->request_made().number()).arg(reader_));
        return next();
    }
    last_serial_ = reply->ukey_issue().ukey().serial();
    rows_.tell(at_, RowState::done, tr("issued as %1").arg(text(last_serial_)), last_serial_);
    // Sticks in readers that the list names are told apart by them.
    if (!rows_.rows()[at_].reader.isEmpty()) return next();
    set(State::wants_pull);
}

QString BatchRun::task() const {
    const QString holder = at_ < rows_.rows().size() ? rows_.rows()[at_].holder : QString();
    const QString reader = at_ < rows_.rows().size() ? rows_.rows()[at_].reader : QString();
    switch (state_) {
        case State::idle: return {};
        case State::looking: return tr("Looking at what is issued already …");
        case State::wants_blank:
            if (!reader.isEmpty()) return tr("Plug a blank UKEY for %1 into reader %2.").arg(holder, reader);
            return blank_readers(link_.status()).size() > 1 ? tr("Leave only one blank UKEY plugged in: the one for %1.").arg(holder) : tr("Plug in a blank UKEY for %1.").arg(holder);
        case State::wants_pin: return tr("%1 types the PIN of the UKEY in reader %2.").arg(holder, reader_);
        case State::issuing: return by_request_ ? tr("Asking the officers for the UKEY of %1 …").arg(holder) : tr("Issuing the UKEY of %1 …").arg(holder);
        case State::wants_pull: return tr("Pull UKEY %1, label it, and hand it to %2.").arg(text(last_serial_), holder);
        case State::stopped: return why_;
        case State::done: return by_request_ ? tr("Everything is asked for. The officers decide on the page Approvals.") : tr("All are issued.");
    }
    return {};
}

}  // namespace ui::issue

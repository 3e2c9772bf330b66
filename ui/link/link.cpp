#include "ui/link/link.h"

#include <QtConcurrent>
#include <algorithm>

#include "ui/link/after.h"
#include "wire/admin_work.h"

namespace ui::link {
namespace {

using base::Code;
using R = pb::AdminRequest;

constexpr std::chrono::milliseconds kPoll{1000};
constexpr std::chrono::milliseconds kGreet{60'000};  ///< so often the log must show that it still goes on from what is known of it

Link::State state_of(const std::string& state) {
    if (state == "uninitialised") return Link::State::uninitialised;
    if (state == "sealed") return Link::State::sealed;
    if (state == "failing") return Link::State::failing;
    return Link::State::open;
}

}  // namespace

bool works_on_any_log(const R& request) noexcept {
    if (!wire::changes_something(request.operation_case())) return true;
    if (request.has_ukey_change()) {
        const std::string& action = request.ukey_change().action();
        return action == "suspend" || action == "report-lost" || action == "revoke";
    }
    if (request.has_request_judge()) return !request.request_judge().agree();
    return request.has_seal() || request.has_unseal() || request.has_account_disable();
}

Link::Link(Address address, QObject* parent)
    : QObject(parent), address_(std::move(address)), officer_(address_.socket, address_.known, this), reader_(address_.socket, address_.known, this) {
    R request;
    request.mutable_ukey_list();
    ukeys_ = new ListOf<pb::Ukey>(*this, request, [](const pb::AdminReply& r) -> const ListOf<pb::Ukey>::Items& { return r.ukey_list().ukeys(); });
    request.mutable_account_list();
    accounts_ = new ListOf<pb::Account>(*this, request, [](const pb::AdminReply& r) -> const ListOf<pb::Account>::Items& { return r.account_list().accounts(); });
    poll_.setInterval(kPoll);
    connect(&poll_, &QTimer::timeout, this, &Link::look);
    greet_.setInterval(kGreet);
    const auto met = [this] {
        if (believed_ != is_believed()) {
            believed_ = is_believed();
            emit state_changed();
        }
        look();
    };
    for (Line* line : {&officer_, &reader_}) {
        connect(&greet_, &QTimer::timeout, line, &Line::greet);
        connect(line, &Line::came_up, this, met);
    }
    connect(&officer_, &Line::went_down, this, [this] {
        status_.Clear();
        update(State::away);
        emit status_changed();
    });
    connect(&reader_, &Line::went_down, this, &Link::end_login);
}

void Link::start() {
    officer_.start();
    reader_.start();
    poll_.start();
    greet_.start();
}

void Link::update(State state) {
    const bool believed = is_believed();
    if (state == state_ && believed == believed_) return;
    const bool opened = state == State::open && state_ != State::open;
    state_ = state;
    believed_ = believed;
    // What was sealed had no log to show.
    if (opened) {
        officer_.greet();
        reader_.greet();
    }
    emit state_changed();
}

void Link::look() {
    if (asking_ || !officer_.is_up()) return;
    asking_ = true;
    R request;
    request.mutable_status();
    officer_.ask(this, std::move(request), {}, [this](base::Result<pb::AdminReply> reply) {
        asking_ = false;
        on_status(std::move(reply));
    });
}

void Link::on_status(base::Result<pb::AdminReply> reply) {
    if (!reply) return;  // the line says when it is down
    status_ = reply->status();
    update(state_of(status_.state()));
    if (auditor_) {
        bool present = false;
        for (const pb::ReaderStatus& r : status_.readers()) present = present || r.ukey() == auditor_->ukey();
        if (!present || state_ != State::open) end_login();
    }
    emit status_changed();
}

bool Link::backup_is_due() const {
    return std::ranges::any_of(status_.warned_of(), [](const pb::Warning& w) { return w.code() == pb::Warning::BACKUP_MISSING || w.code() == pb::Warning::BACKUP_OLD; });
}

/// Whoever held a ceremony has said by that that the log is another from now on. What was known of the one of before stands beside, for the auditor.
void Link::meet_another_log(const std::string& before, std::function<void()> done) {
    after(QtConcurrent::run([file = address_.known.file, before] {
        const auto known = wire::KnownLog::open(file);
        // A hello that went out meanwhile may have begun to keep the new one.
        if (known && known->checkpoint() == before) (void)wire::KnownLog::forget(file);
    }), this, [this, done = std::move(done)] {
        officer_.greet();
        reader_.greet();
        done();
    });
}

Line::Ticket Link::log_in(QObject* owner, const std::string& serial, base::Secret pin, Line::Done done) {
    R request;
    request.mutable_audit_login()->set_ukey(serial);
    Pins pins;
    pins.push_back({"auditor", std::move(pin)});
    const QPointer<QObject> asker(owner);
    return reader_.ask(this, std::move(request), std::move(pins), [this, asker, done = std::move(done)](base::Result<pb::AdminReply> reply) {
        if (reply) {
            auditor_ = reply->audit_login();
            emit auditor_changed();
        }
        if (asker) done(std::move(reply));
    });
}

void Link::cancel_log_in(Line::Ticket asked) {
    if (auditor_) return;  // it is over
    reader_.cancel(asked);
    // The service may have been quicker: then this connection is an auditor's, though nobody here knows.
    reader_.restart();
}

void Link::log_out() {
    if (!auditor_) return;
    R request;
    request.mutable_audit_logout();
    reader_.ask(this, std::move(request), {}, [](base::Result<pb::AdminReply>) {});
    auditor_.reset();
    emit auditor_changed();
}

void Link::end_login() {
    if (!auditor_) return;
    auditor_.reset();
    // The service has ended it by itself, or is about to: that its connection was an auditor's must not outlive it.
    reader_.restart();
    emit auditor_changed();
}

Line::Ticket Link::ask(QObject* owner, R request, Line::Done done, Pins pins, Line::Part part) {
    if (!is_believed() && !works_on_any_log(request)) {
        const QPointer<QObject> asker(owner);
        QTimer::singleShot(0, this, [asker, done = std::move(done), why = trouble()] {
            if (asker) done(base::Error{Code::tampered, why.message, 0});
        });
        return 0;
    }
    const bool changes = wire::changes_something(request.operation_case());
    const std::string before = request.has_init() ? officer_.checkpoint() : std::string();
    return officer_.ask(owner, std::move(request), std::move(pins), [this, changes, before, owned = owner != nullptr, asker = QPointer<QObject>(owner), done = std::move(done)](base::Result<pb::AdminReply> reply) {
        const bool did = changes && (reply || reply.error().code == Code::outcome_unknown);
        const auto tell = [this, did, done](base::Result<pb::AdminReply> answer) {
            const QPointer<Link> self(this);
            done(std::move(answer));
            if (!did || !self) return;
            look();
            emit done_something();
        };
        if (!did || before.empty()) return tell(std::move(reply));
        meet_another_log(before, [tell, owned, asker, reply = std::move(reply)] {
            if (!owned || asker) tell(reply);
        });
    }, std::move(part));
}

Line::Ticket Link::read(QObject* owner, R request, Line::Done done, Line::Part part) { return reader_.ask(owner, std::move(request), {}, std::move(done), std::move(part)); }

}  // namespace ui::link

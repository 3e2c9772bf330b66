#include "ui/link/line.h"

#include <QFuture>
#include <QtConcurrent>
#include <algorithm>

#include "ui/link/after.h"
#include "wire/admin_work.h"
#include "wire/failure.h"
#include "wire/frame.h"
#include "wire/pin_frame.h"

namespace ui::link {
namespace {

using base::Code;

constexpr std::chrono::milliseconds kFirstRetry{250};
constexpr std::chrono::milliseconds kLastRetry{5000};
// A request has at most 64 KiB, and the socket takes about 200 KiB that the service has not read: only one that reads nothing at all while more than that is asked makes a send wait, and it is given up before anybody notices.
constexpr wire::Timeout kSendPatience{100};
constexpr int kMessagesAtOnce = 64;           ///< so that a long answer leaves room for clicks

}  // namespace

Line::Line(std::string socket, Known known, QObject* parent) : QObject(parent), socket_(std::move(socket)), known_(std::move(known)) {
    retry_.setSingleShot(true);
    connect(&retry_, &QTimer::timeout, this, &Line::connect_later);
    watch_.setInterval(1000);
    connect(&watch_, &QTimer::timeout, this, &Line::look_for_silence);
}

Line::~Line() {
    // Whoever asked is not called any more: it may be half gone itself.
    asked_.clear();
}

void Line::start() {
    watch_.start();
    connect_later();
}

void Line::connect_later() {
    if (connecting_ || connection_) return;
    connecting_ = true;
    // Beside: a full listen queue is waited for, and the file may lie on a slow disk.
    after(QtConcurrent::run([socket = socket_, known = known_] {
        return std::make_shared<Opened>(Opened{wire::Connection::open_unix(socket), wire::KnownLog::open(known.file, known.key)});
    }), this, [this](const std::shared_ptr<Opened>& opened) {
        connecting_ = false;
        take(std::move(*opened));
    });
}

void Line::take(Opened opened) {
    if (!opened.connection) return lose(std::move(opened.connection).error());
    connection_.emplace(std::move(*opened.connection));
    notifier_ = std::make_unique<QSocketNotifier>(connection_->descriptor(), QSocketNotifier::Read);
    connect(notifier_.get(), &QSocketNotifier::activated, this, &Line::read);
    notifier_->setEnabled(!held_);
    ++greetings_;
    say_hello(std::move(opened.log));
}

void Line::greet() {
    if (!connection_) return;
    // Whoever reads the file last says hello: what was read before may have been put aside since.
    after(QtConcurrent::run([known = known_] { return std::make_shared<base::Result<wire::KnownLog>>(wire::KnownLog::open(known.file, known.key)); }), this, [this, number = ++greetings_](const std::shared_ptr<base::Result<wire::KnownLog>>& log) {
        if (connection_ && number == greetings_) say_hello(std::move(*log));
    });
}

void Line::say_hello(base::Result<wire::KnownLog> log) {
    if (log) checkpoint_ = log->checkpoint();
    pb::AdminRequest request;
    request.mutable_hello()->set_version(wire::kProtocolVersion);
    request.mutable_hello()->set_client("kmp-console");
    // What is known is damaged: the hello goes on without it, and nothing is believed.
    if (log) request.mutable_hello()->set_checkpoint(log->checkpoint());
    const auto opened = std::make_shared<base::Result<wire::KnownLog>>(std::move(log));
    ask(this, std::move(request), {}, [this, opened](base::Result<pb::AdminReply> reply) {
        if (!connection_) return;
        const base::Result<pb::HelloReply> answer = reply ? base::Result<pb::HelloReply>(reply->hello()) : base::Result<pb::HelloReply>(reply.error());
        base::Status same;
        if (!*opened) same = opened->error();
        else if (!answer) same = (*opened)->refused(answer.error());
        else if (answer->state() == "open") same = (*opened)->check(*answer);
        const bool proved = same && answer && answer->state() == "open";
        if (proved) {
            // Written beside: a full or slow disk is nobody's concern here, for the older checkpoint still holds. But another client may have been shown another log meanwhile.
            after(QtConcurrent::run([log = std::make_shared<wire::KnownLog>(std::move(**opened))] { return std::make_shared<base::Status>(log->keep()); }), this, [this](const std::shared_ptr<base::Status>& kept) {
                if (kept->ok() || kept->error().code != Code::tampered) return;
                believed_ = false;
                disbelief_ = kept->error();
                emit came_up();
            });
        }
        // One that is not open has no log to show: it proves nothing, and takes back nothing.
        if (!same) {
            believed_ = false;
            disbelief_ = same.error();
        } else if (proved) {
            believed_ = true;
        }
        if (answer) return met(answer);
        // A checkpoint that it refuses leaves a service that can be looked at all the same: it is asked once more, without.
        pb::AdminRequest plain;
        plain.mutable_hello()->set_version(wire::kProtocolVersion);
        plain.mutable_hello()->set_client("kmp-console");
        ask(this, std::move(plain), {}, [this](base::Result<pb::AdminReply> again) {
            if (!connection_) return;
            if (!again) return lose(std::move(again).error());
            met(again->hello());
        });
    });
}

void Line::met(const base::Result<pb::HelloReply>& answer) {
    greeting_ = *answer;
    greeted_ = true;
    tries_ = 0;
    emit came_up();
}

Line::Ticket Line::ask(QObject* owner, pb::AdminRequest request, Pins pins, Done done, Part part) {
    const Ticket ticket = ++last_;
    Asked asked{owner, owner != nullptr, std::move(done), std::move(part), wire::changes_something(request.operation_case())};
    if (!connection_) {
        QTimer::singleShot(0, this, [this, asked = std::move(asked), why = trouble_]() mutable { finish(std::move(asked), std::move(why)); });
        return ticket;
    }
    request.set_id(ticket);
    base::Status sent;
    for (const Pin& pin : pins) {
        base::Bytes frame;
        sent = wire::append_pin_frame(frame, pin.role, pin.secret);
        if (sent) sent = connection_->send(frame, kSendPatience);
        base::wipe(frame);
        if (!sent) break;
    }
    if (sent) sent = send(request);
    if (!sent) {
        // A PIN that cannot be, or a request too large, has not gone out; and the connection may live on. PINs that did go out must not meet the next request.
        QTimer::singleShot(0, this, [this, asked = std::move(asked), why = sent.error()]() mutable { finish(std::move(asked), std::move(why)); });
        if (!pins.empty() || !connection_->is_open()) {
            // At once: nothing may follow these PINs on this connection.
            notifier_->setEnabled(false);
            connection_.reset();
            trouble_ = {Code::io_failed, "the connection to kmpd is made anew", 0};
            QTimer::singleShot(0, this, [this] { lose(trouble_); });
        }
        return ticket;
    }
    if (asked_.empty()) heard_.start();
    asked_.emplace(ticket, std::move(asked));
    return ticket;
}

base::Status Line::send(const pb::AdminRequest& request) {
    base::Bytes frame;
    KMP_CHECK(wire::append_frame(frame, request));
    return connection_->send(frame, kSendPatience);
}

void Line::cancel(Ticket ticket) {
    const auto at = asked_.find(ticket);
    if (at == asked_.end()) return;
    Asked asked = std::move(at->second);
    asked_.erase(at);
    if (connection_) {
        pb::AdminRequest request;
        request.mutable_cancel()->set_request(ticket);
        ask(this, std::move(request), {}, [](base::Result<pb::AdminReply>) {});
    }
    const bool changes = asked.changes;
    finish(std::move(asked), changes ? base::Error{Code::outcome_unknown, "nobody waits for it any more; it may still be done: look before you ask again", 0} : base::Error{Code::cancelled, "cancelled", 0});
}

void Line::hold(bool held) {
    held_ = held;
    if (notifier_) notifier_->setEnabled(!held);
    if (!held) QTimer::singleShot(0, this, &Line::read);
}

void Line::restart() {
    if (connection_) lose({Code::io_failed, "the connection to kmpd is made anew"});
}

void Line::read() {
    for (int taken = 0; connection_ && !held_; ++taken) {
        if (taken == kMessagesAtOnce) {
            QTimer::singleShot(0, this, &Line::read);
            return;
        }
        const auto message = connection_->receive_now();
        if (!message) return lose(message.error());
        if (!*message) return;
        pb::AdminReply reply;
        if (!reply.ParseFromArray((*message)->data(), static_cast<int>((*message)->size()))) return lose({Code::malformed, "kmpd at " + socket_ + " sent a message that is no reply"});
        heard_.start();
        receive(reply);
    }
}

void Line::receive(const pb::AdminReply& reply) {
    const auto at = asked_.find(reply.id());
    if (at == asked_.end()) {
        // It hangs up after this: what it says is meant for whoever waits.
        if (reply.id() == 0 && reply.has_failure()) return lose(wire::error_of(reply.failure()));
        if (reply.id() > last_) return lose({Code::malformed, "kmpd at " + socket_ + " answered what nobody asked"});
        return;  // of what was cancelled
    }
    if (reply.more() && !reply.has_failure()) {
        if (at->second.part && (!at->second.owned || at->second.owner)) {
            const Part part = at->second.part;  // it may cancel what it belongs to
            part(reply);
        }
        return;
    }
    Asked asked = std::move(at->second);
    asked_.erase(at);
    if (reply.has_failure()) finish(std::move(asked), wire::error_of(reply.failure()));
    else finish(std::move(asked), reply);
}

void Line::finish(Asked asked, base::Result<pb::AdminReply> result) {
    if (asked.owned && !asked.owner) return;
    if (asked.done) asked.done(std::move(result));
}

void Line::lose(base::Error why) {
    const bool was_up = greeted_;
    greeted_ = false;
    trouble_ = why;
    if (notifier_) {
        notifier_->setEnabled(false);
        notifier_.release()->deleteLater();  // it may be what called
    }
    connection_.reset();
    std::map<Ticket, Asked> left;
    left.swap(asked_);
    for (auto& [ticket, asked] : left) {
        base::Error error = why;
        if (asked.changes) error = {Code::outcome_unknown, why.message + "; what was asked may have been done: look before you ask again", why.raw};
        finish(std::move(asked), std::move(error));
    }
    const auto wait = std::min(kLastRetry, kFirstRetry * (1 << std::min(tries_, 5)));
    ++tries_;
    retry_.start(wait);
    if (was_up || tries_ == 1) emit went_down();
}

void Line::look_for_silence() {
    if (held_ || !connection_ || asked_.empty()) return;
    const std::chrono::milliseconds silent(heard_.elapsed());
    if (silent > kSilence) return lose({Code::timeout, "kmpd at " + socket_ + " has said nothing for " + std::to_string(kSilence / std::chrono::seconds(1)) + " s"});
    if (silent < kSilence / 3 || pinging_) return;
    // Status is answered while everything else waits: it tells a long work from a service that hangs.
    pinging_ = true;
    pb::AdminRequest request;
    request.mutable_status();
    ask(this, std::move(request), {}, [this](base::Result<pb::AdminReply>) { pinging_ = false; });
}

}  // namespace ui::link

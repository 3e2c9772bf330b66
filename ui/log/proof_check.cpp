#include "ui/log/proof_check.h"

#include <QtConcurrent>

#include "audit/proof_file.h"
#include "base/fd.h"
#include "ui/link/after.h"
#include "ui/link/kept.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::Proved;

constexpr int kPatience = 30'000;  // ms: it takes a few
constexpr std::size_t kLargest = audit::kMaxProofFile;  // of a proof of growth too

}  // namespace

ProofCheck::ProofCheck(link::Link& link, QObject* parent) : QObject(parent), link_(link), program_(this) {
    patience_.setSingleShot(true);
    patience_.setInterval(kPatience);
    connect(&patience_, &QTimer::timeout, &program_, &parts::Program::cancel);
}

void ProofCheck::begin(const Asked& asked, const QStringList& keys) {
    running_ = true;
    ++order_;
    proof_.clear();
    asked_ = asked;
    keys_ = keys;
    emit changed();
}

void ProofCheck::check_file(const QString& file, const QStringList& keys) {
    if (running_) return;
    begin({}, keys);
    link::after(QtConcurrent::run([name = file.toStdString()] { return base::read_file(name, kLargest); }), this, [this, order = order_](const base::Result<base::Bytes>& read) {
        if (!running_ || order != order_) return;
        if (!read) return end(parts::verdict_of_event(Proved::unknown, parts::text(read.error().message)));
        proof_ = QByteArray::fromStdString(base::to_string(*read));
        put_aside();
    });
}

void ProofCheck::prove(const pb::AuditEvent& asked, const QStringList& keys) {
    if (running_) return;
    begin(asked, keys);
    link::pb::AdminRequest request;
    request.mutable_audit_prove()->set_index(asked.index());
    ticket_ = link_.read(this, std::move(request), [this](base::Result<link::pb::AdminReply> reply) {
        ticket_ = 0;
        if (!reply) return refuse(reply.error());
        proof_ = QByteArray::fromStdString(reply->audit_prove().file());
        put_aside();
    });
}

void ProofCheck::refuse(const base::Error& error) {
    const QString line = parts::text(error.message);
    if (error.code == base::Code::tampered) return end(verdict_of_bad_proof(asked_, line));
    if (error.code != base::Code::not_found) return end(parts::verdict_of_error(error));
    // Where nobody answers that is not_found too, and so is what is archived.
    const bool answered = link_.state() == link::Link::State::open || link_.state() == link::Link::State::failing;
    end(answered && asked_->index() >= link_.status().log_size() ? verdict_past_the_end(asked_->index(), line) : parts::verdict_of_event(Proved::unknown, line));
}

void ProofCheck::put_aside() {
    link::after(parts::put_aside(QStringLiteral("event.proof"), proof_), this, [this, order = order_](const base::Result<parts::AsideFile>& file) {
        if (!running_ || order != order_) return;
        if (!file) return end(parts::verdict_of_event(Proved::unknown, parts::text(file.error().message)));
        aside_ = *file;
        look_for_key();
    });
}

void ProofCheck::look_for_key() {
    if (!keys_.isEmpty()) return check();
    link::after(link::read_kept(link_.address().known), this, [this, order = order_](const link::Kept& kept) {
        if (!running_ || order != order_) return;
        if (kept.key.empty()) return end(parts::verdict_of_event(Proved::unknown, kept.trouble.isEmpty() ? tr("This computer knows no key of the log yet: it comes with the first checkpoint.") : kept.trouble));
        keys_ << parts::text(kept.key);
        check();
    });
}

void ProofCheck::check() {
    if (const auto why = cannot_be_checked(proof_, keys_)) return end(*why);
    run();
}

void ProofCheck::run() {
    QStringList words{QStringLiteral("--json"), QStringLiteral("verify-proof")};
    for (const QString& key : keys_) words << QStringLiteral("--key") << key;
    words << QStringLiteral("--") << aside_.path;
    patience_.start();
    program_.run(QStringLiteral("kmp-audit"), words, [this](const parts::Program::Ended& ended) {
        const bool in_time = patience_.isActive();
        patience_.stop();
        if (ended.cancelled && in_time) return end(parts::verdict_of_error({base::Code::cancelled, "cancelled", 0}));
        if (!ended.done || (ended.code != 0 && ended.code != 1)) return end(parts::verdict_of_event(Proved::unknown, ended.line.isEmpty() ? tr("kmp-audit ended before it had an answer.") : ended.line));
        end(ended.code == 0 ? verdict_of_proof(ended.out, asked_) : verdict_of_bad_proof(asked_, ended.line));
    });
}

void ProofCheck::cancel() {
    if (!running_) return;
    if (program_.is_running()) return program_.cancel();
    if (ticket_ != 0) return link_.cancel_read(ticket_);
    end(parts::verdict_of_error({base::Code::cancelled, "cancelled", 0}));
}

void ProofCheck::end(const parts::Verdict& verdict) {
    running_ = false;
    aside_ = {};
    emit changed();
    emit finished(verdict);
}

}  // namespace ui::log

#include "ui/log/proof_check.h"

#include "ui/link/kept.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::Proved;

constexpr int kPatience = 30'000;  // ms: it takes a few

}  // namespace

ProofCheck::ProofCheck(link::Link& link, QObject* parent) : QObject(parent), link_(link), program_(this) {
    patience_.setSingleShot(true);
    patience_.setInterval(kPatience);
    connect(&patience_, &QTimer::timeout, &program_, &parts::Program::cancel);
}

void ProofCheck::begin() {
    running_ = true;
    ++order_;
    proof_.clear();
    emit changed();
}

void ProofCheck::check_file(const QString& file, const QString& leaf) {
    if (running_) return;
    begin();
    look_for_key(file, leaf);
}

void ProofCheck::prove(std::uint64_t index, const QString& leaf) {
    if (running_) return;
    begin();
    link::pb::AdminRequest request;
    request.mutable_audit_prove()->set_index(index);
    ticket_ = link_.read(this, std::move(request), [this, leaf](base::Result<link::pb::AdminReply> reply) {
        ticket_ = 0;
        if (!reply) return end(reply.error().code == base::Code::not_found ? parts::verdict_of_event(Proved::unknown, parts::text(reply.error().message)) : parts::verdict_of_error(reply.error()));
        proof_ = QByteArray::fromStdString(reply->audit_prove().file());
        put_aside(leaf);
    });
}

void ProofCheck::put_aside(const QString& leaf) {
    parts::put_aside(QStringLiteral("event.proof"), proof_).then(this, [this, leaf, order = order_](const base::Result<parts::AsideFile>& file) {
        if (!running_ || order != order_) return;
        if (!file) return end(parts::verdict_of_event(Proved::unknown, parts::text(file.error().message)));
        aside_ = *file;
        look_for_key(aside_.path, leaf);
    });
}

void ProofCheck::look_for_key(const QString& file, const QString& leaf) {
    link::read_kept(link_.address().known).then(this, [this, file, leaf, order = order_](const link::Kept& kept) {
        if (!running_ || order != order_) return;
        if (!kept.key.empty()) return run(file, leaf, parts::text(kept.key));
        end(parts::verdict_of_event(Proved::unknown, kept.trouble.isEmpty() ? tr("This computer knows no key of the log yet: it comes with the first checkpoint.") : kept.trouble));
    });
}

void ProofCheck::run(const QString& file, const QString& leaf, const QString& key) {
    QStringList words{QStringLiteral("verify-proof"), QStringLiteral("--key"), key};
    if (!leaf.isEmpty()) words << QStringLiteral("--leaf-hash") << leaf;
    words << QStringLiteral("--") << file;
    patience_.start();
    program_.run(QStringLiteral("kmp-audit"), words, [this](const parts::Program::Ended& ended) {
        const bool in_time = patience_.isActive();
        patience_.stop();
        if (ended.cancelled && in_time) return end(parts::verdict_of_error({base::Code::cancelled, "cancelled", 0}));
        if (!ended.done || (ended.code != 0 && ended.code != 1)) return end(parts::verdict_of_event(Proved::unknown, ended.line.isEmpty() ? tr("kmp-audit ended before it had an answer.") : ended.line));
        end(ended.code == 0 ? parts::verdict_of_event(Proved::holds, QString::fromUtf8(ended.out).trimmed()) : parts::verdict_of_event(Proved::fails, ended.line));
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

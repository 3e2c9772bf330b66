#include "ui/log/proof_check.h"

#include <QtConcurrent>

#include "ui/parts/words.h"
#include "wire/known_log.h"

namespace ui::log {
namespace {

constexpr int kPatience = 30'000;  // ms: it takes a few

struct Key {
    QString key;
    QString trouble;
};

Key key_of(const link::Known& known) {
    const auto log = wire::KnownLog::open(known.file, known.key);
    if (!log) return {{}, parts::text(log.error().message)};
    return {parts::text(log->key()), {}};
}

}  // namespace

ProofCheck::ProofCheck(link::Link& link, QObject* parent) : QObject(parent), link_(link), program_(this) {
    patience_.setSingleShot(true);
    patience_.setInterval(kPatience);
    connect(&patience_, &QTimer::timeout, &program_, &parts::Program::cancel);
}

void ProofCheck::begin(const QString& file, const QString& leaf) {
    if (is_running()) return;
    looking_ = true;
    QtConcurrent::run([known = link_.address().known] { return key_of(known); }).then(this, [this, file, leaf](const Key& found) {
        looking_ = false;
        if (!found.key.isEmpty()) return run(file, leaf, found.key);
        end(Verdict::unknown, found.trouble.isEmpty() ? tr("This computer knows no key of the log yet: it comes with the first checkpoint.") : found.trouble);
    });
}

void ProofCheck::run(const QString& file, const QString& leaf, const QString& key) {
    QStringList words{QStringLiteral("verify-proof"), QStringLiteral("--key"), key};
    if (!leaf.isEmpty()) words << QStringLiteral("--leaf-hash") << leaf;
    words << QStringLiteral("--") << file;
    patience_.start();
    program_.run(QStringLiteral("kmp-audit"), words, [this](const parts::Program::Ended& ended) {
        patience_.stop();
        if (!ended.done || (ended.code != 0 && ended.code != 1)) return end(Verdict::unknown, ended.line.isEmpty() ? tr("kmp-audit ended before it had an answer.") : ended.line);
        end(ended.code == 0 ? Verdict::holds : Verdict::fails, ended.code == 0 ? QString::fromUtf8(ended.out).trimmed() : ended.line);
    });
}

void ProofCheck::end(Verdict verdict, const QString& line) {
    line_ = line;
    emit finished(verdict);
}

}  // namespace ui::log

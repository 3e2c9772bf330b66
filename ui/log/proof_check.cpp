#include "ui/log/proof_check.h"

#include <QProcess>
#include <QTimer>
#include <QtConcurrent>

#include "ui/parts/program.h"
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

ProofCheck::ProofCheck(link::Link& link, QObject* parent) : QObject(parent), link_(link) {}

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
    process_ = new QProcess(this);
    QStringList words{QStringLiteral("verify-proof"), QStringLiteral("--key"), key};
    if (!leaf.isEmpty()) words << QStringLiteral("--leaf-hash") << leaf;
    words << QStringLiteral("--") << file;
    connect(process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) end(Verdict::unknown, tr("kmp-audit does not stand beside this program: %1").arg(process_->errorString()));
    });
    connect(process_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        const QString said = QString::fromUtf8(process_->readAllStandardOutput()).trimmed();
        const QString complained = QString::fromUtf8(process_->readAllStandardError()).trimmed();
        if (status != QProcess::NormalExit || (code != 0 && code != 1)) return end(Verdict::unknown, complained.isEmpty() ? tr("kmp-audit ended before it had an answer.") : complained);
        end(code == 0 ? Verdict::holds : Verdict::fails, code == 0 ? said : complained);
    });
    QTimer::singleShot(kPatience, process_, [process = process_] { process->kill(); });
    process_->start(parts::program(QStringLiteral("kmp-audit")), words);
}

void ProofCheck::end(Verdict verdict, const QString& line) {
    if (process_ != nullptr) {
        process_->disconnect(this);
        process_->deleteLater();
        process_ = nullptr;
    }
    line_ = line;
    emit finished(verdict);
}

}  // namespace ui::log

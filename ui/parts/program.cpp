#include "ui/parts/program.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QProcess>

#include "ui/parts/words.h"

namespace ui::parts {
namespace {

constexpr int kPatience = 3000;               // ms from SIGTERM to SIGKILL
constexpr qsizetype kMostOutput = 32 << 20;  // far above the longest document of ours
constexpr qsizetype kMostErrors = 64 << 10;

/// It stands beside this one; or, where this one was built into a folder of its own, in the one that KMP_BIN_DIR names.
QString path_of(const QString& name) {
    const QString beside = QCoreApplication::applicationDirPath() + QLatin1Char('/') + name;
    const QString built = qEnvironmentVariable("KMP_BIN_DIR");
    return built.isEmpty() || QFileInfo::exists(beside) ? beside : built + QLatin1Char('/') + name;
}

}  // namespace

Program::Program(QObject* parent) : QObject(parent), process_(new QProcess(this)) {
    patience_.setSingleShot(true);
    patience_.setInterval(kPatience);
    connect(&patience_, &QTimer::timeout, process_, &QProcess::kill);
    process_->setStandardInputFile(QProcess::nullDevice());
    connect(process_, &QProcess::started, this, [this] {
        if (cancelled_) process_->terminate();
    });
    connect(process_, &QProcess::readyReadStandardOutput, this, [this] {
        out_ += process_->readAllStandardOutput();
        if (out_.size() > kMostOutput) process_->kill();
    });
    connect(process_, &QProcess::readyReadStandardError, this, [this] { errors_ = (errors_ + process_->readAllStandardError()).right(kMostErrors); });
    connect(process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) end({false, cancelled_, -1, {}, tr("%1 does not stand beside this program: %2").arg(process_->program(), process_->errorString())});
    });
    connect(process_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        out_ += process_->readAllStandardOutput();
        const QString line = text((errors_ + process_->readAllStandardError()).right(kMostErrors).toStdString()).trimmed();
        const bool done = status == QProcess::NormalExit && !cancelled_;
        end({done, cancelled_, code, std::move(out_), done || !line.isEmpty() ? line : tr("%1 ended before it was done").arg(process_->program())});
    });
}

Program::~Program() {
    done_ = {};
    process_->disconnect(this);
    if (process_->state() == QProcess::NotRunning) return;
    // Its end is not waited for, as ~QProcess would, for half a minute: one that hangs in the kernel is deaf to this.
    process_->setParent(nullptr);
    connect(process_, &QProcess::finished, process_, &QObject::deleteLater);
    connect(process_, &QProcess::errorOccurred, process_, [process = process_](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) process->deleteLater();
    });
    process_->kill();
}

void Program::run(const QString& name, const QStringList& arguments, Done done) {
    done_ = std::move(done);
    cancelled_ = false;
    out_.clear();
    errors_.clear();
    process_->start(path_of(name), arguments);
}

void Program::cancel() {
    if (!is_running()) return;
    cancelled_ = true;
    patience_.start();
    // Until it has begun it is still this program, in a second process.
    if (process_->state() == QProcess::Running) process_->terminate();
}

void Program::end(Ended ended) {
    patience_.stop();
    if (!done_) return;
    const Done done = std::move(done_);
    done_ = {};
    done(ended);
}

}  // namespace ui::parts

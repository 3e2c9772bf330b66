#include "tests/ui/platform.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <QAbstractItemModel>
#include <QAbstractItemView>
#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QFileDialog>
#include <QJsonArray>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QTest>
#include <csignal>

#include "ui/parts/deed_form.h"
#include "wire/known_log.h"

namespace {

constexpr int kPatience = 60000;  // ms that anything may take on a busy machine
const QString kPython = QStringLiteral("/usr/bin/python3");

QString program(const char* name) { return QStringLiteral(KMP_BIN_DIR "/") + QLatin1String(name); }

QProcessEnvironment environment() {
    QProcessEnvironment out = QProcessEnvironment::systemEnvironment();
    out.insert(QStringLiteral("KMP_BIN_DIR"), QStringLiteral(KMP_BIN_DIR));
    out.insert(QStringLiteral("PYTHONDONTWRITEBYTECODE"), QStringLiteral("1"));
    return out;
}

bool shows(const QAbstractItemModel* model, const QString& text) {
    for (int r = 0; r < std::min(model->rowCount(), 500); ++r)
        for (int c = 0; c < model->columnCount(); ++c)
            if (model->index(r, c).data().toString().contains(text)) return true;
    return false;
}

}  // namespace

QString Platform::pin(const QString& role) {
    static const std::map<QString, QString> all{{QStringLiteral("platform"), QStringLiteral("pf-pin-4711-ocean")}, {QStringLiteral("master"), QStringLiteral("mc-pin-0815-harbour")}, {QStringLiteral("key"), QStringLiteral("ky-pin-2342-granite")},
                                                {QStringLiteral("user"), QStringLiteral("us-pin-9977-lantern")}, {QStringLiteral("auditor"), QStringLiteral("au-pin-1203-cedar")}};
    return all.at(role);
}

QString Platform::officer_pin(int number) { return QStringLiteral("of-pin-%1-%2-juniper").arg(number).arg(number * 7919); }

Platform::Platform(const QString& kind) {
    QDir().mkpath(home() + QStringLiteral("/readers"));
    QDir().mkpath(folder() + QStringLiteral("/away"));
    qputenv("XDG_STATE_HOME", (folder() + QStringLiteral("/state")).toUtf8());
    qputenv("XDG_CONFIG_HOME", (folder() + QStringLiteral("/config")).toUtf8());
    QDir().mkpath(folder() + QStringLiteral("/tmp"));
    if (kind == QStringLiteral("empty")) {
        start();
        return;
    }
    QDir(home()).removeRecursively();
    QProcess made;
    made.setProcessEnvironment(environment());
    made.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    made.start(kPython, {QStringLiteral(KMP_SOURCE_DIR "/tests/ui/made_platform.py"), kind, folder()});
    if (!made.waitForFinished(3 * kPatience) || made.exitCode() != 0) throw std::runtime_error("no platform could be made");
    const QJsonObject serials = QJsonDocument::fromJson(made.readAllStandardOutput()).object();
    for (auto at = serials.begin(); at != serials.end(); ++at) serials_[at.key()] = at.value().toString();
    // Its own from here on: what is left there can be looked for. Before, made platforms are shared by all tests.
    qputenv("TMPDIR", (folder() + QStringLiteral("/tmp")).toUtf8());
    start();
    unseal();
}

Platform::~Platform() {
    stop();
    qunsetenv("TMPDIR");
}

void Platform::start() {
    kmpd_ = std::make_unique<QProcess>();
    kmpd_->setStandardOutputFile(folder() + QStringLiteral("/kmpd.log"), QIODevice::Append);
    kmpd_->setStandardErrorFile(folder() + QStringLiteral("/kmpd.log"), QIODevice::Append);
    // A test that crashes stops nothing itself.
    kmpd_->setChildProcessModifier([] { prctl(PR_SET_PDEATHSIG, SIGTERM); });
    kmpd_->start(program("kmpd"), {QStringLiteral("--home"), home()});
    const QString socket = home() + QStringLiteral("/run/admin.sock");
    ASSERT_TRUE(QTest::qWaitFor([&] { return QFile::exists(socket); }, kPatience)) << "kmpd does not listen";
}

void Platform::stop() {
    if (!kmpd_) return;
    kmpd_->terminate();
    if (!kmpd_->waitForFinished(kPatience)) kmpd_->kill();
    kmpd_->waitForFinished(kPatience);
    kmpd_.reset();
}

void Platform::unseal() {
    ASSERT_TRUE(QTest::qWaitFor(
        [&] {
            for (const QJsonValue reader : status()[QStringLiteral("readers")].toArray())
                if (reader[QStringLiteral("name")].toString() == QStringLiteral("platform") && reader[QStringLiteral("content")].toString() == QStringLiteral("ukey")) return true;
            return false;
        },
        kPatience))
        << "the platform UKEY is not ready";
    ctl({QStringLiteral("unseal")}, {{QStringLiteral("platform"), pin(QStringLiteral("platform"))}});
}

QByteArray Platform::ctl(const QStringList& arguments, const std::map<QString, QString>& pins) {
    QStringList words{QStringLiteral("--home"), home(), QStringLiteral("--json")};
    std::vector<int> ends;
    for (const auto& [role, pin] : pins) {
        int pipe_ends[2];
        if (pipe(pipe_ends) != 0) return {};
        const QByteArray line = pin.toUtf8() + '\n';
        (void)!write(pipe_ends[1], line.constData(), static_cast<std::size_t>(line.size()));
        close(pipe_ends[1]);
        ends.push_back(pipe_ends[0]);
        words << QStringLiteral("--pin-fd") << role + QLatin1Char('=') + QString::number(pipe_ends[0]);
    }
    QProcess run;
    run.setProcessEnvironment(environment());
    run.start(program("kmpctl"), words + arguments);
    // The window lives on while kmpctl works.
    while (run.state() != QProcess::NotRunning) QTest::qWait(10);
    for (const int end : ends) close(end);
    EXPECT_EQ(run.exitCode(), 0) << arguments.join(QLatin1Char(' ')).toStdString() << ": " << run.readAllStandardError().toStdString();
    return run.readAllStandardOutput();
}

QJsonDocument Platform::status() { return QJsonDocument::fromJson(ctl({QStringLiteral("status")})); }

QByteArray Platform::newest_request() {
    qint64 newest = 0;
    const QJsonDocument list = QJsonDocument::fromJson(ctl({QStringLiteral("request"), QStringLiteral("list")}));
    for (const QJsonValue request : list[QStringLiteral("requests")].toArray()) newest = std::max(newest, request[QStringLiteral("number")].toInteger());
    return ctl({QStringLiteral("request"), QStringLiteral("show"), QString::number(newest)});
}

void Platform::plug_in_blank(const QString& reader) { QDir().mkdir(home() + QStringLiteral("/readers/") + reader); }

void Platform::pull(const QString& reader) { ASSERT_TRUE(QFile::rename(home() + QStringLiteral("/readers/") + reader, folder() + QStringLiteral("/away/") + reader)); }

void Platform::plug_in(const QString& reader) { ASSERT_TRUE(QFile::rename(folder() + QStringLiteral("/away/") + reader, home() + QStringLiteral("/readers/") + reader)); }

ui::link::Address Platform::address() const {
    const std::string home_folder = home().toStdString();
    return {home_folder, home_folder + "/run/admin.sock", {(folder() + QStringLiteral("/state/kmp-console/log")).toStdString(), {}}};
}

Desk::Desk(const Platform& platform) : link_(platform.address()) {
    QApplication::setDoubleClickInterval(0);  // tests read faster than people: a wizard must not wait for them
    language_.set(QStringLiteral("en"));
    window_ = std::make_unique<ui::window::MainWindow>(link_, language_);
    link_.start();
    window_->show();
}

bool Desk::comes_to(ui::link::Link::State state) {
    return QTest::qWaitFor([&] { return link_.state() == state; }, kPatience);
}

void Desk::type(QWidget* field, const QString& text) {
    ASSERT_NE(field, nullptr);
    field->setFocus();
    QTest::keyClicks(field, text);
}

void Desk::click(QWidget* button) {
    ASSERT_NE(button, nullptr);
    EXPECT_TRUE(button->isEnabled()) << button->objectName().toStdString() << " cannot be clicked";
    QTest::mouseClick(button, Qt::LeftButton);
}

QPushButton* Desk::act() { return dialog()->findChild<QPushButton*>(QStringLiteral("act")); }

void Desk::act_with(const QString& role, const QString& pin) {
    enter(role, pin);
    click(act());
}

void Desk::push(const QString& name) {
    ASSERT_TRUE(QTest::qWaitFor([&] { return find<QPushButton>(name) != nullptr && find<QPushButton>(name)->isEnabled(); }, kPatience)) << name.toStdString() << " cannot be clicked";
    // Where it lies in a scroll area it may be out of sight.
    find<QPushButton>(name)->click();
}

void Desk::next() {
    auto* button = find<QWidget>(QStringLiteral("next"));
    ASSERT_NE(button, nullptr);
    ASSERT_TRUE(QTest::qWaitFor([&] { return button->isEnabled(); }, kPatience)) << button->toolTip().toStdString();
    click(button);
    QTest::qWait(1);  // fields that were just made are shown by an event
}

void Desk::type_twice(const QString& role, const QString& pin) {
    enter(role, pin);
    type(find<QWidget>(QStringLiteral("pin_again_") + role), pin);
}

bool Desk::says(const QString& text, int ms) {
    return QTest::qWaitFor(
        [&] {
            for (QWidget* top : QApplication::topLevelWidgets()) {
                for (const QLabel* label : top->findChildren<QLabel*>())
                    if (label->isVisible() && label->text().contains(text)) return true;
                for (const QAbstractItemView* view : top->findChildren<QAbstractItemView*>())
                    if (view->isVisible() && view->model() != nullptr && shows(view->model(), text)) return true;
            }
            return false;
        },
        ms);
}

bool Desk::did(const QString& text) {
    const auto done = [this] {
        for (const ui::parts::DeedForm* form : window_->findChildren<ui::parts::DeedForm*>())
            if (form->isVisible() && form->is_done()) return true;
        return false;
    };
    return QTest::qWaitFor(done, kPatience) && says(text, 0);
}

void Desk::choose(const QString& file) {
    QDialog* open = dialog();
    ASSERT_NE(qobject_cast<QFileDialog*>(open), nullptr);
    open->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(file);
    open->accept();
}

QDialog* Desk::dialog() {
    QDialog* found = nullptr;
    EXPECT_TRUE(QTest::qWaitFor(
        [&] {
            for (QDialog* d : window_->findChildren<QDialog*>())
                if (d->isVisible()) found = d;
            return found != nullptr;
        },
        5000))
        << "no dialog is open";
    return found;
}

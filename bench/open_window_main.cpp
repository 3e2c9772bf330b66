// Opens the window as kmp-console does, on a running platform, and tells how long it took from the start of the program until every UKEY stands in the list and was painted, and how much memory it has then.
#include <time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QPixmap>
#include <QTableView>
#include <QTemporaryDir>
#include <QTimer>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ui/link/link.h"
#include "ui/parts/style.h"
#include "ui/window/language.h"
#include "ui/window/main_window.h"

namespace {

constexpr int kPatience = 60'000;  // ms
constexpr const char* kStarted = "KMP_OPEN_WINDOW_STARTED";

double now_ms() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

double resident_mib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return static_cast<double>(std::stol(line.substr(6))) / 1024;
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::string home;
    int ukeys = 0;
    CLI::App app("Opens the window on a running platform, and tells how long that took", "kmp-open-window");
    app.add_option("--home", home, "The platform's home folder")->required();
    app.add_option("--ukeys", ukeys, "So many UKEYs must stand in the list")->required()->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    if (std::getenv(kStarted) == nullptr) {
        // Once more, so that loading the program and its libraries counts.
        setenv(kStarted, std::to_string(now_ms()).c_str(), 1);
        setenv("QT_QPA_PLATFORM", "offscreen", 1);
        execv("/proc/self/exe", argv);
        return 1;
    }
    const double started = std::atof(std::getenv(kStarted));
    const QTemporaryDir own;
    qputenv("XDG_CONFIG_HOME", own.path().toUtf8());
    QCoreApplication::setOrganizationName(QStringLiteral("kmp"));
    QCoreApplication::setApplicationName(QStringLiteral("kmp-open-window"));
    QApplication qt(argc, argv);
    QApplication::setStyle(new ui::parts::Style);
    ui::window::Language language(&qt);
    language.set(QStringLiteral("en"));
    ui::link::Link link({home, home + "/run/admin.sock", {(own.path() + QStringLiteral("/log")).toStdString(), {}}});
    ui::window::MainWindow window(link, language);
    window.go_to(QStringLiteral("ukeys"));
    link.start();
    window.show();
    const double shown = now_ms() - started;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &qt, [&] {
        const auto* table = window.findChild<QTableView*>(QStringLiteral("ukeys"));
        if (now_ms() - started > kPatience) QCoreApplication::exit(1);
        if (table == nullptr || !table->isVisible() || table->model()->rowCount() < ukeys) return;
        QPixmap screen(window.size());
        window.render(&screen);
        const nlohmann::ordered_json out{{"ukeys", table->model()->rowCount()}, {"window_ms", shown}, {"list_ms", now_ms() - started}, {"rss_mib", resident_mib()}};
        std::printf("%s\n", out.dump(2).c_str());
        QCoreApplication::exit(0);
    });
    look.start(5);
    return QApplication::exec();
}

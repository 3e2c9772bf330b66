#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <QApplication>
#include <QSettings>
#include <chrono>
#include <filesystem>
#include <thread>

#include "ui/parts/pin_field.h"

namespace {

/// Qt takes a thread for ended before what it kept for itself is freed (OpenSSL's errors), and a leak check would take that for lost.
void let_threads_end() {
    using namespace std::chrono_literals;
    const auto threads = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}); };
    for (int i = 0; i < 50 && threads() > 1; ++i) std::this_thread::sleep_for(10ms);
}

}  // namespace

/// Tests of the window run without a screen, each in a process of its own (ctest).
int main(int argc, char** argv) {
    google::protobuf::SetLogHandler(nullptr);
    testing::InitGoogleTest(&argc, argv);
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication::setOrganizationName(QStringLiteral("kmp"));
    QApplication::setApplicationName(QStringLiteral("kmp-console"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    int result = 0;
    {
        QApplication app(argc, argv);
        ui::parts::make_pin_fields_accessible();
        result = RUN_ALL_TESTS();
    }
    let_threads_end();
    return result;
}

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <QApplication>
#include <QSettings>

#include "ui/parts/pin_field.h"

/// Tests of the window run without a screen, each in a process of its own (ctest).
int main(int argc, char** argv) {
    google::protobuf::SetLogHandler(nullptr);
    testing::InitGoogleTest(&argc, argv);
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication::setOrganizationName(QStringLiteral("kmp"));
    QApplication::setApplicationName(QStringLiteral("kmp-console"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QApplication app(argc, argv);
    ui::parts::make_pin_fields_accessible();
    return RUN_ALL_TESTS();
}

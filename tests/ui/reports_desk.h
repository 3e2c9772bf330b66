#pragma once
#include <gtest/gtest.h>

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

#include "tests/ui/platform.h"

inline constexpr int kReportsPatience = 60000;
/// A folder that nobody can write to, root neither.
inline const QString kNoPlace = QStringLiteral("/proc/self");

/// The window on its page Reports, with one of its tabs in front.
struct ReportsDesk : Desk {
    ReportsDesk(const Platform& platform, const QString& tab) : Desk(platform) {
        qputenv("KMP_BIN_DIR", KMP_BIN_DIR);
        EXPECT_TRUE(comes_to(ui::link::Link::State::open));
        window().go_to(QStringLiteral("reports"), tab);
    }
};

/// kmp-audit waits until it is let go; as it is while this lives.
struct SlowAudit {
    explicit SlowAudit(const Platform& platform) : folder(platform.folder() + QStringLiteral("/slow")) {
        EXPECT_TRUE(QDir().mkpath(folder));
        QFile script(folder + QStringLiteral("/kmp-audit"));
        EXPECT_TRUE(script.open(QIODevice::WriteOnly));
        script.write("#!/bin/sh\nwhile [ ! -e '" + folder.toUtf8() + "/go' ]; do sleep 0.05; done\nexec " KMP_BIN_DIR "/kmp-audit \"$@\"\n");
        script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        qputenv("KMP_BIN_DIR", folder.toUtf8());
    }
    ~SlowAudit() { qputenv("KMP_BIN_DIR", KMP_BIN_DIR); }
    void go() const { EXPECT_TRUE(QFile(folder + QStringLiteral("/go")).open(QIODevice::WriteOnly)); }
    QString folder;
};

inline QByteArray content(const QString& path) {
    QFile file(path);
    EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << path.toStdString();
    return file.readAll();
}

inline QStringList reports_in_tmp() { return QDir(QDir::tempPath()).entryList({QStringLiteral("kmp-report-*")}); }

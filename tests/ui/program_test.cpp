// Programs of ours that the window starts, with scripts in their place.
#include <gtest/gtest.h>

#include <QElapsedTimer>
#include <QFile>
#include <QPointer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <memory>
#include <optional>

#include "ui/parts/program.h"

using ui::parts::Program;

namespace {

/// A folder of programs, found as those of a build are.
class Programs : public testing::Test {
protected:
    void SetUp() override {
        before_ = qgetenv("KMP_BIN_DIR");
        qputenv("KMP_BIN_DIR", folder_.path().toUtf8());
    }
    void TearDown() override { qputenv("KMP_BIN_DIR", before_); }

    void write(const QString& name, const QByteArray& script) {
        QFile file(folder_.filePath(name));
        ASSERT_TRUE(file.open(QIODevice::WriteOnly));
        file.write("#!/bin/sh\n" + script);
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }

    Program::Ended run(const QString& name, int cancel_after = -1) {
        std::optional<Program::Ended> out;
        program_.run(name, {}, [&](const Program::Ended& ended) { out = ended; });
        EXPECT_TRUE(program_.is_running());
        if (cancel_after >= 0) QTimer::singleShot(cancel_after, &program_, &Program::cancel);
        EXPECT_TRUE(QTest::qWaitFor([&] { return out.has_value(); }, 30000));
        EXPECT_FALSE(program_.is_running());
        return out.value_or(Program::Ended{});
    }

private:
    QTemporaryDir folder_;
    QByteArray before_;
    Program program_{nullptr};
};

}  // namespace

TEST_F(Programs, what_it_says_and_how_it_ended_come_apart) {
    write("sound", "echo yes; exit 0\n");
    write("doubtful", "echo no; echo 'it does not hold' >&2; exit 1\n");
    const Program::Ended sound = run("sound");
    EXPECT_TRUE(sound.done);
    EXPECT_EQ(sound.code, 0);
    EXPECT_EQ(sound.out, "yes\n");
    const Program::Ended doubtful = run("doubtful");
    EXPECT_TRUE(doubtful.done);
    EXPECT_EQ(doubtful.code, 1);
    EXPECT_EQ(doubtful.line, "it does not hold");
    EXPECT_EQ(doubtful.out, "no\n") << "nothing of the run before";
}

TEST_F(Programs, one_that_is_not_there_or_dies_is_told_in_a_line) {
    const Program::Ended missing = run("missing");
    EXPECT_FALSE(missing.done);
    EXPECT_TRUE(missing.line.contains("missing does not stand beside this program")) << missing.line.toStdString();
    write("dies", "kill -9 $$\n");
    const Program::Ended died = run("dies");
    EXPECT_FALSE(died.done);
    EXPECT_TRUE(died.line.contains("ended before it was done")) << died.line.toStdString();
}

TEST_F(Programs, one_that_is_cancelled_ends_although_it_does_not_listen) {
    write("deaf", "trap '' TERM\nwhile :; do :; done\n");
    QElapsedTimer took;
    took.start();
    const Program::Ended ended = run("deaf", 200);
    EXPECT_FALSE(ended.done);
    EXPECT_TRUE(ended.cancelled);
    EXPECT_LT(took.elapsed(), 20000);
}

TEST_F(Programs, one_that_is_cancelled_before_it_has_begun_ends_too) {
    write("slow", "exec sleep 60\n");
    const Program::Ended ended = run("slow", 0);
    EXPECT_FALSE(ended.done);
    EXPECT_TRUE(ended.cancelled);
}

TEST_F(Programs, one_that_is_left_alone_is_ended_and_not_waited_for) {
    write("deaf", "trap '' TERM\nwhile :; do :; done\n");
    auto program = std::make_unique<Program>(nullptr);
    program->run("deaf", {}, [](const Program::Ended&) { ADD_FAILURE() << "nobody is there to be told"; });
    const QPointer<QProcess> process = program->findChild<QProcess*>();
    ASSERT_TRUE(process);
    ASSERT_TRUE(QTest::qWaitFor([&] { return process->state() == QProcess::Running; }, 30000));
    program.reset();
    EXPECT_TRUE(process) << "it was waited for";
    EXPECT_TRUE(QTest::qWaitFor([&] { return process.isNull(); }, 30000)) << "it lives on";
}

TEST_F(Programs, one_that_never_stops_talking_is_stopped) {
    write("endless", "exec yes\n");
    const Program::Ended ended = run("endless");
    EXPECT_FALSE(ended.done);
    EXPECT_FALSE(ended.cancelled);
}

// What is told when work on another thread is done. No service.
#include <gtest/gtest.h>

#include <QSemaphore>
#include <QTest>
#include <QThread>
#include <QtConcurrent>
#include <memory>

#include "ui/link/after.h"

using ui::link::after;

TEST(After, what_was_found_is_told_once_in_the_thread_of_the_home_and_never_at_once) {
    QObject home;
    int told = 0;
    QThread* in = nullptr;
    auto ready = QtConcurrent::run([] { return std::string("found"); });
    ready.waitForFinished();
    after(ready, &home, [&](const std::string& found) {
        EXPECT_EQ(found, "found");
        in = QThread::currentThread();
        ++told;
    });
    EXPECT_EQ(told, 0) << "whoever asks is not told in the middle of it";
    ASSERT_TRUE(QTest::qWaitFor([&] { return told > 0; }));
    QTest::qWait(20);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(in, QThread::currentThread());
    EXPECT_TRUE(home.children().isEmpty()) << "nothing is left of it";
    after(QtConcurrent::run([] {}), &home, [&] { ++told; });
    EXPECT_TRUE(QTest::qWaitFor([&] { return told == 2; })) << "of work without a result too";
}

TEST(After, a_home_that_goes_meanwhile_is_not_told) {
    QSemaphore go;
    auto home = std::make_unique<QObject>();
    auto work = QtConcurrent::run([&] {
        go.acquire();
        return 1;
    });
    after(work, home.get(), [](int) { ADD_FAILURE() << "nobody is there"; });
    home.reset();
    go.release();
    work.waitForFinished();
    QTest::qWait(20);
}

#include "ui/window/end_signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <QSocketNotifier>
#include <array>
#include <csignal>

namespace ui::window {
namespace {

std::array<int, 2> pipe_ends{-1, -1};

void on_signal(int) {
    const char byte = 0;
    (void)!write(pipe_ends[1], &byte, 1);
}

}  // namespace

EndSignals::EndSignals(QObject* parent) : QObject(parent) {
    if (pipe2(pipe_ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
    auto* notifier = new QSocketNotifier(pipe_ends[0], QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, [this, notifier] {
        notifier->setEnabled(false);
        emit came();
    });
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) std::signal(number, on_signal);
}

}  // namespace ui::window

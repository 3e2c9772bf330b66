// Scrolls through a long log in the window's table, without a screen and without a service: how long the slowest frame took, and how much memory the process has then.
#include <CLI/CLI.hpp>
#include <QApplication>
#include <QElapsedTimer>
#include <QPixmap>
#include <QScrollBar>
#include <QThread>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "ui/log/log_model.h"
#include "ui/log/log_table.h"
#include "ui/window/language.h"

namespace {

namespace pb = ui::log::pb;

struct Arguments {
    std::uint64_t events = 1'000'000;
    int steps = 2000;
    int latency_ms = 2;  ///< of the service's answers
    std::string language = "en";
};

pb::AuditEvent event(std::uint64_t index) {
    pb::AuditEvent out;
    const std::string number = std::to_string(100'000'000'000 + index % 1'000'000);
    out.set_index(index);
    out.set_time_ms(1'764'000'000'000 + static_cast<base::Millis>(index) * 37);
    out.set_type(index % 50 == 0 ? "order_refused" : "order");
    out.set_text("recharge of 50.00 yuan for meter " + number + " by station station-" + std::to_string(index % 40) + " with UKEY US-EF0D5D8B, purchase count " + std::to_string(index % 90));
    out.set_json("{\"index\":" + std::to_string(index) + ",\"time\":\"2025-11-24T16:00:00.000Z\",\"type\":\"" + out.type() + "\",\"uid\":997,\"pid\":4711,\"session\":12,\"ukey\":\"US-EF0D5D8B\",\"key_version\":1,\"station\":\"station-" + std::to_string(index % 40) +
                 "\",\"meter\":\"" + number + "\",\"order_id\":\"0192f0c1-a2b3-7c4d-8e5f-60718293a4b5\",\"operation\":\"recharge\",\"amount\":5000,\"count\":" + std::to_string(index % 90) + ",\"r2\":\"01020304\",\"content_hash\":\"" + std::string(64, 'a') + "\",\"grant_number\":1}");
    out.set_leaf_hash(std::string(32, 'h'));
    return out;
}

/// As kmpd answers: no more than a frame holds.
ui::log::Source made_up(const Arguments& a) {
    constexpr std::size_t kFrame = 48 * 1024;
    ui::log::Source out;
    out.ask = [a](QObject* owner, const pb::AuditList& request, ui::log::Source::Done done) {
        QTimer::singleShot(a.latency_ms, owner, [a, request, done = std::move(done)] {
            pb::AuditListReply reply;
            std::uint64_t i = request.first();
            for (std::size_t bytes = 0; i < a.events && i < request.first() + request.limit() && bytes < kFrame; ++i) {
                *reply.add_events() = event(i);
                bytes += reply.events(reply.events_size() - 1).ByteSizeLong();
            }
            reply.set_size(a.events);
            reply.set_next(i);
            reply.set_end(i == a.events);
            done(std::move(reply));
        });
        return ui::link::Line::Ticket{1};
    };
    out.cancel = [](ui::link::Line::Ticket) {};
    return out;
}

long resident_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
    return 0;
}

/// What happens between a turn of the wheel and the next: what came is taken, and the table painted.
double frame(ui::log::LogTable& table, QPixmap& screen, int row) {
    QElapsedTimer timer;
    timer.start();
    table.verticalScrollBar()->setValue(row);
    QApplication::processEvents();
    table.render(&screen);
    return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments a;
    CLI::App app("Scrolls through a long log in the window's table", "kmp-scroll");
    app.add_option("--events", a.events, "In the log")->check(CLI::Range(1'000, 50'000'000))->capture_default_str();
    app.add_option("--steps", a.steps, "Frames, half of them by a page, half by a jump")->check(CLI::Range(10, 1'000'000))->capture_default_str();
    app.add_option("--latency", a.latency_ms, "Milliseconds that the service takes to answer")->check(CLI::Range(0, 1000))->capture_default_str();
    app.add_option("--language", a.language, "Of the window")->check(CLI::IsMember({"en", "zh_CN"}))->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QCoreApplication::setOrganizationName(QStringLiteral("kmp"));
    QCoreApplication::setApplicationName(QStringLiteral("kmp-scroll"));
    QApplication qt(argc, argv);
    ui::window::Language language(nullptr);
    language.set(QString::fromStdString(a.language));
    const long before = resident_kib();
    ui::log::LogModel model(made_up(a));
    ui::log::LogTable table(model, nullptr);
    table.resize(1200, 800);
    table.show();
    QPixmap screen(table.size());
    QElapsedTimer opening;
    opening.start();
    model.set_size(a.events, 0);
    std::vector<double> frames{frame(table, screen, 0)};
    const double opened = static_cast<double>(opening.nsecsElapsed()) / 1e6;
    const int rows = model.rowCount();
    for (int step = 1; step <= a.steps; ++step) {
        const int row = step % 2 == 0 ? static_cast<int>(static_cast<std::int64_t>(rows) * step / a.steps) : table.verticalScrollBar()->value() + table.verticalScrollBar()->pageStep();
        frames.push_back(frame(table, screen, row));
        QThread::msleep(1);
    }
    // New events at the top, as they come while somebody stands there.
    model.set_size(a.events + 100, 0);
    QElapsedTimer news;
    news.start();
    model.take_news();
    frame(table, screen, 0);
    const double taken = static_cast<double>(news.nsecsElapsed()) / 1e6;
    std::ranges::sort(frames);
    const nlohmann::ordered_json out{{"events", rows}, {"opened_ms", opened}, {"frame_p50_ms", frames[frames.size() / 2]}, {"frame_p99_ms", frames[frames.size() * 99 / 100]}, {"slowest_frame_ms", frames.back()},
                                     {"new_events_ms", taken}, {"pages_kept", model.cache().pages()}, {"rss_mib", static_cast<double>(resident_kib()) / 1024}, {"rss_before_mib", static_cast<double>(before) / 1024}};
    std::printf("%s\n", out.dump(2).c_str());
    return 0;
}

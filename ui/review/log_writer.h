#pragma once
#include <QObject>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/output_file.h"

namespace ui::review {

/// Writes what comes in into a file on a thread of its own: under its name whole or not at all. What it has to say is said in the thread of `home`, and not any more once it is left alone.
class LogWriter {
public:
    using Done = std::function<void(base::Result<std::uint64_t> bytes)>;
    using Open = base::Result<base::OutputFile> (*)(const std::string& name, unsigned mode);
    /// `room`: little waits to be written again. `done`: the file stands, or why not; once. `open` opens it, on the writer's thread.
    LogWriter(QObject* home, std::string file, std::function<void()> room, Done done, Open open = base::OutputFile::open_file);
    /// Removes a file that is not finished. Waits for the write that is under way: leave() does not.
    ~LogWriter();
    /// It is stopped and goes in its own time, on another thread; the program waits for it when it ends.
    static void leave(std::unique_ptr<LogWriter> writer);

    /// How much waits now, this included.
    std::size_t add(std::string piece);
    /// There is no more to come: the file gets its name.
    void finish();
    /// Nothing is to stand there. `done` says what came of it: cancelled, or that it was too late and the file stands.
    void stop();

    static constexpr std::size_t kMuch = 8 << 20;   ///< waits: take no more
    static constexpr std::size_t kLittle = 1 << 20;

private:
    void work();
    base::Result<std::uint64_t> write();
    bool next(std::string& piece);
    bool is_stopped();
    void be_silent();

    QObject* home_;
    std::string file_;
    std::function<void()> room_;
    Done done_;
    Open open_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> pieces_;
    std::size_t waiting_ = 0;
    bool was_much_ = false;
    bool finish_ = false;
    bool stop_ = false;
    bool silent_ = false;  ///< nobody is there to be told
    std::thread thread_;  ///< last: it uses all of these
};

}  // namespace ui::review

#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace kmp::service {

/// Lines of the service's log that strangers can cause: of each kind one at once, and then once a minute how many more there were. Whatever
/// they do, the log grows by a few lines a minute, and the counts in it are exact. The audit log gets an event for each such line.
/// Thread: one.
class RareLines {
public:
    using Clock = std::chrono::steady_clock;
    using Write = std::function<void(const std::string& line)>;
    /// What one line stands for: how many, when the first and the last of them came, and what is to be said of the last.
    struct Told {
        std::string_view kind;
        std::size_t count = 0;
        Clock::time_point first, last;
        const std::string& newest;
    };
    using Note = std::function<void(const Told&)>;
    explicit RareLines(Write write, Note note = [](const Told&) {}) : write_(std::move(write)), note_(std::move(note)) {}

    /// `kind`: one of a few fixed texts, in the plural ("clients turned away").
    void say(std::string_view kind, const std::string& text, Clock::time_point now = Clock::now());
    /// From time to time: what was held back for a minute is told.
    void tick(Clock::time_point now = Clock::now());
    /// At the end: all that was held back is told.
    void flush();

    static constexpr std::chrono::seconds kQuiet{60};

private:
    struct Kind {
        Clock::time_point told;
        std::size_t held_back = 0;
        Clock::time_point first, last;  ///< of these
        std::string newest;
    };
    void tell(const std::string& kind, Kind& state);
    Write write_;
    Note note_;
    std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace kmp::service

#include "kmp/service/rare_lines.h"

namespace kmp::service {

void RareLines::say(std::string_view kind, const std::string& text, Clock::time_point now) {
    const auto found = kinds_.find(kind);
    if (found != kinds_.end()) {
        Kind& state = found->second;
        if (state.held_back++ == 0) state.first = now;
        state.last = now;
        state.newest = text;
        return;
    }
    kinds_.emplace(kind, Kind{now, 0, {}, {}, {}});
    write_(text);
    note_({kind, 1, now, now, text});
}

void RareLines::tell(const std::string& kind, Kind& state) {
    if (state.held_back == 0) return;
    write_(kind + ": and " + std::to_string(state.held_back) + " more");
    note_({kind, state.held_back, state.first, state.last, state.newest});
    state.held_back = 0;
}

void RareLines::tick(Clock::time_point now) {
    for (auto k = kinds_.begin(); k != kinds_.end();) {
        Kind& state = k->second;
        if (now - state.told < kQuiet) {
            ++k;
            continue;
        }
        // A minute without any: the next one is news again.
        if (state.held_back == 0) {
            k = kinds_.erase(k);
            continue;
        }
        tell(k->first, state);
        state.told = now;
        ++k;
    }
}

void RareLines::flush() {
    for (auto& [kind, state] : kinds_) tell(kind, state);
}

}  // namespace kmp::service

#include "kmp/service/outlets.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/words.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using Steady = std::chrono::steady_clock;

namespace {
bool is_same(const Carrier& a, const Carrier& b) { return a.place() == b.place() && a.key() == b.key(); }
}  // namespace

struct Outlets::Core {
    Core(std::unique_ptr<Carrier> c, Settings s, std::shared_ptr<Past> p) : carrier(std::move(c)), settings(s), past(std::move(p)) {
        state.name = carrier->name();
        state.place = carrier->place();
    }

    const std::unique_ptr<Carrier> carrier;
    const Settings settings;
    const std::shared_ptr<Past> past;
    const base::SystemClock clock;

    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Outgoing> queue;
    OutletState state;
    std::vector<Cosignatures> cosigned;
    bool looked = false;  ///< or tried to
    bool stopping = false;
    bool ended = false;
    std::optional<Steady::time_point> busy_since;
    bool seen = false;    ///< the thread's own: what lies there does not contradict this log

    void push(const Outgoing& outgoing);
    OutletState now();
    base::Status turn(const std::optional<Outgoing>& outgoing);
    void report(const base::Status& outcome, const std::optional<Outgoing>& outgoing);
    void run();
};

void Outlets::Core::push(const Outgoing& outgoing) {
    const std::lock_guard lock(mutex);
    if (!carrier->all()) queue.clear();
    queue.push_back(outgoing);
    if (queue.size() > kMostWaiting) queue.pop_front();
    ++state.waiting;
    state.offered = outgoing.size;
    wake.notify_all();
}

OutletState Outlets::Core::now() {
    const std::lock_guard lock(mutex);
    OutletState out = state;
    if (busy_since && Steady::now() - *busy_since > settings.silence) out.problem = out.place + " does not answer";
    return out;
}

/// After a failure what lies there is looked at again: it may be another disk, or another witness.
base::Status Outlets::Core::turn(const std::optional<Outgoing>& outgoing) {
    if (!seen) {
        KMP_TRY(const std::vector<std::string> notes, carrier->look());
        for (const std::string& note : notes)
            if (auto held = past->hold(note, carrier->all() ? carrier->place() : "the witness " + carrier->name()); !held && held.error().code == Code::tampered) return std::move(held).error();
        seen = true;
    }
    if (!outgoing) return {};
    KMP_TRY(auto cosignatures, carrier->carry(*outgoing));
    const std::lock_guard lock(mutex);
    if (cosignatures) cosigned.push_back(std::move(*cosignatures));
    return {};
}

void Outlets::Core::report(const base::Status& outcome, const std::optional<Outgoing>& outgoing) {
    const std::lock_guard lock(mutex);
    busy_since.reset();
    looked = true;
    if (!outcome) {
        seen = false;
        if (stopping) return;
        ++state.failures;
        state.problem = outcome.error().message;
        if (outcome.error().code == Code::tampered) state.contradiction = state.problem;
    } else {
        state.problem.clear();
        if (outgoing) {
            state.size = outgoing->size;
            state.last = clock.now();
            if (!queue.empty() && queue.front().note == outgoing->note) queue.pop_front();
            state.waiting = queue.size();
        }
    }
    wake.notify_all();
}

void Outlets::Core::run() {
    auto delay = settings.first_retry;
    for (;;) {
        std::optional<Outgoing> outgoing;
        {
            const std::lock_guard lock(mutex);
            if (!queue.empty()) outgoing = queue.front();
            busy_since = Steady::now();
        }
        const base::Status outcome = turn(outgoing);
        report(outcome, outgoing);
        std::unique_lock lock(mutex);
        if (outcome) {
            delay = settings.first_retry;
            wake.wait(lock, [this] { return stopping || !queue.empty(); });
        } else {
            wake.wait_for(lock, delay, [this] { return stopping; });
            delay = std::min(delay * 2, settings.last_retry);
        }
        if (!stopping) continue;
        ended = true;
        wake.notify_all();
        return;
    }
}

Outlets::~Outlets() {
    end(cores_);
    const auto until = Steady::now() + kFarewell;
    for (const auto& [name, core] : cores_) {
        std::unique_lock lock(core->mutex);
        if (!core->wake.wait_until(lock, until, [&] { return core->ended; })) spdlog::error("{} does not answer: checkpoints for it were left behind", core->state.place);
    }
    past_->close();
}

void Outlets::end(const Cores& cores) {
    for (const auto& [name, core] : cores) {
        const std::lock_guard lock(core->mutex);
        core->stopping = true;
        core->carrier->stop();
        core->wake.notify_all();
    }
}

std::vector<std::string> Outlets::changes(const std::vector<std::unique_ptr<Carrier>>& next) const {
    std::map<std::string, const Carrier*> then;
    for (const auto& carrier : next) then[carrier->name()] = carrier.get();
    std::vector<std::string> out;
    const auto changed = [&](const Carrier* before, const Carrier* after) {
        // The folder is a line of kmp.toml, which tells of it by itself.
        if ((before != nullptr ? before : after)->all()) return;
        const std::string was = before != nullptr ? before->place() : "", is = after != nullptr ? after->place() : "";
        out.push_back("witness " + (before != nullptr ? before : after)->name() + (was != is ? ": \"" + was + "\" -> \"" + is + "\"" : ": another key"));
    };
    for (const auto& [name, core] : cores_) {
        const auto after = then.find(name);
        if (after == then.end()) changed(core->carrier.get(), nullptr);
        else if (!is_same(*core->carrier, *after->second)) changed(core->carrier.get(), after->second);
    }
    for (const auto& [name, carrier] : then)
        if (!cores_.contains(name)) changed(nullptr, carrier);
    return out;
}

void Outlets::use(std::vector<std::unique_ptr<Carrier>> carriers) {
    Cores next;
    for (auto& carrier : carriers) {
        const std::string name = carrier->name();
        if (const auto known = cores_.find(name); known != cores_.end() && is_same(*known->second->carrier, *carrier)) {
            next.insert(cores_.extract(known));
            continue;
        }
        const auto core = std::make_shared<Core>(std::move(carrier), settings_, past_);
        if (newest_.size > 0) core->push(newest_);
        std::thread([core] { core->run(); }).detach();
        next[name] = core;
    }
    end(cores_);
    cores_ = std::move(next);
}

void Outlets::offer(const Outgoing& outgoing) {
    newest_ = outgoing;
    for (const auto& [name, core] : cores_) core->push(outgoing);
}

void Outlets::offer_again(const Outgoing& outgoing) {
    if (newest_.size == outgoing.size) newest_ = outgoing;
    for (const auto& [name, core] : cores_)
        if (core->carrier->all()) core->push(outgoing);
}

std::vector<OutletState> Outlets::states() const {
    std::vector<OutletState> out;
    for (const auto& [name, core] : cores_) out.push_back(core->now());
    return out;
}

std::vector<Cosignatures> Outlets::take_cosigned() {
    std::vector<Cosignatures> out;
    for (const auto& [name, core] : cores_) {
        const std::lock_guard lock(core->mutex);
        for (Cosignatures& c : core->cosigned) out.push_back(std::move(c));
        core->cosigned.clear();
    }
    return out;
}

void Outlets::wait_for_looks(std::chrono::milliseconds patience) const {
    const auto end = Steady::now() + patience;
    for (const auto& [name, core] : cores_) {
        std::unique_lock lock(core->mutex);
        core->wake.wait_until(lock, end, [&] { return core->looked; });
    }
}

std::vector<Event> OutletWatch::look(const std::vector<OutletState>& now) {
    std::vector<Event> out;
    std::map<std::string, std::string> problems;
    for (const OutletState& s : now) {
        const std::string& before = problems_[s.name];
        if (before.empty() && !s.problem.empty()) {
            spdlog::warn("checkpoints do not get to {}: {}; orders go on, and so do checkpoints once that is mended", s.name, s.problem);
            Event event(EventType::checkpoint_held_up);
            event.text(Field::witness, s.name).text(Field::detail, s.problem);
            if (s.offered > 0) event.number(Field::size, s.offered);
            out.push_back(std::move(event));
        } else if (!before.empty() && s.problem.empty()) {
            spdlog::info("checkpoints get to {} again", s.name);
            out.push_back(std::move(Event(EventType::witness_answered).text(Field::witness, s.name).number(Field::size, s.size).text(Field::detail, "after: " + before)));
        }
        problems[s.name] = s.problem;
    }
    problems_ = std::move(problems);
    return out;
}

std::vector<Warning> outlet_warnings(const std::vector<OutletState>& states) {
    std::vector<Warning> out;
    for (const OutletState& s : states) {
        if (s.problem.empty()) continue;
        const bool drop = s.name == "drop";
        const std::string who = drop ? "checkpoints are not dropped" : "checkpoints get no cosignature of the witness " + s.name;
        out.push_back({who + ": " + s.problem + (s.waiting > 0 ? "; " + base::counted(s.waiting, "checkpoint waits", "checkpoints wait") : ""), drop ? Warning::Of::DROP_FAILING : Warning::Of::WITNESS_FAILING, s.name});
    }
    return out;
}

}  // namespace kmp::service

#include "tokens/bay.h"

#include <fcntl.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <filesystem>
#include <map>

#include "tokens/verdict.h"

namespace tokens {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr milliseconds kGrace{10000};  ///< for a host to finish what it does: a token that is cut while it writes may be lost

/// A reader, its UKEY and its host, with what the snapshot does not show.
struct Entry {
    explicit Entry(const BayTiming& timing) : budget(timing.starts, timing.window) {}

    Slot slot;  ///< its channel stays null here: `channel` below
    std::shared_ptr<HostChannel> channel;
    std::uint32_t host = 0;    ///< the spawner's id; 0: no process of ours is there
    bool host_ended = false;   ///< its end was reported, but the channel's end is not yet seen
    bool wanted = false;       ///< a UKEY (or module) is present: a host should run
    bool copy = false;         ///< refused: its serial stands in `copied` and is in another reader as well
    bool gone = false;         ///< no longer configured; kept until its host has ended
    base::UkeySerial copied;
    std::string host_end;      ///< how its process ended
    std::string folder_state;  ///< of a soft UKEY, when its host was started
    SteadyClock::time_point start_at;
    SteadyClock::time_point probe_at;
    StartBudget budget;

    bool usable() const { return slot.content == Content::blank || slot.content == Content::ours || slot.content == Content::foreign; }
    Slot snapshot() const {
        Slot out = slot;
        if (usable()) out.channel = channel;
        return out;
    }
    void clear_ukey(Content content) {
        slot.content = content;
        slot.serial = {};
        slot.file.reset();
        slot.probe.Clear();
        slot.problem.clear();
    }
};

/// Changes with each file that comes, goes or is written in a soft UKEY's folder; empty for other readers. Bounded: a stick may hold anything.
std::string state_of_folder(const Reader& reader) {
    constexpr int kMostEntries = 1000;
    if (reader.kind != ReaderKind::softhsm) return {};
    std::error_code error;
    std::filesystem::file_time_type newest = std::filesystem::file_time_type::min();
    int entries = 0;
    for (std::filesystem::recursive_directory_iterator at(reader.path, error), end; !error && at != end && entries < kMostEntries; at.increment(error), ++entries) {
        std::error_code ignored;
        newest = std::max(newest, at->last_write_time(ignored));
    }
    return std::to_string(entries) + " " + std::to_string(newest.time_since_epoch().count());
}

/// Equal but for the login, which comes and goes in normal work.
bool same_token(pb::ProbeReply a, pb::ProbeReply b) {
    a.clear_logged_in();
    b.clear_logged_in();
    return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

std::string_view name(Content content) noexcept {
    switch (content) {
        case Content::empty: return "empty";
        case Content::starting: return "starting";
        case Content::blank: return "blank";
        case Content::ours: return "ours";
        case Content::foreign: return "foreign";
        case Content::failed: return "failed";
    }
    return "?";
}

class Bay::State : public std::enable_shared_from_this<State> {
public:
    State(asio::io_context& io, Spawner& spawner, std::string folder, Observer observer, BayTiming timing)
        : io_(io), spawner_(spawner), readers_(std::move(folder)), observer_(std::move(observer)), timing_(timing), timer_(io), reports_(io) {}

    void start() {
        reports_.assign(fcntl(spawner_.descriptor(), F_DUPFD_CLOEXEC, 3));
        wait_for_reports();
        asio::post(io_, [self = shared_from_this()] { self->tick(); });
    }

    void stop() {
        if (std::exchange(stopped_, true)) return;
        timer_.cancel();
        asio::error_code ignored;
        reports_.close(ignored);
        for (auto& [name, e] : entries_) drop_host(e, {base::Code::cancelled, "the service is shutting down"}, kGrace);
    }

    std::vector<Slot> slots() const {
        std::vector<Slot> out;
        for (const auto& [name, e] : entries_)
            if (!e.gone) out.push_back(e.snapshot());
        return out;
    }

    base::Result<Slot> by_reader(std::string_view reader) const {
        const auto at = entries_.find(reader);
        if (at == entries_.end() || at->second.gone) return no_reader(reader);
        return at->second.snapshot();
    }

    base::Result<Slot> by_serial(const base::UkeySerial& serial) const {
        base::Error why{base::Code::token_removed, "UKEY " + serial.text() + " is not plugged in: insert it and try again"};
        for (const auto& [name, e] : entries_) {
            if (e.slot.content == Content::ours && e.slot.serial == serial && e.channel) return e.snapshot();
            // A host that is being started again still serves the UKEY it served before.
            if (e.wanted && (e.copy ? e.copied : e.slot.serial) == serial)
                why = {base::Code::token_failed, e.slot.problem.empty() ? "UKEY " + serial.text() + " is being started: try again shortly" : e.slot.problem};
        }
        return why;
    }

    void refresh(std::string_view reader, std::function<void(base::Result<Slot>)> done) {
        const auto at = entries_.find(reader);
        const auto refuse = [&](base::Error why) { asio::post(io_, [done = std::move(done), why = std::move(why)] { done(why); }); };
        if (at == entries_.end() || at->second.gone) return refuse(no_reader(reader));
        Entry& e = at->second;
        if (!e.wanted) return refuse({base::Code::token_removed, "reader '" + std::string(reader) + "' is empty"});
        if (!e.channel) return refuse({base::Code::token_failed, e.slot.problem.empty() ? "reader '" + std::string(reader) + "' has no running host" : e.slot.problem});
        probe(e, true, std::move(done));
    }

    base::Status restart(std::string_view reader) {
        const auto at = entries_.find(reader);
        if (at == entries_.end() || at->second.gone) return no_reader(reader);
        Entry& e = at->second;
        if (!e.wanted) return {base::Code::token_removed, "reader '" + std::string(reader) + "' is empty"};
        drop_host(e, {base::Code::cancelled, "UKEY " + label(e) + " is being started again"}, kGrace);
        e.clear_ukey(Content::starting);
        e.copy = false;
        e.budget.forget();
        e.start_at = SteadyClock::now();
        return {};
    }

private:
    static base::Error no_reader(std::string_view reader) { return {base::Code::not_found, "there is no reader '" + std::string(reader) + "'"}; }
    static std::string label(const Entry& e) { return e.slot.serial.empty() ? "in reader '" + e.slot.reader.name + "'" : e.slot.serial.text(); }

    /// Events leave through the loop, so that an observer may call anything here.
    void emit(BayEvent::Kind kind, Slot slot) {
        asio::post(io_, [self = shared_from_this(), event = BayEvent{kind, std::move(slot)}] {
            if (!self->stopped_) self->observer_(event);
        });
    }

    void fail(Entry& e, std::string problem) {
        e.slot.content = Content::failed;
        e.slot.problem = std::move(problem);
        emit(BayEvent::Kind::failed, e.snapshot());
    }

    // --- readers

    void tick() {
        if (stopped_) return;
        look();
        for (auto& [name, e] : entries_) tend(e);
        std::erase_if(entries_, [](const auto& item) { return item.second.gone && item.second.host == 0; });
        timer_.expires_after(timing_.poll);
        timer_.async_wait([self = shared_from_this()](const asio::error_code&) { self->tick(); });
    }

    void look() {
        auto events = readers_.poll();
        if (!events) return;  // the folder cannot be read at the moment: what is known stays
        for (ReaderEvent& event : *events) {
            auto [at, fresh] = entries_.try_emplace(event.state.reader.name, timing_);
            Entry& e = at->second;
            switch (event.kind) {
                case ReaderEvent::Kind::inserted: inserted(e, event.state.reader); break;
                case ReaderEvent::Kind::removed: removed(e); break;
                case ReaderEvent::Kind::empty: configured(e, event.state.reader); break;
                case ReaderEvent::Kind::broken:
                    configured(e, event.state.reader);
                    fail(e, event.state.problem);
                    break;
                case ReaderEvent::Kind::gone: e.gone = true; break;
            }
        }
    }

    static void configured(Entry& e, const Reader& reader) {
        e.gone = false;
        e.slot.reader = reader;
        e.clear_ukey(Content::empty);
    }

    void inserted(Entry& e, const Reader& reader) {
        configured(e, reader);
        e.slot.content = Content::starting;
        e.wanted = true;
        e.budget.forget();
        e.start_at = SteadyClock::now();
        // A module is always there; what is plugged in is known when it was probed.
        if (reader.kind == ReaderKind::softhsm) emit(BayEvent::Kind::inserted, e.snapshot());
    }

    void removed(Entry& e) {
        e.wanted = false;
        pulled(e);
    }

    void pulled(Entry& e) {
        drop_host(e, {base::Code::token_removed, "UKEY " + label(e) + " was pulled out: insert it and try again"}, kGrace);
        const base::UkeySerial was_copied = e.copy ? e.copied : base::UkeySerial();
        e.copy = false;
        Slot last = e.slot;
        last.content = Content::empty;
        last.problem.clear();
        emit(BayEvent::Kind::removed, std::move(last));
        e.clear_ukey(Content::empty);
        if (!was_copied.empty()) reconsider(was_copied);
    }

    // --- hosts

    void tend(Entry& e) {
        const auto now = SteadyClock::now();
        if (e.channel && e.host_ended) lost(e, {base::Code::token_failed, "the process that serves UKEY " + label(e) + " has ended"});
        if (e.wanted && !e.copy && !e.channel && e.host == 0 && !spawner_dead_ && now >= e.start_at) return start_host(e);
        if (e.channel && e.slot.content == Content::failed && e.slot.reader.kind == ReaderKind::softhsm) look_again(e);
        if (e.channel && now >= e.probe_at && e.slot.content != Content::starting && e.channel->outstanding() == 0) probe(e, false, {});
    }

    /// A folder that was being copied when it was first looked at, or that was mended since: a host reads its token once.
    void look_again(Entry& e) {
        if (state_of_folder(e.slot.reader) == e.folder_state) return;
        drop_host(e, {base::Code::cancelled, "UKEY " + label(e) + " is looked at again"}, kGrace);
        e.start_at = e.budget.next(SteadyClock::now());
    }

    void start_host(Entry& e) {
        const auto now = SteadyClock::now();
        if (e.budget.spent(now)) {
            e.start_at = e.budget.next(now);
            return;
        }
        e.budget.started(now);
        e.folder_state = state_of_folder(e.slot.reader);
        auto host = spawner_.spawn(host_arguments(e.slot.reader));
        if (!host) {
            e.start_at = e.budget.next(now);
            return fail(e, host.error().message);
        }
        e.host = host->id;
        e.host_ended = false;
        e.host_end.clear();
        e.slot.incarnation = ++incarnations_;
        e.slot.content = Content::starting;
        e.slot.problem.clear();
        const auto down = [weak = weak_from_this(), reader = e.slot.reader.name, incarnation = e.slot.incarnation](const base::Error& why) {
            const auto self = weak.lock();
            if (!self || self->stopped_) return;
            if (Entry* entry = self->find(reader, incarnation)) self->lost(*entry, why);
        };
        e.channel = std::make_shared<HostChannel>(io_, std::move(host->channel), label(e), down);
        probe(e, true, {});
    }

    /// The entry, if it still is in the incarnation that a handler was made for and its channel stands.
    Entry* find(const std::string& reader, std::uint64_t incarnation) {
        const auto at = entries_.find(reader);
        if (at == entries_.end() || at->second.slot.incarnation != incarnation || !at->second.channel) return nullptr;
        return &at->second;
    }

    /// Closes the channel and has the process ended. The next host starts when the end was reported: two on one token folder fail.
    void drop_host(Entry& e, base::Error why, milliseconds grace) {
        if (e.channel) {
            e.channel->close(std::move(why));
            e.channel.reset();
        }
        if (e.host != 0 && !e.host_ended) {
            if (auto asked = spawner_.end(e.host, grace); !asked) spawner_lost();
        }
        if (e.host_ended) e.host = 0;
        e.slot.host = 0;
    }

    /// A host has died, hung or lied.
    void lost(Entry& e, const base::Error& why) {
        std::string problem = why.message;
        if (!e.host_end.empty()) problem += " (" + e.host_end + ")";
        drop_host(e, why, milliseconds(0));
        const auto now = SteadyClock::now();
        if (e.budget.spent(now)) problem += "; it was started " + std::to_string(e.budget.most()) + " times: pull the UKEY out and insert it again, or wait";
        e.start_at = e.budget.next(now);
        fail(e, std::move(problem));
    }

    void wait_for_reports() {
        reports_.async_wait(asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](const asio::error_code& error) {
            if (error || self->stopped_) return;
            if (self->take_reports()) self->wait_for_reports();
        });
    }

    bool take_reports() {
        auto events = spawner_.take_events();
        if (!events) {
            spawner_problem_ = events.error().message;
            spawner_lost();
            return false;
        }
        for (const Spawner::Event& event : *events)
            for (auto& [name, e] : entries_)
                if (e.host == event.id) report(e, event);
        return true;
    }

    void report(Entry& e, const Spawner::Event& event) {
        switch (event.kind) {
            case Spawner::Event::Kind::started:
                if (e.channel) e.slot.host = event.pid;
                break;
            case Spawner::Event::Kind::failed:
                e.host = 0;
                if (e.channel) lost(e, {base::Code::token_failed, event.text});
                break;
            case Spawner::Event::Kind::ended:
                e.host_end = event.text;
                // Answers may still lie in the socket: the channel reads to its end, or the next tick ends it.
                e.host_ended = e.channel != nullptr;
                if (!e.channel) e.host = 0;
                // Its socket closed first; how it ended completes the problem. Signal 9 was our own.
                if (!e.channel && e.wanted && e.slot.content == Content::failed && !e.copy && event.text != "signal 9" && event.text != "exit 0") e.slot.problem += " (" + event.text + ")";
                break;
        }
    }

    void spawner_lost() {
        if (std::exchange(spawner_dead_, true)) return;
        if (spawner_problem_.empty()) spawner_problem_ = "the process that starts tokenhosts does not answer: restart the service";
        for (auto& [name, e] : entries_) {
            e.host = 0;
            if (e.channel) lost(e, {base::Code::token_failed, spawner_problem_});
        }
    }

    // --- probes

    void probe(Entry& e, bool always_tell, std::function<void(base::Result<Slot>)> done) {
        pb::HostRequest request;
        request.mutable_probe();
        e.probe_at = SteadyClock::now() + timing_.probe_timeout;
        e.channel->call(std::move(request), {}, timing_.probe_timeout,
                        [self = shared_from_this(), reader = e.slot.reader.name, incarnation = e.slot.incarnation, always_tell,
                         done = std::move(done)](base::Result<HostAnswer> answer) { self->probed(reader, incarnation, always_tell, std::move(answer), done); });
    }

    void probed(const std::string& reader, std::uint64_t incarnation, bool always_tell, base::Result<HostAnswer> answer,
                const std::function<void(base::Result<Slot>)>& done) {
        Entry* e = stopped_ ? nullptr : find(reader, incarnation);
        if (e != nullptr && answer && !answer->reply.has_probe()) answer = base::Error{base::Code::token_failed, "a probe was answered by something else"};
        // When the channel is down its owner hears of that by itself; a host that answers with a failure cannot be used.
        if (e != nullptr && answer) take_probe(*e, answer->reply.probe(), always_tell);
        if (e != nullptr && !answer && e->channel->up()) lost(*e, answer.error());
        if (!done) return;
        auto result = answer ? by_reader(reader) : base::Result<Slot>(answer.error());
        asio::post(io_, [done, result = std::move(result)] { done(result); });
    }

    void take_probe(Entry& e, const pb::ProbeReply& probe, bool always_tell) {
        const bool changed = !same_token(e.slot.probe, probe);
        const bool hardware = e.slot.reader.kind == ReaderKind::pkcs11;
        if (hardware && e.slot.probe.present() && (!probe.present() || probe.token_serial() != e.slot.probe.token_serial()) && !became_initialised(e.slot.probe, probe)) {
            // Pulled, or swapped between two looks. A fresh host: modules seldom recover, and its login must be gone.
            pulled(e);
            e.budget.forget();
            e.start_at = SteadyClock::now();
            return;
        }
        const bool was_out = hardware && !e.slot.probe.present();
        e.slot.probe = probe;
        e.probe_at = SteadyClock::now() + (probe.present() ? timing_.liveness : timing_.absent);
        if (!changed && !always_tell) return;
        Verdict verdict = judge(e.slot.reader, probe);
        e.slot.content = verdict.content;
        e.slot.serial = std::move(verdict.serial);
        e.slot.file = std::move(verdict.file);
        e.slot.problem.clear();
        if (verdict.content == Content::failed) return fail(e, std::move(verdict.problem));
        if (verdict.content == Content::empty) return;
        if (was_out) emit(BayEvent::Kind::inserted, e.snapshot());
        if (verdict.content == Content::ours && refuse_copies(e)) return;
        emit(BayEvent::Kind::ready, e.snapshot());
    }

    /// Initialising gives some tokens another serial.
    static bool became_initialised(const pb::ProbeReply& before, const pb::ProbeReply& after) {
        return after.present() && before.initialised() != after.initialised();
    }

    // --- copies

    /// True when the serial of `e` is in another reader too: then all of them are refused.
    bool refuse_copies(Entry& e) {
        const base::UkeySerial serial = e.slot.serial;
        std::vector<Entry*> all;
        std::string where;
        for (auto& [name, other] : entries_)
            if (&other == &e || (other.copy ? other.copied : other.slot.serial) == serial) {
                all.push_back(&other);
                where += (where.empty() ? "'" : "', '") + name;
            }
        if (all.size() < 2) return false;
        for (Entry* one : all) {
            const bool known = std::exchange(one->copy, true);
            one->copied = serial;
            drop_host(*one, {base::Code::token_failed, "UKEY " + serial.text() + " is refused: it appeared twice"}, kGrace);
            one->clear_ukey(Content::failed);
            const std::string problem = "UKEY " + serial.text() + " is in readers " + where + "' at once: one is a copy, and neither is used; pull one out and report it";
            one->slot.problem = problem;
            if (!known) fail(*one, problem);
        }
        return true;
    }

    /// One of the copies was pulled: when a single one is left it is tried again.
    void reconsider(const base::UkeySerial& serial) {
        std::vector<Entry*> left;
        for (auto& [name, e] : entries_)
            if (e.copy && e.copied == serial) left.push_back(&e);
        if (left.size() != 1) return;
        left[0]->copy = false;
        left[0]->clear_ukey(Content::starting);
        left[0]->budget.forget();
        left[0]->start_at = SteadyClock::now();
    }

    asio::io_context& io_;
    Spawner& spawner_;
    Readers readers_;
    Observer observer_;
    BayTiming timing_;
    asio::steady_timer timer_;
    asio::posix::stream_descriptor reports_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::uint64_t incarnations_ = 0;
    bool stopped_ = false;
    bool spawner_dead_ = false;
    std::string spawner_problem_;
};

Bay::Bay(asio::io_context& io, Spawner& spawner, std::string readers_folder, Observer observer, BayTiming timing)
    : state_(std::make_shared<State>(io, spawner, std::move(readers_folder), std::move(observer), timing)) {}
Bay::~Bay() { state_->stop(); }
void Bay::start() { state_->start(); }
void Bay::stop() { state_->stop(); }
std::vector<Slot> Bay::slots() const { return state_->slots(); }
base::Result<Slot> Bay::by_reader(std::string_view reader) const { return state_->by_reader(reader); }
base::Result<Slot> Bay::by_serial(const base::UkeySerial& serial) const { return state_->by_serial(serial); }
void Bay::refresh(std::string_view reader, std::function<void(base::Result<Slot>)> done) { state_->refresh(reader, std::move(done)); }
base::Status Bay::restart(std::string_view reader) { return state_->restart(reader); }

}  // namespace tokens

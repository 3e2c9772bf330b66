#include "kmp/service/service.h"

#include <spdlog/spdlog.h>

#include <asio/post.hpp>

#include "audit/archive.h"
#include "kmp/service/feed_watch.h"
#include "kmp/service/search.h"
#include "kmp/service/vouching.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr std::string_view kStopped = "stopped";  // in the sealed log
constexpr auto kTick = std::chrono::milliseconds(1000);
constexpr base::Millis kClockJump = 30 * base::kSecond;  ///< a clock that is slewed stays far below this

bool is_ukey(tokens::Content content) {
    return content == tokens::Content::ours || content == tokens::Content::blank || content == tokens::Content::foreign;
}

Event presence(EventType type, const tokens::Slot& slot, std::string detail) {
    if (slot.content == tokens::Content::blank || slot.content == tokens::Content::foreign)
        detail = (slot.content == tokens::Content::blank ? "a blank UKEY" : "a token of somebody else's") + (detail.empty() ? std::string() : ", " + detail);
    Event out(type);
    out.text(Field::reader, slot.reader.name).text(Field::ukey, slot.serial.text()).text(Field::detail, detail);
    return out;
}

/// A C2SP note from a body and the token's Ed25519 signature: audit::sign_checkpoint asks for both at once.
class ReadySigner final : public audit::CheckpointSigner {
public:
    ReadySigner(base::Bytes signature, base::Bytes spki) : signature_(std::move(signature)), spki_(std::move(spki)) {}
    base::Result<base::Bytes> sign(base::ByteView) override { return signature_; }
    base::Result<base::Bytes> public_key() override { return spki_; }

private:
    base::Bytes signature_;
    base::Bytes spki_;
};

base::Millis steady_now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Event jump_event(base::Millis before, base::Millis now) {
    Event event(EventType::clock_jump);
    event.time(Field::previous, std::max<base::Millis>(before, 0)).text(Field::note, "it says " + base::to_rfc3339(now) + " now");
    return event;
}

}  // namespace

std::string_view name(Phase phase) noexcept {
    switch (phase) {
        case Phase::uninitialised: return "uninitialised";
        case Phase::sealed: return "sealed";
        case Phase::open: return "open";
    }
    return "?";
}

Service::Service(asio::io_context& io, Config config, const base::Clock& clock, tokens::Spawner& spawner, SealedLog sealed_log, bool initialised)
    : io_(io),
      config_(std::move(config)),
      clock_(clock),
      sealed_log_(std::move(sealed_log)),
      phase_(initialised ? Phase::sealed : Phase::uninitialised),
      lines_([](const std::string& line) { spdlog::warn("{}", line); }, [this](const RareLines::Told& told) { turned_away(told); }),
      started_(clock.now()),
      custodian_(config_.token_timeout),
      bay_(io, spawner, config_.readers(), [this](const tokens::BayEvent& e) { on_bay(e); }),
      timer_(io),
      shed_timer_(io) {}

Service::~Service() = default;

void Service::start() {
    bay_.start();
    tick();
}

base::Millis Service::now() const {
    const base::Millis now = clock_.now();
    return books_ ? std::max(now, books_->writer->last_time()) : now;
}

std::vector<base::UkeySerial> Service::plugged_in(const std::function<bool(const tokens::UkeyRecord&)>& wanted) const {
    std::vector<base::UkeySerial> out;
    for (const tokens::Slot& slot : bay_.slots()) {
        const tokens::UkeyRecord* record = books_ && slot.content == tokens::Content::ours ? books_->registry.find(slot.serial) : nullptr;
        if (record != nullptr && wanted(*record)) out.push_back(slot.serial);
    }
    return out;
}

void Service::post(std::function<void()> f) { asio::post(io_, std::move(f)); }

Writer::Deliver Service::deliver() {
    return [&io = io_](std::vector<std::function<void()>> calls) {
        asio::post(io, [calls = std::move(calls)] {
            for (const auto& call : calls) call();
        });
    };
}

void Service::open(std::shared_ptr<Books> books) {
    books_ = std::move(books);
    follow_config();
    phase_ = Phase::open;
    failing_.clear();
    sealed_because.clear();
    // Another platform UKEY signs now, or it is another log: what was signed before is no answer.
    if (!audit::verify_checkpoint(last_checkpoint_.note, books_->house.checkpoint.spki())) last_checkpoint_ = {};
    clock_ahead_ = clock_.now() - steady_now();
    feed_watch_ = std::make_unique<FeedWatch>();
    outlet_watch_ = std::make_unique<OutletWatch>();
    // Set back while nobody looked: until it is past the last event again, time stands still here.
    if (const base::Millis last = books_->writer->last_time(); clock_.now() < last - kClockJump) note(jump_event(last, clock_.now()));
    // What is plugged in already came while nobody could say so in the log.
    for (const tokens::Slot& slot : bay_.slots())
        if (is_ukey(slot.content)) note(presence(EventType::ukey_inserted, slot, "there when the service opened"));
}

void Service::seal(std::string_view reason, const std::optional<Peer>& by, std::optional<Event> then, std::function<void()> done) {
    if (!books_) {
        if (done) done();
        return;
    }
    sealed_because = by ? std::string_view() : reason;
    flush_meters();
    if (end_sessions) end_sessions({});
    auditors_.end_of({});
    custodian_.close_all();
    phase_ = Phase::sealed;
    const std::shared_ptr<Books> books = std::move(books_);
    books_.reset();
    // The platform UKEY's login ends with its host.
    for (const tokens::Slot& slot : bay_.slots())
        if (slot.content == tokens::Content::ours) (void)bay_.restart(slot.reader.name);
    Event event(EventType::sealed);
    event.text(Field::reason, reason);
    if (by) by->describe_actor(event);
    Entry entry;
    entry.events.push_back(std::move(event));
    if (then) entry.events.push_back(std::move(*then));
    // What was queued before is answered before: when this has been written the books can go, here on the I/O thread.
    entry.done = [this, books, done = std::move(done)](base::Result<audit::Receipt> r) {
        if (!r) spdlog::error("cannot log that the service was sealed: {}", r.error().message);
        post([books, done] {
            // Whoever seals to let a standby take over finds everything there.
            books->feed.reset();
            books->outlets.reset();
            // Two would write to one file if the service were opened again while somebody still searches.
            books->search->stop();
            if (done) done();
        });
    };
    books->writer->submit(std::move(entry));
}

void Service::follow_config() {
    books_->velocity.set_rule(config_.velocity);
    books_->card_voids = config_.card_voids;
}

std::vector<std::string> Service::witness_changes() const {
    if (!books_) return {};
    std::vector<std::string> problems;
    return books_->outlets->changes(carriers_of(config_, books_->outlets->past(), problems));
}

void Service::adopt(const Config& next) {
    config_.adopt(next);
    custodian_.set_timeout(config_.token_timeout);
    if (books_) {
        follow_config();
        books_->outlets->use(carriers_of(config_, books_->outlets->past(), witness_problems));
    }
    for (const auto& tell : on_reload) tell(config_);
}

void Service::stop(const std::string& why, std::function<void()> done) {
    timer_.cancel();
    shed_timer_.cancel();
    lines_.flush();
    Event stopped(EventType::service_stopped);
    stopped.text(Field::detail, why);
    // That it stopped of its own accord is for the next start to see, too.
    base::Status kept = books_ ? base::Status() : sealed_log_.append(clock_.now(), stopped);
    if (kept) kept = sealed_log_.append(clock_.now(), kStopped, why);
    if (!kept) spdlog::error("cannot log that the service stops: {}", kept.error().message);
    seal("the service stops", {}, std::move(stopped), [this, done = std::move(done)] {
        bay_.stop();
        done();
    });
}

void Service::note(Event event) {
    if (!books_) return;
    Entry entry;
    entry.events.push_back(std::move(event));
    entry.done = [this, books = books_](base::Result<audit::Receipt> r) {
        if (!r) audit_failed(r.error());
    };
    books_->writer->submit(std::move(entry));
}

void Service::keep(Event event) {
    if (books_) return note(std::move(event));
    if (auto kept = sealed_log_.append(clock_.now(), event); !kept) spdlog::error("cannot keep what happened while sealed: {}", kept.error().message);
}

void Service::turned_away(const RareLines::Told& told) {
    if (!failing_.empty()) return;  // what cannot be written would only fail once more
    const auto at = [this, now = RareLines::Clock::now()](RareLines::Clock::time_point t) { return clock_.now() - std::chrono::duration_cast<std::chrono::milliseconds>(now - t).count(); };
    Event event(EventType::turned_away);
    event.number(Field::denials, told.count).time(Field::first_at, at(told.first)).time(Field::last_at, at(told.last)).text(Field::rule, told.kind).text(Field::detail, told.newest);
    keep(std::move(event));
}

void Service::audit_failed(const base::Error& error) {
    if (error.code == Code::internal) {
        spdlog::critical("a log entry was refused: {}", error.message);
        return;
    }
    if (failing_.empty()) spdlog::critical("{}", error.message);
    failing_ = error.message;
}

void Service::owe(Books& books, Entry entry, const base::Error& why) {
    books.owed.push_back(std::move(entry));
    audit_failed(why);
}

void Service::probe_log() {
    if (probing_ || !books_ || failing_.empty()) return;
    probing_ = true;
    Event event(EventType::recovery);
    event.text(Field::detail, "the log can be written again, after: " + failing_);
    // What is owed goes in one transaction with it: when the service is well again, nothing is owed any more.
    Entry entry;
    std::vector<std::function<base::Status(store::Transaction&, const audit::Receipt&)>> effects;
    for (const Entry& owed : books_->owed) {
        entry.events.insert(entry.events.end(), owed.events.begin(), owed.events.end());
        effects.push_back(owed.effect);
    }
    entry.events.push_back(std::move(event));
    entry.effect = [effects = std::move(effects)](store::Transaction& t, const audit::Receipt& r) -> base::Status {
        for (const auto& effect : effects) KMP_CHECK(effect(t, r));
        return {};
    };
    entry.done = [this, books = books_, written = books_->owed.size()](base::Result<audit::Receipt> r) {
        probing_ = false;
        if (!r) {
            failing_ = r.error().message;
            return;
        }
        books->owed.erase(books->owed.begin(), books->owed.begin() + static_cast<std::ptrdiff_t>(written));
        if (!books->owed.empty()) return;  // came in meanwhile: the next probe takes it
        spdlog::info("the audit log can be written again");
        failing_.clear();
    };
    books_->writer->submit(std::move(entry));
}

void Service::end_use(const base::UkeySerial& ukey) {
    custodian_.close(ukey);
    if (end_sessions) end_sessions(ukey);
    auditors_.end_of(ukey);
    const tokens::UkeyRecord* record = books_ ? books_->registry.find(ukey) : nullptr;
    if (record != nullptr && record->state != model::UkeyState::issued) books_->shares.drop(ukey);
}

void Service::flush_meters() {
    if (!books_ || flushing_ || books_->meters.dirty_count() == 0) return;
    flushing_ = true;
    Entry entry;
    std::vector<policy::Meter> taken = books_->meters.take_dirty();
    std::vector<model::MeterNumber> numbers;
    for (const policy::Meter& m : taken) numbers.push_back(m.number);
    entry.effect = [meters = std::move(taken), to = books_->applied_to](store::Transaction& t, const audit::Receipt&) -> base::Status {
        for (const policy::Meter& m : meters) KMP_CHECK(policy::put_meter(t, m));
        return policy::set_meters_current_to(t, to);
    };
    entry.done = [this, books = books_, numbers = std::move(numbers)](base::Result<audit::Receipt> r) {
        flushing_ = false;
        if (r) return;
        // They go with the next flush.
        for (const model::MeterNumber n : numbers)
            if (auto found = books->meters.find(n)) books->meters.changed(**found);
        audit_failed(r.error());
    };
    books_->writer->submit(std::move(entry));
}

void Service::expire_ukeys() {
    const base::Millis at = now();
    for (const tokens::UkeyRecord* seen : books_->registry.all()) {
        // Those that everything rests on are renewed by hand: a clock that jumps must not end them all.
        if (seen->kind != model::UkeyKind::key && seen->kind != model::UkeyKind::user && seen->kind != model::UkeyKind::auditor) continue;
        if (seen->state != model::UkeyState::issued || at <= seen->not_after) continue;
        tokens::UkeyRecord* record = books_->registry.find(seen->serial);
        record->state = model::UkeyState::expired;
        end_use(record->serial);
        Event event(EventType::ukey_state_changed);
        event.text(Field::ukey, record->serial.text()).value(Field::ukey_kind, record->kind).value(Field::action, model::UkeyAction::expire);
        event.value(Field::state_from, model::UkeyState::issued).value(Field::state_to, model::UkeyState::expired).time(Field::not_after, record->not_after);
        Entry entry;
        entry.events.push_back(std::move(event));
        entry.effect = [serial = record->serial](store::Transaction& t, const audit::Receipt&) { return tokens::registry::set_state(t, serial, model::UkeyState::expired); };
        entry.done = [this, books = books_](base::Result<audit::Receipt> r) {
            if (!r) audit_failed(r.error());
        };
        books_->writer->submit(std::move(entry));
    }
}

void Service::expire_accounts() {
    const base::Millis at = now();
    for (auto& [name, account] : books_->accounts) {
        if (account.over || at <= account.account.not_after) continue;
        account.over = true;
        if (end_account_sessions) end_account_sessions(name, "the account has expired");
    }
}

void Service::watch_clock() {
    const base::Millis now = clock_.now();
    const base::Millis expected = steady_now() + clock_ahead_;
    if (std::abs(now - expected) < kClockJump) {
        clock_ahead_ = now - steady_now();
        return;
    }
    clock_ahead_ = now - steady_now();
    spdlog::warn("the clock was set from {} to {}", base::to_rfc3339(expected), base::to_rfc3339(now));
    note(jump_event(expected, now));
}

void Service::watch_feed() {
    if (!books_->feed) return;
    const FeedState state = books_->feed->state();
    for (Event& event : feed_watch_->look(state)) note(std::move(event));
    const std::string why = taken_over(*books_, state);
    if (why.empty()) return;
    spdlog::critical("{}", why);
    seal(why, {});
}

void Service::tick() {
    timer_.expires_after(kTick);
    timer_.async_wait([this](const std::error_code& error) {
        if (error) return;
        last_minute_.tick(metrics_);
        lines_.tick();
        if (books_) {
            watch_clock();
            books_->shares.forget(std::chrono::steady_clock::now());
            probe_log();
            if (failing_.empty()) {
                flush_meters();
                shed();
                expire_ukeys();
                expire_accounts();
                const Writer::Head head = books_->writer->head();
                const bool due = head.size > last_checkpoint_.size + 1 &&
                                 (head.size >= last_checkpoint_.size + config_.checkpoint_events || std::chrono::steady_clock::now() - last_checkpoint_.at >= config_.checkpoint_interval);
                if (due) checkpoint_soon();
            }
            watch_feed();
        }
        if (books_) watch_outlets();
        tick();
    });
}

void Service::checkpoint_soon() {
    if (checkpointing_) return;
    checkpoint([](base::Result<std::string> r) {
        if (!r) spdlog::error("cannot sign a checkpoint: {}", r.error().message);
    });
}

void Service::sign_point(const audit::Checkpoint& point, std::function<void(base::Result<std::string>)> done) {
    if (phase_ == Phase::uninitialised) return done({Code::uninitialised, "no ceremony has been held here; begin with 'kmpctl init'"});
    if (!books_) return done({Code::sealed, "the service is sealed; open it with 'kmpctl unseal'"});
    auto slot = bay_.by_serial(books_->house.platform);
    if (!slot) return done(std::move(slot).error().in("a checkpoint needs the platform UKEY"));
    tokens::pb::HostRequest request;
    request.mutable_sign_checkpoint()->set_body(point.body());
    slot->channel->call(std::move(request), {}, config_.token_timeout, [this, books = books_, point, done = std::move(done)](base::Result<tokens::HostAnswer> answer) {
        if (!answer) return done(answer.error());
        ReadySigner signer(base::to_bytes(base::as_bytes(answer->reply.signature().raw())), books->house.checkpoint.spki());
        auto note = audit::sign_checkpoint(point, signer);
        if (note && books != books_) return done({Code::sealed, "the service was sealed meanwhile"});
        done(std::move(note));
    });
}

void Service::checkpoint(std::function<void(base::Result<std::string>)> done) {
    if (!books_) return sign_point({}, std::move(done));  // which says why not
    checkpointing_ = true;
    const Writer::Head head = books_->writer->head();
    const audit::Checkpoint point{books_->house.origin, head.size, head.root};
    sign_point(point, [this, point, books = books_, done = std::move(done)](base::Result<std::string> note) {
        checkpointing_ = false;
        if (!note) return done(std::move(note));
        Event event(EventType::checkpoint_signed);
        event.text(Field::ukey, books->house.platform.text()).number(Field::size, point.size).bytes(Field::root, point.root).text(Field::note, *note);
        this->note(std::move(event));
        last_checkpoint_ = {*note, point.size, clock_.now(), std::chrono::steady_clock::now()};
        if (auto written = base::write_file_atomically(config_.checkpoint_file(), base::as_bytes(*note), 0644); !written)
            spdlog::error("{}", written.error().message);
        books->outlets->offer({*note, point.size});
        done(std::move(note));
    });
}

void Service::shed() {
    if (!books_ || !books_->shedding || shed_under_way_) return;
    shed_under_way_ = true;
    const auto gone = std::make_shared<std::uint64_t>(0);
    Entry entry;
    entry.effect = [gone](store::Transaction& t, const audit::Receipt&) -> base::Status {
        KMP_TRY(*gone, audit::shed(t, kShedPiece));
        return {};
    };
    entry.done = [this, gone, books = books_](base::Result<audit::Receipt> r) {
        shed_under_way_ = false;
        if (!r) return audit_failed(r.error());
        if (*gone == 0) books->shedding = false;
        if (*gone == 0 || books != books_) return;
        shed_timer_.expires_after(kShedPause);
        shed_timer_.async_wait([this](const std::error_code& error) {
            if (!error) shed();
        });
    };
    books_->writer->submit(std::move(entry));
}

void Service::on_bay(const tokens::BayEvent& event) {
    using Kind = tokens::BayEvent::Kind;
    const tokens::Slot& slot = event.slot;
    EventType type = EventType::ukey_inserted;
    switch (event.kind) {
        case Kind::inserted: return;  // `ready` or `failed` says what it is
        case Kind::ready:
            spdlog::info("reader {}: {} {}", slot.reader.name, tokens::name(slot.content), slot.serial.text());
            break;
        case Kind::removed:
            spdlog::info("reader {}: removed {}", slot.reader.name, slot.serial.text());
            type = EventType::ukey_removed;
            break;
        case Kind::failed:
            spdlog::warn("reader {}: {}", slot.reader.name, slot.problem);
            type = EventType::host_failed;
            break;
    }
    if (!slot.serial.empty() && custodian_.opened(slot.serial) != 0 && (event.kind != Kind::ready || custodian_.opened(slot.serial) != slot.incarnation)) {
        end_use(slot.serial);
    }
    if (books_ && event.kind != Kind::ready && slot.serial == books_->house.platform) {
        // Without the platform UKEY no checkpoint can be signed and no PIN peppered.
        spdlog::critical("the platform UKEY {} is gone: sealing", slot.serial.text());
        seal("the platform UKEY was taken out or failed", {});
        return;
    }
    if (event.kind == Kind::ready && !is_ukey(slot.content)) return;
    note(presence(type, slot, event.kind == Kind::failed ? slot.problem : std::string()));
}

}  // namespace kmp::service

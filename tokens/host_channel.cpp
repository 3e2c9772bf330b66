#include "tokens/host_channel.h"

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <deque>
#include <future>
#include <optional>

namespace tokens {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kTick{100};  ///< how exactly timeouts are kept: one timer for all calls
constexpr std::size_t kReadRoom = 16384;
constexpr std::size_t kKeptBuffer = 1 << 20;  ///< a larger write buffer is given back after use

base::Code code_named(const std::string& text) {
    for (int i = 0; i <= static_cast<int>(base::Code::internal); ++i)
        if (const auto code = static_cast<base::Code>(i); base::name(code) == text) return code;
    return base::Code::token_failed;
}

/// Bytes on their way out, and whether a secret is among them.
struct Outgoing {
    base::Bytes bytes;
    bool secret = false;

    /// Makes room for `more` without leaving unwiped copies behind.
    void reserve(std::size_t more) {
        if (bytes.capacity() - bytes.size() >= more) return;
        base::Bytes bigger;
        bigger.reserve(std::max(2 * bytes.capacity(), bytes.size() + more));
        bigger.assign(bytes.begin(), bytes.end());
        if (secret) base::wipe(bytes);
        bytes.swap(bigger);
    }
    void clear() {
        if (secret) base::wipe(bytes);
        secret = false;
        bytes.clear();
        if (bytes.capacity() > kKeptBuffer) base::Bytes().swap(bytes);
    }
};

}  // namespace

class HostChannel::State : public std::enable_shared_from_this<State> {
public:
    State(asio::io_context& io, base::Fd socket, std::string who, Down on_down)
        : io_(io), socket_(io), timer_(io), who_(std::move(who)), on_down_(std::move(on_down)) {
        socket_.assign(asio::local::stream_protocol(), socket.release());
        socket_.non_blocking(true);
    }
    ~State() {
        sending_.clear();
        filling_.clear();
    }

    void begin() { read(); }

    void call(pb::HostRequest request, std::vector<RoleSecret> secrets, std::chrono::milliseconds timeout, Done done, Effect effect) {
        if (down_) return refuse(std::move(done), *down_);
        if (waiting_.size() >= kMaxOutstanding)
            return refuse(std::move(done), {base::Code::busy, "too many requests wait for UKEY " + who_ + ": try again shortly"});
        request.set_id(next_id_);
        std::size_t size = request.ByteSizeLong() + 16;
        for (const RoleSecret& s : secrets) size += s.value.size() + 16;
        filling_.reserve(size);
        const std::size_t before = filling_.bytes.size();
        filling_.secret = filling_.secret || !secrets.empty();
        if (auto framed = host::append_frames(filling_.bytes, request, secrets); !framed) {
            filling_.bytes.resize(before);
            return refuse(std::move(done), std::move(framed).error());
        }
        queued_ += filling_.bytes.size() - before;
        if (waiting_.empty()) oldest_since_ = SteadyClock::now();
        waiting_.push_back({next_id_++, queued_, timeout, effect, std::move(done)});
        schedule_flush();
        if (!ticking_) tick();
    }

    /// `told`: whether on_down is to know. The first reason stands.
    void go_down(base::Error why, bool told, std::optional<base::Error> for_oldest = std::nullopt) {
        if (down_) return;
        down_ = why;
        asio::error_code ignored;
        socket_.close(ignored);
        timer_.cancel();
        filling_.clear();
        auto failed = std::exchange(waiting_, {});
        bool first = true;
        for (Waiting& w : failed) {
            base::Error error = first && for_oldest ? *for_oldest : why;
            first = false;
            // What was never handed to the socket cannot have been carried out.
            if (w.effect == Effect::changes_token && w.end <= handed_over_)
                error = {base::Code::outcome_unknown, "the UKEY may have been changed, but its answer never came (" + error.message + "): reconcile", error.raw};
            refuse(std::move(w.done), std::move(error));
        }
        if (told && on_down_) asio::post(io_, [on_down = std::move(on_down_), why = std::move(why)] { on_down(why); });
        on_down_ = nullptr;
    }

    bool up() const noexcept { return !down_; }
    std::size_t outstanding() const noexcept { return waiting_.size(); }
    const std::string& who() const noexcept { return who_; }
    asio::io_context& io() noexcept { return io_; }

private:
    struct Waiting {
        std::uint64_t id = 0;
        std::uint64_t end = 0;  ///< where its last byte stands in all that was ever queued
        std::chrono::milliseconds timeout{};
        Effect effect{};
        Done done;
    };

    void refuse(Done done, base::Error error) {
        asio::post(io_, [done = std::move(done), error = std::move(error)]() mutable { done(std::move(error)); });
    }

    base::Error lost(const std::string& how) const { return {base::Code::token_failed, "the process that serves UKEY " + who_ + " " + how}; }

    void schedule_flush() {
        if (writing_ || flush_posted_) return;
        flush_posted_ = true;
        asio::post(io_, [self = shared_from_this()] {
            self->flush_posted_ = false;
            self->flush();
        });
    }

    void flush() {
        if (down_ || writing_ || filling_.bytes.empty()) return;
        std::swap(filling_, sending_);
        writing_ = true;
        handed_over_ += sending_.bytes.size();
        asio::async_write(socket_, asio::buffer(sending_.bytes), [self = shared_from_this()](const asio::error_code& error, std::size_t) {
            if (self->down_ || error) return self->write_failed(error);
            self->sending_.clear();
            self->writing_ = false;
            self->flush();
        });
    }

    void write_failed(const asio::error_code& error) {
        sending_.clear();
        writing_ = false;
        go_down(lost(error == asio::error::broken_pipe ? "has ended" : "cannot be written to: " + error.message()), true);
    }

    void read() {
        const auto room = reader_.room(kReadRoom);
        socket_.async_read_some(asio::buffer(room.data(), room.size()), [self = shared_from_this()](const asio::error_code& error, std::size_t count) {
            if (self->down_) return;
            // A reset says that it ended with requests unread.
            const bool ended = error == asio::error::eof || error == asio::error::connection_reset;
            if (error) return self->go_down(self->lost(ended ? "has ended" : "cannot be read: " + error.message()), true);
            self->reader_.received(count);
            if (self->take_answers()) self->read();
        });
    }

    bool take_answers() {
        for (;;) {
            auto next = reader_.next();
            if (!next) return broke_protocol(next.error().message);
            if (!*next) break;
            HostAnswer answer;
            if (!answer.reply.ParseFromArray((*next)->payload.data(), static_cast<int>((*next)->payload.size()))) return broke_protocol("a message that does not parse");
            if (waiting_.empty() || waiting_.front().id != answer.reply.id()) return broke_protocol("an answer to no request");
            if (answer.reply.result_case() == pb::HostReply::RESULT_NOT_SET) return broke_protocol("an answer without a result");
            answer.secrets = std::move((*next)->secrets);
            Done done = std::move(waiting_.front().done);
            waiting_.pop_front();
            if (answer.reply.has_failure()) {
                const pb::HostFailure& f = answer.reply.failure();
                done(base::Error{code_named(f.code()), f.message(), static_cast<std::int64_t>(f.raw())});
            } else {
                done(std::move(answer));
            }
            if (down_) return false;  // closed by the one who was answered
        }
        if (!waiting_.empty()) oldest_since_ = SteadyClock::now();
        return true;
    }

    bool broke_protocol(const std::string& how) {
        go_down(lost("broke the protocol: " + how), true);
        return false;
    }

    void tick() {
        ticking_ = true;
        timer_.expires_after(kTick);
        timer_.async_wait([self = shared_from_this()](const asio::error_code&) {
            self->ticking_ = false;
            if (self->down_ || self->waiting_.empty()) return;
            if (SteadyClock::now() - self->oldest_since_ < self->waiting_.front().timeout) return self->tick();
            const auto limit = std::to_string(self->waiting_.front().timeout.count()) + " ms";
            self->go_down(self->lost("gave no answer for " + limit + " and was given up"), true,
                          base::Error{base::Code::timeout, "UKEY " + self->who_ + " gave no answer for " + limit});
        });
    }

    asio::io_context& io_;
    asio::local::stream_protocol::socket socket_;
    asio::steady_timer timer_;
    std::string who_;
    Down on_down_;
    std::optional<base::Error> down_;
    std::uint64_t next_id_ = 1;
    std::deque<Waiting> waiting_;
    SteadyClock::time_point oldest_since_;
    bool ticking_ = false;
    Outgoing filling_;
    Outgoing sending_;
    std::uint64_t queued_ = 0;
    std::uint64_t handed_over_ = 0;  ///< of them, to the socket: they may have left
    bool writing_ = false;
    bool flush_posted_ = false;
    host::FrameReader reader_;
};

HostChannel::HostChannel(asio::io_context& io, base::Fd socket, std::string who, Down on_down)
    : state_(std::make_shared<State>(io, std::move(socket), std::move(who), std::move(on_down))) {
    state_->begin();
}

HostChannel::~HostChannel() {
    // A worker may hold the last reference: the socket and the calls belong to the io thread.
    asio::post(state_->io(), [state = state_] {
        state->go_down({base::Code::cancelled, "the connection to UKEY " + state->who() + " was closed"}, false);
    });
}

void HostChannel::call(pb::HostRequest request, std::vector<RoleSecret> secrets, std::chrono::milliseconds timeout, Done done, Effect effect) {
    state_->call(std::move(request), std::move(secrets), timeout, std::move(done), effect);
}

base::Result<HostAnswer> HostChannel::call_and_wait(pb::HostRequest request, std::vector<RoleSecret> secrets, std::chrono::milliseconds timeout, Effect effect) {
    auto promise = std::make_shared<std::promise<base::Result<HostAnswer>>>();
    auto answer = promise->get_future();
    auto work = [state = state_, request = std::move(request), secrets = std::move(secrets), timeout, effect, promise = std::move(promise)]() mutable {
        state->call(std::move(request), std::move(secrets), timeout,
                    [promise = std::move(promise)](base::Result<HostAnswer> result) { promise->set_value(std::move(result)); }, effect);
    };
    asio::post(state_->io(), std::move(work));
    try {
        return answer.get();
    } catch (const std::future_error&) {  // the loop was taken down with the call in it
        return {effect == Effect::none ? base::Code::cancelled : base::Code::outcome_unknown, "the service was shutting down while the UKEY was asked"};
    }
}

void HostChannel::close(base::Error why) { state_->go_down(std::move(why), false); }
bool HostChannel::up() const noexcept { return state_->up(); }
std::size_t HostChannel::outstanding() const noexcept { return state_->outstanding(); }

}  // namespace tokens

#include "kmp/service/walk.h"

#include "kmp/service/refusals.h"
#include "wire/failure.h"

namespace kmp::service {

using audit::Field;
using base::Code;

/// What travels with an errand from step to step.
struct Walk::Step {
    std::shared_ptr<Books> books;
    std::unique_ptr<Errand> errand;
    std::shared_ptr<const Session> session;
    std::optional<Caller> caller;
    std::optional<policy::Spending::Booking> booking;
    Peer peer;
    Sink sink;
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
};

// ---- the page -------------------------------------------------------------------------------------------------------

void Walk::go(std::shared_ptr<const Session> session, const Peer& peer, std::unique_ptr<Errand> errand, Sink sink) {
    const auto step = std::make_shared<Step>();
    step->errand = std::move(errand);
    step->peer = peer;
    step->session = session;
    step->sink = std::move(sink);
    step->books = service_.books();
    ++under_way_;
    if (!step->books) return deny(step, {Code::sealed, "the service is sealed; an administrator must unseal it"});
    if (!service_.failing().empty()) return deny(step, {Code::storage_failed, service_.failing()});
    Books& books = *step->books;
    const base::Millis now = service_.now();

    // Caller: who asks, checked for this one request.
    auto caller = Caller::asking(session, books, service_.custodian(), now);
    if (!caller) return deny(step, caller.error());
    step->caller = std::move(*caller);

    // Permit: what the grant says to it. Money is booked before a key is touched, so that caps hold among many at once.
    auto ask = step->errand->plan(*step->caller, books, now);
    if (!ask) return deny(step, ask.error());
    policy::Spending& spending = books.spending[step->caller->record().serial];
    auto permit = model::permit(step->caller->grant(), *ask, spending.view(now, books.house.day_offset), now, books.house.day_offset);
    if (!permit) return deny(step, permit.error());
    if (auto more = step->errand->permitted(*step->caller, books, now); !more) return deny(step, more.error());
    if (ask->orders > 0) step->booking = spending.reserve(ask->amount, ask->orders, now, books.house.day_offset);

    // Outcome: the custodian is the one door to keys, and the permit opens it once.
    auto request = step->errand->request();
    if (!request) {
        auto work = step->errand->work();
        if (!work) return outcome(step, tokens::HostAnswer{});
        return service_.aside(std::move(work), [this, step](base::Status done) { done ? outcome(step, tokens::HostAnswer{}) : deny(step, done.error()); });
    }
    service_.custodian().perform(std::move(*permit), std::move(*request),
                                 [this, step, asked = std::chrono::steady_clock::now()](base::Result<tokens::HostAnswer> answer) {
                                     service_.metrics().ukey_time.since(asked);
                                     if (!answer) service_.metrics().ukey_failed.add();
                                     outcome(step, std::move(answer));
                                 });
}

void Walk::outcome(const std::shared_ptr<Step>& step, base::Result<tokens::HostAnswer> answer) {
    if (!answer) return deny(step, answer.error());
    // Once more: who was suspended or revoked while the token worked gets nothing, and nothing of it stands in the log after that.
    if (auto still = Caller::of(step->session, *step->books, service_.custodian(), service_.now()); !still) return deny(step, still.error());
    const bool asked = answer->reply.result_case() != tokens::pb::HostReply::RESULT_NOT_SET;
    auto entry = step->errand->conclude(*step->caller, asked ? &answer->reply : nullptr);
    if (!entry) return deny(step, entry.error());
    if (entry->charge && step->booking) {
        entry->charge->day = step->booking->day;
        entry->charge->month = step->booking->month;
    }
    write(step, std::move(*entry));
}

void Walk::write(const std::shared_ptr<Step>& step, Entry entry) {
    // Receipt: only the journal gives one, after the commit.
    entry.done = [this, step](base::Result<audit::Receipt> receipt) {
        if (!receipt) {
            step->errand->abandon(*step->books);
            if (step->booking) step->books->spending[step->caller->record().serial].release(*step->booking);
            service_.audit_failed(receipt.error());
            --under_way_;
            return answer(step, Reply::unlogged(receipt.error()));
        }
        // Reply: and the books follow what is durable.
        wire::pb::StationReply message = step->errand->settle(*step->books, *receipt);
        step->books->applied(*receipt);
        if (step->books->meters.dirty_count() >= Service::kMeterFlush) service_.flush_meters();
        --under_way_;
        answer(step, Reply::with(std::move(message), *receipt));
    };
    step->books->writer->submit(std::move(entry));
}

void Walk::deny(const std::shared_ptr<Step>& step, const base::Error& error) {
    if (step->books && step->caller) {
        step->errand->abandon(*step->books);
        if (step->booking) step->books->spending[step->caller->record().serial].release(*step->booking);
    }
    --under_way_;
    audit::Event event(step->errand->is_order() ? audit::EventType::order_refused : audit::EventType::denied);
    step->errand->describe(event);
    if (step->caller) step->caller->describe(event);
    else step->peer.describe(event);
    refuse(step->peer, std::move(event), error, [this, step](Reply reply) { answer(step, std::move(reply)); });
}

void Walk::answer(const std::shared_ptr<Step>& step, Reply reply) {
    if (step->errand->is_order()) {
        if (step->session) ++step->session->orders;
        const bool repeated = reply.message().has_order() && reply.message().order().repeated();
        service_.metrics().order(step->errand->operation(), reply.failed() ? OrderEnd::refused : repeated ? OrderEnd::repeated : OrderEnd::done, step->begin);
    }
    step->sink(std::move(reply));
}

namespace {

std::string what_of(const audit::Event& event) {
    const base::ByteView request = event.value_of(Field::request);
    return request.empty() ? std::string(audit::name(event.type())) : std::string(base::as_text(request));
}

}  // namespace

// ---- beside it ------------------------------------------------------------------------------------------------------

Walk::Walk(Service& service)
    : service_(service),
      denials_(service.io(), [this](audit::Event event, Denials::Done done) {
          const std::shared_ptr<Books> books = service_.books();
          if (!books) return done(base::Error{Code::sealed, "the service was sealed meanwhile"});
          Entry entry;
          entry.events.push_back(std::move(event));
          // It counts as long as the log has not taken it: a flood of refusals is "busy" like any other.
          ++under_way_;
          entry.done = [this, books, done = std::move(done)](base::Result<audit::Receipt> receipt) {
              --under_way_;
              if (receipt) books->applied(*receipt);
              else service_.audit_failed(receipt.error());
              done(receipt);
          };
          books->writer->submit(std::move(entry));
      }, service.metrics()) {}

void Walk::refuse(const Peer& peer, audit::Event event, const base::Error& error, Sink sink) {
    const std::string_view rule = rule_of(error.message);
    service_.metrics().refusal(rule);
    // While sealed there is no log to write to, and nothing that a refusal could give away; while failing it says why.
    if (!service_.books()) service_.lines().say("requests while the service was sealed", peer.text() + " asked for " + what_of(event));
    if (!service_.books() || !service_.failing().empty()) return sink(Reply::unlogged(error));
    event.text(Field::code, base::name(error.code)).text(Field::detail, error.message).text(Field::rule, rule);
    denials_.take(peer, std::move(event), service_.now(), [error, sink = std::move(sink)](const base::Result<audit::Receipt>& receipt) {
        sink(receipt ? Reply::refusal(error, *receipt) : Reply::unlogged(receipt.error()));
    });
}

Reply::Reply(const base::Error& error) : failed_(error.code) { wire::set_failure(*message_.mutable_failure(), error, error.code == Code::busy ? 50 : 0); }

}  // namespace kmp::service

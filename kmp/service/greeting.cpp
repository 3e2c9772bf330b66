#include "kmp/service/greeting.h"

#include "audit/checkpoint.h"
#include "kmp/service/own_checkpoint.h"
#include "wire/client.h"

namespace kmp::service {
namespace {

using base::Code;

/// `size`: of the newest checkpoint.
base::Status extends(const std::string& note, std::uint64_t size, store::Database& lookups, wire::pb::HelloReply& out) {
    auto checkpoint = own_checkpoint(lookups, note);
    if (!checkpoint) return std::move(checkpoint).error().in("checkpoint");
    if (checkpoint->size > size)
        return {Code::tampered, "checkpoint: you hold one over " + std::to_string(checkpoint->size) + " records, this log has " + std::to_string(size) +
                                    ": it was rolled back; tell the auditor"};
    audit::LogReader reader(lookups);
    KMP_TRY(const audit::Proof proof, audit::consistency_proof(reader, checkpoint->size, size));
    for (const audit::Digest& d : proof) out.add_consistency(base::to_string(d));
    return {};
}

base::Result<wire::pb::ProveReply> inclusion(std::uint64_t index, std::uint64_t size, store::Database& lookups) {
    audit::LogReader reader(lookups);
    KMP_TRY(const audit::Digest leaf, reader.node(0, index));
    KMP_TRY(const audit::Proof proof, audit::inclusion_proof(reader, index, size));
    wire::pb::ProveReply out;
    out.set_leaf_hash(base::to_string(leaf));
    for (const audit::Digest& d : proof) out.add_proof(base::to_string(d));
    return out;
}

using Greeted = std::function<void(base::Result<wire::pb::HelloReply>)>;

void hold_against(Service& service, const std::shared_ptr<Books>& books, const std::string& note, wire::pb::HelloReply out, Greeted done) {
    const auto& last = service.last_checkpoint();
    out.set_checkpoint(last.note);
    service.aside(
        [note, size = last.size, lookups = books->lookups.get(), out = std::move(out)]() mutable -> base::Result<wire::pb::HelloReply> {
            KMP_CHECK(extends(note, size, *lookups, out));
            return std::move(out);
        },
        [books, done = std::move(done)](base::Result<wire::pb::HelloReply> answer) { done(std::move(answer)); });
}

/// Since the service was opened nothing was signed yet, and without that what the client holds cannot be answered. Only what one of our keys has signed has another signed.
void sign_and_hold_against(Service& service, const std::shared_ptr<Books>& books, const std::string& note, wire::pb::HelloReply out, Greeted done) {
    const auto then = [&service, books, note, out = std::move(out), done = std::move(done)](const base::Result<audit::Checkpoint>& ours) {
        if (!ours) return done(base::Error(ours.error()).in("checkpoint"));
        if (service.books() != books) return done(base::Error{Code::sealed, "the service was sealed meanwhile"});
        if (!service.last_checkpoint().note.empty()) return hold_against(service, books, note, out, done);
        service.checkpoint([&service, books, note, out, done](const base::Result<std::string>& made) {
            if (!made) return done(made.error());
            hold_against(service, books, note, out, done);
        });
    };
    service.aside([note, lookups = books->lookups.get()] { return own_checkpoint(*lookups, note); }, then);
}

}  // namespace

void greet(Service& service, const wire::pb::Hello& hello, std::function<void(base::Result<wire::pb::HelloReply>)> done) {
    if (hello.version() != wire::kProtocolVersion)
        return done(base::Error{Code::unsupported, "hello: this service speaks version 1 of the protocol, not " + std::to_string(hello.version())});
    if (hello.client().size() > 64) return done(base::Error{Code::invalid_argument, "client: at most 64 bytes"});
    wire::pb::HelloReply out;
    out.set_version(wire::kProtocolVersion);
    out.set_service(std::string(kVersion));
    out.set_state(std::string(name(service.phase())));
    const std::shared_ptr<Books> books = service.books();
    if (!books) return done(std::move(out));
    auto key = audit::verifier_key(books->house.origin, books->house.checkpoint.spki());
    if (!key) return done(std::move(key).error());
    out.set_key(std::move(*key));
    out.set_checkpoint(service.last_checkpoint().note);
    if (hello.checkpoint().empty()) return done(std::move(out));
    const auto hold = service.last_checkpoint().note.empty() ? sign_and_hold_against : hold_against;
    hold(service, books, hello.checkpoint(), std::move(out), std::move(done));
}

void prove(Service& service, const wire::pb::Prove& asked, std::function<void(base::Result<wire::pb::ProveReply>)> done) {
    constexpr std::chrono::milliseconds kPause{10000};
    constexpr std::chrono::milliseconds kSigning{200};
    const std::shared_ptr<Books> books = service.books();
    const std::string record = "record " + std::to_string(asked.index());
    if (asked.index() >= books->writer->head().size) return done(base::Error{Code::not_found, "index: the log has no " + record});
    const auto& last = service.last_checkpoint();
    if (asked.index() >= last.size) {
        const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - last.at);
        const auto wait = age < kPause ? kPause - age : kSigning;
        if (age >= kPause) service.checkpoint_soon();
        return done(base::Error{Code::busy, record + " is under no signed checkpoint yet; ask again", wait.count()});
    }
    service.aside([index = asked.index(), size = last.size, lookups = books->lookups.get()] { return inclusion(index, size, *lookups); },
                  [books, note = last.note, done = std::move(done)](base::Result<wire::pb::ProveReply> answer) {
                      if (answer) answer->set_checkpoint(note);
                      done(std::move(answer));
                  });
}

}  // namespace kmp::service

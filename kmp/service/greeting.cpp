#include "kmp/service/greeting.h"

#include "audit/checkpoint.h"
#include "wire/client.h"

namespace kmp::service {
namespace {

using base::Code;

/// What a client's checkpoint is held against, and the proof for it.
struct Kept {
    std::string note;
    const House& house;      ///< of the books that whoever waits for the answer holds; it never changes
    std::uint64_t size = 0;  ///< of the newest checkpoint
};

base::Status extends(const Kept& kept, store::Database& lookups, wire::pb::HelloReply& out) {
    auto checkpoint = kept.house.own_checkpoint(kept.note);
    if (!checkpoint) return std::move(checkpoint).error().in("checkpoint");
    if (checkpoint->size > kept.size)
        return {Code::tampered, "checkpoint: you hold one over " + std::to_string(checkpoint->size) + " records, this log has " + std::to_string(kept.size) +
                                    ": it was rolled back; tell the auditor"};
    audit::LogReader reader(lookups);
    KMP_TRY(const audit::Proof proof, audit::consistency_proof(reader, checkpoint->size, kept.size));
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

void hold_against(Service& service, const std::shared_ptr<Books>& books, const std::string& note, wire::pb::HelloReply out, std::function<void(base::Result<wire::pb::HelloReply>)> done) {
    service.aside(
        [kept = Kept{note, books->house, service.last_checkpoint().size}, lookups = books->lookups.get(), out = std::move(out)]() mutable -> base::Result<wire::pb::HelloReply> {
            KMP_CHECK(extends(kept, *lookups, out));
            return std::move(out);
        },
        [books, done = std::move(done)](base::Result<wire::pb::HelloReply> answer) { done(std::move(answer)); });
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
    const auto& last = service.last_checkpoint();
    out.set_checkpoint(last.note);
    if (hello.checkpoint().empty()) return done(std::move(out));
    if (!last.note.empty()) return hold_against(service, books, hello.checkpoint(), std::move(out), std::move(done));
    // Since it was opened nothing was signed yet. Without that, what the client holds cannot be answered.
    service.first_checkpoint([&service, books, kept = hello.checkpoint(), out = std::move(out), done = std::move(done)](const base::Status& made) mutable {
        if (!made) return done(made.error());
        if (service.books() != books) return done(base::Error{Code::sealed, "the service was sealed meanwhile"});
        out.set_checkpoint(service.last_checkpoint().note);
        hold_against(service, books, kept, std::move(out), std::move(done));
    });
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

#include "kmp/service/greeting.h"

#include "audit/checkpoint.h"
#include "wire/client.h"

namespace kmp::service {

using base::Code;

base::Result<wire::pb::HelloReply> greet(Service& service, const wire::pb::Hello& hello) {
    if (hello.version() != wire::kProtocolVersion)
        return {Code::unsupported, "hello: this service speaks version 1 of the protocol, not " + std::to_string(hello.version())};
    if (hello.client().size() > 64) return {Code::invalid_argument, "client: at most 64 bytes"};
    wire::pb::HelloReply out;
    out.set_version(wire::kProtocolVersion);
    out.set_service(std::string(kVersion));
    out.set_state(std::string(name(service.phase())));
    const std::shared_ptr<Books>& books = service.books();
    if (!books) return out;
    const auto& last = service.last_checkpoint();
    out.set_checkpoint(last.note);
    if (hello.checkpoint().empty()) return out;
    auto kept = audit::verify_checkpoint(hello.checkpoint(), books->house.checkpoint.spki());
    if (!kept) return std::move(kept).error().in("checkpoint");
    if (kept->origin != books->house.origin) return {Code::invalid_argument, "checkpoint: it is of another log, " + kept->origin};
    if (kept->size > last.size)
        return {Code::tampered, "checkpoint: you hold one over " + std::to_string(kept->size) + " records, this log has " + std::to_string(last.size) +
                                    ": it was rolled back; tell the auditor"};
    audit::LogReader reader(*books->reads);
    KMP_TRY(const audit::Proof proof, audit::consistency_proof(reader, kept->size, last.size));
    for (const audit::Digest& d : proof) out.add_consistency(base::to_string(d));
    return out;
}

base::Result<wire::pb::ProveReply> prove(Service& service, const wire::pb::Prove& asked) {
    constexpr std::chrono::milliseconds kPause{10000};
    constexpr std::chrono::milliseconds kSigning{200};
    const std::shared_ptr<Books>& books = service.books();
    if (!books) return {Code::sealed, "the service is sealed; an administrator must unseal it"};
    const std::string record = "record " + std::to_string(asked.index());
    if (asked.index() >= books->writer->head().size) return {Code::not_found, "index: the log has no " + record};
    const auto& last = service.last_checkpoint();
    if (asked.index() >= last.size) {
        const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - last.at);
        const auto wait = age < kPause ? kPause - age : kSigning;
        if (age >= kPause) service.checkpoint_soon();
        return {Code::busy, record + " is under no signed checkpoint yet; ask again", wait.count()};
    }
    audit::LogReader reader(*books->reads);
    KMP_TRY(const audit::Digest leaf, reader.node(0, asked.index()));
    KMP_TRY(const audit::Proof proof, audit::inclusion_proof(reader, asked.index(), last.size));
    wire::pb::ProveReply out;
    out.set_leaf_hash(base::to_string(leaf));
    out.set_checkpoint(last.note);
    for (const audit::Digest& d : proof) out.add_proof(base::to_string(d));
    return out;
}

}  // namespace kmp::service

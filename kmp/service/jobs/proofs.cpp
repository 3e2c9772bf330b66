#include "kmp/service/jobs/proofs.h"

#include "audit/consistency_file.h"
#include "audit/log_reader.h"
#include "audit/proof_file.h"
#include "kmp/service/own_checkpoint.h"

namespace kmp::service {
namespace {

using base::Code;

/// The newest checkpoint where it is over at least `size` events; otherwise one that is signed now.
base::Result<std::string> note_over(Job& job, std::uint64_t size) {
    const auto [note, over] = job.service.on_io([&] { return std::pair(job.service.last_checkpoint().note, job.service.last_checkpoint().size); });
    if (!note.empty() && over >= size) return note;
    KMP_TRY(const wire::pb::AuditCheckpointReply made, sign_checkpoint(job));
    return made.note();
}

base::Result<std::string> prove_event(Job& job, Books& books, std::uint64_t index) {
    audit::LogReader log(*books.reports);
    KMP_TRY(const std::uint64_t size, log.size());
    if (index >= size) return {Code::not_found, "index: the log has no event " + std::to_string(index) + "; its last is " + std::to_string(size - 1)};
    audit::ProofFile out;
    out.index = index;
    KMP_TRY(out.record, log.record(index));
    out.leaf = audit::leaf_hash(out.record);
    KMP_TRY(out.note, note_over(job, index + 1));
    KMP_TRY(const audit::Checkpoint point, audit::read_checkpoint(out.note));
    KMP_TRY(out.proof, audit::inclusion_proof(log, index, point.size));
    // What would convince nobody is not handed out.
    if (!audit::verify_inclusion(out.leaf, index, point.size, out.proof, point.root))
        return {Code::tampered, "event " + std::to_string(index) + " is not what the tree of the log says; tell the auditor, and verify the log ('kmpctl audit export')"};
    return out.text();
}

base::Result<std::string> prove_growth(Job& job, Books& books, const std::string& older) {
    auto before = own_checkpoint(*books.reports, older);
    if (!before) return std::move(before).error().in("checkpoint");
    audit::LogReader log(*books.reports);
    KMP_TRY(const std::uint64_t size, log.size());
    if (before->size > size)
        return {Code::tampered, "checkpoint: it is over " + std::to_string(before->size) + " events, this log has " + std::to_string(size) + ": it was set back; tell the auditor"};
    audit::ConsistencyFile out;
    out.older = older;
    KMP_TRY(out.newer, note_over(job, before->size));
    KMP_TRY(const audit::Checkpoint now, audit::read_checkpoint(out.newer));
    KMP_TRY(out.proof, audit::consistency_proof(log, before->size, now.size));
    if (!audit::verify_consistency(before->size, before->root, now.size, now.root, out.proof))
        return {Code::tampered, "checkpoint: this log does not go on from it: its first " + std::to_string(before->size) + " events are others; tell the auditor"};
    return out.text();
}

}  // namespace

base::Result<wire::pb::AuditProveReply> prove_audit(Job& job, const wire::pb::AuditProve& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    if (!request.checkpoint().empty() && request.index() != 0) return {Code::invalid_argument, "index: a checkpoint is proved, or an event, not both"};
    wire::pb::AuditProveReply out;
    KMP_TRY(*out.mutable_file(), request.checkpoint().empty() ? prove_event(job, *books, request.index()) : prove_growth(job, *books, request.checkpoint()));
    return out;
}

}  // namespace kmp::service

#include "kmp/service/past.h"

#include <algorithm>
#include <utility>

#include "audit/log_reader.h"

namespace kmp::service {

using base::Code;

namespace {

base::Error closed() { return {Code::cancelled, "the service was sealed meanwhile"}; }

}  // namespace

Past::Past(store::Database reads, std::string origin, std::vector<Key> keys, std::set<Contradiction> accepted, std::uint64_t accept)
    : reads_(std::move(reads)), origin_(std::move(origin)), keys_(std::move(keys)), accepted_(std::move(accepted)), accept_(accept) {}

base::Result<std::uint64_t> Past::hold(const std::string& note, const std::string& where) {
    KMP_TRY(const audit::Checkpoint point, audit::read_checkpoint(note));
    if (point.origin != origin_) return {Code::key_invalid, "the checkpoint in " + where + " is of another log, " + point.origin};
    const auto signer = std::find_if(keys_.rbegin(), keys_.rend(), [&](const Key& key) { return static_cast<bool>(audit::verify_checkpoint(note, key.spki)); });
    if (signer == keys_.rend()) return {Code::key_invalid, "the checkpoint in " + where + " is signed by no key of this log"};
    if (signer != keys_.rbegin() && point.size > std::prev(signer)->from) return point.size;
    const std::lock_guard lock(mutex_);
    if (!reads_) return closed();
    audit::LogReader log(*reads_);
    KMP_TRY(const std::uint64_t size, log.size());
    const auto wrong = [&](const std::string& what) -> base::Result<std::uint64_t> {
        const Contradiction found{point.size, point.root};
        if (accepted_.contains(found)) return point.size;
        if (point.size <= accept_) {
            accepted_.insert(found);
            newly_accepted_.push_back(found);
            return point.size;
        }
        evidence_ = note;
        return base::Error{Code::tampered, "the log of this machine " + what + ", and " + where + " has a checkpoint over " + std::to_string(point.size) +
                                               " that it signed: an older state was put in its place. Keep it for the auditor; what was sold since is in no book here (docs/OPERATION.md, 'A log that went back')"};
    };
    if (point.size > size) return wrong("ends at record " + std::to_string(size));
    KMP_TRY(const audit::Digest root, audit::root_at(log, point.size));
    if (root != point.root) return wrong("has other records");
    return point.size;
}

base::Result<audit::Proof> Past::consistency(std::uint64_t old_size, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    if (!reads_) return closed();
    audit::LogReader log(*reads_);
    return audit::consistency_proof(log, old_size, size);
}

std::vector<Past::Contradiction> Past::take_accepted() {
    const std::lock_guard lock(mutex_);
    return std::exchange(newly_accepted_, {});
}

std::string Past::evidence() {
    const std::lock_guard lock(mutex_);
    return evidence_;
}

base::Result<std::uint64_t> Past::size() {
    const std::lock_guard lock(mutex_);
    if (!reads_) return closed();
    return audit::LogReader(*reads_).size();
}

void Past::close() {
    const std::lock_guard lock(mutex_);
    reads_.reset();
}

}  // namespace kmp::service

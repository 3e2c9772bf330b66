// What leaves the live database, and under which policy.
#include "audit/replay.h"
#include "audit/tile.h"

namespace audit {

void Replay::remember_time(const Record& r) {
    if (const std::uint64_t tile = r.index() / kTileWidth; r.index() % kTileWidth == kTileWidth - 1 && tile >= tiles_forgotten_)
        tile_times_.resize(static_cast<std::size_t>(tile + 1 - tiles_forgotten_), r.time());
}

void Replay::checkpointed(const Record& r) {
    newest_checkpoint_ = std::max(newest_checkpoint_, r.number(Field::size));
}

void Replay::retention_set(const Record& r) {
    auto policy = model::Retention::decode(r.bytes(Field::statement));
    if (!policy) return find(r, "retention", "the policy: " + policy.error().message);
    of_this_log(r, policy->home, "a retention policy");
    if (policy->live_days != r.number(Field::days) || policy->keep_days != r.number(Field::keep_days))
        find(r, "retention", "the policy that was signed says " + std::to_string(policy->live_days) + " and " + std::to_string(policy->keep_days) + " days, the record says " +
                                 std::to_string(r.number(Field::days)) + " and " + std::to_string(r.number(Field::keep_days)));
    if (!signed_by_master("retention", r.bytes(Field::statement), r.bytes(Field::signature)))
        find(r, "retention", "the signature of the policy is none of the master-control UKEYs in service");
    else if (rules_ < kDeedsSigned) agreed(r, "a retention policy", "retention", base::as_text(r.bytes(Field::statement)));  // from then on by_word() asks
    if (const std::uint32_t before = retention_ ? retention_->number : 0; policy->number <= before)
        find(r, "retention", "policy " + std::to_string(policy->number) + " does not rise above " + std::to_string(before));
    retention_ = std::move(*policy);
}

void Replay::archived(const Record& r) {
    const std::uint64_t first = r.number(Field::first);
    const std::uint64_t end = r.number(Field::size);
    const std::string range = "records " + std::to_string(first) + " up to " + std::to_string(end);
    if (first != archived_) find(r, "archive", range + " were archived, and " + std::to_string(archived_) + " were before: a part is missing, or was archived twice");
    if (end <= first || end > r.index() || end % kTileWidth != 0) return find(r, "archive", range + " are no range of whole tiles of this log");
    if (end > newest_checkpoint_) find(r, "archive", range + " were archived, and the newest checkpoint was over " + std::to_string(newest_checkpoint_));
    archived_ = end;
    if (!retention_) return find(r, "archive", range + " were archived, and no retention policy was set");
    // Of times before an end that was archived already nothing is kept; nor of a tile whose last record is a finding itself.
    const std::uint64_t tile = end / kTileWidth - 1;
    if (tile < tiles_forgotten_ || tile - tiles_forgotten_ >= tile_times_.size()) return;
    const base::Millis newest = tile_times_[tile - tiles_forgotten_];
    if (!retention_->lets_go(newest, r.time()))
        find(r, "archive", range + " were archived, the newest of " + base::to_rfc3339(newest) + ": " + retention_->in_words());
    tile_times_.erase(tile_times_.begin(), tile_times_.begin() + static_cast<std::ptrdiff_t>(tile + 1 - tiles_forgotten_));
    tiles_forgotten_ = tile + 1;
}

}  // namespace audit

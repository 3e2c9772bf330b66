#include "kmp/policy/meter_book.h"

namespace kmp::policy {

void MeterBook::restart(Lookup lookup) {
    lookup_ = std::move(lookup);
    entries_.clear();
    dirty_.clear();
}

base::Result<MeterBook::Entry*> MeterBook::find(model::MeterNumber number) {
    if (const auto it = entries_.find(number); it != entries_.end()) return &it->second;
    auto stored = lookup_(number);
    if (!stored && stored.error().code != base::Code::not_found) return stored.error();
    Entry entry;
    if (stored) entry.meter = *stored;
    entry.meter.number = number;
    // unordered_map keeps its elements in place, so the pointer outlives later insertions.
    return &entries_.emplace(number, entry).first->second;
}

void MeterBook::changed(Entry& entry) {
    if (entry.dirty) return;
    entry.dirty = true;
    dirty_.push_back(&entry);
}

std::vector<Meter> MeterBook::take_dirty() {
    std::vector<Meter> out;
    out.reserve(dirty_.size());
    for (Entry* entry : dirty_) {
        entry->dirty = false;
        out.push_back(entry->meter);
    }
    dirty_.clear();
    return out;
}

}  // namespace kmp::policy

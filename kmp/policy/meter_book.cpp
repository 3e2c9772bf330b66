#include "kmp/policy/meter_book.h"

namespace kmp::policy {

base::Status Meter::may_download(std::string_view ukey, base::Millis now) const {
    // Whoever knows the published factory keys could read what is sent. A report that the meter was recovered proves nothing (under the
    // factory keys anyone can answer for it), so it does not open this door again.
    if (!keyed) return {};
    const std::string what = "state: meter " + number.text() + " has its private keys already, or had them once; ";
    const std::string how = "'kmpctl meter allow-download " + number.text() + "'";
    if (allowed_until == 0) return {base::Code::refused, what + "a second download under the factory keys must be allowed: " + how};
    if (now > allowed_until) return {base::Code::refused, what + "the second download that was allowed was to happen until " + base::to_rfc3339(allowed_until) + "; allow it anew: " + how};
    if (!allowed_to.empty() && allowed_to != ukey)
        return {base::Code::refused, what + "the second download that was allowed was begun with UKEY " + allowed_to + ", which alone may repeat it; go on with that one, or allow it anew: " + how};
    return {};
}

void Meter::allow_download(base::Millis until) {
    known = true;
    allowed_until = until;
    allowed_to.clear();
}

void Meter::download_begun(std::string_view ukey) {
    if (allowed_until != 0) allowed_to = ukey;
}

void Meter::download_done() {
    allowed_until = 0;
    allowed_to.clear();
}

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

#include "kmp/service/share_box.h"

namespace kmp::service {

void ShareBox::put(std::uint64_t request, const base::UkeySerial& officer, tokens::Share share, Time now) {
    const std::lock_guard lock(mutex_);
    Held& held = held_[request];
    held.since = now;
    held.shares.insert_or_assign(officer, std::move(share));
}

unsigned ShareBox::count(std::uint64_t request) const {
    const std::lock_guard lock(mutex_);
    const auto it = held_.find(request);
    return it == held_.end() ? 0 : static_cast<unsigned>(it->second.shares.size());
}

std::vector<tokens::Share> ShareBox::take(std::uint64_t request) {
    const std::lock_guard lock(mutex_);
    std::vector<tokens::Share> out;
    if (auto node = held_.extract(request))
        for (auto& [officer, share] : node.mapped().shares) out.push_back(std::move(share));
    return out;
}

void ShareBox::drop(const base::UkeySerial& officer) {
    const std::lock_guard lock(mutex_);
    for (auto& [request, held] : held_) held.shares.erase(officer);
}

void ShareBox::forget(Time now) {
    const std::lock_guard lock(mutex_);
    std::erase_if(held_, [&](const auto& entry) { return now - entry.second.since >= kLife; });
}

}  // namespace kmp::service

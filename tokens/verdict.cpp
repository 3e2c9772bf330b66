#include "tokens/verdict.h"

#include <algorithm>

namespace tokens {
namespace {

constexpr std::chrono::milliseconds kFirstPause{50};

Verdict failed(std::string problem) { return {Content::failed, {}, std::nullopt, std::move(problem)}; }

}  // namespace

Verdict judge(const Reader& reader, const pb::ProbeReply& probe) {
    const bool soft = reader.kind == ReaderKind::softhsm;
    if (!probe.present()) {
        if (soft) return failed("no token answers in " + reader.path);
        return {Content::empty, {}, std::nullopt, {}};
    }
    std::optional<UkeyFile> file;
    if (soft) {
        auto read = read_ukey_file(reader.path);
        if (read)
            file = std::move(*read);
        else if (read.error().code != base::Code::not_found)
            return failed(read.error().message);
    }
    if (!probe.initialised()) return {Content::blank, {}, std::move(file), {}};
    if (probe.ukey().empty()) return {Content::foreign, {}, std::move(file), {}};
    auto serial = base::UkeySerial::parse(probe.ukey());
    if (!serial) return failed("the token in reader '" + reader.name + "' has an unusable label: " + serial.error().message);
    if (soft && !file) return failed("UKEY " + probe.ukey() + " has lost its ukey.toml: without the salt in it no PIN opens it; restore the file from a backup");
    if (soft && file->serial != *serial)
        return failed("the ukey.toml in " + reader.path + " belongs to UKEY " + file->serial.text() + ", but the token is " + probe.ukey() + ": folders were mixed up");
    return {Content::ours, std::move(*serial), std::move(file), {}};
}

void StartBudget::prune(Time now) {
    std::erase_if(starts_, [&](Time t) { return now - t >= window_; });
}

bool StartBudget::spent(Time now) {
    prune(now);
    return starts_.size() >= most_;
}

StartBudget::Time StartBudget::next(Time now) {
    if (spent(now)) return starts_.front() + window_;
    if (starts_.empty()) return now;
    return now + std::min(kFirstPause * (1 << std::min<std::size_t>(starts_.size(), 6)), std::chrono::milliseconds(2000));
}

}  // namespace tokens

#include "store/page_capture.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

// The write-ahead log as https://sqlite.org/fileformat2.html#walformat has it: a header of 32 bytes (page size at 8, salt at 16), then frames: a header of 24 bytes (page number at 0, length of
// the database in pages at 4 in a commit's last frame, salt at 8, running checksum at 16) and a page.
namespace store {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kLogHeader = 32;
constexpr std::size_t kFrameHeader = 24;
constexpr std::size_t kFrame = kFrameHeader + kPage;
constexpr std::uint32_t kFramesAtOnce = 64;

std::uint32_t u32_at(const std::uint8_t* p) { return (std::uint32_t{p[0]} << 24) | (std::uint32_t{p[1]} << 16) | (std::uint32_t{p[2]} << 8) | p[3]; }
std::uint64_t u64_at(const std::uint8_t* p) { return (std::uint64_t{u32_at(p)} << 32) | u32_at(p + 4); }
off_t offset_of(std::uint32_t frame) { return static_cast<off_t>(kLogHeader + std::uint64_t{frame} * kFrame); }

bool read_at(int fd, std::uint8_t* out, std::size_t size, off_t at) { return ::pread(fd, out, size, at) == static_cast<ssize_t>(size); }

std::optional<std::uint64_t> salt_of(int fd) {
    std::uint8_t header[kLogHeader];
    if (!read_at(fd, header, sizeof header, 0) || u32_at(header + 8) != kPage) return std::nullopt;
    return u64_at(header + 16);
}

}  // namespace

PageCapture::PageCapture(std::string wal_path, std::size_t most) : wal_path_(std::move(wal_path)), most_(most) {
    if (!open_log()) return;
    const auto salt = salt_of(wal_.get());
    if (!salt) return;
    found_.salt = *salt;
    std::uint8_t header[kFrameHeader];
    while (read_at(wal_.get(), header, sizeof header, offset_of(static_cast<std::uint32_t>(checksums_.size()))) && u64_at(header + 8) == *salt) checksums_.push_back(u64_at(header + 16));
}

bool PageCapture::open_log() {
    if (!wal_) wal_ = base::Fd(::open(wal_path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    return static_cast<bool>(wal_);
}

bool PageCapture::holds(const Position& p) const {
    return p.frame > 0 && p.salt == found_.salt && p.frame <= checksums_.size() && checksums_[p.frame - 1] == p.checksum;
}

void PageCapture::committed(std::uint32_t frames, bool last_call) noexcept {
    const auto salt = open_log() ? salt_of(wal_.get()) : std::nullopt;
    if (!salt) {
        const std::lock_guard lock(mutex_);
        return give_up();
    }
    {
        const std::lock_guard lock(head_mutex_);
        behind_.store(*salt == head_.salt ? behind_.load(std::memory_order_relaxed) + frames - std::min(frames, head_.frames) : frames, std::memory_order_relaxed);
        head_ = {*salt, frames};
    }
    begun_.store(true, std::memory_order_release);
    if (last_call) gather();
}

void PageCapture::give_up() noexcept {
    lost_ = true;
    pages_.clear();
}

void PageCapture::restart() {
    const std::lock_guard lock(mutex_);
    lost_ = false;
    pages_.clear();
    at_ = {};
}

void PageCapture::rewind() {
    const std::lock_guard lock(mutex_);
    at_ = {};
}

void PageCapture::gather() {
    const std::lock_guard lock(mutex_);
    Head head;
    {
        const std::lock_guard head_lock(head_mutex_);
        head = head_;
        behind_.store(0, std::memory_order_relaxed);
    }
    if (lost_ || head.frames == 0) return;
    try {
        if (!read_up_to(head) || pages_.size() > most_) give_up();
    } catch (const std::bad_alloc&) {
        // The feed begins anew later; orders must not end for it.
        give_up();
    }
}

bool PageCapture::read_up_to(const Head& head) {
    if (at_.salt != head.salt) at_ = {head.salt, 0, 0};
    std::vector<std::uint8_t> buffer(kFramesAtOnce * kFrame);
    while (at_.frame < head.frames) {
        const std::uint32_t count = std::min(kFramesAtOnce, head.frames - at_.frame);
        if (!read_at(wal_.get(), buffer.data(), count * kFrame, offset_of(at_.frame))) return false;
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint8_t* frame = buffer.data() + i * kFrame;
            if (u64_at(frame + 8) != head.salt) return false;
            base::Bytes& page = pages_[u32_at(frame)];
            page.assign(frame + kFrameHeader, frame + kFrame);
            at_.checksum = u64_at(frame + 16);
            database_pages_ = u32_at(frame + 4);
        }
        at_.frame += count;
    }
    // The last frame is a commit's, which says how long the database is.
    return database_pages_ != 0;
}

PageCapture::Taken PageCapture::take() {
    const std::lock_guard lock(mutex_);
    return {std::exchange(pages_, {}), database_pages_, at_};
}

void PageCapture::put_back(Taken taken) {
    const std::lock_guard lock(mutex_);
    if (lost_) return;
    pages_.merge(taken.pages);
    if (pages_.size() > most_) give_up();
}

bool PageCapture::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

std::size_t PageCapture::pages() const {
    const std::lock_guard lock(mutex_);
    return pages_.size();
}

}  // namespace store

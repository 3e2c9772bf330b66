#include "audit/segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "audit/file_source.h"

namespace audit {
namespace {

using base::Code;

constexpr std::uint64_t kTellEvery = 20'000;  // records
constexpr int kDigits = 12;

/// A file that goes again unless it is kept.
class Partial {
public:
    static base::Result<Partial> make(std::string path) {
        Partial out;
        out.path_ = std::move(path);
        unlink(out.path_.c_str());  // of a run that was killed
        out.fd_ = base::Fd(open(out.path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!out.fd_) return base::errno_error("cannot write " + out.path_, errno);
        return out;
    }
    Partial(Partial&&) = default;
    Partial& operator=(Partial&&) = delete;
    ~Partial() {
        if (fd_) unlink(path_.c_str());
    }
    base::Status add(base::ByteView piece) {
        bytes_ += piece.size();
        while (!piece.empty()) {
            const ssize_t n = write(fd_.get(), piece.data(), piece.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return base::errno_error("cannot write " + path_, errno);
            piece = piece.subspan(static_cast<std::size_t>(n));
        }
        return {};
    }
    /// On the disk, and out of memory: what is read next comes from there.
    base::Status sync() {
        if (fsync(fd_.get()) != 0) return base::errno_error("cannot sync " + path_, errno);
        posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED);
        if (lseek(fd_.get(), 0, SEEK_SET) != 0) return base::errno_error("cannot read " + path_, errno);
        return {};
    }
    ByteSource source() const { return source_of(fd_, path_); }
    /// Under its name, unless something stands there.
    base::Status keep(const std::string& name) {
        if (renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) != 0) return base::errno_error("cannot rename " + path_ + " to " + name, errno);
        fd_.reset();
        return {};
    }
    const std::string& path() const noexcept { return path_; }
    std::uint64_t bytes() const noexcept { return bytes_; }

private:
    Partial() = default;
    std::string path_;
    base::Fd fd_;
    std::uint64_t bytes_ = 0;
};

base::Status sync_folder(const std::string& folder) {
    const base::Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || fsync(fd.get()) != 0) return base::errno_error("cannot sync " + folder, errno);
    return {};
}

base::Status check_place(const SegmentOrder& order, const std::string& file) {
    struct stat about {};
    if (stat(order.folder.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) return {Code::not_found, "folder: there is no folder " + order.folder + "; make it, or mount what it is on"};
    if (lstat(file.c_str(), &about) == 0)
        return {Code::already_exists, "folder: " + file + " is there already, and the log does not name it: a run was cut short, or it is another log's; move it away and try again"};
    return {};
}

/// All that is in the file, held against the log's own tree by way of the checkpoint. The rules are the log's, not the file's.
base::Status verify_back(const ByteSource& source, const std::string& path, const SegmentOrder& order) {
    VerifyOptions options;
    options.trust_anchor = order.head.certificates.front();
    options.known_checkpoint = order.checkpoint;
    if (!order.key.empty()) options.checkpoint_key = order.key;
    options.rules = false;
    KMP_TRY(const Verdict verdict, verify_export(source, options));
    if (verdict.sound && verdict.first == order.head.first && verdict.size == order.head.end) return {};
    return {Code::tampered, "what was written to " + path + " does not read back as the log: " + (verdict.findings.empty() ? "other records" : verdict.findings.front().message) +
                                "; nothing was archived; check the disk, and verify the log"};
}

}  // namespace

std::string segment_name(std::uint64_t first, std::uint64_t end, bool sealed) {
    char out[64];
    std::snprintf(out, sizeof out, "audit-%0*llu-%0*llu.kmpaudit%s", kDigits, static_cast<unsigned long long>(first), kDigits, static_cast<unsigned long long>(end), sealed ? ".sealed" : "");
    return out;
}

base::Result<SegmentFile> write_segment(LogReader& log, const SegmentOrder& order) {
    SegmentFile out;
    out.name = segment_name(order.head.first, order.head.end, !order.recipients.empty());
    const std::string file = order.folder + "/" + out.name;
    KMP_CHECK(check_place(order, file));
    KMP_TRY(Partial partial, Partial::make(file + ".partial"));
    const auto tell = [&](std::string_view step, std::uint64_t done) {
        if (order.tell) order.tell(step, done, order.head.end - order.head.first);
    };
    const ChunkSink sink = [&](base::ByteView piece) { return partial.add(piece); };
    std::optional<EnvelopeWriter> sealed;
    if (!order.recipients.empty()) {
        KMP_TRY(EnvelopeWriter begun, EnvelopeWriter::begin(order.recipients, sink));
        sealed.emplace(std::move(begun));
    }
    const ChunkSink to_file = sealed ? ChunkSink([&](base::ByteView piece) { return sealed->add(piece); }) : sink;
    KMP_CHECK(write_export(log, order.head, order.checkpoint, to_file, [&](std::uint64_t done) {
        if (done % kTellEvery == 0) tell("records are written", done);
    }));
    if (sealed) KMP_CHECK(sealed->finish());
    KMP_CHECK(partial.sync());
    tell("records are read back and verified", 0);
    if (sealed) {
        KMP_TRY(EnvelopeReader reader, sealed->read_back(partial.source()));
        KMP_CHECK(verify_back([&](std::span<std::uint8_t> room) { return reader.read(room); }, partial.path(), order));
    } else {
        KMP_CHECK(verify_back(partial.source(), partial.path(), order));
    }
    KMP_TRY(out.hash, base::sha256_of_file(partial.path()));
    out.bytes = partial.bytes();
    KMP_CHECK(partial.keep(file));
    if (base::Status synced = sync_folder(order.folder); !synced) {
        unlink(file.c_str());
        return std::move(synced).error();
    }
    return out;
}

}  // namespace audit

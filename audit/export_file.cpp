#include "audit/export_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>

#include "audit/export_parser.h"
#include "audit/text.h"

namespace audit {
namespace {

using base::Code;

/// Reads a file from its beginning, and hashes what it hands on.
class HashedSource {
public:
    explicit HashedSource(int fd, const std::string& name) : fd_(fd), name_(name), context_(EVP_MD_CTX_new()) {
        if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
    }
    ByteSource source() {
        return [this](std::span<std::uint8_t> out) { return next(out); };
    }
    /// Of all of the file, also of what nobody wanted to read.
    base::Result<base::Digest> finish() {
        base::Bytes rest(64 * 1024);
        for (;;) {
            KMP_TRY(const std::size_t n, next(rest));
            if (n == 0) break;
        }
        base::Digest out;
        if (EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) != 1) throw std::bad_alloc();
        return out;
    }

private:
    base::Result<std::size_t> next(std::span<std::uint8_t> out) {
        ssize_t n = 0;
        do n = pread(fd_, out.data(), out.size(), at_);
        while (n < 0 && errno == EINTR);
        if (n < 0) return base::errno_error("cannot read " + name_, errno);
        at_ += n;
        if (EVP_DigestUpdate(context_.get(), out.data(), static_cast<std::size_t>(n)) != 1) throw std::bad_alloc();
        return static_cast<std::size_t>(n);
    }
    struct Free {
        void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
    };
    int fd_;
    const std::string& name_;
    off_t at_ = 0;
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

base::Result<base::Fd> open_twice(const std::string& path) {
    base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return base::errno_error("cannot open " + path, errno);
    struct stat about {};
    if (fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode)) return {Code::invalid_argument, path + " is no file: an export is read twice, first to verify it; write it to a file"};
    return fd;
}

}  // namespace

ExportFile::ExportFile(base::Fd fd, std::string name, Opened opened) : name_(name) { pieces_.push_back({std::move(fd), std::move(name), std::move(opened)}); }

base::Result<ExportFile> ExportFile::open(const std::string& path, Opened opened) {
    KMP_TRY(base::Fd fd, open_twice(path));
    return ExportFile(std::move(fd), path, std::move(opened));
}

base::Status ExportFile::add(const std::string& path, Opened opened) {
    KMP_TRY(base::Fd fd, open_twice(path));
    pieces_.push_back({std::move(fd), path, std::move(opened)});
    name_ = std::to_string(pieces_.size()) + " files";
    return {};
}

base::Result<ExportFile> ExportFile::temporary() {
    const char* folder = std::getenv("TMPDIR");
    const std::string in = folder != nullptr && *folder != '\0' ? folder : "/tmp";
    base::Fd fd(::open(in.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
    if (!fd) return base::errno_error("cannot make a temporary file for the export in " + in + " (set TMPDIR to a folder that takes it)", errno);
    return ExportFile(std::move(fd), "the export", {});
}

base::Result<ExportFile::Log> ExportFile::log() {
    std::optional<Log> out;
    for (Piece& piece : pieces_) {
        KMP_TRY(Log log, log_of(piece));
        piece.first = log.first;
        if (!out || log.first < out->first) out = std::move(log);
    }
    std::ranges::stable_sort(pieces_, {}, &Piece::first);
    return std::move(*out);
}

base::Result<ExportFile::Log> ExportFile::log_of(Piece& piece) {
    HashedSource file(piece.fd.get(), piece.name);
    const ByteSource source = piece.content(file.source());
    ExportParser parser(source);
    auto head = parser.head();
    if (!head) return std::move(head).error().in(piece.name);
    base::Bytes genesis = std::move(head->genesis);
    if (genesis.empty()) {
        const auto first = parser.next();
        if (!first) return base::Error(first.error()).in(piece.name);
        genesis = base::to_bytes(*first);
    }
    const auto record = Record::decode(genesis);
    if (!record || record->type() != EventType::genesis) return {Code::malformed, piece.name + ": the log does not begin with its genesis"};
    const auto minutes = static_cast<base::Millis>(record->number(Field::day_offset)) - 720;
    return Log{clean_line(record->text(Field::origin)), clean_line(record->text(Field::utility)), UtilityTime(minutes * base::kMinute), head->head.first};
}

base::Result<Verdict> ExportFile::verify(const VerifyOptions& options) {
    std::vector<std::unique_ptr<HashedSource>> files;
    std::vector<Part> parts;
    for (const Piece& piece : pieces_) {
        files.push_back(std::make_unique<HashedSource>(piece.fd.get(), piece.name));
        parts.push_back({piece.name, piece.content(files.back()->source())});
    }
    auto verdict = verify_exports(parts, options);
    if (!verdict) return std::move(verdict).error().in(name_);
    if (!verdict->has_head) return {Code::malformed, name_ + ": " + verdict->findings.front().message};
    for (std::size_t i = 0; i < pieces_.size(); ++i) { KMP_TRY(pieces_[i].seen, files[i]->finish()); }
    return verdict;
}

base::Status ExportFile::each(const std::function<void(const Record&)>& each) {
    std::uint64_t next = 0;
    const auto once = [&](const Record& record) {
        if (record.index() < next) return;  // another file held it too
        next = record.index() + 1;
        each(record);
    };
    for (Piece& piece : pieces_) KMP_CHECK(each_of(piece, once));
    return {};
}

base::Status ExportFile::each_of(Piece& piece, const std::function<void(const Record&)>& each) {
    HashedSource file(piece.fd.get(), piece.name);
    const ByteSource source = piece.content(file.source());
    // As far as what is damaged can be told apart: what is damaged verify() has told.
    ExportParser parser(source, {[](const Block&) {}, [](std::optional<std::uint64_t>, std::string_view, const std::string&) {}});
    const auto hand_on = [&](base::ByteView bytes) {
        if (const auto record = Record::decode(bytes)) each(*record);
    };
    const auto read = [&]() -> base::Status {
        KMP_TRY(const ExportParser::Head head, parser.head());
        if (!head.genesis.empty()) hand_on(head.genesis);
        for (;;) {
            KMP_TRY(const base::ByteView bytes, parser.next());
            if (bytes.empty()) break;
            hand_on(bytes);
        }
        KMP_TRY(checkpoint_, parser.trailer());
        return {};
    };
    // Where it breaks off was found when it was verified, and whoever goes on knows.
    if (auto done = read(); !done && done.error().code != Code::malformed) return done;
    KMP_TRY(const base::Digest now, file.finish());
    if (now != piece.seen) return {Code::tampered, piece.name + " was changed while it was read: keep it where nobody else writes, and begin again"};
    return {};
}

}  // namespace audit

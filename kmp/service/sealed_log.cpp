#include "kmp/service/sealed_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace kmp::service {
namespace {

using base::Code;

constexpr std::size_t kMaxFile = 16 * 1024 * 1024;

base::Digest link(const base::Digest& previous, std::string_view text) { return base::sha256({previous, base::as_bytes(text)}); }

base::Result<SealedLog::Entry> parse(std::string_view text) {
    const base::Error bad{Code::malformed, "a line of the sealed log that cannot be read"};
    SealedLog::Entry e;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), e.time);
    if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return bad;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return bad;
    e.what = text.substr(0, space);
    e.detail = text.substr(space + 1);
    return e;
}

}  // namespace

base::Result<SealedLog> SealedLog::open(const std::string& path) {
    SealedLog log;
    log.path_ = path;
    log.file_ = base::Fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!log.file_) return base::errno_error("cannot open " + path, errno);
    // The socket alone does not tell: a second service of the same home may have been given another place for it.
    if (flock(log.file_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return {Code::conflict, "another kmpd works in this home already: it holds " + path};
        return base::errno_error("cannot lock " + path, errno);
    }
    base::Bytes content;
    if (auto read = base::read_file(path, kMaxFile); read) {
        content = std::move(*read);
    } else if (read.error().code != Code::not_found) {
        return read.error();
    }
    std::string_view rest = base::as_text(content);
    std::size_t good = 0;
    while (!rest.empty()) {
        const std::size_t newline = rest.find('\n');
        if (newline == std::string_view::npos) break;  // cut by a crash before it was acknowledged
        const std::string_view line = rest.substr(0, newline);
        const std::size_t last_space = line.rfind(' ');
        const bool chained = last_space != std::string_view::npos && line.size() - last_space - 1 == 64;
        const std::string_view text = chained ? line.substr(0, last_space) : line;
        const base::Digest next = link(log.chain_, text);
        if (!chained || base::to_hex(next) != line.substr(last_space + 1))
            return {Code::tampered, path + " was changed: line " + std::to_string(log.entries_.size() + 1) +
                                        " does not fit the chain; keep the file as evidence and move it away to go on"};
        KMP_TRY(Entry entry, parse(text));
        log.entries_.push_back(std::move(entry));
        log.chain_ = next;
        good += newline + 1;
        rest.remove_prefix(newline + 1);
    }
    if (ftruncate(log.file_.get(), static_cast<off_t>(good)) != 0 || lseek(log.file_.get(), 0, SEEK_END) < 0)
        return base::errno_error("cannot prepare " + path, errno);
    return log;
}

base::Status SealedLog::append(base::Millis time, std::string_view what, std::string_view detail) {
    std::string text = std::to_string(time) + " " + std::string(what) + " " + std::string(detail);
    for (char& c : text)
        if (c == '\n' || c == '\r') c = ' ';
    const base::Digest next = link(chain_, text);
    const std::string line = text + " " + base::to_hex(next) + "\n";
    const off_t before = lseek(file_.get(), 0, SEEK_CUR);
    const ssize_t n = write(file_.get(), line.data(), line.size());
    if (n != static_cast<ssize_t>(line.size()) || fdatasync(file_.get()) != 0) {
        const int error = n >= 0 && n < static_cast<ssize_t>(line.size()) ? ENOSPC : errno;
        // A half-written line would break the chain of the next one.
        if (ftruncate(file_.get(), before) == 0) lseek(file_.get(), before, SEEK_SET);
        return base::errno_error("cannot write " + path_, error);
    }
    chain_ = next;
    KMP_TRY(Entry entry, parse(text));
    entries_.push_back(std::move(entry));
    return {};
}

base::Status SealedLog::append(base::Millis time, const audit::Event& event) {
    KMP_TRY(const base::Bytes bytes, event.encode(0, time));
    return append(time, "event", std::string(audit::name(event.type())) + " " + base::to_hex(bytes));
}

base::Result<audit::Event> SealedLog::event_of(const Entry& entry) {
    const std::size_t space = entry.detail.find(' ');
    if (space == std::string::npos) return {Code::malformed, "an event of the sealed log without its bytes"};
    KMP_TRY(const base::Bytes bytes, base::from_hex(std::string_view(entry.detail).substr(space + 1)));
    KMP_TRY(const audit::Record record, audit::Record::decode(bytes));
    audit::Event out(record.type());
    for (const audit::FieldInfo& f : audit::all_fields())
        if (record.has(f.field)) out.bytes(f.field, record.bytes(f.field));
    if (!record.has(audit::Field::happened_at)) out.time(audit::Field::happened_at, entry.time);
    return out;
}

unsigned SealedLog::wrong_pins() const noexcept {
    unsigned wrong = 0;
    for (const Entry& e : entries_) {
        if (e.what == "pin_failed") ++wrong;
        if (e.what == "pin_accepted") wrong = 0;
    }
    return wrong;
}

base::Status SealedLog::restart() {
    if (ftruncate(file_.get(), 0) != 0 || lseek(file_.get(), 0, SEEK_SET) != 0 || fdatasync(file_.get()) != 0)
        return base::errno_error("cannot restart " + path_, errno);
    chain_ = {};
    entries_.clear();
    return {};
}

}  // namespace kmp::service

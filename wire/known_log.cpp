#include "wire/known_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "audit/checkpoint.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/words.h"

namespace wire {
namespace {

using base::Code;

constexpr std::string_view kHead = "kmp/known-log@v1\n";
constexpr std::size_t kMaxFile = 32768;
constexpr std::size_t kMaxKeyFile = 4096;

std::string records(std::uint64_t size) { return base::counted(size, "event"); }

std::string content_of(const std::string& key, const std::string& note) { return std::string(kHead) + key + "\n\n" + note; }

struct Content {
    std::string key;
    std::string note;
    audit::Checkpoint checkpoint;
};

base::Result<Content> parse(std::string_view text) {
    const base::Error damaged{Code::malformed, "it is no file of a known log"};
    if (!text.starts_with(kHead)) return damaged;
    const std::size_t end = text.find("\n\n", kHead.size());
    if (end == std::string_view::npos) return damaged;
    Content out;
    out.key = text.substr(kHead.size(), end - kHead.size());
    out.note = text.substr(end + 2);
    KMP_TRY(const audit::VerifierKey key, audit::parse_verifier_key(out.key));
    KMP_TRY(out.checkpoint, audit::verify_checkpoint(out.note, std::span(&key, 1)));
    return out;
}

/// Nothing where there is no such file.
base::Result<std::string> text_of(const std::string& file) {
    auto bytes = base::read_file(file, kMaxFile);
    if (!bytes && bytes.error().code == Code::not_found) return std::string();
    if (!bytes) return std::move(bytes).error();
    if (bytes->empty()) return {Code::malformed, file + " is empty"};
    return base::to_string(*bytes);
}

/// One client writes at a time; who waits, waits for a write.
base::Result<base::Fd> lock(const std::string& file) {
    const std::filesystem::path folder = std::filesystem::path(file).parent_path();
    std::error_code error;
    if (!folder.empty() && std::filesystem::create_directories(folder, error)) chmod(folder.c_str(), 0700);
    base::Fd fd(::open((file + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return base::errno_error("cannot keep the log's checkpoint in " + file, errno);
    while (flock(fd.get(), LOCK_EX) != 0)
        if (errno != EINTR) return base::errno_error("cannot lock " + file + ".lock", errno);
    return fd;
}

base::Result<audit::Proof> proof_in(const pb::HelloReply& reply) {
    audit::Proof out;
    for (const std::string& hash : reply.consistency()) {
        audit::Digest digest{};
        if (hash.size() != digest.size()) return {Code::malformed, "a hash of its proof has not 32 bytes"};
        std::copy(hash.begin(), hash.end(), digest.begin());
        out.push_back(digest);
    }
    return out;
}

}  // namespace

base::Result<std::string> KnownLog::key_of(const std::string& text) {
    std::string key = text;
    if (key.find('+') == std::string::npos) {
        KMP_TRY(const base::Bytes file, base::read_file(text, kMaxKeyFile));
        key = base::to_string(file);
        while (key.ends_with('\n') || key.ends_with('\r')) key.pop_back();
    }
    KMP_CHECK(audit::parse_verifier_key(key));
    return key;
}

base::Result<KnownLog> KnownLog::open(std::string file, std::string_view key) {
    KnownLog out(std::move(file));
    out.given_ = key;
    std::string name;
    if (!key.empty()) {
        KMP_TRY(const audit::VerifierKey given, audit::parse_verifier_key(key));
        name = given.name;
    }
    KMP_CHECK(out.read());
    if (!name.empty() && !out.note_.empty() && !out.key_.starts_with(name + "+"))
        return {Code::conflict, "the key that was given is of the log " + name + ", and " + out.file_ + " keeps a checkpoint of another: name another file, or have it put aside after the auditor's word"};
    if (out.key_.empty()) out.key_ = key;
    return out;
}

base::Status KnownLog::read() {
    KMP_TRY(stored_, text_of(file_));
    if (stored_.empty()) return {};
    auto content = parse(stored_);
    if (!content)
        return {Code::malformed, "what is known of the service's log is damaged: " + file_ + ": " + content.error().message + "; tell the auditor, and have it put aside after that word"};
    key_ = std::move(content->key);
    note_ = std::move(content->note);
    size_ = content->checkpoint.size;
    return {};
}

base::Error KnownLog::set_back(const std::string& why) const {
    return {Code::tampered, "the log of the service was set back: " + file_ + " keeps a checkpoint over " + records(size_) + ", and " + why + "; tell the auditor, and keep that file"};
}

base::Error KnownLog::refused(const base::Error& error) const {
    if (note_.empty()) return error;
    constexpr std::string_view kOurs = "checkpoint: ", kTell = "; tell the auditor";  // said by us as well
    const bool about_it = error.message.starts_with(kOurs);
    std::string why = about_it ? error.message.substr(kOurs.size()) : error.message;
    if (why.ends_with(kTell)) why.resize(why.size() - kTell.size());
    if (error.code == Code::tampered && about_it) return set_back("the service says: " + why);
    // What it would show lies on a page that was changed.
    if (error.code == Code::tampered)
        return {Code::tampered, "the service cannot show that its log goes on from the checkpoint in " + file_ + ": " + why + "; tell the auditor, and keep that file"};
    // It does not know it: another log, or one that its key did not sign.
    if (error.code == Code::key_invalid || error.code == Code::invalid_argument || error.code == Code::malformed)
        return {Code::tampered, "the service has another log than the one whose checkpoint " + file_ + " keeps: " + why + "; tell the auditor, and keep that file"};
    return error;
}

base::Status KnownLog::check(const pb::HelloReply& reply) {
    if (reply.checkpoint().empty()) {
        if (note_.empty()) return {};
        return set_back("the service gives none");
    }
    if (reply.key().empty()) return {Code::unsupported, "the service does not name the key of its log: install matching versions"};
    // The one that the operator gave comes first, then the one that is kept; only at the first contact the service's word is all there is.
    const std::string& believed = !given_.empty() ? given_ : !key_.empty() ? key_ : reply.key();
    auto key = audit::parse_verifier_key(believed);
    if (!key) return std::move(key).error().in("the key of the service's log");
    if (reply.key() != believed)
        return {Code::tampered, "the checkpoints of the service's log are signed by another key than the one that is known: " + reply.key() + " in the place of " + believed +
                                    "; tell the auditor, who knows whether the platform UKEY was replaced: then give the new key"};
    auto now = audit::verify_checkpoint(reply.checkpoint(), std::span(&*key, 1));
    if (!now) return base::Error{Code::tampered, "the service gives a checkpoint of its log that is not good: " + now.error().message + "; tell the auditor"};
    if (!note_.empty()) {
        KMP_TRY(const audit::Checkpoint before, audit::read_checkpoint(note_));
        if (before.origin != now->origin) return set_back("the service has another log, " + now->origin);
        if (before.size > now->size) return set_back("the service's newest is over " + records(now->size));
        const auto proof = proof_in(reply);
        if (!proof) return set_back(proof.error().message);
        if (!audit::verify_consistency(before.size, before.root, now->size, now->root, *proof))
            return set_back("the service does not prove that its log of " + records(now->size) + " goes on from that");
    }
    key_ = believed;
    note_ = reply.checkpoint();
    size_ = now->size;
    return {};
}

base::Status KnownLog::keep() {
    const std::string content = content_of(key_, note_);
    if (note_.empty() || content == stored_) return {};
    KMP_TRY(const base::Fd locked, lock(file_));
    KMP_TRY(const std::string there, text_of(file_));
    // Where another client put the file aside meanwhile, this is the first contact after it.
    if (there != stored_ && !there.empty()) {
        // Another client wrote meanwhile. What it keeps was proved to it and not to us: it stays, and is what the next hello is held against.
        KMP_TRY(const Content other, parse(there));
        KMP_TRY(const audit::Checkpoint ours, audit::read_checkpoint(note_));
        if (other.checkpoint.origin != ours.origin || (other.key != key_ && given_.empty()) || (other.checkpoint.size == ours.size && other.checkpoint.root != ours.root))
            return base::Error{Code::tampered, "the service showed another log to another client at the same time: " + file_ + " keeps its checkpoint over " + records(other.checkpoint.size) + "; tell the auditor"};
        return {};
    }
    KMP_CHECK(base::write_file_atomically(file_, base::as_bytes(content), 0600));
    stored_ = content;
    return {};
}

base::Status KnownLog::meet(const base::Result<pb::HelloReply>& answer) {
    if (!answer) return refused(answer.error());
    if (answer->state() == "uninitialised") return {Code::uninitialised, "no ceremony has been held here; begin with 'kmpctl init'"};
    if (answer->state() != "open") return {Code::sealed, "the service is sealed; open it with 'kmpctl unseal'"};
    KMP_CHECK(check(*answer));
    return keep();
}

std::string KnownLog::name_for(std::string_view service) {
    std::string out = "log@";
    for (const char c : service) {
        if (c == '/') out += "%2F";
        else if (c == '%') out += "%25";
        else out += c;
    }
    return out;
}

base::Result<std::string> KnownLog::forget(const std::string& file) {
    static const base::SystemClock clock;
    KMP_TRY(const base::Fd locked, lock(file));
    const std::string aside = file + ".until-" + base::to_rfc3339(clock.now());
    if (rename(file.c_str(), aside.c_str()) == 0) return aside;
    if (errno == ENOENT) return {Code::not_found, "no checkpoint is kept in " + file};
    return base::errno_error("cannot put " + file + " aside", errno);
}

}  // namespace wire

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "kmp/kmpctl/commands.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

constexpr std::uint32_t kMostMinutes = 100;  ///< asked for at once

/// Where an export or a checkpoint goes. A file stands under its name whole or not at all: it is written beside and renamed, over the
/// file that a link leads to and never over the link. What is no file (a pipe, a device, "-") is written to as it stands.
class Output {
public:
    static base::Result<Output> open(const std::string& name, unsigned mode) {
        Output out;
        out.name_ = name;
        struct stat about {};
        if (name == "-") {
            out.fd_ = base::Fd(dup(STDOUT_FILENO));
        } else if (stat(name.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) {
            out.fd_ = base::Fd(::open(name.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
        } else {
            KMP_TRY(out.target_, place_of(name));
            out.temporary_ = out.target_ + ".part";
            out.fd_ = base::Fd(::open(out.temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
        }
        if (!out.fd_) return base::errno_error("cannot write " + name, errno);
        return out;
    }
    Output(Output&&) = default;
    Output& operator=(Output&&) = default;
    ~Output() {
        if (fd_ && !temporary_.empty()) unlink(temporary_.c_str());
    }
    base::Status add(std::string_view piece) {
        bytes_ += piece.size();
        while (!piece.empty()) {
            const ssize_t n = write(fd_.get(), piece.data(), piece.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return base::errno_error("cannot write " + name_, errno);
            piece.remove_prefix(static_cast<std::size_t>(n));
        }
        return {};
    }
    base::Status finish() {
        if (temporary_.empty()) return {};
        if (fsync(fd_.get()) != 0) return base::errno_error("cannot sync " + name_, errno);
        if (rename(temporary_.c_str(), target_.c_str()) != 0) return base::errno_error("cannot rename " + temporary_ + " to " + target_, errno);
        fd_.reset();
        return {};
    }
    std::uint64_t bytes() const noexcept { return bytes_; }

private:
    Output() = default;
    /// The name, or where it leads to as a link.
    static base::Result<std::string> place_of(const std::string& name) {
        std::error_code error;
        if (!std::filesystem::is_symlink(name, error)) return name;
        std::string target = std::filesystem::canonical(name, error).string();
        if (error) return {base::Code::not_found, "cannot write " + name + ": it is a link to nothing; remove it, or make what it leads to"};
        return target;
    }
    std::string name_;
    std::string target_;
    std::string temporary_;
    base::Fd fd_;
    std::uint64_t bytes_ = 0;
};

}  // namespace

base::Status show_minutes(Officer& officer) {
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    std::string text;
    for (std::uint64_t first = 0;;) {
        pb::AdminRequest request;
        auto& list = *request.mutable_audit_list();
        list.mutable_filter()->add_types("ceremony_minutes");
        list.set_first(first);
        list.set_limit(kMostMinutes);
        KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
        for (const auto& e : reply.audit_list().events()) {
            const auto fields = nlohmann::ordered_json::parse(e.json(), nullptr, false);
            const std::string note = fields.is_object() ? fields.value("note", std::string()) : std::string();
            document.push_back({{"index", e.index()}, {"time_ms", e.time_ms()}, {"minutes", note}});
            text += (text.empty() ? "" : "\n") + note;
        }
        // A page may be empty before the log is at its end.
        if (reply.audit_list().end()) break;
        first = reply.audit_list().next();
    }
    return officer.show(document, text);
}

base::Status export_events(Officer& officer, const std::string& file) {
    KMP_TRY(Output out, Output::open(file, 0600));
    pb::AdminRequest request;
    request.mutable_audit_export();
    KMP_TRY(const pb::AdminReply last, officer.ask(std::move(request), [&](const pb::AdminReply& part) { return out.add(part.audit_export().chunk()); }));
    KMP_CHECK(out.add(last.audit_export().chunk()));
    KMP_CHECK(out.finish());
    if (file == "-") return {};
    return officer.show({{"file", file}, {"bytes", out.bytes()}}, "The log is in " + file + " (" + std::to_string(out.bytes()) + " bytes); kmp-audit verify checks it anywhere.\n");
}

base::Status checkpoint(Officer& officer, const std::string& file, bool key) {
    pb::AdminRequest request;
    request.mutable_audit_checkpoint();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const std::string note = key ? reply.audit_checkpoint().key() + "\n" : reply.audit_checkpoint().note();
    if (!file.empty() && file != "-") {
        KMP_TRY(Output out, Output::open(file, 0644));
        KMP_CHECK(out.add(note));
        KMP_CHECK(out.finish());
    }
    return officer.show({{"note", reply.audit_checkpoint().note()}, {"key", reply.audit_checkpoint().key()}}, note);
}

}  // namespace kmp::kmpctl

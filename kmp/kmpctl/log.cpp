#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "qr/qr.h"
#include "wire/json.h"

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

base::Status write_whole(const std::string& name, std::string_view content) {
    KMP_TRY(Output out, Output::open(name, 0644));
    KMP_CHECK(out.add(content));
    return out.finish();
}

using Events = std::vector<pb::AuditEvent>;

/// A page as the service gives it: it may hold fewer events than were asked for, but never none where there are some.
base::Result<pb::AuditListReply> page_of_events(Officer& officer, std::optional<std::uint64_t> first, std::uint64_t limit) {
    pb::AdminRequest request;
    auto& list = *request.mutable_audit_list();
    list.set_limit(static_cast<std::uint32_t>(limit));
    list.set_newest(!first);
    list.set_first(first.value_or(0));
    KMP_TRY(pb::AdminReply reply, officer.ask(std::move(request)));
    return std::move(*reply.mutable_audit_list());
}

/// Events [first, end), page by page. Fewer when the log ends before.
base::Status add_events(Officer& officer, std::uint64_t first, std::uint64_t end, Events& out) {
    while (first < end) {
        KMP_TRY(const pb::AuditListReply page, page_of_events(officer, first, end - first));
        if (page.events().empty()) return {};
        for (const auto& e : page.events()) out.push_back(e);
        first = out.back().index() + 1;
    }
    return {};
}

}  // namespace

base::Status list_events(Officer& officer, std::optional<std::uint64_t> first, std::uint32_t limit) {
    KMP_TRY(const pb::AuditListReply page, page_of_events(officer, first, limit));
    Events events;
    if (!first && !page.events().empty()) {
        // The newest come first; what their page had no room for is older.
        KMP_CHECK(add_events(officer, page.size() > limit ? page.size() - limit : 0, page.events(0).index(), events));
    }
    events.insert(events.end(), page.events().begin(), page.events().end());
    if (first && !events.empty()) KMP_CHECK(add_events(officer, events.back().index() + 1, *first + std::min<std::uint64_t>(limit, page.size()), events));
    Table table({"INDEX", "TIME", "TYPE", "WHAT"});
    nlohmann::ordered_json document = {{"events", nlohmann::ordered_json::array()}, {"size", page.size()}};
    for (const auto& e : events) {
        table.add({std::to_string(e.index()), time_text(e.time_ms()), e.type(), e.text()});
        // The fields of an event are a JSON text of their own; in a JSON document they stand as what they are.
        nlohmann::ordered_json event = wire::to_json(e);
        if (auto fields = nlohmann::ordered_json::parse(e.json(), nullptr, false); !fields.is_discarded()) event["json"] = std::move(fields);
        document["events"].push_back(std::move(event));
    }
    return officer.show(document, table.text() + std::to_string(events.size()) + " of " + base::counted(page.size(), "event") + "\n");
}

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
        if (reply.audit_list().events().empty()) break;
        for (const auto& e : reply.audit_list().events()) {
            const auto fields = nlohmann::ordered_json::parse(e.json(), nullptr, false);
            const std::string note = fields.is_object() ? fields.value("note", std::string()) : std::string();
            document.push_back({{"index", e.index()}, {"time_ms", e.time_ms()}, {"minutes", note}});
            text += (text.empty() ? "" : "\n") + note;
            first = e.index() + 1;
        }
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

base::Status checkpoint(Officer& officer, const CheckpointArguments& arguments) {
    constexpr unsigned kPixels = 6;  // about 0.5 mm on paper at 300 dpi
    pb::AdminRequest request;
    request.mutable_audit_checkpoint();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::AuditCheckpointReply& point = reply.audit_checkpoint();
    if (arguments.witness_key && point.witness_key().empty())
        return {base::Code::unsupported, "this platform UKEY cosigns nothing: its checkpoint key is not Ed25519; another platform UKEY can be a witness"};
    std::string text = arguments.key ? point.key() + "\n" : arguments.witness_key ? point.witness_key() + "\n" : point.note();
    if (!arguments.file.empty() && arguments.file != "-") KMP_CHECK(write_whole(arguments.file, text));
    if (arguments.qr || !arguments.picture.empty()) {
        KMP_TRY(const qr::Matrix symbol, qr::encode(text));
        if (arguments.qr) text += "\n" + qr::terminal(symbol);
        if (!arguments.picture.empty()) {
            KMP_TRY(const base::Bytes png, qr::png(symbol, kPixels));
            KMP_CHECK(write_whole(arguments.picture, base::as_text(png)));
        }
    }
    if (!arguments.key && !arguments.witness_key)
        for (const std::string& missing : point.missing()) std::fprintf(stderr, "kmpctl: without the cosignature of %s\n", missing.c_str());
    nlohmann::ordered_json document{{"note", point.note()}, {"key", point.key()}, {"witness_key", point.witness_key()}, {"missing", nlohmann::ordered_json::array()}};
    for (const std::string& missing : point.missing()) document["missing"].push_back(missing);
    return officer.show(document, text);
}

}  // namespace kmp::kmpctl

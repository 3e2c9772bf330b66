#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

/// A file that stands under its name whole or not at all.
class Export {
public:
    static base::Result<Export> create(const std::string& file) {
        Export out;
        out.file_ = file;
        if (file == "-") {
            out.fd_ = base::Fd(dup(STDOUT_FILENO));
        } else {
            out.temporary_ = file + ".part";
            out.fd_ = base::Fd(open(out.temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        }
        if (!out.fd_) return base::errno_error("cannot write " + file, errno);
        return out;
    }
    Export(Export&&) = default;
    Export& operator=(Export&&) = default;
    ~Export() {
        if (fd_ && !temporary_.empty()) unlink(temporary_.c_str());
    }
    base::Status add(std::string_view piece) {
        bytes_ += piece.size();
        while (!piece.empty()) {
            const ssize_t n = write(fd_.get(), piece.data(), piece.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return base::errno_error("cannot write " + file_, errno);
            piece.remove_prefix(static_cast<std::size_t>(n));
        }
        return {};
    }
    base::Status finish() {
        if (temporary_.empty()) return {};
        if (fsync(fd_.get()) != 0) return base::errno_error("cannot sync " + file_, errno);
        if (rename(temporary_.c_str(), file_.c_str()) != 0) return base::errno_error("cannot rename " + temporary_ + " to " + file_, errno);
        fd_.reset();
        return {};
    }
    std::uint64_t bytes() const noexcept { return bytes_; }

private:
    Export() = default;
    std::string file_;
    std::string temporary_;
    base::Fd fd_;
    std::uint64_t bytes_ = 0;
};

}  // namespace

base::Status list_events(Officer& officer, std::optional<std::uint64_t> first, std::uint32_t limit) {
    pb::AdminRequest request;
    auto& list = *request.mutable_audit_list();
    list.set_limit(limit);
    list.set_newest(!first);
    list.set_first(first.value_or(0));
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    Table table({"INDEX", "TIME", "TYPE", "WHAT"});
    for (const auto& e : reply.audit_list().events()) table.add({std::to_string(e.index()), time_text(e.time_ms()), e.type(), e.text()});
    // The fields of an event are a JSON text of their own; in a JSON document they stand as what they are.
    nlohmann::ordered_json document = wire::to_json(reply.audit_list());
    for (auto& event : document["events"]) {
        auto fields = nlohmann::ordered_json::parse(event["json"].get<std::string>(), nullptr, false);
        if (!fields.is_discarded()) event["json"] = std::move(fields);
    }
    return officer.show(document, table.text() + std::to_string(reply.audit_list().events_size()) + " of " + std::to_string(reply.audit_list().size()) + " events\n");
}

base::Status export_events(Officer& officer, const std::string& file) {
    KMP_TRY(Export out, Export::create(file));
    pb::AdminRequest request;
    request.mutable_audit_export();
    KMP_TRY(const pb::AdminReply last, officer.ask(std::move(request), [&](const pb::AdminReply& part) { return out.add(part.audit_export().chunk()); }));
    KMP_CHECK(out.add(last.audit_export().chunk()));
    KMP_CHECK(out.finish());
    if (file == "-") return {};
    return officer.show({{"file", file}, {"bytes", out.bytes()}}, "The log is in " + file + " (" + std::to_string(out.bytes()) + " bytes); kmp-audit verify checks it anywhere.\n");
}

base::Status checkpoint(Officer& officer, const std::string& file) {
    pb::AdminRequest request;
    request.mutable_audit_checkpoint();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const std::string& note = reply.audit_checkpoint().note();
    if (!file.empty()) KMP_CHECK(base::write_file_atomically(file, base::as_bytes(note), 0644));
    return officer.show({{"note", note}}, note);
}

}  // namespace kmp::kmpctl

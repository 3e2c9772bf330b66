#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/fd.h"
#include "kmp/service/carrier.h"

namespace kmp::service {
namespace {

using base::Code;
namespace fs = std::filesystem;

constexpr std::string_view kEnd = ".checkpoint";
constexpr unsigned kMode = 0644;  // they hold no secret, and are there to be read

/// So that names sort as sizes do.
std::string file_name(std::uint64_t size) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%012llu", static_cast<unsigned long long>(size));
    return digits + std::string(kEnd);
}

class DropFolder final : public Carrier {
public:
    DropFolder(std::string folder, std::shared_ptr<Past> past) : folder_(std::move(folder)), past_(std::move(past)) {}
    std::string name() const override { return "drop"; }
    std::string place() const override { return folder_; }
    bool all() const noexcept override { return true; }

    base::Result<std::vector<std::string>> look() override {
        KMP_CHECK(is_there());
        std::string last;
        std::error_code error;
        fs::directory_iterator at(folder_, error);
        for (; !error && at != fs::directory_iterator(); at.increment(error))
            if (const std::string name = at->path().filename().string(); name.ends_with(kEnd)) last = std::max(last, name);
        if (error) return base::errno_error("cannot read the folder " + folder_, error.value());
        std::vector<std::string> out;
        for (const std::string& name : {std::string("newest"), last}) {
            if (name.empty()) continue;
            const auto content = base::read_file(folder_ + "/" + name, audit::kMaxNoteBytes);
            if (!content && content.error().code == Code::not_found) continue;
            if (!content) return content.error();
            if (const auto point = audit::read_checkpoint(base::as_text(*content)); point && point->origin != past_->origin())
                return {Code::refused, "the folder " + folder_ + " holds checkpoints of another log, " + point->origin + ": name another folder in kmp.toml"};
            out.push_back(base::to_string(*content));
        }
        return out;
    }

    base::Result<std::optional<Cosignatures>> carry(const Outgoing& outgoing) override {
        KMP_CHECK(is_there());
        for (const std::string& name : {file_name(outgoing.size), std::string("newest")})
            KMP_CHECK(base::write_file_atomically(folder_ + "/" + name, base::as_bytes(outgoing.note), kMode));
        return std::optional<Cosignatures>();
    }

private:
    /// It is never made: a disk that is not mounted would be mistaken for an empty folder.
    base::Status is_there() const {
        struct stat about {};
        if (::stat(folder_.c_str(), &about) != 0 && errno == ENOENT) return {Code::not_found, "the folder " + folder_ + " is away"};
        if (!S_ISDIR(about.st_mode)) return {Code::not_found, folder_ + " is no folder, or cannot be read"};
        return {};
    }
    const std::string folder_;
    const std::shared_ptr<Past> past_;
};

}  // namespace

std::unique_ptr<Carrier> drop_carrier(std::string folder, std::shared_ptr<Past> past) { return std::make_unique<DropFolder>(std::move(folder), std::move(past)); }

}  // namespace kmp::service

#include "tokens/readers.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include <toml++/toml.h>

#include "base/fd.h"
#include "base/ids.h"

namespace tokens {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxEntry = 16384;
constexpr std::string_view kToml = ".toml";

/// Who lies at `path`; nothing when there is none of the wanted type. Follows symlinks.
std::optional<FolderIdentity> identity_of(const std::string& path, bool folder) {
    struct statx s {};
    if (statx(AT_FDCWD, path.c_str(), AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO | STATX_BTIME, &s) != 0) return std::nullopt;
    if (folder ? !S_ISDIR(s.stx_mode) : !S_ISREG(s.stx_mode)) return std::nullopt;
    FolderIdentity out;
    out.device = static_cast<std::uint64_t>(s.stx_dev_major) << 32 | s.stx_dev_minor;
    out.inode = s.stx_ino;
    // An inode number is soon given out again; the time of birth is not.
    if ((s.stx_mask & STATX_BTIME) != 0) out.born = s.stx_btime.tv_sec * 1'000'000'000 + s.stx_btime.tv_nsec;
    return out;
}

std::string from_folder(const std::string& folder, const std::string& path) { return (fs::path(folder) / path).lexically_normal().string(); }

base::Result<Reader> parse(const std::string& folder, const std::string& name, std::string_view text) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& e) {
        return {base::Code::malformed, "line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description())};
    }
    for (const auto& [key, value] : table)
        if (key != "kind" && key != "path" && key != "module" && key != "token_serial" && key != "parameters" && key != "factory_so_pin")
            return {base::Code::malformed, "entry '" + std::string(key.str()) + "' is unknown"};
    const auto entry = [&](std::string_view key) { return table[key].value_exact<std::string>().value_or(""); };
    Reader out;
    out.name = name;
    const std::string kind = entry("kind");
    if (kind == "softhsm") {
        out.kind = ReaderKind::softhsm;
        if (entry("path").empty()) return {base::Code::malformed, "a softhsm reader needs path = \"...\": the folder that is the UKEY"};
        if (table.contains("module") || table.contains("token_serial") || table.contains("parameters") || table.contains("factory_so_pin"))
            return {base::Code::malformed, "a softhsm reader has kind and path only"};
        out.path = from_folder(folder, entry("path"));
    } else if (kind == "pkcs11") {
        out.kind = ReaderKind::pkcs11;
        if (entry("module").empty()) return {base::Code::malformed, "a pkcs11 reader needs module = \"...\": the PKCS#11 library"};
        out.module = from_folder(folder, entry("module"));
        out.token_serial = entry("token_serial");
        out.parameters = entry("parameters");
        out.factory_so_pin = entry("factory_so_pin");
        if (!entry("path").empty()) out.path = from_folder(folder, entry("path"));
        if (out.path.empty() && out.parameters.find("{path}") != std::string::npos)
            return {base::Code::malformed, "its parameters name {path}, but it has no path = \"...\""};
    } else {
        return {base::Code::malformed, "it needs kind = \"softhsm\" or kind = \"pkcs11\""};
    }
    return out;
}

ReaderState look_at_entry(const std::string& folder, const fs::path& path) {
    ReaderState out;
    const std::string file = path.filename().string();
    const bool configured = file.ends_with(kToml);
    out.reader.name = configured ? file.substr(0, file.size() - kToml.size()) : file;
    if (const auto named = base::check_name(out.reader.name, "reader"); !named) {
        out.problem = "reader '" + file + "': " + named.error().message;
        return out;
    }
    if (!configured) {
        out.reader.path = path.string();
        out.present = identity_of(out.reader.path, true);
        std::error_code ignored;
        if (!out.present && !fs::is_symlink(fs::symlink_status(path, ignored)))
            out.problem = "reader '" + file + "' is neither a folder, a link to one, nor a .toml file";
        return out;
    }
    const auto content = base::read_file(path.string(), kMaxEntry);
    auto parsed = content ? parse(folder, out.reader.name, base::as_text(*content)) : base::Result<Reader>(content.error());
    if (!parsed) {
        out.problem = "reader '" + file + "': " + parsed.error().message;
        return out;
    }
    out.reader = std::move(*parsed);
    const auto module = out.reader.kind == ReaderKind::pkcs11 ? identity_of(out.reader.module, false) : std::nullopt;
    if (out.reader.kind == ReaderKind::pkcs11 && !module) out.problem = "reader '" + file + "': there is no module " + out.reader.module;
    out.present = out.reader.path.empty() || !out.problem.empty() ? module : identity_of(out.reader.path, true);
    return out;
}

}  // namespace

std::string_view name(ReaderKind kind) noexcept {
    switch (kind) {
        case ReaderKind::softhsm: return "softhsm";
        case ReaderKind::pkcs11: return "pkcs11";
    }
    return "?";
}

base::Result<std::vector<ReaderState>> look_at_readers(const std::string& folder) {
    std::vector<ReaderState> out;
    std::error_code error;
    fs::directory_iterator at(folder, error);
    if (error == std::errc::no_such_file_or_directory) return out;
    for (; !error && at != fs::directory_iterator(); at.increment(error))
        if (!at->path().filename().string().starts_with('.')) out.push_back(look_at_entry(folder, at->path()));
    if (error) return base::errno_error("cannot read the readers folder " + folder, error.value());
    std::ranges::sort(out, {}, [](const ReaderState& s) { return s.reader.name; });
    for (std::size_t i = 1; i < out.size(); ++i)
        if (out[i].reader.name == out[i - 1].reader.name) {
            // Neither can be told by its name; the first stands for both.
            out[i - 1].problem = "reader '" + out[i].reader.name + "' is there twice: as a folder and as a .toml file";
            out[i - 1].present.reset();
            out.erase(out.begin() + static_cast<std::ptrdiff_t>(i--));
        }
    return out;
}

ReaderState look_at_reader(const std::string& path) {
    std::error_code error;
    const fs::path entry = fs::absolute(path, error).lexically_normal();
    if (!fs::is_directory(entry, error)) return look_at_entry(entry.parent_path().string(), entry);
    // Whatever its name: here nothing is told by it.
    ReaderState out;
    out.reader.path = entry.string();
    out.present = identity_of(out.reader.path, true);
    return out;
}

std::vector<std::string> host_arguments(const Reader& reader) {
    if (reader.kind == ReaderKind::softhsm) return {"--kind", "softhsm", "--path", reader.path};
    std::vector<std::string> out{"--kind", "pkcs11", "--module", reader.module};
    if (!reader.path.empty()) out.insert(out.end(), {"--path", reader.path});
    if (!reader.parameters.empty()) out.insert(out.end(), {"--parameters", reader.parameters});
    if (!reader.factory_so_pin.empty()) out.insert(out.end(), {"--factory-so-pin", reader.factory_so_pin});
    if (!reader.token_serial.empty()) out.insert(out.end(), {"--token-serial", reader.token_serial});
    return out;
}

base::Result<std::vector<ReaderEvent>> Readers::poll() {
    using Kind = ReaderEvent::Kind;
    KMP_TRY(std::vector<ReaderState> found, look_at_readers(folder_));
    std::vector<ReaderEvent> events;
    std::map<std::string, ReaderState> now;
    for (ReaderState& s : found) now.emplace(s.reader.name, std::move(s));
    const auto is_in = [](const ReaderState& s) { return s.present && s.problem.empty(); };
    for (const auto& [name, before] : known_) {
        const auto at = now.find(name);
        const bool stays = at != now.end() && is_in(at->second) && at->second == before;
        if (is_in(before) && !stays) events.push_back({Kind::removed, before});
        if (at == now.end()) events.push_back({Kind::gone, before});
    }
    for (const auto& [name, state] : now) {
        const auto before = known_.find(name);
        if (before != known_.end() && before->second == state) continue;
        if (!state.problem.empty())
            events.push_back({Kind::broken, state});
        else if (state.present)
            events.push_back({Kind::inserted, state});
        else
            events.push_back({Kind::empty, state});
    }
    known_ = std::move(now);
    return events;
}

}  // namespace tokens

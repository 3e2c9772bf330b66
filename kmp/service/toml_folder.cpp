#include "kmp/service/toml_folder.h"

#include <algorithm>
#include <filesystem>

#include "base/fd.h"
#include "base/ids.h"

namespace kmp::service {
namespace {

using base::Code;
namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 16384;
constexpr std::size_t kMostFiles = 1000;
constexpr std::string_view kToml = ".toml";

base::Result<toml::table> parse(std::string_view text, std::span<const std::string_view> keys) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& e) {
        return {Code::malformed, "line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description())};
    }
    for (const auto& [key, value] : table)
        if (std::ranges::find(keys, key.str()) == keys.end()) return {Code::malformed, "entry '" + std::string(key.str()) + "' is unknown"};
    return table;
}

base::Status take_one(const std::string& path, const std::string& file, std::span<const std::string_view> keys,
                      const std::function<base::Status(const std::string&, const toml::table&)>& take) {
    if (!file.ends_with(kToml)) return {Code::malformed, "only files NAME.toml belong here"};
    const std::string name = file.substr(0, file.size() - kToml.size());
    KMP_CHECK(base::check_name(name, "file"));
    KMP_TRY(const base::Bytes content, base::read_file(path, kMaxFile));
    KMP_TRY(const toml::table table, parse(base::as_text(content), keys));
    return take(name, table);
}

}  // namespace

void read_toml_folder(const std::string& folder, std::string_view refusal, std::span<const std::string_view> keys, std::vector<std::string>& problems,
                      const std::function<base::Status(const std::string& name, const toml::table& content)>& take) {
    std::vector<std::string> files;
    std::error_code error;
    fs::directory_iterator at(folder, error);
    for (; !error && at != fs::directory_iterator() && files.size() < kMostFiles; at.increment(error))
        if (const std::string file = at->path().filename().string(); !file.starts_with('.')) files.push_back(file);
    if (error && error != std::errc::no_such_file_or_directory) problems.push_back("cannot read " + folder + ": " + error.message());
    std::ranges::sort(files);
    for (const std::string& file : files) {
        const std::string path = folder + "/" + file;
        if (const base::Status taken = take_one(path, file, keys, take); !taken) problems.push_back(std::string(refusal) + " " + path + ": " + taken.error().message);
    }
}

}  // namespace kmp::service
